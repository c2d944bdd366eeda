/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To which of several owners an address belongs: zones of the estate, or sites of the
 * directory, say their prefixes, and the longest prefix wins.
 */
#pragma once

#include "base/vec.h"
#include "doc/fields.h"
#include "net/addrset.h"

enum {
	NO_OWNER = 0xffff,
	NOT_SEEN = 0xfffe,
};

struct prefix {
	struct addr_range range;
	uint16_t owner;
	struct name text; /* as written */
};
typedef VEC(struct prefix) prefix_vec;

struct owned_range {
	struct addr_range range;
	uint16_t owner;
};

struct owners {
	const struct owned_range *v; /* sorted, disjoint; without those of `rest` that nothing else claims */
	size_t n;
	uint16_t rest; /* whose all other addresses are; NO_OWNER: nobody's */
};

/* Adds the prefixes of a set. */
void prefixes_add(struct arena *a, prefix_vec *all, struct addrset set, uint16_t owner, struct name text);

/* By their first address, the wider first: equal ones are neighbours. */
void prefixes_sort(prefix_vec *all);

/* Of sorted prefixes; where two are equal the first owns it. */
struct owners owners_of(struct arena *a, const prefix_vec *sorted, uint16_t rest);

/* The first range that ends at or after an address. */
size_t owners_at(const struct owners *o, enum family f, u128 n);

/* Up to two owners of a set of addresses, each with a part that it owns; NOT_SEEN at first. */
struct owners_seen {
	uint16_t first, other;
	struct addr_range first_range, other_range;
};

/* Sees every owner of a part of the range; `rest` owns the gaps. */
void owners_see(const struct owners *o, struct addr_range r, struct owners_seen *s);
