/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of passwords, right and wrong. */
#include "test.h"

#include "authority/logins.h"

enum { NOW = 1764500000, REMEMBER = 300 };

static const struct str hash = STR_INIT("$y$hash"), m1 = STR_INIT("m1"), right = STR_INIT("right"),
			here = STR_INIT("10.0.0.1");

static void a_right_password_is_remembered_for_its_time_and_its_hash(void **state)
{
	struct arena *a = arena_new();
	struct logins *l = logins_new(a, REMEMBER);
	assert_false(logins_knows(l, hash, m1, right, NOW));
	logins_right(l, hash, m1, right, here, NOW);
	assert_true(logins_knows(l, hash, m1, right, NOW));
	assert_true(logins_knows(l, hash, m1, right, NOW + REMEMBER - 1));
	assert_false(logins_knows(l, hash, m1, right, NOW + REMEMBER));
	assert_false(logins_knows(l, STR("$y$new"), m1, right, NOW));
	assert_false(logins_knows(l, hash, STR("m2"), right, NOW));
	assert_false(logins_knows(l, hash, m1, STR("wrong"), NOW));
	/* a clock that goes back does not make it last longer */
	assert_false(logins_knows(l, hash, m1, right, NOW - 1));
	arena_free(a);
}

static void parts_do_not_run_into_each_other(void **state)
{
	struct arena *a = arena_new();
	struct logins *l = logins_new(a, REMEMBER);
	logins_right(l, STR("h"), STR("ab"), STR("c"), here, NOW);
	assert_false(logins_knows(l, STR("h"), STR("a"), STR("bc"), NOW));
	assert_false(logins_knows(l, STR("ha"), STR("b"), STR("c"), NOW));
	arena_free(a);
}

static void nothing_is_remembered_when_the_configuration_says_so(void **state)
{
	struct arena *a = arena_new();
	struct logins *l = logins_new(a, 0);
	logins_right(l, hash, m1, right, here, NOW);
	assert_false(logins_knows(l, hash, m1, right, NOW));
	arena_free(a);
}

static void guesses_of_one_account_wait_ever_longer_up_to_a_limit(void **state)
{
	struct arena *a = arena_new();
	struct logins *l = logins_new(a, REMEMBER);
	int64_t before = 0, now = NOW;
	for (int i = 0; i < 100; i++) {
		/* from many addresses */
		struct str from = str_printf(a, "10.0.%d.1", i);
		int64_t wait = logins_wait(l, m1, from, now);
		assert_true(wait >= before || wait == LOGIN_WAIT_ACCOUNT_MOST);
		assert_true(wait <= LOGIN_WAIT_ACCOUNT_MOST);
		assert_true(i >= 5 || wait == 0);
		assert_int_equal(logins_wait(l, m1, from, now + wait), 0);
		before = wait;
		logins_wrong(l, i % 2 ? m1 : STR("M1"), from, now);
	}
	assert_int_equal(logins_wait(l, m1, here, now), LOGIN_WAIT_ACCOUNT_MOST);
	assert_int_equal(logins_wait(l, STR("m2"), here, now), 0);
	logins_right(l, hash, m1, right, here, now);
	assert_int_equal(logins_wait(l, m1, here, now), 0);
	arena_free(a);
}

static void an_address_that_guesses_many_accounts_waits(void **state)
{
	struct arena *a = arena_new();
	struct logins *l = logins_new(a, REMEMBER);
	for (int i = 0; i < 40; i++)
		logins_wrong(l, str_printf(a, "user%d", i), here, NOW);
	assert_int_equal(logins_wait(l, m1, here, NOW), LOGIN_WAIT_ADDRESS_MOST);
	assert_int_equal(logins_wait(l, m1, STR("10.0.0.2"), NOW), 0);
	/* its own account does not clear it */
	logins_right(l, hash, m1, right, here, NOW);
	assert_int_equal(logins_wait(l, m1, here, NOW), LOGIN_WAIT_ADDRESS_MOST);
	assert_int_equal(logins_wait(l, m1, here, NOW + LOGIN_WAIT_ADDRESS_MOST), 0);
	arena_free(a);
}

static void a_flood_of_accounts_takes_no_more_memory_and_ends_every_wait(void **state)
{
	struct arena *a = arena_new(), *names = arena_new();
	struct logins *l = logins_new(a, REMEMBER);
	for (int i = 0; i < 200000; i++) {
		logins_wrong(l, str_printf(names, "user%d", i), str_printf(names, "10.%d.%d.1", i / 256 % 256, i % 256),
			     NOW);
		if (i % 1000 == 0)
			arena_reset(names);
	}
	assert_true(logins_wait(l, m1, here, NOW) <= LOGIN_WAIT_ADDRESS_MOST);
	arena_free(names);
	arena_free(a);
}

static void guesses_at_once_are_no_more_than_guesses_one_by_one(void **state)
{
	enum { FREE = 5 };
	struct arena *a = arena_new();
	struct logins *l = logins_new(a, REMEMBER);
	int64_t now = NOW;
	for (int i = 0; i < FREE; i++)
		assert_true(logins_begin(l, i % 2 ? m1 : STR("M1"), str_printf(a, "10.0.%d.1", i), now));
	assert_false(logins_begin(l, m1, here, now));
	/* others are not kept from theirs, nor is the address */
	assert_true(logins_begin(l, STR("m2"), here, now));
	logins_end(l, STR("m2"), here);
	for (int i = 0; i < FREE; i++) {
		logins_end(l, m1, str_printf(a, "10.0.%d.1", i));
		logins_wrong(l, m1, str_printf(a, "10.0.%d.1", i), now);
	}
	/* who waited has one, until it was right */
	now += logins_wait(l, m1, here, now);
	assert_true(logins_begin(l, m1, here, now));
	assert_false(logins_begin(l, m1, STR("10.0.0.2"), now));
	logins_right(l, hash, m1, right, here, now);
	logins_end(l, m1, here);
	for (int i = 0; i < FREE; i++)
		assert_true(logins_begin(l, m1, str_printf(a, "10.0.%d.1", i), now));
	assert_false(logins_begin(l, m1, here, now));
	arena_free(a);
}

static void an_address_has_as_many_at_once_as_it_may_have_wrong(void **state)
{
	enum { FREE = 20 };
	struct arena *a = arena_new();
	struct logins *l = logins_new(a, REMEMBER);
	for (int i = 0; i < FREE; i++)
		assert_true(logins_begin(l, str_printf(a, "user%d", i), here, NOW));
	assert_false(logins_begin(l, m1, here, NOW));
	assert_true(logins_begin(l, m1, STR("10.0.0.2"), NOW));
	logins_end(l, STR("user0"), here);
	assert_true(logins_begin(l, STR("m2"), here, NOW));
	arena_free(a);
}

RUN_TESTS(T(a_right_password_is_remembered_for_its_time_and_its_hash), T(parts_do_not_run_into_each_other),
	  T(nothing_is_remembered_when_the_configuration_says_so),
	  T(guesses_of_one_account_wait_ever_longer_up_to_a_limit), T(an_address_that_guesses_many_accounts_waits),
	  T(a_flood_of_accounts_takes_no_more_memory_and_ends_every_wait),
	  T(guesses_at_once_are_no_more_than_guesses_one_by_one),
	  T(an_address_has_as_many_at_once_as_it_may_have_wrong))
