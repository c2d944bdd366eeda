/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which program of a host a port belongs to.
 *
 * The services of a host are those that the needs of its roles name.  A program owns their ports
 * where the catalogue binds it to the service, and to the host's role where it depends on one; a
 * port on which another or an unknown program may listen as well belongs to none.
 */
#include "cli/host-facts.h"

#include "base/pack.h"
#include "base/vec.h"

enum { TCP, UDP };

/* A service of the host, and the rows of the catalogue's programs that listen for it. */
struct offer {
	const struct need *need;
	struct portset ports;
	int transport;
	bool rpc;
};

typedef VEC(struct offer) offer_vec;

/* "lsass.exe"; "svchost.exe/EventLog" of a program that others share */
static struct str program_name(struct arena *a, const struct program *p)
{
	size_t slash = p->path.n;
	while (slash && p->path.p[slash - 1] != '\\')
		slash--;
	struct str file = str_skip(p->path, slash);
	if (!p->shared || !p->windows_services.n)
		return file;
	return str_printf(a, "%.*s/%.*s", STR_ARG(file), STR_ARG(p->windows_services.v[0]));
}

static bool lists_service(const struct program *p, service_id service)
{
	for (size_t i = 0; i < p->n_services; i++)
		if (p->services[i] == service)
			return true;
	return false;
}

static bool lists_interface(const struct program *p, uint16_t interface)
{
	for (size_t i = 0; i < p->n_interfaces; i++)
		if (p->interfaces[i] == interface)
			return true;
	return false;
}

static bool lists_role(const struct program *p, role_id role)
{
	for (size_t i = 0; i < p->roles.n; i++)
		if (p->roles.v[i] == role)
			return true;
	return !p->roles.n;
}

static bool is_on(const struct program *p, const struct host *h)
{
	for (size_t i = 0; i < p->roles.n; i++)
		if (host_has_role(h, p->roles.v[i]))
			return true;
	return !p->roles.n;
}

static bool is_rpc(enum service_ports resolves)
{
	return resolves == SERVICE_RPC || resolves == SERVICE_RPC_STATIC;
}

/* RPC services are distinguished by their interfaces, and where a need names none, by the role. */
static bool listens_for(const struct catalogue *c, const struct program *p, const struct host *h, const struct need *n)
{
	if (!n->n_interfaces || !is_rpc(c->services[n->service].resolves))
		return lists_service(p, n->service) && is_on(p, h);
	for (size_t i = 0; i < n->n_interfaces; i++)
		if (lists_interface(p, n->interfaces[i]))
			return true;
	return false;
}

static offer_vec offers_of(struct arena *a, const struct plan *plan, const struct host *h)
{
	const struct estate *e = plan_estate(plan);
	offer_vec offers = { 0 };
	for (size_t i = 0; i < e->catalogue->n_needs; i++) {
		const struct need *n = &e->catalogue->needs[i];
		enum service_ports resolves = e->catalogue->services[n->service].resolves;
		struct resolved_ports ports;
		VEC(struct port_range) ranges = { 0 };
		if (need_is_any_port(n) || !plan_listens(h, n) || !plan_uses_need(e, plan_get_options(plan), n) ||
		    resolves == SERVICE_DYNAMIC || (n->protocol != PROTO_TCP && n->protocol != PROTO_UDP))
			continue;
		plan_ports(e, h, NULL, n, &ports);
		for (size_t j = 0; j < ports.n; j++)
			/* of RPC, the ports that an administrator fixed */
			if (!is_rpc(resolves) || ports.v[j].lo == ports.v[j].hi)
				*VEC_ADD(a, &ranges) = ports.v[j];
		*VEC_ADD(a, &offers) = (struct offer){ .need = n,
						       .ports = ranges.n ? portset_of(a, ranges.v, ranges.n) : NO_PORTS,
						       .transport = n->protocol == PROTO_TCP ? TCP : UDP,
						       .rpc = is_rpc(resolves) };
	}
	return offers;
}

/* Default ports of a service, as the vocabulary has them. */
static void add_defaults(struct arena *a, const struct service *s, struct host_program *into)
{
	struct port_range range;
	if (s->resolves != SERVICE_FIXED)
		return;
	for (size_t i = 0; i < s->n_endpoints; i++) {
		const struct service_endpoint *end = &s->endpoints[i];
		int transport = str_is(end->protocol, "tcp") ? TCP : str_is(end->protocol, "udp") ? UDP : -1;
		if (transport >= 0 && port_range_parse(end->ports, &range) == PORT_OK)
			into->owns[transport] = portset_union(a, into->owns[transport], portset_of(a, &range, 1));
	}
}

