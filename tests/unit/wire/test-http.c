/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/source.h"
#include "wire/http.h"

static char *file;
static struct arena *memory;

static int read_table(void **state)
{
	memory = arena_new();
	const char *path = arena_printf(memory, "%s/tests/data/http-requests.tsv", getenv("PORTOLAN_SOURCE"));
	struct source *s = source_read(memory, path, 1 << 20, diag_new(memory));
	if (!s)
		return -1;
	file = arena_memdup(memory, s->text.p, s->text.n);
	return 0;
}

static int free_table(void **state)
{
	arena_free(memory);
	return 0;
}

/* Escapes of the table as bytes. */
static struct str unescape(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\') {
			p[n++] = s.p[i];
			continue;
		}
		char c = s.p[++i];
		if (c == 'x') {
			char digits[3] = { s.p[i + 1], s.p[i + 2], '\0' };
			p[n++] = (char)strtoul(digits, NULL, 16);
			i += 2;
		} else {
			p[n++] = c == 'r' ? '\r' : c == 'n' ? '\n' : c == 't' ? '\t' : '\0';
		}
	}
	return (struct str){ p, n };
}

/* The status of a request that came whole, in steps of some bytes; 200, 0 when more is needed. */
static unsigned read_request(struct arena *a, struct str request, size_t step, const char **why)
{
	struct http_head *head = ARENA_NEW(a, struct http_head);
	size_t come = 0, length = 0;
	enum http_parse parsed = HTTP_MORE;
	*why = "";
	while (parsed == HTTP_MORE && come < request.n) {
		come = MIN(come + step, request.n);
		parsed = http_read_head(HTTP_REQUEST, false, str_first(request, come), head, &length);
	}
	if (parsed == HTTP_BAD)
		*why = head->error;
	if (parsed != HTTP_OK)
		return parsed == HTTP_BAD ? head->error_status : 0;
	struct http_body body = http_body_of(head);
	struct str piece;
	for (size_t at = length; !body.done && !body.error;) {
		size_t n = http_read_body(&body, (struct str){ request.p + at, come - at }, &piece);
		at += n;
		if (n == 0 && come == request.n)
			break;
		if (n == 0)
			come = MIN(come + step, request.n);
	}
	if (body.error)
		*why = body.error;
	return body.error ? 400 : body.done ? 200 : 0;
}

static void each_row_of_the_table_has_its_status(void **state)
{
	struct str rest = str_of(file), line;
	size_t rows = 0;
	while (str_cut(&rest, '\n', &line)) {
		if (line.n == 0 || *line.p == '#')
			continue;
		struct arena *a = arena_new();
		struct str escaped, status;
		str_cut(&line, '\t', &escaped);
		str_cut(&line, '\t', &status);
		struct str request = unescape(a, escaped);
		uint32_t wanted = 0;
		if (!str_is(status, "more"))
			assert_true(str_to_u32(status, 599, &wanted));
		static const size_t steps[] = { 1, 2, 7, SIZE_MAX / 2 };
		for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
			const char *why;
			unsigned got = read_request(a, request, steps[i], &why);
			if (got != wanted || str_find_text(str_of(why), line) == SIZE_MAX)
				fail_msg("%.*s: %u (%s) in steps of %zu, wanted %u (%.*s)", STR_ARG(escaped), got, why,
					 steps[i], wanted, STR_ARG(line));
		}
		rows++;
		arena_free(a);
	}
	assert_true(rows >= 40);
}

static void a_head_without_an_end_is_refused_at_its_limit(void **state)
{
	struct arena *a = arena_new();
	struct http_head *head = ARENA_NEW(a, struct http_head);
	char *bytes = arena_alloc(a, HTTP_HEAD_MAX + 1);
	size_t length;
	memset(bytes, 'a', HTTP_HEAD_MAX + 1);
	assert_int_equal(http_read_head(HTTP_REQUEST, false, (struct str){ bytes, HTTP_HEAD_MAX - 1 }, head, &length),
			 HTTP_MORE);
	assert_int_equal(http_read_head(HTTP_REQUEST, false, (struct str){ bytes, HTTP_HEAD_MAX }, head, &length),
			 HTTP_BAD);
	assert_int_equal(head->error_status, 431);
	arena_free(a);
}

static void more_fields_than_the_limit_are_refused(void **state)
{
	struct arena *a = arena_new();
	struct http_head *head = ARENA_NEW(a, struct http_head);
	struct out o = out_memory(1 << 16);
	size_t length;
	out_text(&o, "GET / HTTP/1.1\r\nHost: a\r\n");
	for (unsigned i = 0; i < HTTP_FIELDS_MAX; i++)
		out_printf(&o, "X%u: y\r\n", i);
	out_text(&o, "\r\n");
	assert_int_equal(http_read_head(HTTP_REQUEST, false, out_view(&o), head, &length), HTTP_BAD);
	assert_int_equal(head->error_status, 431);
	out_free(&o);
	arena_free(a);
}

static void a_reply_to_head_and_a_204_have_no_body(void **state)
{
	struct arena *a = arena_new();
	struct http_head *head = ARENA_NEW(a, struct http_head);
	size_t length;
	struct str ok = STR("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
		   none = STR("HTTP/1.1 204 No Content\r\n\r\n");
	assert_int_equal(http_read_head(HTTP_REPLY, true, ok, head, &length), HTTP_OK);
	assert_int_equal(head->framing, HTTP_NO_BODY);
	assert_int_equal(http_read_head(HTTP_REPLY, false, ok, head, &length), HTTP_OK);
	assert_int_equal(head->framing, HTTP_LENGTH);
	assert_int_equal(http_read_head(HTTP_REPLY, false, none, head, &length), HTTP_OK);
	assert_int_equal(head->framing, HTTP_NO_BODY);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_row_of_the_table_has_its_status),
		T(a_head_without_an_end_is_refused_at_its_limit),
		T(more_fields_than_the_limit_are_refused),
		T(a_reply_to_head_and_a_204_have_no_body),
	};
	return cmocka_run_group_tests(tests, read_table, free_table);
}
