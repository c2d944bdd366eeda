/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of names: one array of strings maps an enum both ways.
 *
 *	static const char *const level_names[] = { [LEVEL_NOTE] = "note", ... };
 *	_Static_assert(ARRAY_LEN(level_names) == N_LEVELS, "a level without a name");
 */
#pragma once

#include "base/str.h"

/* The index of the name; -1 when there is no such name. */
static inline int name_find(const char *const *names, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (names[i] && str_is(name, names[i]))
			return (int)i;
	return -1;
}

#define NAME_FIND(names, s) name_find((names), ARRAY_LEN(names), (s))
