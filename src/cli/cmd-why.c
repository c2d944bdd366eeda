/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan why: every flow between two places, or by its id, and each reason for it.
 */
#include "base/vec.h"
#include "cli/why-flows.h"
#include "cli/why-id.h"
#include "cli/why-rules.h"
#include "doc/json.h"

/* What FROM or TO may mean: endpoints of the plan. */
struct party {
	const char *text;
	bool *ends; /* by index */
	size_t n;
};

/* PORT: "443", "tcp/443", "udp/1000-2000", "icmp", or a service. */
struct port_question {
	bool asked;
	unsigned protocol;       /* 0: any */
	struct port_range ports; /* lo 0: any */
	int service;             /* -1: any */
};

struct answer {
	struct invocation *call;
	const struct plan *plan;
	const struct endpoint *ends;
	size_t n_ends;
	struct party from, to;
	struct port_question port;
	VEC(struct flow) found;
	VEC(struct flow) near; /* flows that are close to the question */
};

enum { MOST_NEAR = 6 };

static bool holds_range(const struct endpoint *e, const struct addr_range *r)
{
	return addrset_within((struct addrset){ r, 1 }, e->addresses);
}

static bool in_a_zone(const struct estate *e, const struct addr_range *r)
{
	for (size_t i = 0; i < e->n_zones; i++)
		if (addrset_within((struct addrset){ r, 1 }, e->zones[i].addresses))
			return true;
	return false;
}

static void find_party(struct answer *a, const char *text, struct party *ret)
{
	const struct estate *e = plan_estate(a->plan);
	struct addr_range r;
	int zone = estate_zone(e, str_of(text));
	bool address = addr_range_parse(str_of(text), &r) == RANGE_OK;

	*ret = (struct party){ .text = text, .ends = ARENA_ARRAY(a->call->arena, bool, a->n_ends) };
	for (size_t i = 0; i < a->n_ends; i++) {
		const struct endpoint *end = &a->ends[i];
		if (str_is(end->name, text) || (zone >= 0 && end->zone == zone) || (address && holds_range(end, &r))) {
			ret->ends[i] = true;
			ret->n++;
		}
	}
	if (ret->n || zone >= 0)
		return;
	/* rules decide about every address, whether a host has it or not */
	if (address && option_given(a->call, "in") && in_a_zone(e, &r))
		return;
	if (address) {
		diag_error(a->call->diag, NOWHERE, "no %s of the estate has the address %s",
			   option_given(a->call, "in") ? "zone" : "host", text);
		return;
	}
	VEC(struct str) words = { 0 };
	for (size_t i = 0; i < a->n_ends; i++)
		*VEC_ADD(a->call->arena, &words) = a->ends[i].name;
	for (size_t i = 0; i < e->n_zones; i++)
		*VEC_ADD(a->call->arena, &words) = e->zones[i].name.s;
	diag_error(a->call->diag, NOWHERE, "there is no host, address or zone \"%s\"", text);
	diag_suggest(a->call->diag, str_of(text), words.v, words.n);
}

static void read_port(struct answer *a, struct str s)
{
	const struct catalogue *c = plan_estate(a->plan)->catalogue;
	struct str rest = s, head;
	a->port = (struct port_question){ .asked = true, .service = -1 };
	size_t slash = str_find(s, '/');

	if (slash != SIZE_MAX) {
		str_cut(&rest, '/', &head);
		if (!protocol_parse(head, &a->port.protocol)) {
			diag_error(a->call->diag, NOWHERE, "\"%.*s\" is not a protocol", STR_ARG(head));
			return;
		}
		if (!protocol_has_ports(a->port.protocol)) {
			diag_error(a->call->diag, NOWHERE, "%.*s has no ports; ask for %.*s", STR_ARG(head),
				   STR_ARG(head));
			return;
		}
	} else if ((s.p[0] < '0' || s.p[0] > '9') && protocol_parse(s, &a->port.protocol)) {
		return;
	} else if ((a->port.service = catalogue_service_called(c, s)) >= 0) {
		return;
	}
	enum port_parse p = port_range_parse(rest, &a->port.ports);
	if (p != PORT_OK) {
		struct strs words = catalogue_service_names(a->call->arena, c);
		diag_error(a->call->diag, NOWHERE, "\"%.*s\" is neither a port (443, tcp/443) nor a service",
			   STR_ARG(s));
		diag_suggest(a->call->diag, s, words.v, words.n);
	}
}

