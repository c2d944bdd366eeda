/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashes of bytes (xxHash3).  The same on every machine, because flow ids are
 * derived from them; not for cryptography.
 */
#pragma once

#include "base/common.h"

uint64_t hash64(const void *p, size_t n);
uint64_t hash64_seed(const void *p, size_t n, uint64_t seed);

/* Mixes one more number into a hash. */
static inline uint64_t hash_mix(uint64_t h, uint64_t value)
{
	h ^= value + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
	h *= 0xff51afd7ed558ccdu;
	return h ^ h >> 32;
}

/*
 * The next of a sequence of pseudo-random numbers (splitmix64): the same on every machine,
 * so that results are.
 */
static inline uint64_t hash_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}
