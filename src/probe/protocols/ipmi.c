/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPMI over a LAN: the presence ping of RMCP, which needs no session (DMTF DSP0136, ASF 2.0, 3.2.4.2 and
 * 3.2.4.3; IPMI 2.0, 13.2.3).  The reply repeats the tag and says whether the machine speaks IPMI.
 */
#include "probe/probe.h"

enum {
	RMCP_VERSION = 6,
	NO_ACKNOWLEDGEMENT = 0xff,
	CLASS_ASF = 6,
	PING = 0x80,
	PONG = 0x40,
	PONG_LENGTH = 16,
	SPEAKS_IPMI = 0x80
};
enum { ASF = 4542 }; /* the enterprise number of the ASF */

static void start(struct exchange *ex)
{
	struct buffer *to = exchange_send(ex);
	put_u8(to, RMCP_VERSION);
	put_u8(to, 0);
	put_u8(to, NO_ACKNOWLEDGEMENT);
	put_u8(to, CLASS_ASF);
	put_be32(to, ASF);
	put_u8(to, PING);
	put_u8(to, ex->random[0]);
	put_be16(to, 0);
}

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct cursor c = cursor_of(p, n);
	uint8_t version = get_u8(&c);
	skip_bytes(&c, 2);
	uint8_t class = get_u8(&c);
	uint32_t enterprise = get_be32(&c);
	uint8_t type = get_u8(&c), tag = get_u8(&c);
	skip_bytes(&c, 1);
	uint8_t length = get_u8(&c);
	skip_bytes(&c, 4);
	struct str own = get_bytes(&c, 4);
	uint8_t entities = get_u8(&c);
	if (c.bad || version != RMCP_VERSION || class != CLASS_ASF || enterprise != ASF || type != PONG ||
	    tag != ex->random[0] || length < PONG_LENGTH || !(entities & SPEAKS_IPMI)) {
		exchange_foreign(ex, p, n);
		return n;
	}
	ex->stand_in = memcmp(own.p, "PTLN", 4) == 0;
	exchange_done(ex, REASON_SERVICE, "a management controller that speaks IPMI");
	return n;
}

const struct probe probe_ipmi = {
	.name = "ipmi",
	.title = "IPMI",
	.best = REASON_SERVICE,
	.why_not = "a presence pong names no machine",
	.start = start,
	.input = input,
};
