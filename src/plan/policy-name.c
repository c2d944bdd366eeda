/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names the groups and services of a policy, and orders them.  Names describe a
 * set; they do not depend on its number or its members, so that a small change of
 * the plan is a small change of the rules.
 */
#include "base/hash.h"
#include "base/unique.h"
#include "plan/policy-priv.h"

enum { MOST_LISTED = 12 }; /* endpoints of a group, in its comment */

/* Groups */

/* How many hosts have a role: in a zone, and everywhere. */
struct role_count {
	size_t in_zone, all;
};

static struct role_count count_with(const struct builder *b, role_id role, uint16_t zone)
{
	const struct plan *p = b->plan;
	struct role_count n = { 0 };
	/* the hosts of a group have the same roles and zone */
	for (size_t i = 0; i < p->n_groups; i++) {
		const struct group *g = &p->groups[i];
		const struct host *h = p->endpoints[g->members.endpoints[0]].host;
		if (!h || h->implied || !host_has_role(h, role))
			continue;
		n.all += g->members.n;
		n.in_zone += g->zone == zone ? g->members.n : 0;
	}
	return n;
}

/*
 * The number of needs that name a role: of several roles of the same hosts, the one with the
 * most is the most descriptive.
 */
static size_t needs_of(const struct builder *b, role_id role)
{
	const struct catalogue *c = b->plan->estate->catalogue;
	size_t n = 0;
	for (size_t i = 0; i < c->n_needs; i++)
		n += c->needs[i].from == role || c->needs[i].to == role;
	return n;
}

/* True when all endpoints of a set are hosts with a role. */
static bool all_have(const struct builder *b, struct id_set s, role_id role)
{
	for (size_t i = 0; i < s.n; i++) {
		const struct host *h = b->plan->endpoints[s.v[i]].host;
		if (!h || h->implied || !host_has_role(h, role))
			return false;
	}
	return true;
}

static bool all_in(const struct builder *b, struct id_set s, uint16_t zone)
{
	for (size_t i = 0; i < s.n; i++)
		if (b->plan->endpoints[s.v[i]].zone != zone)
			return false;
	return true;
}

/* A role that could name a set: how many hosts have it, and how many needs name it. */
struct choice {
	role_id role;
	size_t all, needs;
};

static struct choice better(struct choice a, struct choice b)
{
	return b.all < a.all || (b.all == a.all && b.needs > a.needs) ? b : a;
}

/*
 * One endpoint by its name; more by a role that they and nobody else have, in the
 * estate or in their zone, so that another host of the kind does not rename
 * them; else two by their names, and more by the role that they share with the
 * fewest others.
 */
static struct str set_name(struct builder *b, uint32_t set)
{
	const struct plan *p = b->plan;
	const struct catalogue *c = p->estate->catalogue;
	struct id_set s = b->sets.v[set];
	const struct endpoint *first = &p->endpoints[s.v[0]];
	struct choice best = { ROLE_ANY, SIZE_MAX, 0 }, zonal = best;
	bool one_zone = all_in(b, s, first->zone);

	b->named_by[set] = ROLE_ANY;
	if (s.n == 1)
		return first->name;
	for (size_t r = 0; first->host && r < first->host->roles.n; r++) {
		role_id role = first->host->roles.v[r];
		if (!all_have(b, s, role))
			continue;
		struct role_count n = count_with(b, role, first->zone);
		struct choice this = { role, n.all, needs_of(b, role) };
		best = better(best, this);
		if (one_zone && n.in_zone == s.n)
			zonal = better(zonal, this);
	}
	if (best.role != ROLE_ANY && best.all == s.n) {
		b->named_by[set] = best.role;
		return c->roles[best.role].id;
	}
	if (zonal.role != ROLE_ANY) {
		b->named_by[set] = zonal.role;
		return str_printf(b->arena, "%.*s-in-%.*s", STR_ARG(c->roles[zonal.role].id),
				  STR_ARG(first->zone_name));
	}
	if (s.n == 2)
		return str_printf(b->arena, "%.*s-%.*s", STR_ARG(first->name), STR_ARG(p->endpoints[s.v[1]].name));
	if (best.role == ROLE_ANY)
		return str_printf(b->arena, "%.*s-and-others", STR_ARG(first->name));
	b->named_by[set] = best.role;
	return str_printf(b->arena, "%.*s-part", STR_ARG(c->roles[best.role].id));
}

static struct str clean_name(struct builder *b, struct str name)
{
	/* names in estates may begin with a digit or contain characters that rule languages reject */
	char *p = arena_memdup(b->arena, name.p, name.n);
	for (size_t i = 0; i < name.n; i++)
		if (!((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= '0' && p[i] <= '9')))
			p[i] = '-';
	struct str clean = { p, name.n };
	if (!clean.n || (clean.p[0] >= '0' && clean.p[0] <= '9') || clean.p[0] == '-')
		clean = str_printf(b->arena, "n-%.*s", STR_ARG(clean));
	return clean;
}

