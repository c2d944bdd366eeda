/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/ber.h"

enum { LONG_FORM = 0x80, LENGTH_BYTES_MAX = 4, HIGH_TAG = 0x1f };

static size_t get_length(struct cursor *c)
{
	uint8_t first = get_u8(c);
	if (first < LONG_FORM)
		return first;
	unsigned bytes = first & ~LONG_FORM;
	if (bytes == 0 || bytes > LENGTH_BYTES_MAX) {
		cursor_spoil(c);
		return 0;
	}
	size_t length = 0;
	while (bytes-- > 0)
		length = length << 8 | get_u8(c);
	return length;
}

bool ber_next(struct cursor *c, uint8_t *tag, struct cursor *content)
{
	if (c->n == 0 || c->bad)
		return false;
	*tag = get_u8(c);
	if ((*tag & HIGH_TAG) == HIGH_TAG)
		cursor_spoil(c);
	*content = get_part(c, get_length(c));
	return !c->bad;
}

struct cursor ber_get(struct cursor *c, uint8_t tag)
{
	struct cursor content = { 0 };
	uint8_t found = 0;
	if (!ber_next(c, &found, &content) || found != tag) {
		cursor_spoil(c);
		content = (struct cursor){ .p = c->p, .bad = true };
	}
	return content;
}

bool ber_take(struct cursor *c, uint8_t tag, struct cursor *content)
{
	if (c->n == 0 || *c->p != tag)
		return false;
	*content = ber_get(c, tag);
	return !c->bad;
}

int64_t ber_integer(struct cursor *content)
{
	if (content->n == 0 || content->n > 8) {
		cursor_spoil(content);
		return 0;
	}
	uint64_t value = *content->p & 0x80 ? UINT64_MAX : 0;
	while (content->n)
		value = value << 8 | get_u8(content);
	return (int64_t)value;
}

struct str ber_rest(struct cursor *content)
{
	return get_bytes(content, content->n);
}

int64_t ber_get_integer(struct cursor *c, uint8_t tag)
{
	struct cursor content = ber_get(c, tag);
	int64_t value = ber_integer(&content);
	if (content.bad)
		cursor_spoil(c);
	return value;
}

struct str ber_get_string(struct cursor *c, uint8_t tag)
{
	struct cursor content = ber_get(c, tag);
	return ber_rest(&content);
}

/* Days since 1970-01-01 in the Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
static int64_t days_since_1970(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	int64_t era = year / 400;
	unsigned year_of_era = (unsigned)(year - era * 400);
	unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

bool ber_time(struct str text, int64_t *ret)
{
	static const unsigned widths[6] = { 4, 2, 2, 2, 2, 2 };
	uint32_t part[6];
	for (unsigned i = 0; i < ARRAY_LEN(part); i++) {
		if (!str_to_u32(str_first(text, widths[i]), 9999, &part[i]) || text.n < widths[i])
			return false;
		text = str_skip(text, widths[i]);
	}
	/* Active Directory writes ".0Z". */
	while (text.n && (*text.p == '.' || (*text.p >= '0' && *text.p <= '9')))
		text = str_skip(text, 1);
	if (!str_is(text, "Z") || part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31 || part[3] > 23 ||
	    part[4] > 59 || part[5] > 60)
		return false;
	int64_t days = days_since_1970(part[0], part[1], part[2]);
	*ret = (((days * 24 + part[3]) * 60 + part[4]) * 60 + part[5]) * 1000;
	return true;
}

void ber_time_text(int64_t milliseconds, char ret[16])
{
	int64_t seconds = MAX(milliseconds, (int64_t)0) / 1000, days = seconds / 86400;
	unsigned second = (unsigned)(seconds % 86400);
	/* The opposite of days_since_1970(). */
	int64_t from = days + 719468, era = from / 146097;
	unsigned day_of_era = (unsigned)(from - era * 146097);
	unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned part = (5 * day_of_year + 2) / 153, month = part < 10 ? part + 3 : part - 9;
	unsigned year = (unsigned)(year_of_era + era * 400) + (month <= 2);
	const struct {
		unsigned value, width;
	} parts[] = { { year % 10000, 4 },
		      { month, 2 },
		      { day_of_year - (153 * part + 2) / 5 + 1, 2 },
		      { second / 3600, 2 },
		      { second / 60 % 60, 2 },
		      { second % 60, 2 } };
	char *p = ret;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		unsigned value = parts[i].value;
		for (unsigned j = parts[i].width; j-- > 0; value /= 10)
			p[j] = (char)('0' + value % 10);
		p += parts[i].width;
	}
	memcpy(p, "Z", 2);
}

bool ber_length(const uint8_t *p, size_t n, size_t *ret)
{
	*ret = 0;
	if (n < 2)
		return true;
	if ((p[0] & HIGH_TAG) == HIGH_TAG)
		return false;
	unsigned bytes = p[1] & LONG_FORM ? p[1] & ~LONG_FORM : 0;
	if (p[1] == LONG_FORM || bytes > LENGTH_BYTES_MAX)
		return false;
	if (n < 2 + bytes)
		return true;
	struct cursor c = cursor_of(p + 1, n - 1);
	*ret = get_length(&c) + 2 + bytes;
	return true;
}

size_t ber_begin(struct buffer *to, uint8_t tag)
{
	put_u8(to, tag);
	put_u8(to, 0);
	return to->n;
}

void ber_end(struct buffer *to, size_t place)
{
	if (to->full)
		return;
	size_t length = to->n - place;
	unsigned bytes = 0;
	for (size_t left = length; length >= LONG_FORM && left; left >>= 8)
		bytes++;
	put_zeros(to, bytes);
	if (to->full)
		return;
	uint8_t *p = to->p + place;
	memmove(p + bytes, p, length);
	p[-1] = (uint8_t)(bytes ? LONG_FORM | bytes : length);
	for (size_t left = length; bytes-- > 0; left >>= 8)
		p[bytes] = (uint8_t)left;
}

void ber_put_integer(struct buffer *to, uint8_t tag, int64_t value)
{
	unsigned bytes = 1;
	while (bytes < 8 && (value >> (8 * bytes - 1)) != 0 && (value >> (8 * bytes - 1)) != -1)
		bytes++;
	put_u8(to, tag);
	put_u8(to, (uint8_t)bytes);
	while (bytes-- > 0)
		put_u8(to, (uint8_t)(value >> (8 * bytes)));
}

void ber_put_string(struct buffer *to, uint8_t tag, struct str s)
{
	size_t place = ber_begin(to, tag);
	put_str(to, s);
	ber_end(to, place);
}
