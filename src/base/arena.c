/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of chunks, each twice the last up to a megabyte; an allocation advances a
 * pointer.  Large things get a chunk of their own, so that they do not waste the
 * rest of the current one.
 */
#include "base/arena.h"

#include "base/asan.h"

enum {
	CHUNK_FIRST = 4096,
	CHUNK_LARGEST = 1 << 20,
	ALIGNMENT = 16,
};

struct chunk {
	struct chunk *next;
	size_t size; /* of data[] */
	size_t used;
	_Alignas(ALIGNMENT) char data[];
};

struct end {
	struct end *next;
	void (*fn)(void *ctx);
	void *ctx;
};

struct arena {
	struct chunk *chunks; /* the first is the one in use */
	struct end *ends;
	size_t next_size;
	size_t held;
};

void out_of_memory(size_t wanted)
{
	fprintf(stderr, "portolan: out of memory (allocating %zu bytes)\n", wanted);
	exit(3);
}

static struct chunk *chunk_new(struct arena *a, size_t size)
{
	if (size > SIZE_MAX / 2)
		out_of_memory(size);
	struct chunk *c = calloc(1, sizeof *c + size);
	if (!c)
		out_of_memory(size);
	c->size = size;
	a->held += sizeof *c + size;
	ASAN_POISON(c->data, size);
	return c;
}

struct arena *arena_new(void)
{
	struct arena *a = calloc(1, sizeof *a);
	if (!a)
		out_of_memory(sizeof *a);
	a->next_size = CHUNK_FIRST;
	return a;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct end *e = a->ends; e; e = e->next)
		e->fn(e->ctx);
	for (struct chunk *c = a->chunks, *next; c; c = next) {
		next = c->next;
		ASAN_UNPOISON(c->data, c->size);
		free(c);
	}
	free(a);
}

void arena_freep(struct arena **a)
{
	arena_free(*a);
	*a = NULL;
}

void arena_reset(struct arena *a)
{
	struct chunk *keep = a->chunks;
	for (struct end *e = a->ends; e; e = e->next)
		e->fn(e->ctx);
	a->ends = NULL;
	if (!keep)
		return;
	for (struct chunk *c = keep->next, *next; c; c = next) {
		next = c->next;
		a->held -= sizeof *c + c->size;
		ASAN_UNPOISON(c->data, c->size);
		free(c);
	}
	keep->next = NULL;
	ASAN_UNPOISON(keep->data, keep->size);
	memset(keep->data, 0, keep->used);
	keep->used = 0;
	ASAN_POISON(keep->data, keep->size);
}

size_t arena_held(const struct arena *a)
{
	return a->held;
}

/* At least one byte, so that two allocations never share an address. */
static size_t rounded(size_t n)
{
	return (MAX(n, (size_t)1) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

void *arena_alloc(struct arena *a, size_t n)
{
	if (n > SIZE_MAX / 2)
		out_of_memory(n);
	size_t need = rounded(n);
	struct chunk *c = a->chunks;

	if (!c || c->size - c->used < need) {
		if (need > a->next_size / 4) {
			struct chunk *own = chunk_new(a, need);
			own->used = need;
			if (c) { /* after the current one, which has room left */
				own->next = c->next;
				c->next = own;
			} else {
				a->chunks = own;
			}
			ASAN_UNPOISON(own->data, n);
			return own->data;
		}
		c = chunk_new(a, a->next_size);
		c->next = a->chunks;
		a->chunks = c;
		a->next_size = MIN(a->next_size * 2, (size_t)CHUNK_LARGEST);
	}
	void *p = c->data + c->used;
	c->used += need;
	ASAN_UNPOISON(p, n);
	return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(n, size, &bytes))
		out_of_memory(SIZE_MAX);
	return arena_alloc(a, bytes);
}

void *arena_grow(struct arena *a, void *old, size_t old_n, size_t new_n, size_t size)
{
	assert(new_n >= old_n);
	size_t bytes;
	if (__builtin_mul_overflow(new_n, size, &bytes))
		out_of_memory(SIZE_MAX);
	struct chunk *c = a->chunks;
	if (old && c && (char *)old + rounded(old_n * size) == c->data + c->used) {
		size_t need = rounded(bytes);
		size_t start = (size_t)((char *)old - c->data);
		if (need <= c->size - start) {
			c->used = start + need;
			ASAN_UNPOISON(old, bytes);
			return old;
		}
	}
	void *p = arena_alloc(a, bytes);
	if (old_n)
		memcpy(p, old, old_n * size);
	return p;
}

char *arena_memdup(struct arena *a, const void *p, size_t n)
{
	char *copy = arena_alloc(a, n + 1);
	if (n)
		memcpy(copy, p, n);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_memdup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	char few[256]; /* most texts are short: format them once, without measuring first */
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(few, sizeof few, fmt, again);
	va_end(again);
	assert(n >= 0);
	if ((size_t)n < sizeof few)
		return arena_memdup(a, few, (size_t)n);
	char *s = arena_alloc(a, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	return s;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

void arena_at_end(struct arena *a, void (*fn)(void *ctx), void *ctx)
{
	struct end *e = ARENA_NEW(a, struct end);
	e->fn = fn;
	e->ctx = ctx;
	e->next = a->ends;
	a->ends = e;
}
