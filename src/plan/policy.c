/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joins many links into few relations.
 *
 * Each link of the plan that goes past the place is a product: these endpoints to
 * those endpoints on these services.  Products that agree in two of the three are
 * joined in the third, over and over until nothing changes; every step keeps
 * the set of packets, so the result is exact.  What is left is named and ordered
 * in policy-name.c.
 */
#include "base/hash.h"
#include "plan/policy-priv.h"

enum { KNOWN_BUNDLES = 256 };

/* What products take from their bundle, cached for the next ones that share it. */
struct bundle_sets {
	const struct bundle *bundle;
	uint32_t services, says;
};

static int u32_cmp(const void *left, const void *right)
{
	return CMP(*(const uint32_t *)left, *(const uint32_t *)right);
}

/* The number of a set; takes ownership of the ids, sorts them and drops duplicates. */
static uint32_t intern(struct builder *b, uint32_t *ids, size_t n)
{
	size_t out = 0;
	if (n)
		sort_items(ids, n, sizeof *ids, u32_cmp);
	for (size_t i = 0; i < n; i++)
		if (out == 0 || ids[out - 1] != ids[i])
			ids[out++] = ids[i];
	struct str key = { (const char *)ids, out * sizeof *ids };
	uintptr_t known = (uintptr_t)strmap_get(&b->set_index, key);
	if (known)
		return (uint32_t)known - 1;
	*VEC_ADD(b->arena, &b->sets) = (struct id_set){ ids, out };
	strmap_add(&b->set_index, key, (void *)(uintptr_t)b->sets.n);
	return (uint32_t)b->sets.n - 1;
}

static uint32_t item_number(struct builder *b, const struct bundle_item *it)
{
	struct str key = str_printf(b->arena, "%u %u %u-%u %u %u", it->protocol, it->icmp, it->ports.lo, it->ports.hi,
				    it->has_ports, it->service);
	if (b->options.by_rpc_interface && item_kind(b, it) == SERVICE_RPC_RANGE) {
		size_t n;
		const uint16_t *ids = item_rpc_interfaces(b->arena, it, &n);
		for (size_t i = 0; i < n; i++)
			key = str_printf(b->arena, "%.*s %u", STR_ARG(key), ids[i]);
	}
	uintptr_t known = (uintptr_t)strmap_get(&b->item_index, key);
	if (known)
		return (uint32_t)known - 1;
	*VEC_ADD(b->arena, &b->items) = it;
	strmap_add(&b->item_index, key, (void *)(uintptr_t)b->items.n);
	return (uint32_t)b->items.n - 1;
}

static bool is_left_out(const struct builder *b, const struct bundle_item *it)
{
	return b->options.without && it->service != NO_SERVICE && b->options.without[it->service];
}

static uint32_t bundle_set(struct builder *b, const struct bundle *bundle)
{
	uint32_t *ids = ARENA_ARRAY(b->arena, uint32_t, bundle->n);
	size_t n = 0;
	for (size_t i = 0; i < bundle->n; i++)
		if (!is_left_out(b, &bundle->items[i]))
			ids[n++] = item_number(b, &bundle->items[i]);
	return intern(b, ids, n);
}

static uint32_t members_set(struct builder *b, struct plan_group g)
{
	uint32_t *ids = ARENA_ARRAY(b->arena, uint32_t, g.n);
	memcpy(ids, g.endpoints, g.n * sizeof *ids);
	return intern(b, ids, g.n);
}

/* The documents that require a bundle and the roles that they require it for. */
static uint32_t says_set(struct builder *b, const struct bundle *bundle)
{
	VEC(uint32_t) ids = { 0 };
	for (size_t i = 0; i < bundle->n; i++)
		for (size_t j = 0; j < bundle->items[i].n_reasons; j++) {
			const struct reason *r = &bundle->items[i].reasons[j];
			if (!r->need || is_left_out(b, &bundle->items[i]))
				continue;
			size_t document = (size_t)(r->need->document - b->plan->estate->catalogue->documents);
			*VEC_ADD(b->arena, &ids) = saying(SAYS_DOCUMENT, (uint16_t)document);
			if (r->need->names.n && !r->back)
				*VEC_ADD(b->arena, &ids) =
					saying(SAYS_NAMES, (uint16_t)(r->need - b->plan->estate->catalogue->needs));
			if (r->from_role != ROLE_ANY)
				*VEC_ADD(b->arena, &ids) = saying(SAYS_FROM, r->from_role);
			if (r->to_role != ROLE_ANY)
				*VEC_ADD(b->arena, &ids) = saying(SAYS_TO, r->to_role);
		}
	return intern(b, ids.v, ids.n);
}

static struct bundle_sets sets_of(struct builder *b, const struct bundle *bundle)
{
	struct bundle_sets *s = &b->known[hash64(&bundle, sizeof bundle) % KNOWN_BUNDLES];
	if (s->bundle != bundle)
		*s = (struct bundle_sets){ bundle, bundle_set(b, bundle), says_set(b, bundle) };
	return *s;
}

