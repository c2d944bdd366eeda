/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/compare.h"

#include "base/vec.h"
#include "prove/question.h"
#include "prove/regions.h"

enum { REGIONS_OF_A_CHANGE = 8 };

/* One side, in the common space. */
struct sided {
	const struct permits *said;
	struct filtered {
		struct compiled *code;
		struct box_id *judged;
		diagram outside;	/* what never comes to it */
		diagram permitted;	/* and what it lets through */
	} *filters;
	struct box_id *boxes;
	diagram set;
	bool uncertain;
};

struct comparer {
	struct arena *arena;
	struct question q;
	struct sided old, new;
	diagram universe;
	diagram whole;	/* the universe with packets that cannot be */
	size_t most;
};

static void add_side(struct comparer *c, struct sided *s, const struct permits *p)
{
	s->said = p;
	s->boxes = question_add(&c->q, p->boxes, p->n_boxes);
	s->filters = ARENA_ARRAY(c->arena, struct filtered, p->n_filters);
	for (size_t i = 0; i < p->n_filters; i++) {
		s->filters[i].judged = question_add(&c->q, p->filters[i].judged, p->filters[i].n_judged);
		s->filters[i].code = compile_add(c->arena, c->q.space, p->filters[i].rules, p->filters[i].map);
	}
}

static void make_filter(struct comparer *c, struct sided *s, size_t i)
{
	struct filtered *f = &s->filters[i];
	const struct filter *said = &s->said->filters[i];
	struct reading upper = { .upper = true }, lower = { .upper = false };

	compile_make(f->code, c->q.m);
	diagram seen = diagram_apply(c->q.m, OP_AND, c->universe, question_universe(&c->q, f->judged, said->n_judged));
	f->outside = diagram_apply(c->q.m, OP_MINUS, c->universe, seen);
	f->permitted = diagram_apply(c->q.m, OP_AND, compiled_permitted(f->code, upper), seen);
	s->uncertain |= said->rules->unknown.n > 0 ||
			diagram_apply(c->q.m, OP_AND, compiled_permitted(f->code, lower), seen) != f->permitted;
	s->set = diagram_apply(c->q.m, OP_AND, s->set, diagram_apply(c->q.m, OP_OR, f->permitted, f->outside));
}

static void make_side(struct comparer *c, struct sided *s)
{
	s->set = c->universe;
	if (!s->said->n_filters)
		s->set = diagram_apply(c->q.m, OP_AND, c->universe, question_union(&c->q, s->boxes, s->said->n_boxes));
	for (size_t i = 0; i < s->said->n_filters; i++)
		make_filter(c, s, i);
}

/* The filter that decides a point: the first that stops it, or else the first that lets it through. */
static size_t deciding(const struct comparer *c, const struct sided *s, const uint32_t point[N_DIMS])
{
	size_t first = SIZE_MAX;
	for (size_t i = 0; i < s->said->n_filters; i++) {
		const struct filtered *f = &s->filters[i];
		if (diagram_at(c->q.m, f->outside, point) == VALUE_PERMIT)
			continue;
		if (diagram_at(c->q.m, f->permitted, point) != VALUE_PERMIT)
			return i;
		first = MIN(first, i);
	}
	return first;
}

static struct shown decided(struct comparer *c, struct sided *s, const uint32_t point[N_DIMS], size_t *filter)
{
	struct shown r = { .witness = space_packet(c->q.space, point) };
	uint32_t chain = UINT32_MAX;
	*filter = deciding(c, s, point);
	if (*filter == SIZE_MAX)
		return r;
	r.by = compiled_blame(s->filters[*filter].code, point, (struct reading){ .upper = true }, &chain);
	if (chain != UINT32_MAX)
		r.chain = &s->said->filters[*filter].rules->chains.v[chain];
	return r;
}

/* The part of a difference that one rule explains: the rule that permits on the side that does. */
static diagram explained(const struct sided *permits, const struct shown *s, size_t filter)
{
	if (filter == SIZE_MAX || !s->by || s->by->action == ACTION_CALL || s->by->action == ACTION_GOTO)
		return VALUE_PERMIT;
	return compiled_rule_match(permits->filters[filter].code,
				   (uint32_t)(s->chain - permits->said->filters[filter].rules->chains.v),
				   (size_t)(s->by - s->chain->rules.v));
}

