/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/compile.h"

enum {
	LONG_LIST = 800,  /* rules; a longer list gets its own field order */
	LEAST_PIECES = 4, /* of a sample */
	MOST_PIECES = 8,
	RULES_OF_A_PIECE = 1250, /* rules for each piece */
	PIECE = 32,
};

/* A rule's match, in the space. */
struct rule_box {
	struct box_id box;
	struct box_id sure;  /* the part of an uncertain rule's match that is certain, if has_sure */
	const char *perhaps; /* the reason of the rule, or of an interface */
	bool never, has_sure;
};

/*
 * Combined halves of a chain, as a binary tree: the whole chain at the root, single
 * rules at the leaves.
 */
struct half {
	diagram d;
	uint32_t left, right; /* in halves; 0: a leaf */
	uint32_t rule;
};

struct chain_code {
	VEC(struct half) halves; /* the first is not used */
	uint32_t root;
	diagram decision; /* what the chain decides, VALUE_NONE where it falls through */
	bool made;
};

/* One reading (upper or lower bound) of the whole rule set. */
struct code {
	struct chain_code *chains;
	diagram permitted;
	bool made;
};

struct compiled {
	struct arena *arena;
	struct space *space;
	struct diagrams *diagrams;
	const struct ruleset *rules;
	const struct interface_map *map;
	struct rule_box **boxes; /* by chain and rule */
	struct code codes[6];    /* by reading: upper; first packets, replies, invalid ones */
	bool has_perhaps;
};

/* Of a rule: what its interfaces ask of both sides. */
struct reaches {
	struct interface_reach in, out;
};

static struct interface_reach *reach_of(struct reaches *r, bool in)
{
	return in ? &r->in : &r->out;
}

/*
 * Rules that differ only in their interface, and together name all of a zone's: the last of them
 * holds for the zone with certainty, and those before it leave the zone to it.
 */
static void join_run(struct compiled *c, const struct rule *rules, struct reaches *reaches, size_t n, bool in)
{
	struct interface_names all = in ? rules[0].match.in : rules[0].match.out;
	VEC(struct str) names = { 0 };
	for (size_t i = 0; i < n; i++) {
		const struct interface_names *own = in ? &rules[i].match.in : &rules[i].match.out;
		for (size_t j = 0; j < own->n; j++)
			*VEC_ADD(c->arena, &names) = own->v[j];
	}
	all.v = names.v;
	all.n = names.n;
	struct addrset left = interface_reach(c->arena, c->map, &all).certain;
	for (size_t i = 0; i < n && left.n; i++)
		left = addrset_minus(c->arena, left, reach_of(&reaches[i], in)->certain);
	for (size_t i = 0; i < n && left.n; i++) {
		struct interface_reach *r = reach_of(&reaches[i], in);
		r->possible = addrset_minus(c->arena, r->possible, left);
		if (i + 1 == n) {
			r->certain = addrset_union(c->arena, r->certain, left);
			r->possible = addrset_union(c->arena, r->possible, left);
		}
		if (addrset_equal(r->possible, r->certain))
			r->why = NULL;
	}
}

static void join_runs(struct compiled *c, const struct chain *chain, struct reaches *reaches, bool in)
{
	for (size_t i = 0, end; i < chain->rules.n; i = end) {
		bool uncertain = reach_of(&reaches[i], in)->why != NULL;
		for (end = i + 1;
		     end < chain->rules.n && rules_differ_in_names(&chain->rules.v[end - 1], &chain->rules.v[end], in);
		     end++)
			uncertain |= reach_of(&reaches[end], in)->why != NULL;
		if (uncertain && end > i + 1)
			join_run(c, &chain->rules.v[i], &reaches[i], end - i, in);
	}
}

static struct addrset meet(struct compiled *c, const struct addrset *said, bool named, struct addrset behind,
			   struct addrset everything)
{
	struct addrset set = said ? *said : everything;
	return named ? addrset_intersect(c->arena, set, behind) : set;
}

