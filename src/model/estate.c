/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about an estate that is read. */
#include "model/estate.h"

/* Every kind of object is an array sorted by the struct name that it begins with. */
static int find(const void *items, size_t n, size_t size, struct str name)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = str_cmp(((const struct name *)((const char *)items + mid * size))->s, name);
		if (c == 0)
			return (int)mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

_Static_assert(offsetof(struct host, name) == 0 && offsetof(struct zone, name) == 0 &&
		       offsetof(struct firewall, name) == 0 && offsetof(struct site, name) == 0 &&
		       offsetof(struct firewall_pair, name) == 0 && offsetof(struct domain, name) == 0 &&
		       offsetof(struct ad_site, name) == 0 && offsetof(struct cert_template, name) == 0,
	       "find(), named_cmp() and names_of() take the name from the beginning");

int estate_host(const struct estate *e, struct str name)
{
	return find(e->hosts, e->n_hosts, sizeof *e->hosts, name);
}

int estate_zone(const struct estate *e, struct str name)
{
	return find(e->zones, e->n_zones, sizeof *e->zones, name);
}

int estate_firewall(const struct estate *e, struct str name)
{
	return find(e->firewalls, e->n_firewalls, sizeof *e->firewalls, name);
}

int estate_site(const struct estate *e, struct str name)
{
	return find(e->sites, e->n_sites, sizeof *e->sites, name);
}

int estate_pair(const struct estate *e, struct str name)
{
	return find(e->pairs, e->n_pairs, sizeof *e->pairs, name);
}

int estate_domain(const struct estate *e, struct str name)
{
	return find(e->domains, e->n_domains, sizeof *e->domains, name);
}

int estate_ad_site(const struct estate *e, struct str name)
{
	return find(e->ad_sites, e->n_ad_sites, sizeof *e->ad_sites, name);
}

/* Queries on one host */

static bool has(struct role_ids ids, role_id role)
{
	for (size_t i = 0; i < ids.n; i++)
		if (ids.v[i] == role)
			return true;
	return false;
}

bool host_has_role(const struct host *h, role_id role)
{
	return has(h->roles, role);
}

bool host_uses(const struct host *h, role_id role, service_id service)
{
	for (size_t i = 0; i < h->uses.n; i++)
		if (h->uses.v[i].role == role &&
		    (h->uses.v[i].service == NO_SERVICE || h->uses.v[i].service == service))
			return true;
	return false;
}

bool host_has_feature(const struct host *h, struct str feature)
{
	for (size_t i = 0; i < h->features.n; i++)
		if (str_eq(h->features.v[i].s, feature))
			return true;
	return false;
}

const struct port_setting *host_port(const struct host *h, service_id service)
{
	for (size_t i = 0; i < h->ports.n; i++)
		if (h->ports.v[i].index == service)
			return &h->ports.v[i];
	return NULL;
}

/* What a host says that it administers decides; without it, its tier. */
bool host_administers(const struct estate *e, const struct host *h, const struct host *other)
{
	if (!h->administers_said.n)
		return h->tier.at.line && other->tier.at.line && h->tier.n == other->tier.n;
	for (size_t i = 0; i < h->n_administers; i++) {
		const struct administered *a = &h->administers[i];
		if ((a->host >= 0 && &e->hosts[a->host] == other) || (a->zone >= 0 && other->zone == a->zone) ||
		    (a->role >= 0 && host_has_role(other, (role_id)a->role)) ||
		    (a->tier >= 0 && other->tier.at.line && other->tier.n == (uint64_t)a->tier))
			return true;
	}
	return false;
}

struct port_range host_dynamic_range(const struct estate *e, const struct host *h, unsigned protocol)
{
	if (protocol == PROTO_TCP && h->rpc_range.range.lo)
		return h->rpc_range.range;
	const struct catalogue *c = e->catalogue;
	const struct system *s = NULL;
	if (h->system != NO_SYSTEM)
		s = &c->systems[h->system];
	/* a host without os: the newest Windows */
	for (size_t i = 0; !s && i < c->n_systems; i++)
		if (c->systems[c->n_systems - 1 - i].windows)
			s = &c->systems[c->n_systems - 1 - i];
	if (!s)
		return ALL_PORTS;
	return protocol == PROTO_UDP ? s->dynamic_udp : s->dynamic_tcp;
}

struct addrset host_addresses(const struct estate *e, const struct host *h)
{
	return h->any ? e->zones[h->zone].addresses : h->addresses;
}
