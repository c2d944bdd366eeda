/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagrams and the sweep find the same: the same verdict, the same flows, the same
 * rules.  Their packets may differ, and each is tried by the naive evaluator.
 */
#include "test.h"

#include "prove/workspace.h"
#include "random-policy.h"

#include "random-lists.h"

struct asked {
	const struct ruleset *rules;
	const struct interface_map *map;
	const struct required *required;
	size_t n_required;
	const struct flowbox *judged;
	size_t n_judged;
	const char *what;                /* for messages */
	const struct flowbox *tolerated; /* one box; NULL: nothing is */
};

static struct {
	size_t all, swept, failing;
} counts;

#define SAME(q, x, y)                                                                                    \
	do {                                                                                             \
		if ((x) != (y))                                                                          \
			fail_msg("%s, seed %llu: %s is %zu by diagrams and %zu by the sweep", (q)->what, \
				 (unsigned long long)first_seed, #x, (size_t)(x), (size_t)(y));          \
	} while (0)

static void same_answers(const struct asked *q, const struct proof *x, const struct proof *y)
{
	SAME(q, x->verdict, y->verdict);
	SAME(q, x->all_missing, y->all_missing);
	SAME(q, x->n_missing, y->n_missing);
	SAME(q, x->n_surplus, y->n_surplus);
	SAME(q, x->more_surplus, y->more_surplus);
	SAME(q, x->accepts_any_ack, y->accepts_any_ack);
	for (size_t i = 0; i < x->n_missing; i++) {
		SAME(q, x->missing[i].required - q->required, y->missing[i].required - q->required);
		SAME(q, x->missing[i].reply, y->missing[i].reply);
	}
	for (size_t i = 0; i < x->n_surplus; i++)
		SAME(q, (uintptr_t)x->surplus[i].shown.by, (uintptr_t)y->surplus[i].shown.by);
}

static bool boxes_hold(const struct flowbox *v, size_t n, const struct packet *p)
{
	for (size_t i = 0; i < n; i++)
		if (flowbox_holds(&v[i], p))
			return true;
	return false;
}

static bool may_pass(const struct asked *q, const struct packet *p)
{
	for (size_t i = 0; i < q->n_required; i++)
		if (flowbox_holds(&q->required[i].box, p))
			return true;
	return q->tolerated && flowbox_holds(q->tolerated, p);
}

static void check_missing(struct arena *a, const struct asked *q, const struct missing *m)
{
	const struct required *r = m->required;
	const struct packet *w = &m->shown.witness;
	struct service_term *terms = ARENA_ARRAY(a, struct service_term, 2 * r->box.n_services);
	struct flowbox box = m->reply ? reply_box(&r->box, r->client_ports, terms) : r->box;
	struct reading reading = { .upper = !m->condition, .reply = m->reply };
	const struct rule *by;
	uint32_t chain;
	assert_true(packet_is_possible(w));
	assert_true(flowbox_holds(&box, w));
	assert_int_not_equal(ruleset_decide(q->rules, w, q->map, reading, &by, &chain), ACTION_PERMIT);
	assert_ptr_equal(by, m->shown.by);
}

static void check_surplus(const struct asked *q, const struct surplus *s)
{
	const struct packet *w = &s->shown.witness;
	struct reading reading = { .upper = s->condition != NULL, .invalid = s->invalid };
	const struct rule *by;
	uint32_t chain;
	assert_true(packet_is_possible(w));
	assert_true(boxes_hold(q->judged, q->n_judged, w));
	assert_false(may_pass(q, w));
	assert_int_equal(ruleset_decide(q->rules, w, q->map, reading, &by, &chain), ACTION_PERMIT);
	assert_ptr_equal(by, s->shown.by);
}

static void check_witnesses(struct arena *a, const struct asked *q, const struct proof *k)
{
	for (size_t i = 0; i < k->n_missing; i++)
		check_missing(a, q, &k->missing[i]);
	for (size_t i = 0; i < k->n_surplus; i++)
		check_surplus(q, &k->surplus[i]);
}

/* What the sweep's header asks for.  *certain is false when interfaces would have to be looked up to know. */
static bool is_flat(const struct ruleset *r, bool *certain)
{
	*certain = true;
	if (r->bases.n != 1 || ruleset_tells_invalid(r) || r->replies == REPLIES_BY_FLAG ||
	    r->replies == REPLIES_BY_RULE)
		return false;
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			const struct rule *rule = &r->chains.v[c].rules.v[i];
			*certain &= !rule->match.in.n && !rule->match.out.n;
			/* a rule for replies may be its own finding: whether it counts depends on the question */
			*certain &= rule->match.conversation == CONVERSATION_ANY || rule->action == ACTION_PERMIT ||
				    rule->action == ACTION_DENY;
			if (rule->match.never || rule->action == ACTION_NEXT)
				continue;
			if (rule->perhaps)
				return false;
			if (c == r->bases.v[0] && rule->match.conversation != CONVERSATION_ESTABLISHED &&
			    rule->action != ACTION_PERMIT && rule->action != ACTION_DENY &&
			    rule->action != ACTION_RETURN)
				return false;
		}
	return true;
}

