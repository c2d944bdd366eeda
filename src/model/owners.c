/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prefixes nest or are disjoint.  They are sorted by their first address, the wider
 * first; one sweep with a stack of open prefixes cuts the address space into
 * ranges, each of which belongs to its narrowest prefix (longest-prefix match).
 */
#include "model/owners.h"

static int by_place(const void *left, const void *right)
{
	const struct prefix *a = left, *b = right;
	int c = CMP(a->range.family, b->range.family);
	c = c ? c : CMP(a->range.lo, b->range.lo);
	c = c ? c : CMP(b->range.hi, a->range.hi);
	return c ? c : CMP(a->owner, b->owner);
}

void prefixes_add(struct arena *a, prefix_vec *all, struct addrset set, uint16_t owner, struct name text)
{
	size_t n;
	struct addr_range *prefixes = addrset_prefixes(a, set, &n);
	for (size_t i = 0; i < n; i++)
		*VEC_ADD(a, all) = (struct prefix){ prefixes[i], owner, text };
}

void prefixes_sort(prefix_vec *all)
{
	sort_items(all->v, all->n, sizeof *all->v, by_place);
}

struct cutter {
	struct arena *arena;
	VEC(struct owned_range) ranges;
};

static void cut(struct cutter *c, enum family f, u128 lo, u128 hi, uint16_t owner)
{
	struct owned_range *last = c->ranges.n ? &c->ranges.v[c->ranges.n - 1] : NULL;
	if (last && last->owner == owner && last->range.family == f && last->range.hi + 1 == lo)
		last->range.hi = hi;
	else
		*VEC_ADD(c->arena, &c->ranges) = (struct owned_range){ { f, lo, hi }, owner };
}

/* Closes the innermost open subnets that end before `until`; *at moves past the range that was cut. */
static size_t close_before(struct cutter *c, const struct prefix *const *open, size_t depth, enum family f, u128 until,
			   bool to_end, u128 *at)
{
	while (depth) {
		const struct prefix *top = open[depth - 1];
		if (!to_end && top->range.family == f && top->range.hi >= until)
			break;
		if (*at <= top->range.hi) {
			cut(c, top->range.family, *at, top->range.hi, top->owner);
			*at = top->range.hi + 1; /* wraps only at the very end of a family */
		}
		depth--;
		if (top->range.hi == addr_max(top->range.family))
			return 0; /* whatever encloses it ends here too */
	}
	return depth;
}

struct owners owners_of(struct arena *a, const prefix_vec *sorted, uint16_t rest)
{
	struct cutter c = { .arena = a };
	const struct prefix *open[130]; /* prefixes nest at most 129 deep in a family */
	size_t depth = 0;
	u128 at = 0;

	for (size_t i = 0; i < sorted->n; i++) {
		const struct prefix *s = &sorted->v[i];
		if (depth && open[depth - 1]->range.family != s->range.family) {
			close_before(&c, open, depth, s->range.family, 0, true, &at);
			depth = 0;
		}
		depth = close_before(&c, open, depth, s->range.family, s->range.lo, false, &at);
		if (depth && at < s->range.lo)
			cut(&c, s->range.family, at, s->range.lo - 1, open[depth - 1]->owner);
		at = s->range.lo;
		if (i && addr_range_cmp(&s[-1].range, &s->range) == 0)
			continue; /* reported */
		open[depth++] = s;
	}
	close_before(&c, open, depth, IPV4, 0, true, &at);
	return (struct owners){ c.ranges.v, c.ranges.n, rest };
}

size_t owners_at(const struct owners *o, enum family f, u128 n)
{
	size_t lo = 0, hi = o->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct addr_range *r = &o->v[mid].range;
		if (r->family < f || (r->family == f && r->hi < n))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void see(struct owners_seen *s, uint16_t owner, struct addr_range where)
{
	if (s->first == NOT_SEEN) {
		s->first = owner;
		s->first_range = where;
	} else if (s->first != owner && s->other == NOT_SEEN) {
		s->other = owner;
		s->other_range = where;
	}
}

void owners_see(const struct owners *o, struct addr_range r, struct owners_seen *s)
{
	u128 at = r.lo;
	for (size_t i = owners_at(o, r.family, r.lo); i < o->n; i++) {
		const struct addr_range *part = &o->v[i].range;
		if (part->family != r.family || part->lo > r.hi)
			break;
		if (part->lo > at)
			see(s, o->rest, (struct addr_range){ r.family, at, part->lo - 1 });
		see(s, o->v[i].owner, (struct addr_range){ r.family, MAX(at, part->lo), MIN(part->hi, r.hi) });
		if (part->hi >= r.hi)
			return;
		at = part->hi + 1;
	}
	see(s, o->rest, (struct addr_range){ r.family, at, r.hi });
}
