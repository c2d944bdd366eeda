/* SPDX-License-Identifier: Apache-2.0 */
/* Checks on Configuration Manager, WSUS and its databases. */
#include "lint/checks.h"
#include "lint/common.h"

/* WSUS: 443 belongs to 80, and one more to every other port. */
static void wsus_https_port(struct linting *l)
{
	const struct estate *e = l->estate;
	service_id http = lint_service(l, "wsus-http"), https = lint_service(l, "wsus-https");
	struct port_range web, secure;
	if (http == NO_SERVICE || https == NO_SERVICE || !lint_default_ports(l, "http", &web) ||
	    !lint_default_ports(l, "https", &secure))
		return;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		const struct port_setting *plain = host_port(h, http), *tls = host_port(h, https);
		if (!tls)
			continue;
		uint16_t base = plain                        ? plain->ports.lo
				: tls->ports.lo == secure.lo ? web.lo
							     : (uint16_t)(tls->ports.lo - 1);
		uint16_t wanted = base == web.lo ? secure.lo : (uint16_t)(base + 1);
		if (tls->ports.lo == wanted)
			continue;
		struct finding *f =
			lint_report(l, &check_wsus_https_port, h, tls->at, "WSUS on port %u has HTTPS on %u, not on %u",
				    base, wanted, tls->ports.lo);
		if (plain)
			lint_other(l, f, plain->at, "its HTTP port is set here");
		lint_way_out(l, f, "leave out wsus-https: the plan derives it from the HTTP port");
	}
}

CHECK(wsus_https_port, "wsus-https-port", LEVEL_ERROR, "configmgr-2012", "Notes", 1094, "71 72",
      "The HTTPS port of WSUS does not follow its HTTP port: 443 belongs to 80, and one more to any other.");

/* A site system that serves clients over TLS only cannot be a fallback status point. */
static void fallback_status_point_over_tls(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		if (!lint_has_role(l, h, "fallback-status-point") || h->tls.n != TLS_ONLY)
			continue;
		struct finding *f =
			lint_report(l, &check_fallback_status_point_over_tls, h, h->tls.at,
				    "a fallback status point uses HTTP only; with tls: only no client reaches it");
		lint_way_out(l, f, "give the role to a host that allows HTTP");
	}
}

CHECK(fallback_status_point_over_tls, "fallback-status-point-over-tls", LEVEL_ERROR, "configmgr-2012",
      "Client -- > Fallback Status Point", 280, "61",
      "A fallback status point has tls: only; it does not support HTTPS.");

static void remote_registry_off(struct linting *l)
{
	static const char *const roles[] = { "management-point",
					     "distribution-point",
					     "fallback-status-point",
					     "reporting-services-point",
					     "software-update-point",
					     "state-migration-point",
					     "system-health-validator-point" };
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		bool any = false;
		for (size_t j = 0; j < ARRAY_LEN(roles); j++)
			any |= lint_has_role(l, h, roles[j]);
		/* only when it is set to off; by default it is unknown */
		if (!any || !h->remote_registry.at.line || h->remote_registry.on)
			continue;
		struct finding *f = lint_report(
			l, &check_remote_registry_off, h, h->remote_registry.at,
			"the site server cannot install site system roles on \"%.*s\" without Remote Registry",
			STR_ARG(h->name.s));
		lint_way_out(l, f, "start the Remote Registry service there before you install the roles");
	}
}

CHECK(remote_registry_off, "remote-registry-off", LEVEL_WARNING, "configmgr-2012",
      "Installation Requirements for Site Systems", 1216, "49",
      "A site system does not run the Remote Registry service, which installing its roles needs.");

/* Databases */

static const struct port_setting *instance_port(const struct instance *i, service_id service)
{
	for (size_t j = 0; j < i->ports.n; j++)
		if (i->ports.v[j].index == service)
			return &i->ports.v[j];
	return NULL;
}

static void sql_dynamic_port(struct linting *l)
{
	const struct estate *e = l->estate;
	service_id sql = lint_service(l, "mssql");
	for (size_t i = 0; i < e->n_hosts && sql != NO_SERVICE; i++) {
		const struct instance *instances = e->hosts[i].instances.v;
		for (size_t j = 0; j < e->hosts[i].instances.n; j++) {
			if (instance_port(&instances[j], sql))
				continue;
			struct finding *f = lint_report(
				l, &check_sql_dynamic_port, &e->hosts[i], instances[j].at,
				"the instance \"%.*s\" has no port of its own, so SQL Server uses a dynamic port",
				STR_ARG(instances[j].name.s));
			lint_way_out(l, f, "set a static port in SQL Server and write it under ports: { mssql: N }");
		}
	}
}

