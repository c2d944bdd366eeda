/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of forms, and the text that all of them write. */
#include "test.h"

#include "cli/commands.h"
#include "report/markup.h"
#include "report/plan/format.h"
#include "report/proof/format.h"

/* The choices of a command's --format. */
static struct str choices(const char *command)
{
	const struct command *c = command_find(commands, str_of(command));
	for (size_t i = 0; c->options[i].name; i++)
		if (strcmp(c->options[i].name, "format") == 0)
			return str_of(c->options[i].choices);
	fail_msg("%s has no --format", command);
	return NO_STR;
}

static void format_lists_the_formats_of_a_plan_in_their_order(void **state)
{
	struct str rest = choices("plan"), word;
	size_t n = 0;
	while (str_word(&rest, &word)) {
		assert_non_null(plan_formats[n]);
		assert_str_equal(word, plan_formats[n]->name);
		assert_ptr_equal(plan_format_find(word), plan_formats[n]);
		n++;
	}
	assert_null(plan_formats[n]);
}

static void format_lists_the_formats_of_a_proof_in_their_order(void **state)
{
	struct str rest = choices("prove"), word;
	size_t n = 0;
	while (str_word(&rest, &word)) {
		assert_non_null(proof_formats[n]);
		assert_str_equal(word, proof_formats[n]->name);
		assert_ptr_equal(proof_format_find(word), proof_formats[n]);
		n++;
	}
	assert_null(proof_formats[n]);
}

static void assert_markup(const char *bytes, size_t n, const char *wanted)
{
	struct out o = out_memory(4096);
	put_markup(&o, (struct str){ bytes, n });
	assert_str_equal(out_view(&o), wanted);
	out_free(&o);
}

static void markup_escapes_characters_with_a_meaning_in_markup(void **state)
{
	assert_markup("<a href=\"x\">&'", 14, "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
	assert_markup("plain \xc3\xa9 \xf0\x9f\xa7\xad", 13, "plain \xc3\xa9 \xf0\x9f\xa7\xad");
}

static void markup_replaces_what_xml_and_utf8_cannot_hold(void **state)
{
	assert_markup("a\0b", 3,
		      "a\xef\xbf\xbd"
		      "b");
	assert_markup("\x01\t\n", 3, "\xef\xbf\xbd\t\n");
	assert_markup("\xff\xfe", 2, "\xef\xbf\xbd\xef\xbf\xbd");
	assert_markup("\xc3", 1, "\xef\xbf\xbd");                                 /* cut off */
	assert_markup("\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* a surrogate */
	assert_markup("\xef\xbf\xbf", 3, "\xef\xbf\xbd");                         /* U+FFFF */
}

static void plain_text_is_the_same_bytes(void **state)
{
	struct arena *a = arena_new();
	struct str s = STR("a <b> \xc3\xa9");
	assert_ptr_equal(markup_plain(a, s).p, s.p);
	assert_str_equal(markup_plain(a, STR("a\x02")), "a\xef\xbf\xbd");
	arena_free(a);
}

static void shortened_text_fits_and_ends_in_an_ellipsis(void **state)
{
	struct arena *a = arena_new();
	assert_str_equal(shortened(a, STR("short"), 5), "short");
	assert_str_equal(shortened(a, STR("Domain controller, DNS"), 20), "Domain controller\xe2\x80\xa6");
	for (size_t n = 1; n < 12; n++)
		assert_true(str_width(shortened(a, STR("a longer text"), n)) <= n);
	arena_free(a);
}

RUN_TESTS(T(format_lists_the_formats_of_a_plan_in_their_order), T(format_lists_the_formats_of_a_proof_in_their_order),
	  T(markup_escapes_characters_with_a_meaning_in_markup), T(markup_replaces_what_xml_and_utf8_cannot_hold),
	  T(plain_text_is_the_same_bytes), T(shortened_text_fits_and_ends_in_an_ellipsis))
