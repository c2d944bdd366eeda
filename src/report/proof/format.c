/* SPDX-License-Identifier: Apache-2.0 */
#include "report/proof/format.h"

#include "base/vec.h"

#include "report/proof/formats.h"

#define DECLARE(name) extern const struct proof_format proof_format_##name;
PROOF_FORMATS(DECLARE)
#define ROW(name) &proof_format_##name,
const struct proof_format *const proof_formats[] = { PROOF_FORMATS(ROW) NULL };

const struct proof_format *proof_format_find(struct str name)
{
	for (size_t i = 0; proof_formats[i]; i++)
		if (str_is(name, proof_formats[i]->name))
			return proof_formats[i];
	return NULL;
}

enum { REGIONS_OF_A_LINE = 8 };

static bool same_line(const struct surplus *x, const struct surplus *y)
{
	const struct rule *r = x->shown.by, *s = y->shown.by;
	if (!r || !s || r->implicit || !r->at.line || x->shown.chain != y->shown.chain)
		return false;
	return r->at.source == s->at.source && r->at.line == s->at.line && r->at.column == s->at.column &&
	       (x->condition ? y->condition && strcmp(x->condition, y->condition) == 0 : !y->condition);
}

static void join(struct arena *a, struct surplus *x, const struct surplus *y)
{
	size_t n = MIN(x->n_regions + y->n_regions, (size_t)REGIONS_OF_A_LINE), room = n - MIN(n, x->n_regions);
	struct region *all = ARENA_ARRAY(a, struct region, x->n_regions + room);
	for (size_t i = 0; i < x->n_regions + room; i++)
		all[i] = i < x->n_regions ? x->regions[i] : y->regions[i - x->n_regions];
	x->more_regions |= y->more_regions || room < y->n_regions;
	x->regions = all;
	x->n_regions += room;
}

void proof_join_lines(struct arena *a, struct proof *p)
{
	struct surplus *v = ARENA_ARRAY(a, struct surplus, p->n_surplus);
	size_t n = 0;
	for (size_t i = 0; i < p->n_surplus; i++) {
		if (n && same_line(&v[n - 1], &p->surplus[i]))
			join(a, &v[n - 1], &p->surplus[i]);
		else
			v[n++] = p->surplus[i];
	}
	p->surplus = v;
	p->n_surplus = n;
}

void proof_report_finish(struct proof_report *r)
{
	r->verdict = VERDICT_HOLDS;
	for (size_t i = 0; i < r->n; i++)
		r->verdict = MAX(r->verdict, r->v[i].proof.verdict);
}

struct str region_addrs(struct arena *a, struct addrset s)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 24);
	char text[RANGE_TEXT];
	size_t n;
	if (addrset_equal(s, addrset_all(a)))
		return STR("any");
	/* ranges that are few prefixes read better as them */
	enum { MORE_PREFIXES = 4 };
	struct addr_range *prefixes = addrset_prefixes(a, s, &n);
	bool use = n <= s.n + MORE_PREFIXES;
	for (size_t i = 0; i < (use ? n : s.n); i++)
		out_printf(&o, "%s%s", i ? ", " : "", addr_range_text(use ? &prefixes[i] : &s.v[i], text));
	return str_dup(a, out_view(&o));
}

struct str region_protocol(struct arena *a, struct portset s)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	char text[PORT_TEXT], proto[PROTOCOL_TEXT];
	if (s.n == 1 && s.v[0].lo == 0 && s.v[0].hi == 255)
		return STR("any");
	for (size_t i = 0; i < s.n; i++) {
		if (s.v[i].lo == s.v[i].hi)
			out_printf(&o, "%s%s", i ? ", " : "", protocol_text(s.v[i].lo, proto));
		else
			out_printf(&o, "%s%s", i ? ", " : "", port_range_text(s.v[i], text));
	}
	return str_dup(a, out_view(&o));
}

static bool all_icmp(struct portset s)
{
	for (size_t i = 0; i < s.n; i++)
		for (uint32_t p = s.v[i].lo; p <= s.v[i].hi; p++)
			if (!protocol_is_icmp(p))
				return false;
	return s.n > 0;
}

static struct str ports_list(struct arena *a, struct portset s)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	char text[PORT_TEXT];
	for (size_t i = 0; i < s.n; i++)
		out_printf(&o, "%s%s", i ? "," : "", port_range_text(s.v[i], text));
	return str_dup(a, out_view(&o));
}

struct str region_ports(struct arena *a, const struct region *r)
{
	bool any = false;
	for (size_t i = 0; i < r->protocols.n; i++)
		for (uint32_t p = r->protocols.v[i].lo; p <= r->protocols.v[i].hi; p++)
			any |= protocol_has_ports(p) || protocol_is_icmp(p);
	if (!any)
		return STR("-");
	if (portset_is_all(r->ports) || (r->ports.n == 1 && r->ports.v[0].lo == 0 && r->ports.v[0].hi >= 255 && all_icmp(r->protocols)))
		return STR("any");
	return ports_list(a, r->ports);
}