CHECK(sql_dynamic_port, "sql-dynamic-port", LEVEL_ERROR, "configmgr-2012", "Ports Used by Connections to SQL Server",
      1160, "75", "A named instance has no static port; Configuration Manager does not support dynamic ones.");

static void instances_share_ports(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct instance *instances = e->hosts[i].instances.v;
		size_t n = e->hosts[i].instances.n;
		for (size_t one = 0; one < n; one++)
			for (size_t other = one + 1; other < n; other++)
				for (size_t a = 0; a < instances[one].ports.n; a++)
					for (size_t b = 0; b < instances[other].ports.n; b++) {
						const struct port_setting *p = &instances[one].ports.v[a];
						const struct port_setting *q = &instances[other].ports.v[b];
						if (p->ports.lo > q->ports.hi || q->ports.lo > p->ports.hi)
							continue;
						struct finding *f = lint_report(
							l, &check_instances_share_ports, &e->hosts[i], q->at,
							"the instances \"%.*s\" and \"%.*s\" both have port %u",
							STR_ARG(instances[one].name.s),
							STR_ARG(instances[other].name.s), q->ports.lo);
						lint_other(l, f, p->at, "\"%.*s\" has it here",
							   STR_ARG(instances[one].name.s));
						lint_way_out(l, f, "each instance needs its own ports");
					}
	}
}

CHECK(instances_share_ports, "instances-share-ports", LEVEL_ERROR, "configmgr-2012",
      "Ports Used by Connections to SQL Server", 1174, "77", "Two database instances of a host have the same port.");

/* The document lets a role of the host open this service of SQL Server. */
static bool is_database_client(struct linting *l, const struct host *h, service_id sql)
{
	const struct catalogue *c = l->estate->catalogue;
	for (size_t i = 0; i < c->n_needs; i++) {
		const struct need *n = &c->needs[i];
		if (n->service != sql || n->from == ROLE_ANY)
			continue;
		if (host_has_role(h, n->from))
			return true;
		for (size_t j = 0; j < n->from_members.n; j++)
			if (host_has_role(h, n->from_members.v[j]))
				return true;
	}
	return false;
}

static bool is_of_configmgr(struct linting *l, const struct host *h)
{
	const struct catalogue *c = l->estate->catalogue;
	for (size_t i = 0; i < h->roles.n; i++)
		if (str_is(c->roles[h->roles.v[i]].product, "Configuration Manager"))
			return true;
	return false;
}

static bool goes_to_database(struct linting *l, const struct hand_rule *h, service_id sql)
{
	const struct estate *e = l->estate;
	for (size_t j = 0; j < h->n_to; j++) {
		const struct host *to = h->to[j].host >= 0 ? &e->hosts[h->to[j].host] : NULL;
		if (!to || !lint_has_role(l, to, "sql-server") || (h->protocol && h->protocol != PROTO_TCP))
			continue;
		const struct port_setting *set = host_port(to, sql);
		struct port_range port = set ? set->ports : lint_port(l, to, "mssql");
		for (size_t i = 0; i < h->ports.n; i++)
			if (h->ports.v[i].lo <= port.lo && port.lo <= h->ports.v[i].hi)
				return true;
	}
	return false;
}

static void not_a_database_client(struct linting *l)
{
	const struct estate *e = l->estate;
	service_id sql = lint_service(l, "mssql");
	for (size_t i = 0; i < e->n_allow && sql != NO_SERVICE; i++) {
		const struct hand_rule *h = &e->allow[i];
		if (!goes_to_database(l, h, sql))
			continue;
		for (size_t j = 0; j < h->n_from; j++) {
			const struct host *from = h->from[j].host >= 0 ? &e->hosts[h->from[j].host] : NULL;
			if (!from || !is_of_configmgr(l, from) || is_database_client(l, from, sql))
				continue;
			struct finding *f =
				lint_report(l, &check_not_a_database_client, from, h->at,
					    "no role of \"%.*s\" connects to the database", STR_ARG(from->name.s));
			lint_way_out(l, f, "remove the row; if something else on the host needs it, state it in why:");
		}
	}
}

CHECK(not_a_database_client, "not-a-database-client", LEVEL_WARNING, "configmgr-2012",
      "Ports Used by Connections to SQL Server", 1165, "76",
      "A flow by hand opens the database to a site system that the document does not list as its client.");

