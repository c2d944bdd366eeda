/* SPDX-License-Identifier: Apache-2.0 */
#include "net/addrset.h"

#include "base/hash.h"
#include "base/vec.h"

static int cmp(const void *left, const void *right)
{
	return addr_range_cmp(left, right);
}

/* Appends to a growing sorted set, merging with the last range where they touch. */
static void append(struct addr_range *ranges, size_t *n, struct addr_range r)
{
	struct addr_range *last = *n ? &ranges[*n - 1] : NULL;
	if (last && last->family == r.family && (r.lo <= last->hi || r.lo - 1 == last->hi)) {
		last->hi = MAX(last->hi, r.hi);
		return;
	}
	ranges[(*n)++] = r;
}

struct addrset addrset_of(struct arena *a, const struct addr_range *ranges, size_t n)
{
	struct addr_range *sorted = ARENA_ARRAY(a, struct addr_range, n);
	size_t out = 0;
	if (n)
		memcpy(sorted, ranges, n * sizeof *ranges);
	sort_items(sorted, n, sizeof *sorted, cmp);
	for (size_t i = 0; i < n; i++)
		append(sorted, &out, sorted[i]);
	return (struct addrset){ sorted, out };
}

struct addrset addrset_part(struct addrset s, enum family f)
{
	size_t from = 0, n = 0;
	while (from < s.n && s.v[from].family != f)
		from++;
	while (from + n < s.n && s.v[from + n].family == f)
		n++;
	return n ? (struct addrset){ s.v + from, n } : NO_ADDRS;
}

struct addrset addrset_all(struct arena *a)
{
	struct addr_range both[] = { addr_range_all(IPV4), addr_range_all(IPV6) };
	return addrset_of(a, both, ARRAY_LEN(both));
}

struct addrset addrset_union(struct arena *a, struct addrset left, struct addrset right)
{
	struct addr_range *ranges = ARENA_ARRAY(a, struct addr_range, left.n + right.n);
	size_t n = 0, i = 0, j = 0;
	while (i < left.n || j < right.n) {
		if (j == right.n || (i < left.n && addr_range_cmp(&left.v[i], &right.v[j]) <= 0))
			append(ranges, &n, left.v[i++]);
		else
			append(ranges, &n, right.v[j++]);
	}
	return (struct addrset){ ranges, n };
}

struct addrset addrset_intersect(struct arena *a, struct addrset left, struct addrset right)
{
	VEC(struct addr_range) ranges = { 0 };
	for (size_t i = 0, j = 0; i < left.n && j < right.n;) {
		const struct addr_range *p = &left.v[i], *q = &right.v[j];
		if (p->family != q->family) {
			p->family < q->family ? i++ : j++;
			continue;
		}
		u128 lo = MAX(p->lo, q->lo), hi = MIN(p->hi, q->hi);
		if (lo <= hi)
			*VEC_ADD(a, &ranges) = (struct addr_range){ p->family, lo, hi };
		p->hi < q->hi ? i++ : j++;
	}
	return (struct addrset){ ranges.v, ranges.n };
}

struct addrset addrset_minus(struct arena *a, struct addrset left, struct addrset right)
{
	VEC(struct addr_range) ranges = { 0 };
	size_t j = 0;
	for (size_t i = 0; i < left.n; i++) {
		struct addr_range r = left.v[i];
		bool gone = false;
		while (j < right.n &&
		       (right.v[j].family < r.family || (right.v[j].family == r.family && right.v[j].hi < r.lo)))
			j++;
		for (size_t m = j; m < right.n && right.v[m].family == r.family && right.v[m].lo <= r.hi; m++) {
			if (right.v[m].lo > r.lo)
				*VEC_ADD(a, &ranges) = (struct addr_range){ r.family, r.lo, right.v[m].lo - 1 };
			if (right.v[m].hi >= r.hi) {
				gone = true;
				break;
			}
			r.lo = right.v[m].hi + 1;
		}
		if (!gone)
			*VEC_ADD(a, &ranges) = r;
	}
	return (struct addrset){ ranges.v, ranges.n };
}

bool addrset_equal(struct addrset left, struct addrset right)
{
	if (left.n != right.n)
		return false;
	for (size_t i = 0; i < left.n; i++)
		if (addr_range_cmp(&left.v[i], &right.v[i]) != 0)
			return false;
	return true;
}