static bool port_matches(const struct port_question *q, const struct bundle_item *it)
{
	if (q->protocol && q->protocol != it->protocol)
		return false;
	if (q->ports.lo && !(it->has_ports && it->ports.lo <= q->ports.lo && q->ports.hi <= it->ports.hi))
		return false;
	if (q->service < 0)
		return true;
	for (size_t i = 0; i < it->n_reasons; i++)
		if (it->reasons[i].need && it->reasons[i].need->service == q->service)
			return true;
	return false;
}

static void take_flow(void *ctx, const struct flow *f)
{
	struct answer *a = ctx;
	bool from = a->from.ends[f->from - a->ends], to = a->to.ends[f->to - a->ends];
	bool port = !a->port.asked || port_matches(&a->port, f->item);
	if (from && to && port)
		*VEC_ADD(a->call->arena, &a->found) = *f;
	else if ((from && to) || ((from || to) && port && a->near.n < MOST_NEAR))
		*VEC_ADD(a->call->arena, &a->near) = *f;
}

static void write_text(void *ctx, struct out *o)
{
	struct answer *a = ctx;
	struct invocation *call = a->call;

	why_put_flows(call, o, plan_estate(a->plan), a->found.v, a->found.n);
	if (a->found.n)
		return;
	out_printf(o, "no flow goes from %s to %s", a->from.text, a->to.text);
	if (a->port.asked)
		out_printf(o, " on %s", call->operands[call->n_operands - 1]);
	out_char(o, '\n');
	if (!a->near.n)
		return;
	out_text(o, "nearest flows:\n");
	for (size_t i = 0; i < a->near.n && i < MOST_NEAR; i++) {
		const struct flow *f = &a->near.v[i];
		out_printf(o, "  %.*s -> %.*s  %.*s\n", STR_ARG(f->from->name), STR_ARG(f->to->name),
			   STR_ARG(why_ports_text(call->arena, f->item)));
	}
	if (a->near.n > MOST_NEAR)
		out_text(o, "  and more\n");
}

static void write_json(void *ctx, struct out *o)
{
	struct answer *a = ctx;
	const struct estate *e = plan_estate(a->plan);
	struct json j = json_to(o);

	json_object(&j);
	json_put_text(&j, "format", "portolan.why/1");
	json_put_str(&j, "estate", e->name.s);
	json_put_bool(&j, "needed", a->found.n > 0);
	why_json_flows(&j, e, a->found.v, a->found.n);
	json_end(&j);
	out_char(o, '\n');
}

/* The addresses of all endpoints that a place means. */
static struct addrset party_addresses(const struct answer *a, const struct party *p)
{
	struct addr_range r;
	struct addrset all = NO_ADDRS;
	if (addr_range_parse(str_of(p->text), &r) == RANGE_OK)
		return addrset_of(a->call->arena, &r, 1);
	for (size_t i = 0; i < a->n_ends; i++)
		if (p->ends[i])
			all = addrset_union(a->call->arena, all, a->ends[i].addresses);
	int zone = estate_zone(plan_estate(a->plan), str_of(p->text));
	return !all.n && zone >= 0 ? plan_estate(a->plan)->zones[zone].addresses : all;
}

