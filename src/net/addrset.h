/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of addresses: sorted, disjoint ranges with a gap between neighbours,
 * so that equal sets are equal arrays.  Immutable once made; they live as
 * long as the arena they were made in.
 */
#pragma once

#include "net/addr.h"

struct addrset {
	const struct addr_range *v;
	size_t n;
};

#define NO_ADDRS ((struct addrset){ NULL, 0 })

/* The part of one family: a view. */
struct addrset addrset_part(struct addrset s, enum family f);

/* The union of ranges in any order, overlapping or not. */
struct addrset addrset_of(struct arena *a, const struct addr_range *ranges, size_t n);
struct addrset addrset_all(struct arena *a);

struct addrset addrset_union(struct arena *a, struct addrset left, struct addrset right);
struct addrset addrset_minus(struct arena *a, struct addrset left, struct addrset right);
struct addrset addrset_intersect(struct arena *a, struct addrset left, struct addrset right);

bool addrset_equal(struct addrset left, struct addrset right);
bool addrset_overlaps(struct addrset left, struct addrset right);
bool addrset_holds(struct addrset set, struct addr a);
bool addrset_within(struct addrset left, struct addrset right); /* every address of left is in right */

/* The same for equal sets. */
uint64_t addrset_hash(uint64_t h, struct addrset set);

/*
 * A translation of addresses of one family: one to one between ranges of the same size, or all of
 * `from` to a single address.
 */
struct addr_map {
	struct addr_range from, to;
};
bool addr_map_is_sound(const struct addr_map *map);
struct addr addr_mapped(const struct addr_map *map, struct addr a); /* an address outside of `from` as it is */

/* The addresses of `from` whose translation is in the set. */
struct addrset addrset_before(struct arena *a, const struct addr_map *map, struct addrset set);

/* The fewest prefixes that are exactly the set, in order. */
struct addr_range *addrset_prefixes(struct arena *a, struct addrset set, size_t *n);
size_t addrset_count_prefixes(struct addrset set);
