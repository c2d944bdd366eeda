/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tunnels and their keys: IKE (RFC 7296), PPTP (RFC 2637 2.1), L2TP (RFC 2661 6.1), and QUIC, whose version
 * negotiation needs no key (RFC 8999 6).
 */
#include "probe/probe.h"

enum {
	IKE_SA_INIT = 34,
	IKE_VERSION_2 = 0x20,
	IKE_INITIATOR = 0x08,
	IKE_RESPONSE = 0x20,
	PAYLOAD_SA = 33,
	PAYLOAD_KE = 34,
	PAYLOAD_NONCE = 40,
	GROUP_2048 = 14,
	KEY_2048 = 256,
	NAT_T_PORT_MARK = 4,
	QUIC_PACKET = 1200,
};

#define QUIC_RESERVED_VERSION 0x1a2a3a4a /* RFC 9000 15: forces version negotiation */

static void put_transform(struct buffer *to, bool last, uint8_t type, uint16_t id, bool key_length)
{
	put_u8(to, last ? 0 : 3);
	put_u8(to, 0);
	put_be16(to, key_length ? 12 : 8);
	put_u8(to, type);
	put_u8(to, 0);
	put_be16(to, id);
	if (key_length) {
		put_be16(to, 0x800e);
		put_be16(to, 256);
	}
}

/* UDP 4500 has four zero bytes in front (RFC 3948 2.2). */
static bool has_marker(const struct exchange *ex)
{
	return ex->target->port == 4500;
}

static void start_ike(struct exchange *ex)
{
	struct buffer *to = exchange_send(ex);
	if (has_marker(ex))
		put_zeros(to, NAT_T_PORT_MARK);
	size_t begin = to->n;
	put_bytes(to, ex->random, 8);
	put_zeros(to, 8);
	put_u8(to, PAYLOAD_SA);
	put_u8(to, IKE_VERSION_2);
	put_u8(to, IKE_SA_INIT);
	put_u8(to, IKE_INITIATOR);
	put_be32(to, 0);
	size_t length = hole_be32(to);
	/* One proposal: AES-CBC-256, HMAC-SHA2-256 as PRF and integrity, group 14. */
	put_u8(to, PAYLOAD_KE);
	put_u8(to, 0);
	put_be16(to, 4 + 8 + 12 + 8 + 8 + 8);
	put_u8(to, 0);
	put_u8(to, 0);
	put_be16(to, 8 + 12 + 8 + 8 + 8);
	put_u8(to, 1);
	put_u8(to, 1);
	put_u8(to, 0);
	put_u8(to, 4);
	put_transform(to, false, 1, 12, true);
	put_transform(to, false, 2, 5, false);
	put_transform(to, false, 3, 12, false);
	put_transform(to, true, 4, GROUP_2048, false);
	put_u8(to, PAYLOAD_NONCE);
	put_u8(to, 0);
	put_be16(to, 8 + KEY_2048);
	put_be16(to, GROUP_2048);
	put_be16(to, 0);
	/* A public value that is less than the prime: no secret is ever made of it. */
	for (unsigned i = 0; i < KEY_2048 / 32; i++)
		put_bytes(to, ex->random + 8, 32);
	put_u8(to, 0);
	put_u8(to, 0);
	put_be16(to, 4 + 16);
	put_bytes(to, ex->random + 40, 16);
	fill_be32(to, length, length - begin + 4);
}

static size_t ike_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	exchange_check_stand_in(ex, (struct str){ (const char *)p, n });
	struct cursor c = cursor_of(p, n);
	if (has_marker(ex) && get_be32(&c) != 0)
		cursor_spoil(&c);
	struct str initiator = get_bytes(&c, 8);
	skip_bytes(&c, 9);
	uint8_t version = get_u8(&c);
	skip_bytes(&c, 1);
	uint8_t flags = get_u8(&c);
	if (c.bad || memcmp(initiator.p, ex->random, 8) != 0 || (version == IKE_VERSION_2 && !(flags & IKE_RESPONSE)))
		exchange_foreign(ex, p, n);
	else
		exchange_done(ex, REASON_SERVICE, "IKE %u replies", version >> 4);
	return n;
}

