/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/why-rules.h"

#include "base/vec.h"
#include "cli/why-flows.h"
#include "doc/json.h"
#include "flow/translate.h"
#include "report/columns.h"
#include "report/packets.h"

enum { MOST_SHOWN = 20 }; /* lines that are shown */

/* The flows of a place that a packet is of. */
struct needs {
	struct arena *arena;
	const struct estate *estate; /* NULL: no plan was given */
	const struct place *at;
	const struct packet *packet;
	VEC(struct flow) flows;
};

static void add_if_needed(void *ctx, const struct flow *f)
{
	struct needs *n = ctx;
	struct flowbox arrives, box = flow_box_at(n->arena, n->at, f, &arrives);
	if (flowbox_holds(&box, n->packet))
		*VEC_ADD(n->arena, &n->flows) = *f;
}

struct decision {
	enum action action;
	const struct rule *by;
	const struct chain *chain;
};

static void put_decided(struct invocation *call, struct out *o, const struct ruleset *r, const struct packet *p,
			const struct decision *d)
{
	enum action a = d->action;
	const struct rule *by = d->by;
	const struct chain *chain = d->chain;
	put_styled(o, call->colour_out, a == ACTION_PERMIT ? STYLE_GREEN : STYLE_RED,
		   a == ACTION_PERMIT ? STR("permitted") : STR("denied"));
	if (by && by->at.line)
		out_printf(o, "  %s:%u\n", by->at.source->name, by->at.line);
	else
		out_char(o, '\n');
	if (by)
		out_printf(o, "  %.*s\n", STR_ARG(by->text));
	else if (chain)
		out_printf(o, "  no rule matches: the default of \"%.*s\"\n", STR_ARG(chain->name));
	else
		out_text(o, "  no rule list applies to it\n");
	struct packet seen;
	char text[PACKET_TEXT];
	if (packet_translated(r, chain, p, &seen))
		out_printf(o, "  translated: %s\n", packet_text(&seen, text));
	if (by && by->name.n)
		out_printf(o, "  rule %.*s\n", STR_ARG(by->name));
	if (by && by->comment.n)
		out_printf(o, "  %.*s\n", STR_ARG(by->comment));
}

static bool is_doubtful(const struct rule *by)
{
	return by && (by->perhaps || by->match.in.n || by->match.out.n);
}

/* What an uncertain result depends on, and the remedy: the rule that decides, or one before it that may return. */
static void put_doubt(struct invocation *call, struct out *o, const struct rule *by, const struct rule *may_return)
{
	const struct rule *doubt = is_doubtful(by) ? by : may_return;
	if (!is_doubtful(doubt))
		return;
	out_printf(o, "  it depends on %s",
		   doubt->perhaps ? doubt->perhaps : "what is behind the interfaces or zones that the rule names");
	if (doubt != by)
		out_printf(o, ", line %u", doubt->at.line);
	out_printf(o, "%s\n",
		   doubt->perhaps || option_given(call, "in")
			   ? ""
			   : "; use an estate: portolan why ESTATE.yaml FROM TO PORT --in RULES");
}

static struct decision decide(const struct ruleset *r, const struct packet *p, const struct interface_map *map,
			      bool upper)
{
	struct decision d;
	uint32_t chain = UINT32_MAX;
	d.action = ruleset_decide(r, p, map, (struct reading){ .upper = upper }, &d.by, &chain);
	d.chain = chain < r->chains.n ? &r->chains.v[chain] : NULL;
	return d;
}

/* Of two rules with the same decision, the certain one. */
static const struct decision *surest(const struct decision *may, const struct decision *must)
{
	return may->action == ACTION_PERMIT && must->action == ACTION_PERMIT && must->by ? must : may;
}

