/* SPDX-License-Identifier: Apache-2.0 */
/* Checks on ports: which service listens where, and what may conflict with it. */
#include "lint/checks.h"
#include "lint/common.h"

static bool overlap(struct port_range left, struct port_range right)
{
	return left.lo <= right.hi && right.lo <= left.hi;
}

/* Ports that the estate fixes. */
static void check_static(struct linting *l, const struct host *h, const struct port_setting *s)
{
	struct port_range dynamic = host_dynamic_range(l->estate, h, PROTO_TCP);
	char port[PORT_TEXT], range[PORT_TEXT];

	if (!overlap(s->ports, dynamic))
		return;
	struct finding *f = lint_report(l, &check_static_port_in_dynamic_range, h, s->at,
					"port %s of \"%.*s\" lies in the dynamic range %s of \"%.*s\"",
					port_range_text(s->ports, port), STR_ARG(s->name.s),
					port_range_text(dynamic, range), STR_ARG(h->name.s));
	lint_way_out(l, f,
		     "reserve it: netsh int ipv4 add excludedportrange tcp startport=%u numberofports=%u; or move it "
		     "below %u",
		     s->ports.lo, s->ports.hi - s->ports.lo + 1u, dynamic.lo);
}

static void static_port_in_dynamic_range(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		for (size_t j = 0; j < h->ports.n; j++)
			check_static(l, h, &h->ports.v[j]);
		for (size_t j = 0; j < h->rpc.n; j++)
			check_static(l, h, &h->rpc.v[j]);
	}
}

CHECK(static_port_in_dynamic_range, "static-port-in-dynamic-range", LEVEL_WARNING, "cep-ces-custom-port", "Scenario",
      38, "23 24",
      "A port that the estate fixes lies in the dynamic range of its host, so Windows may assign it to another "
      "service first.");

/* Ports that the documents fix: one finding for each host, with all of them. */
static void look_at_listeners(struct linting *l, const struct host *h, size_t others)
{
	CLEANUP(out_free) struct out list = out_memory(65536);
	size_t n;
	struct listener *listeners = lint_listeners(l, h, &n);
	char port[PORT_TEXT], proto[PROTOCOL_TEXT];
	unsigned count = 0;

	if (h->system == NO_SYSTEM)
		return;
	for (size_t i = 0; i < n; i++) {
		if (listeners[i].setting ||
		    !overlap(listeners[i].ports, host_dynamic_range(l->estate, h, listeners[i].protocol)))
			continue;
		out_printf(&list, "%s%s %s (%.*s)", count++ ? ", " : "", protocol_text(listeners[i].protocol, proto),
			   port_range_text(listeners[i].ports, port), STR_ARG(listeners[i].service->id));
	}
	if (!count)
		return;
	struct finding *f = lint_report(
		l, &check_listener_in_dynamic_range, h, h->at, "%s of \"%.*s\"%s in the dynamic range of its system",
		cstr(l->arena, out_view(&list)), STR_ARG(h->name.s),
		str_printf(l->arena, "%s %s", lint_others(l, others), count == 1 ? "lies" : "lie").p);
	lint_way_out(l, f, "reserve %s on the host with excludedportrange, so that no other program gets %s first",
		     count == 1 ? "it" : "them", count == 1 ? "it" : "one");
}

static void listener_in_dynamic_range(struct linting *l)
{
	lint_each_kind(l, look_at_listeners);
}

CHECK(listener_in_dynamic_range, "listener-in-dynamic-range", LEVEL_NOTE, "cep-ces-custom-port", "Scenario", 38,
      "24 139 140 142",
      "A service listens on a fixed port that lies in the dynamic range of its host's system: AD FS on 49443, "
      "multicast on "
      "63000-64000, and on systems older than Vista 1433, 3268 and others.");

/* Two services of a host on one port */

static bool is_web(const struct service *s)
{
	return str_starts(s->application, "http") || str_starts(s->application, "wsus") ||
	       str_starts(s->application, "winrm") || str_is(s->application, "net-tcp");
}

/* One process serves both: the same application protocol. */
static bool is_one_listener(const struct listener *left, const struct listener *right)
{
	return str_eq(left->service->application, right->service->application) ||
	       (is_web(left->service) && is_web(right->service));
}

