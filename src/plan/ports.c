/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ports of a need on one host.  The host that listens determines them: its
 * system (the dynamic range), its rpc-range, its static RPC ports, its ports:.
 */
#include "plan/plan.h"

static void add(struct resolved_ports *ret, struct port_range r)
{
	for (size_t i = 0; i < ret->n; i++)
		if (ret->v[i].lo == r.lo && ret->v[i].hi == r.hi)
			return;
	if (ret->n < ARRAY_LEN(ret->v))
		ret->v[ret->n++] = r;
}

/* The static ports of the roles that the need's settings can fix. */
static void add_static(const struct estate *e, const struct host *h, const struct need *n, struct resolved_ports *ret)
{
	const struct catalogue *c = e->catalogue;
	for (size_t i = 0; i < n->settings.n; i++) {
		int s = catalogue_setting(c, n->settings.v[i]);
		if (s < 0 || !c->settings[s].pins.n)
			continue;
		for (size_t j = 0; j < h->rpc.n; j++)
			if (str_eq(h->rpc.v[j].name.s, c->settings[s].pins))
				add(ret, h->rpc.v[j].ports);
	}
}

static const struct port_setting *setting_of(const struct host *h, const struct port_settings *instance,
					     service_id service)
{
	for (size_t i = 0; instance && i < instance->n; i++)
		if (instance->v[i].index == service)
			return &instance->v[i];
	return host_port(h, service);
}

static uint16_t follow(enum following rule, uint16_t port)
{
	if (rule == FOLLOWS_BEFORE)
		return port > 1 ? (uint16_t)(port - 1) : port;
	return port == 80 ? 443 : (uint16_t)(port + 1);
}

/* The port that a service must have for the one that follows it to be where the estate says; 0: none. */
static uint16_t leads(const struct estate *e, const struct host *h, const struct port_settings *instance,
		      service_id service)
{
	const struct catalogue *c = e->catalogue;
	for (size_t i = 0; i < c->n_services; i++) {
		const struct service *s = &c->services[i];
		if (s->following != FOLLOWS_NEXT || !str_eq(s->follows, c->services[service].id))
			continue;
		const struct port_setting *set = setting_of(h, instance, (service_id)i);
		if (set && set->ports.lo == set->ports.hi)
			return set->ports.lo == follow(FOLLOWS_NEXT, 80) ? 80 : (uint16_t)(set->ports.lo - 1);
	}
	return 0;
}

/* A port that the estate sets for the service, for the one that it follows, or for one that follows it. */
static bool add_set(const struct estate *e, const struct host *h, const struct port_settings *instance,
		    const struct need *n, struct resolved_ports *ret)
{
	const struct catalogue *c = e->catalogue;
	const struct service *s = &c->services[n->service];
	const struct port_setting *set = setting_of(h, instance, n->service);
	if (set) {
		add(ret, set->ports);
		return true;
	}
	if (!s->follows.n) {
		uint16_t lead = leads(e, h, instance, n->service);
		if (lead)
			add(ret, (struct port_range){ lead, lead });
		return lead != 0;
	}
	set = setting_of(h, instance, (service_id)catalogue_service(c, s->follows));
	if (!set || set->ports.lo != set->ports.hi || set->ports.lo == UINT16_MAX)
		return false;
	uint16_t port = follow(s->following, set->ports.lo);
	add(ret, (struct port_range){ port, port });
	return true;
}

static void add_documented(const struct need *n, struct resolved_ports *ret)
{
	if (n->plan_default.lo) {
		add(ret, n->plan_default);
		return;
	}
	if (n->ports.kind == PORTS_ALTERNATIVES) {
		/* the last is the one that current versions use */
		add(ret, n->ports.v[n->ports.n - 1]);
		ret->assumed = true;
		return;
	}
	for (size_t i = 0; i < n->ports.n; i++)
		add(ret, n->ports.v[i]);
}

bool plan_listens(const struct host *h, const struct need *n)
{
	struct role_ids to = n->to_members.n ? n->to_members : (struct role_ids){ &n->to, 1 };
	for (size_t i = 0; i < to.n; i++)
		if (host_has_role(h, to.v[i]))
			return true;
	if (!n->either)
		return false;
	to = n->from_members.n ? n->from_members : (struct role_ids){ &n->from, 1 };
	for (size_t i = 0; i < to.n; i++)
		if (host_has_role(h, to.v[i]))
			return true;
	return false;
}

bool plan_is_reply(const struct estate *e, const struct host *server, const struct need *n)
{
	const struct catalogue *c = e->catalogue;
	const struct service *s = &c->services[n->service];
	if (s->resolves != SERVICE_DYNAMIC || !str_is(s->application, "tftp") || !server->tftp_reply_port.n)
		return false;
	for (size_t i = 0; i < c->n_services; i++) {
		const struct service *asked = &c->services[i];
		const struct port_setting *set = host_port(server, (service_id)i);
		struct port_range port = { 0, 0 };
		if (asked->resolves != SERVICE_FIXED || !str_eq(asked->application, s->application))
			continue;
		if (set)
			port = set->ports;
		else if (asked->n_endpoints)
			port_range_parse(asked->endpoints[0].ports, &port);
		if (port.lo == server->tftp_reply_port.n && port.hi == port.lo)
			return true;
	}
	return false;
}

void plan_ports(const struct estate *e, const struct host *h, const struct port_settings *instance_ports,
		const struct need *n, struct resolved_ports *ret)
{
	*ret = (struct resolved_ports){ .n = 0 };
	switch (e->catalogue->services[n->service].resolves) {
	case SERVICE_RPC:
		add_static(e, h, n, ret);
		if (!ret->n)
			add(ret, host_dynamic_range(e, h, n->protocol));
		return;
	case SERVICE_RPC_STATIC:
		add_static(e, h, n, ret);
		return;
	case SERVICE_DYNAMIC:
		/* a default stands where no Windows chooses the port: the firmware of a computer that boots */
		add(ret, n->plan_default.lo ? n->plan_default : host_dynamic_range(e, h, n->protocol));
		return;
	case SERVICE_FIXED:
		if (!add_set(e, h, instance_ports, n, ret))
			add_documented(n, ret);
		return;
	}
}