static void make_box(struct compiled *c, const struct rule *rule, const struct reaches *r, struct addrset everything,
		     struct rule_box *b)
{
	const struct match *m = &rule->match;
	const char *why = r->in.why ? r->in.why : r->out.why;
	struct flowbox box = {
		.src = meet(c, m->src, m->in.n, r->in.possible, everything),
		.dst = meet(c, m->dst, m->out.n, r->out.possible, everything),
		.services = m->n_services ? m->services : &any_service,
		.n_services = m->n_services ? m->n_services : 1,
	};
	b->box = space_add_box(c->space, &box);
	if (why && !b->perhaps) {
		box.src = meet(c, m->src, m->in.n, r->in.certain, everything);
		box.dst = meet(c, m->dst, m->out.n, r->out.certain, everything);
		b->has_sure = box.src.n && box.dst.n;
		if (b->has_sure)
			b->sure = space_add_box(c->space, &box);
		b->perhaps = why;
	}
	c->has_perhaps |= b->perhaps != NULL;
}

struct compiled *compile_add(struct arena *a, struct space *s, const struct ruleset *r, const struct interface_map *map)
{
	struct compiled *c = ARENA_NEW(a, struct compiled);
	struct addrset everything = addrset_all(a);

	*c = (struct compiled){ .arena = a, .space = s, .rules = r, .map = map };
	c->boxes = ARENA_ARRAY(a, struct rule_box *, r->chains.n);
	for (size_t i = 0; i < r->chains.n; i++) {
		const struct chain *chain = &r->chains.v[i];
		struct rule_box *boxes = ARENA_ARRAY(a, struct rule_box, chain->rules.n);
		struct reaches *reaches = ARENA_ARRAY(a, struct reaches, chain->rules.n);
		for (size_t j = 0; j < chain->rules.n; j++) {
			const struct match *m = &chain->rules.v[j].match;
			if (m->in.n)
				reaches[j].in = interface_reach(a, map, &m->in);
			if (m->out.n)
				reaches[j].out = interface_reach(a, map, &m->out);
		}
		join_runs(c, chain, reaches, true);
		join_runs(c, chain, reaches, false);
		for (size_t j = 0; j < chain->rules.n; j++) {
			const struct rule *rule = &chain->rules.v[j];
			boxes[j].perhaps = rule->perhaps;
			boxes[j].never = rule->match.never || rule->action == ACTION_NEXT;
			if (!boxes[j].never)
				make_box(c, rule, &reaches[j], everything, &boxes[j]);
		}
		c->boxes[i] = boxes;
	}
	return c;
}

/* Rules of a sample: pieces of the list, because adjacent rules often name the same hosts. */
static diagram sample_of(const struct compiled *c, struct diagrams *m, size_t chain)
{
	size_t n = c->rules->chains.v[chain].rules.n, made = 0;
	size_t pieces = MIN(MAX(n / RULES_OF_A_PIECE, (size_t)LEAST_PIECES), (size_t)MOST_PIECES);
	diagram parts[MOST_PIECES * PIECE];
	for (size_t i = 0; i < pieces; i++)
		for (size_t j = 0; j < PIECE; j++) {
			size_t rule = i * (n / pieces) + j;
			const struct rule_box *b = &c->boxes[chain][rule];
			bool denies = c->rules->chains.v[chain].rules.v[rule].action == ACTION_DENY;
			if (!b->never)
				parts[made++] = space_box(c->space, m, &b->box, denies ? VALUE_DENY : VALUE_PERMIT);
		}
	return diagram_fold(m, OP_FIRST, parts, made);
}

