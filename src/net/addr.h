/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IP addresses, prefixes and ranges of both families, and their text forms
 * (RFC 4632 and RFC 4291 prefixes, RFC 5952 for IPv6 output).
 *
 * An address is a number and its family.  All IPv4 addresses sort before all
 * IPv6 addresses, so one sorted list can hold both and no range spans them.
 */
#pragma once

#include "base/str.h"

typedef unsigned __int128 u128;

enum family { IPV4, IPV6 };

struct addr {
	enum family family;
	u128 n; /* IPv4: below 2^32 */
};

/* Inclusive; one family. */
struct addr_range {
	enum family family;
	u128 lo, hi;
};

static inline u128 addr_max(enum family f)
{
	return f == IPV4 ? (u128)UINT32_MAX : ~(u128)0;
}

static inline unsigned addr_bits(enum family f)
{
	return f == IPV4 ? 32 : 128;
}

static inline struct addr_range addr_range_all(enum family f)
{
	return (struct addr_range){ f, 0, addr_max(f) };
}

static inline struct addr_range addr_range_of(struct addr a)
{
	return (struct addr_range){ a.family, a.n, a.n };
}

struct addr_range prefix_range(struct addr a, unsigned length);

int addr_range_cmp(const struct addr_range *a, const struct addr_range *b);

/* A plain address: no brackets, no zone index, IPv4 as four decimal numbers without leading zeros. */
bool addr_parse(struct str s, struct addr *ret);

enum range_parse {
	RANGE_OK,
	RANGE_HOST_BITS, /* an address with host bits set: *ret is the prefix */
	RANGE_REVERSED,  /* "b-a": the range ends before it begins */
	RANGE_BAD,
};

/* "a", "a/len", "a/mask" (IPv4) or "a-b". */
enum range_parse addr_range_parse(struct str s, struct addr_range *ret);

/* True, with the length, when the range is one prefix. */
bool addr_range_is_prefix(const struct addr_range *r, unsigned *length);

/* The largest prefix that begins at r->lo and stays inside r, as a length. */
unsigned addr_range_first_prefix(const struct addr_range *r);

/* Text, in a buffer that is at least this long. */
enum { ADDR_TEXT = 48, RANGE_TEXT = 2 * ADDR_TEXT };
const char *addr_text(struct addr a, char buf[ADDR_TEXT]);
/* "a" for one address, "a/len" for a prefix, else "a-b". */
const char *addr_range_text(const struct addr_range *r, char buf[RANGE_TEXT]);
