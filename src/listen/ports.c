/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/ports.h"

#include "base/vec.h"

/* A port to bind, and who is planned to ask, flow by flow. */
struct wanted {
	struct listen_port port;
	VEC(struct addr_range) sources;
};

struct maker {
	struct arena *arena;
	const struct plan *plan;
	const struct catalogue *catalogue;
	const struct host *host;
	int service;
	struct planned planned; /* of the host, without address and port */
	VEC(struct addr) addresses;
	VEC(struct wanted) ports;
	VEC(struct planned_interface) interfaces;
	VEC(const struct bundle_item *) seen; /* whose interfaces are known */
	uint16_t range_first;                 /* of the dynamic range that is bound; 0: none */
};

static struct wanted *find(struct maker *m, struct addr at, uint8_t protocol, uint16_t port)
{
	for (size_t i = 0; i < m->ports.n; i++) {
		const struct serve_wish *w = &m->ports.v[i].port.wish;
		if (w->protocol == protocol && w->port == port && w->at.family == at.family && w->at.n == at.n)
			return &m->ports.v[i];
	}
	return NULL;
}

static void set_service(struct listen_port *port, const struct service *s)
{
	struct str application = s ? s->application : STR("");
	const struct probe *probe = probe_find(application, port->wish.protocol);
	port->service = s ? s->id : STR("");
	port->stand_in = stand_in_find(application, port->wish.protocol);
	port->tls = s && port->wish.protocol == PROTO_TCP && service_is_tls(s);
	port->elsewhere = probe && probe->replies_elsewhere;
}

static void add_port(struct maker *m, struct addr at, uint8_t protocol, uint16_t port, const struct service *s,
		     struct addrset sources)
{
	struct wanted *known = find(m, at, protocol, port);
	if (!known) {
		known = VEC_ADD(m->arena, &m->ports);
		*known = (struct wanted){ .port = { .wish = { protocol, at, port }, .planned = m->planned } };
		known->port.planned.address = at;
		known->port.planned.port = port;
		known->port.planned.protocol = protocol;
		set_service(&known->port, s);
	} else if (known->port.stand_in == &stand_in_token) {
		/* Two services share a port: one that is asked something decides what is answered. */
		set_service(&known->port, s);
	}
	for (size_t i = 0; i < sources.n; i++)
		*VEC_ADD(m->arena, &known->sources) = sources.v[i];
}

static bool is_rpc(const struct service *s)
{
	return s && (s->resolves == SERVICE_RPC || s->resolves == SERVICE_RPC_STATIC);
}

/* Interfaces of the item, over the ports of its range in turn. */
static void add_interfaces(struct maker *m, const struct bundle_item *it, const uint16_t *ports, size_t n_ports)
{
	size_t n;
	for (size_t i = 0; i < m->seen.n; i++)
		if (m->seen.v[i] == it)
			return;
	*VEC_ADD(m->arena, &m->seen) = it;
	const uint16_t *ids = item_rpc_interfaces(m->arena, it, &n);
	for (size_t i = 0; i < n; i++) {
		struct target t = { 0 };
		target_interface(&t, &m->catalogue->interfaces[ids[i]]);
		bool known = t.interface.name.n == 0;
		for (size_t j = 0; j < m->interfaces.n && !known; j++)
			known = str_eq(m->interfaces.v[j].interface.name, t.interface.name);
		if (!known)
			*VEC_ADD(m->arena, &m->interfaces) =
				(struct planned_interface){ t.interface, ports[m->interfaces.n % n_ports] };
	}
	if (n == 0 && !m->range_first)
		m->range_first = ports[0];
}

static void add_flow(void *ctx, const struct flow *f)
{
	struct maker *m = ctx;
	const struct bundle_item *it = f->item;
	const struct service *s = it->service == NO_SERVICE ? NULL : &m->catalogue->services[it->service];
	bool listens =
		f->to->host == m->host && it->has_ports && (it->protocol == PROTO_TCP || it->protocol == PROTO_UDP);
	if (!listens || (m->service >= 0 && it->service != m->service) || (s && s->resolves == SERVICE_DYNAMIC))
		return;
	uint16_t ports[LISTEN_RANGE_PORTS];
	size_t n = spread_ports(it->ports, LISTEN_RANGE_PORTS, ports);
	if (is_rpc(s))
		add_interfaces(m, it, ports, n);
	for (size_t i = 0; i < n && m->ports.n < LISTEN_PORTS_MAX; i++)
		for (size_t j = 0; j < m->addresses.n; j++)
			add_port(m, m->addresses.v[j], it->protocol, ports[i], s, f->from->addresses);
}

