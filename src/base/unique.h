/* SPDX-License-Identifier: Apache-2.0 */
/* Names that differ: "web", "web-2", "web-3" ... */
#pragma once

#include "base/strmap.h"

struct unique_names {
	struct strmap taken, last; /* last: by name: the last number that was used */
};

struct unique_names unique_names_new(struct arena *a);

/* The name, or the name with the next unused number.  Its bytes live as long as the arena. */
struct str unique_name(struct unique_names *u, struct str name);
