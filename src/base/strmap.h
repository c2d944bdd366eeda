/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A map from strings to pointers, in an arena.  It does not copy the keys; they
 * must live as long as the map.  No removal.
 */
#pragma once

#include "base/str.h"

struct strmap {
	struct arena *arena;
	struct strmap_slot {
		struct str key;
		void *value; /* NULL: an empty slot */
	} * slots;
	size_t n, room; /* room is 0 or a power of two */
};

struct strmap strmap_new(struct arena *a);

/* The value, or NULL. */
void *strmap_get(const struct strmap *m, struct str key);

/* False, changing nothing, when the key exists.  value is not NULL. */
bool strmap_add(struct strmap *m, struct str key, void *value);
