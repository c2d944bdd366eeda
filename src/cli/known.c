/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/known.h"

#include "base/vec.h"

/* The service whose port is the endpoint mapper's, in the catalogue's words. */
#define MAPPER STR("dcerpc-epm")

/* A need that states exactly what its service listens on. */
static bool is_witness(const struct need *n)
{
	return n->ports.kind == PORTS_LIST && !n->withdrawn && n->erratum != ERRATUM_WITHDRAWS && !n->uncertain.n &&
	       !n->document->superseded && (n->protocol == PROTO_TCP || n->protocol == PROTO_UDP);
}

static int by_port(const void *left, const void *right)
{
	const struct known_port *a = left, *b = right;
	int c = CMP(a->protocol, b->protocol);
	c = c ? c : CMP(a->ports.lo, b->ports.lo);
	c = c ? c : CMP(a->ports.hi, b->ports.hi);
	return c ? c : str_cmp(a->service, b->service);
}

static size_t without_doubles(struct known_port *ports, size_t n)
{
	size_t out = 0;
	sort_items(ports, n, sizeof *ports, by_port);
	for (size_t i = 0; i < n; i++)
		if (!out || by_port(&ports[out - 1], &ports[i]) != 0)
			ports[out++] = ports[i];
	return out;
}

static bool has_range(const struct port_range *ranges, size_t n, struct port_range r)
{
	for (size_t i = 0; i < n; i++)
		if (ranges[i].lo == r.lo && ranges[i].hi == r.hi)
			return true;
	return false;
}

static void add_dynamic(struct audit_options *o, struct port_range *ranges, struct port_range r)
{
	if (r.lo && !has_range(ranges, o->n_dynamic, r))
		ranges[o->n_dynamic++] = r;
}

struct audit_options known_ports(struct arena *a, const struct catalogue *c)
{
	struct audit_options o = { 0 };
	VEC(struct known_port) ports = { 0 };
	for (size_t i = 0; i < c->n_needs; i++) {
		const struct need *n = &c->needs[i];
		const struct service *s = &c->services[n->service];
		if (!is_witness(n))
			continue;
		for (size_t j = 0; j < n->ports.n; j++)
			if (n->ports.v[j].lo == n->ports.v[j].hi)
				*VEC_ADD(a, &ports) = (struct known_port){ s->id, s->name, n->protocol, n->ports.v[j] };
		if (str_eq(s->application, MAPPER) && n->ports.n)
			o.mapper = n->ports.v[0].lo;
	}
	o.n_ports = without_doubles(ports.v, ports.n);
	o.ports = ports.v;
	struct port_range *dynamic = ARENA_ARRAY(a, struct port_range, c->n_systems);
	for (size_t i = 0; i < c->n_systems; i++)
		add_dynamic(&o, dynamic, c->systems[i].dynamic_tcp);
	o.dynamic = dynamic;
	return o;
}

struct str known_service(void *ctx, const struct service_term *t)
{
	const struct audit_options *o = ctx;
	const struct known_port *best = NULL;
	if (t->protocol_lo != t->protocol_hi || t->sport.lo != 0 || t->sport.hi != 65535)
		return STR("");
	/* of services that share a port, the shortest word is the general one: "http", "smb" */
	for (size_t i = 0; i < o->n_ports; i++) {
		const struct known_port *p = &o->ports[i];
		if (p->protocol == t->protocol_lo && p->ports.lo == t->port.lo && p->ports.hi == t->port.hi &&
		    (!best || p->service.n < best->service.n))
			best = p;
	}
	return best ? best->service : STR("");
}
