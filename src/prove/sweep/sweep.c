/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/sweep/sweep.h"

#include "base/vec.h"
#include "prove/sweep/plane.h"

enum { NOBODY = UINT32_MAX };

/* Boxes of three kinds are in one list; `which` of them, and the index there. */
enum kind { KIND_RULE, KIND_REQUIRED, KIND_JUDGED };

struct member {
	uint32_t index;
	uint8_t kind;
	const struct placed *placed; /* in the plane at hand */
};

/*
 * What is below a node, for one kind of leaves (those that are judged, or all).
 * Leaves have a grade: 0 not needed, 1 needed by flows that were reported already,
 * 2 needed.  wrong[g]: the first rule that decides some leaf wrongly if every leaf
 * had at least grade g.  last[g]: the last rule that decides a leaf of grade g.
 */
enum { GRADES = 3 };
struct below {
	uint32_t wrong[GRADES]; /* NOBODY: none */
	int64_t last[GRADES];   /* -1: no such leaf */
};

struct heap {
	uint32_t *v;
	uint32_t n, room;
};

struct tree_node {
	struct heap rules, flows; /* that cover all of it; some are gone already */
	uint32_t needed, judged;  /* how many flows and judged boxes cover all of it */
	struct below of[2];       /* judged leaves; all leaves */
};

struct sweeper {
	struct arena *arena, *scratch; /* scratch: of one class */
	const struct sweep_question *q;
	const struct space *space;
	VEC(struct member) members;
	VEC(const struct box_id *) boxes; /* theirs */
	struct classes *classes;
	bool *told_rules, *told_flows;
	uint32_t *rule_runs, *flow_runs; /* how many of their source spans the line is in */
	uint64_t steps;
	void (*show)(void *ctx, const struct sweep_finding *f);
	void *ctx;
	/* of one class and family */
	struct tree_node *nodes;
	struct plane plane;
};

static void add_member(struct sweeper *s, const struct box_id *box, enum kind kind, size_t index)
{
	*VEC_ADD(s->arena, &s->members) = (struct member){ .index = (uint32_t)index, .kind = kind };
	*VEC_ADD(s->arena, &s->boxes) = box;
	classes_add(s->classes, box);
	s->steps++;
}

/* Heaps with lazy deletion: the least member that is still active */

static void heap_add(struct arena *a, struct heap *h, uint32_t item)
{
	if (h->n == h->room) {
		uint32_t room = h->room ? h->room * 2 : 4;
		h->v = arena_grow(a, h->v, h->n, room, sizeof *h->v);
		h->room = room;
	}
	uint32_t i = h->n++;
	for (; i && h->v[(i - 1) / 2] > item; i = (i - 1) / 2)
		h->v[i] = h->v[(i - 1) / 2];
	h->v[i] = item;
}

static void heap_drop(struct heap *h)
{
	uint32_t item = h->v[--h->n], i = 0;
	for (;;) {
		uint32_t j = 2 * i + 1;
		if (j >= h->n)
			break;
		if (j + 1 < h->n && h->v[j + 1] < h->v[j])
			j++;
		if (h->v[j] >= item)
			break;
		h->v[i] = h->v[j];
		i = j;
	}
	if (h->n)
		h->v[i] = item;
}

static uint32_t first_rule(const struct sweeper *s, struct tree_node *n)
{
	while (n->rules.n && !s->rule_runs[n->rules.v[0]])
		heap_drop(&n->rules);
	return n->rules.n ? n->rules.v[0] : NOBODY;
}

static uint32_t first_flow(const struct sweeper *s, struct tree_node *n)
{
	while (n->flows.n && (!s->flow_runs[n->flows.v[0]] || s->told_flows[n->flows.v[0]]))
		heap_drop(&n->flows);
	return n->flows.n ? n->flows.v[0] : NOBODY;
}

/* The tree */

static bool permits(const struct sweeper *s, uint32_t rule)
{
	return rule < s->q->n_rules ? s->q->rules[rule].permits : s->q->permits_rest;
}

static bool is_wrong(const struct sweeper *s, uint32_t rule, int grade)
{
	if (permits(s, rule))
		return grade == 0 && !s->q->only_missing && !s->told_rules[rule];
	return grade == 2;
}

/* A leaf that no rule covers: the default decides it. */
static struct below empty_leaf(const struct sweeper *s, bool counts)
{
	struct below b = { { NOBODY, NOBODY, NOBODY }, { -1, -1, -1 } };
	uint32_t rest = (uint32_t)s->q->n_rules;
	if (!counts)
		return b;
	b.last[0] = rest;
	for (int g = 0; g < GRADES; g++)
		if (is_wrong(s, rest, g))
			b.wrong[g] = rest;
	return b;
}

