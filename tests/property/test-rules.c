/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results about rule sets (proofs, comparisons, findings, parts) against
 * the naive evaluator, for every packet of a small universe.
 */
#include "test.h"

#include "rounds.h"

#include "prove/audit.h"
#include "prove/compare.h"
#include "prove/products.h"
#include "random-rules.h"

static bool region_holds(const struct region *r, const struct packet *p)
{
	return addrset_holds(r->src, p->src) && addrset_holds(r->dst, p->dst) &&
	       portset_holds(r->protocols, p->protocol) && portset_holds(r->sports, p->sport) &&
	       portset_holds(r->ports, p->port);
}

static bool regions_hold(const struct region *v, size_t n, const struct packet *p)
{
	for (size_t i = 0; i < n; i++)
		if (region_holds(&v[i], p))
			return true;
	return false;
}

static bool permits(const struct ruleset *r, const struct interface_map *map, const struct packet *p, bool upper)
{
	const struct rule *by;
	uint32_t chain;
	return ruleset_decide(r, p, map, (struct reading){ .upper = upper }, &by, &chain) == ACTION_PERMIT;
}

/* Comparison */

struct compared {
	const struct ruleset *old, *new;
	const struct interface_map *map;
	struct comparison c;
	bool differs, doubtful;
};

static bool in_changes(const struct change *v, size_t n, const struct packet *p, bool *all)
{
	for (size_t i = 0; i < n; i++) {
		*all &= !v[i].more_regions;
		if (regions_hold(v[i].regions, v[i].n_regions, p))
			return true;
	}
	return false;
}

static void change_is_shown(void *ctx, const struct packet *p)
{
	struct compared *k = ctx;
	bool all = true;
	if (!packet_is_possible(p))
		return;
	bool before = permits(k->old, k->map, p, true), after = permits(k->new, k->map, p, true);
	k->differs |= before != after;
	k->doubtful |= before != permits(k->old, k->map, p, false) || after != permits(k->new, k->map, p, false);
	bool added = in_changes(k->c.added, k->c.n_added, p, &all),
	     removed = in_changes(k->c.removed, k->c.n_removed, p, &all);
	if (all || added)
		assert_int_equal(added, after && !before);
	if (all || removed)
		assert_int_equal(removed, before && !after);
}

static void a_comparison_shows_exactly_what_changed(void **state)
{
	for (uint64_t round = 1; round <= rounds(60); round++) {
		struct arena *a = arena_new();
		seed = round * 104729;
		struct interface_map map = random_interface_map(a);
		struct compared k = { .old = random_ruleset(a), .new = random_ruleset(a), .map = &map };
		if (round % 4 == 0)
			k.new = k.old;
		struct filter one = { k.old, &map, NULL, 0 }, two = { k.new, &map, NULL, 0 };
		struct permits old = { .filters = &one, .n_filters = 1 }, new = { .filters = &two, .n_filters = 1 };
		k.c = compare(a, &old, &new, NULL);
		each_packet(change_is_shown, &k);
		assert_true(!k.differs || k.c.n_added + k.c.n_removed > 0);
		assert_true(!k.doubtful || k.c.uncertain);
		for (size_t i = 0; i < k.c.n_added; i++) {
			const struct packet *w = &k.c.added[i].after.witness;
			assert_true(permits(k.new, &map, w, true) && !permits(k.old, &map, w, true));
		}
		for (size_t i = 0; i < k.c.n_removed; i++) {
			const struct packet *w = &k.c.removed[i].before.witness;
			assert_true(permits(k.old, &map, w, true) && !permits(k.new, &map, w, true));
		}
		arena_free(a);
	}
}

static void a_path_over_two_firewalls_permits_what_both_permit(void **state)
{
	for (uint64_t round = 1; round <= rounds(30); round++) {
		struct arena *a = arena_new();
		seed = round * 15485863;
		struct interface_map map = random_interface_map(a);
		struct ruleset *r[2] = { random_ruleset(a), random_ruleset(a) };
		struct flowbox seen = random_box(a);
		struct filter filters[2] = { { r[0], &map, NULL, 0 }, { r[1], &map, &seen, 1 } };
		struct permits both = { .filters = filters, .n_filters = 2 }, none = { 0 };
		struct comparison c = compare(a, &none, &both, NULL);
		assert_int_equal(c.n_removed, 0);
		for (size_t i = 0; i < c.n_added; i++) {
			const struct packet *w = &c.added[i].after.witness;
			assert_true(permits(r[0], &map, w, true));
			assert_true(!flowbox_holds(&seen, w) || permits(r[1], &map, w, true));
		}
		arena_free(a);
	}
}