const enum dim *compiled_order(const struct compiled *c)
{
	static const enum dim orders[][N_DIMS] = {
		{ DIM_PROTOCOL, DIM_PORT, DIM_DST, DIM_SRC, DIM_SPORT }, /* the usual one, of the enum */
		{ DIM_DST, DIM_SRC, DIM_PROTOCOL, DIM_PORT, DIM_SPORT },
		{ DIM_SRC, DIM_DST, DIM_PROTOCOL, DIM_PORT, DIM_SPORT },
	};
	size_t longest = 0, best = 0, least = 0;
	uint32_t sizes[N_DIMS];
	for (size_t i = 0; i < c->rules->chains.n; i++)
		if (c->rules->chains.v[i].rules.n > c->rules->chains.v[longest].rules.n)
			longest = i;
	if (!c->rules->chains.n || c->rules->chains.v[longest].rules.n < LONG_LIST)
		return orders[0];
	for (int d = 0; d < N_DIMS; d++)
		sizes[d] = space_size(c->space, (enum dim)d);
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		CLEANUP(arena_freep) struct arena *own = arena_new();
		struct diagrams *m = diagrams_new(own, sizes);
		diagrams_order(m, orders[i]);
		/* stop a trial that is not a quarter better than the best so far */
		if (least)
			diagrams_limit(m, least - least / 4);
		sample_of(c, m, longest);
		if (least && diagrams_exhausted(m))
			continue;
		best = i;
		least = diagrams_runs(m);
	}
	return orders[best];
}

/* Without uncertain rules both readings are the same. */
static struct code *code_of(struct compiled *c, struct reading r)
{
	return &c->codes[(r.upper || !c->has_perhaps) + 2 * (r.invalid ? 2 : r.reply)];
}

static diagram chain_decision(struct compiled *c, struct reading reading, uint32_t number);

/* A chain that may be entered or not: it decides nothing against the reading, and where it returns for a goto it may return. */
static const uint8_t deny_is_none[N_VALUES] = { VALUE_NONE, VALUE_PERMIT, VALUE_NONE, VALUE_MAYBE, VALUE_MAYBE };
static const uint8_t permit_is_none[N_VALUES] = { VALUE_NONE, VALUE_NONE, VALUE_DENY, VALUE_MAYBE, VALUE_MAYBE };

/* What a rule decides of a box; see run_chain() in flow/ruleset.c, which it must agree with. */
static diagram box_decision(struct compiled *c, struct reading reading, const struct rule *rule,
			    const struct box_id *box, bool perhaps)
{
	struct diagrams *m = c->diagrams;
	enum value wanted = reading.upper ? VALUE_PERMIT : VALUE_DENY, value;

	switch (rule->action) {
	case ACTION_PERMIT:
	case ACTION_DENY:
		value = rule->action == ACTION_PERMIT ? VALUE_PERMIT : VALUE_DENY;
		return perhaps && value != wanted ? VALUE_NONE : space_box(c->space, m, box, value);
	case ACTION_RETURN:
		return space_box(c->space, m, box, perhaps ? VALUE_MAYBE : VALUE_RETURN);
	case ACTION_CALL:
	case ACTION_GOTO:
		break;
	case ACTION_NEXT:
	case N_ACTIONS:
		return VALUE_NONE;
	}
	diagram d = chain_decision(c, reading, rule->target);
	d = diagram_apply(m, rule->action == ACTION_GOTO ? OP_GOTO : OP_CALL, space_box(c->space, m, box, VALUE_PERMIT),
			  d);
	return perhaps ? diagram_map(m, d, reading.upper ? deny_is_none : permit_is_none) : d;
}

/* A rule that is certain for a part of its match is a certain rule followed by an uncertain one. */
static diagram rule_decision(struct compiled *c, struct reading reading, const struct rule *rule,
			     const struct rule_box *b)
{
	if (b->never || !match_counts(&rule->match, reading))
		return VALUE_NONE;
	diagram d = box_decision(c, reading, rule, &b->box, b->perhaps != NULL);
	return b->has_sure ? diagram_apply(c->diagrams, OP_FIRST, box_decision(c, reading, rule, &b->sure, false), d)
			   : d;
}

