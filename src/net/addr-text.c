/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses as text.  inet_pton() and inet_ntop() of the systems differ in details, such as which IPv6 addresses end in
 * an IPv4 address, and a plan is the same text everywhere.
 */
#include "net/addr.h"

enum { GROUPS = 8, EMBEDDED = 2 }; /* groups of an IPv6 address, and those that an IPv4 address in it takes */

static bool parse_ipv4(struct str s, uint32_t *ret)
{
	enum { PARTS = 4 };
	struct str part;
	uint32_t n = 0, value;
	size_t parts = 0;
	if (s.n && s.p[s.n - 1] == '.')
		return false;
	for (; str_cut(&s, '.', &part); parts++) {
		if (parts == PARTS || part.n > 3 || (part.n > 1 && part.p[0] == '0') || !str_to_u32(part, 255, &value))
			return false;
		n = n << 8 | value;
	}
	*ret = n;
	return parts == PARTS;
}

/* One to four hexadecimal digits. */
static bool parse_group(struct str s, uint16_t *ret)
{
	unsigned n = 0;
	if (s.n < 1 || s.n > 4)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int digit = hex_digit(s.p[i]);
		if (digit < 0)
			return false;
		n = n << 4 | (unsigned)digit;
	}
	*ret = (uint16_t)n;
	return true;
}

/* Groups with a colon between them, none for an empty text; the last may be an IPv4 address. */
static bool parse_groups(struct str s, bool may_embed, uint16_t groups[GROUPS], size_t *n)
{
	struct str part;
	uint32_t v4;
	*n = 0;
	if (s.n && s.p[s.n - 1] == ':')
		return false;
	while (str_cut(&s, ':', &part)) {
		if (*n == GROUPS)
			return false;
		if (may_embed && !s.n && *n + EMBEDDED <= GROUPS && parse_ipv4(part, &v4)) {
			groups[(*n)++] = (uint16_t)(v4 >> 16);
			groups[(*n)++] = (uint16_t)v4;
		} else if (!parse_group(part, &groups[(*n)++])) {
			return false;
		}
	}
	return true;
}

static bool parse_ipv6(struct str s, u128 *ret)
{
	uint16_t left[GROUPS], right[GROUPS];
	size_t n_left, n_right = 0, gap = str_find_text(s, STR("::"));
	bool has_gap = gap != SIZE_MAX;
	u128 n = 0;
	if (!parse_groups(str_first(s, gap), !has_gap, left, &n_left))
		return false;
	if (has_gap && !parse_groups(str_skip(s, gap + 2), true, right, &n_right))
		return false;
	/* two colons stand for one group of zeros at least */
	if (has_gap ? n_left + n_right >= GROUPS : n_left != GROUPS)
		return false;
	for (size_t i = 0; i < n_left; i++)
		n |= (u128)left[i] << (16 * (GROUPS - 1 - i));
	for (size_t i = 0; i < n_right; i++)
		n |= (u128)right[i] << (16 * (n_right - 1 - i));
	*ret = n;
	return true;
}

bool addr_parse(struct str s, struct addr *ret)
{
	uint32_t v4;
	if (s.n == 0 || s.n >= ADDR_TEXT)
		return false;
	if (str_find(s, ':') != SIZE_MAX) {
		ret->family = IPV6;
		return parse_ipv6(s, &ret->n);
	}
	if (!parse_ipv4(s, &v4))
		return false;
	*ret = (struct addr){ IPV4, v4 };
	return true;
}

static char *put_ipv4(char *p, uint32_t n)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		p = u32_text(p, n >> shift & 255);
		if (shift)
			*p++ = '.';
	}
	return p;
}

static unsigned group_of(u128 n, size_t i)
{
	return (unsigned)(n >> (16 * (GROUPS - 1 - i))) & 0xffff;
}

/* The longest run of two groups of zeros or more, the first of several; its length. */
static size_t longest_gap(u128 n, size_t *begin)
{
	size_t longest = 1, run = 0;
	for (size_t i = 0; i < GROUPS; i++) {
		run = group_of(n, i) ? 0 : run + 1;
		if (run > longest) {
			longest = run;
			*begin = i + 1 - run;
		}
	}
	return longest > 1 ? longest : 0;
}

static char *put_group(char *p, unsigned group)
{
	static const char digits[] = "0123456789abcdef";
	for (int shift = 12; shift >= 0; shift -= 4)
		if (shift == 0 || group >> shift)
			*p++ = digits[group >> shift & 15];
	return p;
}

/* RFC 5952, with the IPv4 address in an address that is mapped or compatible to one. */
static char *put_ipv6(char *p, u128 n)
{
	size_t begin = GROUPS, gap = longest_gap(n, &begin), shown = GROUPS;
	bool embeds = begin == 0 && (gap == 6 || (gap == 5 && group_of(n, 5) == 0xffff));
	if (embeds)
		shown -= EMBEDDED;
	for (size_t i = 0; i < shown; i++) {
		if (gap && i == begin) {
			*p++ = ':';
			i += gap - 1;
			if (i + 1 == GROUPS || (embeds && i + 1 == shown))
				*p++ = ':';
			continue;
		}
		if (i)
			*p++ = ':';
		p = put_group(p, group_of(n, i));
	}
	if (embeds) {
		if (p[-1] != ':')
			*p++ = ':';
		p = put_ipv4(p, (uint32_t)n);
	}
	return p;
}

const char *addr_text(struct addr a, char buf[ADDR_TEXT])
{
	if (a.family == IPV4)
		put_ipv4(buf, (uint32_t)a.n);
	else
		*put_ipv6(buf, a.n) = '\0';
	return buf;
}
