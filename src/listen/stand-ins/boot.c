/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boot services: TFTP has no file; DHCP answers an INFORM, which leases nothing; the PXE boot server says that
 * it is one, and names no program.
 */
#include "listen/stand-in.h"
#include "wire/bootp.h"

enum { TFTP_NOT_FOUND = 1 };

static size_t read_file(struct session *s, const uint8_t *p, size_t n)
{
	struct cursor c = cursor_of(p, n);
	uint16_t operation = get_be16(&c);
	get_text(&c);
	get_text(&c);
	if (c.bad || operation != TFTP_READ) {
		session_foreign(s);
		return n;
	}
	struct buffer *to = session_send(s);
	put_be16(to, TFTP_ERROR);
	put_be16(to, TFTP_NOT_FOUND);
	put_text(to, STAND_IN);
	put_u8(to, 0);
	s->heard = "a read request";
	return n;
}

static void put_reply(struct session *s, const uint8_t *request, bool pxe)
{
	struct buffer *to = session_send(s);
	uint32_t own = s->planned->address.family == IPV4 ? (uint32_t)s->planned->address.n : 0;
	put_u8(to, BOOTP_REPLY);
	put_bytes(to, request + 1, 15); /* hardware, hops, transaction, seconds, flags, own address of the client */
	put_be32(to, 0);
	put_be32(to, own);
	put_bytes(to, request + 24, BOOTP_HEAD - 24 - 192); /* relay, hardware address */
	put_zeros(to, 192);
	put_be32(to, BOOTP_MAGIC);
	put_bytes(to, ((const uint8_t[]){ OPTION_TYPE, 1, DHCP_ACK, OPTION_SERVER, 4 }), 5);
	put_be32(to, own);
	put_u8(to, OPTION_MESSAGE);
	put_u8(to, sizeof STAND_IN - 1);
	put_text(to, STAND_IN);
	if (pxe) {
		put_u8(to, OPTION_CLASS);
		put_u8(to, 9);
		put_text(to, "PXEClient");
	}
	bootp_end(to);
}

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	struct bootp asked;
	bool boot = str_is(str_of(s->stand_in->name), "pxe-binl");
	bool whole = bootp_read((struct str){ (const char *)p, n }, &asked) && asked.operation == BOOTP_REQUEST;
	if (!whole ||
	    !(boot ? asked.type == DHCP_REQUEST && str_starts(asked.class, "PXEClient") : asked.type == DHCP_INFORM)) {
		session_foreign(s);
		return n;
	}
	put_reply(s, p, boot);
	s->heard = boot ? "a request for a boot server" : "an INFORM";
	return n;
}

const struct stand_in stand_in_tftp = {
	.name = "tftp",
	.input = read_file,
};

const struct stand_in stand_in_dhcp = {
	.name = "dhcp",
	.input = input,
};

const struct stand_in stand_in_pxe_binl = {
	.name = "pxe-binl",
	.input = input,
};
