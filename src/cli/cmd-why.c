/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan why: every flow between two places, and each reason for it.
 */
#include "base/vec.h"
#include "cli/why-rules.h"
#include "doc/json.h"
#include "report/columns.h"
#include "report/plan-format.h"

/* What a person may mean by FROM or TO: ends of the plan. */
struct place {
	const char *text;
	bool *ends;	/* by index */
	size_t n;
};

/* PORT: "443", "tcp/443", "udp/1000-2000", "icmp", or a service. */
struct port_question {
	bool asked;
	unsigned protocol;	/* 0: any */
	struct port_range ports;	/* lo 0: any */
	int service;		/* -1: any */
};

struct answer {
	struct invocation *v;
	const struct plan *plan;
	const struct end *ends;
	size_t n_ends;
	struct place from, to;
	struct port_question port;
	VEC(struct flow) found;
	VEC(struct flow) near;	/* not the answer, but close to the question */
};

enum { MOST_NEAR = 6 };

static bool holds_range(const struct end *e, const struct addr_range *r)
{
	return addrset_within((struct addrset){ r, 1 }, e->addresses);
}

static void find_place(struct answer *a, const char *text, struct place *ret)
{
	const struct estate *e = plan_estate(a->plan);
	struct addr_range r;
	int zone = estate_zone(e, str_of(text));
	bool address = addr_range_parse(str_of(text), &r) == RANGE_OK;

	*ret = (struct place){ .text = text, .ends = ARENA_ARRAY(a->v->arena, bool, a->n_ends) };
	for (size_t i = 0; i < a->n_ends; i++) {
		const struct end *end = &a->ends[i];
		if (str_is(end->name, text) || (zone >= 0 && end->zone == zone) || (address && holds_range(end, &r))) {
			ret->ends[i] = true;
			ret->n++;
		}
	}
	if (ret->n || zone >= 0)
		return;
	if (address) {
		diag_error(a->v->diag, NOWHERE, "no host of the estate has the address %s", text);
		return;
	}
	VEC(struct str) words = { 0 };
	for (size_t i = 0; i < a->n_ends; i++)
		*VEC_ADD(a->v->arena, &words) = a->ends[i].name;
	for (size_t i = 0; i < e->n_zones; i++)
		*VEC_ADD(a->v->arena, &words) = e->zones[i].name.s;
	diag_error(a->v->diag, NOWHERE, "there is no host, address or zone \"%s\"", text);
	diag_suggest(a->v->diag, str_of(text), words.v, words.n);
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
			diag_error(a->v->diag, NOWHERE, "\"%.*s\" is no protocol", STR_ARG(head));
			return;
		}
	} else if ((s.p[0] < '0' || s.p[0] > '9') && protocol_parse(s, &a->port.protocol)) {
		return;
	} else if ((a->port.service = catalogue_service(c, s)) >= 0) {
		return;
	}
	enum port_parse p = port_range_parse(rest, &a->port.ports);
	if (p != PORT_OK) {
		struct strs words = catalogue_service_words(a->v->arena, c);
		diag_error(a->v->diag, NOWHERE, "\"%.*s\" is no port (443, tcp/443) and no service", STR_ARG(s));
		diag_suggest(a->v->diag, s, words.v, words.n);
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
		*VEC_ADD(a->v->arena, &a->found) = *f;
	else if ((from && to) || ((from || to) && port && a->near.n < MOST_NEAR))
		*VEC_ADD(a->v->arena, &a->near) = *f;
}

static struct str ports_text(struct arena *a, const struct bundle_item *it)
{
	char text[PORT_TEXT], proto[PROTOCOL_TEXT];
	return str_printf(a, "%s%s%s", protocol_text(it->protocol, proto), it->has_ports ? " " : "",
			  it->has_ports ? port_range_text(it->ports, text) : "");
}

