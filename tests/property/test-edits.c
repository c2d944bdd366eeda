/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edits that are shown fix the rules: with all of them, the naive evaluator permits
 * what is needed and nothing else of what is judged.
 */
#include "test.h"

#include "rounds.h"

#include "prove/edit.h"
#include "random-rules.h"

enum { N_REQUIRED = 3 };

struct round {
	struct interface_map map;
	const struct ruleset *rules;
	struct required required[N_REQUIRED];
	struct flowbox judged;
	size_t n_packets;
};

static void passes_as_needed(void *ctx, const struct packet *p)
{
	struct round *k = ctx;
	const struct rule *by;
	uint32_t chain;
	bool needed = false;
	if (!packet_is_possible(p))
		return;
	for (size_t i = 0; i < N_REQUIRED; i++)
		needed |= flowbox_holds(&k->required[i].box, p);
	if (!needed && !flowbox_holds(&k->judged, p))
		return;
	for (int upper = 0; upper < 2; upper++) {
		struct reading reading = { .upper = upper };
		assert_int_equal(ruleset_decide(k->rules, p, &k->map, reading, &by, &chain) == ACTION_PERMIT, needed);
	}
	k->n_packets++;
}

static size_t of_kind(const struct edits *e, enum edit_kind kind)
{
	size_t n = 0;
	for (size_t i = 0; i < e->n; i++)
		n += e->v[i].kind == kind;
	return n;
}

/* One rule less, one with the opposite action, one in another position: as users break lists. */
static void break_list(struct ruleset *r)
{
	struct chain *c = &r->chains.v[0];
	uint32_t i = rnd((uint32_t)c->rules.n), k = rnd((uint32_t)c->rules.n);
	struct rule moved = c->rules.v[i];
	if (rnd(3) == 0) {
		c->rules.v[i].action = moved.action == ACTION_PERMIT ? ACTION_DENY : ACTION_PERMIT;
	} else {
		c->rules.v[i] = c->rules.v[k];
		c->rules.v[k] = moved;
	}
}

/* Permits for what is needed, with a few rules of chance among them. */
static struct ruleset *list_for(struct arena *a, const struct round *k)
{
	struct ruleset *r = random_flat_ruleset(a);
	r->chains.v[0].fallthrough = ACTION_DENY;
	r->chains.v[0].rules.n = MIN(r->chains.v[0].rules.n, (size_t)rnd(3));
	for (size_t i = 0; i < N_REQUIRED; i++) {
		struct rule *rule = ruleset_rule(r, 0, NOWHERE);
		const struct flowbox *b = &k->required[i].box;
		rule->match = (struct match){
			.src = &b->src, .dst = &b->dst, .services = b->services, .n_services = b->n_services
		};
		rule->action = ACTION_PERMIT;
	}
	break_list(r);
	return r;
}

static void edits_that_are_shown_fix_the_rules(void **state)
{
	size_t proved = 0, seen[4] = { 0 };
	for (uint64_t round = 1; round <= rounds(150); round++) {
		struct arena *a = arena_new();
		struct round k = { .map = { .addresses = random_interface, .ctx = a } };
		seed = round * 122949823;
		for (size_t i = 0; i < N_REQUIRED; i++)
			k.required[i] = (struct required){ .box = random_box(a), .client_ports = { 2, 4 } };
		k.judged = random_box(a);
		struct ruleset *r = round % 3 ? list_for(a, &k) : random_ruleset(a);
		r->replies = REPLIES_FREE;
		struct proof_question q = { .map = &k.map,
					    .required = k.required,
					    .n_required = N_REQUIRED,
					    .judged = &k.judged,
					    .n_judged = 1 };
		struct proof proof = prove(a, r, &q);
		struct edits e = propose_edits(a, &proof, &q);
		if (e.proved && e.n) {
			k.rules = edited_rules(a, r, e.v, e.n);
			each_packet(passes_as_needed, &k);
			for (size_t i = 0; i < ARRAY_LEN(seen); i++)
				seen[i] += of_kind(&e, (enum edit_kind)i);
			proved++;
		} else {
			assert_true(e.why_not || proof.verdict == VERDICT_HOLDS);
			assert_int_equal(e.n, 0);
		}
		arena_free(a);
	}
	if (proved < enough(60))
		fail_msg("edits were found for %zu of 150 lists only", proved);
	for (size_t i = 0; i < ARRAY_LEN(seen); i++)
		if (!seen[i])
			fail_msg("no edit of kind %zu was ever shown", i);
}

/*
 * A rule behind the denial permits the flow and more.  To move it would open more than is
 * needed, so a new rule for the flow alone is inserted before the denial.
 */
