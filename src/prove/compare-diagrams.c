/* SPDX-License-Identifier: Apache-2.0 */
/* Two sides as sets of packets, subtracted from each other. */
#include "prove/comparer.h"
#include "prove/regions.h"

enum { REGIONS_OF_A_CHANGE = 8 };

static void make_filter(struct comparer *c, struct sided *s, size_t i)
{
	struct filtered *f = &s->filters[i];
	const struct filter *said = &s->said->filters[i];
	struct reading upper = { .upper = true }, lower = { .upper = false };

	compile_make(f->code, c->w.m);
	diagram seen = diagram_apply(c->w.m, OP_AND, c->universe, workspace_universe(&c->w, f->judged, said->n_judged));
	f->outside = diagram_apply(c->w.m, OP_MINUS, c->universe, seen);
	f->permitted = diagram_apply(c->w.m, OP_AND, compiled_permitted(f->code, upper), seen);
	s->uncertain |= said->rules->unknown.n > 0 ||
			diagram_apply(c->w.m, OP_AND, compiled_permitted(f->code, lower), seen) != f->permitted;
	s->set = diagram_apply(c->w.m, OP_AND, s->set, diagram_apply(c->w.m, OP_OR, f->permitted, f->outside));
}

static void make_side(struct comparer *c, struct sided *s)
{
	s->set = c->universe;
	if (!s->said->n_filters)
		s->set = diagram_apply(c->w.m, OP_AND, c->universe, workspace_union(&c->w, s->boxes, s->said->n_boxes));
	for (size_t i = 0; i < s->said->n_filters; i++)
		make_filter(c, s, i);
}

/* The filter that decides a point: the first that denies it, or else the first that permits it. */
static size_t deciding(const struct comparer *c, const struct sided *s, const uint32_t point[N_DIMS])
{
	size_t first = SIZE_MAX;
	for (size_t i = 0; i < s->said->n_filters; i++) {
		const struct filtered *f = &s->filters[i];
		if (diagram_at(c->w.m, f->outside, point) == VALUE_PERMIT)
			continue;
		if (diagram_at(c->w.m, f->permitted, point) != VALUE_PERMIT)
			return i;
		first = MIN(first, i);
	}
	return first;
}

static struct shown decided(struct comparer *c, struct sided *s, const uint32_t point[N_DIMS], size_t *filter)
{
	struct shown r = { .witness = space_packet(c->w.space, point) };
	uint32_t chain = UINT32_MAX;
	*filter = deciding(c, s, point);
	if (*filter == SIZE_MAX)
		return r;
	r.by = compiled_blame(s->filters[*filter].code, point, (struct reading){ .upper = true }, &chain);
	if (chain != UINT32_MAX)
		r.chain = &s->said->filters[*filter].rules->chains.v[chain];
	return r;
}

/* What one rule of a side matches; everything when there is no rule to name. */
static diagram match_of(const struct sided *s, size_t filter, const struct decided *d)
{
	if (!d->by || d->by->action == ACTION_CALL || d->by->action == ACTION_GOTO)
		return VALUE_PERMIT;
	const struct chain *chain = &s->said->filters[filter].rules->chains.v[d->chain];
	return compiled_rule_match(s->filters[filter].code, d->chain, (size_t)(d->by - chain->rules.v));
}

/* own: a part of the difference that one rule explains, which matches `match`. */
static void add_change(struct comparer *c, struct changes *all, diagram own, diagram match)
{
	uint32_t point[N_DIMS];
	if (!workspace_find(&c->w, own, point))
		return;
	struct change *change = changes_add(c, all);
	if (!change)
		return;
	change->before = decided(c, &c->old, point, &change->before_filter);
	change->after = decided(c, &c->new, point, &change->after_filter);
	diagram loose = workspace_loosely(&c->w, own, diagram_apply(c->w.m, OP_AND, match, c->whole));
	change->regions = regions_of(c->arena, c->w.space, c->w.m, loose, REGIONS_OF_A_CHANGE, &change->n_regions,
				     &change->more_regions);
}

/* The required flows that a set overlaps. */
static bool *met_by(struct comparer *c, diagram set)
{
	bool *met = ARENA_ARRAY(c->arena, bool, c->options->n_required);
	for (size_t i = 0; i < c->options->n_required && set != VALUE_NONE; i++) {
		diagram flow = space_box(c->w.space, c->w.m, &c->required[i], VALUE_PERMIT);
		met[i] = diagram_apply(c->w.m, OP_AND, flow, set) != VALUE_NONE;
	}
	return met;
}

/*
 * Partitioned by the rules that permit it on the side that does: those of the first filter
 * that sees it.
 */
static struct changes find_changes(struct comparer *c, diagram extra, const struct sided *permits)
{
	struct changes all = { .met = met_by(c, extra) };
	for (size_t i = 0; i < permits->said->n_filters && extra != VALUE_NONE; i++) {
		const struct filtered *f = &permits->filters[i];
		diagram past = diagram_apply(c->w.m, OP_AND, extra, f->outside);
		size_t n, room = c->most - MIN(c->most, all.v.n);
		bool more;
		const struct decided *parts = compiled_split(f->code, diagram_apply(c->w.m, OP_MINUS, extra, past),
							     (struct reading){ .upper = true }, room, &n, &more);
		for (size_t j = 0; j < n; j++)
			add_change(c, &all, parts[j].set, match_of(permits, i, &parts[j]));
		all.more |= more;
		extra = all.more ? VALUE_NONE : past;
	}
	add_change(c, &all, extra, VALUE_PERMIT);
	return all;
}

bool compare_by_diagrams(struct comparer *c, size_t runs, struct comparison *ret)
{
	const struct compare_options *o = c->options;
	diagrams_limit(c->w.m, runs);
	c->universe = workspace_universe(&c->w, c->judged, o->n_judged);
	c->whole = o->n_judged ? workspace_union(&c->w, c->judged, o->n_judged) : VALUE_PERMIT;
	make_side(c, &c->old);
	make_side(c, &c->new);

	diagram added = diagram_apply(c->w.m, OP_MINUS, c->new.set, c->old.set);
	diagram removed = diagram_apply(c->w.m, OP_MINUS, c->old.set, c->new.set);
	struct changes more = find_changes(c, added, &c->new), fewer = find_changes(c, removed, &c->old);
	*ret = comparison_of(ENGINE_DIAGRAMS, c->old.uncertain || c->new.uncertain, &more, &fewer);
	return !diagrams_exhausted(c->w.m);
}
