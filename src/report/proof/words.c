/* SPDX-License-Identifier: Apache-2.0 */
#include "report/proof/words.h"

#include "base/out.h"
#include "base/vec.h"
#include "prove/arrive.h"
#include "report/packets.h"

/* A packet as it was sent, and where rules see it translated, as they see it. */
static const char *witness_text(struct arena *a, const struct proof *p, const struct shown *s)
{
	char packet[PACKET_TEXT];
	return arena_printf(a, "%s%.*s", packet_text(&s->witness, packet), STR_ARG(translated_text(a, p->rules, s)));
}

struct str missing_text(struct arena *a, const struct proof *p, const struct missing *m)
{
	const char *packet = witness_text(a, p, &m->shown);
	struct str interface = interface_text(a, m->rpc_interface);
	if (m->condition)
		return str_printf(a, "%s%s%.*s depends on %s", m->reply ? "the reply " : "", packet, STR_ARG(interface),
				  m->condition);
	return str_printf(a, "%s%s%.*s is not let through", m->reply ? "the reply " : "", packet, STR_ARG(interface));
}

struct str surplus_text(struct arena *a, const struct proof *p, const struct surplus *s)
{
	const char *packet = witness_text(a, p, &s->shown);
	struct str interface = interface_text(a, s->rpc_interface);
	if (s->invalid)
		return str_printf(a, "%s%.*s %s let through when connection tracking calls it invalid%s%s", packet,
				  STR_ARG(interface), s->condition ? "may be" : "is", s->condition ? ": " : "",
				  s->condition ? s->condition : "");
	return s->condition ? str_printf(a, "%s%.*s may be let through: %s", packet, STR_ARG(interface), s->condition)
			    : str_printf(a, "%s%.*s is let through and no flow needs it", packet, STR_ARG(interface));
}

static bool meets(const struct endpoint_set *sets, size_t n, struct addrset addresses)
{
	for (size_t i = 0; i < n; i++)
		if (addrset_overlaps(sets[i].addresses, addresses))
			return true;
	return false;
}

static bool forbids(struct arena *a, const struct hand_rule *r, const struct region *region)
{
	bool icmp = r->protocol == PROTO_ICMP && portset_holds(region->protocols, PROTO_ICMP6);
	if (!meets(r->from, r->n_from, region->src) || !meets(r->to, r->n_to, region->dst))
		return false;
	if (r->protocol && !portset_holds(region->protocols, r->protocol) && !icmp)
		return false;
	return !r->ports.n || !protocol_has_ports(r->protocol) || portset_intersect(a, r->ports, region->ports).n;
}

const struct hand_rule *surplus_forbidden(struct arena *a, const struct plan *p, const struct surplus *s)
{
	const struct estate *e = plan_estate(p);
	for (size_t i = 0; i < e->n_forbid; i++)
		for (size_t j = 0; j < s->n_regions; j++)
			if (forbids(a, &e->forbid[i], &s->regions[j]))
				return &e->forbid[i];
	return NULL;
}

struct str forbidden_text(struct arena *a, const struct hand_rule *r)
{
	return str_printf(a, "forbidden by %s:%u%s%.*s", r->at.source->name, r->at.line, r->why.s.n ? ": " : "",
			  STR_ARG(r->why.s));
}

/* Protocols and ports of flows to the first of their endpoints: "tcp 53,88 and icmp type 8". */
static struct str needed_services(struct arena *a, const struct missing *missing, size_t n, bool v4, bool v6)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	char ports[ITEM_PORTS], proto[PROTOCOL_TEXT];
	int last = -1;
	for (size_t i = 0; i < n; i++) {
		const struct flow *f = missing[i].required->what, *first = missing[0].required->what;
		const struct bundle_item *it = f->item;
		struct service_term terms[2];
		if (f->to != first->to)
			break;
		struct flowbox box = flow_box(f, terms);
		for (size_t j = 0; j < box.n_services; j++) {
			uint8_t p = terms[j].protocol_lo;
			if (protocol_is_icmp(p) && !(p == PROTO_ICMP6 ? v6 : v4))
				continue;
			if (p == last && !protocol_is_icmp(p) && it->has_ports) {
				out_printf(&o, ",%s", port_range_text(it->ports, ports));
				continue;
			}
			out_printf(&o, "%s%s", last < 0 ? "" : " and ", protocol_text(p, proto));
			if (protocol_is_icmp(p) && terms[j].port.lo == terms[j].port.hi)
				out_printf(&o, " type %u", terms[j].port.lo);
			else if (it->icmp)
				out_printf(&o, " %s", item_ports_text(it, ports));
			else if (it->has_ports)
				out_printf(&o, " %s", port_range_text(it->ports, ports));
			last = p;
		}
	}
	return str_dup(a, out_view(&o));
}