/* Parts */

struct parted {
	const struct ruleset *r;
	const struct interface_map *map;
	struct products e;
};

static void parts_permit_the_same(void *ctx, const struct packet *p)
{
	const struct parted *k = ctx;
	bool any = false;
	if (!packet_is_possible(p))
		return;
	for (size_t i = 0; i < k->e.n && !any; i++)
		for (size_t b = 0; b < k->e.v[i].n && !any; b++)
			any = flowbox_holds(&k->e.v[i].boxes[b], p);
	assert_int_equal(any, permits(k->r, k->map, p, true));
}

static void the_parts_of_a_rule_set_permit_what_it_permits(void **state)
{
	size_t certain = 0;
	for (uint64_t round = 1; round <= rounds(150); round++) {
		struct arena *a = arena_new();
		seed = round * 32452843;
		struct interface_map map = random_interface_map(a);
		struct parted k = { .r = random_ruleset(a), .map = &map };
		k.e = products_of(a, k.r, &map, NULL, 0, 100000);
		assert_false(k.e.too_many);
		if (!k.e.uncertain) {
			certain++;
			each_packet(parts_permit_the_same, &k);
		}
		arena_free(a);
	}
	assert_true(certain > enough(10));
}

/* Proof */

struct proved {
	const struct ruleset *r;
	const struct interface_map *map;
	const struct required *required;
	size_t n_required;
	struct proof k;
	bool missing, surplus;
};

static void difference_is_shown(void *ctx, const struct packet *p)
{
	struct proved *k = ctx;
	bool needed = false, tolerated = false, shown = false, all = true;
	if (!packet_is_possible(p))
		return;
	for (size_t i = 0; i < k->n_required; i++) {
		needed |= flowbox_holds(&k->required[i].box, p);
		tolerated |= flowbox_holds(required_widest(&k->required[i]), p);
	}
	bool may = permits(k->r, k->map, p, true), must = permits(k->r, k->map, p, false);
	k->missing |= needed && !must;
	k->surplus |= !tolerated && may;
	if (needed && !may) {
		for (size_t i = 0; i < k->k.n_missing; i++)
			shown |= !k->k.missing[i].reply && flowbox_holds(&k->k.missing[i].required->box, p);
		assert_true(shown);
	}
	shown = false;
	for (size_t i = 0; i < k->k.n_surplus; i++) {
		all &= !k->k.surplus[i].more_regions;
		shown |= regions_hold(k->k.surplus[i].regions, k->k.surplus[i].n_regions, p);
	}
	if (all || shown)
		assert_int_equal(shown, !tolerated && may);
}

static void a_proof_shows_every_difference(void **state)
{
	for (uint64_t round = 1; round <= rounds(60); round++) {
		struct arena *a = arena_new();
		seed = round * 49979687;
		struct interface_map map = random_interface_map(a);
		struct required required[3];
		struct service_term any = ANY_SERVICE;
		struct flowbox everything = { addrset_all(a), addrset_all(a), &any, 1 };
		struct ruleset *r = random_ruleset(a);
		struct proved k = { .r = r, .map = &map, .required = required, .n_required = 1 + rnd(3) };
		r->replies = REPLIES_FREE;
		for (size_t i = 0; i < k.n_required; i++)
			required[i] = (struct required){ .box = random_box(a), .client_ports = { 1024, 65535 } };
		if (round % 2)
			required[0].tolerated = random_wider(a, &required[0].box);
		k.k = prove(a, k.r,
			    &(struct proof_question){ .map = &map,
						      .required = required,
						      .n_required = k.n_required,
						      .judged = &everything,
						      .n_judged = 1 });
		each_packet(difference_is_shown, &k);
		if (k.missing || k.surplus)
			assert_int_not_equal(k.k.verdict, VERDICT_HOLDS);
		for (size_t i = 0; i < k.k.n_missing; i++) {
			const struct missing *m = &k.k.missing[i];
			assert_true(flowbox_holds(&m->required->box, &m->shown.witness));
			assert_false(permits(k.r, &map, &m->shown.witness, !m->condition));
		}
		for (size_t i = 0; i < k.k.n_surplus; i++)
			assert_true(permits(k.r, &map, &k.k.surplus[i].shown.witness, true));
		arena_free(a);
	}
}

