/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "doc/fields.h"
#include "doc/json.h"

struct read {
	struct arena *arena;
	struct diag *diag;
	const struct node *root;
};

static struct read parse(const char *text)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct source *s = source_of_text(a, "t.yaml", str_of(text));
	return (struct read){ a, d, yaml_parse(a, s, d) };
}

#define assert_error(text, part)                                     \
	do {                                                         \
		struct read r_ = parse(text);                        \
		assert_null(r_.root);                                \
		assert_true(diag_errors(r_.diag) > 0);               \
		assert_contains(diag_text(r_.arena, r_.diag), part); \
		arena_free(r_.arena);                                \
	} while (0)

static void no_and_on_are_text_and_true_is_a_boolean(void **state)
{
	struct read r = parse("country: NO\nswitch: on\nreal: true\nquoted: 'true'\nnothing: ~\n");
	bool b = false;
	assert_str_equal(node_get(r.root, "country")->text, "NO");
	assert_false(node_bool(node_get(r.root, "country"), &b));
	assert_false(node_bool(node_get(r.root, "switch"), &b));
	assert_true(node_bool(node_get(r.root, "real"), &b) && b);
	assert_false(node_bool(node_get(r.root, "quoted"), &b));
	assert_true(node_is_null(node_get(r.root, "nothing")));
	arena_free(r.arena);
}

static void every_value_knows_its_line_and_column(void **state)
{
	struct read r = parse("a:\n  b: [x, yy]\n");
	const struct node *list = node_get(node_get(r.root, "a"), "b");
	assert_int_equal(list->items[1]->at.line, 2);
	assert_int_equal(list->items[1]->at.column, 10);
	assert_int_equal(list->items[1]->at.length, 2);
	arena_free(r.arena);
}

static void an_empty_file_is_an_empty_map(void **state)
{
	struct read r = parse("# only a comment\n");
	assert_int_equal(r.root->kind, NODE_MAP);
	assert_int_equal(r.root->n, 0);
	arena_free(r.arena);
}

static void aliases_repeat_what_they_name(void **state)
{
	struct read r = parse("a: &x [1, 2]\nb: *x\n");
	assert_ptr_equal(node_get(r.root, "a"), node_get(r.root, "b"));
	arena_free(r.arena);
}

