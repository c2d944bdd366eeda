/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iptables: what iptables-restore, ip6tables-restore and ipset restore read, in
 * one file with a mark before each part.  The reader is in read.c.
 *
 * A relation becomes one rule a family and protocol: ipsets on both sides, and
 * up to fifteen ports in one rule (multiport).  Only the chain that filters is
 * replaced; the rest of the filter table stays as it is.
 */
#include "dialect/iptables/iptables.h"

#include "dialect/common/link.h"
#include "dialect/common/services.h"
#include "dialect/common/text.h"

enum {
	LONGEST_SET_NAME = 31,  /* ipset(8): IPSET_MAXNAMELEN without its NUL */
	LONGEST_COMMENT = 255,  /* iptables-extensions(8): 256 with the NUL */
	MOST_SLOTS = 15,        /* of multiport; a range takes two */
	USUAL_ELEMENTS = 65536, /* ipset(8): maxelem by default */
};

struct writer {
	struct arena *arena;
	struct out *o;
	const struct policy *p;
	const struct relation *r;
	enum family family;
	const char *chain;
};

static const char *chain_of(enum policy_side side)
{
	return side == POLICY_INBOUND ? "INPUT" : side == POLICY_OUTBOUND ? "OUTPUT" : "FORWARD";
}

static bool is_whole_family(struct addrset s, enum family f)
{
	return s.n == 1 && s.v[0].lo == 0 && s.v[0].hi == addr_max(f);
}

static struct addrset group_part(const struct writer *w, size_t group)
{
	return addrset_part(w->p->groups[group].addresses, w->family);
}

/* A single range is written in place. */
static bool needs_set(struct addrset s)
{
	return s.n > 1;
}

static bool is_used(const struct writer *w, size_t group)
{
	for (size_t i = 0; i < w->p->n_relations; i++) {
		const struct relation *r = &w->p->relations[i];
		if ((r->src == group || r->dst == group) && group_part(w, r->src).n && group_part(w, r->dst).n)
			return true;
	}
	return false;
}

static struct str set_name(const struct writer *w, size_t group)
{
	struct str name = w->p->groups[group].name;
	if (w->family == IPV6)
		name = str_printf(w->arena, "%.*s_6", STR_ARG(name));
	return text_name(w->arena, name, "-_.", '-', LONGEST_SET_NAME);
}

static void put_set(const struct writer *w, size_t group)
{
	char text[RANGE_TEXT];
	size_t n;
	struct addr_range *ranges = addrset_prefixes(w->arena, group_part(w, group), &n);
	struct str name = set_name(w, group);

	text_comment_lines(w->o, "# ", w->p->groups[group].about);
	out_printf(w->o, "create %.*s hash:net family inet%s", STR_ARG(name), w->family == IPV6 ? "6" : "");
	if (n > USUAL_ELEMENTS)
		out_printf(w->o, " maxelem %zu", n);
	out_printf(w->o, " -exist\nflush %.*s\n", STR_ARG(name));
	for (size_t i = 0; i < n; i++)
		out_printf(w->o, "add %.*s %s\n", STR_ARG(name), addr_range_text(&ranges[i], text));
}

static void put_sets(struct writer *w)
{
	for (size_t i = 0; i < w->p->n_groups; i++)
		for (int f = IPV4; f <= IPV6; f++) {
			w->family = (enum family)f;
			struct addrset s = group_part(w, i);
			if (needs_set(s) && is_used(w, i))
				put_set(w, i);
		}
}

static void put_side(const struct writer *w, size_t group, bool source)
{
	char text[RANGE_TEXT];
	unsigned length;
	struct addrset s = group_part(w, group);
	if (is_whole_family(s, w->family))
		return;
	if (needs_set(s))
		out_printf(w->o, "-m set --match-set %.*s %s ", STR_ARG(set_name(w, group)), source ? "src" : "dst");
	else if (addr_range_is_prefix(&s.v[0], &length))
		out_printf(w->o, "-%c %s ", source ? 's' : 'd', addr_range_text(&s.v[0], text));
	else
		out_printf(w->o, "-m iprange --%s-range %s ", source ? "src" : "dst", addr_range_text(&s.v[0], text));
}

static void begin_rule(const struct writer *w)
{
	out_printf(w->o, "-A %s ", w->chain);
	put_side(w, w->r->src, true);
	put_side(w, w->r->dst, false);
}

