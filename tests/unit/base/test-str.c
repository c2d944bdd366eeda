/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/suggest.h"

static void a_number_above_the_limit_is_refused(void **state)
{
	uint32_t v = 7;
	assert_true(str_to_u32(STR("65535"), 65535, &v));
	assert_int_equal(v, 65535);
	assert_false(str_to_u32(STR("65536"), 65535, &v));
	assert_false(str_to_u32(STR("99999999999999999999999"), UINT32_MAX, &v));
	assert_false(str_to_u32(STR(""), 10, &v));
	assert_false(str_to_u32(STR("+1"), 10, &v));
	assert_int_equal(v, 65535);
}

static void cutting_keeps_empty_strings_between_separators(void **state)
{
	struct str rest = STR("a,,b"), item;
	assert_true(str_cut(&rest, ',', &item));
	assert_str_equal(item, "a");
	assert_true(str_cut(&rest, ',', &item));
	assert_str_equal(item, "");
	assert_true(str_cut(&rest, ',', &item));
	assert_str_equal(item, "b");
	assert_false(str_cut(&rest, ',', &item));
}

static void overlong_and_surrogate_bytes_are_no_utf8(void **state)
{
	assert_true(str_is_utf8(STR("Zürich 東京")));
	assert_false(str_is_utf8(STR("\xc0\xaf")));
	assert_false(str_is_utf8(STR("\xed\xa0\x80")));
	assert_false(str_is_utf8(STR("\xf4\x90\x80\x80")));
	assert_false(str_is_utf8(STR("\xe2\x82")));
}

static void wide_letters_take_two_columns(void **state)
{
	assert_int_equal(str_width(STR("東京")), 4);
	assert_int_equal(str_width(STR("Zürich")), 6);
	assert_int_equal(str_fit(STR("東京"), 3), 3);
}

static void a_misspelt_word_finds_its_neighbour_and_nonsense_finds_none(void **state)
{
	struct str words[] = { STR_INIT("domain-controller"), STR_INIT("dns-server"), STR_INIT("domain-member") };
	assert_str_equal(suggest(STR("domain-controler"), words, 3), "domain-controller");
	assert_str_equal(suggest(STR("dns-sevrer"), words, 3), "dns-server");
	assert_true(suggest(STR("zebra"), words, 3).p == NULL);
}

static void a_word_is_found_among_words_and_a_part_of_one_is_not(void **state)
{
	assert_true(str_is_one_of(STR("permit"), "permit deny") && str_is_one_of(STR("deny"), "permit  deny"));
	assert_false(str_is_one_of(STR("perm"), "permit deny") || str_is_one_of(STR("permit deny"), "permit deny"));
	assert_false(str_is_one_of(STR(""), "permit  deny ") || str_is_one_of(STR("permit"), ""));
	assert_false(str_is_one_of(STR("Deny"), "permit deny"));
	assert_true(str_iis_one_of(STR("Deny"), "permit deny") && str_iis_one_of(STR("permit"), "PERMIT DENY"));
	assert_false(str_iis_one_of(STR("De"), "permit deny"));
}

RUN_TESTS(T(a_number_above_the_limit_is_refused), T(cutting_keeps_empty_strings_between_separators),
	  T(overlong_and_surrogate_bytes_are_no_utf8), T(wide_letters_take_two_columns),
	  T(a_misspelt_word_finds_its_neighbour_and_nonsense_finds_none),
	  T(a_word_is_found_among_words_and_a_part_of_one_is_not))
