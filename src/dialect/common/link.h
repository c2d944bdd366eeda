/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets that no flow of a plan is, and that a filter must let through all the same: those that a host needs on its
 * link, and ICMP errors, which report on conversations that are permitted.
 *
 * A writer permits those of its dialect's `beside`, and a proof takes exactly these as neither missing nor surplus.
 * Neighbour discovery is further treated by draft_finds_neighbours().
 */
#pragma once

#include "dialect/dialect.h"

struct link_need {
	const char *name;  /* for names of rules: "multicast-listeners" */
	const char *about; /* for comments */
	unsigned kind;     /* a bit of BESIDE_* */
	bool in, out;      /* what the host receives; what it sends */
	uint8_t protocol;
	struct port_range types; /* of ICMP */
	uint16_t local, remote;  /* ports of UDP */
	const char *peer;        /* the prefix on the other side; NULL: any */
};

/* By kind; ends with a row without a name. */
extern const struct link_need link_needs[];

/* True when the writer of a side has to permit it: of a firewall, what its hosts receive. */
bool link_need_is_of(const struct link_need *need, unsigned beside, enum policy_side side);

/* The ICMP family of its packets: IPV6 for ICMPv6 and where the peer has such an address. */
enum family link_need_family(const struct link_need *need);

/* Its other side; all addresses of its family where any is meant. */
struct addrset link_need_peer(struct arena *a, const struct link_need *need);
