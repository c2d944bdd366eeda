/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/policy.h"

const char *const rpc_way_names[N_RPC_WAYS] = {
	[RPC_BY_INTERFACE] = "interfaces",
	[RPC_BY_PORT] = "ports",
	[RPC_BY_INSPECTION] = "inspection",
};

struct flowbox policy_box(struct arena *a, const struct policy *p, const struct relation *r)
{
	const struct policy_services *s = &p->services[r->services];
	struct service_term *terms = ARENA_ARRAY(a, struct service_term, s->n);
	for (size_t i = 0; i < s->n; i++)
		terms[i] = s->v[i].term;
	return (struct flowbox){ p->groups[r->src].addresses, p->groups[r->dst].addresses, terms, s->n };
}

void policy_split(struct arena *a, const struct policy *p, const struct relation *r,
		  void (*show)(void *ctx, size_t from_zone, size_t to_zone, struct addrset src, struct addrset dst),
		  void *ctx)
{
	if (!p->n_zones)
		show(ctx, ANY_ZONE, ANY_ZONE, p->groups[r->src].addresses, p->groups[r->dst].addresses);
	for (size_t i = 0; i < p->n_zones; i++) {
		struct addrset src = addrset_intersect(a, p->groups[r->src].addresses, p->zones[i].addresses);
		if (!src.n)
			continue;
		for (size_t j = 0; j < p->n_zones; j++) {
			if (j == i)
				continue;
			struct addrset dst = addrset_intersect(a, p->groups[r->dst].addresses, p->zones[j].addresses);
			if (dst.n)
				show(ctx, i, j, src, dst);
		}
	}
}
