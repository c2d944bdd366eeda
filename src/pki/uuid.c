/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/uuid.h"

#include <openssl/rand.h>

struct str uuid_made(struct arena *a)
{
	unsigned char r[16];
	if (RAND_bytes(r, sizeof r) != 1)
		out_of_memory(sizeof r);
	r[6] = (unsigned char)((r[6] & 0x0f) | 0x40);
	r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
	struct str hex = str_hex(a, (struct str){ (const char *)r, sizeof r });
	return str_printf(a, "%.8s-%.4s-%.4s-%.4s-%.12s", hex.p, hex.p + 8, hex.p + 12, hex.p + 16, hex.p + 20);
}
