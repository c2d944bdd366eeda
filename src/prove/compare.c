/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/compare.h"

#include "base/vec.h"
#include "flow/compile.h"
#include "prove/regions.h"

enum { REGIONS_OF_A_CHANGE = 8 };

/* One side, in the common space. */
struct sided {
	const struct permits *said;
	struct compiled *code;
	struct box_id *boxes;
	diagram set;
};

struct comparer {
	struct arena *arena;
	struct space *space;
	struct diagrams *m;
	struct sided old, new;
	diagram universe;
	size_t most;
};

static void add_side(struct comparer *c, struct sided *s, const struct permits *p)
{
	s->said = p;
	if (p->rules) {
		s->code = compile_add(c->arena, c->space, p->rules, p->map);
		return;
	}
	s->boxes = ARENA_ARRAY(c->arena, struct box_id, p->n_boxes);
	for (size_t i = 0; i < p->n_boxes; i++)
		s->boxes[i] = space_add_box(c->space, &p->boxes[i]);
}

static diagram union_of(struct comparer *c, const struct box_id *ids, size_t n)
{
	diagram *v = calloc(n + 1, sizeof *v);
	if (!v)
		out_of_memory(n * sizeof *v);
	for (size_t i = 0; i < n; i++)
		v[i] = space_box(c->space, c->m, &ids[i], VALUE_PERMIT);
	diagram all = diagram_fold(c->m, OP_OR, v, n);
	free(v);
	return all;
}

static void make_side(struct comparer *c, struct sided *s)
{
	if (s->code) {
		compile_make(s->code, c->m);
		s->set = compiled_permitted(s->code, (struct reading){ .upper = true });
	} else {
		s->set = union_of(c, s->boxes, s->said->n_boxes);
	}
	s->set = diagram_apply(c->m, OP_AND, s->set, c->universe);
}

static bool is_uncertain(struct comparer *c, struct sided *s)
{
	if (!s->code)
		return false;
	diagram must = compiled_permitted(s->code, (struct reading){ .upper = false });
	return s->said->rules->unknown.n > 0 || diagram_apply(c->m, OP_AND, must, c->universe) != s->set;
}

static struct shown decided(struct comparer *c, struct sided *s, const uint32_t point[N_DIMS])
{
	struct shown r = { .witness = space_packet(c->space, point) };
	uint32_t chain = UINT32_MAX;
	if (!s->code)
		return r;
	r.by = compiled_blame(s->code, point, (struct reading){ .upper = true }, &chain);
	if (chain != UINT32_MAX)
		r.chain = &s->said->rules->chains.v[chain];
	return r;
}

/* The part of a difference that one rule explains: the rule that permits on the side that does. */
static diagram explained(struct comparer *c, struct sided *permits, const struct shown *s)
{
	if (!permits->code || !s->by || s->by->action == ACTION_CALL || s->by->action == ACTION_GOTO)
		return VALUE_PERMIT;
	return compiled_rule_match(permits->code, (uint32_t)(s->chain - permits->said->rules->chains.v),
				   (size_t)(s->by - s->chain->rules.v));
}

static const struct change *find_changes(struct comparer *c, diagram extra, struct sided *permits, size_t *n, bool *more)
{
	VEC(struct change) v = { 0 };
	uint32_t point[N_DIMS];
	*more = false;
	while (diagram_find(c->m, extra, VALUE_PERMIT, point)) {
		if (v.n >= c->most) {
			*more = true;
			break;
		}
		struct change *x = VEC_ADD(c->arena, &v);
		*x = (struct change){ .witness = space_packet(c->space, point),
				      .before = decided(c, &c->old, point),
				      .after = decided(c, &c->new, point) };
		diagram own = explained(c, permits, permits == &c->new ? &x->after : &x->before);
		own = diagram_apply(c->m, OP_AND, extra, own);
		x->regions = regions_of(c->arena, c->space, c->m, own, REGIONS_OF_A_CHANGE, &x->n_regions, &x->more_regions);
		extra = diagram_apply(c->m, OP_MINUS, extra, own);
	}
	*n = v.n;
	return v.v;
}

static void mark(struct comparer *c, const struct box_id *ids, size_t n, diagram set, bool *marks)
{
	for (size_t i = 0; i < n; i++)
		marks[i] = diagram_apply(c->m, OP_AND, space_box(c->space, c->m, &ids[i], VALUE_PERMIT), set) != VALUE_NONE;
}

static void freeze(struct comparer *c, const struct box_id *judged, size_t n_judged)
{
	uint32_t sizes[N_DIMS];
	space_freeze(c->space);
	for (int d = 0; d < N_DIMS; d++)
		sizes[d] = space_size(c->space, (enum dim)d);
	c->m = diagrams_new(c->arena, sizes);
	c->universe = space_possible(c->space, c->m);
	if (n_judged)
		c->universe = diagram_apply(c->m, OP_AND, c->universe, union_of(c, judged, n_judged));
}

static struct box_id *add_boxes(struct comparer *c, const struct flowbox *v, size_t n)
{
	struct box_id *ids = ARENA_ARRAY(c->arena, struct box_id, n);
	for (size_t i = 0; i < n; i++)
		ids[i] = space_add_box(c->space, &v[i]);
	return ids;
}

struct comparison compare(struct arena *a, const struct permits *old, const struct permits *new,
			  const struct flowbox *judged, size_t n_judged, const struct required *required,
			  size_t n_required, size_t most)
{
	struct comparer c = { .arena = a, .space = space_new(a), .most = most };
	struct comparison r = { 0 };

	space_add_possible(c.space);
	struct box_id *judged_ids = add_boxes(&c, judged, n_judged);
	struct box_id *required_ids = ARENA_ARRAY(a, struct box_id, n_required);
	for (size_t i = 0; i < n_required; i++)
		required_ids[i] = space_add_box(c.space, &required[i].box);
	add_side(&c, &c.old, old);
	add_side(&c, &c.new, new);
	freeze(&c, judged_ids, n_judged);
	make_side(&c, &c.old);
	make_side(&c, &c.new);

	diagram added = diagram_apply(c.m, OP_MINUS, c.new.set, c.old.set);
	diagram removed = diagram_apply(c.m, OP_MINUS, c.old.set, c.new.set);
	r.uncertain = is_uncertain(&c, &c.old) | is_uncertain(&c, &c.new);
	r.equal = added == VALUE_NONE && removed == VALUE_NONE && !r.uncertain;
	r.added = find_changes(&c, added, &c.new, &r.n_added, &r.more_added);
	r.removed = find_changes(&c, removed, &c.old, &r.n_removed, &r.more_removed);
	r.loses = ARENA_ARRAY(a, bool, n_required);
	r.gains = ARENA_ARRAY(a, bool, n_required);
	mark(&c, required_ids, n_required, removed, r.loses);
	mark(&c, required_ids, n_required, added, r.gains);
	return r;
}

bool permitted_regions(struct arena *a, const struct ruleset *r, const struct interface_map *map,
		       const struct flowbox *judged, size_t n_judged, size_t most, const struct region **ret, size_t *n,
		       bool *more)
{
	struct comparer c = { .arena = a, .space = space_new(a), .most = most };
	struct permits p = { .rules = r, .map = map };
	space_add_possible(c.space);
	struct box_id *judged_ids = add_boxes(&c, judged, n_judged);
	add_side(&c, &c.new, &p);
	freeze(&c, judged_ids, n_judged);
	make_side(&c, &c.new);
	*ret = regions_of(a, c.space, c.m, c.new.set, most, n, more);
	return !is_uncertain(&c, &c.new);
}
