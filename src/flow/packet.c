/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/packet.h"

const struct service_term any_service = ANY_SERVICE_INIT;

bool term_holds(const struct service_term *t, const struct packet *p)
{
	return t->protocol_lo <= p->protocol && p->protocol <= t->protocol_hi && t->sport.lo <= p->sport &&
	       p->sport <= t->sport.hi && t->port.lo <= p->port && p->port <= t->port.hi;
}

bool flowbox_holds(const struct flowbox *b, const struct packet *p)
{
	if (!addrset_holds(b->src, p->src) || !addrset_holds(b->dst, p->dst))
		return false;
	for (size_t i = 0; i < b->n_services; i++)
		if (term_holds(&b->services[i], p))
			return true;
	return false;
}

struct flowbox flowbox_all(struct arena *a)
{
	return (struct flowbox){ addrset_all(a), addrset_all(a), &any_service, 1 };
}

bool packet_is_possible(const struct packet *p)
{
	if (p->src.family != p->dst.family)
		return false;
	if (protocol_is_icmp(p->protocol))
		return p->sport <= 255 && p->port <= 255 && (p->protocol == PROTO_ICMP) == (p->src.family == IPV4);
	return protocol_has_ports(p->protocol) || (p->sport == 0 && p->port == 0);
}

const char *packet_text(const struct packet *p, char buf[PACKET_TEXT])
{
	char src[ADDR_TEXT], dst[ADDR_TEXT], proto[PROTOCOL_TEXT];
	const char *protocol = protocol_text(p->protocol, proto);
	addr_text(p->src, src);
	addr_text(p->dst, dst);
	if (protocol_is_icmp(p->protocol))
		snprintf(buf, PACKET_TEXT, "%s -> %s %s type %u code %u", src, dst, protocol, p->port, p->sport);
	else if (protocol_has_ports(p->protocol))
		snprintf(buf, PACKET_TEXT, "%s -> %s %s %u -> %u", src, dst, protocol, p->sport, p->port);
	else
		snprintf(buf, PACKET_TEXT, "%s -> %s protocol %s", src, dst, protocol);
	return buf;
}
