/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/change.h"
#include "flow/ruleset.h"
#include "test.h"

static void more_unknown_lines_than_are_listed_are_an_error(void **state)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct ruleset *r = ruleset_new(a, NULL, "test");
	for (size_t i = 0; i < MOST_UNKNOWN; i++)
		ruleset_unknown(r, NOWHERE, STR("?"), "unknown");
	assert_true(ruleset_check(r, d));
	ruleset_unknown(r, NOWHERE, STR("?"), "unknown");
	assert_int_equal(r->unknown.n, MOST_UNKNOWN);
	assert_false(ruleset_check(r, d));
	assert_contains(diag_text(a, d), "too many lines that are not understood");
	arena_free(a);
}

static void more_chains_than_the_limit_are_an_error(void **state)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct ruleset *r = ruleset_new(a, NULL, "test");
	for (size_t i = 0; i < MOST_CHAINS; i++)
		assert_int_equal(ruleset_chain(r, STR("c"), NOWHERE), i);
	assert_true(ruleset_check(r, d));
	assert_true(ruleset_chain(r, STR("c"), NOWHERE) < MOST_CHAINS);
	assert_false(ruleset_check(r, d));
	assert_contains(diag_text(a, d), "too many chains");
	arena_free(a);
}

static void rules_beyond_the_limit_are_an_error_and_take_no_memory(void **state)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct ruleset *r = ruleset_new(a, NULL, "test");
	uint32_t c = ruleset_chain(r, STR("c"), NOWHERE);
	ruleset_rule(r, c, NOWHERE);
	r->n_made = MOST_RULES; /* as if there had been so many */
	ruleset_rule(r, c, NOWHERE)->action = ACTION_PERMIT;
	assert_int_equal(r->chains.v[c].rules.n, 1);
	assert_int_equal(ruleset_rule(r, c, NOWHERE)->action, 0);
	assert_false(ruleset_check(r, d));
	assert_contains(diag_text(a, d), "too many rules (limit 4000000)");
	arena_free(a);
}

static void a_rule_has_a_place_in_its_own_chain_where_chains_adjoin(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *r = ruleset_new(a, NULL, "test");
	struct rule *rules = ARENA_ARRAY(a, struct rule, 4);
	for (uint32_t c = 0; c < 2; c++) {
		ruleset_chain(r, STR("c"), NOWHERE);
		r->chains.v[c].rules.v = rules + 2 * (ptrdiff_t)c;
		r->chains.v[c].rules.n = 2;
	}
	for (uint32_t i = 0; i < 4; i++) {
		struct rule_place at = rule_place_of(r, &rules[i]);
		assert_int_equal(at.chain, i / 2);
		assert_int_equal(at.rule, i % 2);
	}
	arena_free(a);
}

static struct packet packet_to(struct addr dst)
{
	return (struct packet){ { IPV4, 1 }, dst, PROTO_TCP, 40000, 22 };
}

static void a_rule_of_unknown_effect_makes_the_packets_that_it_matches_uncertain_and_no_others(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *r = ruleset_new(a, NULL, "test");
	uint32_t c = ruleset_chain(r, STR("c"), NOWHERE);
	struct addr_range host = { IPV4, 5, 5 };
	struct addrset dst = addrset_of(a, &host, 1);
	*VEC_ADD(a, &r->bases) = c;
	ruleset_doubt(r, c, &(struct match){ .dst = &dst }, (struct loc){ NULL, 3, 1, 1 }, STR("?"), "nobody knows");
	for (unsigned policy = 0; policy < 2; policy++)
		for (unsigned upper = 0; upper < 2; upper++) {
			struct packet inside = packet_to((struct addr){ IPV4, 5 });
			struct packet outside = packet_to((struct addr){ IPV4, 6 });
			const struct rule *by;
			uint32_t by_chain;
			struct reading reading = { .upper = upper };
			r->chains.v[c].fallthrough = policy ? ACTION_PERMIT : ACTION_DENY;
			assert_int_equal(ruleset_decide(r, &inside, NULL, reading, &by, &by_chain),
					 upper ? ACTION_PERMIT : ACTION_DENY);
			assert_int_equal(ruleset_decide(r, &outside, NULL, reading, &by, &by_chain),
					 r->chains.v[c].fallthrough);
		}
	assert_int_equal(ruleset_size(r), 1);
	assert_int_equal(r->unknown.n, 0);
	arena_free(a);
}

static void what_the_loader_refuses_is_a_line_that_is_not_understood(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *r = ruleset_new(a, NULL, "test");
	ruleset_refused(r, NOWHERE, STR("?"), "%d ports", 16);
	assert_int_equal(r->unknown.n, 1);
	assert_string_equal(r->unknown.v[0].why, "the loader refuses this file: 16 ports");
	arena_free(a);
}

RUN_TESTS(T(more_unknown_lines_than_are_listed_are_an_error), T(more_chains_than_the_limit_are_an_error),
	  T(rules_beyond_the_limit_are_an_error_and_take_no_memory),
	  T(a_rule_has_a_place_in_its_own_chain_where_chains_adjoin),
	  T(a_rule_of_unknown_effect_makes_the_packets_that_it_matches_uncertain_and_no_others),
	  T(what_the_loader_refuses_is_a_line_that_is_not_understood))