static void add_product(struct builder *b, uint32_t src, uint32_t dst, const struct bundle *bundle)
{
	if (!b->sets.v[src].n || !b->sets.v[dst].n || !bundle->n)
		return;
	struct bundle_sets s = sets_of(b, bundle);
	if (!b->sets.v[s.services].n)
		return;
	*VEC_ADD(b->arena, &b->products) =
		(struct product){ .src = src, .dst = dst, .services = s.services, .says = s.says };
}

/*
 * At a host's own firewall one side is the host; flows within a group of many
 * machines pass it too.
 */
static void add_host_links(struct builder *b)
{
	const struct plan *p = b->plan;
	const struct host *h = &p->estate->hosts[b->at->host];
	uint32_t own = 0;
	while (p->endpoints[own].host != h)
		own++;
	uint32_t *self = ARENA_ARRAY(b->arena, uint32_t, 1);
	self[0] = own;
	uint32_t self_set = intern(b, self, 1);
	for (size_t i = 0; i < p->links.n; i++) {
		const struct plan_link *l = &p->links.v[i];
		bool inbound = b->at->side == POLICY_INBOUND;
		if ((inbound ? l->to : l->from) != p->endpoints[own].group)
			continue;
		struct plan_group other = plan_group(p, inbound ? l->from : l->to);
		uint32_t *ids = ARENA_ARRAY(b->arena, uint32_t, other.n);
		size_t n = 0;
		for (size_t j = 0; j < other.n; j++)
			if (other.endpoints[j] != own || endpoint_is_many(&p->endpoints[own]))
				ids[n++] = other.endpoints[j];
		uint32_t others = intern(b, ids, n);
		add_product(b, inbound ? others : self_set, inbound ? self_set : others, l->bundle);
	}
}

static void add_firewall_links(struct builder *b)
{
	const struct plan *p = b->plan;
	for (size_t i = 0; i < p->links.n; i++) {
		const struct plan_link *l = &p->links.v[i];
		uint16_t from = p->groups[l->from].zone, to = p->groups[l->to].zone;
		if (!place_sees_zones(p, b->at, from, to, plan_path(p, from, to)))
			continue;
		add_product(b, members_set(b, plan_group(p, l->from)), members_set(b, plan_group(p, l->to)), l->bundle);
	}
}

enum part { PART_SRC, PART_DST, PART_SERVICES, PART_SAYS };

static uint32_t *part_of(struct product *p, enum part which)
{
	switch (which) {
	case PART_SRC:
		return &p->src;
	case PART_DST:
		return &p->dst;
	case PART_SERVICES:
		return &p->services;
	case PART_SAYS:
		return &p->says;
	}
	return NULL;
}

struct keyed {
	uint64_t key;
	uint32_t product;
};

static int keyed_cmp(const void *left, const void *right)
{
	const struct keyed *a = left, *b = right;
	int c = CMP(a->key, b->key);
	return c ? c : CMP(a->product, b->product);
}

/* The union of one part of several products. */
static uint32_t union_of(struct builder *b, const struct keyed *keyed, size_t n, enum part which)
{
	size_t total = 0, j = 0;
	for (size_t i = 0; i < n; i++)
		total += b->sets.v[*part_of(&b->products.v[keyed[i].product], which)].n;
	uint32_t *all = ARENA_ARRAY(b->arena, uint32_t, total);
	for (size_t i = 0; i < n; i++) {
		struct id_set s = b->sets.v[*part_of(&b->products.v[keyed[i].product], which)];
		if (s.n)
			memcpy(all + j, s.v, s.n * sizeof *all);
		j += s.n;
	}
	return intern(b, all, j);
}

/*
 * Joins products that differ in one part only (and in the documents that require them).
 * True when something was joined.
 */
static bool join_in(struct builder *b, enum part which)
{
	size_t n = b->products.n, out = 0;
	struct keyed *keyed = ARENA_ARRAY(b->arena, struct keyed, n);
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		struct product *p = &b->products.v[i];
		enum part left = which == PART_SRC ? PART_DST : PART_SRC;
		enum part right = which == PART_SERVICES ? PART_DST : PART_SERVICES;
		keyed[i] = (struct keyed){ (uint64_t)*part_of(p, left) << 32 | *part_of(p, right), (uint32_t)i };
	}
	if (n)
		sort_items(keyed, n, sizeof *keyed, keyed_cmp);
	for (size_t i = 0; i < n;) {
		size_t end = i + 1;
		while (end < n && keyed[end].key == keyed[i].key)
			b->products.v[keyed[end++].product].dead = true;
		if (end > i + 1) {
			struct product *first = &b->products.v[keyed[i].product];
			*part_of(first, which) = union_of(b, keyed + i, end - i, which);
			first->says = union_of(b, keyed + i, end - i, PART_SAYS);
			any = true;
		}
		i = end;
	}
	for (size_t i = 0; i < n; i++)
		if (!b->products.v[i].dead)
			b->products.v[out++] = b->products.v[i];
	b->products.n = out;
	return any;
}

