/* SPDX-License-Identifier: Apache-2.0 */
/* Checks on Windows itself: RPC, what domain members need, what is obsolete. */
#include "lint/checks.h"
#include "lint/common.h"

/* Flows by hand that open one half of RPC */

static bool opens(const struct hand_rule *h, struct port_range r)
{
	if (h->protocol && h->protocol != PROTO_TCP)
		return false;
	if (!h->ports.n)
		return true;
	for (size_t i = 0; i < h->ports.n; i++)
		if (h->ports.v[i].lo <= r.lo && r.hi <= h->ports.v[i].hi)
			return true;
	return false;
}

static bool opens_some_of(const struct hand_rule *h, struct port_range r)
{
	for (size_t i = 0; i < h->ports.n; i++)
		if (h->ports.v[i].lo <= r.hi && r.lo <= h->ports.v[i].hi)
			return true;
	return !h->ports.n;
}

/* The dynamic range, or a static RPC port, of the destination of a row. */
static bool opens_what_is_handed_out(struct linting *l, const struct hand_rule *h, const struct endpoint_set *to)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *host = &e->hosts[i];
		bool meant = to->host >= 0 ? (size_t)to->host == i : addrset_overlaps(to->addresses, host->addresses);
		if (!meant)
			continue;
		if (opens_some_of(h, host_dynamic_range(e, host, PROTO_TCP)))
			return true;
		for (size_t j = 0; j < host->rpc.n; j++)
			if (opens_some_of(h, host->rpc.v[j].ports))
				return true;
	}
	return false;
}

/* Another row with the same endpoints opens it. */
static bool another_opens(struct linting *l, const struct hand_rule *h, const struct endpoint_set *to)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_allow; i++) {
		const struct hand_rule *other = &e->allow[i];
		bool same = other != h && (!other->protocol || other->protocol == PROTO_TCP);
		bool to_it = false;
		for (size_t j = 0; j < other->n_to; j++)
			to_it |= str_eq(other->to[j].text.s, to->text.s);
		if (same && to_it && opens_what_is_handed_out(l, other, to))
			return true;
	}
	return false;
}

static void mapper_without_range(struct linting *l)
{
	const struct estate *e = l->estate;
	struct port_range mapper;
	if (!lint_default_ports(l, "rpc-epm", &mapper))
		return;
	for (size_t i = 0; i < e->n_allow; i++) {
		const struct hand_rule *h = &e->allow[i];
		if (!h->ports.n || !opens(h, mapper))
			continue;
		for (size_t j = 0; j < h->n_to; j++) {
			if (opens_what_is_handed_out(l, h, &h->to[j]) || another_opens(l, h, &h->to[j]))
				continue;
			struct finding *f = lint_report(
				l, &check_mapper_without_range, NULL, h->at,
				"this opens the RPC endpoint mapper of \"%.*s\", but no port that it assigns",
				STR_ARG(h->to[j].text.s));
			lint_way_out(l, f,
				     "also open the host's dynamic range, or set a static port for its service (rpc:) "
				     "and open that");
		}
	}
}

CHECK(mapper_without_range, "mapper-without-range", LEVEL_WARNING, "adcs-firewall-rules", "Comments", 122, "15 16",
      "A flow by hand opens the RPC endpoint mapper, but neither the dynamic range nor a static port: the service "
      "behind "
      "the mapper cannot be reached.");

/* Documents that omit what every domain member needs */

static bool is_about(const struct document *d, const char *id)
{
	return str_starts(d->id, id);
}

static void domain_services_left_out(struct linting *l)
{
	const struct estate *e = l->estate;
	bool configmgr = false, directory = false, joined = false;
	for (size_t i = 0; i < e->catalogue->n_documents; i++) {
		const struct document *d = &e->catalogue->documents[i];
		if (!e->documents[i])
			continue;
		configmgr |= is_about(d, "configmgr");
		directory |= is_about(d, "windows-service-overview") || is_about(d, "ad-d");
	}
	for (size_t i = 0; i < e->n_hosts; i++)
		joined |= lint_has_role(l, &e->hosts[i], "domain-member") && e->hosts[i].joined.n == JOINED_DOMAIN;
	if (!configmgr || directory || !joined || !e->documents_said.n)
		return;
	struct finding *f = lint_report(l, &check_domain_services_left_out, NULL, e->documents_said.v[0].at,
					"these documents omit what domain members need of their domain controllers");
	lint_way_out(l, f, "add windows-service-overview and ad-ds-port-requirements to catalogue:");
}

CHECK(domain_services_left_out, "domain-services-left-out", LEVEL_WARNING, "configmgr-2012", "Introduction", 16,
      "3 84 85",
      "The estate names Configuration Manager's document and none on Active Directory, although hosts are joined to a "
      "domain: the plan lacks Kerberos, Group Policy and the like.");

/* Computer Browser */

static void computer_browser_not_needed(struct linting *l)
{
	const struct estate *e = l->estate;
	int vista = catalogue_system(e->catalogue, STR("windows-vista"));
	if (vista < 0)
		return;
	for (size_t i = 0; i < e->n_hosts; i++)
		if (e->hosts[i].system != NO_SYSTEM &&
		    catalogue_older_than(e->catalogue, e->hosts[i].system, (system_id)vista))
			return;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		if (!lint_has_role(l, h, "computer-browser"))
			continue;
		struct finding *f =
			lint_report(l, &check_computer_browser_not_needed, h, h->at,
				    "no host is older than Vista, so no host needs the Computer Browser on \"%.*s\"",
				    STR_ARG(h->name.s));
		lint_way_out(l, f, "remove the role; browsing by NetBIOS names ends with it");
	}
}

CHECK(computer_browser_not_needed, "computer-browser-not-needed", LEVEL_NOTE, "windows-service-overview",
      "Computer Browser", 35, "93", "A host has the role computer-browser although every host runs Vista or later.");

/* Rows by hand that have expired */

static void look_for_expired(struct linting *l, const struct hand_rule *rows, size_t n, const char *what)
{
	for (size_t i = 0; i < n; i++) {
		const struct hand_rule *h = &rows[i];
		if (!h->until.s.n || str_cmp(h->until.s, l->today) >= 0)
			continue;
		struct finding *f = lint_report(l, &check_allow_expired, NULL, h->until.at, "%s expired on %.*s", what,
						STR_ARG(h->until.s));
		lint_way_out(l, f, "ask %.*s whether it is still needed, and remove it or set a new date",
			     STR_ARG(h->owner.s));
	}
}

static void allow_expired(struct linting *l)
{
	const struct estate *e = l->estate;
	if (!l->today.n)
		return;
	look_for_expired(l, e->allow, e->n_allow, "this flow");
	look_for_expired(l, e->decline, e->n_decline, "this declination");
	look_for_expired(l, e->tolerate, e->n_tolerate, "this toleration");
}

CHECK(allow_expired, "allow-expired", LEVEL_WARNING, "configmgr-2012", "Introduction", 6, "4",
      "A row of allow:, decline: or tolerate: has expired on the day given with --on.");
