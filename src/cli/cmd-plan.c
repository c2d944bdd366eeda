/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan plan: the flows of an estate.
 */
#include "base/vec.h"
#include "cli/progress.h"
#include "cli/requests.h"
#include "cli/rules.h"
#include "report/plan/format.h"

/* The endpoints that --from or --to names: a host, or those of a zone.  False after an error. */
static bool choose_side(struct invocation *call, const struct plan *p, const char *name, const bool **ret)
{
	const char *said = option(call, name);
	const struct estate *e = plan_estate(p);
	size_t n;
	const struct endpoint *endpoints = plan_endpoints(p, &n);
	VEC(struct str) words = { 0 };
	bool any = false, *chosen = said ? ARENA_ARRAY(call->arena, bool, n) : NULL;
	*ret = chosen;
	int zone = said ? estate_zone(e, str_of(said)) : -1;
	for (size_t i = 0; i < n && said; i++) {
		chosen[i] = str_is(endpoints[i].name, said) || (zone >= 0 && endpoints[i].zone == zone);
		any |= chosen[i];
		*VEC_ADD(call->arena, &words) = endpoints[i].name;
	}
	for (size_t i = 0; i < e->n_zones; i++)
		*VEC_ADD(call->arena, &words) = e->zones[i].name.s;
	if (!said || any || zone >= 0)
		return true;
	diag_error(call->diag, NOWHERE, "the estate has no host or zone \"%s\"", said);
	diag_suggest(call->diag, str_of(said), words.v, words.n);
	return false;
}

static bool choose_zone(struct invocation *call, const struct estate *e, const bool **ret)
{
	const char *said = option(call, "zone");
	int zone = said ? estate_zone(e, str_of(said)) : -1;
	bool *zones = said ? ARENA_ARRAY(call->arena, bool, e->n_zones) : NULL;
	*ret = zones;
	if (zone >= 0)
		zones[zone] = true;
	if (!said || zone >= 0)
		return true;
	VEC(struct str) words = { 0 };
	for (size_t i = 0; i < e->n_zones; i++)
		*VEC_ADD(call->arena, &words) = e->zones[i].name.s;
	diag_error(call->diag, NOWHERE, "the estate has no zone \"%s\"", said);
	diag_suggest(call->diag, str_of(said), words.v, words.n);
	return false;
}

/* What --from, --to, --zone, --at and --service choose; *ret is NULL when none is given.  False after an error. */
static bool choose(struct invocation *call, const struct plan *p, const struct plan_choice **ret)
{
	const struct estate *e = plan_estate(p);
	struct plan_choice *c = ARENA_NEW(call->arena, struct plan_choice);
	*c = (struct plan_choice){ .firewall = -1, .service = -1 };
	*ret = NULL;
	if (!choose_side(call, p, "from", &c->from) || !choose_side(call, p, "to", &c->to) ||
	    !choose_zone(call, e, &c->zones))
		return false;
	c->service = option_named(call, e->catalogue, "service", "service", catalogue_service_called,
				  catalogue_service_names);
	struct place at;
	if (option(call, "at") && !firewall_named(call, p, option(call, "at"), &at))
		return false;
	if (option(call, "at"))
		c->firewall = at.firewall;
	if (c->from || c->to || c->zones || c->firewall >= 0 || c->service >= 0)
		*ret = c;
	return !diag_errors(call->diag);
}

/* What the option --against, which the format may have no use for, asks.  False after an error. */
static bool make_requests(struct invocation *call, const struct plan_format *format, struct plan_report *r)
{
	if (format->asks)
		return invocation_requests(call, r->plan, &r->requests, &r->n_requests);
	if (!option(call, "against") && !option(call, "dialect"))
		return true;
	return diag_error(call->diag, NOWHERE, "--against and --dialect are of the request to a firewall; use -f xlsx");
}

static enum status run(struct invocation *call)
{
	progress_begin(call);
	const struct plan_format *format = plan_format_find(option_format(call));
	const struct plan *plan = invocation_plan(call);
	const struct plan_choice *choice;
	struct file f;

	if (!plan || !choose(call, plan, &choice))
		return STATUS_INPUT;
	bool summed = option_given(call, "summary");
	if ((choice && format->whole) || (summed && strcmp(format->name, "text") != 0)) {
		diag_error(call->diag, NOWHERE, "%s is of the whole plan", format->title);
		return STATUS_INPUT;
	}
	if (format->binary && !option_given(call, "output") && call->width) {
		diag_error(call->diag, NOWHERE, "%s is not for a terminal; use -o FILE", format->title);
		return STATUS_INPUT;
	}
	struct plan_report r = {
		.plan = plan,
		.choice = choice,
		.advice = lint(call->arena, plan, STR("")),
		.width = call->width,
		.colour = call->colour_out && !option_given(call, "output"),
	};
	if (!make_requests(call, format, &r))
		return STATUS_INPUT;
	progress_end();
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	if (summed) {
		plan_report_summary(&f.out, &r);
	} else if (!format->write(&f.out, &r, call->diag)) {
		file_abandon(&f);
		return STATUS_INPUT;
	}
	file_commit(&f, call->diag);
	return r.advice.counts[LEVEL_ERROR] ? STATUS_NO : STATUS_WELL;
}

static const struct option_row options[] = {
	{ "from", 0, "NAME", NULL, "only flows that begin at this host, or in this zone" },
	{ "to", 0, "NAME", NULL, "only flows that go to this host, or into this zone" },
	{ "zone", 0, "ZONE", NULL, "only flows from or into this zone" },
	{ "at", 0, "FIREWALL", NULL, "only flows that cross this firewall" },
	{ "service", 's', "SERVICE", NULL, "only flows of this service" },
	{ "against", 0, "RULES", NULL,
	  "of the request to a firewall: only what these rules of it lack or need not have" },
	{ "dialect", 0, "NAME", NULL, "of --against: a dialect other than the estate's" },
	{ "summary", 0, NULL, NULL, "a line for each pair of zones, with the number of flows" },
	OPTION_FORMAT("text json csv xlsx markdown html sarif svg dot"),
	OPTION_OUTPUT,
	OPTION_AS_DOCUMENTED,
	OPTION_CATALOGUE,
	OPTIONS_END,
};

const struct command command_plan = {
	.name = "plan",
	.summary = "list every flow that an estate needs, with its reasons",
	.arguments = "ESTATE.yaml...",
	.about = "Computes the exact flows of an estate: from which host to which, on which protocol and ports, why, "
		 "which "
		 "document requires it, and which firewalls it crosses. Several files are merged, the later "
		 "over the earlier.",
	.options = options,
	.least = 1,
	.most = 100,
	.run = run,
};