static enum status ask_rules(struct answer *a, const char *port)
{
	struct asked_service service;
	if (!port) {
		diag_error(a->call->diag, NOWHERE, "a rule set decides one packet: add tcp/443, udp/53 or icmp");
		return STATUS_INPUT;
	}
	if (!asked_service_parse(a->call, str_of(port), &service))
		return STATUS_INPUT;
	const struct estate *e = plan_estate(a->plan);
	int host = estate_host(e, str_of(a->to.text));
	return why_rules(a->call, a->plan, party_addresses(a, &a->from), party_addresses(a, &a->to),
			 host >= 0 ? &e->hosts[host] : NULL, &service);
}

/* The estate's files come first. */
static size_t count_estates(const struct invocation *call)
{
	/* without --in, a dialect applies to the rules, which then come first */
	return option_given(call, "dialect") && !option_given(call, "in") ? 0 : count_estate_operands(call, 0);
}

static enum status run(struct invocation *call)
{
	struct answer a = { .call = call };
	size_t n_files = count_estates(call), n_words = call->n_operands - n_files;
	const char *const *words = call->operands + n_files;

	if (n_words < 1 || n_words > 3 + (n_files == 0)) {
		diag_error(call->diag, NOWHERE, "%s", n_words < 1 ? "an operand is missing" : "too many operands");
		diag_note(call->diag, NOWHERE, "usage: portolan why [options] %s", call->command->arguments);
		return STATUS_INPUT;
	}
	if (!n_files)
		return why_rules_alone(call);
	const struct estate *e = invocation_estate(call, n_files);
	struct plan_options options = { .as_documented = option_given(call, "as-documented") };
	a.plan = e ? plan_make(call->arena, e, &options, call->diag) : NULL;
	if (!a.plan)
		return STATUS_INPUT;
	if (n_words == 1)
		return why_id(call, a.plan, words[0]);
	a.ends = plan_endpoints(a.plan, &a.n_ends);
	find_party(&a, words[0], &a.from);
	find_party(&a, words[1], &a.to);
	if (n_words > 2 && !option_given(call, "in"))
		read_port(&a, str_of(words[2]));
	if (diag_errors(call->diag))
		return STATUS_INPUT;
	if (option_given(call, "in"))
		return ask_rules(&a, n_words > 2 ? words[2] : NULL);
	plan_each(a.plan, take_flow, &a);
	if (!invocation_write(call, write_text, write_json, &a))
		return STATUS_MACHINE;
	return a.found.n ? STATUS_WELL : STATUS_NO;
}

static const struct option_row options[] = {
	{ "in", 0, "RULES", NULL, "show which rule of this rule set decides the packet" },
	{ "at", 0, "FIREWALL", NULL,
	  "with --in: the firewall whose rules they are, if the path between the places does not determine it; "
	  "with an id: the only firewall to search" },
	{ "host", 0, "HOST", NULL, "the same for a host's own rules" },
	{ "side", 0, "SIDE", "in out", "of a host: what comes in or what goes out" },
	{ "dialect", 0, "NAME", NULL, "the language of the rules; guessed by default" },
	{ "part", 0, "NAME", NULL, "the chain, hook or access list that filters" },
	OPTION_FORMAT("text json"),
	OPTION_OUTPUT,
	OPTION_AS_DOCUMENTED,
	OPTION_CATALOGUE,
	OPTIONS_END,
};

const struct command command_why = {
	.name = "why",
	.summary = "show why one place must reach another, or which rule permits it",
	.arguments = "ESTATE.yaml... ID|FROM TO [PORT], or RULES FROM TO PORT",
	.about = "Shows every flow between two places, each with all of its reasons. FROM and TO are hosts, addresses "
		 "or "
		 "zones; PORT is 443, tcp/443, icmp or the name of a service. Status 1 when nothing needs it; then the "
		 "nearest flows are shown. ID is that of a flow (f-...) as plans, proofs and the comments of rules "
		 "show it, or "
		 "of an emitted rule (r-...): then the firewalls that have it and its content come first. With a rule "
		 "set in "
		 "place of the estate, or after --in, the rule that decides the packet is shown.",
	.options = options,
	.least = 2,
	.most = 100,
	.run = run,
};
