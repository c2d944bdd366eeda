/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shadowed and redundant rules by divide and conquer.
 *
 * A rule is shadowed when all that it matches is decided before it, and redundant
 * when the rest would be decided the same way after it.  "Before" and "after" are
 * diagrams of many rules; making them for each rule would cost too much, so the
 * chain is split: a block of few rules shares one diagram of all rules before the
 * block and one of all after it, and within the block rules are subtracted one by
 * one, which involves only small diagrams.
 *
 * An uncertain rule covers nothing, and makes no other rule redundant.
 */
#include "prove/effect.h"

enum { BLOCK = 8 };

struct effect_finder {
	const struct effect_question *q;
	struct diagrams *m;
	struct compiled *code;
	const struct rule *v;
	size_t n;
	diagram *cover;     /* what each rule certainly decides */
	diagram *left;      /* what the rules before it leave to each rule */
	diagram *decisions; /* of halves, as a heap: the children of k are 2k and 2k + 1 */
	struct rule_effect *found;
};

static diagram box_of(const struct effect_finder *o, size_t i)
{
	return compiled_rule_match(o->code, o->q->chain, i);
}

static bool is_asked(const struct effect_finder *o, size_t i)
{
	const struct rule *r = &o->v[i];
	return (r->action == ACTION_PERMIT || r->action == ACTION_DENY) && match_counts(&r->match, o->q->reading) &&
	       box_of(o, i) != VALUE_NONE;
}

static diagram opposite_of(struct effect_finder *o, size_t i, diagram set, diagram decision)
{
	enum op op = o->v[i].action == ACTION_PERMIT ? OP_DENIED : OP_PERMITTED;
	return diagram_apply(o->m, op, set, decision);
}

static size_t middle(size_t from, size_t to)
{
	return from + (to - from) / 2;
}

static void make_decisions(struct effect_finder *o, size_t at, size_t from, size_t to)
{
	if (to - from <= BLOCK) {
		o->decisions[at] = diagram_fold(o->m, OP_FIRST, o->cover + from, to - from);
		return;
	}
	make_decisions(o, 2 * at, from, middle(from, to));
	make_decisions(o, 2 * at + 1, middle(from, to), to);
	o->decisions[at] = diagram_apply(o->m, OP_FIRST, o->decisions[2 * at], o->decisions[2 * at + 1]);
}

/* The earliest rule in [from, to) and before `end` that certainly decides a point; end when there is none. */
static size_t first_in(struct effect_finder *o, const uint32_t point[N_DIMS], size_t at, size_t from, size_t to,
		       size_t end)
{
	if (from >= end || diagram_at(o->m, o->decisions[at], point) == VALUE_NONE)
		return end;
	if (to - from > BLOCK) {
		size_t by = first_in(o, point, 2 * at, from, middle(from, to), end);
		return by < end ? by : first_in(o, point, 2 * at + 1, middle(from, to), to, end);
	}
	for (size_t i = from; i < MIN(to, end); i++)
		if (diagram_at(o->m, o->cover[i], point) != VALUE_NONE)
			return i;
	return end;
}

static size_t first_at(struct effect_finder *o, const uint32_t point[N_DIMS], size_t end)
{
	return first_in(o, point, 1, 0, o->n, end);
}

/* The earlier rules that cover a shadowed one, at most as many as are readable. */
static void name_covers(struct effect_finder *o, size_t i, diagram rest)
{
	struct rule_effect *s = &o->found[i];
	uint32_t point[N_DIMS];
	while (s->n_over < MOST_OVER && diagram_find(o->m, rest, VALUE_PERMIT, point)) {
		size_t by = first_at(o, point, i);
		if (by == i)
			break;
		s->over[s->n_over++] = (uint32_t)by;
		rest = diagram_apply(o->m, OP_UNDECIDED, rest, o->cover[by]);
	}
}

