/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unique.h"

struct unique_names unique_names_new(struct arena *a)
{
	return (struct unique_names){ strmap_new(a), strmap_new(a) };
}

struct str unique_name(struct unique_names *u, struct str name)
{
	struct arena *a = u->taken.arena;
	if (strmap_add(&u->taken, name, u))
		return name;
	/* continue from the last number, so that a thousand equal names take a thousand steps */
	uint32_t *last = strmap_get(&u->last, name);
	if (!last) {
		last = ARENA_NEW(a, uint32_t);
		*last = 1;
		strmap_add(&u->last, name, last);
	}
	for (;;) {
		struct str try = str_printf(a, "%.*s-%u", STR_ARG(name), ++*last);
		if (strmap_add(&u->taken, try, u))
			return try;
	}
}
