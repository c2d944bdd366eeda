/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/sweep/plane.h"

#include "base/vec.h"

static int u32_cmp(const void *left, const void *right)
{
	return CMP(*(const uint32_t *)left, *(const uint32_t *)right);
}

static int event_cmp(const void *left, const void *right)
{
	const struct event *a = left, *b = right;
	int c = CMP(a->at, b->at);
	/* ends before beginnings, so that a span that follows another finds room */
	c = c ? c : CMP(a->begins, b->begins);
	return c ? c : CMP(a->placed, b->placed);
}

/* The part of some spans that is of the family. */
static struct spans part(struct arena *a, struct spans spans, struct spans family)
{
	VEC(struct span) r = { 0 };
	for (size_t i = 0, j = 0; i < spans.n && j < family.n;) {
		uint32_t first = MAX(spans.v[i].first, family.v[j].first),
			 last = MIN(spans.v[i].last, family.v[j].last);
		if (first <= last)
			*VEC_ADD(a, &r) = (struct span){ first, last };
		if (spans.v[i].last < family.v[j].last)
			i++;
		else
			j++;
	}
	return (struct spans){ r.v, r.n };
}

static void cut(struct arena *a, struct plane *p, uint32_t size)
{
	VEC(uint32_t) cuts = { 0 };
	size_t out = 0;
	*VEC_ADD(a, &cuts) = 0;
	for (size_t i = 0; i < p->n; i++)
		for (size_t j = 0; j < p->v[i].dst.n; j++) {
			*VEC_ADD(a, &cuts) = p->v[i].dst.v[j].first;
			if (p->v[i].dst.v[j].last + 1 < size)
				*VEC_ADD(a, &cuts) = p->v[i].dst.v[j].last + 1;
		}
	sort_items(cuts.v, cuts.n, sizeof *cuts.v, u32_cmp);
	for (size_t i = 0; i < cuts.n; i++)
		if (!out || cuts.v[out - 1] != cuts.v[i])
			cuts.v[out++] = cuts.v[i];
	p->cuts = cuts.v;
	p->n_leaves = (uint32_t)out;
}

static uint32_t leaf_at(const struct plane *p, uint32_t coordinate)
{
	uint32_t lo = 0, hi = p->n_leaves - 1;
	while (lo < hi) {
		uint32_t mid = hi - (hi - lo) / 2;
		if (p->cuts[mid] <= coordinate)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

static void to_leaves(const struct plane *p, struct placed *placed)
{
	for (size_t i = 0; i < p->n; i++) {
		struct span *s = (struct span *)placed[i].dst.v; /* allocated by part() */
		for (size_t j = 0; j < placed[i].dst.n; j++)
			s[j] = (struct span){ leaf_at(p, s[j].first), leaf_at(p, s[j].last) };
	}
}

static void make_events(struct arena *a, struct plane *p)
{
	VEC(struct event) e = { 0 };
	for (size_t i = 0; i < p->n; i++)
		for (size_t j = 0; j < p->v[i].src.n; j++) {
			*VEC_ADD(a, &e) = (struct event){ p->v[i].src.v[j].first, (uint32_t)i, true };
			*VEC_ADD(a, &e) = (struct event){ p->v[i].src.v[j].last + 1, (uint32_t)i, false };
		}
	sort_items(e.v, e.n, sizeof *e.v, event_cmp);
	p->events = e.v;
	p->n_events = e.n;
}

struct plane plane_of(struct arena *a, const struct space *s, struct classes *c, const struct class *class,
		      enum family f, const struct box_id *const *boxes)
{
	struct plane p = { .class = class };
	struct spans src = space_family(s, DIM_SRC, f), dst = space_family(s, DIM_DST, f);
	uint32_t *members = ARENA_ARRAY(a, uint32_t, class->room);
	size_t n = class_members(c, class, members);
	struct placed *placed = ARENA_ARRAY(a, struct placed, n);

	sort_items(members, n, sizeof *members, u32_cmp);
	for (size_t i = 0; i < n; i++) {
		const struct box_id *b = boxes[members[i]];
		struct placed one = { members[i], part(a, space_spans(s, DIM_SRC, b->src), src),
				      part(a, space_spans(s, DIM_DST, b->dst), dst) };
		if (one.src.n && one.dst.n)
			placed[p.n++] = one;
	}
	p.v = placed;
	if (!p.n)
		return p;
	cut(a, &p, space_size(s, DIM_DST));
	to_leaves(&p, placed);
	make_events(a, &p);
	return p;
}

void plane_point(const struct plane *p, uint32_t line, uint32_t leaf, uint32_t ret[N_DIMS])
{
	ret[DIM_PROTOCOL] = p->class->cell[0];
	ret[DIM_PORT] = p->class->cell[1];
	ret[DIM_SPORT] = p->class->cell[2];
	ret[DIM_SRC] = line;
	ret[DIM_DST] = p->cuts[leaf];
}
