/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that name RPC interfaces: what the prover finds is what the naive
 * evaluator finds when it tries every packet as of every interface.
 */
#include "test.h"

#include "rounds.h"

#include "prove/compare.h"
#include "random-rules.h"

/* What a packet may be of: nothing, two interfaces that rules name, and one that they do not. */
enum { AS_NOTHING, AS_FIRST, AS_SECOND, AS_OTHER, N_AS };
static const struct str uuids[N_AS] = {
	[AS_FIRST] = STR_INIT("first"), [AS_SECOND] = STR_INIT("second"), [AS_OTHER] = STR_INIT("other")
};

enum { MOST_FLOWS = 4, LEAST_PORT = 1024 };

struct round {
	struct arena *arena;
	struct ruleset *rules;
	struct ruleset *as[N_AS]; /* without the rules that do not count then */
	struct interface_map map;
	struct required flows[MOST_FLOWS];
	size_t n_flows;
	struct flowbox judged[2];
	size_t n_judged;
	/* what the naive evaluator finds */
	bool missing[MOST_FLOWS], doubtful[MOST_FLOWS];
	bool surplus, doubtful_surplus;
};

static bool counts_as(const struct rule *r, int as)
{
	if (!r->rpc)
		return true;
	return as != AS_NOTHING && (r->rpc == RPC_ANY_INTERFACE || (int)r->rpc == as);
}

/* The rules that count, certain where only the interface was not known; text is the rule that each is. */
static struct ruleset *seen_as(struct arena *a, const struct ruleset *r, int as)
{
	struct ruleset *ret = ARENA_NEW(a, struct ruleset);
	*ret = *r;
	memset(&ret->chains, 0, sizeof ret->chains);
	for (size_t c = 0; c < r->chains.n; c++) {
		struct chain *chain = VEC_ADD(a, &ret->chains);
		*chain = r->chains.v[c];
		memset(&chain->rules, 0, sizeof chain->rules);
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			const struct rule *rule = &r->chains.v[c].rules.v[i];
			if (!counts_as(rule, as))
				continue;
			struct rule *copy = VEC_ADD(a, &chain->rules);
			*copy = *rule;
			copy->text.p = (const char *)rule;
			if (rule->rpc)
				copy->perhaps = rule->rpc_perhaps;
		}
	}
	return ret;
}

/* A flow that some rule matches, so that it may pass. */
static void follow_a_rule(struct arena *a, const struct ruleset *r, struct required *ret, struct str *names)
{
	const struct chain *c = &r->chains.v[0];
	const struct rule *rule = c->rules.n ? &c->rules.v[rnd((uint32_t)c->rules.n)] : NULL;
	if (!rule || !rule->rpc || !rule->match.src || !rule->match.dst || !rule->match.n_services)
		return;
	ret->box = (struct flowbox){ addrset_of(a, rule->match.src->v, 1), addrset_of(a, rule->match.dst->v, 1),
				     rule->match.services, 1 };
	ret->helper = HELPER_RPC;
	ret->n_rpc_interfaces = 1;
	names[0] = uuids[rule->rpc == RPC_ANY_INTERFACE ? AS_OTHER : rule->rpc];
	/* and one that needs something else than the rule gives */
	if (rnd(3) == 0)
		names[0] = uuids[AS_FIRST + rnd(N_AS - AS_FIRST)];
}

static void make_round(struct round *k, struct arena *a)
{
	*k = (struct round){ .arena = a,
			     .rules = rnd(2) ? random_ruleset(a) : random_flat_ruleset(a),
			     .map = { .addresses = random_interface, .ctx = a } };
	k->rules->replies = REPLIES_FREE;
	k->rules->rpc_named = true;
	for (int i = AS_FIRST; i <= AS_SECOND; i++)
		*VEC_ADD(a, &k->rules->rpc_interfaces) = uuids[i];
	for (size_t c = 0; c < k->rules->chains.n; c++)
		for (size_t i = 0; i < k->rules->chains.v[c].rules.n; i++) {
			struct rule *rule = &k->rules->chains.v[c].rules.v[i];
			uint32_t which = rnd(6);
			if (which > 2)
				continue;
			rule->rpc = which ? which : RPC_ANY_INTERFACE;
			rule->rpc_perhaps = rule->perhaps;
			rule->perhaps = "an interface";
		}
	for (int i = 0; i < N_AS; i++)
		k->as[i] = seen_as(a, k->rules, i);
	k->n_flows = 1 + rnd(MOST_FLOWS);
	for (size_t i = 0; i < k->n_flows; i++) {
		struct str *v = ARENA_ARRAY(a, struct str, N_AS);
		struct required *r = &k->flows[i];
		*r = (struct required){ .box = random_box(a), .client_ports = ALL_PORTS, .rpc_interfaces = v };
		if (rnd(4))
			r->helper = HELPER_RPC;
		for (int n = AS_FIRST; n < N_AS && r->helper == HELPER_RPC; n++)
			if (rnd(2))
				v[r->n_rpc_interfaces++] = uuids[n];
		if (rnd(3) == 0)
			follow_a_rule(a, k->rules, r, v);
	}
	k->n_judged = rnd(3);
	for (size_t i = 0; i < k->n_judged; i++)
		k->judged[i] = rnd(2) ? random_box(a) : k->flows[rnd((uint32_t)k->n_flows)].box;
}

