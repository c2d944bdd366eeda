/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/bytes.h"

struct cursor cursor_of(const void *p, size_t n)
{
	return (struct cursor){ .p = p, .n = n };
}

void cursor_spoil(struct cursor *c)
{
	c->bad = true;
	if (c->n) /* p may be NULL, to which C adds nothing */
		c->p += c->n;
	c->n = 0;
}

/* Where the next n bytes lie; NULL, and bad, when there are fewer. */
static const uint8_t *take(struct cursor *c, size_t n)
{
	if (n > c->n) {
		cursor_spoil(c);
		return NULL;
	}
	const uint8_t *p = c->p;
	if (n)
		c->p += n;
	c->n -= n;
	return p;
}

static uint64_t get_be(struct cursor *c, unsigned n)
{
	const uint8_t *p = take(c, n);
	uint64_t value = 0;
	for (unsigned i = 0; p && i < n; i++)
		value = value << 8 | p[i];
	return value;
}

static uint64_t get_le(struct cursor *c, unsigned n)
{
	const uint8_t *p = take(c, n);
	uint64_t value = 0;
	for (unsigned i = n; p && i-- > 0;)
		value = value << 8 | p[i];
	return value;
}

uint8_t get_u8(struct cursor *c)
{
	return (uint8_t)get_be(c, 1);
}

uint16_t get_be16(struct cursor *c)
{
	return (uint16_t)get_be(c, 2);
}

uint32_t get_be32(struct cursor *c)
{
	return (uint32_t)get_be(c, 4);
}

uint64_t get_be64(struct cursor *c)
{
	return get_be(c, 8);
}

uint16_t get_le16(struct cursor *c)
{
	return (uint16_t)get_le(c, 2);
}

uint32_t get_le32(struct cursor *c)
{
	return (uint32_t)get_le(c, 4);
}

uint64_t get_le64(struct cursor *c)
{
	return get_le(c, 8);
}

struct str get_bytes(struct cursor *c, size_t n)
{
	const uint8_t *p = take(c, n);
	return p ? (struct str){ (const char *)p, n } : STR("");
}

struct cursor get_part(struct cursor *c, size_t n)
{
	const uint8_t *p = take(c, n);
	return (struct cursor){ .p = p ? p : c->p, .n = p ? n : 0, .bad = p == NULL };
}

struct str get_text(struct cursor *c)
{
	const uint8_t *nul = c->n ? memchr(c->p, 0, c->n) : NULL;
	if (!nul) {
		cursor_spoil(c);
		return STR("");
	}
	struct str s = get_bytes(c, (size_t)(nul - c->p));
	skip_bytes(c, 1);
	return s;
}

void skip_bytes(struct cursor *c, size_t n)
{
	take(c, n);
}

struct buffer buffer_over(void *p, size_t room)
{
	return (struct buffer){ .p = p, .room = room };
}

/* Room for n more bytes; NULL, and full, when they do not fit. */
static uint8_t *extend(struct buffer *to, size_t n)
{
	if (to->full || n > to->room - to->n) {
		to->full = true;
		return NULL;
	}
	uint8_t *p = to->p + to->n;
	to->n += n;
	return p;
}

static void store_be(uint8_t *p, uint64_t value, unsigned n)
{
	while (n-- > 0) {
		p[n] = (uint8_t)value;
		value >>= 8;
	}
}

static void store_le(uint8_t *p, uint64_t value, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		p[i] = (uint8_t)value;
		value >>= 8;
	}
}

static void put_be(struct buffer *to, uint64_t value, unsigned n)
{
	uint8_t *p = extend(to, n);
	if (p)
		store_be(p, value, n);
}

static void put_le(struct buffer *to, uint64_t value, unsigned n)
{
	uint8_t *p = extend(to, n);
	if (p)
		store_le(p, value, n);
}

void put_u8(struct buffer *to, uint8_t value)
{
	put_be(to, value, 1);
}

void put_be16(struct buffer *to, uint16_t value)
{
	put_be(to, value, 2);
}

void put_be32(struct buffer *to, uint32_t value)
{
	put_be(to, value, 4);
}

void put_be64(struct buffer *to, uint64_t value)
{
	put_be(to, value, 8);
}

void put_le16(struct buffer *to, uint16_t value)
{
	put_le(to, value, 2);
}

void put_le32(struct buffer *to, uint32_t value)
{
	put_le(to, value, 4);
}

void put_le64(struct buffer *to, uint64_t value)
{
	put_le(to, value, 8);
}

void put_bytes(struct buffer *to, const void *p, size_t n)
{
	uint8_t *room = extend(to, n);
	if (room && n)
		memcpy(room, p, n);
}

void put_str(struct buffer *to, struct str s)
{
	put_bytes(to, s.p, s.n);
}

void put_text(struct buffer *to, const char *s)
{
	put_bytes(to, s, strlen(s));
}

void put_zeros(struct buffer *to, size_t n)
{
	uint8_t *room = extend(to, n);
	if (room)
		memset(room, 0, n);
}

void put_utf16(struct buffer *to, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		put_le16(to, (uint8_t)s.p[i] < 0x80 ? (uint8_t)s.p[i] : 0xfffd);
}

static size_t hole(struct buffer *to, unsigned n)
{
	put_zeros(to, n);
	return to->n - (to->full ? 0 : n);
}

static void fill(struct buffer *to, size_t place, size_t more, unsigned n, void (*store)(uint8_t *, uint64_t, unsigned))
{
	if (to->full)
		return;
	uint64_t length = to->n - place - n + more;
	if (n < 8 && length >> (8 * n))
		to->full = true;
	else
		store(to->p + place, length, n);
}

size_t hole_be16(struct buffer *to)
{
	return hole(to, 2);
}

void fill_be16(struct buffer *to, size_t place, size_t more)
{
	fill(to, place, more, 2, store_be);
}

size_t hole_le16(struct buffer *to)
{
	return hole(to, 2);
}

void fill_le16(struct buffer *to, size_t place, size_t more)
{
	fill(to, place, more, 2, store_le);
}

size_t hole_be32(struct buffer *to)
{
	return hole(to, 4);
}

void fill_be32(struct buffer *to, size_t place, size_t more)
{
	fill(to, place, more, 4, store_be);
}

size_t hole_le32(struct buffer *to)
{
	return hole(to, 4);
}

void fill_le32(struct buffer *to, size_t place, size_t more)
{
	fill(to, place, more, 4, store_le);
}

struct str buffer_view(const struct buffer *p)
{
	return (struct str){ (const char *)p->p, p->n };
}
