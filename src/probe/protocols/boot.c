/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boot services: TFTP (RFC 1350), DHCP (RFC 2131, INFORM: no lease is made) and the PXE boot server
 * (PXE 2.1, 2.2.4).
 */
#include "probe/probe.h"
#include "wire/bootp.h"

static void start_tftp(struct exchange *ex)
{
	struct buffer *to = exchange_send(ex);
	put_be16(to, TFTP_READ);
	put_text(to, "portolan-probe.none");
	put_u8(to, 0);
	put_text(to, "octet");
	put_u8(to, 0);
}

static size_t tftp_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct cursor c = cursor_of(p, n);
	uint16_t operation = get_be16(&c), code = get_be16(&c);
	if (c.bad || (operation != TFTP_ERROR && operation != TFTP_DATA && operation != TFTP_OPTIONS)) {
		exchange_foreign(ex, p, n);
		return n;
	}
	if (operation == TFTP_ERROR) {
		exchange_evidence_number(ex, "error", code);
		exchange_check_stand_in(ex, get_bytes(&c, c.n));
	} else {
		/* End what would otherwise be sent again and again. */
		struct buffer *to = exchange_send(ex);
		put_be16(to, TFTP_ERROR);
		put_be16(to, 0);
		put_u8(to, 0);
	}
	exchange_done(ex, REASON_SERVICE, "a TFTP server replies");
	return n;
}

static void tftp_quiet(struct exchange *ex)
{
	exchange_done(
		ex, REASON_NO_ANSWER,
		"nothing comes back; TFTP replies from a new port, which a firewall without TFTP inspection drops");
}

static uint32_t transaction(const struct exchange *ex)
{
	struct cursor random = cursor_of(ex->random, sizeof(uint32_t));
	return get_be32(&random);
}

/* The fixed part, up to the options.  The hardware address is one that nobody has. */
static void put_bootp(struct exchange *ex, uint8_t type)
{
	static const uint8_t hardware[16] = { 0x02, 0x00, 0x5e, 0x10, 0x00, 0x01 };
	struct buffer *to = exchange_send(ex);
	put_u8(to, BOOTP_REQUEST);
	put_u8(to, 1);
	put_u8(to, 6);
	put_u8(to, 0);
	put_be32(to, transaction(ex));
	put_be32(to, 0);
	put_be32(to, ex->target->source.family == IPV4 ? (uint32_t)ex->target->source.n : 0);
	put_zeros(to, 12);
	put_bytes(to, hardware, sizeof hardware);
	put_zeros(to, 192);
	put_be32(to, BOOTP_MAGIC);
	put_u8(to, OPTION_TYPE);
	put_u8(to, 1);
	put_u8(to, type);
}

static void start_dhcp(struct exchange *ex)
{
	put_bootp(ex, DHCP_INFORM);
	struct buffer *to = exchange_send(ex);
	put_bytes(to, ((const uint8_t[]){ OPTION_PARAMETERS, 4, 1, 3, 6, 15 }), 6);
	bootp_end(to);
}

static void start_pxe(struct exchange *ex)
{
	static const char class[] = "PXEClient:Arch:00007:UNDI:003016";
	static const uint8_t machine[16] = { 0x70, 0x6f, 0x72, 0x74, 0x6f, 0x6c, 0x61, 0x6e,
					     0x2d, 0x70, 0x72, 0x6f, 0x62, 0x65, 0,    1 };
	put_bootp(ex, DHCP_REQUEST);
	struct buffer *to = exchange_send(ex);
	put_u8(to, OPTION_CLASS);
	put_u8(to, sizeof class - 1);
	put_text(to, class);
	put_bytes(to, ((const uint8_t[]){ OPTION_CLIENT_SYSTEM, 2, 0, 7 }), 4);
	put_bytes(to, ((const uint8_t[]){ OPTION_CLIENT_INTERFACE, 3, 1, 3, 16 }), 5);
	put_u8(to, OPTION_CLIENT_MACHINE);
	put_u8(to, 17);
	put_u8(to, 0);
	put_bytes(to, machine, sizeof machine);
	put_bytes(to, ((const uint8_t[]){ OPTION_PARAMETERS, 4, 1, 3, 66, 67 }), 6);
	bootp_end(to);
}

/* A reply to our request. */
static bool read_reply(struct exchange *ex, const uint8_t *p, size_t n, struct bootp *ret)
{
	bool whole = bootp_read((struct str){ (const char *)p, n }, ret);
	exchange_check_stand_in(ex, ret->message);
	return whole && ret->operation == BOOTP_REPLY && ret->transaction == transaction(ex);
}

static size_t dhcp_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct bootp r;
	const struct target *t = ex->target;
	if (!read_reply(ex, p, n, &r) || (r.type != DHCP_ACK && r.type != DHCP_OFFER)) {
		exchange_foreign(ex, p, n);
		return n;
	}
	exchange_evidence(ex, "server",
			  str_printf(ex->arena, "%u.%u.%u.%u", r.server >> 24, r.server >> 16 & 255,
				     r.server >> 8 & 255, r.server & 255));
	if (t->address.family == IPV4 && r.server && r.server != (uint32_t)t->address.n)
		exchange_done(ex, REASON_OTHER_IDENTITY, "another DHCP server replies");
	else
		exchange_done(ex, r.server ? REASON_PROVEN : REASON_SERVICE, "the DHCP server replies");
	return n;
}

static size_t pxe_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct bootp r;
	if (!read_reply(ex, p, n, &r))
		exchange_foreign(ex, p, n);
	else if (str_starts(r.class, "PXEClient"))
		exchange_done(ex, REASON_SERVICE, "a PXE boot server replies");
	else
		exchange_done(ex, REASON_OTHER_IDENTITY, "a DHCP server that is not a PXE boot server replies");
	return n;
}

static void dhcp_quiet(struct exchange *ex)
{
	exchange_done(ex, REASON_NO_ANSWER,
		      "nothing comes back; a DHCP server is silent towards subnets without a scope");
}

static void pxe_quiet(struct exchange *ex)
{
	exchange_done(ex, REASON_NO_ANSWER,
		      "nothing comes back; a PXE server may be silent towards machines that it does not know");
}

const struct probe probe_tftp = {
	.name = "tftp",
	.title = "TFTP",
	.best = REASON_SERVICE,
	.why_not = "TFTP names no server",
	.follows = "an error that ends the transfer, where the file exists",
	.replies_elsewhere = true,
	.start = start_tftp,
	.input = tftp_input,
	.quiet = tftp_quiet,
};

const struct probe probe_dhcp = {
	.name = "dhcp",
	.title = "DHCP",
	.best = REASON_PROVEN,
	.source_port = 68,
	.start = start_dhcp,
	.input = dhcp_input,
	.quiet = dhcp_quiet,
};

const struct probe probe_pxe_binl = {
	.name = "pxe-binl",
	.title = "a PXE boot server",
	.best = REASON_SERVICE,
	.why_not = "the reply names no server",
	.source_port = 68,
	.replies_elsewhere = true,
	.start = start_pxe,
	.input = pxe_input,
	.quiet = pxe_quiet,
};
