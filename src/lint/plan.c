/* SPDX-License-Identifier: Apache-2.0 */
/* Checks on the plan as a whole: what it assumes. */
#include "lint/checks.h"
#include "lint/common.h"

static void no_way_between_zones(struct linting *l)
{
	const struct plan *p = l->plan;
	const struct estate *e = l->estate;
	size_t n_links, n_endpoints;
	const struct plan_link *links = plan_links(p, &n_links);
	const struct endpoint *endpoints = plan_endpoints(p, &n_endpoints);

	if (!e->n_firewalls)
		return; /* an estate without firewalls is planned, not filtered */
	bool *told = ARENA_ARRAY(l->arena, bool, e->n_zones * e->n_zones);
	for (size_t i = 0; i < n_links; i++) {
		uint16_t from = endpoints[plan_group(p, links[i].from).endpoints[0]].zone;
		uint16_t to = endpoints[plan_group(p, links[i].to).endpoints[0]].zone;
		if (from == to || from == NO_ZONE || to == NO_ZONE || plan_path(p, from, to).connected)
			continue;
		/* once for each pair, in either direction */
		size_t pair = (size_t)MIN(from, to) * e->n_zones + MAX(from, to);
		if (told[pair])
			continue;
		told[pair] = true;
		struct finding *f =
			lint_report(l, &check_no_way_between_zones, NULL, e->zones[from].name.at,
				    "no firewall connects the zones \"%.*s\" and \"%.*s\", but flows go between them",
				    STR_ARG(e->zones[from].name.s), STR_ARG(e->zones[to].name.s));
		lint_way_out(l, f, "list both zones at the firewall that connects them");
	}
}

const struct check check_no_way_between_zones = {
	.id = "no-way-between-zones",
	.level = LEVEL_WARNING,
	.about = "Flows go between two zones that no firewall of the estate connects.",
	.document = "configmgr-2012",
	.section = "Ports Used in Configuration Manager",
	.line = 6,
	.rules = "4 79",
	.run = no_way_between_zones,
};

static void decline_without_flow(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_decline; i++) {
		if (plan_row_declines(l->plan, &e->decline[i]))
			continue;
		struct finding *f = lint_report(l, &check_decline_without_flow, NULL, e->decline[i].at,
						"no document needs a flow that this row declines");
		lint_way_out(l, f, "remove the row; a flow is declined as a whole, with all of its ports");
	}
}

const struct check check_decline_without_flow = {
	.id = "decline-without-flow",
	.level = LEVEL_WARNING,
	.about = "A row of decline: takes nothing out of the plan.",
	.rules = "4",
	.run = decline_without_flow,
};

static void party_outside_not_placed(struct linting *l)
{
	const struct plan *p = l->plan;
	const struct estate *e = l->estate;
	size_t n_links, n_endpoints;
	const struct plan_link *links = plan_links(p, &n_links);
	const struct endpoint *endpoints = plan_endpoints(p, &n_endpoints);
	bool *told = ARENA_ARRAY(l->arena, bool, e->n_hosts);

	for (size_t i = 0; i < n_links; i++) {
		struct plan_group to = plan_group(p, links[i].to);
		for (size_t j = 0; j < to.n; j++) {
			const struct host *h = endpoints[to.endpoints[j]].host;
			if (!h || !h->implied || told[h - e->hosts])
				continue;
			told[h - e->hosts] = true;
			struct finding *f =
				lint_report(l, &check_party_outside_not_placed, h, e->name.at,
					    "\"%.*s\" is not placed, so the plan uses all of zone \"%.*s\"",
					    STR_ARG(h->name.s), STR_ARG(endpoints[to.endpoints[j]].zone_name));
			lint_way_out(
				l, f,
				"add a host with the role %.*s and its published address ranges to narrow the rules",
				STR_ARG(h->name.s));
		}
	}
}

const struct check check_party_outside_not_placed = {
	.id = "party-outside-not-placed",
	.level = LEVEL_NOTE,
	.about = "A need goes to an outside party that the estate does not place; the plan uses all of the zone as "
		 "its address.",
	.document = "hybrid-identity",
	.section = "Table 2 - Microsoft Entra Connect and Microsoft Entra ID",
	.line = 23,
	.rules = "105",
	.run = party_outside_not_placed,
};