static uint32_t combine(struct compiled *c, struct reading reading, uint32_t number, size_t from, size_t to)
{
	struct chain_code *code = &code_of(c, reading)->chains[number];
	struct half h = { .rule = (uint32_t)from };

	if (to - from == 1) {
		h.d = rule_decision(c, reading, &c->rules->chains.v[number].rules.v[from], &c->boxes[number][from]);
	} else {
		size_t mid = from + (to - from) / 2;
		h.left = combine(c, reading, number, from, mid);
		h.right = combine(c, reading, number, mid, to);
		h.d = diagram_apply(c->diagrams, reading.upper ? OP_FIRST : OP_FIRST_LOW, code->halves.v[h.left].d,
				    code->halves.v[h.right].d);
	}
	*VEC_ADD(c->arena, &code->halves) = h;
	return (uint32_t)code->halves.n - 1;
}

static diagram chain_decision(struct compiled *c, struct reading reading, uint32_t number)
{
	struct chain_code *code = &code_of(c, reading)->chains[number];
	size_t n = c->rules->chains.v[number].rules.n;
	if (code->made)
		return code->decision;
	code->made = true;
	*VEC_ADD(c->arena, &code->halves) = (struct half){ 0 };
	if (n) {
		code->root = combine(c, reading, number, 0, n);
		code->decision = code->halves.v[code->root].d;
	}
	return code->decision;
}

void compile_make(struct compiled *c, struct diagrams *m)
{
	c->diagrams = m;
}

diagram compiled_permitted(struct compiled *c, struct reading reading)
{
	struct code *code = code_of(c, reading);
	if (code->made)
		return code->permitted;
	code->made = true;
	if (!code->chains)
		code->chains = ARENA_ARRAY(c->arena, struct chain_code, c->rules->chains.n);
	code->permitted = c->rules->bases.n ? VALUE_PERMIT : VALUE_NONE;
	for (size_t i = 0; i < c->rules->bases.n; i++) {
		uint32_t number = c->rules->bases.v[i];
		uint8_t rest = c->rules->chains.v[number].fallthrough == ACTION_PERMIT ? VALUE_PERMIT : VALUE_NONE;
		uint8_t as_set[N_VALUES] = { rest, VALUE_PERMIT, VALUE_NONE, rest, rest };
		diagram d = diagram_map(c->diagrams, chain_decision(c, reading, number), as_set);
		code->permitted = diagram_apply(c->diagrams, OP_AND, code->permitted, d);
	}
	return code->permitted;
}

/* The rule of a point that the chain permits or denies. */
static const struct rule *blame_in(struct compiled *c, struct reading reading, uint32_t number,
				   const uint32_t point[N_DIMS], uint32_t *chain)
{
	const struct code *all = code_of(c, reading);
	const struct chain_code *code = &all->chains[number];
	const struct half *h = &code->halves.v[code->root];
	while (h->left) {
		const struct half *left = &code->halves.v[h->left];
		enum value value = diagram_at(c->diagrams, left->d, point);
		h = value == VALUE_NONE || value == VALUE_MAYBE ? &code->halves.v[h->right] : left;
	}
	const struct rule *rule = &c->rules->chains.v[number].rules.v[h->rule];
	*chain = number;
	if (rule->action != ACTION_CALL && rule->action != ACTION_GOTO)
		return rule;
	enum value value = diagram_at(c->diagrams, all->chains[rule->target].decision, point);
	if (value != VALUE_PERMIT && value != VALUE_DENY)
		return rule; /* the chain decided nothing; the goto did */
	return blame_in(c, reading, rule->target, point, chain);
}

const struct rule *compiled_blame(struct compiled *c, const uint32_t point[N_DIMS], struct reading reading,
				  uint32_t *chain)
{
	const struct rule *by = NULL;
	compiled_permitted(c, reading);
	for (size_t i = 0; i < c->rules->bases.n; i++) {
		uint32_t number = c->rules->bases.v[i], place = number;
		enum value value = diagram_at(c->diagrams, code_of(c, reading)->chains[number].decision, point);
		bool decided = value == VALUE_PERMIT || value == VALUE_DENY;
		bool permit =
			value == VALUE_PERMIT || (!decided && c->rules->chains.v[number].fallthrough == ACTION_PERMIT);
		const struct rule *here = decided ? blame_in(c, reading, number, point, &place) : NULL;
		/* the first that denies, or the last that permits by a rule */
		if (!permit || here || !by) {
			by = here;
			*chain = place;
		}
		if (!permit)
			break;
	}
	return by;
}