static struct str list_endpoints(const struct builder *b, struct id_set s)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	for (size_t i = 0; i < s.n && i < MOST_LISTED; i++)
		out_printf(&o, "%s%.*s", i ? ", " : "", STR_ARG(b->plan->endpoints[s.v[i]].name));
	if (s.n > MOST_LISTED)
		out_printf(&o, " and %zu more", s.n - MOST_LISTED);
	return str_dup(b->arena, out_view(&o));
}

static struct addrset endpoint_addresses(const struct builder *b, struct id_set s)
{
	VEC(struct addr_range) ranges = { 0 };
	for (size_t i = 0; i < s.n; i++) {
		struct addrset a = b->plan->endpoints[s.v[i]].addresses;
		for (size_t j = 0; j < a.n; j++)
			*VEC_ADD(b->arena, &ranges) = a.v[j];
	}
	return addrset_of(b->arena, ranges.v, ranges.n);
}

/* Services */

#define BY_HAND "by-hand"

static int service_cmp(const void *left, const void *right)
{
	const struct policy_service *a = left, *b = right;
	int c = CMP(a->term.protocol_lo, b->term.protocol_lo);
	c = c ? c : CMP(a->term.port.lo, b->term.port.lo);
	c = c ? c : CMP(a->term.port.hi, b->term.port.hi);
	return c ? c : str_cmp(a->name, b->name);
}

static void add_interfaces(struct builder *b, const struct bundle_item *it, struct policy_service *s)
{
	const struct catalogue *c = b->plan->estate->catalogue;
	size_t n;
	const uint16_t *ids = item_rpc_interfaces(b->arena, it, &n);
	struct policy_interface *interfaces = ARENA_ARRAY(b->arena, struct policy_interface, n);
	for (size_t i = 0; i < n; i++)
		interfaces[i] = (struct policy_interface){ c->interfaces[ids[i]].id, c->interfaces[ids[i]].uuid };
	s->interfaces = interfaces;
	s->n_interfaces = n;
}

static struct policy_services make_services(struct builder *b, struct id_set set)
{
	const struct catalogue *c = b->plan->estate->catalogue;
	VEC(struct policy_service) services = { 0 };
	for (size_t i = 0; i < set.n; i++) {
		const struct bundle_item *it = b->items.v[set.v[i]];
		struct service_term terms[2];
		struct flow f = { .from = b->plan->endpoints, .to = b->plan->endpoints, .item = it };
		struct flowbox box = flow_box(&f, terms);
		for (size_t j = 0; j < box.n_services; j++) {
			struct policy_service s = {
				.name = it->service == NO_SERVICE ? STR(BY_HAND) : c->services[it->service].id,
				.term = terms[j],
				.kind = item_kind(b, it),
			};
			if (b->options.by_rpc_interface && s.kind == SERVICE_RPC_RANGE)
				add_interfaces(b, it, &s);
			*VEC_ADD(b->arena, &services) = s;
		}
	}
	sort_items(services.v, services.n, sizeof *services.v, service_cmp);
	return (struct policy_services){ .v = services.v, .n = services.n };
}

/* One service goes by its own name; more by what their first destination offers. */
static struct str services_name(struct builder *b, const struct policy_services *s, struct str dst)
{
	char port[PORT_TEXT];
	const struct policy_service *one = &s->v[0];
	if (s->n > 1)
		return str_printf(b->arena, "%.*s-ports", STR_ARG(dst));
	/* a flow by hand has no name but its port */
	return str_is(one->name, BY_HAND) && protocol_has_ports(one->term.protocol_lo)
		       ? str_printf(b->arena, "%.*s-%s", STR_ARG(one->name), port_range_text(one->term.port, port))
		       : one->name;
}

/*
 * What distinguishes it from others of its name: the port of one, the destinations of the
 * first of more.
 */
static struct str services_purpose(struct builder *b, const struct policy_services *s, struct str src)
{
	char port[PORT_TEXT], protocol[PROTOCOL_TEXT];
	const struct service_term *t = &s->v[0].term;
	return s->n == 1 && protocol_has_ports(t->protocol_lo)
		       ? str_printf(b->arena, "%s-%s", protocol_text(t->protocol_lo, protocol),
				    port_range_text(t->port, port))
		       : str_printf(b->arena, "for-%.*s", STR_ARG(src));
}

/* Relations */

/*
 * Derived from the names, not from the members: a rule keeps its id, by which
 * firewalls identify it, when a machine joins a group or a port is added.
 */
