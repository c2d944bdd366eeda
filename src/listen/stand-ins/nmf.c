/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net.tcp: the records of the preamble up to the offer of authentication, which is accepted and then
 * ended with a fault that names the stand-in (MC-NMF 2.2.3).
 */
#include "listen/stand-in.h"

enum {
	RECORD_VERSION,
	RECORD_MODE,
	RECORD_VIA,
	RECORD_KNOWN_ENCODING,
	RECORD_EXTENSIBLE_ENCODING,
	RECORD_FAULT = 8,
	RECORD_UPGRADE_REQUEST = 9,
	RECORD_UPGRADE_RESPONSE = 10,
	RECORD_PREAMBLE_ACK = 11,
	RECORD_PREAMBLE_END = 12,
	PREAMBLE_MAX = 4096,
};

static void end(struct session *s, uint8_t record)
{
	static const char fault[] = "http://schemas.microsoft.com/ws/2006/05/framing/faults/" STAND_IN;
	struct buffer *to = session_send(s);
	put_u8(to, record);
	put_u8(to, RECORD_FAULT);
	put_u8(to, sizeof fault - 1);
	put_text(to, fault);
	s->heard = "a preamble";
	s->close = true;
}

static void skip_text(struct cursor *c)
{
	size_t length = 0;
	uint8_t byte = 0x80;
	for (unsigned shift = 0; byte & 0x80 && shift < 28; shift += 7) {
		byte = get_u8(c);
		length |= (size_t)(byte & 0x7f) << shift;
	}
	skip_bytes(c, length);
}

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	struct cursor c = cursor_of(p, n);
	while (!c.bad && !s->close) {
		uint8_t record = get_u8(&c);
		if (c.bad)
			break;
		if (record == RECORD_VERSION)
			skip_bytes(&c, 2);
		else if (record == RECORD_MODE || record == RECORD_KNOWN_ENCODING)
			skip_bytes(&c, 1);
		else if (record == RECORD_VIA || record == RECORD_EXTENSIBLE_ENCODING ||
			 record == RECORD_UPGRADE_REQUEST)
			skip_text(&c);
		else if (record != RECORD_PREAMBLE_END)
			session_foreign(s);
		if (!c.bad && record == RECORD_UPGRADE_REQUEST)
			end(s, RECORD_UPGRADE_RESPONSE);
		else if (!c.bad && record == RECORD_PREAMBLE_END)
			end(s, RECORD_PREAMBLE_ACK);
	}
	if (n > PREAMBLE_MAX)
		session_foreign(s);
	return s->close ? n : 0;
}

const struct stand_in stand_in_adws_soap = {
	.name = "adws-soap",
	.input = input,
};

const struct stand_in stand_in_net_tcp = {
	.name = "net-tcp",
	.input = input,
};