static void write_json(struct out *o, const struct packet *p, const struct decision *may, const struct decision *must,
		       const struct ruleset *r, const struct needs *needs)
{
	struct json j = json_to(o);
	char text[ADDR_TEXT], proto[PROTOCOL_TEXT];
	bool certain = may->action == must->action && !r->unknown.n;
	json_object(&j);
	json_put_text(&j, "format", "portolan.decision/1");
	json_put_text(&j, "decision", !certain ? "unproved" : may->action == ACTION_PERMIT ? "permitted" : "denied");
	json_put_text(&j, "source", addr_text(p->src, text));
	json_put_text(&j, "destination", addr_text(p->dst, text));
	json_put_text(&j, "protocol", protocol_text(p->protocol, proto));
	if (protocol_has_ports(p->protocol))
		json_put_u64(&j, "port", p->port);
	if (protocol_is_icmp(p->protocol)) {
		json_put_u64(&j, "icmp-type", p->port);
		json_put_u64(&j, "icmp-code", p->sport);
	}
	const struct decision *sure = surest(may, must);
	json_translated(&j, r, sure->chain, p);
	json_decided(&j, &(struct shown){ .by = sure->by, .chain = sure->chain });
	if (needs->estate) {
		json_put_bool(&j, "needed", needs->flows.n > 0);
		if (needs->flows.n)
			why_json_flows(&j, needs->estate, needs->flows.v, needs->flows.n);
	}
	json_end(&j);
	out_char(o, '\n');
}

static void put_unknown(struct out *o, const struct unknown_line *u)
{
	if (u->at.line)
		out_printf(o, "not understood: line %u: %.*s (%s)\n", u->at.line, STR_ARG(u->text), u->why);
	else
		out_printf(o, "not understood: %s\n", u->why);
}

/* Of a packet that does not pass for certain: whether it should. */
static void put_needs(struct invocation *call, struct out *o, const struct needs *needs)
{
	if (!needs->flows.n) {
		out_text(o, "no flow of the plan needs it\n");
		return;
	}
	out_text(o, "the plan needs it:\n");
	why_put_flows(call, o, needs->estate, needs->flows.v, needs->flows.n);
}

static enum status answer(struct invocation *call, const struct ruleset *r, const struct packet *p,
			  const struct interface_map *map, const struct needs *needs)
{
	struct decision may = decide(r, p, map, true), must = decide(r, p, map, false);
	char text[PACKET_TEXT];
	struct file f;

	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	if (str_is(option_format(call), "json")) {
		write_json(&f.out, p, &may, &must, r, needs);
	} else {
		out_printf(&f.out, "%s: ", packet_text(p, text));
		if (may.action == must.action) {
			if (r->unknown.n)
				out_text(&f.out, "uncertain; by what was understood: ");
			const struct decision *sure = surest(&may, &must);
			put_decided(call, &f.out, r, p, sure);
		} else {
			put_styled(&f.out, call->colour_out, STYLE_YELLOW, STR("uncertain\n"));
			out_text(&f.out, "if every uncertain match permits: ");
			put_decided(call, &f.out, r, p, &may);
			put_doubt(call, &f.out, may.action == ACTION_PERMIT && may.by ? may.by : must.by,
				  ruleset_may_return(r, p, map, (struct reading){ .upper = true }));
			out_text(&f.out, "if none does: ");
			put_decided(call, &f.out, r, p, &must);
		}
		for (size_t i = 0; i < r->unknown.n && i < MOST_SHOWN; i++)
			put_unknown(&f.out, &r->unknown.v[i]);
		for (size_t i = 0; i < r->assumed.n; i++)
			out_printf(&f.out, "assumed: %s\n", r->assumed.v[i]);
		if (r->unknown.n > MOST_SHOWN)
			out_printf(&f.out, "and %zu more lines that were not understood\n", r->unknown.n - MOST_SHOWN);
		if (needs->estate && (must.action != ACTION_PERMIT || r->unknown.n))
			put_needs(call, &f.out, needs);
	}
	file_commit(&f, call->diag);
	if (may.action != must.action || r->unknown.n)
		return STATUS_INPUT;
	return may.action == ACTION_PERMIT ? STATUS_WELL : STATUS_NO;
}

static bool icmp_number(struct invocation *call, struct str s, int *ret)
{
	uint32_t n;
	if (!str_to_u32(s, 255, &n))
		return diag_error(call->diag, NOWHERE, "\"%.*s\" is not an ICMP type or code: 0 to 255, as in icmp/3/4",
				  STR_ARG(s));
	*ret = (int)n;
	return true;
}

static bool icmp_parse(struct invocation *call, struct str rest, struct asked_service *ret)
{
	struct str type, code;
	str_cut(&rest, '/', &type);
	if (!icmp_number(call, type, &ret->type))
		return false;
	return !str_cut(&rest, '/', &code) || icmp_number(call, code, &ret->code);
}