static struct str relation_id(struct builder *b, const struct policy *p, const struct relation *r)
{
	struct str names = str_printf(b->arena, "%.*s %.*s %.*s", STR_ARG(p->groups[r->src].name),
				      STR_ARG(p->groups[r->dst].name), STR_ARG(p->services[r->services].name));
	uint64_t h = hash64(names.p, names.n);
	return str_printf(b->arena, "r-%08x", (unsigned)(h ^ h >> 32));
}

/* Products are ordered by their names, so that a small change of the plan moves few rules. */
struct ordered {
	struct product product;
	struct str src, dst, services; /* names before they are made unique */
	struct str tie;                /* the endpoints themselves */
};

static int ordered_cmp(const void *left, const void *right)
{
	const struct ordered *a = left, *b = right;
	int c = str_cmp(a->dst, b->dst);
	c = c ? c : str_cmp(a->src, b->src);
	c = c ? c : str_cmp(a->services, b->services);
	return c ? c : str_cmp(a->tie, b->tie);
}

static struct str tie_of(struct builder *b, const struct product *p)
{
	CLEANUP(out_free) struct out o = out_memory(64 << 20);
	const uint32_t sets[] = { p->dst, p->src };
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		for (size_t j = 0; j < b->sets.v[sets[i]].n; j++) {
			out_str(&o, b->plan->endpoints[b->sets.v[sets[i]].v[j]].name);
			out_char(&o, ' ');
		}
	return str_dup(b->arena, out_view(&o));
}

/* Of sorted products: those that their names do not distinguish are sorted by their content. */
static void break_ties(struct builder *b, struct ordered *ordered, size_t n)
{
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && ordered_cmp(&ordered[from], &ordered[to]) == 0; to++)
			;
		for (size_t i = from; i < to && to - from > 1; i++)
			ordered[i].tie = tie_of(b, &ordered[i].product);
		sort_items(ordered + from, to - from, sizeof *ordered, ordered_cmp);
	}
}

/*
 * A name for a set.  Where several sets would get the same name, a qualifier is
 * added: numbers would shift when a set is inserted before them.
 */
struct naming {
	struct str name, purpose; /* no name: not used yet */
	uint32_t set;
};

struct namings {
	struct naming *by_set;
	VEC(struct naming *) used; /* in the order of use */
};

static bool is_named(const struct namings *all, uint32_t set)
{
	return all->by_set[set].name.n > 0;
}

static void name_set(struct builder *b, struct namings *all, uint32_t set, struct str name, struct str purpose)
{
	struct naming *n = &all->by_set[set];
	*n = (struct naming){ clean_name(b, name), purpose, set };
	*VEC_ADD(b->arena, &all->used) = n;
}

static int naming_cmp(const void *left, const void *right)
{
	return str_cmp((*(const struct naming *const *)left)->name, (*(const struct naming *const *)right)->name);
}

/* Makes the names unique, and sorts the sets by them. */
static void settle_names(struct builder *b, struct namings *all, const struct strmap *times,
			 struct unique_names *unique)
{
	for (size_t i = 0; i < all->used.n; i++) {
		struct naming *n = all->used.v[i];
		const size_t *bearers = strmap_get(times, n->name);
		if (*bearers > 1)
			n->name =
				clean_name(b, str_printf(b->arena, "%.*s-%.*s", STR_ARG(n->name), STR_ARG(n->purpose)));
		n->name = unique_name(unique, n->name);
	}
	if (all->used.n)
		sort_items(all->used.v, all->used.n, sizeof *all->used.v, naming_cmp);
}

static void count_names(struct strmap *times, const struct namings *all)
{
	for (size_t i = 0; i < all->used.n; i++) {
		struct str name = all->used.v[i]->name;
		size_t *n = strmap_get(times, name);
		if (!n) {
			n = ARENA_NEW(times->arena, size_t);
			strmap_add(times, name, n);
		}
		++*n;
	}
}

/* The groups and services of a policy, with the index of each set in them. */
struct places {
	uint32_t *group, *services;
};

static struct places make_groups(struct builder *b, struct policy *p, struct namings *groups, struct namings *services,
				 const struct policy_services *made)
{
	struct policy_group *g = ARENA_ARRAY(b->arena, struct policy_group, groups->used.n);
	struct policy_services *s = ARENA_ARRAY(b->arena, struct policy_services, services->used.n);
	struct places at = { ARENA_ARRAY(b->arena, uint32_t, b->sets.n), ARENA_ARRAY(b->arena, uint32_t, b->sets.n) };
	struct strmap times = strmap_new(b->arena);
	struct unique_names unique = unique_names_new(b->arena);

	count_names(&times, groups);
	count_names(&times, services);
	settle_names(b, groups, &times, &unique);
	settle_names(b, services, &times, &unique);
	for (size_t i = 0; i < groups->used.n; i++) {
		const struct naming *n = groups->used.v[i];
		struct id_set endpoints = b->sets.v[n->set];
		g[i] = (struct policy_group){ n->name, endpoint_addresses(b, endpoints), list_endpoints(b, endpoints) };
		at.group[n->set] = (uint32_t)i;
	}
	for (size_t i = 0; i < services->used.n; i++) {
		const struct naming *n = services->used.v[i];
		s[i] = made[n->set];
		s[i].name = n->name;
		at.services[n->set] = (uint32_t)i;
	}
	p->groups = g;
	p->n_groups = groups->used.n;
	p->services = s;
	p->n_services = services->used.n;
	return at;
}