static void both_engines_agree(struct arena *a, const struct asked *q)
{
	struct proof_question diagrams = { .map = q->map,
					   .required = q->required,
					   .n_required = q->n_required,
					   .tolerated = q->tolerated,
					   .n_tolerated = q->tolerated != NULL,
					   .judged = q->judged,
					   .n_judged = q->n_judged,
					   .engine = ENGINE_DIAGRAMS };
	struct proof_question sweep = diagrams;
	sweep.engine = ENGINE_SWEEP;
	struct proof x = prove(a, q->rules, &diagrams), y = prove(a, q->rules, &sweep);
	bool certain, flat = is_flat(q->rules, &certain);
	assert_int_equal(x.engine, ENGINE_DIAGRAMS);
	/* the sweep states which engine answered when it could not */
	if (certain || !flat)
		assert_int_equal(y.engine, flat ? ENGINE_SWEEP : ENGINE_DIAGRAMS);
	same_answers(q, &x, &y);
	check_witnesses(a, q, &x);
	check_witnesses(a, q, &y);
	counts.all++;
	counts.swept += y.engine == ENGINE_SWEEP;
	counts.failing += x.verdict == VERDICT_FAILS;
}

/* Rule sets of every dialect, with something wrong in them */

/* A rule with conditions of its own; NULL when the chain has none. */
static struct rule *random_rule(struct chain *c)
{
	for (unsigned tries = 0; c->rules.n && tries < 20; tries++) {
		struct rule *r = &c->rules.v[rnd((uint32_t)c->rules.n)];
		if (r->match.conversation != CONVERSATION_ESTABLISHED && !r->match.never)
			return r;
	}
	return NULL;
}

static void mutate(struct arena *a, struct ruleset *r)
{
	struct chain *c = &r->chains.v[rnd((uint32_t)r->chains.n)];
	struct rule *x = random_rule(c), *y = random_rule(c);
	if (!x || !y)
		return;
	switch (rnd(5)) {
	case 0: /* dropped */
		memmove(x, x + 1, (size_t)(c->rules.v + c->rules.n - x - 1) * sizeof *x);
		c->rules.n--;
		break;
	case 1: { /* moved */
		struct rule was = *x;
		*x = *y;
		*y = was;
		break;
	}
	case 2:
		x->action = x->action == ACTION_PERMIT ? ACTION_DENY
			    : x->action == ACTION_DENY ? ACTION_PERMIT
						       : x->action;
		break;
	case 3: /* widened to everything on one side */
		if (rnd(3) == 0)
			x->match.n_services = 0;
		else if (rnd(2))
			x->match.src = NULL;
		else
			x->match.dst = NULL;
		break;
	default: { /* widened by a subnet that other rules know in part */
		const struct addrset **side = rnd(2) ? &x->match.src : &x->match.dst;
		struct addr_range more =
			parse((const char *[]){ "10.1.0.0/17", "10.20.0.64/26", "192.0.2.128/25" }[rnd(3)]);
		struct addrset *wider = ARENA_NEW(a, struct addrset);
		if (!*side)
			break;
		*wider = addrset_union(a, **side, addrset_of(a, &more, 1));
		*side = wider;
	}
	}
}

static void check_dialect(struct arena *a, const struct dialect *x, const struct policy *p)
{
	struct diag *d = diag_new(a);
	struct flowbox judged[N_ZONES * N_ZONES];
	struct interface_map map = zone_map(a, p);
	struct str text;
	assert_true(emit(a, x, p, &text, d));
	struct ruleset *r = (struct ruleset *)read(a, x, p->side, text, d);
	assert_non_null(r);
	for (uint32_t n = rnd(4); n; n--)
		mutate(a, r);
	struct asked q = { r, &map, required_of(a, p), p->n_relations, judged, judged_of(a, p, judged), x->name, NULL };
	both_engines_agree(a, &q);
}

static void both_engines_find_the_same_in_rule_sets_of_every_dialect(void **state)
{
	counts.all = counts.swept = counts.failing = 0;
	each_round(rounds(150), check_dialect);
	print_message("# %zu rule sets, %zu by the sweep, %zu that fail\n", counts.all, counts.swept, counts.failing);
	if (one_is_chosen())
		return; /* of one alone nothing is promised */
	assert_true(2 * counts.swept > counts.all);
	assert_true(4 * counts.failing > counts.all);
}