/* The same for a whole set: it descends the halves, and what a half does not decide continues. */
struct splitter {
	struct compiled *c;
	struct reading reading;
	size_t most;
	bool more;
	VEC(struct decided) parts;
	uint32_t **known; /* by chain and rule (the policy behind the last): the part, + 1 */
};

/* A rule in a called chain is visited once for each call. */
static void add_part(struct splitter *s, uint32_t chain, const struct rule *by, diagram set)
{
	const struct chain *c = &s->c->rules->chains.v[chain];
	if (!s->known[chain])
		s->known[chain] = ARENA_ARRAY(s->c->arena, uint32_t, c->rules.n + 1);
	uint32_t *known = &s->known[chain][by ? (size_t)(by - c->rules.v) : c->rules.n];
	if (*known) {
		diagram *whole = &s->parts.v[*known - 1].set;
		*whole = diagram_apply(s->c->diagrams, OP_OR, *whole, set);
		return;
	}
	s->more = s->parts.n == s->most;
	if (s->more)
		return;
	*VEC_ADD(s->c->arena, &s->parts) = (struct decided){ by, chain, set };
	*known = (uint32_t)s->parts.n;
}

/* The part of the set that is permitted or denied in the end; the rest is undecided. */
static diagram decided_part(struct splitter *s, diagram set, diagram decision)
{
	return diagram_apply(s->c->diagrams, OP_OR, diagram_apply(s->c->diagrams, OP_PERMITTED, set, decision),
			     diagram_apply(s->c->diagrams, OP_DENIED, set, decision));
}

static void split_in(struct splitter *s, uint32_t number, uint32_t at, diagram set)
{
	struct diagrams *m = s->c->diagrams;
	const struct code *all = code_of(s->c, s->reading);
	if (set == VALUE_NONE || s->more)
		return;
	const struct half *h = &all->chains[number].halves.v[at];
	if (h->left) {
		diagram rest = diagram_apply(m, OP_UNDECIDED, set, all->chains[number].halves.v[h->left].d);
		split_in(s, number, h->left, diagram_apply(m, OP_MINUS, set, rest));
		split_in(s, number, h->right, rest);
		return;
	}
	const struct rule *rule = &s->c->rules->chains.v[number].rules.v[h->rule];
	if (rule->action == ACTION_CALL || rule->action == ACTION_GOTO) {
		diagram there = decided_part(s, set, all->chains[rule->target].decision);
		split_in(s, rule->target, all->chains[rule->target].root, there);
		set = diagram_apply(m, OP_MINUS, set, there);
	}
	if (set != VALUE_NONE)
		add_part(s, number, rule, set);
}

/*
 * Assigns the parts of a set to the rules of a base chain that decide them; returns the
 * rest, which the policy decides.
 */
static diagram split_base(struct splitter *s, uint32_t number, diagram set)
{
	const struct chain_code *code = &code_of(s->c, s->reading)->chains[number];
	diagram by_rules = decided_part(s, set, code->decision);
	split_in(s, number, code->root, by_rules);
	return diagram_apply(s->c->diagrams, OP_MINUS, set, by_rules);
}

static void add_rest(struct splitter *s, uint32_t number, diagram rest)
{
	if (rest != VALUE_NONE)
		add_part(s, number, NULL, rest);
}

