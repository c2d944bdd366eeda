/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Endpoints, and groups of equivalent ones.
 *
 * Everything that a need may depend on is written into a key; hosts with equal keys
 * are equivalent.  A host that allow:, decline: or administers: names forms a group by itself.
 */
#include "plan/plan-priv.h"

bool endpoint_is_many(const struct endpoint *e)
{
	if (e->any)
		return false; /* an outside party: traffic inside it is not the estate's */
	if (e->host)
		return e->host->is_group; /* neighbouring addresses of one machine are a range too */
	for (size_t i = 0; i < e->addresses.n; i++)
		if (e->addresses.v[i].lo != e->addresses.v[i].hi)
			return true;
	return false;
}

static int endpoint_cmp(const void *left, const void *right)
{
	const struct endpoint *a = left, *b = right;
	int c = str_cmp(a->name, b->name);
	c = c ? c : CMP(a->zone, b->zone);
	return c ? c : CMP(a->host != NULL, b->host != NULL);
}

/* Addresses of allow: that are no host become endpoints of their own, one for each zone that they lie in. */
static void add_hand_endpoints(struct plan *p, const struct hand_rule *rules, size_t n_rules, struct strmap *seen,
			       endpoint_vec *endpoints)
{
	const struct estate *e = p->estate;
	for (size_t i = 0; i < 2 * n_rules; i++) {
		const struct hand_rule *r = &rules[i / 2];
		const struct endpoint_set *sides = i % 2 ? r->to : r->from;
		size_t n = i % 2 ? r->n_to : r->n_from;
		for (size_t j = 0; j < n; j++) {
			if (sides[j].host >= 0 || !strmap_add(seen, sides[j].text.s, p))
				continue;
			for (size_t z = 0; z < e->n_zones; z++) {
				struct addrset part =
					addrset_intersect(p->arena, sides[j].addresses, e->zones[z].addresses);
				if (part.n)
					*VEC_ADD(p->arena, endpoints) = (struct endpoint){
						.name = sides[j].text.s,
						.zone = (uint16_t)z,
						.addresses = part,
						.any = e->zones[z].any && addrset_equal(part, e->zones[z].addresses),
					};
			}
		}
	}
}

static void make_endpoints(struct plan *p)
{
	const struct estate *e = p->estate;
	endpoint_vec endpoints = { 0 };
	struct strmap seen = strmap_new(p->arena);

	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		*VEC_ADD(p->arena, &endpoints) = (struct endpoint){
			.name = h->name.s,
			.host = h,
			.zone = h->zone,
			.addresses = host_addresses(e, h),
			.any = h->any,
		};
	}
	add_hand_endpoints(p, e->allow, e->n_allow, &seen, &endpoints);
	sort_items(endpoints.v, endpoints.n, sizeof *endpoints.v, endpoint_cmp);
	for (size_t i = 0; i < endpoints.n; i++)
		endpoints.v[i].zone_name =
			endpoints.v[i].zone == NO_ZONE ? STR("") : e->zones[endpoints.v[i].zone].name.s;
	p->endpoints = endpoints.v;
	p->n_endpoints = endpoints.n;
}

static void put_ports(struct out *key, const struct port_settings *s)
{
	out_printf(key, "|%zu", s->n);
	for (size_t i = 0; i < s->n; i++)
		out_printf(key, ",%u=%u-%u", s->v[i].index, s->v[i].ports.lo, s->v[i].ports.hi);
}

static void put_uses(struct out *key, struct uses uses)
{
	out_u64(key, uses.n);
	for (size_t i = 0; i < uses.n; i++)
		out_printf(key, ",%u.%u", uses.v[i].role, uses.v[i].service);
}

static void put_roles(struct out *key, struct role_ids ids)
{
	out_u64(key, ids.n);
	out_bytes(key, ids.v, ids.n * sizeof *ids.v);
}

/*
 * Settings and features are sorted, so that their order in the files does not make equal
 * hosts differ.
 */
