/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: every flow that an estate needs, with its reasons.
 *
 * A flow goes from one host to another, on one protocol and one port range, with
 * its reasons.  Equivalent hosts (same roles, system, settings, site, zone ...)
 * form a group, and what one group needs of another is stored once, as a bundle:
 * the size of a plan depends on the number of groups, not of machines, and flows
 * are made on demand.
 *
 * A plan does not depend on the order of entries in the files.
 */
#pragma once

#include "model/estate.h"

/* The reason for a flow: a need of the catalogue, or a row of allow:. */
struct reason {
	const struct need *need; /* NULL: by hand */
	const struct hand_rule *hand;
	bool back;                  /* opened by the "to" of a need that either side may start */
	role_id from_role, to_role; /* the roles of the two hosts that the need
					   applies to; ROLE_ANY: the document names
					   none, or by hand */
};

/* Which messages an item of ICMP is about. */
enum icmp_messages {
	ICMP_ECHOES, /* of PROTO_ICMP: the echo request of whichever family the hosts speak */
	ICMP_WHOLE,  /* of PROTO_ICMP: every message of both families */
	ICMP_TYPES,  /* the types of the protocol that are in ports */
};

/* One protocol and one range of ports of a bundle. */
struct bundle_item {
	uint8_t protocol;
	bool has_ports;
	enum icmp_messages icmp;
	struct port_range ports;
	service_id service;           /* NO_SERVICE: by hand */
	const struct reason *reasons; /* in the catalogue's order */
	size_t n_reasons;
};

/* By protocol, messages of ICMP and ports: the order of a bundle.  0: the same packets between the same hosts. */
int item_cmp(const struct bundle_item *a, const struct bundle_item *b);

/* An echo request by hand: what documents need has a service of that name. */
bool item_is_echo(const struct bundle_item *it);

/*
 * What reports show as the ports of an item: a range, or "-"; by hand also "echo", "all" of ICMP,
 * or "types 3-4".  And with its protocol before it: "tcp 443", "icmp".
 */
enum { ITEM_PORTS = 24, ITEM_TEXT = 48 };
const char *item_ports_text(const struct bundle_item *it, char buf[ITEM_PORTS]);
const char *item_text(const struct bundle_item *it, char buf[ITEM_TEXT]);

/*
 * The RPC interfaces that an item is for, as numbers of the catalogue in ascending
 * order.  None when one of its reasons names none: it may then be any.
 */
const uint16_t *item_rpc_interfaces(struct arena *a, const struct bundle_item *it, size_t *n);

/* The names that vendors publish for where an item goes, where needs give them instead of addresses: sorted. */
struct strs item_names(struct arena *a, const struct bundle_item *it);

/* What one host needs of another: sorted by protocol and ports; equal bundles are one. */
struct bundle {
	const struct bundle_item *items;
	size_t n;
};

/* One endpoint of flows: a host, or addresses that allow: names. */
struct endpoint {
	struct str name;
	const struct host *host; /* NULL: addresses of allow: */
	uint16_t zone;
	struct str zone_name;
	struct addrset addresses; /* of its zone for a host that is "any" */
	bool any;
	uint32_t group;
};

struct flow {
	const struct endpoint *from, *to;
	const struct bundle_item *item;
	const uint16_t *crosses; /* firewalls on the path, in order */
	size_t n_crosses;
};

struct plan;

struct plan_options {
	bool as_documented; /* without errata */
};

/*
 * Makes the plan.  NULL after errors in d: a host that must say its site, a
 * port that cannot be changed, two paths without a route, a forbidden flow.
 */
struct plan *plan_make(struct arena *a, const struct estate *e, const struct plan_options *options, struct diag *d);

const struct estate *plan_estate(const struct plan *p);
const struct plan_options *plan_get_options(const struct plan *p);
size_t plan_flow_count(const struct plan *p);

const struct endpoint *plan_endpoints(const struct plan *p, size_t *n); /* sorted by name */

/*
 * Shows every flow, by the names of its endpoints, then protocol and ports.  The
 * flow is valid during the call; what it points to as long as the plan.
 */
void plan_each(const struct plan *p, void (*show)(void *ctx, const struct flow *f), void *ctx);

/* Those between two endpoints only. */
void plan_each_between(const struct plan *p, const struct endpoint *from, const struct endpoint *to,
		       void (*show)(void *ctx, const struct flow *f), void *ctx);

/* Every pair of endpoints with a bundle, in the same order: for what needs no single flows. */
void plan_each_pair(const struct plan *p,
		    void (*show)(void *ctx, const struct endpoint *from, const struct endpoint *to,
				 const struct bundle *b),
		    void *ctx);

/*
 * Shows every flow that a row of decline: takes out, in the same order; the row is the
 * first that does.
 */
void plan_each_declined(const struct plan *p,
			void (*show)(void *ctx, const struct hand_rule *row, const struct flow *f), void *ctx);

/* True when the row, one of decline:, takes something out. */
bool plan_row_declines(const struct plan *p, const struct hand_rule *row);

/* Pairs of groups and what they need: the stored form of the plan.  Group members by plan_group(). */
struct plan_link {
	uint32_t from, to;
	const struct bundle *bundle;
	bool same; /* a group with itself: between different endpoints, and within an endpoint that is many machines */
};
const struct plan_link *plan_links(const struct plan *p, size_t *n);

struct plan_group {
	const uint32_t *endpoints;
	size_t n;
};
struct plan_group plan_group(const struct plan *p, uint32_t group);
size_t plan_group_count(const struct plan *p);

/*
 * True when an endpoint stands for several machines, which need flows among themselves: ranges
 * and prefixes do, a list of single addresses is one machine.
 */
bool endpoint_is_many(const struct endpoint *e);

/* The firewalls between two zones, in order; what the estate's routes or the only shortest path say. */
struct path {
	const uint16_t *firewalls;
	size_t n;
	bool connected; /* false: different zones that no firewall connects */
};
struct path plan_path(const struct plan *p, uint16_t from_zone, uint16_t to_zone);

/* "f-" and sixteen hexadecimal digits, from the names of the endpoints, the protocol and the ports. */
enum { FLOW_ID = 19 };
const char *flow_id(const struct flow *f, char buf[FLOW_ID]);

/* The ports that the "to" of a need listens on, on this host. */
struct resolved_ports {
	struct port_range v[64];
	size_t n;
	bool assumed; /* one of several that the document offers, because the host sets none */
};
void plan_ports(const struct estate *e, const struct host *h, const struct port_settings *instance_ports,
		const struct need *n, struct resolved_ports *ret);

/*
 * True of a need that is only what a server sends back, where this server sends it
 * from the port that received the request (tftp-reply-port): it is then an ordinary
 * reply, not a flow.
 */
bool plan_is_reply(const struct estate *e, const struct host *server, const struct need *n);

/* True when a role of the host is one that the need's service listens on. */
bool plan_listens(const struct host *h, const struct need *n);

/*
 * False when a condition of the need on its "to" alone keeps this host from listening: it has no such
 * feature, takes no TLS ...
 */
bool plan_may_listen(const struct plan *p, const struct host *h, const struct need *n);

/* True when the plan considers the need at all: its document applies, no erratum withdraws it ... */
bool plan_uses_need(const struct estate *e, const struct plan_options *o, const struct need *n);