struct decided *compiled_split(struct compiled *c, diagram set, struct reading reading, size_t most, size_t *n,
			       bool *more)
{
	struct splitter s = { .c = c, .reading = reading, .most = most };
	size_t bases = c->rules->bases.n;
	s.known = ARENA_ARRAY(c->arena, uint32_t *, c->rules->chains.n);
	compiled_permitted(c, reading);
	/* the first base chain that denies decides */
	for (size_t i = 0; i < bases && set != VALUE_NONE; i++) {
		uint32_t number = c->rules->bases.v[i];
		const struct chain_code *code = &code_of(c, reading)->chains[number];
		bool permits = c->rules->chains.v[number].fallthrough == ACTION_PERMIT;
		diagram passes = diagram_apply(c->diagrams, OP_PERMITTED, set, code->decision);
		if (permits)
			passes = diagram_apply(c->diagrams, OP_MINUS, set,
					       diagram_apply(c->diagrams, OP_DENIED, set, code->decision));
		diagram refused = diagram_apply(c->diagrams, OP_MINUS, set, passes);
		add_rest(&s, number, split_base(&s, number, refused));
		set = passes;
	}
	/* where none does, the last in which a rule permits */
	for (size_t i = bases; i-- > 0 && set != VALUE_NONE;)
		set = split_base(&s, c->rules->bases.v[i], set);
	if (bases)
		add_rest(&s, c->rules->bases.v[bases - 1], set);
	*n = s.parts.n;
	*more = s.more;
	return s.parts.v;
}

diagram compiled_rule_match(const struct compiled *c, uint32_t chain, size_t rule)
{
	const struct rule_box *b = &c->boxes[chain][rule];
	return b->never ? (diagram)VALUE_NONE : space_box(c->space, c->diagrams, &b->box, VALUE_PERMIT);
}

/* Subtracts from a set what the rules before `rule` decide, half by half, the largest first. */
static diagram without_earlier(struct compiled *c, const struct chain_code *code, uint32_t at, size_t from, size_t to,
			       size_t rule, diagram set)
{
	const struct half *h = &code->halves.v[at];
	if (set == VALUE_NONE || from >= rule)
		return set;
	if (to <= rule)
		return diagram_apply(c->diagrams, OP_UNDECIDED, set, h->d);
	size_t mid = from + (to - from) / 2;
	set = without_earlier(c, code, h->left, from, mid, rule, set);
	return without_earlier(c, code, h->right, mid, to, rule, set);
}

diagram compiled_rule_share(struct compiled *c, uint32_t chain, size_t rule, struct reading reading)
{
	chain_decision(c, reading, chain);
	const struct chain_code *code = &code_of(c, reading)->chains[chain];
	return without_earlier(c, code, code->root, 0, c->rules->chains.v[chain].rules.n, rule,
			       compiled_rule_match(c, chain, rule));
}

diagram compiled_chain_rest(struct compiled *c, uint32_t chain, struct reading reading)
{
	return diagram_apply(c->diagrams, OP_UNDECIDED, VALUE_PERMIT, chain_decision(c, reading, chain));
}

const struct box_id *compiled_rule_box(const struct compiled *c, uint32_t chain, size_t rule)
{
	const struct rule_box *b = &c->boxes[chain][rule];
	return b->never ? NULL : &b->box;
}

diagram compiled_rule_decision(struct compiled *c, uint32_t chain, size_t rule, struct reading reading)
{
	struct code *code = code_of(c, reading);
	if (!code->chains)
		code->chains = ARENA_ARRAY(c->arena, struct chain_code, c->rules->chains.n);
	return rule_decision(c, reading, &c->rules->chains.v[chain].rules.v[rule], &c->boxes[chain][rule]);
}

bool compiled_has_perhaps(const struct compiled *c)
{
	return c->has_perhaps;
}

const char *compiled_rule_perhaps(const struct compiled *c, uint32_t chain, size_t rule)
{
	return c->boxes[chain][rule].perhaps;
}

const char *compiled_perhaps(const struct compiled *c, const struct rule *rule)
{
	for (size_t i = 0; i < c->rules->chains.n; i++) {
		const struct chain *chain = &c->rules->chains.v[i];
		if (chain->rules.n && rule >= chain->rules.v && rule < chain->rules.v + chain->rules.n)
			return c->boxes[i][rule - chain->rules.v].perhaps;
	}
	return rule->perhaps;
}
