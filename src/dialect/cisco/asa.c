/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cisco ASA, 9.0 and later: one list for both families, bound inbound to the
 * interface of every zone, or globally where no zone is known.  The reader is
 * in asa-read.c.
 *
 * A relation becomes one entry with a group of services, one of sources and one
 * of destinations.
 */
#include "dialect/cisco/cisco.h"

#include "dialect/common/services.h"
#include "dialect/common/text.h"

enum { LONGEST_REMARK = 100 };

struct writer {
	struct arena *arena;
	struct out *o;
	const struct policy *p;
	const struct relation *r;
	struct strmap names; /* of groups, as they are written */
	struct str list;
	struct diag *diag;
	bool failed;
};

static struct str services_name(const struct writer *w, const struct policy_services *list)
{
	return str_printf(w->arena, "%.*s_services", STR_ARG(list->name));
}

static void put_prefix(struct out *o, const struct addr_range *r)
{
	char text[RANGE_TEXT], mask[ADDR_TEXT];
	unsigned length = 0;
	addr_range_is_prefix(r, &length);
	if (length == addr_bits(r->family))
		out_printf(o, "host %s", addr_range_text(r, text));
	else if (r->family == IPV6)
		out_printf(o, "%s", length ? addr_range_text(r, text) : "::/0");
	else
		out_printf(
			o, "%s %s", addr_text((struct addr){ IPV4, r->lo }, text),
			addr_text((struct addr){ IPV4, length ? (uint32_t)(UINT32_MAX << (32 - length)) : 0 }, mask));
}

static bool is_all(struct addrset s, enum family f)
{
	return s.n == 1 && s.v[0].family == f && s.v[0].lo == 0 && s.v[0].hi == addr_max(f);
}

static bool is_everything(struct addrset s)
{
	return s.n == 2 && s.v[0].family == IPV4 && s.v[0].hi == addr_max(IPV4) && s.v[0].lo == 0 &&
	       s.v[1].family == IPV6 && s.v[1].lo == 0 && s.v[1].hi == addr_max(IPV6);
}

/* A single host or prefix, or all addresses, are written in place. */
static bool needs_group(struct addrset s)
{
	unsigned length;
	return !is_everything(s) && (s.n > 1 || (s.n && !addr_range_is_prefix(&s.v[0], &length)));
}

static void put_group(struct writer *w, const struct policy_group *g)
{
	CLEANUP(out_free) struct out members = out_memory(MOST_RULES_BYTES);
	size_t n;
	struct addr_range *ranges = addrset_prefixes(w->arena, g->addresses, &n);
	if (g->about.n) {
		out_text(&members, " description ");
		text_put_limited(&members, LONGEST_REMARK, "", g->about, NO_STR);
		out_char(&members, '\n');
	}
	for (size_t j = 0; j < n; j++) {
		out_text(&members, " network-object ");
		put_prefix(&members, &ranges[j]);
		out_char(&members, '\n');
	}
	cisco_put_group(w->arena, &w->names, "network", g->name, out_view(&members), w->o);
}

static void put_groups(struct writer *w)
{
	for (size_t i = 0; i < w->p->n_groups; i++) {
		bool used = false;
		for (size_t j = 0; j < w->p->n_relations && !used; j++)
			used = w->p->relations[j].src == i || w->p->relations[j].dst == i;
		if (used && needs_group(w->p->groups[i].addresses))
			put_group(w, &w->p->groups[i]);
	}
}

static void put_range(struct out *o, const char *side, struct port_range r)
{
	if (r.lo == r.hi)
		out_printf(o, "%s eq %u", side, r.lo);
	else if (r.lo > 0 || r.hi < 65535)
		out_printf(o, "%s range %u %u", side, r.lo, r.hi);
}

static const char *protocol_word(const struct writer *w, const struct service_item *s)
{
	static const char *const names[] = { [PROTO_ICMP] = "icmp",
					     [PROTO_TCP] = "tcp",
					     [PROTO_UDP] = "udp",
					     [PROTO_ICMP6] = "icmp6",
					     [PROTO_SCTP] = "sctp" };
	if (item_is_any(s))
		return "ip";
	if (s->protocol_lo < ARRAY_LEN(names) && names[s->protocol_lo])
		return names[s->protocol_lo];
	return arena_printf(w->arena, "%u", s->protocol_lo);
}

/* The services of a list that need an entry; ports from the endpoint mapper need none where the firewall inspects it. */
static struct policy_services needed_services(const struct writer *w, const struct policy_services *l)
{
	struct policy_service *services = ARENA_ARRAY(w->arena, struct policy_service, l->n);
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++)
		if (w->p->rpc != RPC_BY_INSPECTION || l->v[i].kind != SERVICE_RPC_RANGE)
			services[n++] = l->v[i];
	return (struct policy_services){ l->name, services, n };
}

