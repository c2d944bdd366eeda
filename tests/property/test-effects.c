/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What its place makes of a rule, and what two sides differ in: diagrams, the
 * painter and trying every packet find the same.
 */
#include "test.h"

#include "rounds.h"

#include "prove/compare.h"
#include "prove/effect.h"
#include "prove/rpc-mapper.h"
#include "random-rules.h"

#include "random-lists.h"

/* The naive algorithm */

struct tried {
	const struct effect_question *q;
	const struct interface_map *map;
	const struct chain *chain;
	enum action rest;
	struct rule_effect *found;
	bool (*against)[16]; /* by rule: earlier rules that match some of its packets with the opposite action */
	bool (*over)[16];    /* and that take any */
	const struct rule_effect *named; /* as an engine has them */
};

static bool decides(enum action a)
{
	return a == ACTION_PERMIT || a == ACTION_DENY;
}

/* What a rule may do to a packet: a set of actions; ACTION_NEXT is to leave it to the next. */
static unsigned outcomes(const struct tried *t, uint32_t chain, size_t i, const struct packet *p);

static unsigned bit(enum action a)
{
	return 1u << a;
}

static unsigned chain_outcomes(const struct tried *t, uint32_t chain, const struct packet *p)
{
	unsigned all = 0, last = bit(ACTION_NEXT);
	for (size_t i = 0; i < t->q->rules->chains.v[chain].rules.n && last & bit(ACTION_NEXT); i++) {
		last = outcomes(t, chain, i, p);
		all |= last & ~bit(ACTION_NEXT);
	}
	return all | (last & bit(ACTION_NEXT));
}

static unsigned outcomes(const struct tried *t, uint32_t chain, size_t i, const struct packet *p)
{
	const struct rule *r = &t->q->rules->chains.v[chain].rules.v[i];
	unsigned next = bit(ACTION_NEXT), r_is = bit(ACTION_RETURN), all;
	bool perhaps = false;
	if (r->action == ACTION_NEXT ||
	    !rule_holds(&t->q->rules->chains.v[chain], i, p, t->map, t->q->reading, &perhaps))
		return next;
	all = bit(r->action);
	if (r->action == ACTION_CALL || r->action == ACTION_GOTO) {
		unsigned from = r->action == ACTION_CALL ? r_is : next, to = r->action == ACTION_CALL ? next : r_is;
		all = chain_outcomes(t, r->target, p);
		all = all & from ? (all & ~from) | to : all;
	}
	return perhaps || r->perhaps ? all | next : all;
}

enum matches { MATCHES_NOT, MATCHES_PERHAPS, MATCHES };

static enum matches matches(const struct tried *t, size_t i, const struct packet *p)
{
	unsigned all = outcomes(t, t->q->chain, i, p);
	if (all == bit(ACTION_NEXT))
		return MATCHES_NOT;
	return all & (all - 1) ? MATCHES_PERHAPS : MATCHES;
}

/* Of a rule that certainly matches. */
static enum action decision(const struct tried *t, size_t i, const struct packet *p)
{
	unsigned all = outcomes(t, t->q->chain, i, p);
	enum action a = (enum action)__builtin_ctz(all);
	return a == ACTION_RETURN ? t->rest : a;
}

/* True when without rule i the decision for some packet would differ or be uncertain. */
static bool is_needed(const struct tried *t, size_t i, const struct packet *p)
{
	/* a rule that is uncertain for some packets is never called redundant */
	if (matches(t, i, p) == MATCHES_PERHAPS || compiled_rule_perhaps(t->q->code, t->q->chain, i))
		return true;
	for (size_t k = i + 1; k < t->chain->rules.n; k++)
		switch (matches(t, k, p)) {
		case MATCHES_NOT:
			break;
		case MATCHES_PERHAPS:
			return true;
		case MATCHES:
			return decision(t, k, p) != t->chain->rules.v[i].action;
		}
	return t->rest != t->chain->rules.v[i].action;
}