static bool is_for(const struct required *r, int as)
{
	if (r->helper != HELPER_RPC)
		return as == AS_NOTHING;
	if (!r->n_rpc_interfaces)
		return as != AS_NOTHING;
	for (size_t i = 0; i < r->n_rpc_interfaces; i++)
		if (str_eq(r->rpc_interfaces[i], uuids[as]))
			return true;
	return false;
}

static bool holds_at_any_port(const struct flowbox *b, const struct packet *p)
{
	struct service_term terms[8];
	struct flowbox wide = { b->src, b->dst, terms, b->n_services };
	for (size_t i = 0; i < b->n_services; i++) {
		terms[i] = b->services[i];
		terms[i].port = ALL_PORTS;
	}
	return flowbox_holds(&wide, p);
}

static bool is_surplus(const struct round *k, const struct packet *p, int as)
{
	bool judged = false,
	     handed_out = (p->protocol == PROTO_TCP || p->protocol == PROTO_UDP) && p->port >= LEAST_PORT;
	for (size_t i = 0; i < k->n_judged; i++)
		judged |= flowbox_holds(&k->judged[i], p);
	for (size_t i = 0; i < k->n_flows; i++)
		if (as == AS_NOTHING || k->flows[i].helper != HELPER_RPC)
			judged &= !flowbox_holds(&k->flows[i].box, p);
		else if (is_for(&k->flows[i], as))
			judged &= !holds_at_any_port(&k->flows[i].box, p);
	return judged && (as == AS_NOTHING || handed_out);
}

/* By the rules that count; by is the rule of the whole set. */
static bool permits(const struct round *k, const struct packet *p, int as, bool upper, const struct rule **by)
{
	const struct rule *rule;
	uint32_t chain;
	bool permit = ruleset_decide(k->as[as], p, &k->map, (struct reading){ .upper = upper }, &rule, &chain) ==
		      ACTION_PERMIT;
	*by = rule ? (const struct rule *)rule->text.p : NULL;
	return permit;
}

static void try_packet(void *ctx, const struct packet *p)
{
	struct round *k = ctx;
	if (!packet_is_possible(p))
		return;
	for (int as = 0; as < N_AS; as++) {
		const struct rule *by, *certainly_by;
		bool may = permits(k, p, as, true, &by), must = permits(k, p, as, false, &certainly_by);
		for (size_t i = 0; i < k->n_flows; i++) {
			bool asked = is_for(&k->flows[i], as) && flowbox_holds(&k->flows[i].box, p);
			k->missing[i] |= asked && !may;
			k->doubtful[i] |= asked && may && !must;
		}
		/* rules that name no interface are asked without one */
		if (may && is_surplus(k, p, as)) {
			k->surplus |= must && (as == AS_NOTHING || (certainly_by && certainly_by->rpc));
			k->doubtful_surplus |= !must && (as == AS_NOTHING || (by && by->rpc));
		}
	}
}

static int named_as(struct str uuid)
{
	for (int i = AS_FIRST; i < N_AS; i++)
		if (str_eq(uuid, uuids[i]))
			return i;
	return -1;
}

static void check_missing(const struct round *k, const struct missing *m)
{
	const struct rule *by;
	int as = named_as(m->rpc_interface);
	bool stopped = false;
	assert_true(flowbox_holds(&m->required->box, &m->shown.witness));
	assert_true(as == -1 || is_for(m->required, as));
	for (int i = 0; i < N_AS; i++)
		if (as == -1 ? is_for(m->required, i) : i == as)
			stopped |= !permits(k, &m->shown.witness, i, !m->condition, &by) && by == m->shown.by;
	assert_true(stopped);
}

static void check_surplus(const struct round *k, const struct surplus *s)
{
	const struct rule *by;
	bool shown = false;
	for (int as = 0; as < N_AS; as++)
		shown |= is_surplus(k, &s->shown.witness, as) &&
			 permits(k, &s->shown.witness, as, s->condition != NULL, &by) && by == s->shown.by;
	assert_true(shown);
}

