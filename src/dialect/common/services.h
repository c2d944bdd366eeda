/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of a relation as most rule languages need them: the ports of a
 * protocol together, ICMP by single types and codes.
 */
#pragma once

#include "flow/policy.h"

struct service_item {
	uint8_t protocol_lo, protocol_hi; /* 0 and 255: any */
	struct port_range sport;
	struct portset ports;   /* of protocols with ports; all of them by default */
	int type, code;         /* of ICMP; -1: any */
	enum service_kind kind; /* of the whole service; SERVICE_PLAIN when its parts differ */
};

struct service_items {
	const struct service_item *v;
	size_t n;
};

static inline bool item_is_any(const struct service_item *s)
{
	return s->protocol_lo == 0 && s->protocol_hi == 255;
}

static inline bool item_has_ports(const struct service_item *s)
{
	return s->protocol_lo == s->protocol_hi && protocol_has_ports(s->protocol_lo);
}

/* By protocol and source ports; protocols without ports and ICMP follow in the order of the services. */
struct service_items services_merged(struct arena *a, const struct policy_services *s);

/* The families in which an item exists. */
bool item_in_family(const struct service_item *s, enum family f);

/*
 * Of a host's own firewall: the host's side and the other side of a relation.
 * The other side is limited to families of the host's side.
 */
struct addrset local_end(const struct policy *p, const struct relation *r);
struct addrset remote_end(struct arena *a, const struct policy *p, const struct relation *r);

/* True when the host's side is the same in all relations, in each family that they use: the rules may omit it. */
bool one_local_end(struct arena *a, const struct policy *p);

/* "svc, ldap, ..." for a comment, each name once. */
struct str services_names(struct arena *a, const struct policy_services *s);