static void end_rule(const struct writer *w)
{
	out_text(w->o, "-m comment --comment \"");
	text_put_title(w->o, LONGEST_COMMENT, "\"\\", w->r->id, w->r);
	out_text(w->o, "\" -j ACCEPT\n");
}

static void put_range(struct out *o, struct port_range r)
{
	if (r.lo == r.hi)
		out_printf(o, "%u", r.lo);
	else
		out_printf(o, "%u:%u", r.lo, r.hi);
}

/* Ports from `from` on that fit into one rule; returns the first that does not. */
static size_t fill_slots(struct portset s, size_t from)
{
	size_t slots = 0, i = from;
	for (; i < s.n; i++) {
		slots += s.v[i].lo == s.v[i].hi ? 1 : 2;
		if (slots > MOST_SLOTS)
			break;
	}
	return i;
}

static void put_ports(const struct writer *w, const struct service_item *s)
{
	char proto[PROTOCOL_TEXT];
	for (size_t i = 0; i < s->ports.n;) {
		size_t next = fill_slots(s->ports, i);
		begin_rule(w);
		out_printf(w->o, "-p %s ", protocol_text(s->protocol_lo, proto));
		if (s->sport.lo > 0 || s->sport.hi < 65535) {
			out_text(w->o, "--sport ");
			put_range(w->o, s->sport);
			out_char(w->o, ' ');
		}
		if (!portset_is_all(s->ports)) {
			out_text(w->o, next - i > 1 ? "-m multiport --dports " : "--dport ");
			for (size_t j = i; j < next; j++) {
				if (j > i)
					out_char(w->o, ',');
				put_range(w->o, s->ports.v[j]);
			}
			out_char(w->o, ' ');
		}
		end_rule(w);
		i = next;
	}
}

static void put_icmp(const struct writer *w, const struct service_item *s)
{
	bool v6 = w->family == IPV6;
	begin_rule(w);
	out_text(w->o, v6 ? "-p ipv6-icmp " : "-p icmp ");
	if (s->type >= 0)
		out_printf(w->o, "--%s %d", v6 ? "icmpv6-type" : "icmp-type", s->type);
	if (s->type >= 0 && s->code >= 0)
		out_printf(w->o, "/%d", s->code);
	if (s->type >= 0)
		out_char(w->o, ' ');
	end_rule(w);
}

static void put_item(struct writer *w, const struct service_item *s)
{
	if (!item_in_family(s, w->family))
		return;
	if (item_has_ports(s)) {
		put_ports(w, s);
	} else if (s->protocol_lo == s->protocol_hi && protocol_is_icmp(s->protocol_lo)) {
		put_icmp(w, s);
	} else {
		begin_rule(w);
		/* in iptables, protocol 0 means all protocols; u32 tests the byte of the header itself */
		if (!item_is_any(s) && s->protocol_lo == 0)
			out_printf(w->o, "-m u32 --u32 \"%s\" ", w->family == IPV6 ? "0x3&0xff=0x0" : "0x6&0xff=0x0");
		else if (!item_is_any(s))
			out_printf(w->o, "-p %u ", s->protocol_lo);
		end_rule(w);
	}
}

static void put_relation(struct writer *w, const struct relation *r)
{
	struct service_items s = services_merged(w->arena, &w->p->services[r->services]);
	w->r = r;
	if (!group_part(w, r->src).n || !group_part(w, r->dst).n)
		return;
	text_comment_lines(w->o, "# ", r->about);
	for (size_t i = 0; i < s.n; i++)
		put_item(w, &s.v[i]);
}

static void put_link_need(const struct writer *w, const struct link_need *need)
{
	char text[RANGE_TEXT];
	bool in = w->p->side == POLICY_INBOUND;
	struct addrset peer = link_need_peer(w->arena, need);
	out_printf(w->o, "-A %s -%c %s ", w->chain, in ? 's' : 'd', addr_range_text(&peer.v[0], text));
	if (need->protocol == PROTO_ICMP6)
		out_printf(w->o, "-p ipv6-icmp --icmpv6-type %u", need->types.lo);
	else
		out_printf(w->o, "-p udp --sport %u --dport %u", in ? need->remote : need->local,
			   in ? need->local : need->remote);
	out_text(w->o, " -j ACCEPT\n");
}

