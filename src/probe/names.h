/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host names to addresses, by the resolver of this machine (c-ares).  It waits, so that it is done before
 * the engine runs.
 */
#pragma once

#include "net/addr.h"

enum { NAMES_ADDRESSES_MAX = 64 }; /* of one name */

struct name_lookup {
	struct str name;
	const struct addr *v; /* IPv4 first; none: it has no address */
	size_t n;
	struct str why; /* where there is none */
};

/* Looks up all at the same time, within that many milliseconds.  False after an error in *why. */
bool names_resolve(struct arena *a, struct name_lookup *names, size_t n, unsigned timeout, struct str *why);