static void try_packet(void *ctx, const struct packet *p)
{
	struct tried *t = ctx;
	size_t by = SIZE_MAX;
	if (!packet_is_possible(p))
		return;
	for (size_t i = 0; i < t->chain->rules.n; i++) {
		const struct rule *r = &t->chain->rules.v[i];
		enum matches m = matches(t, i, p);
		if (m == MATCHES_NOT)
			continue;
		if (decides(r->action)) {
			struct rule_effect *s = &t->found[i];
			s->counts = true;
			s->alive |= by == SIZE_MAX;
			s->needed |= by == SIZE_MAX && is_needed(t, i, p);
			if (by != SIZE_MAX) {
				enum action other = decision(t, by, p);
				t->over[i][by] = true;
				t->against[i][by] |= decides(other) && other != r->action;
			}
		}
		if (m == MATCHES && by == SIZE_MAX)
			by = i;
	}
}

static uint64_t first_seed;

#define SAME(x, y)                                                                                             \
	do {                                                                                                   \
		if ((x) != (y))                                                                                \
			fail_msg("seed %llu, rule %zu: %s is %d by %s", (unsigned long long)first_seed, i, #x, \
				 (int)(x), by);                                                                \
	} while (0)

static void check_effects(const struct tried *t, const struct rule_effect *v, const char *by)
{
	for (size_t i = 0; i < t->chain->rules.n; i++) {
		bool any_against = false;
		for (size_t k = 0; k < i; k++)
			any_against |= t->against[i][k];
		SAME(v[i].counts, t->found[i].counts);
		SAME(v[i].alive, t->found[i].alive);
		SAME(v[i].needed, t->found[i].needed);
		SAME(v[i].against != NO_RULE, any_against);
		if (any_against)
			assert_true(v[i].against < i && t->against[i][v[i].against]);
		if (v[i].counts && !v[i].alive)
			assert_true(v[i].n_over > 0);
		for (uint8_t k = 0; k < v[i].n_over && !v[i].alive; k++)
			assert_true(v[i].over[k] < i && t->over[i][v[i].over[k]]);
	}
}

/* Together, the rules that diagrams name for a shadowed one match all of its packets, unless there is no room to name all. */
static void is_covered(void *ctx, const struct packet *p)
{
	struct tried *t = ctx;
	if (!packet_is_possible(p))
		return;
	for (size_t i = 0; i < t->chain->rules.n; i++) {
		const struct rule_effect *s = &t->named[i];
		bool covered = false;
		if (!s->counts || s->alive || s->n_over == MOST_OVER || matches(t, i, p) == MATCHES_NOT)
			continue;
		for (uint8_t k = 0; k < s->n_over; k++)
			covered |= matches(t, s->over[k], p) == MATCHES;
		if (!covered)
			fail_msg("seed %llu: the rules that are named do not cover rule %zu",
				 (unsigned long long)first_seed, i);
	}
}

/* Whether a chain is painted depends on what is in it. */
static struct ruleset *random_chains(struct arena *a)
{
	struct ruleset *r = rnd(3) ? random_ruleset(a) : random_flat_ruleset(a);
	bool certain = rnd(2);
	for (size_t c = 0; c < r->chains.n && certain; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			struct rule *rule = &r->chains.v[c].rules.v[i];
			rule->perhaps = NULL;
			rule->match.in.n = rule->match.out.n = 0;
		}
	return r;
}

static void the_effect_of_rules_is_what_every_packet_shows(void **state)
{
	size_t painted = 0, dead = 0, needless = 0;
	for (uint64_t round = 1; round <= rounds(120); round++) {
		struct arena *a = arena_new();
		seed = first_seed = round * 86028121;
		struct interface_map map = random_interface_map(a);
		struct ruleset *r = random_chains(a);
		struct workspace w;
		workspace_begin(&w, a);
		struct compiled *code = compile_add(a, w.space, r, &map);
		workspace_freeze(&w, code);
		compile_make(code, w.m);
		for (uint32_t c = 0; c < r->chains.n; c++) {
			struct effect_question o = { a, &w, code, r, c, { .upper = true, .reply = rnd(2) } };
			size_t n = r->chains.v[c].rules.n;
			struct tried t = { .q = &o, .map = &map, .chain = &r->chains.v[c], .rest = chain_rest(r, c) };
			struct flat_list list;
			assert_true(n <= 16);
			t.found = ARENA_ARRAY(a, struct rule_effect, n);
			t.against = (void *)ARENA_ARRAY(a, bool, 16 * n);
			t.over = (void *)ARENA_ARRAY(a, bool, 16 * n);
			each_packet(try_packet, &t);
			t.named = effects_by_diagrams(&o);
			check_effects(&t, t.named, "diagrams");
			each_packet(is_covered, &t);
			if (flat_list_of(a, code, r, c, o.reading, &list)) {
				check_effects(&t, effects_by_painting(&o, &list, UINT64_MAX), "the painter");
				painted++;
			}
			for (size_t i = 0; i < n; i++) {
				dead += t.found[i].counts && !t.found[i].alive;
				needless += t.found[i].alive && !t.found[i].needed;
			}
		}
		arena_free(a);
	}
	print_message("# %zu chains painted, %zu dead rules, %zu that could go\n", painted, dead, needless);
	assert_true(painted > enough(20) && dead > enough(10) && needless > enough(20));
}

