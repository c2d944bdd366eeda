/* SPDX-License-Identifier: Apache-2.0 */
#include "net/addr.h"

struct addr_range prefix_range(struct addr a, unsigned length)
{
	unsigned bits = addr_bits(a.family);
	assert(length <= bits);
	u128 host = length == 0 ? addr_max(a.family) : (((u128)1 << (bits - length)) - 1);
	return (struct addr_range){ a.family, a.n & ~host & addr_max(a.family), a.n | host };
}

int addr_range_cmp(const struct addr_range *a, const struct addr_range *b)
{
	int c = CMP(a->family, b->family);
	c = c ? c : CMP(a->lo, b->lo);
	return c ? c : CMP(a->hi, b->hi);
}

static bool mask_length(struct addr mask, unsigned *ret)
{
	uint32_t m = (uint32_t)mask.n;
	unsigned length = m ? 32 - (unsigned)__builtin_ctz(m) : 0;
	if (m != (length ? (uint32_t)(UINT64_MAX << (32 - length)) : 0))
		return false;
	*ret = length;
	return true;
}

enum range_parse addr_range_parse(struct str s, struct addr_range *ret)
{
	size_t slash = str_find(s, '/'), dash = str_find(s, '-');
	struct addr a, b;

	if (slash != SIZE_MAX) {
		struct str tail = str_skip(s, slash + 1);
		uint32_t length;
		if (!addr_parse(str_first(s, slash), &a))
			return RANGE_BAD;
		if (a.family == IPV4 && addr_parse(tail, &b) && b.family == IPV4) {
			if (!mask_length(b, &length))
				return RANGE_BAD;
		} else if (tail.n > 3 || !str_to_u32(tail, addr_bits(a.family), &length)) {
			return RANGE_BAD;
		}
		*ret = prefix_range(a, length);
		return ret->lo == a.n ? RANGE_OK : RANGE_HOST_BITS;
	}
	if (dash != SIZE_MAX) {
		if (!addr_parse(str_trim(str_first(s, dash)), &a) || !addr_parse(str_trim(str_skip(s, dash + 1)), &b) ||
		    a.family != b.family)
			return RANGE_BAD;
		if (a.n > b.n)
			return RANGE_REVERSED;
		*ret = (struct addr_range){ a.family, a.n, b.n };
		return RANGE_OK;
	}
	if (!addr_parse(s, &a))
		return RANGE_BAD;
	*ret = addr_range_of(a);
	return RANGE_OK;
}

static unsigned trailing_zeros(u128 n, unsigned most)
{
	uint64_t low = (uint64_t)n, high = (uint64_t)(n >> 64);
	unsigned z = low ? (unsigned)__builtin_ctzll(low) : high ? 64 + (unsigned)__builtin_ctzll(high) : 128;
	return MIN(z, most);
}

unsigned addr_range_first_prefix(const struct addr_range *r)
{
	unsigned bits = addr_bits(r->family);
	unsigned host = trailing_zeros(r->lo, bits);
	u128 last = r->hi - r->lo; /* size - 1, so that the whole IPv6 space fits */
	while (host && (host == 128 ? last != ~(u128)0 : (((u128)1 << host) - 1) > last))
		host--;
	return bits - host;
}

bool addr_range_is_prefix(const struct addr_range *r, unsigned *length)
{
	unsigned l = addr_range_first_prefix(r);
	if (prefix_range((struct addr){ r->family, r->lo }, l).hi != r->hi)
		return false;
	*length = l;
	return true;
}

const char *addr_range_text(const struct addr_range *r, char buf[RANGE_TEXT])
{
	unsigned length;
	addr_text((struct addr){ r->family, r->lo }, buf);
	if (r->lo == r->hi)
		return buf;
	char *end = buf + strlen(buf);
	bool prefix = addr_range_is_prefix(r, &length);
	*end++ = prefix ? '/' : '-';
	if (prefix)
		u32_text(end, length);
	else
		addr_text((struct addr){ r->family, r->hi }, end);
	return buf;
}