static void check_round(struct round *k)
{
	bool missing[MOST_FLOWS] = { 0 }, doubtful[MOST_FLOWS] = { 0 }, surplus = false, doubtful_surplus = false;
	struct proof_question q = { .map = &k->map,
				    .required = k->flows,
				    .n_required = k->n_flows,
				    .judged = k->judged,
				    .n_judged = k->n_judged };
	struct proof p = prove(k->arena, k->rules, &q);
	assert_false(p.undecided);
	assert_ptr_equal(p.rules, k->rules);
	each_packet(try_packet, k);
	for (size_t i = 0; i < p.n_missing; i++) {
		bool *kind = p.missing[i].condition ? doubtful : missing;
		kind[p.missing[i].required - k->flows] = true;
		check_missing(k, &p.missing[i]);
	}
	for (size_t i = 0; i < p.n_surplus; i++) {
		*(p.surplus[i].condition ? &doubtful_surplus : &surplus) = true;
		check_surplus(k, &p.surplus[i]);
	}
	for (size_t i = 0; i < k->n_flows; i++) {
		assert_int_equal(missing[i], k->missing[i]);
		if (!k->missing[i])
			assert_int_equal(doubtful[i], k->doubtful[i]);
	}
	assert_int_equal(surplus, k->surplus);
	if (!k->surplus)
		assert_int_equal(doubtful_surplus, k->doubtful_surplus);
}

static void the_proof_is_what_every_packet_of_every_interface_shows(void **state)
{
	size_t holds_by_interface = 0;
	for (uint64_t n = 1; n <= rounds(500); n++) {
		struct arena *a = arena_new();
		struct round k;
		seed = n * 7919;
		make_round(&k, a);
		check_round(&k);
		struct proof_question q = { .map = &k.map,
					    .required = k.flows,
					    .n_required = k.n_flows,
					    .judged = k.judged,
					    .n_judged = k.n_judged };
		holds_by_interface += prove(a, k.rules, &q).by_rpc_interface;
		arena_free(a);
	}
	/* otherwise little was tried: one in a hundred at least */
	assert_true(holds_by_interface * 100 >= rounds(500));
}

/* Two rule sets */

struct pair {
	const struct round *old, *new;
	bool added, removed, doubtful;
};

static void try_pair(void *ctx, const struct packet *p)
{
	struct pair *k = ctx;
	bool handed_out = (p->protocol == PROTO_TCP || p->protocol == PROTO_UDP) && p->port >= LEAST_PORT;
	for (int as = 0; packet_is_possible(p) && as < N_AS; as++) {
		const struct rule *by;
		if (as != AS_NOTHING && !handed_out)
			continue;
		bool before = permits(k->old, p, as, true, &by), after = permits(k->new, p, as, true, &by);
		k->added |= after && !before;
		k->removed |= before && !after;
		k->doubtful |=
			before != permits(k->old, p, as, false, &by) || after != permits(k->new, p, as, false, &by);
	}
}

static void check_change(const struct pair *k, const struct change *c, bool added)
{
	const struct rule *before, *after;
	int as = c->rpc_other ? AS_OTHER : c->rpc_interface.n ? named_as(c->rpc_interface) : AS_NOTHING;
	const struct packet *w = &c->before.witness;
	assert_int_equal(permits(k->old, w, as, true, &before), !added);
	assert_int_equal(permits(k->new, w, as, true, &after), added);
	assert_ptr_equal(c->before.by, before);
	assert_ptr_equal(c->after.by, after);
}

static void a_comparison_is_what_every_packet_of_every_interface_shows(void **state)
{
	for (uint64_t n = 1; n <= rounds(60); n++) {
		struct arena *a = arena_new();
		struct round old, new;
		seed = n * 104729;
		make_round(&old, a);
		make_round(&new, a);
		struct filter one = { .rules = old.rules, .map = &old.map },
			      two = { .rules = new.rules, .map = &new.map };
		struct permits x = { .filters = &one, .n_filters = 1 }, y = { .filters = &two, .n_filters = 1 };
		struct comparison c = compare(a, &x, &y, NULL);
		struct pair k = { &old, &new, false, false, false };
		each_packet(try_pair, &k);
		assert_false(c.gave_up);
		assert_int_equal(c.n_added > 0, k.added);
		assert_int_equal(c.n_removed > 0, k.removed);
		assert_int_equal(c.uncertain, k.doubtful);
		for (size_t i = 0; i < c.n_added; i++)
			check_change(&k, &c.added[i], true);
		for (size_t i = 0; i < c.n_removed; i++)
			check_change(&k, &c.removed[i], false);
		arena_free(a);
	}
}

RUN_TESTS(T(a_comparison_is_what_every_packet_of_every_interface_shows),
	  T(the_proof_is_what_every_packet_of_every_interface_shows))