/* The published addresses, and ports where they differ, of a flow: "192.0.2.10 tcp 443". */
static struct str asked_text(struct arena *a, const struct required *r)
{
	const struct flowbox *b = &r->box;
	char ports[PORT_TEXT], proto[PROTOCOL_TEXT];
	struct str text = region_addrs(a, b->dst);
	for (size_t i = 0; i < b->n_services && i < r->arrives.n_services; i++)
		if (b->services[i].port.lo != r->arrives.services[i].port.lo)
			text = str_printf(a, "%.*s %s %s", STR_ARG(text),
					  protocol_text(b->services[i].protocol_lo, proto),
					  port_range_text(b->services[i].port, ports));
	return text;
}

struct str missing_mend(struct arena *a, const struct proof *p, const struct missing *missing, size_t n)
{
	const struct flow *f = missing[0].required->what;
	const struct rule *by = missing[0].shown.by;
	struct addrset src = f->from->addresses, dst = f->to->addresses;
	CLEANUP(out_free) struct out names = out_memory(1 << 20);
	out_str(&names, f->to->name);
	for (size_t i = 1; i < n; i++) {
		const struct flow *last = missing[i - 1].required->what, *other = missing[i].required->what;
		if (other->to == last->to)
			continue;
		dst = addrset_union(a, dst, other->to->addresses);
		out_printf(&names, ", %.*s", STR_ARG(other->to->name));
	}
	bool v4 = addrset_part(src, IPV4).n && addrset_part(dst, IPV4).n,
	     v6 = addrset_part(src, IPV6).n && addrset_part(dst, IPV6).n;
	struct str services = needed_services(a, missing, n, v4, v6), where = STR("");
	/* the addresses of the families that both endpoints have */
	if (v4 != v6) {
		src = addrset_part(src, v4 ? IPV4 : IPV6);
		dst = addrset_part(dst, v4 ? IPV4 : IPV6);
	} else if (!v4) {
		src = dst = NO_ADDRS;
	}
	if (by && by->at.line && !by->implicit && !p->rules->order)
		where = str_printf(a, " before line %u", by->at.line);
	else if (by && by->at.line && !by->implicit && by->action == ACTION_DENY)
		where = str_printf(a, ", and check line %u, which denies it: %s", by->at.line, p->rules->order);
	const struct required *first = missing[0].required;
	if (by && rule_wants_arrival(by))
		return str_printf(a, "translate %.*s to %.*s for %.*s", STR_ARG(asked_text(a, first)),
				  STR_ARG(region_addrs(a, f->to->addresses)), STR_ARG(services));
	if (first->arrives.n_services && !missing[0].reply)
		where = str_printf(a, "%.*s; it is asked as %.*s", STR_ARG(where), STR_ARG(asked_text(a, first)));
	if (missing[0].reply)
		return str_printf(a, "permit the replies to %.*s from %.*s to %.*s%.*s", STR_ARG(services),
				  STR_ARG(out_view(&names)), STR_ARG(f->from->name), STR_ARG(where));
	return str_printf(a, "permit %.*s from %.*s to %.*s%.*s", STR_ARG(services), STR_ARG(region_addrs(a, src)),
			  STR_ARG(region_addrs(a, dst)), STR_ARG(where));
}

static bool of_one_line(const struct rule *left, const struct rule *right)
{
	return left->at.line == right->at.line && left->at.source == right->at.source;
}

