/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many rounds a law is tried: as many as usual, the number that PORTOLAN_ROUNDS
 * says, or with "10x" ten times as many as usual (tools/soak).
 */
#pragma once

#include <stdlib.h>

static inline size_t rounds(size_t usual)
{
	const char *said = getenv("PORTOLAN_ROUNDS");
	char *end;
	if (!said)
		return usual;
	size_t n = strtoul(said, &end, 10);
	return *end == 'x' ? n * usual : n;
}
