/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions shared by the files that make policies. */
#pragma once

#include "base/out.h"
#include "plan/plan-priv.h"
#include "plan/policy.h"

/*
 * The annotations of a relation, as a set of numbers, so that joined relations have
 * those of both.
 */
enum saying_kind {
	SAYS_DOCUMENT, /* asks for it */
	SAYS_FROM,     /* a role at its source */
	SAYS_TO,
	SAYS_NAMES, /* a need with names of where it goes */
};

static inline uint32_t saying(enum saying_kind kind, uint16_t id)
{
	return (uint32_t)kind << 16 | id;
}

static inline enum saying_kind saying_kind(uint32_t s)
{
	return (enum saying_kind)(s >> 16);
}

/* These endpoints to those endpoints on these services. */
struct product {
	uint32_t src, dst, services; /* in the builder's sets */
	uint32_t says;               /* the documents that require it and the roles that it is for; also a set */
	bool dead;
};

struct builder {
	struct arena *arena;
	const struct plan *plan;
	const struct place *at;
	VEC(struct id_set) sets; /* of endpoints, of items, and of what is said */
	struct strmap set_index;
	struct policy_options options;
	VEC(const struct bundle_item *)
	items; /* distinct by protocol, ports,
						   service and, with RPC by
						   interface, its interfaces; their
						   reasons differ */
	struct strmap item_index;
	struct bundle_sets *known; /* KNOWN_BUNDLES of them, by the hash of the bundle's address */
	VEC(struct product) products;
	role_id *named_by; /* by set of endpoints: the role that its name is; ROLE_ANY: none */
};

/* place.c: of packets between two zones, or inside one, by the path between them: whether they pass the firewall */
bool place_sees_zones(const struct plan *p, const struct place *at, uint16_t from, uint16_t to, struct path path);
struct addrset place_within(const struct plan *p, const struct place *at, uint16_t zone);

/* item.c: what an item's service is to languages that can say more than a port. */
enum service_kind item_kind(const struct builder *b, const struct bundle_item *it);

/* policy-name.c: names and orders the products' sets, and makes relations of them; the policy's name and side are known. */
struct relation_made *policy_name_and_order(struct builder *b, struct policy *p);

enum { LONGEST_ABOUT = 64 << 20 }; /* bytes */

struct relation_said {
	struct id_set says;
	role_id src_named_by, dst_named_by; /* the role that names a group; ROLE_ANY: none */
};

/*
 * policy-text.c: fills in title, about and flow of a relation that has its groups, services
 * and id.  scratch is reused.
 */
void relation_describe(struct arena *a, const struct plan *plan, const struct policy *p,
		       const struct relation_made *made, const struct relation_said *said, struct out *scratch,
		       struct relation *r);