static int by_text(const void *left, const void *right)
{
	return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

static void put_features(struct arena *a, struct out *key, const struct host *h)
{
	struct str *words = ARENA_ARRAY(a, struct str, h->features.n);
	for (size_t i = 0; i < h->features.n; i++)
		words[i] = h->features.v[i].s;
	sort_items(words, h->features.n, sizeof *words, by_text);
	for (size_t i = 0; i < h->features.n; i++) {
		out_char(key, '|');
		out_str(key, words[i]);
	}
}

static void put_administration(struct out *key, const struct host *h)
{
	if (h->tier.at.line)
		out_printf(key, "t%u", (unsigned)h->tier.n);
	if (h->administers_said.n)
		out_printf(key, "a%zu", h->administers_said.n);
	for (size_t i = 0; i < h->n_administers; i++) {
		const struct administered *a = &h->administers[i];
		out_printf(key, ",%d,%d,%d,%d", a->host, a->zone, a->role, a->tier);
	}
	out_char(key, '|');
}

static void put_key(struct plan *p, struct out *key, const struct host *h)
{
	const struct instance *instances = h->instances.v;
	put_roles(key, h->roles);
	put_uses(key, h->uses);
	out_printf(key, "|%u|%u|%d%d%d%d%d|%u-%u|%u|", h->zone, h->system, (int)h->joined.n, (int)h->tls.n,
		   h->internet_only.on, h->site_server_initiates.on, h->any, h->rpc_range.range.lo,
		   h->rpc_range.range.hi, (unsigned)h->tftp_reply_port.n);
	put_administration(key, h);
	out_str(key, h->site.s);
	out_char(key, '|');
	out_str(key, h->forest.s);
	out_printf(key, "|%d|%d|", h->domain, h->ad_site);
	out_char(key, h->implied ? 'i' : 'h');
	put_ports(key, &h->ports);
	put_ports(key, &h->rpc);
	put_features(p->arena, key, h);
	for (size_t i = 0; i < h->instances.n; i++) {
		out_char(key, str_ieq(instances[i].name.s, STR("MSSQLSERVER")) ? '#' : '*');
		out_str(key, instances[i].site.s);
		put_ports(key, &instances[i].ports);
	}
}

static void mark_hosts(const struct endpoint_set *sides, size_t n, bool *named)
{
	for (size_t i = 0; i < n; i++)
		if (sides[i].host >= 0)
			named[sides[i].host] = true;
}

/* Hosts that a row of decline: takes by their addresses. */
static void mark_addresses(const struct estate *e, const struct endpoint_set *sides, size_t n, bool *named)
{
	for (size_t i = 0; i < n; i++)
		for (size_t h = 0; h < e->n_hosts && sides[i].host < 0 && sides[i].zone < 0; h++)
			named[h] |= !str_is(sides[i].text.s, "any") &&
				    addrset_overlaps(sides[i].addresses, e->hosts[h].addresses);
}

static void mark_named(const struct estate *e, bool *named)
{
	for (size_t i = 0; i < e->n_hosts; i++)
		for (size_t j = 0; j < e->hosts[i].n_administers; j++)
			if (e->hosts[i].administers[j].host >= 0)
				named[e->hosts[i].administers[j].host] = true;
	for (size_t i = 0; i < e->n_allow; i++) {
		mark_hosts(e->allow[i].from, e->allow[i].n_from, named);
		mark_hosts(e->allow[i].to, e->allow[i].n_to, named);
	}
	for (size_t i = 0; i < e->n_decline; i++) {
		const struct hand_rule *r = &e->decline[i];
		mark_hosts(r->from, r->n_from, named);
		mark_hosts(r->to, r->n_to, named);
		mark_addresses(e, r->from, r->n_from, named);
		mark_addresses(e, r->to, r->n_to, named);
	}
}

static int site_of(const struct estate *e, struct name n)
{
	if (n.s.p)
		return estate_site(e, n.s);
	return e->n_sites == 1 ? 0 : -1;
}

static int forest_of(const struct estate *e, struct name n)
{
	for (size_t i = 0; n.s.p && i < e->forests.n; i++)
		if (str_eq(e->forests.v[i], n.s))
			return (int)i;
	return e->forests.n <= 1 ? 0 : -1;
}

/* The roles that database instances take over from their host, or the other roles. */
static struct role_ids choose_roles(struct plan *p, struct role_ids all, bool instanced)
{
	role_id *roles = ARENA_ARRAY(p->arena, role_id, all.n);
	size_t n = 0;
	for (size_t i = 0; i < all.n; i++)
		if (p->estate->catalogue->roles[all.v[i]].instanced == instanced)
			roles[n++] = all.v[i];
	return (struct role_ids){ roles, n };
}

static void add_facets(struct plan *p, uint32_t group, const struct host *h, facet_vec *facets)
{
	const struct instance *instances = h->instances.v;
	struct facet base = {
		.group = group,
		.host = h,
		.roles = h->roles,
		.uses = h->uses,
		.site = site_of(p->estate, h->site),
		.forest = forest_of(p->estate, h->forest),
		.domain = h->domain,
		.ad_site = h->ad_site,
	};
	if (h->instances.n)
		base.roles = choose_roles(p, h->roles, false);
	*VEC_ADD(p->arena, facets) = base;
	for (size_t i = 0; i < h->instances.n; i++) {
		struct facet f = base;
		f.roles = choose_roles(p, h->roles, true);
		f.uses = (struct uses){ 0 };
		if (instances[i].site.s.p)
			f.site = site_of(p->estate, instances[i].site);
		f.instance_ports = &instances[i].ports;
		*VEC_ADD(p->arena, facets) = f;
	}
}

static void mark_placed(struct plan *p)
{
	p->placed = ARENA_ARRAY(p->arena, bool, p->estate->catalogue->n_roles);
	for (size_t i = 0; i < p->n_facets; i++)
		for (size_t j = 0; j < p->facets[i].roles.n; j++)
			p->placed[p->facets[i].roles.v[j]] |= !p->facets[i].host->implied;
}

void plan_group_endpoints(struct plan *p)
{
	struct strmap groups = strmap_new(p->arena);
	CLEANUP(out_free) struct out key = out_memory(1 << 20);
	VEC(struct group) made = { 0 };
	facet_vec facets = { 0 };
	bool *named = ARENA_ARRAY(p->arena, bool, p->estate->n_hosts);

	make_endpoints(p);
	mark_named(p->estate, named);
	/* group numbers begin at 1 in the map, whose values are never NULL */
	for (size_t i = 0; i < p->n_endpoints; i++) {
		struct endpoint *e = &p->endpoints[i];
		key.n = 0;
		if (e->host && !named[e->host - p->estate->hosts])
			put_key(p, &key, e->host);
		else
			out_printf(&key, "alone %zu", i);
		uintptr_t number = (uintptr_t)strmap_get(&groups, out_view(&key));
		if (!number) {
			number = made.n + 1;
			strmap_add(&groups, str_dup(p->arena, out_view(&key)), (void *)number);
			*VEC_ADD(p->arena, &made) = (struct group){ .zone = e->zone };
		}
		e->group = (uint32_t)number - 1;
		made.v[e->group].members.n++;
	}
	for (size_t g = 0; g < made.n; g++) {
		made.v[g].members.endpoints = ARENA_ARRAY(p->arena, uint32_t, made.v[g].members.n);
		made.v[g].members.n = 0;
	}
	for (size_t i = 0; i < p->n_endpoints; i++) {
		struct group *g = &made.v[p->endpoints[i].group];
		((uint32_t *)g->members.endpoints)[g->members.n++] = (uint32_t)i;
	}
	for (size_t g = 0; g < made.n; g++) {
		const struct host *h = p->endpoints[made.v[g].members.endpoints[0]].host;
		made.v[g].first_facet = (uint32_t)facets.n;
		if (h)
			add_facets(p, (uint32_t)g, h, &facets);
		made.v[g].n_facets = (uint32_t)facets.n - made.v[g].first_facet;
	}
	p->groups = made.v;
	p->n_groups = made.n;
	p->facets = facets.v;
	p->n_facets = facets.n;
	mark_placed(p);
}