/* Findings */

struct audited {
	const struct ruleset *r;
	struct ruleset *without; /* the rule in question never matches */
	const struct rule *rule;
	bool decides, matters;
};

static void look_at(void *ctx, const struct packet *p)
{
	struct audited *k = ctx;
	struct reading reading = { .upper = true };
	const struct rule *by;
	uint32_t chain;
	if (!packet_is_possible(p))
		return;
	enum action with = ruleset_decide(k->r, p, NULL, reading, &by, &chain);
	k->decides |= by == k->rule;
	k->matters |= with != ruleset_decide(k->without, p, NULL, reading, &by, &chain);
}

static bool is_found(const struct audit *a, const struct rule *r, enum audit_kind x, enum audit_kind y)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].rule == r && (a->v[i].kind == x || a->v[i].kind == y))
			return true;
	return false;
}

static struct ruleset *copy_without(struct arena *a, const struct ruleset *r, size_t rule)
{
	struct ruleset *c = ARENA_NEW(a, struct ruleset);
	*c = *r;
	c->chains.v = (void *)arena_memdup(a, r->chains.v, sizeof *c->chains.v);
	c->chains.v[0].rules.v =
		(void *)arena_memdup(a, r->chains.v[0].rules.v, r->chains.v[0].rules.n * sizeof(struct rule));
	c->chains.v[0].rules.v[rule].match.never = true;
	return c;
}

static void dead_rules_decide_nothing_and_the_same_packets_pass_without_redundant_ones(void **state)
{
	size_t dead = 0, redundant = 0;
	for (uint64_t round = 1; round <= rounds(60); round++) {
		struct arena *a = arena_new();
		seed = round * 67867967;
		struct ruleset *r = random_flat_ruleset(a);
		struct audit_options none = { 0 };
		struct audit found = audit(a, r, NULL, &none);
		for (size_t i = 0; i < r->chains.v[0].rules.n; i++) {
			struct audited k = { .r = r,
					     .without = copy_without(a, r, i),
					     .rule = &r->chains.v[0].rules.v[i] };
			each_packet(look_at, &k);
			bool says_dead = is_found(&found, k.rule, AUDIT_DEAD, AUDIT_SHADOWED);
			bool says_redundant = is_found(&found, k.rule, AUDIT_REDUNDANT, AUDIT_REDUNDANT);
			/* the universe holds a packet of every part of every set, so both must agree */
			assert_int_equal(says_dead, !k.decides);
			if (k.decides)
				assert_int_equal(says_redundant, !k.matters);
			dead += says_dead;
			redundant += says_redundant;
		}
		arena_free(a);
	}
	assert_true(dead > enough(20) && redundant > enough(20));
}

/* Limits */

static void a_question_that_grows_too_large_is_given_up_without_a_result(void **state)
{
	size_t gave_up = 0, answered = 0;
	for (uint64_t round = 1; round <= rounds(60); round++) {
		struct arena *a = arena_new();
		seed = round * 141650939;
		struct ruleset *r = random_flat_ruleset(a), *other = random_flat_ruleset(a);
		struct rule *any = ruleset_rule(r, 0, (struct loc){ NULL, 1000, 1, 0 });
		any->action = ACTION_PERMIT;
		struct filter one = { r, NULL, NULL, 0 }, two = { other, NULL, NULL, 0 };
		struct permits old = { .filters = &one, .n_filters = 1 }, new = { .filters = &two, .n_filters = 1 };
		size_t runs = 50 + rnd(4000);
		struct audit_options options = { 0 }, few = { .effort = { ENGINE_DIAGRAMS, runs, 0 } };
		struct compare_options limited = { .effort = { ENGINE_DIAGRAMS, runs, 0 } };
		struct audit whole = audit(a, r, NULL, &options), part = audit(a, r, NULL, &few);
		struct comparison all = compare(a, &old, &new, NULL);
		struct comparison some = compare(a, &old, &new, &limited);
		assert_false(whole.order_unknown || all.gave_up);
		/* findings that do not need diagrams are still there */
		assert_true(is_found(&part, any, AUDIT_ANY_ANY, AUDIT_ANY_ANY));
		for (size_t i = 0; i < part.n && part.order_unknown; i++)
			assert_int_equal(part.v[i].kind, AUDIT_ANY_ANY);
		if (!part.order_unknown)
			assert_int_equal(part.n, whole.n);
		if (some.gave_up)
			assert_true(!some.equal && some.uncertain && !some.n_added && !some.n_removed);
		else
			assert_true(some.equal == all.equal && some.n_added == all.n_added &&
				    some.n_removed == all.n_removed);
		gave_up += part.order_unknown + some.gave_up;
		answered += !part.order_unknown + !some.gave_up;
		arena_free(a);
	}
	assert_true(gave_up > enough(10) && answered > enough(10));
}