static bool is_same(const struct program *left, const struct program *right)
{
	return str_ieq(left->path, right->path) && left->shared == right->shared &&
	       (!left->shared || str_ieq(left->windows_services.v[0], right->windows_services.v[0]));
}

/* By row of the catalogue, the first row of the same program. */
static size_t *same_programs(struct arena *a, const struct catalogue *c)
{
	size_t *first = ARENA_ARRAY(a, size_t, c->n_programs);
	for (size_t i = 0; i < c->n_programs; i++)
		while (first[i] < i && !is_same(&c->programs[first[i]], &c->programs[i]))
			first[i]++;
	return first;
}

/* What one row says of its program, whatever the host's services are. */
static void add_row(struct arena *a, const struct catalogue *c, const struct program *row, const struct host *h,
		    struct host_program *into)
{
	into->may_rpc |= row->n_interfaces > 0;
	if (!is_on(row, h))
		return;
	for (size_t i = 0; i < row->n_services; i++)
		add_defaults(a, &c->services[row->services[i]], into);
	for (size_t i = 0; i < row->n_protocols; i++) {
		struct port_range number = { row->protocols[i], row->protocols[i] };
		into->protocols = portset_union(a, into->protocols, portset_of(a, &number, 1));
	}
}

/* Which programs, by the first row of each, listen for a service. */
static const bool *owners(struct arena *a, const struct catalogue *c, const struct host *h, const struct offer *o,
			  const size_t *first)
{
	bool *own = ARENA_ARRAY(a, bool, c->n_programs);
	for (size_t i = 0; i < c->n_programs; i++)
		own[first[i]] |= listens_for(c, &c->programs[i], h, o->need);
	return own;
}

/* The ports of one of the host's services belong to its programs, and to no others. */
static void add_offer(struct arena *a, const struct catalogue *c, const struct host *h, const struct offer *o,
		      const size_t *first, struct host_program *programs)
{
	const bool *own = owners(a, c, h, o, first);
	for (size_t i = 0; i < c->n_programs; i++) {
		struct host_program *p = &programs[i];
		if (first[i] == i && own[i]) {
			p->listens[o->transport] = portset_union(a, p->listens[o->transport], o->ports);
			p->rpc |= o->rpc;
		}
	}
}

/* Ports on which a service of the host is whose program is another one, or unknown. */
static void leave_to_others(struct arena *a, const struct catalogue *c, const struct host *h, const struct offer *o,
			    const size_t *first, struct host_program *programs)
{
	const bool *own = owners(a, c, h, o, first);
	for (size_t i = 0; i < c->n_programs; i++) {
		struct host_program *p = &programs[i];
		if (first[i] != i || own[i])
			continue;
		p->listens[o->transport] = portset_minus(a, p->listens[o->transport], o->ports);
		p->owns[o->transport] = portset_minus(a, p->owns[o->transport], o->ports);
	}
}

static const struct host_program *programs_of(struct arena *a, const struct plan *plan, const struct host *h, size_t *n)
{
	const struct catalogue *c = plan_estate(plan)->catalogue;
	offer_vec offers = offers_of(a, plan, h);
	size_t *first = same_programs(a, c);
	struct host_program *ret = ARENA_ARRAY(a, struct host_program, c->n_programs);
	for (size_t i = 0; i < c->n_programs; i++) {
		const struct program *row = &c->programs[i];
		if (first[i] == i)
			ret[i] = (struct host_program){ .path = row->path,
							.name = program_name(a, row),
							.windows_services = row->windows_services.v,
							.n_windows_services = row->windows_services.n,
							.shared = row->shared };
		add_row(a, c, row, h, &ret[first[i]]);
	}
	for (size_t i = 0; i < offers.n; i++)
		add_offer(a, c, h, &offers.v[i], first, ret);
	for (size_t i = 0; i < c->n_programs; i++)
		for (int t = TCP; t <= UDP; t++)
			ret[i].owns[t] = portset_union(a, ret[i].owns[t], ret[i].listens[t]);
	for (size_t i = 0; i < offers.n; i++)
		leave_to_others(a, c, h, &offers.v[i], first, ret);
	*n = 0;
	for (size_t i = 0; i < c->n_programs; i++)
		if (first[i] == i)
			ret[(*n)++] = ret[i];
	return ret;
}

