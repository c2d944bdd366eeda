/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets and boxes of packets.
 *
 * A packet here is the first of a conversation: addresses, protocol, and two
 * numbers.  For TCP, UDP and the other protocols with ports they are the
 * source and the destination port; for ICMP and ICMPv6 the destination is the
 * type and the source is the code; every other protocol has neither (0).
 */
#pragma once

#include "base/vec.h"
#include "net/addrset.h"
#include "net/port.h"

struct packet {
	struct addr src, dst; /* of one family */
	uint8_t protocol;
	uint16_t sport; /* ICMP: the code */
	uint16_t port;  /* ICMP: the type */
};

/*
 * The protocols and ports of a box: a product.  All ranges are inclusive.  Ports
 * are those of one packet, so they are meaningful only when all of the protocols
 * have them, or are ICMP.
 */
struct service_term {
	uint8_t protocol_lo, protocol_hi;
	struct port_range sport, port;
};
typedef VEC(struct service_term) term_vec;

#define ANY_SERVICE_INIT              \
	{                             \
		0, 255, { 0, 65535 }, \
		{                     \
			0, 65535      \
		}                     \
	}
#define ANY_SERVICE ((struct service_term)ANY_SERVICE_INIT)
extern const struct service_term any_service; /* for boxes to point to */

/* Every packet from src to dst on one of the services. */
struct flowbox {
	struct addrset src, dst;
	const struct service_term *services;
	size_t n_services;
};

/* One protocol, and its ports where it has them. */
static inline struct service_term service_of(uint8_t protocol, struct port_range port)
{
	return (struct service_term){ protocol, protocol, ALL_PORTS, port };
}

bool term_holds(const struct service_term *t, const struct packet *p);
bool flowbox_holds(const struct flowbox *b, const struct packet *p);

/* Every packet there is. */
struct flowbox flowbox_all(struct arena *a);

/*
 * Packets that can exist: one family, ICMP over IPv4 and ICMPv6 over IPv6, their
 * types and codes up to 255, no ports where the protocol has none.  Sets are compared within these.
 */
bool packet_is_possible(const struct packet *p);

/* "10.0.0.1 -> 10.0.0.2 tcp 49152 -> 443", for reports. */
enum { PACKET_TEXT = 160 };
const char *packet_text(const struct packet *p, char buf[PACKET_TEXT]);
