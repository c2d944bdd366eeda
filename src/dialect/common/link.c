/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/link.h"

#include "base/vec.h"

#define LINK_LOCAL "fe80::/10"

enum {
	DHCP_SERVER = 67,
	DHCP_CLIENT = 68,
	DHCP6_CLIENT = 546,
	DHCP6_SERVER = 547,
};

/*
 * RFC 4861: neighbour discovery, which receivers discard when it was routed; RFC 2710 and 3810: multicast listeners;
 * RFC 8415, 7.1 and 7.2: DHCPv6; RFC 2131: DHCP; RFC 4890, 4.3.1: ICMPv6 errors; RFC 792: ICMP errors.
 */
/* clang-format off: a table, a line a row */
const struct link_need link_needs[] = {
	{ "router-solicitation",
	  "router discovery",
	  BESIDE_NEIGHBOURS,
	  false,
	  true,
	  PROTO_ICMP6,
	  { 133, 133 },
	  0,
	  0,
	  "ff02::2" },
	{ "router-advertisement",
	  "router discovery",
	  BESIDE_NEIGHBOURS,
	  true,
	  false,
	  PROTO_ICMP6,
	  { 134, 134 },
	  0,
	  0,
	  LINK_LOCAL },
	{ "neighbour-solicitation",
	  "neighbour discovery",
	  BESIDE_NEIGHBOURS,
	  true,
	  true,
	  PROTO_ICMP6,
	  { 135, 135 },
	  0,
	  0,
	  NULL },
	{ "neighbour-advertisement",
	  "neighbour discovery",
	  BESIDE_NEIGHBOURS,
	  true,
	  true,
	  PROTO_ICMP6,
	  { 136, 136 },
	  0,
	  0,
	  NULL },
	{ "listener-query",
	  "multicast listeners",
	  BESIDE_LINK,
	  true,
	  false,
	  PROTO_ICMP6,
	  { 130, 130 },
	  0,
	  0,
	  LINK_LOCAL },
	{ "listener-report",
	  "multicast listeners",
	  BESIDE_LINK,
	  true,
	  false,
	  PROTO_ICMP6,
	  { 131, 131 },
	  0,
	  0,
	  LINK_LOCAL },
	{ "listener-report",
	  "multicast listeners",
	  BESIDE_LINK,
	  false,
	  true,
	  PROTO_ICMP6,
	  { 131, 131 },
	  0,
	  0,
	  "ff00::/8" },
	{ "listener-done",
	  "multicast listeners",
	  BESIDE_LINK,
	  false,
	  true,
	  PROTO_ICMP6,
	  { 132, 132 },
	  0,
	  0,
	  "ff02::2" },
	{ "listener-report-2",
	  "multicast listeners",
	  BESIDE_LINK,
	  false,
	  true,
	  PROTO_ICMP6,
	  { 143, 143 },
	  0,
	  0,
	  "ff02::16" },
	{ "dhcpv6",
	  "DHCPv6 as a client",
	  BESIDE_LINK,
	  true,
	  false,
	  PROTO_UDP,
	  { 0, 0 },
	  DHCP6_CLIENT,
	  DHCP6_SERVER,
	  LINK_LOCAL },
	{ "dhcpv6",
	  "DHCPv6 as a client",
	  BESIDE_LINK,
	  false,
	  true,
	  PROTO_UDP,
	  { 0, 0 },
	  DHCP6_CLIENT,
	  DHCP6_SERVER,
	  "ff02::1:2" },
	{ "dhcp",
	  "DHCP as a client",
	  BESIDE_DHCP,
	  true,
	  false,
	  PROTO_UDP,
	  { 0, 0 },
	  DHCP_CLIENT,
	  DHCP_SERVER,
	  "0.0.0.0/0" },
	{ "dhcp",
	  "DHCP as a client",
	  BESIDE_DHCP,
	  false,
	  true,
	  PROTO_UDP,
	  { 0, 0 },
	  DHCP_CLIENT,
	  DHCP_SERVER,
	  "255.255.255.255" },
	{ "unreachable", "ICMP errors", BESIDE_ICMP_ERRORS, true, true, PROTO_ICMP, { 3, 3 }, 0, 0, NULL },
	{ "time-exceeded", "ICMP errors", BESIDE_ICMP_ERRORS, true, true, PROTO_ICMP, { 11, 11 }, 0, 0, NULL },
	{ "parameter-problem", "ICMP errors", BESIDE_ICMP_ERRORS, true, true, PROTO_ICMP, { 12, 12 }, 0, 0, NULL },
	{ "unreachable-6", "ICMP errors", BESIDE_ICMP_ERRORS, true, true, PROTO_ICMP6, { 1, 1 }, 0, 0, NULL },
	{ "packet-too-big-6", "ICMP errors", BESIDE_ICMP_ERRORS, true, true, PROTO_ICMP6, { 2, 2 }, 0, 0, NULL },
	{ "time-exceeded-6", "ICMP errors", BESIDE_ICMP_ERRORS, true, true, PROTO_ICMP6, { 3, 3 }, 0, 0, NULL },
	{ "parameter-problem-6", "ICMP errors", BESIDE_ICMP_ERRORS, true, true, PROTO_ICMP6, { 4, 4 }, 0, 0, NULL },
	{ 0 },
};
/* clang-format on */

