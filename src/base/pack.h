/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as bytes and back, for files that only this program reads.
 *
 * Numbers take as few bytes as they need, seven bits in each.  Reading is by a
 * cursor whose error sticks: after the first byte that cannot be, everything
 * reads as nothing, and the caller asks once at the end.
 */
#pragma once

#include "base/out.h"

void pack_number(struct out *o, uint64_t n);
void pack_flag(struct out *o, bool b);
void pack_bytes(struct out *o, struct str s);	/* with their length */

struct cursor {
	const char *p;
	size_t n;	/* bytes that are left */
	bool bad;
};

static inline struct cursor cursor_of(struct str s)
{
	return (struct cursor){ s.p, s.n, false };
}

/* At most `most`. */
uint64_t unpack_number(struct cursor *c, uint64_t most);
bool unpack_flag(struct cursor *c);

/* How many things follow that take so many bytes each at least: never more than can be there. */
size_t unpack_count(struct cursor *c, size_t least_bytes);

/* n bytes, where they are; an empty string after an error. */
struct str unpack_raw(struct cursor *c, size_t n);
struct str unpack_bytes(struct cursor *c);

/* What was read cannot be, for a reason that only the caller knows. */
void cursor_spoil(struct cursor *c);

/* True when all was read and nothing was wrong. */
bool cursor_done(const struct cursor *c);
