/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include "base/system.h"

int str_cmp(struct str a, struct str b)
{
	size_t n = MIN(a.n, b.n);
	int c = n ? memcmp(a.p, b.p, n) : 0;
	return c ? c : CMP(a.n, b.n);
}

char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool str_ieq(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

bool str_iis(struct str a, const char *b)
{
	size_t i = 0;
	while (i < a.n && b[i] && ascii_lower(a.p[i]) == ascii_lower(b[i]))
		i++;
	return i == a.n && !b[i];
}

bool str_starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);
	return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

bool str_istarts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);
	return s.n >= n && str_ieq((struct str){ s.p, n }, (struct str){ prefix, n });
}

bool str_ends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);
	return s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0);
}

struct str str_skip(struct str s, size_t n)
{
	n = MIN(n, s.n);
	return (struct str){ s.p ? s.p + n : NULL, s.n - n };
}

struct str str_first(struct str s, size_t n)
{
	return (struct str){ s.p, MIN(n, s.n) };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct str str_trim(struct str s)
{
	while (s.n && is_blank(s.p[0]))
		s.p++, s.n--;
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

size_t str_find(struct str s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
	return at ? (size_t)(at - s.p) : SIZE_MAX;
}

size_t str_find_text(struct str s, struct str what)
{
	if (what.n == 0)
		return 0;
	const char *at = what.n <= s.n ? memmem(s.p, s.n, what.p, what.n) : NULL;
	return at ? (size_t)(at - s.p) : SIZE_MAX;
}

bool str_contains_ci(struct str s, struct str what)
{
	char first = what.n ? ascii_lower(what.p[0]) : 0;
	if (what.n == 0)
		return true;
	for (size_t i = 0; i + what.n <= s.n; i++)
		if (ascii_lower(s.p[i]) == first && str_ieq((struct str){ s.p + i, what.n }, what))
			return true;
	return false;
}

bool str_cut(struct str *rest, char sep, struct str *ret)
{
	*ret = NO_STR;
	if (!rest->p)
		return false;
	size_t at = str_find(*rest, sep);
	if (at == SIZE_MAX) {
		if (!rest->n)
			return false;
		*ret = *rest;
		*rest = NO_STR;
		return true;
	}
	*ret = str_first(*rest, at);
	*rest = str_skip(*rest, at + 1);
	return true;
}

bool str_word(struct str *rest, struct str *ret)
{
	while (rest->n && is_blank(rest->p[0]))
		*rest = str_skip(*rest, 1);
	size_t n = 0;
	*ret = NO_STR;
	while (n < rest->n && !is_blank(rest->p[n]))
		n++;
	if (!n)
		return false;
	*ret = str_first(*rest, n);
	*rest = str_skip(*rest, n);
	return true;
}

static inline bool is_one_of(struct str word, const char *words, bool (*equal)(struct str a, struct str b))
{
	for (size_t n; *words; words += n + (words[n] == ' ')) {
		for (n = 0; words[n] && words[n] != ' '; n++)
			;
		if (n && n == word.n && equal((struct str){ words, n }, word))
			return true;
	}
	return false;
}

bool str_is_one_of(struct str word, const char *words)
{
	return is_one_of(word, words, str_eq);
}

bool str_iis_one_of(struct str word, const char *words)
{
	return is_one_of(word, words, str_ieq);
}

bool str_to_u64(struct str s, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(s.p[i] - '0'), &value))
			return false;
	}
	if (value > max)
		return false;
	*ret = value;
	return true;
}

bool str_to_u32(struct str s, uint32_t max, uint32_t *ret)
{
	uint64_t value;
	if (!str_to_u64(s, max, &value))
		return false;
	*ret = (uint32_t)value;
	return true;
}

char *u32_text(char *p, uint32_t n)
{
	char digits[10];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	memcpy(p, digits + at, sizeof digits - at);
	p += sizeof digits - at;
	*p = '\0';
	return p;
}

struct str str_dup(struct arena *a, struct str s)
{
	return (struct str){ arena_memdup(a, s.p, s.n), s.n };
}

struct str str_lower(struct arena *a, struct str s)
{
	char *p = arena_memdup(a, s.p, s.n);
	for (size_t i = 0; i < s.n; i++)
		p[i] = ascii_lower(p[i]);
	return (struct str){ p, s.n };
}

struct str str_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return str_of(p);
}

const char *cstr(struct arena *a, struct str s)
{
	return arena_memdup(a, s.p, s.n);
}

bool char_is_plain(char c, const char *also)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || char_in(c, also);
}

bool str_is_plain(struct str s, const char *also)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is_plain(s.p[i], also))
			return false;
	return s.n > 0;
}

bool str_uri_decode(struct arena *a, struct str s, bool form, struct str *ret)
{
	char *to = arena_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '%') {
			int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1,
			    low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (form && c == '+') {
			c = ' ';
		}
		to[n++] = c;
	}
	*ret = (struct str){ to, n };
	return true;
}

struct str str_hex(struct arena *a, struct str bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(a, 2 * bytes.n + 1);
	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char byte = (unsigned char)bytes.p[i];
		text[2 * i] = digits[byte >> 4];
		text[2 * i + 1] = digits[byte & 0xf];
	}
	return (struct str){ text, 2 * bytes.n };
}

bool str_is_name(struct str s)
{
	return s.n && char_is_plain(s.p[0], "") && str_is_plain(s, "._-");
}

