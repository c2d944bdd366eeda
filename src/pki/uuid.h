/* SPDX-License-Identifier: Apache-2.0 */
/* Random identifiers (RFC 4122 4.4). */
#pragma once

#include "base/str.h"

/* "xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx".  Stops the program when there are no random bytes. */
struct str uuid_made(struct arena *a);
