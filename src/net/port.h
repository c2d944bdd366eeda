/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports, transports, and sets of ports.
 */
#pragma once

#include "base/str.h"

/* Inclusive. */
struct port_range {
	uint16_t lo, hi;
};

#define ALL_PORTS ((struct port_range){ 0, 65535 })

/* IP protocol numbers that have names here (IANA protocol-numbers). */
enum protocol {
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_DCCP = 33,
	PROTO_GRE = 47,
	PROTO_ESP = 50,
	PROTO_AH = 51,
	PROTO_ICMP6 = 58,
	PROTO_SCTP = 132,
	PROTO_UDPLITE = 136,
};

/* TCP, UDP and the other protocols whose first four bytes are two ports. */
bool protocol_has_ports(unsigned protocol);

static inline bool protocol_is_icmp(unsigned protocol)
{
	return protocol == PROTO_ICMP || protocol == PROTO_ICMP6;
}

/* "tcp", "udp", "icmp", "ipv6-icmp" or the number in decimal. */
enum { PROTOCOL_TEXT = 12 };
const char *protocol_text(unsigned protocol, char buf[PROTOCOL_TEXT]);

/* A name of the table above (lower or upper case, "icmpv6" and "icmp6" too) or 0-255. */
bool protocol_parse(struct str s, unsigned *ret);

enum port_parse { PORT_OK, PORT_REVERSED, PORT_TOO_LARGE, PORT_ZERO, PORT_BAD };

/* "N" or "N-M", 1 to 65535. */
enum port_parse port_range_parse(struct str s, struct port_range *ret);
enum port_parse port_parse(struct str s, uint16_t *ret);

/* "N" or "N-M" as packets may carry them: 0 to 65535. */
bool port_numbers_parse(struct str s, struct port_range *ret);

/* Sentence for an error message: what is wrong with a port. */
const char *port_parse_why(enum port_parse p);

enum { PORT_TEXT = 12 };
const char *port_range_text(struct port_range r, char buf[PORT_TEXT]);

/* Sorted, disjoint, with gaps between; like addrset. */
struct portset {
	const struct port_range *v;
	size_t n;
};

#define NO_PORTS ((struct portset){ NULL, 0 })

extern const struct portset protocols_with_ports; /* as protocol_has_ports() */

struct portset portset_of(struct arena *a, const struct port_range *ranges, size_t n);
struct portset portset_union(struct arena *a, struct portset left, struct portset right);
struct portset portset_intersect(struct arena *a, struct portset left, struct portset right);
struct portset portset_minus(struct arena *a, struct portset left, struct portset right);
bool portset_equal(struct portset left, struct portset right);
bool portset_holds(struct portset set, uint16_t port);
bool portset_is_all(struct portset set); /* 0-65535 */