static const struct change *find_changes(struct comparer *c, diagram extra, const struct sided *permits, size_t *n,
					 bool *more)
{
	VEC(struct change) v = { 0 };
	uint32_t point[N_DIMS];
	*more = false;
	while (question_find(&c->q, extra, point)) {
		if (v.n >= c->most) {
			*more = true;
			break;
		}
		struct change *x = VEC_ADD(c->arena, &v);
		x->before = decided(c, &c->old, point, &x->before_filter);
		x->after = decided(c, &c->new, point, &x->after_filter);
		diagram own = permits == &c->new ? explained(permits, &x->after, x->after_filter) :
						   explained(permits, &x->before, x->before_filter);
		diagram match = own;
		own = diagram_apply(c->q.m, OP_AND, extra, match);
		diagram loose = question_loosely(&c->q, own, diagram_apply(c->q.m, OP_AND, match, c->whole));
		x->regions = regions_of(c->arena, c->q.space, c->q.m, loose, REGIONS_OF_A_CHANGE,
					&x->n_regions, &x->more_regions);
		extra = diagram_apply(c->q.m, OP_MINUS, extra, own);
	}
	*n = v.n;
	return v.v;
}

static bool *marks(struct comparer *c, const struct box_id *ids, size_t n, diagram set)
{
	bool *v = ARENA_ARRAY(c->arena, bool, n);
	for (size_t i = 0; i < n && set != VALUE_NONE; i++)
		v[i] = diagram_apply(c->q.m, OP_AND, space_box(c->q.space, c->q.m, &ids[i], VALUE_PERMIT), set) != VALUE_NONE;
	return v;
}

/* The filter of most rules on either side. */
static const struct compiled *longest_of(const struct comparer *c)
{
	const struct sided *sides[] = { &c->old, &c->new };
	const struct compiled *longest = NULL;
	size_t most = 0;
	for (size_t s = 0; s < ARRAY_LEN(sides); s++)
		for (size_t i = 0; i < sides[s]->said->n_filters; i++) {
			size_t n = ruleset_size(sides[s]->said->filters[i].rules);
			if (!longest || n > most)
				longest = sides[s]->filters[i].code;
			most = MAX(most, n);
		}
	return longest;
}

struct comparison compare(struct arena *a, const struct permits *old, const struct permits *new,
			  const struct flowbox *judged, size_t n_judged, const struct required *required,
			  size_t n_required, size_t most)
{
	struct comparer c = { .arena = a, .most = most };
	struct comparison r = { 0 };

	question_begin(&c.q, a);
	struct box_id *judged_ids = question_add(&c.q, judged, n_judged);
	struct box_id *required_ids = ARENA_ARRAY(a, struct box_id, n_required);
	for (size_t i = 0; i < n_required; i++)
		required_ids[i] = space_add_box(c.q.space, &required[i].box);
	add_side(&c, &c.old, old);
	add_side(&c, &c.new, new);
	question_freeze(&c.q, longest_of(&c));
	c.universe = question_universe(&c.q, judged_ids, n_judged);
	c.whole = n_judged ? question_union(&c.q, judged_ids, n_judged) : VALUE_PERMIT;
	make_side(&c, &c.old);
	make_side(&c, &c.new);

	diagram added = diagram_apply(c.q.m, OP_MINUS, c.new.set, c.old.set);
	diagram removed = diagram_apply(c.q.m, OP_MINUS, c.old.set, c.new.set);
	r.uncertain = c.old.uncertain | c.new.uncertain;
	r.equal = added == VALUE_NONE && removed == VALUE_NONE && !r.uncertain;
	r.added = find_changes(&c, added, &c.new, &r.n_added, &r.more_added);
	r.removed = find_changes(&c, removed, &c.old, &r.n_removed, &r.more_removed);
	r.loses = marks(&c, required_ids, n_required, removed);
	r.gains = marks(&c, required_ids, n_required, added);
	return r;
}
