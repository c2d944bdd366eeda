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

static void overlong_and_surrogate_bytes_are_not_utf8(void **state)
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
	struct str systems[] = { STR_INIT("windows-2000"), STR_INIT("windows-server-2019"), STR_INIT("windows-10") };
	assert_str_equal(suggest(STR("domain-controler"), words, 3), "domain-controller");
	assert_str_equal(suggest(STR("dns-sevrer"), words, 3), "dns-server");
	assert_true(suggest(STR("zebra"), words, 3).p == NULL);
	assert_str_equal(suggest(STR("windows-2019"), systems, 3), "windows-server-2019");
	assert_true(suggest(STR("2019-windows"), systems + 1, 1).p == NULL);
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

static size_t utf16_of(uint32_t c, bool big, char to[4])
{
	uint32_t units[] = { c, 0 };
	if (c >= 0x10000) {
		units[0] = 0xd800 + ((c - 0x10000) >> 10);
		units[1] = 0xdc00 + ((c - 0x10000) & 0x3ff);
	}
	for (int i = 0; i < 2; i++) {
		to[2 * i + !big] = (char)(units[i] >> 8);
		to[2 * i + big] = (char)units[i];
	}
	return c < 0x10000 ? 2 : 4;
}

static void every_letter_is_written_as_utf8_and_read_from_utf16(void **state)
{
	char bytes[4], wide[4];
	uint32_t letter;
	for (uint32_t c = 0; c < 0x110000; c++) {
		if (c >= 0xd800 && c < 0xe000)
			continue;
		size_t n = utf8_of(c, bytes);
		assert_true(str_is_utf8((struct str){ bytes, n }) && n == (c < 0x80      ? 1
									   : c < 0x800   ? 2
									   : c < 0x10000 ? 3
											 : 4));
		for (int big = 0; big < 2; big++) {
			n = utf16_of(c, big, wide);
			assert_int_equal(utf16_letter(wide, n, big, &letter), n);
			assert_int_equal(letter, c);
		}
	}
	assert_true(utf8_of(0x20ac, bytes) == 3 && memcmp(bytes, "\xe2\x82\xac", 3) == 0);
}

static void half_of_a_surrogate_pair_is_an_unknown_letter(void **state)
{
	uint32_t letter;
	assert_true(utf16_letter("\xd8\x00", 2, true, &letter) == 2 && letter == 0xfffd);
	assert_true(utf16_letter("\xd8\x00"
				 "\0A",
				 4, true, &letter) == 2 &&
		    letter == 0xfffd);
	assert_true(utf16_letter("\xdc\x00\xd8\x00", 4, true, &letter) == 2 && letter == 0xfffd);
}

static void every_byte_is_read_back_from_its_two_digits(void **state)
{
	struct arena *a = arena_new();
	for (unsigned i = 0; i < 256; i++) {
		struct str upper = str_printf(a, "x%%%02X+", i), lower = str_printf(a, "x%%%02x+", i), ret;
		const char plain[] = { 'x', (char)i, '+' }, form[] = { 'x', (char)i, ' ' };
		assert_true(str_uri_decode(a, upper, false, &ret) && str_eq(ret, (struct str){ plain, 3 }));
		assert_true(str_uri_decode(a, lower, false, &ret) && str_eq(ret, (struct str){ plain, 3 }));
		assert_true(str_uri_decode(a, lower, true, &ret) && str_eq(ret, (struct str){ form, 3 }));
		bool is_digit = i && strchr("0123456789abcdefABCDEF", (int)i);
		assert_int_equal(hex_digit((char)i) >= 0, is_digit);
		const char escape[] = { '%', '4', (char)i };
		assert_int_equal(str_uri_decode(a, (struct str){ escape, 3 }, false, &ret), is_digit);
	}
	arena_free(a);
}

static void a_percent_sign_without_two_digits_is_refused(void **state)
{
	static const char *const broken[] = { "%", "a%", "%4", "%4g", "%g4", "%%41", "%+1", "%-1", "% 1" };
	struct arena *a = arena_new();
	struct str ret;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++)
		assert_false(str_uri_decode(a, str_of(broken[i]), false, &ret) ||
			     str_uri_decode(a, str_of(broken[i]), true, &ret));
	assert_true(str_uri_decode(a, STR(""), false, &ret) && ret.n == 0);
	arena_free(a);
}

static void a_name_has_no_byte_but_letters_digits_and_its_three_signs(void **state)
{
	for (int i = 0; i < 256; i++) {
		char c = (char)i, name[] = { 'a', c };
		bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
			    c == '_' || c == '-';
		assert_int_equal(str_is_name((struct str){ name, 2 }), good);
	}
}

RUN_TESTS(T(a_name_has_no_byte_but_letters_digits_and_its_three_signs), T(every_byte_is_read_back_from_its_two_digits),
	  T(a_percent_sign_without_two_digits_is_refused), T(a_number_above_the_limit_is_refused),
	  T(cutting_keeps_empty_strings_between_separators), T(overlong_and_surrogate_bytes_are_not_utf8),
	  T(wide_letters_take_two_columns), T(a_misspelt_word_finds_its_neighbour_and_nonsense_finds_none),
	  T(every_letter_is_written_as_utf8_and_read_from_utf16), T(half_of_a_surrogate_pair_is_an_unknown_letter),
	  T(a_word_is_found_among_words_and_a_part_of_one_is_not))
