/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arenas: memory with one owner.
 *
 * A document, a plan, a proof: each has an arena, and everything made for it
 * lives until the arena is freed.  Nothing is freed alone.  What is allocated
 * is zeroed.  An arena stops the program when memory is out, so callers check
 * no result; in return, every size that a stranger chooses is compared with a
 * named limit before it reaches an arena.
 */
#pragma once

#include "base/common.h"

struct arena;

struct arena *arena_new(void);

/* Accepts NULL.  Runs the clean-ups first, the newest first. */
void arena_free(struct arena *a);
void arena_freep(struct arena **a);

/* Forgets all that was allocated, and keeps some memory for what comes: for work that is done over and over. */
void arena_reset(struct arena *a);

/* Zeroed memory, aligned for any type.  n may be 0: a valid pointer to nothing. */
void *arena_alloc(struct arena *a, size_t n);

/* n members of a size; stops the program if the product does not fit a size_t. */
void *arena_array(struct arena *a, size_t n, size_t size);

/* A larger copy of an array that this arena made; grows in place if it was the last. */
void *arena_grow(struct arena *a, void *old, size_t old_n, size_t new_n, size_t size);

char *arena_memdup(struct arena *a, const void *p, size_t n);	/* a NUL follows the copy */
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF(2, 0);

/* Calls fn(ctx) when the arena is freed: for what is not memory. */
void arena_at_end(struct arena *a, void (*fn)(void *ctx), void *ctx);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))

/* Says which allocation failed and exits with the status of a refusing machine (3). */
NORETURN void out_of_memory(size_t wanted);
