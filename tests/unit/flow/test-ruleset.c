/* SPDX-License-Identifier: Apache-2.0 */
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

RUN_TESTS(T(more_unknown_lines_than_are_listed_are_an_error), T(more_chains_than_the_limit_are_an_error),
	  T(rules_beyond_the_limit_are_an_error_and_take_no_memory))
