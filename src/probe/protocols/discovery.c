/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services that are asked with one datagram: SNMP (RFC 3416), SSDP (UPnP Device Architecture 1.1,
 * 1.3.2), WS-Discovery (1.1, 5.3), DHCPv6 (RFC 8415 18.2.6), and ICMP echo, whose sockets the engine opens.
 */
#include "probe/probe.h"
#include "wire/ber.h"

enum { SNMP_GET = 0xa0, SNMP_RESPONSE = 0xa2, VERSION_2C = 1, DHCPV6_INFORMATION_REQUEST = 11, DHCPV6_REPLY = 7 };

static int64_t request_id(const struct exchange *ex)
{
	return (int64_t)(ex->random[0] & 0x7f) << 24 | (int64_t)ex->random[1] << 16 | (int64_t)ex->random[2] << 8 |
	       ex->random[3];
}

static void start_snmp(struct exchange *ex)
{
	static const char description[] = "\x2b\x06\x01\x02\x01\x01\x01\x00"; /* sysDescr.0 */
	struct buffer *to = exchange_send(ex);
	size_t message = ber_begin(to, BER_SEQUENCE);
	ber_put_integer(to, BER_INTEGER, VERSION_2C);
	ber_put_string(to, BER_OCTET_STRING, ex->target->secret.n ? ex->target->secret : STR("public"));
	size_t get = ber_begin(to, SNMP_GET);
	ber_put_integer(to, BER_INTEGER, request_id(ex));
	ber_put_integer(to, BER_INTEGER, 0);
	ber_put_integer(to, BER_INTEGER, 0);
	size_t list = ber_begin(to, BER_SEQUENCE);
	size_t binding = ber_begin(to, BER_SEQUENCE);
	ber_put_string(to, BER_OID, (struct str){ description, sizeof description - 1 });
	put_be16(to, 0x0500);
	ber_end(to, binding);
	ber_end(to, list);
	ber_end(to, get);
	ber_end(to, message);
}

static size_t snmp_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	exchange_check_stand_in(ex, (struct str){ (const char *)p, n });
	struct cursor c = cursor_of(p, n);
	struct cursor message = ber_get(&c, BER_SEQUENCE);
	int64_t version = ber_get_integer(&message, BER_INTEGER);
	ber_get_string(&message, BER_OCTET_STRING);
	struct cursor response = ber_get(&message, SNMP_RESPONSE);
	if (ber_get_integer(&response, BER_INTEGER) != request_id(ex) || response.bad || version != VERSION_2C)
		exchange_foreign(ex, p, n);
	else
		exchange_done(ex, REASON_SERVICE, "SNMP replies");
	return n;
}

static void snmp_quiet(struct exchange *ex)
{
	exchange_done(ex, REASON_NO_ANSWER, "nothing comes back; SNMP is silent towards a wrong community");
}

static void start_ssdp(struct exchange *ex)
{
	put_text(exchange_send(ex), "M-SEARCH * HTTP/1.1\r\nHost: 239.255.255.250:1900\r\nMan: \"ssdp:discover\"\r\n"
				    "ST: upnp:rootdevice\r\nUser-Agent: portolan-probe\r\n\r\n");
}

static size_t ssdp_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	exchange_check_stand_in(ex, (struct str){ (const char *)p, n });
	if (!str_starts((struct str){ (const char *)p, n }, "HTTP/1.1 200"))
		exchange_foreign(ex, p, n);
	else
		exchange_done(ex, REASON_SERVICE, "SSDP replies");
	return n;
}

static void start_ws_discovery(struct exchange *ex)
{
	const uint8_t *r = ex->random;
	put_str(exchange_send(ex),
		str_printf(ex->arena,
			   "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
			   "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
			   "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Header>"
			   "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
			   "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"
			   "<a:MessageID>urn:uuid:%02x%02x%02x%02x-%02x%02x-4%x%02x-8%x%02x-%02x%02x%02x%02x%02x%02x</"
			   "a:MessageID>"
			   "</s:Header><s:Body><d:Probe/></s:Body></s:Envelope>",
			   r[0], r[1], r[2], r[3], r[4], r[5], r[6] & 15, r[7], r[8] & 15, r[9], r[10], r[11], r[12],
			   r[13], r[14], r[15]));
}

static size_t ws_discovery_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	exchange_check_stand_in(ex, (struct str){ (const char *)p, n });
	if (str_find_text((struct str){ (const char *)p, n }, STR("ProbeMatches")) == SIZE_MAX)
		exchange_foreign(ex, p, n);
	else
		exchange_done(ex, REASON_SERVICE, "WS-Discovery replies");
	return n;
}

static void start_dhcpv6(struct exchange *ex)
{
	struct buffer *to = exchange_send(ex);
	put_u8(to, DHCPV6_INFORMATION_REQUEST);
	put_bytes(to, ex->random, 3);
	put_be16(to, 1); /* client identifier: DUID-LL of an address that nobody has */
	put_be16(to, 10);
	put_be16(to, 3);
	put_be16(to, 1);
	put_bytes(to, "\x02\x00\x5e\x10\x00\x01", 6);
	put_be16(to, 6); /* options asked: DNS servers */
	put_be16(to, 2);
	put_be16(to, 23);
	put_be16(to, 8); /* elapsed time */
	put_be16(to, 2);
	put_be16(to, 0);
}

static size_t dhcpv6_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	exchange_check_stand_in(ex, (struct str){ (const char *)p, n });
	if (n < 4 || p[0] != DHCPV6_REPLY || memcmp(p + 1, ex->random, 3) != 0)
		exchange_foreign(ex, p, n);
	else
		exchange_done(ex, REASON_SERVICE, "a DHCPv6 server replies");
	return n;
}

/* The engine adds and removes the ICMP header. */
static void start_icmp(struct exchange *ex)
{
	put_bytes(exchange_send(ex), ex->random, 16);
}

static size_t icmp_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	if (n < 16 || memcmp(p, ex->random, 16) != 0)
		exchange_foreign(ex, p, n);
	else
		exchange_done(ex, REASON_SERVICE, "it replies to echo requests");
	return n;
}

const struct probe probe_snmp = {
	.name = "snmp",
	.title = "SNMP",
	.best = REASON_SERVICE,
	.why_not = "SNMP names no server that could be checked",
	.start = start_snmp,
	.input = snmp_input,
	.quiet = snmp_quiet,
};

const struct probe probe_ssdp = {
	.name = "ssdp",
	.title = "SSDP",
	.best = REASON_SERVICE,
	.why_not = "SSDP names no server that could be checked",
	.start = start_ssdp,
	.input = ssdp_input,
};

const struct probe probe_ws_discovery = {
	.name = "ws-discovery",
	.title = "WS-Discovery",
	.best = REASON_SERVICE,
	.why_not = "WS-Discovery names no server that could be checked",
	.start = start_ws_discovery,
	.input = ws_discovery_input,
};

const struct probe probe_dhcpv6 = {
	.name = "dhcpv6",
	.title = "DHCPv6",
	.best = REASON_SERVICE,
	.why_not = "the identifier of a DHCPv6 server is not in the plan",
	.source_port = 546,
	.start = start_dhcpv6,
	.input = dhcpv6_input,
};

const struct probe probe_icmp = {
	.name = "icmp",
	.title = "ICMP echo",
	.best = REASON_SERVICE,
	.why_not = "an echo reply names no server",
	.start = start_icmp,
	.input = icmp_input,
};
