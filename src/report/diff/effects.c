/* SPDX-License-Identifier: Apache-2.0 */
#include "base/strmap.h"
#include "base/vec.h"
#include "report/diff/diff.h"

/* One host and a function that it uses. */
struct touched {
	struct str function;
	struct str towards; /* as of an effect */
	const struct endpoint *end;
	const struct endpoint *to; /* NULL: all */
};

typedef VEC(struct touched) touched_vec;
typedef VEC(struct effect) effect_vec;

static int touched_cmp(const void *left, const void *right)
{
	const struct touched *a = left, *b = right;
	int c = str_cmp(a->function, b->function);
	c = c ? c : str_cmp(a->towards, b->towards);
	c = c ? c : str_cmp(a->end->zone_name, b->end->zone_name);
	c = c ? c : str_cmp(a->end->name, b->end->name);
	return c || !a->to ? c : str_cmp(a->to->name, b->to->name);
}

static void add_flow(struct arena *a, const struct catalogue *c, const struct flow_change *f, const struct endpoint *to,
		     touched_vec *touched)
{
	for (size_t i = 0; i < f->item->n_reasons; i++) {
		const struct need *n = f->item->reasons[i].need;
		struct str name = !n                               ? f->item->reasons[i].hand->why.s
				  : n->document->functions         ? n->section
				  : f->item->service != NO_SERVICE ? c->services[f->item->service].name
								   : STR("");
		if (name.n)
			*VEC_ADD(a, touched) = (struct touched){ name, NO_STR, f->from, to };
	}
}

/* Sorted, each once. */
static void tidy(touched_vec *touched)
{
	size_t n = 0;
	sort_items(touched->v, touched->n, sizeof *touched->v, touched_cmp);
	for (size_t i = 0; i < touched->n; i++)
		if (!n || touched_cmp(&touched->v[n - 1], &touched->v[i]) != 0)
			touched->v[n++] = touched->v[i];
	touched->n = n;
}

/* What is in left and not in right, one effect for each function and zone. */
static void add_effects(struct arena *a, effect_vec *effects, const touched_vec *left, const touched_vec *right,
			bool stops)
{
	struct effect *e = NULL;
	for (size_t i = 0, j = 0; i < left->n; i++) {
		const struct touched *t = &left->v[i];
		while (j < right->n && touched_cmp(&right->v[j], t) < 0)
			j++;
		if (j < right->n && touched_cmp(&right->v[j], t) == 0)
			continue;
		if (!e || !str_eq(e->function, t->function) || !str_eq(e->towards, t->towards) ||
		    !str_eq(e->zone, t->end->zone_name)) {
			e = VEC_ADD(a, effects);
			*e = (struct effect){ t->function, stops, t->towards, t->end->zone_name, t->end->name, 0 };
		}
		e->n_hosts++;
	}
}

static bool same_use(const struct touched *a, const struct touched *b)
{
	return str_eq(a->function, b->function) && str_eq(a->end->name, b->end->name);
}

/* "dc1", "dc1, dc2", "5 hosts" */
static struct str name_ends(struct arena *a, const struct touched *touched, size_t n)
{
	if (n == 1)
		return touched->to->name;
	if (n == 2)
		return str_printf(a, "%.*s, %.*s", STR_ARG(touched[0].to->name), STR_ARG(touched[1].to->name));
	return str_printf(a, "%zu hosts", n);
}

/*
 * What stops, one for each host and function; it names the destinations where the function
 * keeps its flows to others.
 */
static void sum_up(struct arena *a, const touched_vec *loses, const touched_vec *kept, touched_vec *ret)
{
	for (size_t i = 0, end, j = 0; i < loses->n; i = end) {
		bool others = false;
		for (end = i + 1; end < loses->n && same_use(&loses->v[i], &loses->v[end]); end++)
			;
		while (j < kept->n && touched_cmp(&kept->v[j], &loses->v[i]) < 0 &&
		       !same_use(&kept->v[j], &loses->v[i]))
			j++;
		for (size_t lost = i; j < kept->n && same_use(&kept->v[j], &loses->v[i]); j++) {
			while (lost < end && touched_cmp(&loses->v[lost], &kept->v[j]) < 0)
				lost++;
			others |= lost == end || touched_cmp(&loses->v[lost], &kept->v[j]) != 0;
		}
		struct touched *t = VEC_ADD(a, ret);
		*t = (struct touched){ loses->v[i].function, NO_STR, loses->v[i].end, NULL };
		if (others)
			t->towards = name_ends(a, &loses->v[i], end - i);
	}
	tidy(ret);
}

struct effect *effects_of_rules(struct arena *a, const struct catalogue *c, const struct flow_changes *changes,
				const struct flow_changes *kept, size_t *n_effects)
{
	touched_vec gains = { 0 }, loses = { 0 }, losers = { 0 }, keeps = { 0 }, stops = { 0 }, none = { 0 };
	effect_vec effects = { 0 };
	for (size_t i = 0; i < changes->n; i++) {
		const struct flow_change *f = &changes->v[i];
		add_flow(a, c, f, NULL, f->added ? &gains : &losers);
		if (!f->added)
			add_flow(a, c, f, f->to, &loses);
	}
	for (size_t i = 0; i < kept->n; i++)
		add_flow(a, c, &kept->v[i], kept->v[i].to, &keeps);
	tidy(&loses);
	tidy(&losers);
	tidy(&keeps);
	tidy(&gains);
	sum_up(a, &loses, &keeps, &stops);
	add_effects(a, &effects, &stops, &none, true);
	/* a function that loses one flow and gains another does not start */
	add_effects(a, &effects, &gains, &losers, false);
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
			add_flow(a, c, &old->v[i], NULL, &before);
	for (size_t i = 0; i < new->n; i++)
		if (strmap_get(&changed, new->v[i].from->name))
			add_flow(a, c, &new->v[i], NULL, &after);
	tidy(&before);
	tidy(&after);
	add_effects(a, &effects, &before, &after, true);
	add_effects(a, &effects, &after, &before, false);
	*n_effects = effects.n;
	return effects.v;
}
