/* SPDX-License-Identifier: Apache-2.0 */
#include "report/markup.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* Length of the character at the start of s, 0 when it is invalid. */
static size_t character_length(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;
	if (!n || n > s.n || !str_is_utf8(str_first(s, n)))
		return 0;
	return n;
}

/* XML 1.0, production 2: no control characters but three, no U+FFFE and U+FFFF. */
static bool xml_holds(struct str c)
{
	if (c.n == 1)
		return (unsigned char)c.p[0] >= 0x20 || char_in(c.p[0], "\t\n\r");
	return !(c.n == 3 && memcmp(c.p, "\xef\xbf", 2) == 0 && (unsigned char)c.p[2] >= 0xbe);
}

/* Takes the next character; false when it is not allowed and U+FFFD replaces it. */
static bool next_character(struct str *rest, struct str *ret)
{
	size_t n = character_length(*rest);
	*ret = str_first(*rest, n ? n : 1);
	*rest = str_skip(*rest, n ? n : 1);
	return n && ret->p[0] && xml_holds(*ret);
}

struct str markup_plain(struct arena *a, struct str s)
{
	CLEANUP(out_free) struct out o = out_memory(3 * s.n + 1);
	struct str rest = s, c;
	bool replaced = false;
	while (rest.n) {
		bool ok = next_character(&rest, &c);
		out_str(&o, ok ? c : STR(REPLACEMENT));
		replaced |= !ok;
	}
	return replaced ? str_dup(a, out_view(&o)) : s;
}

static const char *reference(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void put_markup(struct out *o, struct str s)
{
	struct str c;
	while (s.n) {
		bool ok = next_character(&s, &c);
		const char *instead = ok && c.n == 1 ? reference(c.p[0]) : NULL;
		if (instead)
			out_text(o, instead);
		else
			out_str(o, ok ? c : STR(REPLACEMENT));
	}
}

void put_markup_text(struct out *o, const char *s)
{
	put_markup(o, str_of(s));
}

void put_attribute(struct out *o, const char *name, struct str value)
{
	out_printf(o, " %s=\"", name);
	put_markup(o, value);
	out_char(o, '"');
}

struct str shortened(struct arena *a, struct str s, size_t columns)
{
	if (str_width(s) <= columns)
		return s;
	struct str first = str_trim(str_first(s, str_fit(s, columns - 1)));
	while (first.n && char_in(first.p[first.n - 1], ",;"))
		first.n--;
	return str_printf(a, "%.*s\xe2\x80\xa6", STR_ARG(first));
}