/* A network is permitted by parts, then as a whole: nothing is left to the last rule, and every part is named. */
static void all_rules_that_cover_another_together_are_named(void **state)
{
	for (uint32_t parts = 1; parts <= MOST_OVER; parts++) {
		struct arena *a = arena_new();
		struct ruleset *r = ruleset_new(a, NULL, "random");
		struct workspace w;
		ruleset_chain(r, STR("c"), NOWHERE);
		r->chains.v[0].fallthrough = ACTION_DENY;
		*VEC_ADD(a, &r->bases) = 0;
		for (uint32_t i = 0; i <= parts; i++) {
			struct rule *rule = ruleset_rule(r, 0, NOWHERE);
			struct addr_range part = { IPV4, i < parts ? 16 * i : 0, 16 * (i < parts ? i + 1 : parts) - 1 };
			struct addrset *src = ARENA_NEW(a, struct addrset);
			*src = addrset_of(a, &part, 1);
			rule->match.src = src;
			rule->action = ACTION_PERMIT;
		}
		workspace_begin(&w, a);
		struct compiled *code = compile_add(a, w.space, r, NULL);
		workspace_freeze(&w, code);
		compile_make(code, w.m);
		struct effect_question q = { a, &w, code, r, 0, { .upper = true } };
		const struct rule_effect *last = &effects_by_diagrams(&q)[parts];
		uint32_t named = 0;
		assert_true(last->counts && !last->alive);
		assert_int_equal(last->n_over, parts);
		for (uint8_t i = 0; i < last->n_over; i++)
			named |= 1u << last->over[i];
		assert_int_equal(named, (1u << parts) - 1);
		arena_free(a);
	}
}

/* Long lists, with rules for replies and for what opens among them */

static void the_painter_and_diagrams_agree_about_long_lists(void **state)
{
	size_t dead = 0, needless = 0, against = 0;
	for (size_t round = 0; round < rounds(60); round++) {
		struct arena *a = arena_new();
		const char *by = "the painter, otherwise by diagrams";
		seed = first_seed = 5000011 * (round + 1);
		struct random_list l =
			random_list(a, (enum shape)(round % N_SHAPES), rnd(3) ? IPV4 : IPV6, 20 + rnd(300));
		struct chain *chain = &l.rules->chains.v[0];
		for (size_t i = 0; i < chain->rules.n && round % 3 == 0; i++)
			chain->rules.v[i].match.conversation = rnd(4) ? CONVERSATION_ANY : (enum conversation)rnd(3);
		struct workspace w;
		workspace_begin(&w, a);
		struct compiled *code = compile_add(a, w.space, l.rules, NULL);
		workspace_freeze(&w, code);
		compile_make(code, w.m);
		struct effect_question o = { a, &w, code, l.rules, 0, { .upper = true, .reply = rnd(2) } };
		struct flat_list list;
		assert_true(flat_list_of(a, code, l.rules, 0, o.reading, &list));
		const struct rule_effect *x = effects_by_diagrams(&o), *y = effects_by_painting(&o, &list, UINT64_MAX);
		for (size_t i = 0; i < chain->rules.n; i++) {
			SAME(x[i].counts, y[i].counts);
			SAME(x[i].alive, y[i].alive);
			SAME(x[i].needed, y[i].needed);
			SAME(x[i].against == NO_RULE, y[i].against == NO_RULE);
			if (y[i].against != NO_RULE)
				assert_true(chain->rules.v[y[i].against].action != chain->rules.v[i].action);
			dead += x[i].counts && !x[i].alive;
			needless += x[i].alive && !x[i].needed;
			against += x[i].against != NO_RULE;
		}
		arena_free(a);
	}
	print_message("# %zu dead rules, %zu that could go, %zu whose order matters\n", dead, needless, against);
	assert_true(dead > enough(100) && needless > enough(100) && against > enough(100));
}