/* Every protocol alone, also those that begin or end a class of services. */
static void a_rule_of_any_one_protocol_is_surplus_in_both_engines(void **state)
{
	static const struct service_term any = ANY_SERVICE_INIT;
	for (unsigned protocol = 0; protocol < 256; protocol++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		struct ruleset *r = ruleset_new(a, NULL, "test");
		uint32_t chain = ruleset_chain(r, STR("c"), NOWHERE);
		*VEC_ADD(a, &r->bases) = chain;
		r->chains.v[chain].fallthrough = ACTION_DENY;
		struct rule *rule = ruleset_rule(r, chain, NOWHERE);
		struct service_term *t = ARENA_NEW(a, struct service_term);
		*t = any;
		t->protocol_lo = t->protocol_hi = (uint8_t)protocol;
		rule->match.services = t;
		rule->match.n_services = 1;
		rule->action = ACTION_PERMIT;
		struct flowbox judged = { addrset_all(a), addrset_all(a), &any, 1 };
		for (enum engine engine = ENGINE_DIAGRAMS; engine <= ENGINE_SWEEP; engine++) {
			struct proof_question q = { .judged = &judged, .n_judged = 1, .engine = engine };
			struct proof k = prove(a, r, &q);
			if (k.verdict != VERDICT_FAILS || k.engine != engine || k.n_surplus != 1 ||
			    k.surplus[0].shown.by != rule)
				fail_msg("protocol %u, engine %d: %s", protocol, engine, verdict_names[k.verdict]);
		}
	}
}

/* Long lists */

/* What one of its rules matches may pass. */
static bool tolerates_a_rule(const struct ruleset *r, struct flowbox *ret)
{
	static const struct service_term any = ANY_SERVICE_INIT;
	struct chain *c = &r->chains.v[0];
	const struct match *m = &c->rules.v[rnd((uint32_t)c->rules.n)].match;
	if (!m->src || !m->dst)
		return false;
	*ret = (struct flowbox){ *m->src, *m->dst, m->n_services ? m->services : &any,
				 m->n_services ? m->n_services : 1 };
	return true;
}

static void both_engines_find_the_same_in_long_lists(void **state)
{
	counts.all = counts.swept = counts.failing = 0;
	for (size_t round = 0; round < rounds(200); round++) {
		struct arena *a = arena_new();
		seed = first_seed = 2000003 * (round + 1);
		enum shape shape = (enum shape)(round % N_SHAPES);
		struct random_list l = random_list(a, shape, rnd(3) ? IPV4 : IPV6, 20 + rnd(rnd(3) ? 100 : 381));
		struct asked q = { l.rules,  NULL,       l.required,         l.n_required,
				   l.judged, l.n_judged, shape_names[shape], NULL };
		struct flowbox tolerated;
		if (round % 3 == 0 && tolerates_a_rule(l.rules, &tolerated))
			q.tolerated = &tolerated;
		both_engines_agree(a, &q);
		arena_free(a);
	}
	print_message("# %zu lists, %zu by the sweep, %zu that fail\n", counts.all, counts.swept, counts.failing);
	assert_int_equal(counts.swept, counts.all);
	assert_true(2 * counts.failing > counts.all);
}

/* Whether diagrams of the rules test another field first than the default. */
static bool is_reordered(struct arena *a, const struct ruleset *r)
{
	struct workspace w;
	workspace_begin(&w, a);
	workspace_freeze(&w, compile_add(a, w.space, r, NULL));
	return diagrams_field(w.m, 0) != DIM_PROTOCOL;
}

/* So long that an order of the fields is looked for; a different one fits each shape. */
static void diagrams_in_another_order_find_the_same(void **state)
{
	size_t n = rounds(3 * N_SHAPES), reordered = 0;
	for (size_t round = 0; round < n; round++) {
		struct arena *a = arena_new();
		seed = first_seed = 3000017 * (round + 1);
		struct random_list l = random_list(a, (enum shape)(round % N_SHAPES), IPV4, 800 + rnd(200));
		assert_true(l.rules->chains.v[0].rules.n >= 800);
		struct asked q = {
			l.rules, NULL, l.required, l.n_required, l.judged, l.n_judged, shape_names[round % N_SHAPES],
			NULL
		};
		both_engines_agree(a, &q);
		reordered += is_reordered(a, l.rules);
		arena_free(a);
	}
	print_message("# %zu long lists, %zu in another order\n", n, reordered);
	assert_true(n < N_SHAPES || (reordered && reordered < n));
}

RUN_TESTS(T(both_engines_find_the_same_in_rule_sets_of_every_dialect),
	  T(a_rule_of_any_one_protocol_is_surplus_in_both_engines), T(both_engines_find_the_same_in_long_lists),
	  T(diagrams_in_another_order_find_the_same))
