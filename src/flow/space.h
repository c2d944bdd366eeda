/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spaces: the coordinates of one question.
 *
 * A question (is this plan permitted by those rules?) names finitely many sets of
 * addresses, ports and protocols.  Two values of a field that no set distinguishes
 * behave alike, so they share a coordinate (coordinate compression): all clients of
 * a group, the 16,384 ports of a dynamic range, the rest of the world.  Headers of
 * 104 or 296 bits become a few small numbers, and IPv6 costs what IPv4 costs.
 *
 * First all sets are added, then the space is frozen, then sets are looked up
 * as spans of coordinates.  The compression loses nothing: every set that was
 * added is a union of whole coordinates.
 */
#pragma once

#include "flow/diagram.h"
#include "flow/packet.h"

struct space;

struct space *space_new(struct arena *a);

/* Handles of sets that were added; equal sets get equal handles. */
typedef uint32_t set_id;

set_id space_add_ports(struct space *s, enum dim d, const struct port_range *ranges, size_t n); /* not of addresses */

void space_freeze(struct space *s);

/* The coordinates of a set; after freezing. */
struct spans space_spans(const struct space *s, enum dim d, set_id set);

bool spans_hold(struct spans s, uint32_t coordinate);

/* The coordinates of one family; space_add_possible() has to have been called. */
struct spans space_family(const struct space *s, enum dim d, enum family f);

uint32_t space_size(const struct space *s, enum dim d);

/* The coordinate of a value of a packet. */
uint32_t space_port(const struct space *s, enum dim d, uint16_t port);
void space_point(const struct space *s, const struct packet *p, uint32_t ret[N_DIMS]);

/* All values of a span of coordinates, as sorted disjoint ranges. */
struct addrset space_addrs(struct arena *a, const struct space *s, enum dim d, struct span span);
struct portset space_ports(struct arena *a, const struct space *s, enum dim d, struct span span);

/* One packet at a point, always the same one; natural values. */
struct packet space_packet(const struct space *s, const uint32_t point[N_DIMS]);

/* A box as a diagram: VALUE_PERMIT inside. */
struct box_id {
	set_id src, dst;
	const struct service_ids {
		set_id protocol, port, sport;
	} * services;
	size_t n_services;
};
struct box_id space_add_box(struct space *s, const struct flowbox *b);
diagram space_box(const struct space *s, struct diagrams *m, const struct box_id *b, enum value inside);

/* The packets that can exist (packet_is_possible), as a set. */
void space_add_possible(struct space *s);
diagram space_possible(const struct space *s, struct diagrams *m);
