/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/tpkt.h"

#include "wire/ber.h"
#include "wire/ntlm.h"

enum {
	HEADER = 4,
	CONNECTION_REQUEST = 0xe0,
	CONNECTION_CONFIRM = 0xd0,
	NEGOTIATION_REPLY = 2,
	NEGOTIATION_FAILURE = 3
};

void rdp_put_request(struct buffer *to, uint32_t protocols)
{
	put_u8(to, 3);
	put_u8(to, 0);
	put_be16(to, 19);
	put_u8(to, 14);
	put_u8(to, CONNECTION_REQUEST);
	put_zeros(to, 5);
	put_u8(to, 1); /* negotiation request */
	put_u8(to, 0);
	put_le16(to, 8);
	put_le32(to, protocols);
}

enum tpkt_parse rdp_read_confirm(const uint8_t *p, size_t n, struct rdp_confirm *ret, size_t *length)
{
	*ret = (struct rdp_confirm){ 0 };
	if (n >= 1 && p[0] != 3)
		return TPKT_NOT;
	if (n < HEADER)
		return TPKT_MORE;
	struct cursor c = cursor_of(p + 2, n - 2);
	*length = get_be16(&c);
	if (*length < HEADER + 7 || *length > 512)
		return TPKT_NOT;
	if (n < *length)
		return TPKT_MORE;
	struct cursor x224 = get_part(&c, *length - HEADER);
	uint8_t header = get_u8(&x224), type = get_u8(&x224);
	skip_bytes(&x224, 5);
	if (type != CONNECTION_CONFIRM || header < 6)
		return TPKT_NOT;
	if (x224.n < 8)
		return TPKT_OK;
	uint8_t kind = get_u8(&x224);
	skip_bytes(&x224, 3);
	uint32_t value = get_le32(&x224);
	ret->negotiated = kind == NEGOTIATION_REPLY || kind == NEGOTIATION_FAILURE;
	ret->refused = kind == NEGOTIATION_FAILURE;
	*(ret->refused ? &ret->failure : &ret->protocol) = value;
	return TPKT_OK;
}

const char *rdp_failure_text(uint32_t failure)
{
	static const char *const texts[] = {
		NULL,
		"the server requires TLS",
		"the server does not allow TLS",
		"the server has no certificate",
		"the flags are inconsistent",
		"the server requires CredSSP",
		"the server requires TLS with a client certificate",
	};
	return failure < ARRAY_LEN(texts) ? texts[failure] : NULL;
}

void credssp_put_request(struct buffer *to)
{
	size_t request = ber_begin(to, BER_SEQUENCE);
	size_t version = ber_begin(to, BER_CONTEXT(0));
	ber_put_integer(to, BER_INTEGER, 6);
	ber_end(to, version);
	size_t tokens = ber_begin(to, BER_CONTEXT(1));
	size_t list = ber_begin(to, BER_SEQUENCE);
	size_t item = ber_begin(to, BER_SEQUENCE);
	size_t token = ber_begin(to, BER_CONTEXT(0));
	size_t octets = ber_begin(to, BER_OCTET_STRING);
	ntlm_put_negotiate(to);
	ber_end(to, octets);
	ber_end(to, token);
	ber_end(to, item);
	ber_end(to, list);
	ber_end(to, tokens);
	ber_end(to, request);
}

enum tpkt_parse rdp_read_request(const uint8_t *p, size_t n, uint32_t *protocols, size_t *length)
{
	*protocols = 0;
	if (n >= 1 && p[0] != 3)
		return TPKT_NOT;
	if (n < HEADER)
		return TPKT_MORE;
	struct cursor c = cursor_of(p + 2, n - 2);
	*length = get_be16(&c);
	if (*length < HEADER + 7 || *length > 512)
		return TPKT_NOT;
	if (n < *length)
		return TPKT_MORE;
	struct cursor x224 = get_part(&c, *length - HEADER);
	skip_bytes(&x224, 1);
	if (get_u8(&x224) != CONNECTION_REQUEST)
		return TPKT_NOT;
	/* A routing token or cookie, a line, may stand before the negotiation. */
	if (x224.n >= 8) {
		struct cursor last = cursor_of(x224.p + x224.n - 8, 8);
		bool negotiates = get_u8(&last) == 1;
		skip_bytes(&last, 3);
		*protocols = negotiates ? get_le32(&last) : 0;
	}
	return TPKT_OK;
}

void rdp_put_confirm(struct buffer *to, uint32_t protocol)
{
	put_u8(to, 3);
	put_u8(to, 0);
	put_be16(to, 19);
	put_u8(to, 14);
	put_u8(to, CONNECTION_CONFIRM);
	put_zeros(to, 5);
	put_u8(to, NEGOTIATION_REPLY);
	put_u8(to, 0);
	put_le16(to, 8);
	put_le32(to, protocol);
}
