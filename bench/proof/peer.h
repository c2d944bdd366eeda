/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what generate.py --dialect=raw writes: "permit protocol src dst sport dport", ends of ranges, IPv4. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct raw {
	int permit, protocol;	/* protocol 0: any */
	uint32_t src[2], dst[2], sport[2], dport[2];
};

static struct raw *raw_read(const char *path, size_t *n)
{
	FILE *f = fopen(path, "r");
	struct raw *v = NULL, r;
	size_t room = 0;
	*n = 0;
	if (!f) {
		perror(path);
		exit(2);
	}
	while (fscanf(f, "%d %d %u %u %u %u %u %u %u %u", &r.permit, &r.protocol, &r.src[0], &r.src[1], &r.dst[0], &r.dst[1],
		      &r.sport[0], &r.sport[1], &r.dport[0], &r.dport[1]) == 10) {
		if (*n == room) {
			room = room ? 2 * room : 1024;
			v = realloc(v, room * sizeof *v);
		}
		v[(*n)++] = r;
	}
	fclose(f);
	return v;
}