static void put_reason(struct invocation *v, struct out *o, const struct catalogue *c, const struct reason *r)
{
	struct arena *a = v->arena;
	if (r->hand) {
		put_wrapped(o, str_printf(a, "- %.*s (by hand; %.*s)", STR_ARG(r->hand->why.s), STR_ARG(r->hand->owner.s)),
			    6, v->width);
		return;
	}
	const struct need *n = r->need;
	put_wrapped(o, str_printf(a, "- %.*s", STR_ARG(n->why)), 6, v->width);
	struct str line = n->line ? str_printf(a, ", line %u", n->line) : STR("");
	put_style(o, v->colour_out, STYLE_DIM);
	put_wrapped(o,
		    str_printf(a, "%.*s %s %.*s; %.*s, \"%.*s\"%.*s%s", STR_ARG(c->roles[r->from_role].id), "->",
			       STR_ARG(c->roles[r->to_role].id), STR_ARG(n->document->title), STR_ARG(n->section),
			       STR_ARG(line), n->erratum ? " (erratum)" : ""),
		    8, v->width);
	if (n->uncertain.n)
		put_wrapped(o, str_printf(a, "uncertain: %.*s", STR_ARG(n->uncertain)), 8, v->width);
	put_style(o, v->colour_out, STYLE_PLAIN);
}

static void put_pair(struct out *o, bool colour, const struct estate *e, const struct flow *f)
{
	put_styled(o, colour, STYLE_BOLD, f->from->name);
	out_printf(o, " (%.*s) -> ", STR_ARG(f->from->zone_name));
	put_styled(o, colour, STYLE_BOLD, f->to->name);
	out_printf(o, " (%.*s)", STR_ARG(f->to->zone_name));
	for (size_t i = 0; i < f->n_crosses; i++)
		out_printf(o, "%s%.*s", i ? ", " : ", by ", STR_ARG(e->firewalls[f->crosses[i]].name.s));
	out_char(o, '\n');
}

static void write_text(struct answer *a, struct out *o)
{
	struct invocation *v = a->v;
	const struct estate *e = plan_estate(a->plan);
	const struct flow *last = NULL;

	for (size_t i = 0; i < a->found.n; i++) {
		const struct flow *f = &a->found.v[i];
		if (!last || last->from != f->from || last->to != f->to) {
			if (last)
				out_char(o, '\n');
			put_pair(o, v->colour_out, e, f);
		}
		last = f;
		out_text(o, "  ");
		put_styled(o, v->colour_out, STYLE_CYAN, ports_text(v->arena, f->item));
		out_printf(o, "  %.*s\n", f->item->service == NO_SERVICE ? 0 : (int)e->catalogue->services[f->item->service].id.n,
			   f->item->service == NO_SERVICE ? "" : e->catalogue->services[f->item->service].id.p);
		for (size_t k = 0; k < f->item->n_reasons; k++)
			put_reason(v, o, e->catalogue, &f->item->reasons[k]);
	}
	if (a->found.n)
		return;
	out_printf(o, "no need says so: nothing goes from %s to %s", a->from.text, a->to.text);
	if (a->port.asked)
		out_printf(o, " on %s", v->operands[v->n_operands - 1]);
	out_char(o, '\n');
	if (!a->near.n)
		return;
	out_text(o, "nearest are:\n");
	for (size_t i = 0; i < a->near.n && i < MOST_NEAR; i++) {
		const struct flow *f = &a->near.v[i];
		out_printf(o, "  %.*s -> %.*s  %.*s\n", STR_ARG(f->from->name), STR_ARG(f->to->name),
			   STR_ARG(ports_text(v->arena, f->item)));
	}
	if (a->near.n > MOST_NEAR)
		out_text(o, "  and more\n");
}