/*
 * The packets of a rule that earlier ones decide with the opposite action; computed only
 * within its own box.
 */
static diagram decided_otherwise(struct effect_finder *o, size_t from, size_t i, diagram before)
{
	diagram rest = diagram_apply(o->m, OP_AND, box_of(o, i), o->q->w->possible);
	diagram other = opposite_of(o, i, rest, before);
	rest = diagram_apply(o->m, OP_UNDECIDED, rest, before);
	for (size_t j = from; j < i && rest != VALUE_NONE; j++) {
		other = diagram_apply(o->m, OP_OR, other, opposite_of(o, i, rest, o->cover[j]));
		rest = diagram_apply(o->m, OP_UNDECIDED, rest, o->cover[j]);
	}
	return other;
}

static void forward_rule(struct effect_finder *o, size_t from, size_t i, diagram before)
{
	struct rule_effect *s = &o->found[i];
	diagram box = box_of(o, i), rest = diagram_apply(o->m, OP_UNDECIDED, box, before);
	uint32_t point[N_DIMS];

	for (size_t j = from; j < i && rest != VALUE_NONE; j++)
		rest = diagram_apply(o->m, OP_UNDECIDED, rest, o->cover[j]);
	/* packets that cannot exist, such as IPv4 to IPv6, do not count as a use of a rule */
	o->left[i] = diagram_apply(o->m, OP_AND, rest, o->q->w->possible);
	s->alive = o->left[i] != VALUE_NONE;
	diagram possible = s->alive ? box : diagram_apply(o->m, OP_AND, box, o->q->w->possible);
	s->counts = possible != VALUE_NONE;
	if (rest == box || !s->counts)
		return;
	if (diagram_find(o->m, decided_otherwise(o, from, i, before), VALUE_PERMIT, point)) {
		size_t by = first_at(o, point, i);
		s->against = by < i ? (uint32_t)by : NO_RULE;
	}
	if (!s->alive)
		name_covers(o, i, possible);
}

static void forward(struct effect_finder *o, size_t at, size_t from, size_t to, diagram before)
{
	if (to - from > BLOCK) {
		forward(o, 2 * at, from, middle(from, to), before);
		forward(o, 2 * at + 1, middle(from, to), to,
			diagram_apply(o->m, OP_FIRST, before, o->decisions[2 * at]));
		return;
	}
	for (size_t i = from; i < to; i++)
		if (is_asked(o, i))
			forward_rule(o, from, i, before);
}

/* Whether the packets that a rule decides would be decided the same way without it. */
static bool could_go(struct effect_finder *o, size_t i, size_t to, diagram behind)
{
	enum op same = o->v[i].action == ACTION_PERMIT ? OP_PERMITTED : OP_DENIED;
	diagram rest = o->left[i];
	if (compiled_rule_perhaps(o->code, o->q->chain, i))
		return false;
	for (size_t j = i + 1; j < to && rest != VALUE_NONE; j++) {
		diagram still = diagram_apply(o->m, OP_UNDECIDED, rest, o->cover[j]);
		if (diagram_apply(o->m, OP_MINUS, rest, still) != diagram_apply(o->m, same, rest, o->cover[j]))
			return false;
		rest = still;
	}
	return diagram_apply(o->m, same, rest, behind) == rest;
}

static void backward(struct effect_finder *o, size_t at, size_t from, size_t to, diagram behind)
{
	if (to - from > BLOCK) {
		size_t mid = middle(from, to);
		backward(o, 2 * at + 1, mid, to, behind);
		backward(o, 2 * at, from, mid, diagram_apply(o->m, OP_FIRST, o->decisions[2 * at + 1], behind));
		return;
	}
	for (size_t i = from; i < to; i++)
		o->found[i].needed = o->found[i].alive && !could_go(o, i, to, behind);
}

