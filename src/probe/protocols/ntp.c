/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NTP (RFC 5905 7.3): one client request; the server repeats its transmit timestamp.
 */
#include "probe/probe.h"

enum { PACKET = 48, CLIENT_VERSION_4 = 0x23, MODE_SERVER = 4, LEAP_UNKNOWN = 3, STRATUM_MAX = 15 };

/* Seconds from 1900 to 1970. */
#define ERA 2208988800u

static void start(struct exchange *ex)
{
	struct buffer *to = exchange_send(ex);
	put_u8(to, CLIENT_VERSION_4);
	put_zeros(to, PACKET - 1 - 8);
	put_bytes(to, ex->random, 8);
}

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct cursor c = cursor_of(p, n);
	uint8_t first = get_u8(&c), stratum = get_u8(&c);
	skip_bytes(&c, 10);
	struct str reference = get_bytes(&c, 4);
	skip_bytes(&c, 8);
	struct str origin = get_bytes(&c, 8);
	skip_bytes(&c, 8);
	uint32_t seconds = get_be32(&c), fraction = get_be32(&c);
	if (c.bad || (first & 7) != MODE_SERVER || memcmp(origin.p, ex->random, 8) != 0) {
		exchange_foreign(ex, p, n);
		return n;
	}
	exchange_evidence_number(ex, "stratum", stratum);
	ex->stand_in = memcmp(reference.p, "PTLN", 4) == 0;
	if (stratum == 0)
		exchange_evidence(ex, "kiss", reference);
	if (stratum == 0 || stratum > STRATUM_MAX || first >> 6 == LEAP_UNKNOWN) {
		exchange_advice(ex, "unsynchronized", ADVICE_WARNING, "the time server is not synchronized");
		exchange_done(ex, REASON_SERVICE, "a time server that is not synchronized");
		return n;
	}
	/* Era 0 ends in 2036; a value below 2^31 is of era 1 (RFC 5905 6). */
	int64_t unix_seconds = (int64_t)seconds - ERA + (seconds < 0x80000000u ? (int64_t)1 << 32 : 0);
	exchange_clock(ex, unix_seconds * 1000 + (int64_t)((uint64_t)fraction * 1000 >> 32));
	exchange_done(ex, REASON_SERVICE, "a time server of stratum %u", stratum);
	return n;
}

const struct probe probe_ntp = {
	.name = "ntp",
	.title = "NTP",
	.best = REASON_SERVICE,
	.why_not = "NTP names no server",
	.start = start,
	.input = input,
};