/* The endpoint mapper, on port 3, assigns 4 and 5 */

static enum action decided(const struct ruleset *r, uint32_t src, uint32_t dst, uint16_t sport, uint16_t port,
			   const struct rule **by)
{
	struct packet p = { address(src), address(dst), PROTO_TCP, sport == 6 ? 65535 : sport, port };
	uint32_t chain;
	if (!packet_is_possible(&p))
		return ACTION_DENY;
	return ruleset_decide(r, &p, NULL, (struct reading){ .upper = true }, by, &chain);
}

static void mark_lost(const struct ruleset *r, uint32_t src, uint32_t dst, bool *lost)
{
	const struct rule *by;
	for (uint16_t port = 4; port <= 5; port++)
		for (uint16_t sport = 0; sport < 7; sport++)
			if (decided(r, src, dst, sport, port, &by) == ACTION_PERMIT)
				return;
	for (uint16_t sport = 0; sport < 7; sport++)
		if (decided(r, src, dst, sport, 3, &by) == ACTION_PERMIT && by)
			lost[by - r->chains.v[0].rules.v] = true;
}

static void rules_that_permit_only_the_endpoint_mapper_are_found(void **state)
{
	const struct port_range handed_out = { 4, 5 };
	size_t found = 0, none = 0;
	for (uint64_t round = 1; round <= rounds(150); round++) {
		struct arena *a = arena_new();
		seed = first_seed = round * 32452843;
		struct ruleset *r = random_flat_ruleset(a);
		static const struct service_term to_mapper = { PROTO_TCP, PROTO_TCP, { 0, 65535 }, { 3, 3 } };
		bool lost[16] = { false };
		r->chains.v[0].fallthrough = ACTION_DENY;
		for (size_t i = 0; i < r->chains.v[0].rules.n; i += 2) {
			r->chains.v[0].rules.v[i].match.services = &to_mapper;
			r->chains.v[0].rules.v[i].match.n_services = 1;
		}
		for (uint32_t src = 0; src < N_ADDRESSES; src++)
			for (uint32_t dst = 0; dst < N_ADDRESSES; dst++)
				mark_lost(r, src, dst, lost);
		for (int e = ENGINE_DIAGRAMS; e <= ENGINE_SWEEP; e++) {
			struct effort effort = { .engine = (enum engine)e };
			struct workspace w;
			workspace_begin(&w, a);
			struct mapper m = mapper_add(a, w.space, 3, &handed_out, 1);
			struct compiled *code = compile_add(a, w.space, r, NULL);
			workspace_freeze(&w, code);
			compile_make(code, w.m);
			struct mapper_answer k = mapper_ask(a, &m, &w, code, r, &effort);
			size_t n = 0;
			assert_false(k.unknown);
			for (size_t i = 0; i < r->chains.v[0].rules.n; i++)
				if (lost[i])
					assert_ptr_equal(n < k.rules.n ? k.rules.v[n++] : NULL,
							 &r->chains.v[0].rules.v[i]);
			assert_int_equal(n, k.rules.n);
			found += n;
			none += !n;
		}
		arena_free(a);
	}
	print_message("# %zu rules, %zu times none\n", found, none);
	assert_true(found > enough(20) && none > enough(20));
}

/* Comparisons */

struct side {
	struct filter filters[3];
	struct flowbox boxes[4];
	struct permits permits;
};

static void random_side(struct arena *a, struct side *s)
{
	size_t n = rnd(4);
	*s = (struct side){ .permits.n_filters = n };
	s->permits.filters = s->filters;
	s->permits.boxes = s->boxes;
	for (size_t i = 0; i < n; i++) {
		struct flowbox *seen = ARENA_NEW(a, struct flowbox);
		*seen = random_box(a);
		s->filters[i] = (struct filter){ random_flat_ruleset(a), NULL, seen, rnd(2) };
	}
	for (s->permits.n_boxes = n ? 0 : rnd(4), n = 0; n < s->permits.n_boxes; n++)
		s->boxes[n] = random_box(a);
}

