/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/arena.h"

struct item {
	unsigned key, place;
	char more[5]; /* a size that is no power of two */
};

static int by_key(const void *left, const void *right)
{
	return CMP(((const struct item *)left)->key, ((const struct item *)right)->key);
}

static int downwards(const void *left, const void *right, void *ctx)
{
	++*(size_t *)ctx;
	return by_key(right, left);
}

static void fill(struct item *items, size_t n, unsigned keys)
{
	uint64_t seed = n;
	for (size_t i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		items[i] = (struct item){ .key = (unsigned)(seed >> 33) % keys, .place = (unsigned)i };
	}
}

static void what_compares_equal_stays_in_its_order(void **state)
{
	for (size_t n = 0; n < 300; n++) {
		struct item items[300];
		fill(items, n, 1 + (unsigned)n / 4);
		sort_items(items, n, sizeof *items, by_key);
		for (size_t i = 1; i < n; i++)
			assert_true(items[i - 1].key < items[i].key ||
				    (items[i - 1].key == items[i].key && items[i - 1].place < items[i].place));
	}
}

static void an_order_may_have_a_context(void **state)
{
	struct item items[50];
	size_t calls = 0;
	fill(items, ARRAY_LEN(items), 1000);
	sort_items_with(items, ARRAY_LEN(items), sizeof *items, downwards, &calls);
	for (size_t i = 1; i < ARRAY_LEN(items); i++)
		assert_true(items[i - 1].key >= items[i].key);
	assert_in_range(calls, ARRAY_LEN(items) - 1, 400);
}

static void no_items_are_sorted(void **state)
{
	sort_items(NULL, 0, 8, by_key);
}

RUN_TESTS(T(what_compares_equal_stays_in_its_order), T(an_order_may_have_a_context), T(no_items_are_sorted))
