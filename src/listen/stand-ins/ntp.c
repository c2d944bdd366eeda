/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NTP: the time of this machine, at the lowest stratum that still counts as synchronized.
 */
#include "listen/stand-in.h"

enum { PACKET = 48, MODE_CLIENT = 3, STRATUM = 15 };
#define ERA 2208988800u /* seconds from 1900 to 1970 */

static void put_time(struct buffer *to, int64_t milliseconds)
{
	put_be32(to, (uint32_t)(milliseconds / 1000 + ERA));
	put_be32(to, (uint32_t)(((uint64_t)(milliseconds % 1000) << 32) / 1000));
}

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	if (n < PACKET || (p[0] & 7) != MODE_CLIENT) {
		session_foreign(s);
		return n;
	}
	struct buffer *to = session_send(s);
	put_u8(to, (uint8_t)((p[0] & 0x38) | 4)); /* the client's version, mode server */
	put_u8(to, STRATUM);
	put_u8(to, p[2]);
	put_u8(to, 0xec); /* about a microsecond */
	put_zeros(to, 8);
	put_text(to, "PTLN");
	put_time(to, s->now);
	put_bytes(to, p + 40, 8);
	put_time(to, s->now);
	put_time(to, s->now);
	s->heard = "a question for the time";
	return n;
}

const struct stand_in stand_in_ntp = {
	.name = "ntp",
	.input = input,
};