static struct below both(const struct below *left, const struct below *right)
{
	struct below b;
	for (int g = 0; g < GRADES; g++) {
		b.wrong[g] = MIN(left->wrong[g], right->wrong[g]);
		b.last[g] = MAX(left->last[g], right->last[g]);
	}
	return b;
}

/* Every leaf gets at least this grade. */
static void lift(struct below *b, int grade)
{
	for (int g = 0; g < grade; g++) {
		b->wrong[g] = b->wrong[grade];
		b->last[grade] = MAX(b->last[grade], b->last[g]);
		b->last[g] = -1;
	}
}

/* The first rule that decides wrongly when a rule covers everything below. */
static uint32_t wrong_under(const struct sweeper *s, const struct below *b, int grade, uint32_t rule)
{
	if (rule == NOBODY || b->wrong[grade] < rule)
		return b->wrong[grade];
	for (int g = 0; g < GRADES; g++)
		if (b->last[g] > (int64_t)rule && is_wrong(s, rule, MAX(g, grade)))
			return rule;
	return NOBODY;
}

static void cover(const struct sweeper *s, struct below *b, uint32_t rule)
{
	uint32_t wrong[GRADES];
	for (int g = 0; g < GRADES; g++)
		wrong[g] = wrong_under(s, b, g, rule);
	for (int g = 0; g < GRADES; g++) {
		b->wrong[g] = wrong[g];
		b->last[g] = MIN(b->last[g], (int64_t)rule);
	}
}

static int grade_of(const struct sweeper *s, struct tree_node *n)
{
	return first_flow(s, n) != NOBODY ? 2 : n->needed ? 1 : 0;
}

static void refresh(struct sweeper *s, uint32_t at, bool leaf)
{
	struct tree_node *n = &s->nodes[at];
	uint32_t rule = first_rule(s, n);
	int grade = grade_of(s, n);
	for (int j = 0; j < 2; j++)
		n->of[j] = leaf ? empty_leaf(s, j == 1) : both(&s->nodes[2 * at].of[j], &s->nodes[2 * at + 1].of[j]);
	if (n->judged || n->needed)
		n->of[0] = n->of[1];
	for (int j = 0; j < 2; j++) {
		if (grade)
			lift(&n->of[j], grade);
		if (rule != NOBODY)
			cover(s, &n->of[j], rule);
	}
	s->steps++;
}

enum change { CHANGE_BEGINS, CHANGE_ENDS, CHANGE_NOTHING };

static void touch(struct sweeper *s, struct tree_node *n, const struct member *m, enum change change)
{
	if (change == CHANGE_NOTHING)
		return;
	if (m->kind == KIND_JUDGED) {
		n->judged += change == CHANGE_BEGINS ? 1 : -1u;
	} else if (m->kind == KIND_REQUIRED) {
		n->needed += change == CHANGE_BEGINS ? 1 : -1u;
		if (change == CHANGE_BEGINS && !s->told_flows[m->index])
			heap_add(s->scratch, &n->flows, m->index);
	} else if (change == CHANGE_BEGINS) {
		heap_add(s->scratch, &n->rules, m->index);
	}
}

/* Applies a change of a member to the nodes that make up leaves [from, to]. */
static void update(struct sweeper *s, uint32_t at, uint32_t lo, uint32_t hi, uint32_t from, uint32_t to,
		   const struct member *m, enum change change)
{
	if (from <= lo && hi <= to) {
		touch(s, &s->nodes[at], m, change);
	} else {
		uint32_t mid = lo + (hi - lo) / 2;
		if (from <= mid)
			update(s, 2 * at, lo, mid, from, to, m, change);
		if (to > mid)
			update(s, 2 * at + 1, mid + 1, hi, from, to, m, change);
	}
	refresh(s, at, lo == hi);
}

static void update_all(struct sweeper *s, const struct placed *p, enum change change)
{
	for (size_t i = 0; i < p->dst.n; i++)
		update(s, 1, 0, s->plane.n_leaves - 1, p->dst.v[i].first, p->dst.v[i].last, &s->members.v[p->box],
		       change);
}

/* Finding what is wrong */

struct finding {
	uint32_t leaf, rule, flow;
	int grade;
};

static struct finding descend(struct sweeper *s)
{
	uint32_t at = 1, lo = 0, hi = s->plane.n_leaves - 1, rule = NOBODY, flow = NOBODY;
	bool all = false;
	int grade = 0;
	for (;;) {
		struct tree_node *n = &s->nodes[at];
		rule = MIN(rule, first_rule(s, n));
		flow = MIN(flow, first_flow(s, n));
		grade = MAX(grade, grade_of(s, n));
		all |= n->judged || n->needed;
		if (lo == hi)
			break;
		uint32_t mid = lo + (hi - lo) / 2;
		bool left = wrong_under(s, &s->nodes[2 * at].of[all], grade, rule) != NOBODY;
		at = 2 * at + !left;
		if (left)
			hi = mid;
		else
			lo = mid + 1;
	}
	return (struct finding){ lo, MIN(rule, (uint32_t)s->q->n_rules), flow, grade };
}