static void a_wider_rule_behind_a_denial_is_not_moved(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *r = ruleset_new(a, NULL, "random");
	struct addr_range one = { IPV4, 0x0a000001, 0x0a000001 }, many = { IPV4, 0x0a000000, 0x0a0000ff },
			  server = { IPV4, 0x0a010001, 0x0a010001 };
	struct addrset src = addrset_of(a, &one, 1), wide = addrset_of(a, &many, 1), dst = addrset_of(a, &server, 1);
	struct service_term web = service_of(PROTO_TCP, (struct port_range){ 443, 443 });
	struct flowbox judged = { src, dst, &web, 1 };
	struct required required = { .box = { src, dst, &web, 1 } };
	ruleset_chain(r, STR("c"), NOWHERE);
	r->chains.v[0].fallthrough = ACTION_DENY;
	*VEC_ADD(a, &r->bases) = 0;
	for (int i = 0; i < 2; i++) {
		struct rule *rule = ruleset_rule(r, 0, NOWHERE);
		rule->action = i ? ACTION_PERMIT : ACTION_DENY;
		rule->match = (struct match){ .src = i ? &wide : &src, .dst = &dst, .services = &web, .n_services = 1 };
	}
	struct proof_question q = { .required = &required, .n_required = 1, .judged = &judged, .n_judged = 1 };
	struct proof proof = prove(a, r, &q);
	struct edits e = propose_edits(a, &proof, &q);
	assert_true(e.proved);
	assert_int_equal(e.n, 1);
	assert_int_equal(e.v[0].kind, EDIT_INSERT);
	assert_ptr_equal(e.v[0].at, &r->chains.v[0].rules.v[0]);
	arena_free(a);
}

/* A list of one chain that denies everything, and the proof that the flows pass it. */
static struct edits edits_of_flows(struct arena *a, const struct required *required, size_t n)
{
	struct ruleset *r = ruleset_new(a, NULL, "random");
	struct service_term any = ANY_SERVICE;
	struct flowbox judged = { addrset_all(a), addrset_all(a), &any, 1 };
	ruleset_chain(r, STR("c"), NOWHERE);
	r->chains.v[0].fallthrough = ACTION_DENY;
	*VEC_ADD(a, &r->bases) = 0;
	struct proof_question q = { .required = required, .n_required = n, .judged = &judged, .n_judged = 1 };
	struct proof proof = prove(a, r, &q);
	return propose_edits(a, &proof, &q);
}

static struct required flow_of(struct arena *a, uint32_t src, uint32_t dst, uint8_t protocol, uint16_t port)
{
	struct addr_range from = { IPV4, 0x0a000000u + src, 0x0a000000u + src },
			  to = { IPV4, 0x0a000100u + dst, 0x0a000100u + dst };
	struct service_term *term = ARENA_NEW(a, struct service_term);
	*term = service_of(protocol, (struct port_range){ port, port });
	return (struct required){ .box = { addrset_of(a, &from, 1), addrset_of(a, &to, 1), term, 1 } };
}

/* A relation's rules are all gone: one comes back. */
static void alike_flows_are_permitted_by_one_rule(void **state)
{
	enum { N = 24 };
	struct arena *a = arena_new();
	struct required *required = ARENA_ARRAY(a, struct required, N);
	for (uint32_t i = 0; i < N; i++)
		required[i] = flow_of(a, i % 4, i / 4 % 2, i / 8 == 2 ? PROTO_UDP : PROTO_TCP, (uint16_t)(1 + i / 8));
	struct edits e = edits_of_flows(a, required, N);
	assert_true(e.proved);
	assert_int_equal(e.n, 1);
	assert_int_equal(e.v[0].kind, EDIT_INSERT);
	assert_int_equal(e.v[0].boxes[0].n_services, 3);
	arena_free(a);
}

static void as_many_edits_as_the_limit_are_shown_and_not_one_more(void **state)
{
	enum { LIMIT = 200 };
	for (uint32_t n = LIMIT; n <= LIMIT + 1; n++) {
		struct arena *a = arena_new();
		struct required *required = ARENA_ARRAY(a, struct required, n);
		for (uint32_t i = 0; i < n; i++)
			required[i] = flow_of(a, i, i, PROTO_TCP, (uint16_t)(1 + i));
		struct edits e = edits_of_flows(a, required, n);
		assert_int_equal(e.n, n == LIMIT ? LIMIT : 0);
		assert_int_equal(e.why_not != NULL, n > LIMIT);
		arena_free(a);
	}
}

RUN_TESTS(T(edits_that_are_shown_fix_the_rules), T(a_wider_rule_behind_a_denial_is_not_moved),
	  T(alike_flows_are_permitted_by_one_rule), T(as_many_edits_as_the_limit_are_shown_and_not_one_more))