/* The subnets of its zone that its addresses are in; none when one of them is in none. */
static struct addrset subnets_of(struct arena *a, const struct estate *e, const struct host *h)
{
	struct addrset own = host_addresses(e, h), ret = NO_ADDRS;
	if (h->any || h->zone == NO_ZONE)
		return NO_ADDRS;
	const struct zone *z = &e->zones[h->zone];
	for (size_t i = 0; i < z->subnets.n; i++) {
		struct addr_range r;
		if (addr_range_parse(z->subnets.v[i].s, &r) != RANGE_OK)
			continue;
		struct addrset subnet = addrset_of(a, &r, 1);
		if (addrset_overlaps(own, subnet))
			ret = addrset_union(a, ret, subnet);
	}
	return addrset_within(own, ret) ? ret : NO_ADDRS;
}

struct servers {
	struct arena *arena;
	const struct catalogue *catalogue;
	struct addrset dns, dhcp;
};

static void add_server(void *ctx, const struct flow *f)
{
	struct servers *s = ctx;
	const struct catalogue *c = s->catalogue;
	if (f->item->service == NO_SERVICE || !f->to->host)
		return;
	struct str service = c->services[f->item->service].id;
	int dhcp_server = catalogue_role(c, STR("dhcp-server"));
	if (str_is(service, "dns"))
		s->dns = addrset_union(s->arena, s->dns, f->to->addresses);
	else if (str_is(service, "dhcp") && dhcp_server >= 0 && host_has_role(f->to->host, (role_id)dhcp_server))
		s->dhcp = addrset_union(s->arena, s->dhcp, f->to->addresses);
}

struct host_facts host_facts(struct arena *a, const struct plan *p, int host)
{
	const struct estate *e = plan_estate(p);
	const struct host *h = &e->hosts[host];
	struct servers servers = { .arena = a, .catalogue = e->catalogue };
	struct host_facts ret = { .local_subnets = subnets_of(a, e, h) };
	ret.programs = programs_of(a, p, h, &ret.n_programs);
	struct place goes = place_of_host(host, POLICY_OUTBOUND);
	plan_each_at(p, &goes, add_server, &servers);
	ret.dns_servers = servers.dns;
	ret.dhcp_servers = servers.dhcp;
	return ret;
}

typedef VEC(struct str) str_vec;

static bool add_programs_of(struct arena *a, const struct catalogue *c, const struct need *n, role_id listening,
			    str_vec *names)
{
	size_t most = n->n_interfaces ? n->n_interfaces : 1;
	for (size_t i = 0; i < most; i++) {
		bool found = false;
		for (size_t j = 0; j < c->n_programs; j++) {
			const struct program *p = &c->programs[j];
			if (n->n_interfaces ? !lists_interface(p, n->interfaces[i])
					    : !lists_service(p, n->service) || !lists_role(p, listening))
				continue;
			found = true;
			struct str name = program_name(a, p);
			bool known = false;
			for (size_t seen = 0; seen < names->n && !known; seen++)
				known = str_eq(names->v[seen], name);
			if (!known)
				*VEC_ADD(a, names) = name;
		}
		if (!found)
			return false;
	}
	return true;
}

const struct str *flow_rpc_programs(struct arena *a, const struct catalogue *c, const struct bundle_item *it, size_t *n)
{
	str_vec names = { 0 };
	*n = 0;
	for (size_t i = 0; i < it->n_reasons; i++) {
		const struct reason *r = &it->reasons[i];
		if (!r->need || !add_programs_of(a, c, r->need, r->back ? r->from_role : r->to_role, &names))
			return NULL;
	}
	*n = names.n;
	return names.v;
}

static void pack_ports(struct packer *packer, struct portset s)
{
	pack_number(packer->out, s.n);
	for (size_t i = 0; i < s.n; i++)
		pack_port_range(packer, s.v[i]);
}

void pack_host_facts(struct packer *packer, const struct host_facts *facts)
{
	struct out *o = packer->out;
	pack_number(o, facts->n_programs);
	for (size_t i = 0; i < facts->n_programs; i++) {
		const struct host_program *p = &facts->programs[i];
		pack_bytes(o, p->path);
		pack_bytes(o, p->name);
		pack_number(o, p->n_windows_services);
		for (size_t j = 0; j < p->n_windows_services; j++)
			pack_bytes(o, p->windows_services[j]);
		pack_flag(o, p->shared);
		for (int t = TCP; t <= UDP; t++) {
			pack_ports(packer, p->listens[t]);
			pack_ports(packer, p->owns[t]);
		}
		pack_ports(packer, p->protocols);
		pack_flag(o, p->rpc);
		pack_flag(o, p->may_rpc);
	}
	pack_addrset(packer, facts->local_subnets);
	pack_addrset(packer, facts->dns_servers);
	pack_addrset(packer, facts->dhcp_servers);
}
