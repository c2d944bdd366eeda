/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services that are asked with one datagram: SNMP, SSDP, WS-Discovery, DHCPv6.
 */
#include "listen/stand-in.h"
#include "wire/ber.h"

enum {
	SNMP_GET = 0xa0,
	SNMP_RESPONSE = 0xa2,
	INFORMATION_REQUEST = 11,
	REPLY = 7,
	OPTION_CLIENT = 1,
	OPTION_SERVER = 2,
	OPTION_STATUS = 13
};

static size_t snmp(struct session *s, const uint8_t *p, size_t n)
{
	static const char description[] = "\x2b\x06\x01\x02\x01\x01\x01\x00"; /* sysDescr.0 */
	struct cursor c = cursor_of(p, n);
	struct cursor message = ber_get(&c, BER_SEQUENCE);
	int64_t version = ber_get_integer(&message, BER_INTEGER);
	struct str community = ber_get_string(&message, BER_OCTET_STRING);
	struct cursor get = ber_get(&message, SNMP_GET);
	int64_t id = ber_get_integer(&get, BER_INTEGER);
	bool known = str_eq(community, s->planned->secret.n ? s->planned->secret : STR("public"));
	if (get.bad || version > 1 || !known) {
		session_foreign(s);
		return n;
	}
	struct buffer *to = session_send(s);
	size_t outer = ber_begin(to, BER_SEQUENCE);
	ber_put_integer(to, BER_INTEGER, version);
	ber_put_string(to, BER_OCTET_STRING, community);
	size_t response = ber_begin(to, SNMP_RESPONSE);
	ber_put_integer(to, BER_INTEGER, id);
	ber_put_integer(to, BER_INTEGER, 0);
	ber_put_integer(to, BER_INTEGER, 0);
	size_t list = ber_begin(to, BER_SEQUENCE);
	size_t binding = ber_begin(to, BER_SEQUENCE);
	ber_put_string(to, BER_OID, (struct str){ description, sizeof description - 1 });
	ber_put_string(to, BER_OCTET_STRING, STR(STAND_IN));
	ber_end(to, binding);
	ber_end(to, list);
	ber_end(to, response);
	ber_end(to, outer);
	s->heard = "a GET";
	return n;
}

static size_t ssdp(struct session *s, const uint8_t *p, size_t n)
{
	if (!str_starts((struct str){ (const char *)p, n }, "M-SEARCH * HTTP/1.1\r\n")) {
		session_foreign(s);
		return n;
	}
	put_text(session_send(s), "HTTP/1.1 200 OK\r\nServer: " STAND_IN "\r\nST: upnp:rootdevice\r\n\r\n");
	s->heard = "a search";
	return n;
}

static size_t ws_discovery(struct session *s, const uint8_t *p, size_t n)
{
	if (str_find_text((struct str){ (const char *)p, n }, STR("/discovery/Probe")) == SIZE_MAX) {
		session_foreign(s);
		return n;
	}
	put_text(session_send(s),
		 "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body>"
		 "<d:ProbeMatches xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"/><!-- " STAND_IN
		 " --></s:Body></s:Envelope>");
	s->heard = "a search";
	return n;
}

static size_t dhcpv6(struct session *s, const uint8_t *p, size_t n)
{
	struct cursor c = cursor_of(p, n);
	uint8_t type = get_u8(&c);
	struct str transaction = get_bytes(&c, 3), client = STR("");
	while (c.n && !c.bad) {
		uint16_t option = get_be16(&c);
		struct str value = get_bytes(&c, get_be16(&c));
		if (option == OPTION_CLIENT)
			client = value;
	}
	if (c.bad || type != INFORMATION_REQUEST) {
		session_foreign(s);
		return n;
	}
	struct buffer *to = session_send(s);
	put_u8(to, REPLY);
	put_str(to, transaction);
	if (client.n) {
		put_be16(to, OPTION_CLIENT);
		put_be16(to, (uint16_t)client.n);
		put_str(to, client);
	}
	put_be16(to, OPTION_SERVER);
	put_be16(to, 10);
	put_be32(to, 0x00030001);
	put_bytes(to, "\x02\x00\x5e\x10\x00\x02", 6);
	put_be16(to, OPTION_STATUS);
	put_be16(to, 2 + sizeof STAND_IN - 1);
	put_be16(to, 0);
	put_text(to, STAND_IN);
	s->heard = "an INFORMATION-REQUEST";
	return n;
}

const struct stand_in stand_in_snmp = {
	.name = "snmp",
	.input = snmp,
};

const struct stand_in stand_in_ssdp = {
	.name = "ssdp",
	.input = ssdp,
};

const struct stand_in stand_in_ws_discovery = {
	.name = "ws-discovery",
	.input = ws_discovery,
};

const struct stand_in stand_in_dhcpv6 = {
	.name = "dhcpv6",
	.input = dhcpv6,
};
