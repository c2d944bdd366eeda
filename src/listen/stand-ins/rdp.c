/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remote Desktop up to TLS, whose certificate names the host; then the connection ends.
 */
#include "listen/stand-in.h"
#include "wire/tpkt.h"

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	uint32_t protocols;
	size_t length = n;
	if (s->secure) {
		s->heard = "a logon, which is refused";
		s->close = true;
		return n;
	}
	switch (rdp_read_request(p, n, &protocols, &length)) {
	case TPKT_MORE:
		return 0;
	case TPKT_OK:
		break;
	case TPKT_NOT:
		session_foreign(s);
		return n;
	}
	s->heard = "a connection request";
	s->start_tls = protocols & RDP_TLS;
	s->close = !s->start_tls;
	rdp_put_confirm(session_send(s), s->start_tls ? RDP_TLS : RDP_PLAIN);
	return length;
}

const struct stand_in stand_in_rdp = {
	.name = "rdp",
	.input = input,
};