struct str region_sports(struct arena *a, const struct region *r)
{
	bool icmp = all_icmp(r->protocols);
	if (portset_is_all(r->sports) || (icmp && r->sports.n == 1 && r->sports.v[0].lo == 0 && r->sports.v[0].hi >= 255))
		return STR("");
	if (str_is(region_ports(a, r), "-"))
		return STR("");
	return ports_list(a, r->sports);
}

/* "any but icmp, tcp, udp", where few are left out; else nothing. */
static struct str any_but(struct arena *a, struct portset s)
{
	enum { A_FEW = 8, LEAST_PIECES = 3 };
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	char proto[PROTOCOL_TEXT];
	size_t missing = 0;
	for (unsigned p = 0, i = 0; p <= UINT8_MAX && s.n >= LEAST_PIECES; p++) {
		while (i < s.n && s.v[i].hi < p)
			i++;
		if (i < s.n && s.v[i].lo <= p)
			continue;
		out_printf(&o, "%s %s", missing++ ? "," : "any but", protocol_text(p, proto));
	}
	return missing && missing <= A_FEW ? str_dup(a, out_view(&o)) : NO_STR;
}

struct str region_text(struct arena *a, const struct region *r)
{
	struct str sports = region_sports(a, r), most = any_but(a, r->protocols), ports = region_ports(a, r);
	if (most.n && !sports.n && (str_is(ports, "-") || str_is(ports, "any")))
		return str_printf(a, "%.*s -> %.*s  %.*s", STR_ARG(region_addrs(a, r->src)), STR_ARG(region_addrs(a, r->dst)),
				  STR_ARG(most));
	const char *word = all_icmp(r->protocols) ? " code " : " from ports ";
	return str_printf(a, "%.*s -> %.*s  %.*s %.*s%s%.*s", STR_ARG(region_addrs(a, r->src)), STR_ARG(region_addrs(a, r->dst)),
			  STR_ARG(region_protocol(a, r->protocols)), STR_ARG(ports), sports.n ? word : "",
			  STR_ARG(sports));
}

struct str decided_by(struct arena *a, const struct shown *s)
{
	if (s->by && s->by->at.line)
		return str_printf(a, "%s:%u: %.*s", s->by->at.source->name, s->by->at.line, STR_ARG(s->by->text));
	if (s->by)
		return s->by->text;
	if (s->chain && s->chain->name.n)
		return str_printf(a, "no rule: the default of \"%.*s\"", STR_ARG(s->chain->name));
	return STR("no rule: the default");
}

struct str interface_text(struct arena *a, struct str uuid)
{
	return uuid.n ? str_printf(a, " as RPC interface %.*s", STR_ARG(uuid)) : NO_STR;
}

struct str missing_text(struct arena *a, const struct missing *m)
{
	char packet[PACKET_TEXT];
	packet_text(&m->shown.witness, packet);
	struct str interface = interface_text(a, m->rpc_interface);
	if (m->condition)
		return str_printf(a, "%s%s%.*s hangs on %s", m->reply ? "the reply " : "", packet, STR_ARG(interface), m->condition);
	return str_printf(a, "%s%s%.*s is not let through", m->reply ? "the reply " : "", packet, STR_ARG(interface));
}

/* Protocols and ports of flows to the first of their ends: "tcp 53,88 and icmp type 8". */
static struct str needed_services(struct arena *a, const struct missing *v, size_t n, bool v4, bool v6)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	char ports[PORT_TEXT], proto[PROTOCOL_TEXT];
	int last = -1;
	for (size_t i = 0; i < n; i++) {
		const struct flow *f = v[i].required->what, *first = v[0].required->what;
		const struct bundle_item *it = f->item;
		struct service_term terms[2];
		if (f->to != first->to)
			break;
		struct flowbox box = flow_box(f, terms);
		for (size_t k = 0; k < box.n_services; k++) {
			uint8_t p = terms[k].protocol_lo;
			if (protocol_is_icmp(p) && !(p == PROTO_ICMP6 ? v6 : v4))
				continue;
			if (p == last && !protocol_is_icmp(p) && it->has_ports) {
				out_printf(&o, ",%s", port_range_text(it->ports, ports));
				continue;
			}
			out_printf(&o, "%s%s", last < 0 ? "" : " and ", protocol_text(p, proto));
			if (protocol_is_icmp(p))
				out_printf(&o, " type %u", terms[k].port.lo);
			else if (it->has_ports)
				out_printf(&o, " %s", port_range_text(it->ports, ports));
			last = p;
		}
	}
	return str_dup(a, out_view(&o));
}

