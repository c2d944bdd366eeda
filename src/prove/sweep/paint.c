/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/sweep/paint.h"

#include "base/vec.h"

/* Of one list. */
struct layer {
	size_t box;        /* the number of its first */
	size_t begin, end; /* its index in the plane */
	uint32_t from, to; /* the leaves that change at this place of the line; from > to: none */
	uint32_t *first, *second;
};

struct painter {
	const struct painting *q;
	uint64_t steps;
	struct plane plane;
	struct layer *layers;
	uint32_t **first, **second; /* theirs, for the callback */
	uint32_t *layer_of;         /* by box of the plane */
	uint32_t *skip;             /* by leaf: the next unpainted one, itself or later (union-find) */
	uint64_t *active;
	size_t n_active;
};

size_t painting_rule(const struct painting *p, uint32_t box, size_t *list)
{
	size_t i = box;
	for (*list = 0; i >= p->lists[*list].n; (*list)++)
		i -= p->lists[*list].n;
	return i;
}

static bool meets(const struct placed *placed, uint32_t from, uint32_t to)
{
	return placed->dst.v[0].first <= to && from <= placed->dst.v[placed->dst.n - 1].last;
}

static size_t next_active(const uint64_t *active, size_t i, size_t end)
{
	while (i < end) {
		uint64_t rest = active[i / 64] >> i % 64;
		if (rest)
			return MIN(i + (size_t)__builtin_ctzll(rest), end);
		i = (i / 64 + 1) * 64;
	}
	return end;
}

size_t canvas_next(const struct canvas *c, size_t i)
{
	size_t end = c->plane->n;
	i = next_active(c->active, i, end);
	while (i < end && !meets(&c->plane->v[i], c->from, c->to))
		i = next_active(c->active, i + 1, end);
	return i;
}

static uint32_t find(uint32_t *skip, uint32_t leaf)
{
	while (skip[leaf] != leaf) {
		skip[leaf] = skip[skip[leaf]];
		leaf = skip[leaf];
	}
	return leaf;
}

/* Paints the leaves of one rule that change; how many were filled. */
static uint32_t paint_rule(struct painter *p, struct layer *l, uint32_t none, const struct placed *placed)
{
	uint32_t filled = 0, rule = (uint32_t)(placed->box - l->box);
	for (size_t i = 0; i < placed->dst.n && placed->dst.v[i].first <= l->to; i++) {
		uint32_t last = MIN(placed->dst.v[i].last, l->to), at = MAX(placed->dst.v[i].first, l->from);
		p->steps++;
		if (at > last)
			continue;
		for (at = find(p->skip, at); at <= last; at = find(p->skip, at + 1)) {
			bool fresh = l->first[at] == none;
			p->steps++;
			if (fresh)
				l->first[at] = rule;
			else
				l->second[at] = rule;
			if (fresh && p->q->seconds)
				continue;
			p->skip[at] = at + 1;
			filled++;
		}
	}
	return filled;
}

static void paint_layer(struct painter *p, struct layer *l, uint32_t none)
{
	uint32_t left = l->to - l->from + 1;
	for (uint32_t i = l->from; i <= l->to; i++) {
		p->skip[i] = i;
		l->first[i] = none;
		if (p->q->seconds)
			l->second[i] = none;
	}
	p->skip[l->to + 1] = l->to + 1;
	p->steps += left;
	for (size_t i = next_active(p->active, l->begin, l->end); i < l->end && left;
	     i = next_active(p->active, i + 1, l->end)) {
		p->steps++;
		if (meets(&p->plane.v[i], l->from, l->to))
			left -= paint_rule(p, l, none, &p->plane.v[i]);
	}
}

/* Processes all events at one position of the line; returns the first event after it. */
static size_t happen(struct painter *p, size_t i)
{
	const struct event *e = p->plane.events;
	uint32_t line = e[i].at;
	for (size_t j = 0; j < p->q->n_lists; j++) {
		p->layers[j].from = UINT32_MAX;
		p->layers[j].to = 0;
	}
	for (; i < p->plane.n_events && e[i].at == line; i++) {
		const struct spans *dst = &p->plane.v[e[i].placed].dst;
		struct layer *l = &p->layers[p->layer_of[e[i].placed]];
		p->active[e[i].placed / 64] ^= (uint64_t)1 << e[i].placed % 64;
		p->n_active += e[i].begins ? 1 : -(size_t)1;
		l->from = MIN(l->from, dst->v[0].first);
		l->to = MAX(l->to, dst->v[dst->n - 1].last);
	}
	return i;
}

