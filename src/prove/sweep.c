/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/sweep.h"

#include "base/hash.h"
#include "base/strmap.h"
#include "base/vec.h"

enum {
	MOST_CELLS = 1 << 22,	/* of services */
	NOBODY = UINT32_MAX,
};

/* Boxes of three kinds lie in one list; `which` of them, and the index there. */
enum kind { KIND_RULE, KIND_REQUIRED, KIND_JUDGED };

struct member {
	const struct box_id *box;
	uint32_t index;
	uint8_t kind;
	uint32_t seen;	/* the class that took it last, + 1 */
	struct placed *placed;	/* there */
};

/* A product of protocol, port and source port sets, and whose boxes have it. */
struct triple {
	struct service_ids ids;
	VEC(uint32_t) members;
};

/* Cells that no triple tells apart. */
struct class {
	uint64_t a, b;
	uint32_t cell[3];	/* one of them: protocol, port, source port */
	uint32_t size;
	uint8_t families;	/* a bit each: packets of the family can be */
	VEC(uint32_t) triples;
};

/*
 * What is below a node, of one sort of leaves (those that are judged, or all).
 * Leaves have a grade: 0 not needed, 1 needed by flows that were told already,
 * 2 needed.  wrong[g]: the first rule that decides some leaf wrongly if every leaf
 * had at least grade g.  last[g]: the last rule that decides a leaf of grade g.
 */
enum { GRADES = 3 };
struct below {
	uint32_t wrong[GRADES];	/* NOBODY: none */
	int64_t last[GRADES];	/* -1: no such leaf */
};

struct heap {
	uint32_t *v;
	uint32_t n, room;
};

struct tree_node {
	struct heap rules, flows;	/* that cover all of it; some are gone already */
	uint32_t needed, judged;	/* how many flows and judged boxes cover all of it */
	struct below of[2];		/* judged leaves; all leaves */
};

struct event {
	uint32_t at;
	uint32_t member;	/* in the class's list */
	bool begins;
};

struct sweeper {
	struct arena *arena, *scratch;	/* scratch: of one class */
	const struct sweep_question *q;
	const struct space *space;
	VEC(struct member) members;
	VEC(struct triple) triples;
	struct strmap triple_numbers;	/* + 1, by their ids' bytes */
	VEC(struct class) classes;
	uint32_t protocols[3];	/* sizes: protocol, port, source port */
	bool *told_rules, *told_flows;
	uint32_t *rule_runs, *flow_runs;	/* how many of their source spans the line is in */
	uint64_t steps;
	void (*show)(void *ctx, const struct sweep_finding *f);
	void *ctx;
	/* of one class and family */
	struct tree_node *nodes;
	uint32_t *cuts;		/* where leaves begin, as destination coordinates */
	uint32_t n_leaves;
	const struct class *class;
};

/* Classes */

static void add_member(struct sweeper *s, const struct box_id *box, enum kind kind, size_t index)
{
	uint32_t number = (uint32_t)s->members.n;
	*VEC_ADD(s->arena, &s->members) = (struct member){ .box = box, .index = (uint32_t)index, .kind = kind };
	for (size_t i = 0; i < box->n_services; i++) {
		const struct service_ids *ids = &box->services[i];
		struct str key = { (const char *)ids, sizeof *ids };
		uintptr_t known = (uintptr_t)strmap_get(&s->triple_numbers, key);
		if (!known) {
			VEC_ADD(s->arena, &s->triples)->ids = *ids;
			known = s->triples.n;
			strmap_add(&s->triple_numbers, key, (void *)known);
		}
		*VEC_ADD(s->arena, &s->triples.v[known - 1].members) = number;
		s->steps++;
	}
}

static const enum dim service_dims[3] = { DIM_PROTOCOL, DIM_PORT, DIM_SPORT };

static void triple_spans(const struct sweeper *s, const struct triple *t, struct spans ret[3])
{
	const set_id ids[3] = { t->ids.protocol, t->ids.port, t->ids.sport };
	for (int d = 0; d < 3; d++)
		ret[d] = space_spans(s->space, service_dims[d], ids[d]);
}