/* A host's own filter must not block neighbour discovery (RFC 4861): no routed packet has a hop limit of 255. */
static void put_host_needs(const struct writer *w)
{
	out_printf(w->o, "-A %s -%c lo -j ACCEPT\n", w->chain, w->p->side == POLICY_INBOUND ? 'i' : 'o');
	for (int type = 133; w->family == IPV6 && type <= 136; type++)
		out_printf(w->o, "-A %s -p ipv6-icmp --icmpv6-type %d -m hl --hl-eq 255 -j ACCEPT\n", w->chain, type);
	for (const struct link_need *need = link_needs; w->family == IPV6 && need->name; need++)
		if (link_need_is_of(need, BESIDE_LINK, w->p->side))
			put_link_need(w, need);
}

static void put_table(struct writer *w)
{
	out_printf(w->o, "*filter\n:%s DROP [0:0]\n-F %s\n", w->chain, w->chain);
	out_printf(w->o, "-A %s -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n", w->chain);
	out_printf(w->o, "-A %s -m conntrack --ctstate INVALID -j DROP\n", w->chain);
	if (w->p->side != POLICY_TRANSIT)
		put_host_needs(w);
	for (size_t i = 0; i < w->p->n_relations; i++)
		put_relation(w, &w->p->relations[i]);
	out_text(w->o, "COMMIT\n");
}

/* The IPv6 addresses of the same group are in a separate set. */
static bool means_other(struct str name, bool services)
{
	return !services && str_ends(name, "_6");
}

static const struct dialect_loading iptables_loading = {
	.loads = LOADS_REPLACES_OWN,
	.load = "each part with the command above it, tables with --noflush",
	.keep = "netfilter-persistent save",
	.undo = "iptables-restore and ip6tables-restore with what iptables-save wrote before",
};

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct writer w = { .arena = a, .o = o, .p = p, .chain = chain_of(p->side) };

	text_header(o, "# ", p, "iptables", &iptables_loading);
	out_text(o, "\n# ipset restore\n");
	put_sets(&w);
	/* without this part IPv6 would pass: the default policy of a chain is ACCEPT */
	out_text(o, "\n# iptables-restore\n");
	w.family = IPV4;
	put_table(&w);
	out_text(o, "\n# ip6tables-restore\n");
	w.family = IPV6;
	put_table(&w);
	return true;
}

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 8192);
	if (str_find_text(head, STR("*filter\n")) != SIZE_MAX || str_find_text(head, STR("*filter\r")) != SIZE_MAX ||
	    str_starts(head, "# Generated by iptables-save") || str_starts(head, "# Generated by ip6tables-save"))
		return 95;
	if (str_find_text(head, STR("iptables -A ")) != SIZE_MAX || str_find_text(head, STR("\n-A ")) != SIZE_MAX ||
	    str_find_text(head, STR("Chain FORWARD (policy")) != SIZE_MAX ||
	    str_find_text(head, STR(":FORWARD ")) != SIZE_MAX)
		return 70;
	if (str_starts(head, "create ") && str_find_text(head, STR(" hash:")) != SIZE_MAX)
		return 60;
	return 0;
}

static enum line_kind line_kind(struct str line)
{
	size_t quotes = 0;
	for (size_t i = 0; i < line.n; i++)
		quotes += line.p[i] == '"';
	if (str_starts(line, "-A "))
		return quotes % 2 == 0 && !str_ends(line, "\\") ? LINE_RULE : LINE_CONTEXT;
	if (str_starts(line, "-I ") || str_starts(line, "-D ") || str_starts(line, "-R ") ||
	    str_starts(line, "iptables ") || str_starts(line, "ip6tables "))
		return LINE_DISTURBS;
	return LINE_CONTEXT;
}

const struct dialect dialect_iptables = {
	.name = "iptables",
	.title = "iptables, with ip6tables and ipset",
	.ending = "iptables",
	.loading = &iptables_loading,
	.means_other = means_other,
	.emit = emit,
	.parse = iptables_parse,
	.resembles = resembles,
	.line_kind = line_kind,
	.for_hosts = true,
	.for_transit = true,
	.beside = BESIDE_LINK,
	.cannot = CANNOT_PROTOCOL_RANGES,
	.rules_of_a_relation = 10, /* established and invalid in both families; TCP and UDP */
};
