/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sides painted side by side: the lists of all filters of both sides, the
 * packets that reach each filter, those in question, and the flows of interest.
 */
#include "prove/comparer.h"
#include "prove/regions.h"
#include "prove/sweep/flat.h"
#include "prove/sweep/paint.h"

enum { OLD, NEW, N_SIDES };

enum { NO_LIST = UINT32_MAX };

struct painted_filter {
	struct flat_list flat;
	uint32_t rules, judged; /* which lists; NO_LIST: everything reaches it */
};

struct painted_side {
	struct sided *side;
	struct painted_filter *filters;
	uint32_t boxes; /* which list; NO_LIST: filters decide */
};

/*
 * What decides a packet on one side.  SIZE_MAX: no filter sees it, or boxes decide; then the
 * rule is invalid.
 */
struct ruling {
	bool permits;
	size_t filter;
	uint32_t rule; /* of its flat list */
};

/* A difference that one rule explains: the first packet that was found. */
struct difference {
	uint32_t point[N_DIMS];
	struct ruling by[N_SIDES];
};

/* By the permitting side: by filter and rule of its list, and last what no filter explains. */
struct differences {
	struct difference ***by_rule;
	struct difference *other;
};

struct painted_comparison {
	struct comparer *c;
	VEC(struct painted_list) lists;
	struct painted_side sides[N_SIDES];
	uint32_t asked, required; /* which lists */
	struct painting painting;
	struct differences found[N_SIDES];
	bool *marks[N_SIDES];    /* by flow: overlaps what only that side permits */
	uint32_t *next[N_SIDES]; /* by leaf: the next, itself or later, that only that side permits */
};

static uint32_t add_list(struct painted_comparison *p, const struct box_id *const *boxes, size_t n)
{
	*VEC_ADD(p->c->arena, &p->lists) = (struct painted_list){ .boxes = boxes, .n = n };
	return (uint32_t)p->lists.n - 1;
}

static uint32_t add_boxes(struct painted_comparison *p, const struct box_id *boxes, size_t n)
{
	const struct box_id **pointers = ARENA_ARRAY(p->c->arena, const struct box_id *, n);
	for (size_t i = 0; i < n; i++)
		pointers[i] = &boxes[i];
	return add_list(p, pointers, n);
}

static bool add_filter(struct painted_comparison *p, struct sided *s, size_t i, struct painted_filter *f)
{
	const struct filter *said = &s->said->filters[i];
	struct reading reading = { .upper = true };
	if (said->rules->bases.n != 1 || compiled_has_perhaps(s->filters[i].code) ||
	    !flat_list_of(p->c->arena, s->filters[i].code, said->rules, said->rules->bases.v[0], reading, &f->flat))
		return false;
	f->rules = add_list(p, f->flat.boxes, f->flat.n);
	f->judged = said->n_judged ? add_boxes(p, s->filters[i].judged, said->n_judged) : NO_LIST;
	return true;
}

static bool add_side(struct painted_comparison *p, struct painted_side *ps, struct sided *s)
{
	size_t n = s->said->n_filters;
	ps->side = s;
	ps->boxes = n ? (uint32_t)NO_LIST : add_boxes(p, s->boxes, s->said->n_boxes);
	ps->filters = ARENA_ARRAY(p->c->arena, struct painted_filter, n);
	for (size_t i = 0; i < n; i++)
		if (!add_filter(p, s, i, &ps->filters[i]))
			return false;
	return true;
}

static bool is_in(const struct painted_comparison *p, const struct canvas *c, uint32_t list, uint32_t leaf)
{
	return c->first[list][leaf] < p->lists.v[list].n;
}

/* The first filter that denies the packet, or else the first that permits it. */
static struct ruling judge(const struct painted_comparison *p, const struct painted_side *s, const struct canvas *c,
			   uint32_t leaf)
{
	struct ruling ruling = { .permits = true, .filter = SIZE_MAX };
	if (s->boxes != NO_LIST)
		return (struct ruling){ .permits = is_in(p, c, s->boxes, leaf), .filter = SIZE_MAX };
	for (size_t i = 0; i < s->side->said->n_filters; i++) {
		const struct painted_filter *f = &s->filters[i];
		if (f->judged != NO_LIST && !is_in(p, c, f->judged, leaf))
			continue;
		uint32_t rule = c->first[f->rules][leaf];
		if (f->flat.actions[rule] != ACTION_PERMIT)
			return (struct ruling){ .filter = i, .rule = rule };
		if (ruling.filter == SIZE_MAX)
			ruling = (struct ruling){ .permits = true, .filter = i, .rule = rule };
	}
	return ruling;
}

static struct difference **place_of(struct painted_comparison *p, int side, const struct ruling *ruling)
{
	struct differences *d = &p->found[side];
	if (ruling->filter == SIZE_MAX)
		return &d->other;
	if (!d->by_rule[ruling->filter])
		d->by_rule[ruling->filter] = ARENA_ARRAY(p->c->arena, struct difference *,
							 p->sides[side].filters[ruling->filter].flat.n + 1);
	return &d->by_rule[ruling->filter][ruling->rule];
}

