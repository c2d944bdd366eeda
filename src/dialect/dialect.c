/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/dialect.h"

#include "dialect/table.h"

#define DECLARE(name) extern const struct dialect dialect_##name;
DIALECTS(DECLARE)
#define ROW(name) &dialect_##name,
const struct dialect *const dialects[] = { DIALECTS(ROW) NULL };

const struct dialect *dialect_find(struct str name)
{
	for (size_t i = 0; dialects[i]; i++)
		if (str_is(name, dialects[i]->name))
			return dialects[i];
	return NULL;
}

const struct dialect *dialect_guess(struct str text)
{
	const struct dialect *best = NULL;
	unsigned most = 0;
	for (size_t i = 0; dialects[i]; i++) {
		unsigned n = dialects[i]->resembles ? dialects[i]->resembles(text) : 0;
		if (n > most) {
			most = n;
			best = dialects[i];
		}
	}
	return best;
}

static void put_utf8(struct out *o, uint32_t c)
{
	if (c < 0x80) {
		out_char(o, (char)c);
	} else if (c < 0x800) {
		out_char(o, (char)(0xc0 | c >> 6));
		out_char(o, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		out_char(o, (char)(0xe0 | c >> 12));
		out_char(o, (char)(0x80 | (c >> 6 & 0x3f)));
		out_char(o, (char)(0x80 | (c & 0x3f)));
	} else {
		out_char(o, (char)(0xf0 | c >> 18));
		out_char(o, (char)(0x80 | (c >> 12 & 0x3f)));
		out_char(o, (char)(0x80 | (c >> 6 & 0x3f)));
		out_char(o, (char)(0x80 | (c & 0x3f)));
	}
}

static void put_utf16(struct out *o, struct str s, bool big)
{
	for (size_t i = 0; i + 1 < s.n; i += 2) {
		const unsigned char *p = (const unsigned char *)s.p + i;
		uint32_t c = big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
		if (c >= 0xd800 && c < 0xdc00 && i + 3 < s.n) {
			uint32_t low = big ? (uint32_t)p[2] << 8 | p[3] : (uint32_t)p[3] << 8 | p[2];
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				i += 2;
			}
		}
		put_utf8(o, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	}
}

static void free_text(void *p)
{
	free(p);
}

/* UTF-8 with LF, in the arena; the same source when it is that already. */
static const struct source *clean(struct arena *a, const struct source *s)
{
	struct str text = s->text;
	struct out o = out_memory(2 * (size_t)MOST_RULES_BYTES);
	bool changed = true;

	if (text.n >= 2 && memcmp(text.p, "\xff\xfe", 2) == 0)
		put_utf16(&o, str_skip(text, 2), false);
	else if (text.n >= 2 && memcmp(text.p, "\xfe\xff", 2) == 0)
		put_utf16(&o, str_skip(text, 2), true);
	else if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		out_str(&o, str_skip(text, 3));
	else
		changed = false;
	if (changed)
		text = out_view(&o);
	/* lone CRs, as old terminals and some exports write them; CRLF is dealt with where lines are cut */
	if (str_find(text, '\r') != SIZE_MAX && str_find(text, '\n') == SIZE_MAX) {
		char *copy = arena_memdup(a, text.p, text.n);
		for (size_t i = 0; i < text.n; i++)
			if (copy[i] == '\r')
				copy[i] = '\n';
		text.p = copy;
		changed = true;
	}
	if (!changed) {
		out_free(&o);
		return s;
	}
	arena_at_end(a, free_text, o.buf);
	return source_of_text(a, s->name, text);
}

bool dialect_read(struct arena *a, const struct dialect *x, const struct source *s, const struct read_options *o,
		  struct ruleset **ret, struct diag *d)
{
	static const struct read_options usual;
	size_t errors = diag_errors(d);
	if (!x->parse)
		return diag_error(d, (struct loc){ s, 0, 0, 0 }, "%s can be written but not read", x->title);
	bool binary = s->text.n >= 4 && memcmp(s->text.p, "PReg", 4) == 0;
	const struct source *text = binary ? s : clean(a, s);
	bool ok = x->parse(a, text, o ? o : &usual, ret, d) && ruleset_check(*ret, d);
	const struct dialect *likely = dialect_guess(text->text);
	bool doubtful = !ok || (*ret)->unknown.n > 0 || ruleset_size(*ret) == 0;
	if (doubtful && likely && likely != x) {
		if (ok)
			diag_error(d, (struct loc){ text, 0, 0, 0 }, "this does not read as %s", x->name);
		diag_note(d, NOWHERE, "it looks like %s: --dialect %s", likely->title, likely->name);
		return false;
	}
	assert(ok == (diag_errors(d) == errors));
	return ok;
}