static bool side_permits(const struct side *s, const struct packet *p, size_t *filter, const struct rule **by)
{
	bool permitted = true;
	*filter = SIZE_MAX;
	*by = NULL;
	for (size_t i = 0; i < s->permits.n_boxes; i++)
		if (flowbox_holds(&s->boxes[i], p))
			return true;
	for (size_t i = 0; i < s->permits.n_filters && permitted; i++) {
		const struct filter *f = &s->filters[i];
		const struct rule *rule;
		uint32_t chain;
		if (f->n_judged && !flowbox_holds(f->judged, p))
			continue;
		permitted = ruleset_decide(f->rules, p, NULL, (struct reading){ .upper = true }, &rule, &chain) ==
			    ACTION_PERMIT;
		if (!permitted || *filter == SIZE_MAX) {
			*filter = i;
			*by = rule;
		}
	}
	return s->permits.n_filters && permitted;
}

static void check_change(const struct change *c, const struct side *old, const struct side *new, bool added)
{
	const struct packet *w = &c->before.witness;
	const struct rule *by;
	size_t filter;
	assert_true(packet_is_possible(w));
	assert_int_equal(side_permits(old, w, &filter, &by), !added);
	assert_ptr_equal(c->before.by, by);
	assert_int_equal(c->before_filter, filter);
	assert_int_equal(side_permits(new, w, &filter, &by), added);
	assert_ptr_equal(c->after.by, by);
	assert_int_equal(c->after_filter, filter);
}

static void both_engines_find_the_same_changes(void **state)
{
	size_t differ = 0, equal = 0;
	for (size_t round = 0; round < rounds(300); round++) {
		struct arena *a = arena_new();
		struct side old, new;
		struct flowbox judged = random_box(a);
		struct required required[3] = { 0 };
		seed = first_seed = 7000003 * (round + 1);
		random_side(a, &old);
		random_side(a, &new);
		if (rnd(5) == 0)
			new = old, new.permits.filters = new.filters, new.permits.boxes = new.boxes;
		for (size_t i = 0; i < ARRAY_LEN(required); i++)
			required[i].box = random_box(a);
		struct compare_options o = {
			.judged = &judged, .n_judged = rnd(2), .required = required, .n_required = 3
		};
		o.effort.engine = ENGINE_DIAGRAMS;
		struct comparison x = compare(a, &old.permits, &new.permits, &o);
		o.effort.engine = ENGINE_SWEEP;
		struct comparison y = compare(a, &old.permits, &new.permits, &o);
		assert_int_equal(x.engine, ENGINE_DIAGRAMS);
		assert_int_equal(y.engine, ENGINE_SWEEP);
		assert_int_equal(x.equal, y.equal);
		assert_int_equal(x.n_added, y.n_added);
		assert_int_equal(x.n_removed, y.n_removed);
		for (size_t i = 0; i < x.n_added; i++) {
			assert_int_equal(x.added[i].after_filter, y.added[i].after_filter);
			assert_ptr_equal(x.added[i].after.by, y.added[i].after.by);
			check_change(&x.added[i], &old, &new, true);
			check_change(&y.added[i], &old, &new, true);
		}
		for (size_t i = 0; i < x.n_removed; i++) {
			assert_int_equal(x.removed[i].before_filter, y.removed[i].before_filter);
			assert_ptr_equal(x.removed[i].before.by, y.removed[i].before.by);
			check_change(&x.removed[i], &old, &new, false);
			check_change(&y.removed[i], &old, &new, false);
		}
		for (size_t i = 0; i < ARRAY_LEN(required); i++) {
			assert_int_equal(x.loses[i], y.loses[i]);
			assert_int_equal(x.gains[i], y.gains[i]);
		}
		differ += !x.equal;
		equal += x.equal;
		arena_free(a);
	}
	print_message("# %zu comparisons differ, %zu do not\n", differ, equal);
	assert_true(differ > enough(100) && equal > enough(20));
}

RUN_TESTS(T(the_effect_of_rules_is_what_every_packet_shows), T(all_rules_that_cover_another_together_are_named),
	  T(the_painter_and_diagrams_agree_about_long_lists), T(rules_that_permit_only_the_endpoint_mapper_are_found),
	  T(both_engines_find_the_same_changes))