static int compare_ports(const void *left, const void *right)
{
	const struct listen_port *a = left, *b = right;
	int c = CMP(a->wish.port, b->wish.port);
	c = c ? c : CMP(a->wish.protocol, b->wish.protocol);
	c = c ? c : CMP(a->wish.at.family, b->wish.at.family);
	return c ? c : CMP(a->wish.at.n, b->wish.at.n);
}

static void finish(struct maker *m, struct listen_ports *ret)
{
	/* A range whose interfaces no document names: the mapper lists the management interface, which every port has. */
	if (m->interfaces.n == 0 && m->range_first) {
		struct rpc_interface management = { .name = STR("mgmt"), .syntax = rpc_management };
		*VEC_ADD(m->arena, &m->interfaces) = (struct planned_interface){ management, m->range_first };
	}
	ret->n = m->ports.n;
	ret->v = ARENA_ARRAY(m->arena, struct listen_port, ret->n);
	for (size_t i = 0; i < ret->n; i++) {
		struct wanted *w = &m->ports.v[i];
		struct listen_port *p = &w->port;
		p->planned.interfaces = m->interfaces.v;
		p->planned.n_interfaces = m->interfaces.n;
		p->sources = addrset_of(m->arena, w->sources.v, w->sources.n);
		/* Short questions with long answers go to nobody else (of a directory above all). */
		p->only_planned = p->wish.protocol == PROTO_UDP && p->sources.n &&
				  str_is_one_of(str_of(p->stand_in->name), "dns cldap");
		ret->v[i] = *p;
	}
	sort_items(ret->v, ret->n, sizeof *ret->v, compare_ports);
}

static void set_planned(struct maker *m, struct str host)
{
	struct target t = { .host = host };
	target_name(&t, host);
	m->planned.host = host;
	m->planned.name = t.name;
	m->planned.domain = t.domain;
	if (!m->planned.domain.n && m->host && str_find(m->host->forest.s, '.') != SIZE_MAX)
		m->planned.domain = m->host->forest.s;
	m->planned.forest = m->planned.domain;
	m->planned.site = STR("Default-First-Site-Name");
}

bool listen_ports_of_plan(struct arena *a, const struct plan *p, const struct host *h, int service,
			  struct listen_ports *ret, struct diag *d)
{
	struct maker m = {
		.arena = a, .plan = p, .catalogue = plan_estate(p)->catalogue, .host = h, .service = service
	};
	struct addrset addresses = host_addresses(plan_estate(p), h);
	if (h->any || h->is_group)
		return diag_error(d, NOWHERE, "\"%.*s\" is more than one machine; name one that has its own address",
				  STR_ARG(h->name.s));
	for (size_t i = 0; i < addresses.n; i++)
		for (u128 j = 0; j <= addresses.v[i].hi - addresses.v[i].lo; j++)
			*VEC_ADD(a, &m.addresses) = (struct addr){ addresses.v[i].family, addresses.v[i].lo + j };
	set_planned(&m, h->name.s);
	m.planned.domain_controller = host_plays(m.catalogue, h, "domain-controller");
	m.planned.global_catalog = host_plays(m.catalogue, h, "global-catalog-server");
	if (h->instances.n)
		m.planned.instance = ((const struct instance *)h->instances.v)[0].name.s;
	plan_each(p, add_flow, &m);
	finish(&m, ret);
	return true;
}

bool listen_ports_of_words(struct arena *a, const struct catalogue *c, const struct probe_names *host,
			   const char *const *words, size_t n, struct listen_ports *ret, struct diag *d)
{
	struct maker m = { .arena = a, .catalogue = c, .service = -1 };
	struct probe_tasks tasks;
	if (!probe_tasks_of_words(a, c, host, words, n, &tasks, d))
		return false;
	set_planned(&m, host->host);
	/* Whoever asks a directory gets the flags of one. */
	m.planned.domain_controller = m.planned.global_catalog = true;
	for (size_t i = 0; i < tasks.n; i++) {
		const struct target *t = &tasks.tasks[i].target;
		int service = catalogue_service(c, tasks.subjects[i].service);
		const struct service *s = service >= 0 ? &c->services[service] : NULL;
		if (t->protocol != PROTO_TCP && t->protocol != PROTO_UDP)
			continue;
		add_port(&m, t->address, t->protocol, t->port, s, (struct addrset){ 0 });
	}
	finish(&m, ret);
	return true;
}
