/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/extract.h"

#include "base/vec.h"
#include "prove/question.h"
#include "prove/regions.h"

static int by_place(const void *x, const void *y)
{
	const struct extracted *a = x, *b = y;
	if (!a->rule || !b->rule)
		return CMP(a->rule == NULL, b->rule == NULL);
	int c = CMP(a->rule->at.line, b->rule->at.line);
	return c ? c : CMP(a->rule->at.column, b->rule->at.column);
}

struct extraction extract(struct arena *a, const struct ruleset *r, const struct interface_map *map,
			  const struct flowbox *judged, size_t n_judged, size_t most)
{
	struct extraction e = { 0 };
	struct question q;
	VEC(struct extracted) v = { 0 };
	uint32_t point[N_DIMS], chain;
	struct reading upper = { .upper = true }, lower = { .upper = false };

	question_begin(&q, a);
	struct box_id *ids = question_add(&q, judged, n_judged);
	struct compiled *code = compile_add(a, q.space, r, map);
	question_freeze(&q);
	compile_make(code, q.m);
	diagram universe = question_universe(&q, ids, n_judged);
	diagram all = diagram_apply(q.m, OP_AND, universe, compiled_permitted(code, upper));
	e.uncertain = r->unknown.n || all != diagram_apply(q.m, OP_AND, universe, compiled_permitted(code, lower));
	if (e.uncertain)
		return e;
	for (diagram left = all; diagram_find(q.m, left, VALUE_PERMIT, point);) {
		struct extracted *x = VEC_ADD(a, &v);
		bool more;
		chain = UINT32_MAX;
		x->rule = compiled_blame(code, point, upper, &chain);
		diagram said = universe;
		bool product = x->rule && (x->rule->action == ACTION_PERMIT || x->rule->action == ACTION_DENY);
		if (product)
			said = diagram_apply(q.m, OP_AND, universe,
					     compiled_rule_match(code, chain, (size_t)(x->rule - r->chains.v[chain].rules.v)));
		/* as much of the rule as passes at all, not only what is left of it: fewer and larger parts */
		diagram own = diagram_apply(q.m, OP_AND, said, all);
		left = diagram_apply(q.m, OP_MINUS, left, own);
		x->whole = product && own == said && !x->rule->match.in.n && !x->rule->match.out.n;
		if (!x->whole) {
			x->regions = regions_of(a, q.space, q.m, own, most, &x->n, &more);
			e.too_many |= more;
		}
	}
	if (v.n)
		sort_items(v.v, v.n, sizeof *v.v, by_place);
	e.v = v.v;
	e.n = v.n;
	return e;
}
