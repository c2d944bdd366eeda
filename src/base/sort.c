/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merge sort: short runs by insertion, then pairs of runs into a copy and back.  qsort() leaves the order of what
 * compares equal to the C library, so the same input would give other output on another system.
 */
#include "base/arena.h"

enum { SHORT = 8 };

struct sorting {
	size_t size;
	compare_with *cmp;
	void *ctx;
};

static void insert_all(const struct sorting *s, char *items, size_t n, char *spare)
{
	for (size_t i = 1; i < n; i++) {
		size_t at = i;
		while (at > 0 && s->cmp(items + (at - 1) * s->size, items + i * s->size, s->ctx) > 0)
			at--;
		if (at == i)
			continue;
		memcpy(spare, items + i * s->size, s->size);
		memmove(items + (at + 1) * s->size, items + at * s->size, (i - at) * s->size);
		memcpy(items + at * s->size, spare, s->size);
	}
}

/* The two sorted parts of from, as one sorted list. */
static void merge(const struct sorting *s, char *to, const char *from, size_t n_left, size_t n)
{
	const char *left = from, *middle = from + n_left * s->size, *right = middle, *end = from + n * s->size;
	while (left < middle && right < end) {
		const char **first = s->cmp(left, right, s->ctx) <= 0 ? &left : &right;
		memcpy(to, *first, s->size);
		*first += s->size;
		to += s->size;
	}
	memcpy(to, left, (size_t)(middle - left));
	memcpy(to + (middle - left), right, (size_t)(end - right));
}

static void sort(const struct sorting *s, char *items, size_t n, char *spare)
{
	if (n <= SHORT) {
		insert_all(s, items, n, spare);
		return;
	}
	size_t half = n / 2;
	char *middle = items + half * s->size;
	sort(s, items, half, spare);
	sort(s, middle, n - half, spare);
	if (s->cmp(middle - s->size, middle, s->ctx) <= 0)
		return;
	memcpy(spare, items, n * s->size);
	merge(s, items, spare, half, n);
}

void sort_items_with(void *items, size_t n, size_t size, compare_with *cmp, void *ctx)
{
	if (n < 2)
		return;
	char *spare = malloc(n * size);
	if (!spare)
		out_of_memory(n * size);
	sort(&(struct sorting){ size, cmp, ctx }, items, n, spare);
	free(spare);
}

struct plain {
	int (*cmp)(const void *, const void *);
};

static int compare_plainly(const void *left, const void *right, void *ctx)
{
	return ((const struct plain *)ctx)->cmp(left, right);
}

void sort_items(void *items, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	sort_items_with(items, n, size, compare_plainly, &(struct plain){ cmp });
}