struct str missing_mend(struct arena *a, const struct proof *p, const struct missing *v, size_t n)
{
	const struct flow *f = v[0].required->what;
	const struct rule *by = v[0].shown.by;
	struct addrset src = f->from->addresses, dst = f->to->addresses;
	CLEANUP(out_free) struct out names = out_memory(1 << 20);
	out_str(&names, f->to->name);
	for (size_t i = 1; i < n; i++) {
		const struct flow *last = v[i - 1].required->what, *other = v[i].required->what;
		if (other->to == last->to)
			continue;
		dst = addrset_union(a, dst, other->to->addresses);
		out_printf(&names, ", %.*s", STR_ARG(other->to->name));
	}
	bool v4 = addrset_part(src, IPV4).n && addrset_part(dst, IPV4).n, v6 = addrset_part(src, IPV6).n && addrset_part(dst, IPV6).n;
	struct str services = needed_services(a, v, n, v4, v6), where = STR("");
	/* the addresses of the families that both ends speak */
	if (v4 != v6) {
		src = addrset_part(src, v4 ? IPV4 : IPV6);
		dst = addrset_part(dst, v4 ? IPV4 : IPV6);
	} else if (!v4) {
		src = dst = NO_ADDRS;
	}
	if (by && by->at.line && !by->implicit && !p->rules->order)
		where = str_printf(a, " before line %u", by->at.line);
	else if (by && by->at.line && !by->implicit && by->action == ACTION_DENY)
		where = str_printf(a, ", and see to line %u, which refuses it: %s", by->at.line, p->rules->order);
	if (v[0].reply)
		return str_printf(a, "permit the answers to %.*s from %.*s to %.*s%.*s", STR_ARG(services),
				  STR_ARG(out_view(&names)), STR_ARG(f->from->name), STR_ARG(where));
	return str_printf(a, "permit %.*s from %.*s to %.*s%.*s", STR_ARG(services),
			  STR_ARG(region_addrs(a, src)),
			  STR_ARG(region_addrs(a, dst)), STR_ARG(where));
}

struct str surplus_text(struct arena *a, const struct surplus *s)
{
	char packet[PACKET_TEXT];
	packet_text(&s->shown.witness, packet);
	struct str interface = interface_text(a, s->rpc_interface);
	return s->condition ? str_printf(a, "%s%.*s may be let through: %s", packet, STR_ARG(interface), s->condition) :
			      str_printf(a, "%s%.*s is let through and no flow needs it", packet, STR_ARG(interface));
}

static bool of_one_line(const struct rule *x, const struct rule *y)
{
	return x->at.line == y->at.line && x->at.source == y->at.source;
}

/*
 * True when nothing else was made of the rule's line: its neighbours are of other
 * lines, and so are all rules of other chains; false where looking would take long.
 */
static bool is_whole_line(const struct ruleset *r, const struct shown *s)
{
	enum { FEW_RULES = 20000 };
	const struct rule *first = s->chain->rules.v, *last = first + s->chain->rules.n - 1;
	if ((s->by > first && of_one_line(s->by - 1, s->by)) || (s->by < last && of_one_line(s->by + 1, s->by)))
		return false;
	for (size_t c = 0; c < r->chains.n; c++) {
		const struct chain *other = &r->chains.v[c];
		if (other == s->chain)
			continue;
		if (other->rules.n > FEW_RULES)
			return false;
		for (size_t i = 0; i < other->rules.n; i++)
			if (of_one_line(&other->rules.v[i], s->by))
				return false;
	}
	return true;
}

/* True when one region is all that the rule matches, as far as that can be seen at once. */
static bool is_all_of(struct arena *a, const struct surplus *s)
{
	const struct match *m = &s->shown.by->match;
	const struct region *r = &s->regions[0];
	VEC(struct port_range) ports = { 0 };
	if (s->condition || s->n_regions != 1 || s->more_regions || !m->src || !m->dst || !m->n_services)
		return false;
	for (size_t i = 0; i < m->n_services; i++) {
		const struct service_term *t = &m->services[i];
		bool one = r->protocols.n == 1 && r->protocols.v[0].lo == t->protocol_lo && r->protocols.v[0].hi == t->protocol_hi;
		if (!one || t->sport.lo > 0 || t->sport.hi < 65535)
			return false;
		*VEC_ADD(a, &ports) = t->port;
	}
	return addrset_equal(*m->src, r->src) && addrset_equal(*m->dst, r->dst) && portset_is_all(r->sports) &&
	       portset_equal(portset_of(a, ports.v, ports.n), r->ports);
}

struct str surplus_mend(struct arena *a, const struct proof *p, const struct surplus *s)
{
	if (s->shown.by && s->shown.by->at.line)
		return str_printf(a, is_all_of(a, s) && is_whole_line(p->rules, &s->shown) ? "take away the rule in line %u: nothing needs what it lets through" :
						       "narrow the rule in line %u",
				  s->shown.by->at.line);
	return STR("let the default refuse");
}
