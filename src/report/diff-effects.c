/* SPDX-License-Identifier: Apache-2.0 */
#include "base/strmap.h"
#include "base/vec.h"
#include "report/diff.h"

/* One host and a function that it uses. */
struct touched {
	struct str function;
	const struct end *end;
};

typedef VEC(struct touched) touched_vec;
typedef VEC(struct effect) effect_vec;

static int touched_cmp(const void *x, const void *y)
{
	const struct touched *a = x, *b = y;
	int c = str_cmp(a->function, b->function);
	c = c ? c : str_cmp(a->end->zone_name, b->end->zone_name);
	return c ? c : str_cmp(a->end->name, b->end->name);
}

static void add_flow(struct arena *a, const struct catalogue *c, const struct flow_change *f, touched_vec *v)
{
	for (size_t i = 0; i < f->item->n_reasons; i++) {
		const struct need *n = f->item->reasons[i].need;
		struct str name = n && n->document->functions ? n->section :
				  f->item->service != NO_SERVICE ? c->services[f->item->service].name : STR("");
		if (name.n)
			*VEC_ADD(a, v) = (struct touched){ name, f->from };
	}
}

/* Sorted, each once. */
static void tidy(touched_vec *v)
{
	size_t n = 0;
	sort_items(v->v, v->n, sizeof *v->v, touched_cmp);
	for (size_t i = 0; i < v->n; i++)
		if (!n || touched_cmp(&v->v[n - 1], &v->v[i]) != 0)
			v->v[n++] = v->v[i];
	v->n = n;
}

/* What is in x and not in y, one effect for each function and zone. */
static void add_effects(struct arena *a, effect_vec *effects, const touched_vec *x, const touched_vec *y, bool stops)
{
	struct effect *e = NULL;
	for (size_t i = 0, k = 0; i < x->n; i++) {
		const struct touched *t = &x->v[i];
		while (k < y->n && touched_cmp(&y->v[k], t) < 0)
			k++;
		if (k < y->n && touched_cmp(&y->v[k], t) == 0)
			continue;
		if (!e || !str_eq(e->function, t->function) || !str_eq(e->zone, t->end->zone_name)) {
			e = VEC_ADD(a, effects);
			*e = (struct effect){ t->function, stops, t->end->zone_name, t->end->name, 0 };
		}
		e->n_hosts++;
	}
}

struct effect *effects_of_rules(struct arena *a, const struct catalogue *c, const struct flow_change *v, size_t n,
				size_t *n_effects)
{
	touched_vec gains = { 0 }, loses = { 0 }, none = { 0 };
	effect_vec effects = { 0 };
	for (size_t i = 0; i < n; i++)
		add_flow(a, c, &v[i], v[i].added ? &gains : &loses);
	tidy(&loses);
	tidy(&gains);
	add_effects(a, &effects, &loses, &none, true);
	/* what loses one flow and gains another does not start */
	add_effects(a, &effects, &gains, &loses, false);
	*n_effects = effects.n;
	return effects.v;
}

struct effect *effects_of_plans(struct arena *a, const struct catalogue *c, const struct flow_changes *old,
				const struct flow_changes *new, const struct flow_changes *changes, size_t *n_effects)
{
	touched_vec before = { 0 }, after = { 0 };
	effect_vec effects = { 0 };
	struct strmap changed = strmap_new(a);
	for (size_t i = 0; i < changes->n; i++)
		if (!changes->v[i].moved)
			strmap_add(&changed, changes->v[i].from->name, (void *)changes->v);
	for (size_t i = 0; i < old->n; i++)
		if (strmap_get(&changed, old->v[i].from->name))
			add_flow(a, c, &old->v[i], &before);
	for (size_t i = 0; i < new->n; i++)
		if (strmap_get(&changed, new->v[i].from->name))
			add_flow(a, c, &new->v[i], &after);
	tidy(&before);
	tidy(&after);
	add_effects(a, &effects, &before, &after, true);
	add_effects(a, &effects, &after, &before, false);
	*n_effects = effects.n;
	return effects.v;
}