static void differ(struct painted_comparison *p, int side, const struct canvas *c, uint32_t leaf,
		   const struct ruling by[N_SIDES])
{
	struct difference **d = place_of(p, side, &by[side]);
	if (*d)
		return;
	*d = ARENA_NEW(p->c->arena, struct difference);
	memcpy((*d)->by, by, sizeof(*d)->by);
	plane_point(c->plane, c->line, leaf, (*d)->point);
}

static void mark_flows(struct painted_comparison *p, const struct canvas *c)
{
	for (size_t j = canvas_next(c, 0); j < c->plane->n; j = canvas_next(c, j + 1)) {
		const struct placed *placed = &c->plane->v[j];
		size_t list, flow = painting_rule(&p->painting, placed->box, &list);
		for (size_t i = 0; i < placed->dst.n && list == p->required; i++) {
			uint32_t from = MAX(placed->dst.v[i].first, c->from), to = MIN(placed->dst.v[i].last, c->to);
			for (int side = 0; side < N_SIDES && from <= to; side++)
				p->marks[side][flow] |= p->next[side][from] <= to;
		}
	}
}

static void show(void *ctx, const struct canvas *c)
{
	struct painted_comparison *p = ctx;
	uint32_t next[N_SIDES] = { c->to + 1, c->to + 1 };
	for (uint32_t leaf = c->to + 1; leaf-- > c->from;) {
		struct ruling by[N_SIDES];
		for (int side = 0; side < N_SIDES; side++)
			by[side] = judge(p, &p->sides[side], c, leaf);
		if (by[OLD].permits != by[NEW].permits && is_in(p, c, p->asked, leaf)) {
			int side = by[NEW].permits ? NEW : OLD;
			differ(p, side, c, leaf, by);
			next[side] = leaf;
		}
		for (int side = 0; side < N_SIDES; side++)
			p->next[side][leaf] = next[side];
	}
	if (p->c->options->n_required)
		mark_flows(p, c);
}

static struct shown shown_by(const struct painted_comparison *p, int side, const struct difference *d)
{
	const struct ruling *ruling = &d->by[side];
	struct shown r = { .witness = space_packet(p->c->w.space, d->point) };
	if (ruling->filter == SIZE_MAX)
		return r;
	const struct ruleset *rules = p->sides[side].side->said->filters[ruling->filter].rules;
	const struct flat_list *flat = &p->sides[side].filters[ruling->filter].flat;
	r.chain = &rules->chains.v[rules->bases.v[0]];
	r.by = ruling->rule < flat->n ? &r.chain->rules.v[flat->rules[ruling->rule]] : NULL;
	return r;
}

static void add_change(const struct painted_comparison *p, struct changes *all, const struct difference *d)
{
	struct change *change = d ? changes_add(p->c, all) : NULL;
	if (!change)
		return;
	*change = (struct change){
		.regions = region_of_point(p->c->arena, p->c->w.space, d->point),
		.n_regions = 1,
		.more_regions = true,
		.before = shown_by(p, OLD, d),
		.after = shown_by(p, NEW, d),
		.before_filter = d->by[OLD].filter,
		.after_filter = d->by[NEW].filter,
	};
}

static struct changes changes_of(const struct painted_comparison *p, int side)
{
	struct changes all = { .met = p->marks[side] };
	for (size_t i = 0; i < p->sides[side].side->said->n_filters; i++)
		for (size_t j = 0; p->found[side].by_rule[i] && j <= p->sides[side].filters[i].flat.n; j++)
			add_change(p, &all, p->found[side].by_rule[i][j]);
	add_change(p, &all, p->found[side].other);
	return all;
}

/* False when some filter is not a flat list of certain rules. */
static bool make_lists(struct painted_comparison *p)
{
	struct comparer *c = p->c;
	const struct compare_options *o = c->options;
	if (!add_side(p, &p->sides[OLD], &c->old) || !add_side(p, &p->sides[NEW], &c->new))
		return false;
	p->asked = o->n_judged ? add_boxes(p, c->judged, o->n_judged) : add_boxes(p, &c->everything, 1);
	p->required = add_boxes(p, c->required, o->n_required);
	for (int side = 0; side < N_SIDES; side++) {
		p->found[side].by_rule =
			ARENA_ARRAY(c->arena, struct difference **, p->sides[side].side->said->n_filters);
		p->marks[side] = ARENA_ARRAY(c->arena, bool, o->n_required);
		p->next[side] = ARENA_ARRAY(c->arena, uint32_t, space_size(c->w.space, DIM_DST));
	}
	return true;
}

bool compare_by_painting(struct comparer *c, struct comparison *ret)
{
	struct painted_comparison p = { .c = c };
	bool uncertain = false;

	if (!make_lists(&p))
		return false;
	p.painting = (struct painting){
		.workspace = &c->w,
		.lists = p.lists.v,
		.n_lists = p.lists.n,
		.steps = effort_steps(&c->options->effort),
	};
	if (!paint(c->arena, &p.painting, show, &p))
		return false;
	for (int side = 0; side < N_SIDES; side++)
		for (size_t i = 0; i < p.sides[side].side->said->n_filters; i++)
			uncertain |= p.sides[side].side->said->filters[i].rules->unknown.n > 0;
	struct changes added = changes_of(&p, NEW), removed = changes_of(&p, OLD);
	*ret = comparison_of(ENGINE_SWEEP, uncertain, &added, &removed);
	return true;
}