static void write_json(struct answer *a, struct out *o)
{
	const struct estate *e = plan_estate(a->plan);
	struct json j = json_to(o);
	char id[FLOW_ID], text[PORT_TEXT], proto[PROTOCOL_TEXT];

	json_object(&j);
	json_put_text(&j, "format", "portolan.why/1");
	json_put_str(&j, "estate", e->name.s);
	json_put_bool(&j, "needed", a->found.n > 0);
	json_key(&j, "flows");
	json_list_lines(&j);
	for (size_t i = 0; i < a->found.n; i++) {
		const struct flow *f = &a->found.v[i];
		json_object(&j);
		json_put_text(&j, "id", flow_id(f, id));
		json_put_str(&j, "from", f->from->name);
		json_put_str(&j, "to", f->to->name);
		json_put_text(&j, "protocol", protocol_text(f->item->protocol, proto));
		json_put_text(&j, "ports", f->item->has_ports ? port_range_text(f->item->ports, text) : "-");
		json_key(&j, "reasons");
		json_list(&j);
		for (size_t k = 0; k < f->item->n_reasons; k++)
			reason_json(&j, e->catalogue, &f->item->reasons[k]);
		json_end(&j);
		json_key(&j, "crosses");
		json_list(&j);
		for (size_t k = 0; k < f->n_crosses; k++)
			json_str(&j, e->firewalls[f->crosses[k]].name.s);
		json_end(&j);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	out_char(o, '\n');
}

/* The addresses of all ends that a place means. */
static struct addrset place_addresses(const struct answer *a, const struct place *p)
{
	struct addr_range r;
	struct addrset all = NO_ADDRS;
	if (addr_range_parse(str_of(p->text), &r) == RANGE_OK)
		return addrset_of(a->v->arena, &r, 1);
	for (size_t i = 0; i < a->n_ends; i++)
		if (p->ends[i])
			all = addrset_union(a->v->arena, all, a->ends[i].addresses);
	return all;
}

static enum status ask_rules(struct answer *a)
{
	if (!a->port.asked || (!a->port.ports.lo && !protocol_is_icmp(a->port.protocol))) {
		diag_error(a->v->diag, NOWHERE, "a rule set is asked about one packet: say tcp/443, udp/53 or icmp");
		return STATUS_INPUT;
	}
	return why_rules(a->v, a->plan, place_addresses(a, &a->from), place_addresses(a, &a->to), a->port.protocol,
			 a->port.ports.lo);
}

static enum status run(struct invocation *v)
{
	struct answer a = { .v = v };
	struct file f;

	if (!is_estate_path(v->operands[0]))
		return why_rules_alone(v);
	const struct estate *e = invocation_estate(v, 1);
	struct plan_options options = { .as_documented = option_given(v, "as-documented") };
	a.plan = e ? plan_make(v->arena, e, &options, v->diag) : NULL;
	if (!a.plan)
		return STATUS_INPUT;
	a.ends = plan_ends(a.plan, &a.n_ends);
	find_place(&a, v->operands[1], &a.from);
	find_place(&a, v->operands[2], &a.to);
	if (v->n_operands > 3)
		read_port(&a, str_of(v->operands[3]));
	if (diag_errors(v->diag))
		return STATUS_INPUT;
	if (option_given(v, "in"))
		return ask_rules(&a);
	plan_each(a.plan, take_flow, &a);
	if (!file_create(&f, v->arena, option(v, "output"), v->diag))
		return STATUS_MACHINE;
	if (str_is(option_format(v), "json"))
		write_json(&a, &f.out);
	else
		write_text(&a, &f.out);
	file_commit(&f, v->diag);
	return a.found.n ? STATUS_WELL : STATUS_NO;
}

static const struct option_row options[] = {
	{ "in", 0, "RULES", NULL, "ask this rule set which of its rules decides the packet" },
	{ "at", 0, "FIREWALL", NULL, "with --in: the firewall whose rules they are, where the way between the places does not say" },
	{ "host", 0, "HOST", NULL, "with --in: the host whose own rules they are" },
	{ "side", 0, "SIDE", "in out", "of a host: what comes in or what goes out" },
	{ "dialect", 0, "NAME", NULL, "the language of the rules, when it is not said or seen" },
	{ "part", 0, "NAME", NULL, "the chain, hook or access list that filters" },
	OPTION_FORMAT("text json"),
	OPTION_OUTPUT,
	OPTION_AS_DOCUMENTED,
	OPTION_CATALOGUE,
	OPTIONS_END,
};

const struct command command_why = {
	.name = "why",
	.summary = "why one place must reach another, or which rule lets it",
	.arguments = "ESTATE.yaml|RULES FROM TO [PORT]",
	.about = "Shows every flow between two places, each with all of its reasons. FROM and TO are hosts, addresses or "
		 "zones; PORT is 443, tcp/443, icmp or the name of a service. Status 1 when nothing needs it; then the "
		 "nearest flows are shown. With a rule set in place of the estate, or behind --in, the rule that decides "
		 "the packet is shown.",
	.options = options,
	.least = 3,
	.most = 4,
	.run = run,
};