static void put_members(struct writer *w, const struct policy_services *services, struct out *o)
{
	struct service_items items = services_merged(w->arena, services);
	for (size_t i = 0; i < items.n; i++) {
		const struct service_item *s = &items.v[i];
		const char *word = protocol_word(w, s);
		bool whole = s->sport.lo == 0 && s->sport.hi == 65535 && portset_is_all(s->ports);
		if (!item_has_ports(s) || whole) {
			out_printf(o, " service-object %s", word);
			if (protocol_is_icmp(s->protocol_lo) && !item_is_any(s) && s->type >= 0)
				out_printf(o, " %d", s->type);
			if (protocol_is_icmp(s->protocol_lo) && !item_is_any(s) && s->type >= 0 && s->code >= 0)
				out_printf(o, " %d", s->code);
			out_char(o, '\n');
			continue;
		}
		if (s->protocol_lo != PROTO_TCP && s->protocol_lo != PROTO_UDP && s->protocol_lo != PROTO_SCTP) {
			w->failed = true;
			diag_error(w->diag, NOWHERE, "Cisco ASA cannot express ports of protocol %u (\"%.*s\")",
				   s->protocol_lo, STR_ARG(services->name));
		}
		for (size_t j = 0; j < s->ports.n; j++) {
			out_printf(o, " service-object %s", word);
			put_range(o, " source", s->sport);
			put_range(o, " destination", s->ports.v[j]);
			out_char(o, '\n');
		}
	}
}

static void put_services(struct writer *w)
{
	for (size_t i = 0; i < w->p->n_services; i++) {
		struct policy_services list = needed_services(w, &w->p->services[i]);
		for (size_t j = 0; j < w->p->n_relations && list.n; j++)
			if (w->p->relations[j].services == i) {
				CLEANUP(out_free) struct out members = out_memory(MOST_RULES_BYTES);
				put_members(w, &list, &members);
				cisco_put_group(w->arena, &w->names, "service", services_name(w, &list),
						out_view(&members), w->o);
				break;
			}
	}
}

static void put_side(const struct writer *w, size_t group)
{
	const struct policy_group *g = &w->p->groups[group];
	out_char(w->o, ' ');
	if (is_everything(g->addresses))
		out_text(w->o, "any");
	else if (is_all(g->addresses, IPV4) || is_all(g->addresses, IPV6))
		out_text(w->o, g->addresses.v[0].family == IPV6 ? "any6" : "any4");
	else if (needs_group(g->addresses))
		out_printf(w->o, "object-group %.*s", STR_ARG(cisco_written_name(&w->names, g->name)));
	else
		put_prefix(w->o, &g->addresses.v[0]);
}

static bool meets(struct addrset left, struct addrset right, enum family f)
{
	bool one = false, other = false;
	for (size_t i = 0; i < left.n; i++)
		one |= left.v[i].family == f;
	for (size_t i = 0; i < right.n; i++)
		other |= right.v[i].family == f;
	return one && other;
}

static void put_relation(struct writer *w, const struct relation *r)
{
	struct addrset src = w->p->groups[r->src].addresses, dst = w->p->groups[r->dst].addresses;
	w->r = r;
	if ((!meets(src, dst, IPV4) && !meets(src, dst, IPV6)) || !needed_services(w, &w->p->services[r->services]).n)
		return;
	out_printf(w->o, "access-list %.*s remark ", STR_ARG(w->list));
	text_put_title(w->o, LONGEST_REMARK, "", r->id, r);
	out_printf(w->o, "\naccess-list %.*s extended permit object-group %.*s", STR_ARG(w->list),
		   STR_ARG(cisco_written_name(&w->names, services_name(w, &w->p->services[r->services]))));
	put_side(w, r->src);
	put_side(w, r->dst);
	out_char(w->o, '\n');
}

static void put_list(struct writer *w)
{
	for (size_t i = 0; i < w->p->n_relations; i++)
		put_relation(w, &w->p->relations[i]);
	out_printf(w->o, "access-list %.*s extended deny ip any any\n", STR_ARG(w->list));
}

/* Each line repeats the name of the list, which is that of its lines with another one. */
static void name_list(struct writer *w)
{
	CLEANUP(out_free) struct out lines = out_memory(MOST_RULES_BYTES);
	struct writer draft = *w;
	draft.o = &lines;
	draft.list = STR("portolan");
	put_list(&draft);
	w->list = cisco_content_name(w->arena, draft.list, out_view(&lines));
}

