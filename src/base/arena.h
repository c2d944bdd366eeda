/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arenas: memory with one owner.
 *
 * A document, a plan, a proof: each has an arena, and everything made for it lives
 * until the arena is freed.  Nothing is freed by itself.  What is allocated is
 * zeroed.  An arena stops the program when memory runs out, so callers do not check
 * for failure; in return, every size that comes from untrusted input is compared
 * with a named limit before it reaches an arena.
 */
#pragma once

#include "base/common.h"

struct arena;

struct arena *arena_new(void);

/* Accepts NULL.  Runs the cleanup functions first, the newest first. */
void arena_free(struct arena *a);
void arena_freep(struct arena **a);

/* Frees all allocations but keeps some memory for reuse: for repeated work. */
void arena_reset(struct arena *a);

/* Zeroed memory, aligned for any type.  n may be 0: the pointer is valid. */
void *arena_alloc(struct arena *a, size_t n);

/* n members of the given size; stops the program if the product overflows a size_t. */
void *arena_array(struct arena *a, size_t n, size_t size);

/* A larger copy of an array from this arena; grows in place if it was the last allocation. */
void *arena_grow(struct arena *a, void *old, size_t old_n, size_t new_n, size_t size);

char *arena_memdup(struct arena *a, const void *p, size_t n); /* a NUL follows the copy */
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF(2, 0);

/* Bytes that it takes of the machine's memory. */
size_t arena_held(const struct arena *a);

/* Calls fn(ctx) when the arena is freed: for resources other than memory. */
void arena_at_end(struct arena *a, void (*fn)(void *ctx), void *ctx);

#define ARENA_NEW(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))

/* Reports which allocation failed and exits with the status of a system error (3). */
NORETURN void out_of_memory(size_t wanted);