bool asked_service_parse(struct invocation *call, struct str s, struct asked_service *ret)
{
	struct str rest = s, head = NO_STR;
	unsigned protocol = PROTO_TCP;
	bool slash = str_find(s, '/') != SIZE_MAX, number = s.n && s.p[0] >= '0' && s.p[0] <= '9';

	*ret = (struct asked_service){ .type = -1 };
	if (str_istarts(s, "ip/")) {
		/* "ip/112": a protocol by its number, where a number alone is a port */
		s = rest = str_skip(s, strlen("ip/"));
		slash = number = false;
	}
	if (slash)
		str_cut(&rest, '/', &head);
	if (slash ? !protocol_parse(head, &protocol) : !number && !protocol_parse(s, &protocol))
		return diag_error(call->diag, NOWHERE, "\"%.*s\" is not a protocol and port: tcp/443, udp/53, icmp",
				  STR_ARG(s));
	ret->protocol = (uint8_t)protocol;
	if (slash && protocol_is_icmp(protocol))
		return icmp_parse(call, rest, ret);
	if (slash && !protocol_has_ports(protocol))
		return diag_error(call->diag, NOWHERE, "%.*s has no ports", STR_ARG(head));
	if (!slash && !number)
		return !protocol_has_ports(protocol) ||
		       diag_error(call->diag, NOWHERE, "\"%.*s\" needs a port: %.*s/443", STR_ARG(s), STR_ARG(s));
	enum port_parse got = port_parse(rest, &ret->port);
	return got == PORT_OK ||
	       diag_error(call->diag, NOWHERE, "\"%.*s\" is not a port: %s", STR_ARG(rest), port_parse_why(got));
}

/* The addresses of the packet are set already; they determine which ICMP it is. */
static bool ask_service(struct invocation *call, const struct asked_service *s, struct packet *p)
{
	bool v6 = p->src.family == IPV6;
	p->protocol = s->protocol;
	p->port = s->port;
	p->sport = protocol_has_ports(s->protocol) ? 49152 : 0;
	if (!protocol_is_icmp(s->protocol))
		return true;
	if (s->type >= 0 && (s->protocol == PROTO_ICMP6) != v6)
		return diag_error(call->diag, NOWHERE, "the addresses are %s, whose types are those of %s",
				  v6 ? "IPv6" : "IPv4", v6 ? "icmp6" : "icmp");
	p->protocol = v6 ? PROTO_ICMP6 : PROTO_ICMP;
	p->port = s->type >= 0 ? (uint16_t)s->type : v6 ? 128 : 8;
	p->sport = (uint16_t)s->code;
	return true;
}

static bool is_loopback(struct addr a)
{
	enum { LOOPBACK_NET = 127, LOOPBACK_BITS = 24 };
	return a.family == IPV4 ? a.n >> LOOPBACK_BITS == LOOPBACK_NET : a.n == 1;
}

/* A packet of a machine to itself reaches no other one, so readers leave out the rules for it. */
static bool leaves_machine(struct invocation *call, const struct packet *p)
{
	if (!is_loopback(p->src) && !is_loopback(p->dst))
		return true;
	diag_error(call->diag, NOWHERE, "loopback is not asked about: its packets do not leave the machine");
	diag_note(call->diag, NOWHERE, "rules for them are not read; use addresses of the network");
	return false;
}

enum status why_rules_alone(struct invocation *call)
{
	struct packet p = { 0 };
	struct asked_service service;

	if (call->n_operands < 4) {
		diag_error(call->diag, NOWHERE, "a rule set decides one packet: RULES FROM TO tcp/443");
		return STATUS_INPUT;
	}
	if (!addr_parse(str_of(call->operands[1]), &p.src))
		diag_error(call->diag, NOWHERE, "\"%s\" is not an address", call->operands[1]);
	if (!addr_parse(str_of(call->operands[2]), &p.dst))
		diag_error(call->diag, NOWHERE, "\"%s\" is not an address", call->operands[2]);
	if (!diag_errors(call->diag) && p.src.family != p.dst.family)
		diag_error(call->diag, NOWHERE, "one address is IPv4 and the other IPv6");
	if (diag_errors(call->diag) || !asked_service_parse(call, str_of(call->operands[3]), &service) ||
	    !ask_service(call, &service, &p) || !leaves_machine(call, &p))
		return STATUS_INPUT;
	bool ok = true;
	const struct dialect *dialect = dialect_option(call, "dialect", &ok);
	if (!ok)
		return STATUS_INPUT;
	struct read_options o = invocation_reading(call, &(struct rules_context){ 0 });
	const struct ruleset *r = invocation_rules(call, call->operands[0], dialect, &o, NULL);
	return r ? answer(call, r, &p, NULL, &(struct needs){ 0 }) : STATUS_INPUT;
}

