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

/* A pointer to one more, zeroed, member. */
#define VEC_ADD(a, vec)                                                                          \
	((vec)->n == (vec)->room ?                                                               \
		 ((vec)->v = arena_grow((a), (vec)->v, (vec)->n,                                 \
					(vec)->room ? (vec)->room * 2 : 8, sizeof *(vec)->v),    \
		  (vec)->room = (vec)->room ? (vec)->room * 2 : 8) :                             \
		 0,                                                                              \
	 &(vec)->v[(vec)->n++])