bool link_need_is_of(const struct link_need *need, unsigned beside, enum policy_side side)
{
	return need->kind & beside && (side == POLICY_OUTBOUND ? need->out : need->in);
}

enum family link_need_family(const struct link_need *need)
{
	return need->protocol == PROTO_ICMP6 || (need->peer && strchr(need->peer, ':')) ? IPV6 : IPV4;
}

struct addrset link_need_peer(struct arena *a, const struct link_need *need)
{
	struct addr_range r = addr_range_all(link_need_family(need));
	if (need->peer)
		addr_range_parse(str_of(need->peer), &r);
	return addrset_of(a, &r, 1);
}

/* A box of what the host receives, or sends. */
static struct flowbox box_of(struct arena *a, const struct link_need *need, bool in)
{
	struct addr_range all = addr_range_all(link_need_family(need));
	struct addrset peer = link_need_peer(a, need), own = addrset_of(a, &all, 1);
	struct service_term *t = ARENA_NEW(a, struct service_term);
	struct port_range local = { need->local, need->local }, remote = { need->remote, need->remote };
	*t = service_of(need->protocol, need->types);
	if (need->local)
		*t = (struct service_term){ need->protocol, need->protocol, in ? remote : local, in ? local : remote };
	return in ? (struct flowbox){ peer, own, t, 1 } : (struct flowbox){ own, peer, t, 1 };
}

/* A client's broadcast, which its router hears and relays (RFC 2131, 4.1). */
static struct flowbox broadcast_of_clients(struct arena *a)
{
	struct addr_range nobody = { IPV4, 0, 0 }, everybody = { IPV4, UINT32_MAX, UINT32_MAX };
	struct service_term *t = ARENA_NEW(a, struct service_term);
	*t = (struct service_term){ PROTO_UDP, PROTO_UDP, { DHCP_CLIENT, DHCP_CLIENT }, { DHCP_SERVER, DHCP_SERVER } };
	return (struct flowbox){ addrset_of(a, &nobody, 1), addrset_of(a, &everybody, 1), t, 1 };
}

const struct flowbox *dialect_beside(struct arena *a, const struct dialect *dialect, enum policy_side side, size_t *n)
{
	VEC(struct flowbox) boxes = { 0 };
	for (const struct link_need *need = link_needs; need->name; need++) {
		if (link_need_is_of(need, dialect->beside, side))
			*VEC_ADD(a, &boxes) = box_of(a, need, side != POLICY_OUTBOUND);
	}
	if (dialect->beside & BESIDE_RELAY)
		*VEC_ADD(a, &boxes) = broadcast_of_clients(a);
	*n = boxes.n;
	return boxes.v;
}