static void begin_plane(struct painter *p, struct arena *a)
{
	const struct plane *plane = &p->plane;
	size_t box = 0, at = 0;
	p->layer_of = ARENA_ARRAY(a, uint32_t, plane->n);
	for (size_t j = 0; j < p->q->n_lists; j++) {
		struct layer *l = &p->layers[j];
		*l = (struct layer){ .box = box, .begin = at };
		box += p->q->lists[j].n;
		for (; at < plane->n && plane->v[at].box < box; at++)
			p->layer_of[at] = (uint32_t)j;
		l->end = at;
		p->first[j] = l->first = ARENA_ARRAY(a, uint32_t, plane->n_leaves);
		p->second[j] = l->second = ARENA_ARRAY(a, uint32_t, p->q->seconds ? plane->n_leaves : 0);
		for (uint32_t i = 0; i < plane->n_leaves; i++) {
			l->first[i] = (uint32_t)p->q->lists[j].n;
			if (p->q->seconds)
				l->second[i] = l->first[i];
		}
	}
	p->steps += (uint64_t)plane->n_leaves * p->q->n_lists;
	p->skip = ARENA_ARRAY(a, uint32_t, (size_t)plane->n_leaves + 1);
	p->active = ARENA_ARRAY(a, uint64_t, plane->n / 64 + 1);
	p->n_active = 0;
}

static bool paint_plane(struct painter *p, struct arena *a, void (*show)(void *ctx, const struct canvas *c), void *ctx)
{
	begin_plane(p, a);
	struct canvas c = { .plane = &p->plane, .first = p->first, .second = p->second, .active = p->active };
	for (size_t i = 0; i < p->plane.n_events && p->steps <= p->q->steps;) {
		c.line = p->plane.events[i].at;
		c.from = UINT32_MAX;
		c.to = 0;
		i = happen(p, i);
		for (size_t j = 0; j < p->q->n_lists; j++) {
			struct layer *l = &p->layers[j];
			if (l->from > l->to)
				continue;
			paint_layer(p, l, (uint32_t)p->q->lists[j].n);
			c.from = MIN(c.from, l->from);
			c.to = MAX(c.to, l->to);
		}
		show(ctx, &c);
		p->steps += p->n_active;
	}
	return p->steps <= p->q->steps;
}

bool paint(struct arena *a, const struct painting *q, void (*show)(void *ctx, const struct canvas *c), void *ctx)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	struct painter p = { .q = q };
	struct classes *classes = classes_new(a, q->workspace->space);
	VEC(const struct box_id *) boxes = { 0 };
	bool ok = true;

	for (size_t j = 0; j < q->n_lists; j++)
		for (size_t i = 0; i < q->lists[j].n; i++) {
			classes_add(classes, q->lists[j].boxes[i]);
			*VEC_ADD(a, &boxes) = q->lists[j].boxes[i];
		}
	if (!classes_make(classes, &p.steps, q->steps))
		return false;
	p.layers = ARENA_ARRAY(a, struct layer, q->n_lists);
	p.first = ARENA_ARRAY(a, uint32_t *, q->n_lists);
	p.second = ARENA_ARRAY(a, uint32_t *, q->n_lists);
	for (size_t c = 0; c < classes_count(classes) && ok; c++)
		for (int f = IPV4; f <= IPV6 && ok; f++) {
			const struct class *class = classes_at(classes, c);
			if (!(class->families >> f & 1))
				continue;
			p.plane = plane_of(scratch, q->workspace->space, classes, class, (enum family)f, boxes.v);
			p.steps += class->room;
			ok = !p.plane.n || paint_plane(&p, scratch, show, ctx);
			arena_reset(scratch);
		}
	return ok;
}
