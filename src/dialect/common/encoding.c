/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/encoding.h"

#include "base/out.h"
#include "dialect/dialect.h"

static void put_utf16(struct out *o, struct str s, bool big)
{
	uint32_t letter;
	char bytes[4];
	while (s.n > 1) {
		s = str_skip(s, utf16_letter(s.p, s.n, big, &letter));
		out_bytes(o, bytes, utf8_of(letter, bytes));
	}
}

/* UTF-16 without a byte order mark: every other byte of the beginning is zero, and no other. */
static bool is_bare_utf16(struct str s, size_t zeros_at)
{
	size_t n = MIN(s.n & ~(size_t)1, 64);
	for (size_t i = 0; i < n; i++)
		if ((s.p[i] == 0) != (i % 2 == zeros_at))
			return false;
	return n >= 8;
}

bool is_utf8_text(struct str text)
{
	return !str_starts(text, "\xff\xfe") && !str_starts(text, "\xfe\xff") && !str_starts(text, "\xef\xbb\xbf") &&
	       !is_bare_utf16(text, 0) && !is_bare_utf16(text, 1);
}

static void free_text(void *p)
{
	free(p);
}

const struct source *source_decode(struct arena *a, const struct source *s)
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
	else if (is_bare_utf16(text, 1))
		put_utf16(&o, text, false);
	else if (is_bare_utf16(text, 0))
		put_utf16(&o, text, true);
	else
		changed = false;
	if (changed)
		text = out_view(&o);
	/* lone CRs, as old terminals and some exports write them; CRLF is handled where lines are split */
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