static void an_alias_bomb_is_refused_before_it_unfolds(void **state)
{
	struct out o = out_memory(65536);
	out_text(&o, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 12; i++) {
		out_printf(&o, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			out_printf(&o, "%s*a%d", k ? ", " : "", i - 1);
		out_text(&o, "]\n");
	}
	out_char(&o, 0);
	assert_error(o.buf, "more than");
	out_free(&o);
}

static void an_alias_inside_itself_is_refused(void **state)
{
	assert_error("a: &x [1, *x]\n", "is inside its own anchor");
}

static void merge_keys_are_refused_with_a_suggestion(void **state)
{
	assert_error("a: &x {k: 1}\nb: {<<: *x}\n", "overlay file");
}

static void both_places_of_a_duplicate_key_are_shown(void **state)
{
	assert_error("a: 1\nb: 2\na: 3\n", "t.yaml:3:1: error: duplicate key \"a\"");
	assert_error("a: 1\nb: 2\na: 3\n", "t.yaml:1:1: note: the other one is here");
}

static void a_thousand_levels_are_refused(void **state)
{
	char text[2048];
	memset(text, '[', 1000);
	text[1000] = 0;
	assert_error(text, "nested more than 64 deep");
}

static void a_scalar_of_ten_megabytes_is_refused_at_its_place(void **state)
{
	size_t n = 10 << 20;
	char *text = malloc(n + 16);
	memcpy(text, "a: ", 3);
	memset(text + 3, 'x', n);
	memcpy(text + 3 + n, "\n", 2);
	assert_error(text, "t.yaml:1:4: error: a text of");
	free(text);
}

static void invalid_utf8_is_refused_at_its_column(void **state)
{
	assert_error("a: 1\nb: x\xffy\n", "t.yaml:2:5: error: this is not text in UTF-8");
}

static void a_second_document_is_refused(void **state)
{
	assert_error("a: 1\n---\nb: 2\n", "a second document begins here");
}

static void a_tag_is_refused(void **state)
{
	assert_error("a: !!python/object:os.system [x]\n", "tags are not supported");
}

static void a_later_file_adds_and_replaces(void **state)
{
	struct read under = parse("h: {a: {x: 1, y: [1, 2]}, b: {x: 2}}\n"),
		    over = parse("h: {a: {y: [3]}, c: {x: 4}}\n");
	const struct node *n = node_overlay(under.arena, under.root, over.root), *a = node_get(node_get(n, "h"), "a");
	assert_str_equal(node_get(a, "x")->text, "1");
	assert_int_equal(node_get(a, "y")->n, 1);
	assert_non_null(node_get(node_get(n, "h"), "b"));
	assert_non_null(node_get(node_get(n, "h"), "c"));
	arena_free(under.arena);
	arena_free(over.arena);
}

static void json_strings_escape_what_they_must_and_replace_what_is_not_utf8(void **state)
{
	struct out o = out_memory(4096);
	json_quote(&o, STR("a\"b\\c\n\x01 \xc3\xbc \xff"));
	assert_str_equal(out_view(&o), "\"a\\\"b\\\\c\\n\\u0001 \xc3\xbc \xef\xbf\xbd\"");
	out_free(&o);
}

struct thing {
	struct name name;
	struct number count;
	struct flag on;
};

static const struct field thing_fields[] = {
	{ .key = "name",
	  .type = FIELD_NAME,
	  .offset = offsetof(struct thing, name),
	  .required = true,
	  .help = "A name." },
	{ .key = "count",
	  .type = FIELD_NUMBER,
	  .offset = offsetof(struct thing, count),
	  .min = 1,
	  .max = 9,
	  .help = "." },
	{ .key = "on", .type = FIELD_FLAG, .offset = offsetof(struct thing, on), .help = "." },
};
static const struct record thing_record = { "a thing", sizeof(struct thing), thing_fields, 3, NO_OFFSET, NO_OFFSET };

static void every_mistake_in_a_map_is_reported_in_one_run(void **state)
{
	struct read r = parse("nmae: x\ncount: 10\non: maybe\n");
	struct decode d = { r.arena, r.diag, NULL };
	struct thing t = { 0 };
	assert_false(record_decode(&d, &thing_record, r.root, &t));
	assert_int_equal(diag_errors(r.diag), 4);
	struct str text = diag_text(r.arena, r.diag);
	assert_contains(text, "did you mean \"name\"?");
	assert_contains(text, "a whole number from 1 to 9");
	assert_contains(text, "true or false");
	assert_contains(text, "a thing needs the key \"name\"");
	arena_free(r.arena);
}

RUN_TESTS(T(no_and_on_are_text_and_true_is_a_boolean), T(every_value_knows_its_line_and_column),
	  T(an_empty_file_is_an_empty_map), T(aliases_repeat_what_they_name),
	  T(an_alias_bomb_is_refused_before_it_unfolds), T(an_alias_inside_itself_is_refused),
	  T(merge_keys_are_refused_with_a_suggestion), T(both_places_of_a_duplicate_key_are_shown),
	  T(a_thousand_levels_are_refused), T(a_scalar_of_ten_megabytes_is_refused_at_its_place),
	  T(invalid_utf8_is_refused_at_its_column), T(a_second_document_is_refused), T(a_tag_is_refused),
	  T(a_later_file_adds_and_replaces), T(json_strings_escape_what_they_must_and_replace_what_is_not_utf8),
	  T(every_mistake_in_a_map_is_reported_in_one_run))
