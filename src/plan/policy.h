/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a plan to what one firewall must permit: a policy (flow/policy.h) to be
 * written, and flow boxes with their flows to be proved.
 */
#pragma once

#include "flow/policy.h"
#include "plan/plan.h"

/* A place where rules are installed: a firewall between zones, or a host's own. */
struct place {
	int firewall; /* -1: a host */
	int host;     /* -1: a firewall */
	enum policy_side side;
	/*
	 * Of a firewall: its rules are at each host of its zones, as those of a security group are.  What passes inside a
	 * zone meets them as well.  Hosts of the zone that is "any" have none.
	 */
	bool each_host;
	bool incoming; /* with each_host: only what a host receives meets them */
};

static inline struct place place_of_firewall(int firewall)
{
	return (struct place){ .firewall = firewall, .host = -1, .side = POLICY_TRANSIT };
}

static inline struct place place_of_host(int host, enum policy_side side)
{
	return (struct place){ .firewall = -1, .host = host, .side = side };
}

/* Addresses whose hosts have no rules of the place; empty where rules are not at each host. */
struct addrset place_outside(const struct plan *p, const struct place *at);

/*
 * Boxes of what a machine sends to itself.  It leaves no machine, but rules at each host of a group, for that group, permit
 * it.
 */
struct flowbox *place_own(struct arena *a, const struct plan *p, const struct place *at, size_t *n);

/* Every firewall and every host that has host-firewall:, with both directions. */
struct place *plan_places(struct arena *a, const struct plan *p, size_t *n);
struct str place_name(const struct plan *p, const struct place *at);

/* Zeroed: the defaults. */
struct policy_options {
	/*
	 * For a language that can name RPC interfaces.  The services of ports that the
	 * endpoint mapper assigns then list them, and needs of other interfaces are
	 * separate.
	 */
	bool by_rpc_interface;
	const bool *without; /* by service of the catalogue: true of those that are left out; NULL: none */
};
const struct policy *plan_policy(struct arena *a, const struct plan *p, const struct place *at,
				 struct policy_options options);

/* Numbers in ascending order. */
struct id_set {
	const uint32_t *v;
	size_t n;
};

/*
 * The flows that a relation stands for: from each of some endpoints to each of others
 * on each of some items.  A flow that goes past a place is in one of its relations.
 */
struct relation_made {
	struct id_set from, to;                 /* endpoints, as plan_endpoints() counts them */
	const struct bundle_item *const *items; /* their reasons are those of one of several bundles */
	size_t n_items;
};

/* The same policy, and the flows of each of its relations. */
const struct policy *plan_policy_made(struct arena *a, const struct plan *p, const struct place *at,
				      struct policy_options options, const struct relation_made **ret);

/* The policy of some of the flows that go past a place: it permits them, and nothing else. */
const struct policy *plan_policy_of(struct arena *a, const struct plan *p, const struct place *at,
				    const struct flow *flows, size_t n, const struct relation_made **ret);

/* Shows the flows of a relation, in the plan's order. */
void plan_each_of(const struct plan *p, const struct relation_made *r, void (*show)(void *ctx, const struct flow *f),
		  void *ctx);

/*
 * The packets that a place judges at all: pairs of zones whose path goes over the
 * firewall, or may go over it where several are equally short and no route chooses;
 * everything to or from the host.  None: no path goes over the firewall.
 */
struct judged {
	const struct flowbox *boxes;
	size_t n;
	size_t n_certain; /* the first of them: what comes here whichever path is used */
};
struct judged plan_judged(struct arena *a, const struct plan *p, const struct place *at);

/*
 * What may pass a place and need not: the rows of tolerate: that packets which come
 * here meet, in the order of the estate.
 */
struct tolerated {
	const struct hand_rule *row;
	struct flowbox box;
};
struct tolerated *plan_tolerated(struct arena *a, const struct plan *p, const struct place *at, size_t *n);

/* The services of a row by hand. */
struct service_term *hand_terms(struct arena *a, const struct hand_rule *r, size_t *n);

/* Shows the flows that a place has to permit, in the plan's order. */
void plan_each_at(const struct plan *p, const struct place *at, void (*show)(void *ctx, const struct flow *f),
		  void *ctx);

/* The box of a flow: its addresses, protocol and ports. */
struct flowbox flow_box(const struct flow *f, struct service_term terms[2]);

/*
 * The same as the place is asked: to the addresses and ports by which a firewall publishes the host.
 * *arrives is then the box as its packets have to reach the host, with a service for each of the box;
 * else it has no services.
 */
struct flowbox flow_box_at(struct arena *a, const struct place *at, const struct flow *f, struct flowbox *arrives);
const struct published *flow_published(const struct place *at, const struct flow *f); /* NULL: it is not published */

/* By what a host with these addresses is reached: of each family the published ones, or its own. */
struct addrset published_addresses(struct arena *a, const struct published *p, struct addrset own);

/* True when some host of the estate is published. */
bool plan_publishes(const struct plan *p);

/* True when the flow goes past the place. */
bool place_sees(const struct plan *p, const struct place *at, const struct flow *f);

/* The zone of the firewall behind which a zone of the estate is; NO_ZONE: none. */
uint16_t plan_side(const struct plan *p, uint16_t firewall, uint16_t zone);