bool addrset_overlaps(struct addrset left, struct addrset right)
{
	for (size_t i = 0, j = 0; i < left.n && j < right.n;) {
		const struct addr_range *p = &left.v[i], *q = &right.v[j];
		if (p->family == q->family && p->lo <= q->hi && q->lo <= p->hi)
			return true;
		if (p->family != q->family)
			p->family < q->family ? i++ : j++;
		else
			p->hi < q->hi ? i++ : j++;
	}
	return false;
}

bool addrset_holds(struct addrset set, struct addr a)
{
	size_t lo = 0, hi = set.n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct addr_range *r = &set.v[mid];
		if (r->family == a.family && r->lo <= a.n && a.n <= r->hi)
			return true;
		if (r->family < a.family || (r->family == a.family && r->hi < a.n))
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool addrset_within(struct addrset left, struct addrset right)
{
	size_t j = 0;
	for (size_t i = 0; i < left.n; i++) {
		const struct addr_range *r = &left.v[i];
		while (j < right.n &&
		       (right.v[j].family < r->family || (right.v[j].family == r->family && right.v[j].hi < r->lo)))
			j++;
		if (j == right.n || right.v[j].family != r->family || right.v[j].lo > r->lo || right.v[j].hi < r->hi)
			return false;
	}
	return true;
}

uint64_t addrset_hash(uint64_t h, struct addrset set)
{
	for (size_t i = 0; i < set.n; i++) {
		h = hash_mix(h, set.v[i].family);
		h = hash_mix(h, (uint64_t)set.v[i].lo ^ (uint64_t)(set.v[i].lo >> 64));
		h = hash_mix(h, (uint64_t)set.v[i].hi ^ (uint64_t)(set.v[i].hi >> 64));
	}
	return hash_mix(h, set.n);
}

static struct addr_range first_prefix(const struct addr_range *r)
{
	return prefix_range((struct addr){ r->family, r->lo }, addr_range_first_prefix(r));
}

size_t addrset_count_prefixes(struct addrset set)
{
	size_t n = 0;
	for (size_t i = 0; i < set.n; i++) {
		struct addr_range rest = set.v[i];
		for (n++; first_prefix(&rest).hi != rest.hi; n++)
			rest.lo = first_prefix(&rest).hi + 1;
	}
	return n;
}

struct addr_range *addrset_prefixes(struct arena *a, struct addrset set, size_t *n)
{
	VEC(struct addr_range) ranges = { 0 };
	for (size_t i = 0; i < set.n; i++) {
		struct addr_range rest = set.v[i];
		for (;;) {
			struct addr_range p = first_prefix(&rest);
			*VEC_ADD(a, &ranges) = p;
			if (p.hi == rest.hi)
				break;
			rest.lo = p.hi + 1;
		}
	}
	*n = ranges.n;
	return ranges.v;
}

/* Translations */

bool addr_map_is_sound(const struct addr_map *map)
{
	const struct addr_range *from = &map->from, *to = &map->to;
	return from->family == to->family && from->lo <= from->hi && to->lo <= to->hi &&
	       (to->lo == to->hi || from->hi - from->lo == to->hi - to->lo);
}

struct addr addr_mapped(const struct addr_map *map, struct addr a)
{
	if (a.family != map->from.family || a.n < map->from.lo || a.n > map->from.hi)
		return a;
	return (struct addr){ a.family, map->to.lo == map->to.hi ? map->to.lo : map->to.lo + (a.n - map->from.lo) };
}

struct addrset addrset_before(struct arena *a, const struct addr_map *map, struct addrset set)
{
	if (map->to.lo == map->to.hi) {
		struct addr only = { map->to.family, map->to.lo };
		return addrset_holds(set, only) ? addrset_of(a, &map->from, 1) : NO_ADDRS;
	}
	struct addrset inside = addrset_intersect(a, set, addrset_of(a, &map->to, 1));
	struct addr_range *ranges = ARENA_ARRAY(a, struct addr_range, inside.n);
	for (size_t i = 0; i < inside.n; i++)
		ranges[i] = (struct addr_range){ map->from.family, map->from.lo + (inside.v[i].lo - map->to.lo),
						 map->from.lo + (inside.v[i].hi - map->to.lo) };
	return (struct addrset){ ranges, inside.n };
}