/*
 * True when the rule's line gave no other rule: its neighbours are from other
 * lines, and so are all rules of other chains; false where checking would take
 * long.
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

/* True when one region is all that the rule matches, by a quick check. */
static bool is_all_of(struct arena *a, const struct surplus *s)
{
	const struct match *m = &s->shown.by->match;
	const struct region *r = &s->regions[0];
	VEC(struct port_range) ports = { 0 };
	if (s->condition || s->n_regions != 1 || s->more_regions || !m->src || !m->dst || !m->n_services)
		return false;
	for (size_t i = 0; i < m->n_services; i++) {
		const struct service_term *t = &m->services[i];
		bool one = r->protocols.n == 1 && r->protocols.v[0].lo == t->protocol_lo &&
			   r->protocols.v[0].hi == t->protocol_hi;
		if (!one || t->sport.lo > 0 || t->sport.hi < 65535)
			return false;
		*VEC_ADD(a, &ports) = t->port;
	}
	return addrset_equal(*m->src, r->src) && addrset_equal(*m->dst, r->dst) && portset_is_all(r->sports) &&
	       portset_equal(portset_of(a, ports.v, ports.n), r->ports);
}

struct str surplus_mend(struct arena *a, const struct proof *p, const struct surplus *s)
{
	if (s->invalid && s->shown.by && s->shown.by->at.line)
		return str_printf(a, "deny invalid packets before line %u, or do not name them there",
				  s->shown.by->at.line);
	if (s->shown.by && s->shown.by->at.line)
		return str_printf(a,
				  is_all_of(a, s) && is_whole_line(p->rules, &s->shown)
					  ? "remove the rule in line %u: nothing needs what it lets through"
					  : "narrow the rule in line %u",
				  s->shown.by->at.line);
	return STR("let the default deny");
}

static bool same_kind(const struct service_term *left, const struct service_term *right)
{
	return left->protocol_lo == right->protocol_lo && left->protocol_hi == right->protocol_hi &&
	       left->sport.lo == right->sport.lo && left->sport.hi == right->sport.hi;
}

/* The services of a box that one text describes exactly: of one protocol and the same source ports. */
static struct region region_of(struct arena *a, const struct flowbox *b, size_t first)
{
	const struct service_term *t = &b->services[first];
	struct port_range protocol = { t->protocol_lo, t->protocol_hi },
			  *ports = ARENA_ARRAY(a, struct port_range, b->n_services);
	size_t n = 0;
	for (size_t i = first; i < b->n_services; i++)
		if (same_kind(t, &b->services[i]))
			ports[n++] = b->services[i].port;
	return (struct region){ b->src, b->dst, portset_of(a, &protocol, 1), portset_of(a, &t->sport, 1),
				portset_of(a, ports, n) };
}

static struct str boxes_text(struct arena *a, const struct edit *e)
{
	struct str all = STR("");
	for (size_t i = 0; i < e->n_boxes; i++)
		for (size_t j = 0; j < e->boxes[i].n_services; j++) {
			const struct flowbox *b = &e->boxes[i];
			bool said = false;
			for (size_t before = 0; before < j && !said; before++)
				said = same_kind(&b->services[before], &b->services[j]);
			if (said)
				continue;
			struct region r = region_of(a, b, j);
			all = str_printf(a, "%.*s%s%.*s", STR_ARG(all), all.n ? "; " : "", STR_ARG(region_text(a, &r)));
		}
	return all;
}

struct str edit_text(struct arena *a, const struct edit *e)
{
	/* rules that the platform adds come after all written ones */
	bool before = e->at && e->at->at.line && !e->at->implicit;
	struct str where = before             ? str_printf(a, "before line %u", e->at->at.line)
			   : e->chain->name.n ? str_printf(a, "at the end of %.*s", STR_ARG(e->chain->name))
					      : STR("at the end");
	switch (e->kind) {
	case EDIT_INSERT:
		return str_printf(a, "%.*s: permit %.*s", STR_ARG(where), STR_ARG(boxes_text(a, e)));
	case EDIT_DELETE:
		return str_printf(a, "remove line %u: %.*s", e->rule->at.line, STR_ARG(e->rule->text));
	case EDIT_MOVE:
		return str_printf(a, "%.*s: move line %u there: %.*s", STR_ARG(where), e->rule->at.line,
				  STR_ARG(e->rule->text));
	case EDIT_NARROW:
		return str_printf(a, "%.*s: deny %.*s", STR_ARG(where), STR_ARG(boxes_text(a, e)));
	}
	return STR("");
}
