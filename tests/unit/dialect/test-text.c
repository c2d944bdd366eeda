/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dialect/common/text.h"

static const struct relation one = {
	.id = STR_INIT("r-8f93ca0d"),
	.about = STR_INIT(
		"r-8f93ca0d: p01 (site-server) to exchange (exchange-online) on winrm-https tcp/5986; configmgr-2012; "
		"f-e6d1db66309682b8"),
	.title = STR_INIT("p01 to exchange"),
	.services_at = 59,
	.services_n = 24,
	.flow = STR_INIT("f-e6d1db66309682b8"),
};

static struct str title_of(struct arena *a, size_t most, const char *without, struct str id, const struct relation *r)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	text_put_title(&o, most, without, id, r);
	return str_dup(a, out_view(&o));
}

static void services_are_left_out_before_the_text_is_shortened(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct str shorter =
		STR("r-8f93ca0d: p01 (site-server) to exchange (exchange-online); configmgr-2012; f-e6d1db66309682b8");
	assert_true(str_eq(text_about(a, one.about.n, &one), one.about));
	assert_true(str_eq(text_about(a, one.about.n - 1, &one), shorter));
	assert_true(str_eq(text_about(a, shorter.n, &one), shorter));
	assert_str_equal(text_about(a, shorter.n - 1, &one),
			 "r-8f93ca0d: p01 (site-server) to exchange (exchange-online); configmgr-2012;");
}

static void no_limit_leaves_half_an_id(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	for (size_t most = 40; most < 2 * one.about.n; most++) {
		struct str texts[] = { text_about(a, most, &one), title_of(a, most, "", one.id, &one) };
		for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
			size_t at = str_find_text(texts[i], STR("f-"));
			assert_true(texts[i].n <= most);
			assert_true(at == SIZE_MAX || str_eq(str_skip(texts[i], at), one.flow));
		}
	}
}

static void a_title_names_the_flow_where_there_is_room(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct relation several = one;
	several.flow = NO_STR;
	assert_str_equal(title_of(a, 47, "", one.id, &one), "r-8f93ca0d: p01 to exchange; f-e6d1db66309682b8");
	assert_str_equal(title_of(a, 46, "", one.id, &one), "r-8f93ca0d: p01 to exchange");
	assert_str_equal(title_of(a, 46, "", NO_STR, &one), "p01 to exchange; f-e6d1db66309682b8");
	assert_str_equal(title_of(a, 46, "", one.id, &several), "r-8f93ca0d: p01 to exchange");
	assert_str_equal(title_of(a, 20, "", one.id, &one), "r-8f93ca0d: p01 to");
}

static void characters_that_a_language_does_not_accept_are_left_out(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	struct relation odd = one;
	odd.title = STR("a\"b\n(c) to d'e");
	assert_str_equal(title_of(a, 100, "\"'()", NO_STR, &odd), "ab[c] to de; f-e6d1db66309682b8");
	assert_str_equal(title_of(a, 100, "\"'()[]", NO_STR, &odd), "abc to de; f-e6d1db66309682b8");
	text_put_limited(&o, 5, "", STR("\xc3\xa9\xc3\xa9\xc3\xa9"), NO_STR);
	assert_str_equal(out_view(&o), "\xc3\xa9\xc3\xa9");
}

static void a_foreign_comment_gets_the_id_and_the_title(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct relation theirs = one;
	theirs.about = STR("ticket 4711");
	assert_false(relation_says_id(&theirs));
	assert_str_equal(text_about(a, 100, &theirs), "r-8f93ca0d: p01 to exchange; ticket 4711");
	theirs.about = NO_STR;
	assert_str_equal(text_about(a, 100, &theirs), "r-8f93ca0d: p01 to exchange");
}

RUN_TESTS(T(services_are_left_out_before_the_text_is_shortened), T(no_limit_leaves_half_an_id),
	  T(a_title_names_the_flow_where_there_is_room), T(characters_that_a_language_does_not_accept_are_left_out),
	  T(a_foreign_comment_gets_the_id_and_the_title))