/* Engines */

static void same_answers(const struct proof *x, const struct proof *y)
{
	if (x->verdict != y->verdict)
		fail_msg("%s, and %s: %s", verdict_names[x->verdict], verdict_names[y->verdict],
			 y->why_unproved ? y->why_unproved : "");
	assert_int_equal(x->all_missing, y->all_missing);
	assert_int_equal(x->n_missing, y->n_missing);
	assert_int_equal(x->n_surplus, y->n_surplus);
	for (size_t i = 0; i < x->n_missing; i++) {
		assert_ptr_equal(x->missing[i].required, y->missing[i].required);
		assert_int_equal(x->missing[i].reply, y->missing[i].reply);
	}
	for (size_t i = 0; i < x->n_surplus; i++)
		assert_ptr_equal(x->surplus[i].shown.by, y->surplus[i].shown.by);
}

static void both_engines_find_the_same_flows_and_rules(void **state)
{
	size_t failing = 0;
	for (uint64_t round = 1; round <= rounds(400); round++) {
		struct arena *a = arena_new();
		seed = round * 86028121;
		struct ruleset *r = random_flat_ruleset(a);
		struct required required[4];
		struct flowbox judged[2] = { random_box(a), random_box(a) };
		size_t n = 1 + rnd(4);
		r->replies = rnd(2) ? REPLIES_FREE : REPLIES_TRACKED;
		for (size_t i = 0; i < n; i++)
			required[i] = (struct required){ .box = random_box(a), .client_ports = { 2, 4 } };
		if (round % 2)
			required[0].tolerated = random_wider(a, &required[0].box);
		struct proof_question diagrams = { .required = required,
						   .n_required = n,
						   .judged = judged,
						   .n_judged = rnd(3),
						   .engine = ENGINE_DIAGRAMS },
				      sweep = diagrams;
		sweep.engine = ENGINE_SWEEP;
		struct proof x = prove(a, r, &diagrams), y = prove(a, r, &sweep);
		same_answers(&x, &y);
		for (size_t i = 0; i < y.n_missing; i++) {
			const struct packet *w = &y.missing[i].shown.witness;
			if (y.missing[i].reply)
				continue;
			assert_true(flowbox_holds(&y.missing[i].required->box, w));
			assert_false(permits(r, NULL, w, true));
		}
		for (size_t i = 0; i < y.n_surplus; i++) {
			const struct packet *w = &y.surplus[i].shown.witness;
			assert_true(permits(r, NULL, w, true));
			for (size_t k = 0; k < n; k++)
				assert_false(flowbox_holds(&required[k].box, w));
		}
		failing += x.verdict == VERDICT_FAILS;
		arena_free(a);
	}
	assert_true(failing > enough(50));
}

RUN_TESTS(T(a_question_that_grows_too_large_is_given_up_without_a_result), T(a_comparison_shows_exactly_what_changed),
	  T(a_path_over_two_firewalls_permits_what_both_permit), T(the_parts_of_a_rule_set_permit_what_it_permits),
	  T(a_proof_shows_every_difference), T(both_engines_find_the_same_flows_and_rules),
	  T(dead_rules_decide_nothing_and_the_same_packets_pass_without_redundant_ones))