/* The items of a set; many relations share them. */
static const struct bundle_item **items_of(struct builder *b, const struct bundle_item ***by_set, uint32_t set)
{
	struct id_set s = b->sets.v[set];
	if (by_set[set])
		return by_set[set];
	by_set[set] = ARENA_ARRAY(b->arena, const struct bundle_item *, s.n);
	for (size_t i = 0; i < s.n; i++)
		by_set[set][i] = b->items.v[s.v[i]];
	return by_set[set];
}

static struct relation_made *make_relations(struct builder *b, struct policy *p, const struct ordered *ordered,
					    const struct places *at)
{
	size_t n = b->products.n;
	struct relation *relations = ARENA_ARRAY(b->arena, struct relation, n);
	struct relation_made *made = ARENA_ARRAY(b->arena, struct relation_made, n);
	const struct bundle_item ***items = ARENA_ARRAY(b->arena, const struct bundle_item **, b->sets.n);
	CLEANUP(out_free) struct out scratch = out_memory(LONGEST_ABOUT);
	for (size_t i = 0; i < n; i++) {
		const struct product *q = &ordered[i].product;
		struct relation *r = &relations[i];
		*r = (struct relation){
			.src = at->group[q->src],
			.dst = at->group[q->dst],
			.services = at->services[q->services],
		};
		made[i] = (struct relation_made){
			b->sets.v[q->src],
			b->sets.v[q->dst],
			items_of(b, items, q->services),
			b->sets.v[q->services].n,
		};
		r->id = relation_id(b, p, r);
		struct relation_said said = { b->sets.v[q->says], b->named_by[q->src], b->named_by[q->dst] };
		relation_describe(b->arena, b->plan, p, &made[i], &said, &scratch, r);
	}
	p->relations = relations;
	p->n_relations = n;
	return made;
}

struct relation_made *policy_name_and_order(struct builder *b, struct policy *p)
{
	size_t n = b->products.n;
	struct ordered *ordered = ARENA_ARRAY(b->arena, struct ordered, n);
	struct str *endpoints = ARENA_ARRAY(b->arena, struct str, b->sets.n);
	struct policy_services *made = ARENA_ARRAY(b->arena, struct policy_services, b->sets.n);
	struct namings groups = { .by_set = ARENA_ARRAY(b->arena, struct naming, b->sets.n) };
	struct namings services = { .by_set = ARENA_ARRAY(b->arena, struct naming, b->sets.n) };

	b->named_by = ARENA_ARRAY(b->arena, role_id, b->sets.n);
	for (size_t i = 0; i < n; i++) {
		const struct product *q = &b->products.v[i];
		if (!made[q->services].v)
			made[q->services] = make_services(b, b->sets.v[q->services]);
		if (!endpoints[q->src].n)
			endpoints[q->src] = set_name(b, q->src);
		if (!endpoints[q->dst].n)
			endpoints[q->dst] = set_name(b, q->dst);
		ordered[i] = (struct ordered){ *q, endpoints[q->src], endpoints[q->dst], made[q->services].v[0].name,
					       NO_STR };
	}
	sort_items(ordered, n, sizeof *ordered, ordered_cmp);
	break_ties(b, ordered, n);
	for (size_t i = 0; i < n; i++) {
		const struct product *q = &ordered[i].product;
		const struct policy_services *s = &made[q->services];
		if (!is_named(&groups, q->src))
			name_set(b, &groups, q->src, ordered[i].src,
				 str_printf(b->arena, "to-%.*s", STR_ARG(ordered[i].dst)));
		if (!is_named(&groups, q->dst))
			name_set(b, &groups, q->dst, ordered[i].dst,
				 str_printf(b->arena, "from-%.*s", STR_ARG(ordered[i].src)));
		if (!is_named(&services, q->services))
			name_set(b, &services, q->services, services_name(b, s, ordered[i].dst),
				 services_purpose(b, s, ordered[i].src));
	}
	struct places at = make_groups(b, p, &groups, &services, made);
	return make_relations(b, p, ordered, &at);
}
