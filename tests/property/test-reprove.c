/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proving again after a small change finds what a new proof finds.
 */
#include "test.h"

#include "rounds.h"

#include "prove/reprove.h"
#include "random-rules.h"

enum { N_REQUIRED = 3, MOST_NEW = 2 };

struct round {
	struct arena *arena;
	struct ruleset *rules;
	struct required required[N_REQUIRED];
	struct flowbox judged[2];
	size_t n_judged;
	const struct proof *proof;
};

/* New rules come from another rule set; calls stay where they are, so that none goes round in a circle. */
static struct change_of_rules random_change(struct round *k)
{
	struct change_of_rules c = { 0 };
	struct ruleset *r = k->rules, *other = random_ruleset(k->arena);
	struct splice *v = ARENA_ARRAY(k->arena, struct splice, r->chains.n);
	for (uint32_t chain = 0; chain < r->chains.n; chain++) {
		size_t n = r->chains.v[chain].rules.n, from = rnd((uint32_t)other->chains.n);
		struct rule *new = ARENA_ARRAY(k->arena, struct rule, MOST_NEW);
		struct splice s = { .chain = chain, .at = rnd((uint32_t)n + 1), .new = new };
		if (rnd(3) == 0)
			continue;
		s.n_old = rnd((uint32_t)MIN(n - s.at, (size_t)2) + 1);
		for (size_t i = 0; i < MIN(other->chains.v[from].rules.n, (size_t)MOST_NEW) && rnd(3); i++) {
			new[s.n_new] = other->chains.v[from].rules.v[i];
			s.n_new += new[s.n_new].action != ACTION_CALL &&new[s.n_new].action != ACTION_GOTO;
		}
		if (s.n_old || s.n_new)
			v[c.n++] = s;
	}
	c.v = v;
	return c;
}

static bool has_missing(const struct proof *k, const struct missing *m)
{
	for (size_t i = 0; i < k->n_missing; i++)
		if (k->missing[i].required == m->required && k->missing[i].reply == m->reply &&
		    !k->missing[i].condition == !m->condition)
			return true;
	return false;
}

static bool has_surplus(const struct proof *k, const struct surplus *s)
{
	for (size_t i = 0; i < k->n_surplus; i++)
		if (k->surplus[i].shown.by == s->shown.by && k->surplus[i].shown.chain == s->shown.chain &&
		    !k->surplus[i].condition == !s->condition)
			return true;
	return false;
}

static void finds_the_same(const struct proof *x, const struct proof *y)
{
	assert_int_equal(x->verdict, y->verdict);
	assert_int_equal(x->n_rules, y->n_rules);
	assert_int_equal(x->accepts_any_ack, y->accepts_any_ack);
	assert_int_equal(x->n_missing, y->n_missing);
	for (size_t i = 0; i < x->n_missing; i++)
		assert_true(has_missing(y, &x->missing[i]));
	for (size_t i = 0; i < x->n_surplus; i++)
		assert_true(has_surplus(y, &x->surplus[i]));
	for (size_t i = 0; i < y->n_surplus; i++)
		assert_true(has_surplus(x, &y->surplus[i]));
}

static bool region_holds(const struct region *r, const struct packet *p)
{
	return addrset_holds(r->src, p->src) && addrset_holds(r->dst, p->dst) &&
	       portset_holds(r->protocols, p->protocol) && portset_holds(r->sports, p->sport) &&
	       portset_holds(r->ports, p->port);
}

/* 1: in a region that is shown, 0: in none, -1: not all regions are shown. */
static int shown(const struct proof *k, const struct packet *p)
{
	int ret = 0;
	for (size_t i = 0; i < k->n_surplus; i++) {
		for (size_t n = 0; n < k->surplus[i].n_regions; n++)
			if (region_holds(&k->surplus[i].regions[n], p))
				return 1;
		ret = k->surplus[i].more_regions ? -1 : ret;
	}
	return ret;
}

struct both {
	const struct proof *x, *y;
};

static void shows_the_same(void *ctx, const struct packet *p)
{
	const struct both *b = ctx;
	if (!packet_is_possible(p))
		return;
	int x = shown(b->x, p), y = shown(b->y, p);
	if (x >= 0 && y >= 0)
		assert_int_equal(x, y);
}

static void witnesses_are_true(const struct round *k, const struct interface_map *map, const struct proof *p)
{
	const struct rule *by;
	uint32_t chain;
	for (size_t i = 0; i < p->n_missing; i++) {
		const struct missing *m = &p->missing[i];
		struct reading reading = { .upper = !m->condition, .reply = m->reply };
		assert_int_equal(ruleset_decide(k->rules, &m->shown.witness, map, reading, &by, &chain), ACTION_DENY);
		assert_ptr_equal(by, m->shown.by);
	}
	for (size_t i = 0; i < p->n_surplus; i++) {
		const struct surplus *s = &p->surplus[i];
		struct reading reading = { .upper = s->condition != NULL, .invalid = s->invalid };
		assert_int_equal(ruleset_decide(k->rules, &s->shown.witness, map, reading, &by, &chain), ACTION_PERMIT);
		assert_ptr_equal(by, s->shown.by);
	}
}