/* The zone that contains the first address; -1: none. */
static int zone_of(const struct estate *e, struct addrset s)
{
	for (size_t z = 0; z < e->n_zones && s.n; z++)
		if (addrset_holds(e->zones[z].addresses, (struct addr){ s.v[0].family, s.v[0].lo }))
			return (int)z;
	return -1;
}

/* The firewall between two places if there is exactly one; else --at must name it. */
static bool place_between(struct invocation *call, const struct plan *plan, struct addrset from, struct addrset to,
			  struct place *ret)
{
	const struct estate *e = plan_estate(plan);
	int a = zone_of(e, from), b = zone_of(e, to);
	if (e->n_firewalls < 2 || a < 0 || b < 0)
		return invocation_place(call, plan, ret);
	struct path path = plan_path(plan, (uint16_t)a, (uint16_t)b);
	if (path.n == 1) {
		*ret = place_of_firewall(path.firewalls[0]);
		place_settle(plan, ret);
		return true;
	}
	if (path.n == 0)
		return diag_error(call->diag, NOWHERE,
				  "no firewall is between the two places: use --at NAME, or --host HOST "
				  "for a host's own");
	diag_error(call->diag, NOWHERE, "several firewalls are between the two places: specify whose rules they are");
	for (size_t i = 0; i < path.n; i++)
		diag_note(call->diag, NOWHERE, "--at %.*s", STR_ARG(e->firewalls[path.firewalls[i]].name.s));
	return false;
}

enum status why_rules(struct invocation *call, const struct plan *plan, struct addrset from, struct addrset to,
		      const struct host *named, const struct asked_service *said)
{
	struct place at;
	struct packet p = { 0 };
	struct asked_service service = *said;

	if (option_given(call, "at") || option_given(call, "host")) {
		if (!invocation_place(call, plan, &at))
			return STATUS_INPUT;
	} else if (!place_between(call, plan, from, to, &at)) {
		return STATUS_INPUT;
	}
	const struct published *published = at.firewall >= 0 ? host_published(named, at.firewall) : NULL;
	if (published) {
		to = published_addresses(call->arena, published, to);
		service.port = published_port(published, service.port);
	}
	const struct dialect *dialect = invocation_dialect(call, plan, &at);
	place_speaks(plan, &at, dialect);
	struct read_options o = place_reading(call->arena, plan, &at);
	if (option(call, "part"))
		o.part = str_of(option(call, "part"));
	struct interface_map map = place_interfaces(call->arena, plan, &at);
	const struct ruleset *r = dialect ? invocation_rules(call, option(call, "in"), dialect, &o, &map) : NULL;
	if (!r)
		return STATUS_INPUT;
	/* the first pair of addresses of one family */
	for (size_t i = 0; i < from.n; i++)
		for (size_t j = 0; j < to.n; j++) {
			if (from.v[i].family != to.v[j].family)
				continue;
			p.src = (struct addr){ from.v[i].family, from.v[i].lo + (from.v[i].hi - from.v[i].lo > 2) };
			p.dst = (struct addr){ to.v[j].family, to.v[j].lo + (to.v[j].hi - to.v[j].lo > 2) };
			if (!ask_service(call, &service, &p) || !leaves_machine(call, &p))
				return STATUS_INPUT;
			struct needs needs = {
				.arena = call->arena, .estate = plan_estate(plan), .at = &at, .packet = &p
			};
			plan_each_at(plan, &at, add_if_needed, &needs);
			return answer(call, r, &p, &map, &needs);
		}
	diag_error(call->diag, NOWHERE, "the two places have no address of the same family");
	return STATUS_INPUT;
}