static void look_for_collisions(struct linting *l, const struct host *h, size_t others)
{
	size_t n;
	struct listener *listeners = lint_listeners(l, h, &n);
	char port[PORT_TEXT], proto[PROTOCOL_TEXT];

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			/* ports in the documents do not collide, so one of the two was moved */
			if (i == j || !listeners[i].setting || listeners[i].protocol != listeners[j].protocol ||
			    !overlap(listeners[i].ports, listeners[j].ports) ||
			    is_one_listener(&listeners[i], &listeners[j]) || (listeners[j].setting && j < i))
				continue;
			struct finding *f = lint_report(
				l, &check_two_listeners_on_one_port, h, listeners[i].setting->at,
				"%s %s of \"%.*s\" is already used by %.*s%s",
				protocol_text(listeners[i].protocol, proto), port_range_text(listeners[i].ports, port),
				STR_ARG(h->name.s), STR_ARG(listeners[j].service->id), lint_others(l, others));
			if (listeners[j].setting)
				lint_other(l, f, listeners[j].setting->at, "%.*s is set here",
					   STR_ARG(listeners[j].service->id));
			lint_way_out(l, f, "give %.*s a port of its own", STR_ARG(listeners[i].service->id));
		}
}

/* The service is the role's own RPC service: what moves its port, in some document, gives this role its static one. */
static bool is_own_service(const struct catalogue *c, const struct service *service, struct str role)
{
	for (size_t i = 0; i < c->n_needs; i++) {
		const struct need *n = &c->needs[i];
		for (size_t j = 0; j < n->settings.n && &c->services[n->service] == service; j++) {
			int setting = catalogue_setting(c, n->settings.v[j]);
			if (setting >= 0 && str_eq(c->settings[setting].pins, role))
				return true;
		}
	}
	return false;
}

/* Static ports of RPC services: each needs one that nothing else of the host has. */
static void look_for_rpc_collisions(struct linting *l, const struct host *h, size_t others)
{
	size_t n;
	struct listener *listeners = lint_listeners(l, h, &n);
	char port[PORT_TEXT];

	for (size_t i = 0; i < h->rpc.n; i++) {
		const struct port_setting *own = &h->rpc.v[i], *other = NULL;
		struct str user = { 0 };
		for (size_t j = 0; j < i && !other; j++)
			if (overlap(h->rpc.v[j].ports, own->ports))
				other = &h->rpc.v[j];
		for (size_t j = 0; j < n && !other && !user.n; j++)
			if (listeners[j].protocol == PROTO_TCP && overlap(listeners[j].ports, own->ports) &&
			    !is_own_service(l->estate->catalogue, listeners[j].service, own->name.s))
				user = listeners[j].service->id;
		if (!other && !user.n)
			continue;
		struct finding *f =
			lint_report(l, &check_two_listeners_on_one_port, h, own->at,
				    "tcp %s of \"%.*s\" is already used by %.*s%s", port_range_text(own->ports, port),
				    STR_ARG(h->name.s), STR_ARG(other ? other->name.s : user), lint_others(l, others));
		if (other)
			lint_other(l, f, other->at, "%.*s is set here", STR_ARG(other->name.s));
		lint_way_out(l, f, "give the RPC service of %.*s a port of its own", STR_ARG(own->name.s));
	}
}

static void two_listeners_on_one_port(struct linting *l)
{
	lint_each_kind(l, look_for_collisions);
	lint_each_kind(l, look_for_rpc_collisions);
}

CHECK(two_listeners_on_one_port, "two-listeners-on-one-port", LEVEL_ERROR, "windows-service-overview",
      "System services ports", 15, "7",
      "Two services of a host have the same port; only one process can listen on it.");

/* Roles of a host that listen on one web port: one HTTP listener must serve them all. */
static void look_for_shared_web(struct linting *l, const struct host *h, size_t others)
{
	const struct catalogue *c = l->estate->catalogue;
	struct port_range web;
	size_t n;
	struct listener *listeners = lint_listeners(l, h, &n);
	bool wsus = false, other = false;

	if (!lint_default_ports(l, "http", &web))
		return;
	for (size_t i = 0; i < n; i++) {
		if (listeners[i].protocol != PROTO_TCP || listeners[i].ports.lo != web.lo)
			continue;
		if (str_is(listeners[i].service->id, "wsus-http"))
			wsus = true;
		else
			other |= is_web(listeners[i].service);
	}
	if (!wsus || !other)
		return;
	const struct port_setting *s = host_port(h, lint_service(l, "wsus-http"));
	struct finding *f = lint_report(l, &check_shared_http_listener, h, s ? s->at : h->at,
					"WSUS shares the web port %u of \"%.*s\" with other roles%s", web.lo,
					STR_ARG(h->name.s), lint_others(l, others));
	int service = catalogue_service(c, STR("wsus-http"));
	lint_way_out(l, f, "one website must serve them all; use the custom website of WSUS (port %.*s) to avoid it",
		     STR_ARG(c->services[service].endpoints[c->services[service].n_endpoints - 1].ports));
}

static void shared_http_listener(struct linting *l)
{
	lint_each_kind(l, look_for_shared_web);
}

CHECK(shared_http_listener, "shared-http-listener", LEVEL_NOTE, "configmgr-2012", "Notes", 1089, "70 141",
      "WSUS uses the default website of a host, and other roles of the host do too; they share one HTTP listener.");