static void tell(struct sweeper *s, uint32_t line)
{
	struct finding f = descend(s);
	bool surplus = permits(s, f.rule);
	assert(is_wrong(s, f.rule, f.grade));
	struct sweep_finding found = { .rule = f.rule, .required = surplus ? UINT32_MAX : f.flow };
	plane_point(&s->plane, line, f.leaf, found.point);
	s->show(s->ctx, &found);
	if (surplus) {
		s->told_rules[f.rule] = true;
		if (f.rule < s->q->n_rules) {
			update_all(s, s->members.v[f.rule].placed, CHANGE_NOTHING);
			return;
		}
		/* every leaf that nothing covers changes */
		for (uint32_t i = 0; i < s->plane.n_leaves; i++)
			update(s, 1, 0, s->plane.n_leaves - 1, i, i, NULL, CHANGE_NOTHING);
	} else {
		s->told_flows[f.flow] = true;
		update_all(s, s->members.v[s->q->n_rules + f.flow].placed, CHANGE_NOTHING);
	}
}

/* One class */

static void build(struct sweeper *s, uint32_t at, uint32_t lo, uint32_t hi)
{
	if (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		build(s, 2 * at, lo, mid);
		build(s, 2 * at + 1, mid + 1, hi);
	}
	refresh(s, at, lo == hi);
}

static void happen(struct sweeper *s, const struct placed *p, bool begins)
{
	const struct member *m = &s->members.v[p->box];
	uint32_t *runs = m->kind == KIND_RULE       ? &s->rule_runs[m->index]
			 : m->kind == KIND_REQUIRED ? &s->flow_runs[m->index]
						    : NULL;
	if (runs)
		*runs += begins ? 1 : -1u;
	update_all(s, p, begins ? CHANGE_BEGINS : CHANGE_ENDS);
}

static bool sweep_plane(struct sweeper *s)
{
	const struct plane *p = &s->plane;
	if (!p->n)
		return true;
	s->nodes = ARENA_ARRAY(s->scratch, struct tree_node, 4 * (size_t)p->n_leaves);
	build(s, 1, 0, p->n_leaves - 1);
	for (size_t i = 0; i < p->n; i++)
		s->members.v[p->v[i].box].placed = &p->v[i];
	for (size_t i = 0; i < p->n_events && s->steps <= s->q->steps;) {
		uint32_t line = p->events[i].at;
		for (; i < p->n_events && p->events[i].at == line; i++)
			happen(s, &p->v[p->events[i].placed], p->events[i].begins);
		while (s->nodes[1].of[0].wrong[0] != NOBODY && s->steps <= s->q->steps)
			tell(s, line);
	}
	for (size_t i = 0; i < p->n; i++) {
		const struct member *m = &s->members.v[p->v[i].box];
		if (m->kind == KIND_RULE)
			s->rule_runs[m->index] = 0;
		if (m->kind == KIND_REQUIRED)
			s->flow_runs[m->index] = 0;
	}
	return s->steps <= s->q->steps;
}

bool sweep(struct arena *a, const struct sweep_question *q, void (*show)(void *ctx, const struct sweep_finding *f),
	   void *ctx)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	struct sweeper s = {
		.arena = a, .scratch = scratch, .q = q, .space = q->workspace->space, .show = show, .ctx = ctx
	};
	bool ok = true;

	s.classes = classes_new(a, s.space);
	s.told_rules = ARENA_ARRAY(a, bool, q->n_rules + 1);
	s.told_flows = ARENA_ARRAY(a, bool, q->n_required);
	s.rule_runs = ARENA_ARRAY(a, uint32_t, q->n_rules + 1);
	s.flow_runs = ARENA_ARRAY(a, uint32_t, q->n_required);
	for (size_t i = 0; i < q->n_rules; i++)
		add_member(&s, q->rules[i].box, KIND_RULE, i);
	for (size_t i = 0; i < q->n_required; i++)
		add_member(&s, &q->required[i], KIND_REQUIRED, i);
	for (size_t i = 0; i < q->n_judged; i++)
		add_member(&s, &q->judged[i], KIND_JUDGED, i);
	if (!classes_make(s.classes, &s.steps, q->steps))
		return false;
	for (size_t c = 0; c < classes_count(s.classes) && ok; c++)
		for (int f = IPV4; f <= IPV6 && ok; f++) {
			const struct class *class = classes_at(s.classes, c);
			if (!(class->families >> f & 1))
				continue;
			s.plane = plane_of(scratch, s.space, s.classes, class, (enum family)f, s.boxes.v);
			s.steps += class->room;
			ok = sweep_plane(&s);
			arena_reset(scratch);
		}
	return ok;
}