static void join_products(struct builder *b)
{
	bool joined;
	do {
		joined = join_in(b, PART_SERVICES);
		joined |= join_in(b, PART_SRC);
		joined |= join_in(b, PART_DST);
	} while (joined);
}

static void make_policy_zones(struct builder *b, struct policy *p)
{
	const struct estate *e = b->plan->estate;
	if (b->at->firewall < 0)
		return;
	const struct firewall *f = &e->firewalls[b->at->firewall];
	struct policy_zone *zones = ARENA_ARRAY(b->arena, struct policy_zone, f->n_zones);
	for (size_t i = 0; i < f->n_zones; i++) {
		const struct names *said = &f->interfaces[i];
		struct str *names = ARENA_ARRAY(b->arena, struct str, said->n ? said->n : 1);
		names[0] = e->zones[f->zones[i]].name.s;
		for (size_t j = 0; j < said->n; j++)
			names[j] = said->v[j].s;
		zones[i] = (struct policy_zone){
			.name = e->zones[f->zones[i]].name.s,
			.interfaces = names,
			.n_interfaces = said->n ? said->n : 1,
			.interfaces_said = said->n,
			.within = place_within(b->plan, b->at, f->zones[i]),
			.outside = b->at->each_host && e->zones[f->zones[i]].any,
		};
		for (size_t z = 0; z < e->n_zones; z++)
			if (plan_side(b->plan, (uint16_t)b->at->firewall, (uint16_t)z) == f->zones[i])
				zones[i].addresses = addrset_union(b->arena, zones[i].addresses, e->zones[z].addresses);
	}
	p->zones = zones;
	p->n_zones = f->n_zones;
	p->outside = place_outside(b->plan, b->at);
}

/* A host is named, because its own firewall need not be in the estate. */
static struct str how_to_ask(struct arena *a, const struct plan *plan, const struct place *at)
{
	struct str host = at->host < 0 ? NO_STR
				       : str_printf(a, " --host %.*s%s", STR_ARG(place_name(plan, at)),
						    at->side == POLICY_OUTBOUND ? " --side out" : "");
	return str_printf(a, "portolan why ESTATE.yaml r-...%.*s lists the flows of a rule, with their reasons",
			  STR_ARG(host));
}

/* A flow is a product of one each; its bundle lives as long as the builder, which remembers bundles by address. */
static void add_flow(struct builder *b, const struct flow *f)
{
	const struct endpoint *first = b->plan->endpoints;
	struct bundle *alone = ARENA_NEW(b->arena, struct bundle);
	uint32_t *ends = ARENA_ARRAY(b->arena, uint32_t, 2);
	ends[0] = (uint32_t)(f->from - first);
	ends[1] = (uint32_t)(f->to - first);
	*alone = (struct bundle){ f->item, 1 };
	add_product(b, intern(b, ends, 1), intern(b, ends + 1, 1), alone);
}

static struct builder builder_of(struct arena *a, const struct plan *plan, const struct place *at,
				 struct policy_options options)
{
	return (struct builder){
		.options = options,
		.arena = a,
		.plan = plan,
		.at = at,
		.set_index = strmap_new(a),
		.item_index = strmap_new(a),
		.known = ARENA_ARRAY(a, struct bundle_sets, KNOWN_BUNDLES),
	};
}

/* The policy of the products that were added. */
static const struct policy *finish(struct builder *b, const struct relation_made **ret)
{
	struct policy *p = ARENA_NEW(b->arena, struct policy);
	p->name = place_name(b->plan, b->at);
	p->estate = b->plan->estate->name.s;
	p->side = b->at->side;
	p->ask = how_to_ask(b->arena, b->plan, b->at);
	join_products(b);
	*ret = policy_name_and_order(b, p);
	make_policy_zones(b, p);
	return p;
}

const struct policy *plan_policy_made(struct arena *a, const struct plan *plan, const struct place *at,
				      struct policy_options options, const struct relation_made **ret)
{
	struct builder b = builder_of(a, plan, at, options);
	if (at->firewall >= 0)
		add_firewall_links(&b);
	else
		add_host_links(&b);
	return finish(&b, ret);
}

const struct policy *plan_policy_of(struct arena *a, const struct plan *plan, const struct place *at,
				    const struct flow *flows, size_t n, const struct relation_made **ret)
{
	struct builder b = builder_of(a, plan, at, (struct policy_options){ 0 });
	for (size_t i = 0; i < n; i++)
		add_flow(&b, &flows[i]);
	return finish(&b, ret);
}

const struct policy *plan_policy(struct arena *a, const struct plan *plan, const struct place *at,
				 struct policy_options options)
{
	const struct relation_made *made;
	return plan_policy_made(a, plan, at, options, &made);
}