static bool spans_hold(struct spans s, uint32_t at)
{
	size_t lo = 0, hi = s.n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (s.v[mid].last < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s.n && s.v[lo].first <= at;
}

static size_t spans_size(struct spans s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.v[i].last - s.v[i].first + 1;
	return n;
}

struct grid {
	uint64_t *a, *b;
	size_t stride[3];
	uint32_t size[3];
};

static void add_corner(struct grid *g, const uint32_t at[3], uint64_t a, uint64_t b, bool minus)
{
	for (int d = 0; d < 3; d++)
		if (at[d] == g->size[d])
			return;
	size_t i = at[0] * g->stride[0] + at[1] * g->stride[1] + at[2];
	g->a[i] += minus ? -a : a;
	g->b[i] += minus ? -b : b;
}

static void add_triple(struct sweeper *s, struct grid *g, const struct spans spans[3], uint64_t a, uint64_t b)
{
	for (size_t i = 0; i < spans[0].n; i++)
		for (size_t k = 0; k < spans[1].n; k++)
			for (size_t m = 0; m < spans[2].n; m++)
				for (unsigned corner = 0; corner < 8; corner++) {
					const struct span *p[3] = { &spans[0].v[i], &spans[1].v[k], &spans[2].v[m] };
					uint32_t at[3];
					for (int d = 0; d < 3; d++)
						at[d] = corner >> d & 1 ? p[d]->last + 1 : p[d]->first;
					add_corner(g, at, a, b, __builtin_popcount(corner) & 1);
					s->steps++;
				}
}

static void sum_up(struct grid *g)
{
	for (int d = 0; d < 3; d++)
		for (size_t i = 0; i < (size_t)g->size[0] * g->size[1] * g->size[2]; i++) {
			size_t at = i / g->stride[d] % g->size[d];
			if (at) {
				g->a[i] += g->a[i - g->stride[d]];
				g->b[i] += g->b[i - g->stride[d]];
			}
		}
}

/* The families that packets of a cell can be of. */
static uint8_t families_of(const struct packet *protocol, const struct packet *port, const struct packet *sport)
{
	struct packet p = { .protocol = protocol->protocol, .port = port->port, .sport = sport->sport };
	uint8_t r = 0;
	for (int f = IPV4; f <= IPV6; f++) {
		p.src.family = p.dst.family = (enum family)f;
		r |= (uint8_t)(packet_is_possible(&p) << f);
	}
	return r;
}

/* One packet for each coordinate of a field. */
static struct packet *typical(struct sweeper *s, enum dim d)
{
	uint32_t n = space_size(s->space, d), point[N_DIMS] = { 0 };
	struct packet *v = ARENA_ARRAY(s->arena, struct packet, n);
	for (uint32_t i = 0; i < n; i++) {
		point[d] = i;
		v[i] = space_packet(s->space, point);
	}
	return v;
}

static void group_cells(struct sweeper *s, const struct grid *g)
{
	struct packet *typicals[3];
	size_t cells = (size_t)g->size[0] * g->size[1] * g->size[2], room = 64;
	while (room < 4 * cells)
		room *= 2;
	uint32_t *table = ARENA_ARRAY(s->arena, uint32_t, room);
	for (int d = 0; d < 3; d++)
		typicals[d] = typical(s, service_dims[d]);
	for (size_t i = 0; i < cells; i++) {
		uint32_t cell[3];
		for (int d = 0; d < 3; d++)
			cell[d] = (uint32_t)(i / g->stride[d] % g->size[d]);
		uint8_t families = families_of(&typicals[0][cell[0]], &typicals[1][cell[1]], &typicals[2][cell[2]]);
		size_t at = hash_mix(g->a[i], g->b[i] ^ families) & (room - 1);
		struct class *c = NULL;
		for (; table[at] && !c; at = (at + 1) & (room - 1)) {
			struct class *k = &s->classes.v[table[at] - 1];
			if (k->a == g->a[i] && k->b == g->b[i] && k->families == families)
				c = k;
		}
		if (!c) {
			c = VEC_ADD(s->arena, &s->classes);
			*c = (struct class){ .a = g->a[i], .b = g->b[i], .families = families };
			memcpy(c->cell, cell, sizeof cell);
			table[at] = (uint32_t)s->classes.n;
		}
		c->size++;
	}
}

/*
 * Which triples each class has, by its one cell.  False when a class holds cells
 * that some triple does tell apart: its sums lied (see flow/space.c).
 */
static bool check_classes(struct sweeper *s)
{
	for (size_t t = 0; t < s->triples.n; t++) {
		struct spans spans[3];
		size_t held = 0;
		triple_spans(s, &s->triples.v[t], spans);
		for (size_t c = 0; c < s->classes.n; c++) {
			struct class *k = &s->classes.v[c];
			s->steps++;
			if (!spans_hold(spans[0], k->cell[0]) || !spans_hold(spans[1], k->cell[1]) ||
			    !spans_hold(spans[2], k->cell[2]))
				continue;
			held += k->size;
			*VEC_ADD(s->arena, &k->triples) = (uint32_t)t;
		}
		if (held != spans_size(spans[0]) * spans_size(spans[1]) * spans_size(spans[2]))
			return false;
	}
	return true;
}

static bool make_classes(struct sweeper *s)
{
	struct grid g = { 0 };
	uint64_t state = 0x7377656570, cells = 1;
	for (int d = 0; d < 3; d++) {
		g.size[d] = space_size(s->space, service_dims[d]);
		cells *= g.size[d];
	}
	if (cells > MOST_CELLS)
		return false;
	g.stride[0] = (size_t)g.size[1] * g.size[2];
	g.stride[1] = g.size[2];
	g.stride[2] = 1;
	g.a = ARENA_ARRAY(s->arena, uint64_t, cells);
	g.b = ARENA_ARRAY(s->arena, uint64_t, cells);
	for (size_t t = 0; t < s->triples.n; t++) {
		struct spans spans[3];
		triple_spans(s, &s->triples.v[t], spans);
		uint64_t a = hash_next(&state), b = hash_next(&state);
		add_triple(s, &g, spans, a, b);
		if (s->steps > s->q->steps)
			return false;
	}
	sum_up(&g);
	group_cells(s, &g);
	return check_classes(s);
}

/* Heaps whose least member counts, when it is still there */

static void heap_add(struct arena *a, struct heap *h, uint32_t x)
{
	if (h->n == h->room) {
		uint32_t room = h->room ? h->room * 2 : 4;
		h->v = arena_grow(a, h->v, h->n, room, sizeof *h->v);
		h->room = room;
	}
	uint32_t i = h->n++;
	for (; i && h->v[(i - 1) / 2] > x; i = (i - 1) / 2)
		h->v[i] = h->v[(i - 1) / 2];
	h->v[i] = x;
}

static void heap_drop(struct heap *h)
{
	uint32_t x = h->v[--h->n], i = 0;
	for (;;) {
		uint32_t k = 2 * i + 1;
		if (k >= h->n)
			break;
		if (k + 1 < h->n && h->v[k + 1] < h->v[k])
			k++;
		if (h->v[k] >= x)
			break;
		h->v[i] = h->v[k];
		i = k;
	}
	if (h->n)
		h->v[i] = x;
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

/* A leaf that nothing covers: what no rule matches decides it. */
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

static struct below both(const struct below *x, const struct below *y)
{
	struct below b;
	for (int g = 0; g < GRADES; g++) {
		b.wrong[g] = MIN(x->wrong[g], y->wrong[g]);
		b.last[g] = MAX(x->last[g], y->last[g]);
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
	for (int k = 0; k < 2; k++)
		n->of[k] = leaf ? empty_leaf(s, k == 1) : both(&s->nodes[2 * at].of[k], &s->nodes[2 * at + 1].of[k]);
	if (n->judged || n->needed)
		n->of[0] = n->of[1];
	for (int k = 0; k < 2; k++) {
		if (grade)
			lift(&n->of[k], grade);
		if (rule != NOBODY)
			cover(s, &n->of[k], rule);
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

/* Works a change of a member into the nodes that make up leaves [from, to]. */
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

static uint32_t leaf_at(const struct sweeper *s, uint32_t coordinate)
{
	uint32_t lo = 0, hi = s->n_leaves - 1;
	while (lo < hi) {
		uint32_t mid = hi - (hi - lo) / 2;
		if (s->cuts[mid] <= coordinate)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

/* The part of a member's destinations that its kind looks at: what is needed or judged is of one family. */
static struct spans part(struct sweeper *s, struct spans v, struct spans family)
{
	VEC(struct span) r = { 0 };
	for (size_t i = 0, k = 0; i < v.n && k < family.n;) {
		uint32_t first = MAX(v.v[i].first, family.v[k].first), last = MIN(v.v[i].last, family.v[k].last);
		if (first <= last)
			*VEC_ADD(s->scratch, &r) = (struct span){ first, last };
		if (v.v[i].last < family.v[k].last)
			i++;
		else
			k++;
	}
	return (struct spans){ r.v, r.n };
}

struct placed {
	struct member *member;
	struct spans src, dst;
};

static void update_all(struct sweeper *s, const struct placed *p, enum change change)
{
	for (size_t i = 0; i < p->dst.n; i++)
		update(s, 1, 0, s->n_leaves - 1, leaf_at(s, p->dst.v[i].first), leaf_at(s, p->dst.v[i].last), p->member, change);
}

/* Finding what is wrong */

struct finding {
	uint32_t leaf, rule, flow;
	int grade;
};

static struct finding descend(struct sweeper *s)
{
	uint32_t at = 1, lo = 0, hi = s->n_leaves - 1, rule = NOBODY, flow = NOBODY;
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
	found.point[DIM_PROTOCOL] = s->class->cell[0];
	found.point[DIM_PORT] = s->class->cell[1];
	found.point[DIM_SPORT] = s->class->cell[2];
	found.point[DIM_SRC] = line;
	found.point[DIM_DST] = s->cuts[f.leaf];
	s->show(s->ctx, &found);
	if (surplus) {
		s->told_rules[f.rule] = true;
		if (f.rule < s->q->n_rules) {
			update_all(s, s->members.v[f.rule].placed, CHANGE_NOTHING);
			return;
		}
		/* every leaf that nothing covers changes */
		for (uint32_t i = 0; i < s->n_leaves; i++)
			update(s, 1, 0, s->n_leaves - 1, i, i, NULL, CHANGE_NOTHING);
	} else {
		s->told_flows[f.flow] = true;
		update_all(s, s->members.v[s->q->n_rules + f.flow].placed, CHANGE_NOTHING);
	}
}

/* One class */

static int event_cmp(const void *x, const void *y)
{
	const struct event *a = x, *b = y;
	int c = CMP(a->at, b->at);
	/* ends before beginnings, so that a span that follows another finds room */
	c = c ? c : CMP(a->begins, b->begins);
	return c ? c : CMP(a->member, b->member);
}

static int u32_cmp(const void *x, const void *y)
{
	return CMP(*(const uint32_t *)x, *(const uint32_t *)y);
}

static void cut(struct sweeper *s, const struct placed *v, size_t n)
{
	VEC(uint32_t) cuts = { 0 };
	size_t out = 0;
	*VEC_ADD(s->scratch, &cuts) = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].dst.n; k++) {
			*VEC_ADD(s->scratch, &cuts) = v[i].dst.v[k].first;
			if (v[i].dst.v[k].last + 1 < space_size(s->space, DIM_DST))
				*VEC_ADD(s->scratch, &cuts) = v[i].dst.v[k].last + 1;
		}
	sort_items(cuts.v, cuts.n, sizeof *cuts.v, u32_cmp);
	for (size_t i = 0; i < cuts.n; i++)
		if (!out || cuts.v[out - 1] != cuts.v[i])
			cuts.v[out++] = cuts.v[i];
	s->cuts = cuts.v;
	s->n_leaves = (uint32_t)out;
}

static void build(struct sweeper *s, uint32_t at, uint32_t lo, uint32_t hi)
{
	if (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		build(s, 2 * at, lo, mid);
		build(s, 2 * at + 1, mid + 1, hi);
	}
	refresh(s, at, lo == hi);
}

/* Members of the class that can matter to a family, with the parts of theirs that do. */
static size_t place(struct sweeper *s, enum family f, struct placed *v)
{
	struct spans src = space_family(s->space, DIM_SRC, f), dst = space_family(s->space, DIM_DST, f);
	size_t n = 0;
	for (size_t t = 0; t < s->class->triples.n; t++) {
		const struct triple *tr = &s->triples.v[s->class->triples.v[t]];
		for (size_t i = 0; i < tr->members.n; i++) {
			struct member *m = &s->members.v[tr->members.v[i]];
			uint32_t stamp = (uint32_t)(2 * (s->class - s->classes.v) + (size_t)f + 1);
			s->steps++;
			if (m->seen == stamp)
				continue;
			m->seen = stamp;
			struct placed p = { m, part(s, space_spans(s->space, DIM_SRC, m->box->src), src),
					    part(s, space_spans(s->space, DIM_DST, m->box->dst), dst) };
			if (p.src.n && p.dst.n)
				v[n++] = p;
		}
	}
	return n;
}

static struct event *make_events(struct sweeper *s, const struct placed *v, size_t n, size_t *n_events)
{
	VEC(struct event) e = { 0 };
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].src.n; k++) {
			*VEC_ADD(s->scratch, &e) = (struct event){ v[i].src.v[k].first, (uint32_t)i, true };
			*VEC_ADD(s->scratch, &e) = (struct event){ v[i].src.v[k].last + 1, (uint32_t)i, false };
		}
	sort_items(e.v, e.n, sizeof *e.v, event_cmp);
	*n_events = e.n;
	return e.v;
}

static void happen(struct sweeper *s, struct placed *p, bool begins)
{
	uint32_t *runs = p->member->kind == KIND_RULE	  ? &s->rule_runs[p->member->index] :
			 p->member->kind == KIND_REQUIRED ? &s->flow_runs[p->member->index] :
							    NULL;
	if (runs)
		*runs += begins ? 1 : -1u;
	update_all(s, p, begins ? CHANGE_BEGINS : CHANGE_ENDS);
}

static size_t members_of(const struct sweeper *s, const struct class *c)
{
	size_t n = 0;
	for (size_t t = 0; t < c->triples.n; t++)
		n += s->triples.v[c->triples.v[t]].members.n;
	return n;
}

static bool sweep_class(struct sweeper *s, const struct class *c, enum family f)
{
	s->class = c;
	size_t n_events, n = members_of(s, c);
	struct placed *v = ARENA_ARRAY(s->scratch, struct placed, n);
	n = place(s, f, v);
	if (!n)
		return true;
	cut(s, v, n);
	s->nodes = ARENA_ARRAY(s->scratch, struct tree_node, 4 * (size_t)s->n_leaves);
	build(s, 1, 0, s->n_leaves - 1);
	for (size_t i = 0; i < n; i++)
		v[i].member->placed = &v[i];
	struct event *e = make_events(s, v, n, &n_events);
	for (size_t i = 0; i < n_events && s->steps <= s->q->steps;) {
		uint32_t line = e[i].at;
		for (; i < n_events && e[i].at == line; i++)
			happen(s, &v[e[i].member], e[i].begins);
		while (s->nodes[1].of[0].wrong[0] != NOBODY && s->steps <= s->q->steps)
			tell(s, line);
	}
	for (size_t i = 0; i < n; i++) {
		if (v[i].member->kind == KIND_RULE)
			s->rule_runs[v[i].member->index] = 0;
		if (v[i].member->kind == KIND_REQUIRED)
			s->flow_runs[v[i].member->index] = 0;
	}
	return s->steps <= s->q->steps;
}

bool sweep(struct arena *a, const struct sweep_question *q, void (*show)(void *ctx, const struct sweep_finding *f), void *ctx)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	struct sweeper s = { .arena = a, .scratch = scratch, .q = q, .space = q->question->space, .show = show, .ctx = ctx };
	bool ok = true;

	s.triple_numbers = strmap_new(a);
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
	if (!make_classes(&s))
		return false;
	for (size_t c = 0; c < s.classes.n && ok; c++)
		for (int f = IPV4; f <= IPV6 && ok; f++) {
			if (!(s.classes.v[c].families >> f & 1))
				continue;
			ok = sweep_class(&s, &s.classes.v[c], (enum family)f);
			arena_reset(scratch);
		}
	return ok;
}
