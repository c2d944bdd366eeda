/* SPDX-License-Identifier: Apache-2.0 */
/* Two sides in their workspace, and the engines in their order (prove/engine.h). */
#include "prove/comparer.h"

static void add_side(struct comparer *c, struct sided *s, const struct permits *p)
{
	s->said = p;
	s->boxes = workspace_add(&c->w, p->boxes, p->n_boxes);
	s->filters = ARENA_ARRAY(c->arena, struct filtered, p->n_filters);
	for (size_t i = 0; i < p->n_filters; i++) {
		s->filters[i].judged = workspace_add(&c->w, p->filters[i].judged, p->filters[i].n_judged);
		s->filters[i].code = compile_add(c->arena, c->w.space, p->filters[i].rules, p->filters[i].map);
	}
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

/* False when no engine came to an end. */
static bool ask(struct comparer *c, const struct effort *e, struct comparison *ret)
{
	if (e->engine == ENGINE_SWEEP && compare_by_painting(c, ret))
		return true;
	return compare_by_diagrams(c, effort_most_runs(e), ret) ||
	       (e->engine == ENGINE_AUTO && compare_by_painting(c, ret));
}

struct comparison compare_packets(struct arena *a, const struct permits *old, const struct permits *new,
				  const struct compare_options *options)
{
	static const struct compare_options usual = { 0 };
	const struct compare_options *o = options ? options : &usual;
	struct comparer c = { .arena = a, .options = o, .most = o->most ? o->most : SIZE_MAX };
	struct flowbox everything = flowbox_all(a);
	struct comparison r;

	workspace_begin(&c.w, a);
	c.everything = space_add_box(c.w.space, &everything);
	c.judged = workspace_add(&c.w, o->judged, o->n_judged);
	c.required = ARENA_ARRAY(a, struct box_id, o->n_required);
	for (size_t i = 0; i < o->n_required; i++)
		c.required[i] = space_add_box(c.w.space, &o->required[i].box);
	add_side(&c, &c.old, old);
	add_side(&c, &c.new, new);
	workspace_freeze(&c.w, longest_of(&c));
	if (ask(&c, &o->effort, &r))
		return r;
	return (struct comparison){
		.gave_up = true,
		.uncertain = true,
		.loses = ARENA_ARRAY(a, bool, o->n_required),
		.gains = ARENA_ARRAY(a, bool, o->n_required),
	};
}
