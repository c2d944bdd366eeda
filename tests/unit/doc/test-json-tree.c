/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "doc/json-tree.h"

static const struct node *parse(struct arena *a, const char *text, struct diag *d)
{
	return json_parse(a, source_of_text(a, "test.json", str_of(text)), d);
}

static void every_value_knows_its_line_and_column(void **state)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	const struct node *n = parse(a, "{\n  \"gr\xc3\xbc\xc3\x9f\": 1, \"b\": [true,\r\n\t-2.5e3]\n}", d);
	assert_non_null(n);
	assert_int_equal(n->n, 1);
	const struct node *map = n->items[0], *list = node_get(map, "b");
	assert_int_equal(map->at.line, 1);
	assert_int_equal(map->pairs[1].key->at.line, 2);
	assert_int_equal(map->pairs[1].key->at.column, 14); /* letters, not bytes */
	assert_int_equal(list->items[1]->at.line, 3);
	assert_int_equal(list->items[1]->at.column, 2);
	assert_true(str_is(list->items[1]->text, "-2.5e3"));
	arena_free(a);
}

static void escapes_become_the_letters_that_they_stand_for(void **state)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	const struct node *n = parse(a, "\"a\\\"\\\\\\/\\n\\u00fc\\ud83d\\ude00\\ud800x\"", d);
	assert_non_null(n);
	assert_true(str_is(n->items[0]->text, "a\"\\/\n\xc3\xbc\xf0\x9f\x98\x80\xef\xbf\xbdx"));
	assert_false(n->items[0]->plain);
	arena_free(a);
}

static void files_joined_are_several_values(void **state)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	const struct node *n = parse(a, "{} [1]\nnull", d);
	assert_non_null(n);
	assert_int_equal(n->n, 3);
	assert_true(node_is_null(n->items[2]));
	arena_free(a);
}

static void what_is_not_json_is_an_error_at_its_place(void **state)
{
	static const struct {
		const char *text;
		uint32_t line, column;
	} wrong[] = {
		{ "", 1, 1 },          { "[1,\n 2", 2, 3 },    { "{\"a\": 1,\n \"a\": 2}", 2, 2 },
		{ "{\"a\" 1}", 1, 6 }, { "{a: 1}", 1, 2 },     { "[1 2]", 1, 4 },
		{ "[\"\\x\"]", 1, 3 }, { "[\"a\nb\"]", 1, 2 }, { "[nul]", 1, 2 },
		{ "[1,]", 1, 4 },
	};
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct arena *a = arena_new();
		struct diag *d = diag_new(a);
		if (parse(a, wrong[i].text, d))
			fail_msg("%s is read", wrong[i].text);
		const struct diag_entry *e = diag_entry(d, 0);
		if (e->at.line != wrong[i].line || e->at.column != wrong[i].column)
			fail_msg("%s: the error is at %u:%u", wrong[i].text, e->at.line, e->at.column);
		arena_free(a);
	}
}

static void depth_is_limited(void **state)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	char text[4 * JSON_MOST_NESTING];
	memset(text, '[', sizeof text);
	text[sizeof text - 1] = 0;
	assert_null(parse(a, text, d));
	assert_int_equal(diag_errors(d), 1);
	arena_free(a);
}

static void many_keys_are_compared_as_few_are(void **state)
{
	struct arena *a = arena_new();
	struct out o = out_memory(1 << 20);
	out_char(&o, '{');
	for (int i = 0; i < 5000; i++)
		out_printf(&o, "\"k%d\": %d,\n", i, i);
	size_t before = o.n;
	out_text(&o, "\"last\": 1}");
	struct diag *d = diag_new(a);
	assert_non_null(json_parse(a, source_of_text(a, "t", str_dup(a, out_view(&o))), d));
	o.n = before;
	out_text(&o, "\"k77\": 1}");
	assert_null(json_parse(a, source_of_text(a, "t", str_dup(a, out_view(&o))), d));
	assert_int_equal(diag_entry(d, 0)->at.line, 5001);
	out_free(&o);
	arena_free(a);
}

RUN_TESTS(T(every_value_knows_its_line_and_column), T(escapes_become_the_letters_that_they_stand_for),
	  T(files_joined_are_several_values), T(what_is_not_json_is_an_error_at_its_place), T(depth_is_limited),
	  T(many_keys_are_compared_as_few_are))