static const uint8_t only_permit[N_VALUES] = { [VALUE_PERMIT] = VALUE_PERMIT };
static const uint8_t only_deny[N_VALUES] = { [VALUE_DENY] = VALUE_DENY };
static const uint8_t is_return[N_VALUES] = { [VALUE_RETURN] = VALUE_PERMIT };
static const uint8_t as_return[N_VALUES] = { VALUE_NONE, VALUE_RETURN, VALUE_RETURN, VALUE_RETURN, VALUE_RETURN };

/* What a rule decides in both readings of the uncertain rules in the chains that it calls. */
static diagram certain_decision(const struct effect_question *q, size_t i)
{
	struct diagrams *m = q->w->m;
	struct reading upper = q->reading, lower = q->reading;
	upper.upper = true;
	lower.upper = false;
	diagram may = compiled_rule_decision(q->code, q->chain, i, upper);
	if (!compiled_has_perhaps(q->code))
		return may;
	/*
	 * what must be permitted is permitted, what may not be is denied, and what returns
	 * in both readings returns
	 */
	diagram must = compiled_rule_decision(q->code, q->chain, i, lower);
	diagram returns = diagram_apply(m, OP_AND, diagram_map(m, may, is_return), diagram_map(m, must, is_return));
	diagram decided = diagram_apply(m, OP_FIRST, diagram_map(m, must, only_permit), diagram_map(m, may, only_deny));
	return diagram_apply(m, OP_FIRST, decided, diagram_map(m, returns, as_return));
}

/*
 * An uncertain rule covers nothing; but for the rules before it, it may decide either way,
 * so it makes none of them redundant.
 */
static void look_from_before(struct effect_finder *o)
{
	struct reading upper = o->q->reading, lower = o->q->reading;
	upper.upper = true;
	lower.upper = false;
	if (!compiled_has_perhaps(o->code))
		return;
	for (size_t i = 0; i < o->n; i++) {
		diagram may = compiled_rule_decision(o->code, o->q->chain, i, upper);
		diagram must = compiled_rule_decision(o->code, o->q->chain, i, lower);
		diagram either = diagram_map(o->m, diagram_apply(o->m, OP_FIRST, may, must), as_return);
		o->cover[i] = diagram_apply(o->m, OP_FIRST, o->cover[i], either);
	}
	make_decisions(o, 1, 0, o->n);
}

struct rule_effect *effects_by_diagrams(const struct effect_question *q)
{
	const struct chain *c = &q->rules->chains.v[q->chain];
	struct effect_finder o = { .q = q, .m = q->w->m, .code = q->code, .v = c->rules.v, .n = c->rules.n };

	o.found = ARENA_ARRAY(q->arena, struct rule_effect, o.n);
	if (!o.n)
		return o.found;
	o.cover = ARENA_ARRAY(q->arena, diagram, o.n);
	o.left = ARENA_ARRAY(q->arena, diagram, o.n);
	o.decisions = ARENA_ARRAY(q->arena, diagram, o.n + BLOCK);
	enum action last = chain_rest(q->rules, q->chain);
	enum value rest = last == ACTION_PERMIT ? VALUE_PERMIT : last == ACTION_DENY ? VALUE_DENY : VALUE_RETURN;
	/* what returns from a base chain is decided by its policy */
	const uint8_t returned[N_VALUES] = { VALUE_NONE, VALUE_PERMIT, VALUE_DENY, (uint8_t)rest, VALUE_MAYBE };
	for (size_t i = 0; i < o.n; i++) {
		o.found[i].against = NO_RULE;
		o.cover[i] = certain_decision(q, i);
		if (o.v[i].action != ACTION_PERMIT && o.v[i].action != ACTION_DENY)
			o.cover[i] = diagram_map(o.m, o.cover[i], returned);
	}
	make_decisions(&o, 1, 0, o.n);
	forward(&o, 1, 0, o.n, VALUE_NONE);
	look_from_before(&o);
	backward(&o, 1, 0, o.n, rest);
	return o.found;
}
