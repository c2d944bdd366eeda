/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serializes values to bytes and back, for files that only this program reads.
 *
 * Numbers are variable-length integers, seven bits a byte (unsigned LEB128).
 * struct pack_reader reads them, and its error sticks: after the first invalid byte everything
 * reads as zero or empty, and the caller checks once at the end.
 */
#pragma once

#include "base/out.h"

void pack_number(struct out *o, uint64_t n);
void pack_flag(struct out *o, bool b);
void pack_bytes(struct out *o, struct str s); /* with their length */

struct pack_reader {
	const char *p;
	size_t n; /* bytes that are left */
	bool bad;
};

static inline struct pack_reader pack_reader_of(struct str s)
{
	return (struct pack_reader){ s.p, s.n, false };
}

/* At most `most`. */
uint64_t unpack_number(struct pack_reader *c, uint64_t most);
bool unpack_flag(struct pack_reader *c);

/* A count of items of at least that many bytes each: never more than the input can hold. */
size_t unpack_count(struct pack_reader *c, size_t least_bytes);

/* n bytes, in place; an empty string after an error. */
struct str unpack_raw(struct pack_reader *c, size_t n);
struct str unpack_bytes(struct pack_reader *c);

/* Marks the input invalid, for a reason that only the caller knows. */
void unpack_spoil(struct pack_reader *c);

/* True when all input was read without error. */
bool pack_reader_done(const struct pack_reader *c);
