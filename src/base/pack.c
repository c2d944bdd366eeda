/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pack.h"

enum { LONGEST_NUMBER = 10 }; /* groups of seven bits that 64 bits need */

void pack_number(struct out *o, uint64_t n)
{
	char bytes[LONGEST_NUMBER];
	size_t at = 0;
	while (n >= 0x80) {
		bytes[at++] = (char)(0x80 | (n & 0x7f));
		n >>= 7;
	}
	bytes[at++] = (char)n;
	out_bytes(o, bytes, at);
}

void pack_flag(struct out *o, bool b)
{
	pack_number(o, b);
}

void pack_bytes(struct out *o, struct str s)
{
	pack_number(o, s.n);
	out_str(o, s);
}

void unpack_spoil(struct pack_reader *c)
{
	*c = (struct pack_reader){ .bad = true };
}

uint64_t unpack_number(struct pack_reader *c, uint64_t most)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < LONGEST_NUMBER && i < c->n; i++) {
		unsigned char byte = (unsigned char)c->p[i];
		/*
 * the tenth byte has one bit left; a last byte of zero is a second encoding
 * of the same number
 */
		if ((i == LONGEST_NUMBER - 1 && byte > 1) || (i && !byte))
			break;
		n |= (uint64_t)(byte & 0x7f) << 7 * i;
		if (byte & 0x80)
			continue;
		if (n > most)
			break;
		c->p += i + 1;
		c->n -= i + 1;
		return n;
	}
	unpack_spoil(c);
	return 0;
}

bool unpack_flag(struct pack_reader *c)
{
	return unpack_number(c, 1);
}

size_t unpack_count(struct pack_reader *c, size_t least_bytes)
{
	uint64_t n = unpack_number(c, SIZE_MAX);
	if (n > c->n / least_bytes) {
		unpack_spoil(c);
		return 0;
	}
	return (size_t)n;
}

struct str unpack_raw(struct pack_reader *c, size_t n)
{
	struct str s = { c->p, n };
	if (c->bad || n > c->n) {
		unpack_spoil(c);
		return STR("");
	}
	c->p += n;
	c->n -= n;
	return s;
}

struct str unpack_bytes(struct pack_reader *c)
{
	return unpack_raw(c, unpack_count(c, 1));
}

bool pack_reader_done(const struct pack_reader *c)
{
	return !c->bad && !c->n;
}
