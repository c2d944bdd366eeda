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
#include "base/asan.h"

#define VEC(type)            \
	struct {             \
		type *v;     \
		size_t n;    \
		size_t room; \
	}

/* Room for a few small members or one large one at first, then twice as much each time. */
#define VEC_ROOM(vec) ((vec)->room ? (vec)->room * 2 : sizeof *(vec)->v <= 32 ? 8 : sizeof *(vec)->v <= 128 ? 2 : 1)

/* Appends a zeroed member and returns a pointer to it.  What lies behind the last one is an error to the address sanitizer. */
#define VEC_ADD(a, vec)                                                       \
	((vec)->n == (vec)->room ? VEC_GROW(a, vec, VEC_ROOM(vec)) : (void)0, \
	 ASAN_UNPOISON(&(vec)->v[(vec)->n], sizeof *(vec)->v), &(vec)->v[(vec)->n++])

#define VEC_GROW(a, vec, more)                                                                           \
	((vec)->v = arena_grow((a), (vec)->v, (vec)->n, (more), sizeof *(vec)->v), (vec)->room = (more), \
	 ASAN_POISON(&(vec)->v[(vec)->n], ((vec)->room - (vec)->n) * sizeof *(vec)->v))
