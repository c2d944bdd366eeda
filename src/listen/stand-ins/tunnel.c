/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tunnels and their keys: IKE refuses every proposal, PPTP and L2TP refuse the connection, QUIC knows no version.
 */
#include "listen/stand-in.h"

enum {
	IKE_HEADER = 28,
	IKE_VERSION_2 = 0x20,
	IKE_INITIATOR = 0x08,
	IKE_RESPONSE = 0x20,
	PAYLOAD_NOTIFY = 41,
	PAYLOAD_VENDOR = 43,
	NO_PROPOSAL_CHOSEN = 14,
	PPTP_REQUEST = 156,
	NOT_AUTHORIZED = 4,
};

static size_t ike(struct session *s, const uint8_t *p, size_t n)
{
	bool marked = s->planned->port == 4500; /* RFC 3948 2.2 */
	struct cursor c = cursor_of(p, n);
	bool ours = !marked || get_be32(&c) == 0;
	struct str initiator = get_bytes(&c, 8);
	skip_bytes(&c, 9);
	uint8_t version = get_u8(&c), exchange = get_u8(&c), flags = get_u8(&c);
	if (c.bad || !ours || version != IKE_VERSION_2 || !(flags & IKE_INITIATOR)) {
		session_foreign(s);
		return n;
	}
	struct buffer *to = session_send(s);
	if (marked)
		put_be32(to, 0);
	put_str(to, initiator);
	put_bytes(to, s->random, 8);
	put_u8(to, PAYLOAD_NOTIFY);
	put_u8(to, IKE_VERSION_2);
	put_u8(to, exchange);
	put_u8(to, IKE_RESPONSE);
	put_be32(to, 0);
	put_be32(to, IKE_HEADER + 8 + 4 + sizeof STAND_IN - 1);
	put_u8(to, PAYLOAD_VENDOR);
	put_u8(to, 0);
	put_be16(to, 8);
	put_be16(to, 0);
	put_be16(to, NO_PROPOSAL_CHOSEN);
	put_be16(to, 0);
	put_be16(to, 4 + sizeof STAND_IN - 1);
	put_text(to, STAND_IN);
	s->heard = "an IKE_SA_INIT";
	return n;
}

static size_t pptp(struct session *s, const uint8_t *p, size_t n)
{
	struct cursor c = cursor_of(p, n);
	skip_bytes(&c, 4);
	uint32_t magic = get_be32(&c);
	if (n < PPTP_REQUEST && (c.bad || magic == 0x1a2b3c4d))
		return 0;
	if (magic != 0x1a2b3c4d || get_be16(&c) != 1) {
		session_foreign(s);
		return n;
	}
	struct buffer *to = session_send(s);
	put_be16(to, PPTP_REQUEST);
	put_be16(to, 1);
	put_be32(to, 0x1a2b3c4d);
	put_be16(to, 2);
	put_be16(to, 0);
	put_be16(to, 0x0100);
	put_u8(to, NOT_AUTHORIZED);
	put_u8(to, 0);
	put_zeros(to, 12);
	put_text(to, STAND_IN);
	put_zeros(to, 64 - (sizeof STAND_IN - 1));
	put_text(to, STAND_IN);
	put_zeros(to, 64 - (sizeof STAND_IN - 1));
	s->heard = "a connection request";
	s->close = true;
	return n;
}

static void put_avp(struct buffer *to, uint16_t type, const void *value, size_t n)
{
	put_be16(to, (uint16_t)(0x8000 | (6 + n)));
	put_be16(to, 0);
	put_be16(to, type);
	put_bytes(to, value, n);
}

/* StopCCN: the connection is refused (RFC 2661 6.4), with a text. */
static size_t l2tp(struct session *s, const uint8_t *p, size_t n)
{
	struct cursor c = cursor_of(p, n);
	uint16_t flags = get_be16(&c), length = get_be16(&c);
	if (c.bad || (flags & 0xc80f) != 0xc802 || length != n || n < 20) {
		session_foreign(s);
		return n;
	}
	struct buffer *to = session_send(s);
	put_be16(to, 0xc802);
	size_t place = hole_be16(to);
	put_be32(to, 0);
	put_be16(to, 0);
	put_be16(to, 1);
	put_avp(to, 0, "\x00\x04", 2);
	put_avp(to, 9, "\x00\x01", 2);
	put_avp(to, 1, "\x00\x04\x00\x00" STAND_IN, 4 + sizeof STAND_IN - 1);
	fill_be16(to, place, 4);
	s->heard = "an SCCRQ";
	return n;
}

static size_t quic(struct session *s, const uint8_t *p, size_t n)
{
	enum { SMALLEST = 1200 };
	struct cursor c = cursor_of(p, n);
	uint8_t first = get_u8(&c);
	uint32_t version = get_be32(&c);
	struct str destination = get_bytes(&c, get_u8(&c)), source = get_bytes(&c, get_u8(&c));
	if (c.bad || !(first & 0x80) || !version || n < SMALLEST || destination.n > 20 || source.n > 20) {
		session_foreign(s);
		return n;
	}
	struct buffer *to = session_send(s);
	put_u8(to, 0xc0);
	put_be32(to, 0);
	put_u8(to, (uint8_t)source.n);
	put_str(to, source);
	put_u8(to, (uint8_t)destination.n);
	put_str(to, destination);
	put_text(to, "PTLN"); /* the only version */
	s->heard = "a QUIC packet";
	return n;
}

const struct stand_in stand_in_ike = {
	.name = "ike",
	.input = ike,
};

const struct stand_in stand_in_pptp = {
	.name = "pptp",
	.input = pptp,
};

const struct stand_in stand_in_l2tp = {
	.name = "l2tp",
	.input = l2tp,
};

const struct stand_in stand_in_smb_quic = {
	.name = "smb-quic",
	.input = quic,
};
