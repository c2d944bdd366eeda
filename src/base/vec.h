/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arrays that grow, in an arena.
 *
 *	VEC(uint16_t) ports = {0};
 *	*VEC_ADD(a, &ports) = 443;
 *	for (size_t i = 0; i < ports.n; i++) ... ports.v[i] ...
 */
#pragma once

#include "base/arena.h"

#define VEC(type)            \
	struct {             \
		type *v;     \
		size_t n;    \
		size_t room; \
	}

/* Room for a few small members or one large one at first, then twice as much each time. */
#define VEC_ROOM(vec) ((vec)->room ? (vec)->room * 2 : sizeof *(vec)->v <= 32 ? 8 : sizeof *(vec)->v <= 128 ? 2 : 1)

/* Appends a zeroed member and returns a pointer to it. */
#define VEC_ADD(a, vec)                                                                                              \
	((vec)->n == (vec)->room ? ((vec)->v = arena_grow((a), (vec)->v, (vec)->n, VEC_ROOM(vec), sizeof *(vec)->v), \
				    (vec)->room = VEC_ROOM(vec))                                                     \
				 : 0,                                                                                \
	 &(vec)->v[(vec)->n++])