/* TFTP replies from a port of its choice, which a filter of fixed ports does not permit. */

static bool crosses_firewall(const struct plan *p, const struct plan_link *link, const struct endpoint *endpoints)
{
	uint16_t from = endpoints[plan_group(p, link->from).endpoints[0]].zone;
	uint16_t to = endpoints[plan_group(p, link->to).endpoints[0]].zone;
	return from != to && from != NO_ZONE && to != NO_ZONE && plan_path(p, from, to).n > 0;
}

static bool asks_for_tftp(const struct bundle *b, service_id tftp)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->items[i].service == tftp)
			return true;
	return false;
}

static void tftp_answers_blocked(struct linting *l)
{
	const struct plan *p = l->plan;
	service_id tftp = lint_service(l, "tftp");
	size_t n, n_endpoints;
	const struct plan_link *links = plan_links(p, &n);
	const struct endpoint *endpoints = plan_endpoints(p, &n_endpoints);
	bool *told = ARENA_ARRAY(l->arena, bool, n_endpoints);

	for (size_t i = 0; i < n && tftp != NO_SERVICE; i++) {
		uint32_t server = plan_group(p, links[i].to).endpoints[0];
		const struct host *h = endpoints[server].host;
		struct port_range port = h ? lint_port(l, h, "tftp") : (struct port_range){ 0, 0 };
		if (!h || told[server] || !asks_for_tftp(links[i].bundle, tftp) ||
		    !crosses_firewall(p, &links[i], endpoints) || h->tftp_reply_port.n == port.lo)
			continue;
		told[server] = true;
		struct finding *f =
			lint_report(l, &check_tftp_answers_blocked, h, h->at,
				    "the TFTP server of \"%.*s\" replies from a dynamic port, across a firewall",
				    STR_ARG(h->name.s));
		lint_way_out(l, f,
			     "let it reply from port %u (tftp-reply-port: %u), or use a firewall that inspects TFTP",
			     port.lo, port.lo);
	}
}

CHECK(tftp_answers_blocked, "tftp-answers-blocked", LEVEL_WARNING, "configmgr-2012", "Notes", 1109, "66 67 68",
      "TFTP is used across a firewall and the server replies from a dynamic port: opening UDP 69 permits requests and "
      "no "
      "replies.");

/* Dynamic RPC towards site systems across a firewall */

static bool has_wide_range(const struct bundle *b, service_id rpc, struct port_range dynamic)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->items[i].service == rpc && b->items[i].ports.lo == dynamic.lo &&
		    b->items[i].ports.hi == dynamic.hi)
			return true;
	return false;
}

static void site_system_full_range(struct linting *l)
{
	const struct plan *p = l->plan;
	const struct estate *e = l->estate;
	service_id rpc = lint_service(l, "rpc-dynamic");
	size_t n, n_endpoints;
	const struct plan_link *links = plan_links(p, &n);
	const struct endpoint *endpoints = plan_endpoints(p, &n_endpoints);
	bool *told = ARENA_ARRAY(l->arena, bool, n_endpoints);

	for (size_t i = 0; i < n && rpc != NO_SERVICE; i++) {
		uint32_t from = plan_group(p, links[i].from).endpoints[0], to = plan_group(p, links[i].to).endpoints[0];
		const struct host *h = endpoints[to].host, *asks = endpoints[from].host;
		if (!h || !asks || told[to] || !lint_has_role(l, asks, "site-server") || !is_of_configmgr(l, h) ||
		    lint_has_role(l, h, "site-server") || h->rpc_range.range.lo ||
		    !crosses_firewall(p, &links[i], endpoints) ||
		    !has_wide_range(links[i].bundle, rpc, host_dynamic_range(e, h, PROTO_TCP)))
			continue;
		told[to] = true;
		struct finding *f =
			lint_report(l, &check_site_system_full_range, h, h->at,
				    "the site server needs the whole dynamic range of \"%.*s\" across a firewall",
				    STR_ARG(h->name.s));
		lint_way_out(l, f,
			     "narrow it on the site system (rpccfg.exe) and set rpc-range:; use IPsec between the two");
	}
}

CHECK(site_system_full_range, "site-system-full-range", LEVEL_NOTE, "configmgr-2012", "RPC Dynamic Ports", 1207,
      "19 17",
      "A site server reaches a site system across a firewall on the whole dynamic range, which can be narrowed.");
