/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/json.h"

struct json json_to(struct out *out)
{
	return (struct json){ .out = out };
}

static void before_value(struct json *j)
{
	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (!j->depth)
		return;
	if (j->comma[j->depth])
		out_char(j->out, ',');
	j->comma[j->depth] = true;
	if (j->lines[j->depth]) {
		out_char(j->out, '\n');
		out_repeat(j->out, ' ', j->depth);
	}
}

static void begin(struct json *j, char open, char close, bool lines)
{
	before_value(j);
	out_char(j->out, open);
	j->depth++;
	assert(j->depth < JSON_MOST_DEPTH);
	j->close[j->depth] = close;
	j->comma[j->depth] = false;
	j->lines[j->depth] = lines;
}

void json_object(struct json *j)
{
	begin(j, '{', '}', false);
}

void json_list(struct json *j)
{
	begin(j, '[', ']', false);
}

void json_object_lines(struct json *j)
{
	begin(j, '{', '}', true);
}

void json_list_lines(struct json *j)
{
	begin(j, '[', ']', true);
}

void json_end(struct json *j)
{
	assert(j->depth && !j->after_key);
	if (j->lines[j->depth] && j->comma[j->depth])
		out_char(j->out, '\n');
	out_char(j->out, j->close[j->depth]);
	j->depth--;
}

/* Bytes that need no escape in a string. */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void json_quote(struct out *o, struct str s)
{
	out_char(o, '"');
	while (s.n) {
		size_t n = 0;
		while (n < s.n && is_plain((unsigned char)s.p[n]))
			n++;
		out_str(o, str_first(s, n));
		s = str_skip(s, n);
		if (!s.n)
			break;
		unsigned char c = (unsigned char)s.p[0];
		size_t wide = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
		if (c == '"' || c == '\\') {
			out_char(o, '\\');
			out_char(o, (char)c);
			wide = 1;
		} else if (c == '\n') {
			out_text(o, "\\n");
			wide = 1;
		} else if (c == '\t') {
			out_text(o, "\\t");
			wide = 1;
		} else if (c < 0x20 || c == 0x7f) {
			out_printf(o, "\\u%04x", c);
			wide = 1;
		} else if (wide <= s.n && str_is_utf8(str_first(s, wide))) {
			out_str(o, str_first(s, wide));
		} else {
			out_text(o, "\xef\xbf\xbd");
			wide = 1;
		}
		s = str_skip(s, wide);
	}
	out_char(o, '"');
}

void json_key(struct json *j, const char *key)
{
	before_value(j);
	json_quote(j->out, str_of(key));
	out_char(j->out, ':');
	j->after_key = true;
}

void json_str(struct json *j, struct str s)
{
	before_value(j);
	json_quote(j->out, s);
}

void json_text(struct json *j, const char *s)
{
	json_str(j, str_of(s));
}

void json_u64(struct json *j, uint64_t value)
{
	before_value(j);
	out_u64(j->out, value);
}

void json_raw(struct json *j, const char *json)
{
	before_value(j);
	out_text(j->out, json);
}

void json_put_str(struct json *j, const char *key, struct str s)
{
	json_key(j, key);
	json_str(j, s);
}

void json_put_some(struct json *j, const char *key, struct str s)
{
	if (s.n)
		json_put_str(j, key, s);
}

void json_put_text(struct json *j, const char *key, const char *s)
{
	json_put_str(j, key, str_of(s));
}

void json_put_u64(struct json *j, const char *key, uint64_t value)
{
	json_key(j, key);
	json_u64(j, value);
}

void json_put_i64(struct json *j, const char *key, int64_t value)
{
	json_key(j, key);
	before_value(j);
	out_printf(j->out, "%jd", (intmax_t)value);
}

void json_put_bool(struct json *j, const char *key, bool value)
{
	json_key(j, key);
	json_raw(j, value ? "true" : "false");
}
