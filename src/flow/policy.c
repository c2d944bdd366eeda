/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/policy.h"

#include "base/strmap.h"

const char *const rpc_way_names[N_RPC_WAYS] = {
	[RPC_BY_INTERFACE] = "interfaces",
	[RPC_BY_PORT] = "ports",
	[RPC_BY_INSPECTION] = "inspection",
};

struct str policy_setting(const struct policy *p, const char *key)
{
	for (size_t i = 0; i < p->n_settings; i++)
		if (str_is(p->settings[i].key, key))
			return p->settings[i].value;
	return NO_STR;
}

struct flowbox policy_box(struct arena *a, const struct policy *p, const struct relation *r)
{
	const struct policy_services *s = &p->services[r->services];
	struct service_term *terms = ARENA_ARRAY(a, struct service_term, s->n);
	for (size_t i = 0; i < s->n; i++)
		terms[i] = s->v[i].term;
	return (struct flowbox){ p->groups[r->src].addresses, p->groups[r->dst].addresses, terms, s->n };
}

/* A name that no other has: what goes out has an ending where what comes in has the same. */
static struct str free_name(struct arena *a, struct strmap *taken, struct str name)
{
	struct str wanted = name;
	for (unsigned n = 1; strmap_get(taken, wanted); n++)
		wanted = n == 1 ? str_printf(a, "%.*s-out", STR_ARG(name))
				: str_printf(a, "%.*s-out-%u", STR_ARG(name), n);
	strmap_add(taken, wanted, taken);
	return wanted;
}

static void join_groups(struct arena *a, const struct policy *in, const struct policy *out, struct policy *p)
{
	struct strmap taken = strmap_new(a);
	struct policy_group *groups = ARENA_ARRAY(a, struct policy_group, in->n_groups + out->n_groups);
	for (size_t i = 0; i < in->n_groups + out->n_groups; i++) {
		groups[i] = i < in->n_groups ? in->groups[i] : out->groups[i - in->n_groups];
		groups[i].name = free_name(a, &taken, groups[i].name);
	}
	p->groups = groups;
	p->n_groups = in->n_groups + out->n_groups;
}

static void join_services(struct arena *a, const struct policy *in, const struct policy *out, struct policy *p)
{
	struct strmap taken = strmap_new(a);
	struct policy_services *services = ARENA_ARRAY(a, struct policy_services, in->n_services + out->n_services);
	for (size_t i = 0; i < in->n_services + out->n_services; i++) {
		services[i] = i < in->n_services ? in->services[i] : out->services[i - in->n_services];
		services[i].name = free_name(a, &taken, services[i].name);
	}
	p->services = services;
	p->n_services = in->n_services + out->n_services;
}

struct policy policy_both(struct arena *a, const struct policy *in, const struct policy *out)
{
	struct policy p = *in;
	struct relation *relations = ARENA_ARRAY(a, struct relation, in->n_relations + out->n_relations);
	p.side = POLICY_BOTH;
	join_groups(a, in, out, &p);
	join_services(a, in, out, &p);
	for (size_t i = 0; i < in->n_relations; i++)
		relations[i] = in->relations[i];
	for (size_t i = 0; i < out->n_relations; i++) {
		struct relation *r = &relations[in->n_relations + i];
		*r = out->relations[i];
		r->src += (uint32_t)in->n_groups;
		r->dst += (uint32_t)in->n_groups;
		r->services += (uint32_t)in->n_services;
		r->outbound = true;
	}
	p.relations = relations;
	p.n_relations = in->n_relations + out->n_relations;
	return p;
}

struct policy policy_one_side(struct arena *a, const struct policy *both, enum policy_side side)
{
	struct policy p = *both;
	struct relation *relations = ARENA_ARRAY(a, struct relation, both->n_relations);
	if (both->side != POLICY_BOTH)
		return p;
	p.side = side;
	p.n_relations = 0;
	for (size_t i = 0; i < both->n_relations; i++)
		if (both->relations[i].outbound == (side == POLICY_OUTBOUND))
			relations[p.n_relations++] = both->relations[i];
	p.relations = relations;
	return p;
}

bool policy_zones_share(const struct policy_zone *one, const struct policy_zone *other)
{
	for (size_t i = 0; i < one->n_interfaces; i++)
		for (size_t j = 0; j < other->n_interfaces; j++)
			if (str_eq(one->interfaces[i], other->interfaces[j]))
				return true;
	return false;
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