/* A round of changes, one after the other, each proved from the proof before it. */
static size_t change_and_compare(struct round *k, bool flat)
{
	struct interface_map map = random_interface_map(k->arena);
	/* rules that name a part of a zone's interfaces are proved as a whole */
	if (rnd(8))
		map.certain = NULL;
	size_t answered = 0;
	struct proof_question q = { .map = &map,
				    .required = k->required,
				    .n_required = N_REQUIRED,
				    .judged = k->judged,
				    .n_judged = k->n_judged };
	struct flowbox tolerated = random_box(k->arena);
	if (rnd(3) == 0) {
		q.tolerated = &tolerated;
		q.n_tolerated = 1;
	}
	struct proof last = prove(k->arena, k->rules, &q);
	for (int step = 0; step < 4; step++) {
		struct change_of_rules change = random_change(k);
		struct proof again, anew;
		bool ok = reprove(k->arena, &last, k->rules, &change, &q, &again);
		anew = prove(k->arena, k->rules, &q);
		if (ok) {
			struct both both = { &again, &anew };
			answered++;
			finds_the_same(&again, &anew);
			witnesses_are_true(k, &map, &anew);
			witnesses_are_true(k, &map, &again);
			if (flat && step == 0)
				each_packet(shows_the_same, &both);
		}
		last = ok ? again : anew;
	}
	return answered;
}

static void run_rounds(uint64_t most, bool flat)
{
	size_t answered = 0;
	for (uint64_t round = 1; round <= most; round++) {
		struct round k = { .arena = arena_new() };
		seed = round * 179424673;
		k.rules = flat ? random_flat_ruleset(k.arena) : random_ruleset(k.arena);
		k.rules->replies = (enum replies)rnd(REPLIES_BY_RULE + 1);
		for (size_t i = 0; i < k.rules->bases.n; i++)
			k.rules->chains.v[k.rules->bases.v[i]].fallthrough = rnd(8) ? ACTION_DENY : ACTION_PERMIT;
		for (size_t i = 0; i < N_REQUIRED; i++)
			k.required[i] = (struct required){ .box = random_box(k.arena), .client_ports = { 2, 4 } };
		for (size_t i = 0; i < N_REQUIRED; i++)
			if (rnd(3) == 0)
				k.required[i].tolerated = random_wider(k.arena, &k.required[i].box);
		for (size_t i = 0; i < ARRAY_LEN(k.judged); i++)
			k.judged[i] = random_box(k.arena);
		k.n_judged = rnd(3);
		answered += change_and_compare(&k, flat);
		arena_free(k.arena);
	}
	if (answered < most)
		fail_msg("only %zu of %zu changes were proved by what changed", answered, (size_t)most * 4);
}

static void proving_a_changed_list_again_finds_what_a_new_proof_finds(void **state)
{
	run_rounds(rounds(500), true);
}

static void proving_uncertain_chains_again_finds_what_a_new_proof_finds(void **state)
{
	run_rounds(rounds(3000), false);
}

/* "high" is one of two interfaces of what is high: a rule that names it is certain or not by the rules beside it. */
static void a_new_rule_that_names_a_part_of_a_zone_is_proved_as_a_whole(void **state)
{
	static const struct str high = STR_INIT("high");
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct round k = { .arena = a, .rules = ruleset_new(a, NULL, "random"), .n_judged = 1 };
	struct interface_map map = random_interface_map(a);
	struct proof_question q = { .map = &map, .judged = k.judged, .n_judged = 1 };
	seed = 179424673;
	k.judged[0] = random_box(a);
	*VEC_ADD(a, &k.rules->bases) = ruleset_chain(k.rules, STR("c"), NOWHERE);
	struct flowbox some = random_box(a);
	struct rule permit = { .match = { .src = &some.src,
					  .dst = &some.dst,
					  .services = some.services,
					  .n_services = some.n_services },
			       .action = ACTION_PERMIT };
	for (int named = 0; named < 2; named++) {
		struct splice first = { .new = &permit, .n_new = 1 };
		struct change_of_rules change = { .v = &first, .n = 1 };
		struct proof last = prove(a, k.rules, &q), again;
		permit.match.in =
			named ? (struct interface_names){ .v = &high, .n = 1 } : (struct interface_names){ 0 };
		assert_int_equal(reprove(a, &last, k.rules, &change, &q, &again), !named);
	}
}

RUN_TESTS(T(a_new_rule_that_names_a_part_of_a_zone_is_proved_as_a_whole),
	  T(proving_a_changed_list_again_finds_what_a_new_proof_finds),
	  T(proving_uncertain_chains_again_finds_what_a_new_proof_finds))
