/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many rounds a law is tried: as many as usual, the number that PORTOLAN_ROUNDS
 * says, with "10x" ten times as many as usual (tools/soak), or with "/4" a quarter of
 * them, but one at least (with sanitizers).
 */
#pragma once

#include <stdlib.h>

static inline size_t rounds(size_t usual)
{
	const char *said = getenv("PORTOLAN_ROUNDS");
	char *end;
	if (!said)
		return usual;
	if (*said == '/') {
		size_t part = strtoul(said + 1, &end, 10);
		return part && part <= usual ? usual / part : 1;
	}
	size_t n = strtoul(said, &end, 10);
	return *end == 'x' ? n * usual : n;
}

/* What a law has to see at least of a thing, in as many rounds as usual or in a part of them. */
static inline size_t enough(size_t usual)
{
	const char *said = getenv("PORTOLAN_ROUNDS");
	return said && *said == '/' ? rounds(usual) : usual;
}