static void start_pptp(struct exchange *ex)
{
	struct buffer *to = exchange_send(ex);
	put_be16(to, 156);
	put_be16(to, 1);
	put_be32(to, 0x1a2b3c4d);
	put_be16(to, 1); /* Start-Control-Connection-Request */
	put_be16(to, 0);
	put_be16(to, 0x0100);
	put_be16(to, 0);
	put_be32(to, 1);
	put_be32(to, 1);
	put_be32(to, 0);
	put_text(to, "portolan-probe");
	put_zeros(to, 64 - 14);
	put_text(to, "portolan");
	put_zeros(to, 64 - 8);
}

static size_t pptp_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct cursor c = cursor_of(p, n);
	skip_bytes(&c, 4);
	uint32_t magic = get_be32(&c);
	uint16_t type = get_be16(&c);
	if (c.bad)
		return 0;
	exchange_check_stand_in(ex, (struct str){ (const char *)p, n });
	if (magic != 0x1a2b3c4d || type != 2)
		exchange_foreign(ex, p, n);
	else
		exchange_done(ex, REASON_SERVICE, "PPTP replies");
	return n;
}

static void put_avp(struct buffer *to, uint16_t type, const void *value, size_t n)
{
	put_be16(to, (uint16_t)(0x8000 | (6 + n))); /* mandatory */
	put_be16(to, 0);
	put_be16(to, type);
	put_bytes(to, value, n);
}

static void start_l2tp(struct exchange *ex)
{
	struct buffer *to = exchange_send(ex);
	put_be16(to, 0xc802); /* control, with length and sequence */
	size_t length = hole_be16(to);
	put_zeros(to, 8);
	put_avp(to, 0, "\x00\x01", 2); /* SCCRQ */
	put_avp(to, 2, "\x01\x00", 2);
	put_avp(to, 7, "portolan-probe", 14);
	put_avp(to, 3, "\x00\x00\x00\x03", 4);
	put_avp(to, 9, ((const uint8_t[]){ ex->random[0] | 1, ex->random[1] }), 2);
	fill_be16(to, length, 4);
}

static size_t l2tp_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	exchange_check_stand_in(ex, (struct str){ (const char *)p, n });
	struct cursor c = cursor_of(p, n);
	uint16_t flags = get_be16(&c), length = get_be16(&c);
	if (c.bad || (flags & 0xc80f) != 0xc802 || length != n)
		exchange_foreign(ex, p, n);
	else
		exchange_done(ex, REASON_SERVICE, "L2TP replies");
	return n;
}

static void start_quic(struct exchange *ex)
{
	struct buffer *to = exchange_send(ex);
	put_u8(to, 0xc0);
	put_be32(to, QUIC_RESERVED_VERSION);
	put_u8(to, 8);
	put_bytes(to, ex->random, 8);
	put_u8(to, 8);
	put_bytes(to, ex->random + 8, 8);
	put_zeros(to, QUIC_PACKET - to->n);
}

static size_t quic_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct cursor c = cursor_of(p, n);
	uint8_t first = get_u8(&c);
	uint32_t version = get_be32(&c);
	struct str destination = get_bytes(&c, get_u8(&c)), source = get_bytes(&c, get_u8(&c));
	ex->stand_in = c.n == 4 && memcmp(c.p, "PTLN", 4) == 0;
	if (c.bad || !(first & 0x80) || version != 0 || destination.n != 8 || source.n != 8 ||
	    memcmp(destination.p, ex->random + 8, 8) != 0 || memcmp(source.p, ex->random, 8) != 0)
		exchange_foreign(ex, p, n);
	else
		exchange_done(ex, REASON_SERVICE, "QUIC replies");
	return n;
}

const struct probe probe_ike = {
	.name = "ike",
	.title = "IKE",
	.best = REASON_SERVICE,
	.why_not = "an IKE server proves its identity only to a peer that proves its own",
	.start = start_ike,
	.input = ike_input,
};

const struct probe probe_pptp = {
	.name = "pptp",
	.title = "PPTP",
	.best = REASON_SERVICE,
	.why_not = "PPTP names no server that could be checked",
	.start = start_pptp,
	.input = pptp_input,
};

const struct probe probe_l2tp = {
	.name = "l2tp",
	.title = "L2TP",
	.best = REASON_SERVICE,
	.why_not = "L2TP names no server that could be checked",
	.start = start_l2tp,
	.input = l2tp_input,
};

const struct probe probe_smb_quic = {
	.name = "smb-quic",
	.title = "QUIC",
	.best = REASON_SERVICE,
	.why_not = "version negotiation shows QUIC, not whether SMB or HTTP/3 is behind it",
	.start = start_quic,
	.input = quic_input,
};
