/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net.tcp (MC-NMF 2.2): the preamble with a planned address, up to the offer of authentication.
 */
#include "probe/probe.h"

extern const struct probe probe_adws_soap;

enum {
	RECORD_FAULT = 0x08,
	RECORD_UPGRADE_REQUEST = 0x09,
	RECORD_UPGRADE_RESPONSE = 0x0a,
	RECORD_PREAMBLE_ACK = 0x0b,
	VIA_MAX = 1024,
	FAULT_MAX = 1024,
};

static void put_length(struct buffer *to, size_t n)
{
	for (; n >= 0x80; n >>= 7)
		put_u8(to, (uint8_t)(n | 0x80));
	put_u8(to, (uint8_t)n);
}

static void put_preamble(struct exchange *ex, const char *path)
{
	static const uint8_t begin[] = { 0x00, 0x01, 0x00, 0x01, 0x02, 0x02 }; /* version 1.0, duplex, via */
	const struct target *t = ex->target;
	struct buffer *to = exchange_send(ex);
	struct str via = str_printf(ex->arena, "net.tcp://%.*s:%u/%s", STR_ARG(t->name.n ? t->name : t->host), t->port,
				    t->path.n ? cstr(ex->arena, str_skip(t->path, 1)) : path);
	via = str_first(via, VIA_MAX);
	put_bytes(to, begin, sizeof begin);
	put_length(to, via.n);
	put_str(to, via);
	put_u8(to, 0x03);
	put_u8(to, 0x08); /* binary with a dictionary of the session */
	put_u8(to, RECORD_UPGRADE_REQUEST);
	put_length(to, strlen("application/negotiate"));
	put_text(to, "application/negotiate");
}

static void start_adws(struct exchange *ex)
{
	put_preamble(ex, "ActiveDirectoryWebServices/Windows/Resource");
}

static void start(struct exchange *ex)
{
	put_preamble(ex, "");
}

/* A length in groups of seven bits; SIZE_MAX when it is not whole yet. */
static size_t get_length(struct cursor *c)
{
	size_t length = 0;
	for (unsigned shift = 0; shift < 28 && c->n; shift += 7) {
		uint8_t byte = get_u8(c);
		length |= (size_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return length;
	}
	return SIZE_MAX;
}

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	static const char faults[] = "http://schemas.microsoft.com/ws/2006/05/framing/faults/";
	struct cursor c = cursor_of(p, n);
	uint8_t record = get_u8(&c);
	exchange_check_stand_in(ex, (struct str){ (const char *)p, n });
	if (record == RECORD_UPGRADE_RESPONSE || record == RECORD_PREAMBLE_ACK) {
		exchange_done(ex, REASON_PROVEN, "net.tcp has this address%s",
			      record == RECORD_UPGRADE_RESPONSE ? " and asks for a logon" : "");
		return n;
	}
	size_t length = record == RECORD_FAULT ? get_length(&c) : SIZE_MAX;
	if (record == RECORD_FAULT && length == SIZE_MAX && c.n == 0)
		return 0;
	if (record != RECORD_FAULT || length > FAULT_MAX) {
		exchange_foreign(ex, p, n);
		return n;
	}
	if (c.n < length)
		return 0;
	struct str text = get_bytes(&c, length);
	exchange_evidence(ex, "fault", text);
	if (!str_starts(text, faults))
		exchange_foreign(ex, p, n);
	else if (str_ends(text, "/EndpointNotFound") && (ex->target->path.n || ex->probe == &probe_adws_soap))
		exchange_done(ex, REASON_OTHER_IDENTITY, "net.tcp replies, but has no such address");
	else
		exchange_done(ex, REASON_SERVICE, "net.tcp replies with a fault");
	return n;
}

const struct probe probe_adws_soap = {
	.name = "adws-soap",
	.title = "Active Directory Web Services",
	.best = REASON_PROVEN,
	.start = start_adws,
	.input = input,
};

const struct probe probe_net_tcp = {
	.name = "net-tcp",
	.title = "net.tcp",
	.best = REASON_SERVICE,
	.why_not = "the address of the service is not published",
	.start = start,
	.input = input,
};
