/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPMI: the pong of RMCP (DMTF DSP0136 3.2.4.3), whose field for the maker's own use has the mark.
 */
#include "listen/stand-in.h"

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	static const uint8_t ping[] = { 6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x80 };
	enum { TAG = sizeof ping, LENGTH = TAG + 3, PONG_DATA = 16, SPEAKS_IPMI = 0x80, ASF_1 = 1 };
	if (n < LENGTH || memcmp(p, ping, sizeof ping) != 0) {
		session_foreign(s);
		return n;
	}
	struct buffer *to = session_send(s);
	put_bytes(to, ping, sizeof ping - 1);
	put_u8(to, 0x40);
	put_u8(to, p[TAG]);
	put_u8(to, 0);
	put_u8(to, PONG_DATA);
	put_bytes(to, ping + 4, 4);
	put_bytes(to, "PTLN", 4);
	put_u8(to, SPEAKS_IPMI | ASF_1);
	put_zeros(to, 7);
	s->heard = "a presence ping";
	return n;
}

const struct stand_in stand_in_ipmi = {
	.name = "ipmi",
	.input = input,
};
