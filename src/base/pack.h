/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serializes values to bytes and back, for files that only this program reads.
 *
 * Numbers are variable-length integers, seven bits a byte (unsigned LEB128).  A
 * cursor reads them, and its error sticks: after the first invalid byte everything
 * reads as zero or empty, and the caller checks once at the end.
 */
#pragma once

#include "base/out.h"

void pack_number(struct out *o, uint64_t n);
void pack_flag(struct out *o, bool b);
void pack_bytes(struct out *o, struct str s); /* with their length */

struct cursor {
	const char *p;
	size_t n; /* bytes that are left */
	bool bad;
};

static inline struct cursor cursor_of(struct str s)
{
	return (struct cursor){ s.p, s.n, false };
}

/* At most `most`. */
uint64_t unpack_number(struct cursor *c, uint64_t most);
bool unpack_flag(struct cursor *c);

/* A count of items of at least that many bytes each: never more than the input can hold. */
size_t unpack_count(struct cursor *c, size_t least_bytes);

/* n bytes, in place; an empty string after an error. */
struct str unpack_raw(struct cursor *c, size_t n);
struct str unpack_bytes(struct cursor *c);

/* Marks the input invalid, for a reason that only the caller knows. */
void unpack_spoil(struct cursor *c);

/* True when all input was read without error. */
bool cursor_done(const struct cursor *c);
