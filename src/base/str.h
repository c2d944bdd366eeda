/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings that know their length: a view of bytes that something else owns.
 * They are not terminated; cstr() makes a copy that is.
 */
#pragma once

#include "base/arena.h"

struct str {
	const char *p; /* NULL only when the string was never set */
	size_t n;
};

/* "%.*s" with STR_ARG(s). */
#define STR_ARG(s)   (int)(s).n, (s).p ? (s).p : ""
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_INIT(literal)                       \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}
#define NO_STR ((struct str){ NULL, 0 })

static inline struct str str_of(const char *s)
{
	return (struct str){ s, s ? strlen(s) : 0 };
}

/* The character is one of these.  NUL, which a str may contain, never is; strchr() finds it in every text. */
static inline bool char_in(char c, const char *these)
{
	return c && strchr(these, c);
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_is(struct str a, const char *b)
{
	return a.n == strlen(b) && (a.n == 0 || memcmp(a.p, b, a.n) == 0);
}

/* Byte order, the shorter first; the order of every list in the output. */
int str_cmp(struct str a, struct str b);

/* Ignores case of a-z; nothing else is folded. */
bool str_ieq(struct str a, struct str b);
bool str_iis(struct str a, const char *b);
char ascii_lower(char c);
int hex_digit(char c); /* 0 to 15; -1: it is none */

bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
bool str_istarts(struct str s, const char *prefix);

/* The rest after the first n bytes, and the first n bytes; n is limited to the length. */
struct str str_skip(struct str s, size_t n);
struct str str_first(struct str s, size_t n);

/* Without the blanks, tabs and carriage returns at both ends. */
struct str str_trim(struct str s);

/* The offset of the byte or the text; SIZE_MAX when it is absent. */
size_t str_find(struct str s, char c);
size_t str_find_text(struct str s, struct str what);
bool str_contains_ci(struct str s, struct str what);

/*
 * Takes the part before the first sep and moves *rest past it.  False,
 * and an empty *ret, when nothing was left.  "a,,b" has an empty string in the middle, "" has none.
 */
bool str_cut(struct str *rest, char sep, struct str *ret);

/* The next run of bytes other than blanks and tabs; false when none is left. */
bool str_word(struct str *rest, struct str *ret);

/* True when the word is one of those in a text of words; iis: as str_ieq() has it. */
bool str_is_one_of(struct str word, const char *words);
bool str_iis_one_of(struct str word, const char *words);

/* Decimal digits only, all of them, at most max.  False otherwise. */
bool str_to_u64(struct str s, uint64_t max, uint64_t *ret);
bool str_to_u32(struct str s, uint32_t max, uint32_t *ret);

/* True of a valid date, YYYY-MM-DD. */
bool str_is_date(struct str s);

/* Writes a number and a NUL, at most 11 bytes; returns where the NUL is.  For texts that are made by the million. */
char *u32_text(char *p, uint32_t n);

struct str str_dup(struct arena *a, struct str s);
struct str str_lower(struct arena *a, struct str s);
struct str str_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
const char *cstr(struct arena *a, struct str s);

/* Two lower-case hexadecimal digits a byte. */
struct str str_hex(struct arena *a, struct str bytes);

/* "%41" as "A" (RFC 3986, 2.1), and in forms "+" as a blank.  False where a percent sign has not two digits after it. */
bool str_uri_decode(struct arena *a, struct str s, bool form, struct str *ret);

/* A letter or digit of ASCII, or one of `also`; and a text of these alone, which is not empty. */
bool char_is_plain(char c, const char *also);
bool str_is_plain(struct str s, const char *also);

/* Names that are valid in files and rules: [A-Za-z0-9] first, then also . _ - */
bool str_is_name(struct str s);

/* Encodes a code point in UTF-8; returns the number of bytes. */
size_t utf8_of(uint32_t letter, char to[4]);

/*
 * Decodes the first code point of UTF-16 text of two bytes or more; returns its length.  An
 * unpaired surrogate is U+FFFD.
 */
size_t utf16_letter(const char *p, size_t n, bool big, uint32_t *ret);

/* True when every byte is part of well-formed UTF-8. */
bool str_is_utf8(struct str s);

/*
 * The text as it may reach a terminal or a page: control characters but tabs, and marks that turn the
 * direction of writing or end a line, are shown as \x1b or \u202e, and bytes that are not UTF-8 as \x80.  The same
 * text when there are none.
 */
struct str str_shown(struct arena *a, struct str s);

/* True when nothing in the text has to be shown so, tabs included. */
bool str_is_visible(struct str s);

/* Columns that UTF-8 text takes in a terminal; wide East Asian characters take two. */
size_t str_width(struct str s);

/* Length in bytes of the longest prefix that takes at most that many columns. */
size_t str_fit(struct str s, size_t columns);
