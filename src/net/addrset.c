/* SPDX-License-Identifier: Apache-2.0 */
#include "net/addrset.h"

#include "base/hash.h"
#include "base/vec.h"

static int cmp(const void *x, const void *y)
{
	return addr_range_cmp(x, y);
}

/* Appends to a growing sorted set, merging with the last range where they touch. */
static void append(struct addr_range *v, size_t *n, struct addr_range r)
{
	struct addr_range *last = *n ? &v[*n - 1] : NULL;
	if (last && last->family == r.family && (r.lo <= last->hi || r.lo - 1 == last->hi)) {
		last->hi = MAX(last->hi, r.hi);
		return;
	}
	v[(*n)++] = r;
}

struct addrset addrset_of(struct arena *a, const struct addr_range *v, size_t n)
{
	struct addr_range *sorted = ARENA_ARRAY(a, struct addr_range, n);
	size_t out = 0;
	if (n)
		memcpy(sorted, v, n * sizeof *v);
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

struct addrset addrset_union(struct arena *a, struct addrset x, struct addrset y)
{
	struct addr_range *v = ARENA_ARRAY(a, struct addr_range, x.n + y.n);
	size_t n = 0, i = 0, j = 0;
	while (i < x.n || j < y.n) {
		if (j == y.n || (i < x.n && addr_range_cmp(&x.v[i], &y.v[j]) <= 0))
			append(v, &n, x.v[i++]);
		else
			append(v, &n, y.v[j++]);
	}
	return (struct addrset){ v, n };
}

struct addrset addrset_intersect(struct arena *a, struct addrset x, struct addrset y)
{
	VEC(struct addr_range) v = { 0 };
	for (size_t i = 0, j = 0; i < x.n && j < y.n;) {
		const struct addr_range *p = &x.v[i], *q = &y.v[j];
		if (p->family != q->family) {
			p->family < q->family ? i++ : j++;
			continue;
		}
		u128 lo = MAX(p->lo, q->lo), hi = MIN(p->hi, q->hi);
		if (lo <= hi)
			*VEC_ADD(a, &v) = (struct addr_range){ p->family, lo, hi };
		p->hi < q->hi ? i++ : j++;
	}
	return (struct addrset){ v.v, v.n };
}

struct addrset addrset_minus(struct arena *a, struct addrset x, struct addrset y)
{
	VEC(struct addr_range) v = { 0 };
	size_t j = 0;
	for (size_t i = 0; i < x.n; i++) {
		struct addr_range r = x.v[i];
		bool gone = false;
		while (j < y.n && (y.v[j].family < r.family || (y.v[j].family == r.family && y.v[j].hi < r.lo)))
			j++;
		for (size_t k = j; k < y.n && y.v[k].family == r.family && y.v[k].lo <= r.hi; k++) {
			if (y.v[k].lo > r.lo)
				*VEC_ADD(a, &v) = (struct addr_range){ r.family, r.lo, y.v[k].lo - 1 };
			if (y.v[k].hi >= r.hi) {
				gone = true;
				break;
			}
			r.lo = y.v[k].hi + 1;
		}
		if (!gone)
			*VEC_ADD(a, &v) = r;
	}
	return (struct addrset){ v.v, v.n };
}

bool addrset_equal(struct addrset x, struct addrset y)
{
	if (x.n != y.n)
		return false;
	for (size_t i = 0; i < x.n; i++)
		if (addr_range_cmp(&x.v[i], &y.v[i]) != 0)
			return false;
	return true;
}

bool addrset_overlaps(struct addrset x, struct addrset y)
{
	for (size_t i = 0, j = 0; i < x.n && j < y.n;) {
		const struct addr_range *p = &x.v[i], *q = &y.v[j];
		if (p->family == q->family && p->lo <= q->hi && q->lo <= p->hi)
			return true;
		if (p->family != q->family)
			p->family < q->family ? i++ : j++;
		else
			p->hi < q->hi ? i++ : j++;
	}
	return false;
}

bool addrset_holds(struct addrset x, struct addr a)
{
	size_t lo = 0, hi = x.n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct addr_range *r = &x.v[mid];
		if (r->family == a.family && r->lo <= a.n && a.n <= r->hi)
			return true;
		if (r->family < a.family || (r->family == a.family && r->hi < a.n))
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool addrset_within(struct addrset x, struct addrset y)
{
	size_t j = 0;
	for (size_t i = 0; i < x.n; i++) {
		const struct addr_range *r = &x.v[i];
		while (j < y.n && (y.v[j].family < r->family || (y.v[j].family == r->family && y.v[j].hi < r->lo)))
			j++;
		if (j == y.n || y.v[j].family != r->family || y.v[j].lo > r->lo || y.v[j].hi < r->hi)
			return false;
	}
	return true;
}

uint64_t addrset_hash(uint64_t h, struct addrset x)
{
	for (size_t i = 0; i < x.n; i++) {
		h = hash_mix(h, x.v[i].family);
		h = hash_mix(h, (uint64_t)x.v[i].lo ^ (uint64_t)(x.v[i].lo >> 64));
		h = hash_mix(h, (uint64_t)x.v[i].hi ^ (uint64_t)(x.v[i].hi >> 64));
	}
	return hash_mix(h, x.n);
}

struct addr_range *addrset_prefixes(struct arena *a, struct addrset x, size_t *n)
{
	VEC(struct addr_range) v = { 0 };
	for (size_t i = 0; i < x.n; i++) {
		struct addr_range rest = x.v[i];
		for (;;) {
			struct addr first = { rest.family, rest.lo };
			struct addr_range p = prefix_range(first, addr_range_first_prefix(&rest));
			*VEC_ADD(a, &v) = p;
			if (p.hi == rest.hi)
				break;
			rest.lo = p.hi + 1;
		}
	}
	*n = v.n;
	return v.v;
}