/*
 * The next code point and its length; length 0 for what is not UTF-8: a stray
 * or missing continuation byte, an overlong form, a surrogate, above U+10FFFF.
 */
static size_t utf8_next(struct str s, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
	if (n == 0 || n > s.n)
		return 0;
	uint32_t value = n == 1 ? c : c & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		unsigned char next = (unsigned char)s.p[i];
		if ((next & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (next & 0x3f);
	}
	if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*ret = value;
	return n;
}

size_t utf8_of(uint32_t letter, char to[4])
{
	size_t n = letter < 0x80 ? 1 : letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
	if (n == 1) {
		to[0] = (char)letter;
		return n;
	}
	for (size_t i = n - 1; i > 0; i--, letter >>= 6)
		to[i] = (char)(0x80 | (letter & 0x3f));
	to[0] = (char)(0xf00 >> n | letter); /* as many ones as bytes, and a zero */
	return n;
}

static uint32_t utf16_unit(const char *p, bool big)
{
	const unsigned char *bytes = (const unsigned char *)p;
	return big ? (uint32_t)bytes[0] << 8 | bytes[1] : (uint32_t)bytes[1] << 8 | bytes[0];
}

size_t utf16_letter(const char *p, size_t n, bool big, uint32_t *ret)
{
	*ret = utf16_unit(p, big);
	if (*ret < 0xd800 || *ret >= 0xe000)
		return 2;
	uint32_t low = *ret < 0xdc00 && n >= 4 ? utf16_unit(p + 2, big) : 0;
	bool pair = low >= 0xdc00 && low < 0xe000;
	*ret = pair ? 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
	return pair ? 4 : 2;
}

bool str_is_utf8(struct str s)
{
	uint32_t value;
	while (s.n) {
		size_t n = utf8_next(s, &value);
		if (!n)
			return false;
		s = str_skip(s, n);
	}
	return true;
}

/* Enough of Unicode's East Asian Width and combining marks for aligned columns. */
static size_t codepoint_width(uint32_t value)
{
	if ((value >= 0x300 && value < 0x370) || (value >= 0x200b && value <= 0x200f) ||
	    (value >= 0xfe00 && value <= 0xfe0f))
		return 0;
	if ((value >= 0x1100 && value <= 0x115f) || (value >= 0x2e80 && value <= 0xa4cf) ||
	    (value >= 0xac00 && value <= 0xd7a3) || (value >= 0xf900 && value <= 0xfaff) ||
	    (value >= 0xfe30 && value <= 0xfe6f) || (value >= 0xff00 && value <= 0xff60) ||
	    (value >= 0x1f300 && value <= 0x1f9ff) || value >= 0x20000)
		return 2;
	return 1;
}

size_t str_fit(struct str s, size_t columns)
{
	size_t at = 0, width = 0;
	while (at < s.n) {
		uint32_t value;
		size_t n = utf8_next(str_skip(s, at), &value), w = 1;
		if (n)
			w = codepoint_width(value);
		else
			n = 1; /* a byte that is not UTF-8 takes one column */
		if (width + w > columns)
			break;
		width += w;
		at += n;
	}
	return at;
}

size_t str_width(struct str s)
{
	size_t width = 0;
	while (s.n) {
		uint32_t value;
		size_t n = utf8_next(s, &value);
		width += n ? codepoint_width(value) : 1;
		s = str_skip(s, n ? n : 1);
	}
	return width;
}

/* Controls of C0 and C1, DEL, ends of lines, the byte order mark, and marks and isolates of bidirectional text (UAX #9). */
static bool is_hidden(uint32_t letter)
{
	return (letter < 0x20 && letter != '\t') || (letter >= 0x7f && letter < 0xa0) || letter == 0x61c ||
	       letter == 0x200e || letter == 0x200f || (letter >= 0x2028 && letter <= 0x202e) ||
	       (letter >= 0x2066 && letter <= 0x2069) || letter == 0xfeff;
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || (unsigned char)s.p[i] >= 0x7f)
			return false;
	return true;
}

bool str_is_visible(struct str s)
{
	while (s.n) {
		uint32_t letter;
		size_t length = utf8_next(s, &letter);
		if (!length || letter == '\t' || is_hidden(letter))
			return false;
		s = str_skip(s, length);
	}
	return true;
}

struct str str_shown(struct arena *a, struct str s)
{
	if (is_plain(s))
		return s;
	/* four bytes for one that is not UTF-8, six for a mark of two or three */
	char *text = arena_alloc(a, 4 * s.n + 1);
	size_t n = 0;
	while (s.n) {
		uint32_t letter;
		size_t length = utf8_next(s, &letter);
		if (!length)
			n += (size_t)sprintf(text + n, "\\x%02x", (unsigned char)s.p[0]);
		else if (is_hidden(letter))
			n += (size_t)sprintf(text + n, letter < 0x100 ? "\\x%02x" : "\\u%04x", letter);
		else {
			memcpy(text + n, s.p, length);
			n += length;
		}
		s = str_skip(s, length ? length : 1);
	}
	return (struct str){ text, n };
}

bool str_is_date(struct str s)
{
	static const uint32_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	uint32_t y, mo, d;
	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !str_to_u32(str_first(s, 4), 9999, &y) ||
	    !str_to_u32(str_first(str_skip(s, 5), 2), 12, &mo) || !str_to_u32(str_skip(s, 8), 31, &d))
		return false;
	if (!mo || !d || d > days[mo - 1])
		return false;
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	return mo != 2 || d < 29 || leap;
}