/* Lists do not decide alone: the levels of the interfaces do, too, and they are not in the estate. */
static void put_levels(const struct writer *w)
{
	if (w->p->n_zones < 2)
		return;
	out_text(w->o,
		 "! Between interfaces of one security level nothing passes without this, which also opens those that\n"
		 "! have no list:\n"
		 "!  same-security-traffic permit inter-interface\n");
	for (size_t i = 0; i < w->p->n_zones; i++)
		for (size_t j = i + 1; j < w->p->n_zones; j++)
			if (policy_zones_share(&w->p->zones[i], &w->p->zones[j])) {
				out_text(w->o, "! Zones behind one interface also need:\n"
					       "!  same-security-traffic permit intra-interface\n");
				return;
			}
}

/* Echo replies pass only where ICMP is inspected; the other inspections are on by default or open what RPC negotiates. */
static void put_inspection(const struct writer *w)
{
	bool icmp = false, tftp = false, rpc = false;
	for (size_t i = 0; i < w->p->n_services; i++)
		for (size_t j = 0; j < w->p->services[i].n; j++) {
			icmp |= protocol_is_icmp(w->p->services[i].v[j].term.protocol_lo);
			tftp |= w->p->services[i].v[j].kind == SERVICE_TFTP_DATA;
			rpc |= w->p->rpc == RPC_BY_INSPECTION && w->p->services[i].v[j].kind == SERVICE_RPC_RANGE;
		}
	if (!icmp && !tftp && !rpc)
		return;
	out_text(w->o, "policy-map global_policy\n class inspection_default\n");
	if (icmp)
		out_text(w->o, "  inspect icmp\n");
	if (tftp)
		out_text(w->o, "  inspect tftp\n");
	if (rpc)
		out_text(w->o, "  inspect dcerpc\n");
	out_text(w->o, "!\n");
}

/* Service groups are named after their list. */
static bool means_other(struct str name, bool services)
{
	return !services && str_ends(name, "_services");
}

static const struct dialect_loading cisco_asa_loading = {
	.loads = LOADS_ADDS,
	.load = "copy FILE running-config; lists of earlier files are no longer bound, and emit --after removes them",
	.keep = "write memory",
	.undo = "reload without write memory",
};

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct writer w = { .arena = a, .o = o, .p = p, .diag = d, .names = strmap_new(a) };

	text_header(o, "! ", p, "Cisco ASA 9.0 and later", &cisco_asa_loading);
	for (size_t i = 0; i < p->n_relations; i++)
		text_comment_lines(o, "! ", p->relations[i].about);
	out_text(o, "!\n");
	put_levels(&w);
	put_groups(&w);
	put_services(&w);
	out_text(o, "!\n");
	name_list(&w);
	put_list(&w);
	out_text(o, "!\n");
	put_inspection(&w);
	for (size_t i = 0; i < p->n_zones; i++)
		for (size_t j = 0; j < p->zones[i].n_interfaces; j++)
			out_printf(o, "access-group %.*s in interface %.*s\n", STR_ARG(w.list),
				   STR_ARG(p->zones[i].interfaces[j]));
	if (!p->n_zones)
		out_printf(o, "access-group %.*s global\n", STR_ARG(w.list));
	return !w.failed;
}

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 16384);
	if (str_find_text(head, STR("ASA Version")) != SIZE_MAX)
		return 100;
	if (str_find_text(head, STR(" extended permit ")) != SIZE_MAX &&
	    str_find_text(head, STR("access-list ")) != SIZE_MAX &&
	    str_find_text(head, STR("ip access-list")) == SIZE_MAX)
		return 90;
	if (str_find_text(head, STR("network-object ")) != SIZE_MAX ||
	    str_find_text(head, STR("service-object ")) != SIZE_MAX ||
	    str_find_text(head, STR("\nobject network ")) != SIZE_MAX)
		return 85;
	return str_find_text(head, STR("\naccess-group ")) != SIZE_MAX ? 80 : 0;
}

const struct dialect dialect_cisco_asa = {
	.name = "cisco-asa",
	.title = "Cisco ASA, 9.0 and later",
	.ending = "asa",
	.loading = &cisco_asa_loading,
	.withdraw = cisco_withdraw,
	.means_other = means_other,
	.emit = emit,
	.parse = cisco_asa_parse,
	.resembles = resembles,
	.line_kind = cisco_line_kind,
	.for_transit = true,
	.interface_chars = "/.:_-",
	.inspects_rpc = true,
	.cannot = CANNOT_PROTOCOL_RANGES,
	.rules_of_a_relation = 2, /* the entry, and one that denies the rest */
};
