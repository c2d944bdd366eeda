/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nftables, as nft(8) reads and prints it; Linux 5.2 and later (inet tables,
 * concatenated interval sets).  The reader is in read.c.
 *
 * A relation becomes one rule a family: a set of sources, a set of
 * destinations, a set of protocol . port.  Elements of a concatenated interval
 * set must be disjoint; the port sets of a plan are.
 */
#include "dialect/nftables/nftables.h"

#include "dialect/common/link.h"
#include "dialect/common/text.h"

enum {
	LONGEST_COMMENT = 128, /* nft: "comment too long" if longer */
};

/* The ports of a relation's services by protocol, merged. */
struct port_list {
	uint8_t protocol;
	struct portset ports;
};

/* A relation's services, by how nftables expresses them. */
struct split_services {
	struct port_list *with_ports; /* one set of protocol . port */
	size_t n_with_ports;
	const struct service_term **icmp, **sourced, **others; /* a rule each; sourced: with source ports */
	size_t n_icmp, n_sourced, n_others;
};

static void put_addrs(struct out *o, struct addrset s, enum family f)
{
	char text[RANGE_TEXT];
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.v[i].family == f)
			out_printf(o, "%s%s", n++ ? ",\n\t\t\t     " : "", addr_range_text(&s.v[i], text));
}

static size_t count_family(struct addrset s, enum family f)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.v[i].family == f;
	return n;
}

static bool is_whole_family(struct addrset s, enum family f)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.v[i].family == f)
			return s.v[i].lo == 0 && s.v[i].hi == addr_max(f);
	return false;
}

/* A group that is one element is written in place. */
static bool needs_set(struct addrset s, enum family f)
{
	return count_family(s, f) > 1;
}

/* A group is used in a family when both sides of a relation have addresses of it. */
static bool is_used(const struct policy *p, size_t group, enum family f)
{
	for (size_t i = 0; i < p->n_relations; i++) {
		const struct relation *r = &p->relations[i];
		if ((r->src == group || r->dst == group) && count_family(p->groups[r->src].addresses, f) &&
		    count_family(p->groups[r->dst].addresses, f))
			return true;
	}
	return false;
}

/*
 * Sets are named after groups and services.  The scanner of nft refuses a name that is a word of the
 * language; none of its words has an underscore, so a set's name always has one.
 */
static void put_set_name(struct out *o, const struct policy_group *g, enum family f)
{
	out_printf(o, "%.*s%s", STR_ARG(g->name), f == IPV6 ? "_6" : "_4");
}

static void put_port_set_name(struct out *o, const struct policy_services *s)
{
	out_printf(o, "%.*s_set", STR_ARG(s->name));
}

static void put_group_sets(struct out *o, const struct policy *p)
{
	for (size_t i = 0; i < p->n_groups; i++) {
		const struct policy_group *g = &p->groups[i];
		for (int f = IPV4; f <= IPV6; f++) {
			if (!needs_set(g->addresses, (enum family)f) || is_whole_family(g->addresses, (enum family)f) ||
			    !is_used(p, i, (enum family)f))
				continue;
			if (g->about.n) {
				out_char(o, '\n');
				text_comment_lines(o, "\t# ", g->about);
			}
			out_text(o, "\tset ");
			put_set_name(o, g, (enum family)f);
			out_printf(o, " {\n\t\ttype ipv%d_addr\n\t\tflags interval\n\t\telements = { ",
				   f == IPV6 ? 6 : 4);
			put_addrs(o, g->addresses, (enum family)f);
			out_text(o, " }\n\t}\n");
		}
	}
}

static void add_ports(struct arena *a, struct split_services *r, const struct service_term *t)
{
	size_t j = 0;
	while (j < r->n_with_ports && r->with_ports[j].protocol != t->protocol_lo)
		j++;
	if (j == r->n_with_ports)
		r->with_ports[r->n_with_ports++] = (struct port_list){ .protocol = t->protocol_lo };
	r->with_ports[j].ports = portset_union(a, r->with_ports[j].ports, portset_of(a, &t->port, 1));
}

static struct split_services split(struct arena *a, const struct policy_services *s)
{
	struct split_services r = {
		.with_ports = ARENA_ARRAY(a, struct port_list, s->n),
		.icmp = ARENA_ARRAY(a, const struct service_term *, s->n),
		.sourced = ARENA_ARRAY(a, const struct service_term *, s->n),
		.others = ARENA_ARRAY(a, const struct service_term *, s->n),
	};
	for (size_t i = 0; i < s->n; i++) {
		const struct service_term *t = &s->v[i].term;
		bool one = t->protocol_lo == t->protocol_hi;
		if (one && protocol_is_icmp(t->protocol_lo))
			r.icmp[r.n_icmp++] = t;
		else if (!one || !protocol_has_ports(t->protocol_lo))
			r.others[r.n_others++] = t;
		else if (t->sport.lo == 0 && t->sport.hi == 65535)
			add_ports(a, &r, t);
		else
			r.sourced[r.n_sourced++] = t;
	}
	return r;
}

static void put_service_sets(struct out *o, struct arena *a, const struct policy *p)
{
	char text[PORT_TEXT], proto[PROTOCOL_TEXT];
	for (size_t i = 0; i < p->n_services; i++) {
		struct split_services s = split(a, &p->services[i]);
		size_t n = 0;
		if (s.n_with_ports < 2)
			continue; /* a single protocol is written in the rule */
		out_text(o, "\tset ");
		put_port_set_name(o, &p->services[i]);
		out_text(o, " {\n\t\ttype inet_proto . inet_service\n\t\tflags interval\n\t\telements = { ");
		for (size_t j = 0; j < s.n_with_ports; j++)
			for (size_t m = 0; m < s.with_ports[j].ports.n; m++)
				out_printf(o, "%s%s . %s", n++ ? ",\n\t\t\t     " : "",
					   protocol_text(s.with_ports[j].protocol, proto),
					   port_range_text(s.with_ports[j].ports.v[m], text));
		out_text(o, " }\n\t}\n");
	}
}

void nft_put_sets(struct out *o, struct arena *a, const struct policy *p)
{
	put_group_sets(o, p);
	put_service_sets(o, a, p);
}

static void put_side(struct out *o, const char *side, const struct policy_group *g, enum family f)
{
	const char *ip = f == IPV6 ? "ip6" : "ip";
	char text[RANGE_TEXT];
	if (is_whole_family(g->addresses, f))
		return;
	if (needs_set(g->addresses, f)) {
		out_printf(o, "%s %s @", ip, side);
		put_set_name(o, g, f);
		out_char(o, ' ');
		return;
	}
	for (size_t i = 0; i < g->addresses.n; i++)
		if (g->addresses.v[i].family == f)
			out_printf(o, "%s %s %s ", ip, side, addr_range_text(&g->addresses.v[i], text));
}

static void put_ports(struct out *o, const struct port_list *l)
{
	char text[PORT_TEXT], proto[PROTOCOL_TEXT];
	const char *name = protocol_text(l->protocol, proto);
	if (portset_is_all(l->ports)) {
		out_printf(o, "meta l4proto %s ", name);
		return;
	}
	out_printf(o, "%s dport ", name);
	if (l->ports.n > 1)
		out_text(o, "{ ");
	for (size_t i = 0; i < l->ports.n; i++)
		out_printf(o, "%s%s", i ? ", " : "", port_range_text(l->ports.v[i], text));
	out_text(o, l->ports.n > 1 ? " } " : " ");
}

struct rule_writer {
	struct out *o;
	const struct policy *p;
	const struct relation *r;
	enum family family;
};

static void begin_rule(const struct rule_writer *w)
{
	const struct policy_group *src = &w->p->groups[w->r->src], *dst = &w->p->groups[w->r->dst];
	bool any = is_whole_family(src->addresses, w->family) && is_whole_family(dst->addresses, w->family);
	out_text(w->o, "\t\t");
	if (any)
		out_printf(w->o, "meta nfproto ipv%d ", w->family == IPV6 ? 6 : 4);
	put_side(w->o, "saddr", src, w->family);
	put_side(w->o, "daddr", dst, w->family);
}

static void end_rule(const struct rule_writer *w)
{
	out_text(w->o, w->r->denies ? "drop comment \"" : "accept comment \"");
	text_put_title(w->o, LONGEST_COMMENT - 1, "\"\\", w->r->id, w->r);
	out_text(w->o, "\"\n");
}

static void put_icmp(const struct rule_writer *w, const struct service_term *t)
{
	char type[PORT_TEXT], code[PORT_TEXT];
	bool v6 = t->protocol_lo == PROTO_ICMP6;
	bool all_codes = t->sport.lo == 0 && t->sport.hi >= 255;
	if (v6 != (w->family == IPV6))
		return;
	begin_rule(w);
	if (t->port.lo > 0 || t->port.hi < 255)
		out_printf(w->o, "%s type %s ", v6 ? "icmpv6" : "icmp", port_range_text(t->port, type));
	else if (all_codes)
		out_printf(w->o, "meta l4proto %s ", v6 ? "ipv6-icmp" : "icmp");
	if (!all_codes)
		out_printf(w->o, "%s code %s ", v6 ? "icmpv6" : "icmp", port_range_text(t->sport, code));
	end_rule(w);
}

static void put_sourced(const struct rule_writer *w, const struct service_term *t)
{
	char text[PORT_TEXT], proto[PROTOCOL_TEXT];
	const char *name = protocol_text(t->protocol_lo, proto);
	begin_rule(w);
	out_printf(w->o, "%s sport %s ", name, port_range_text(t->sport, text));
	if (t->port.lo > 0 || t->port.hi < 65535)
		out_printf(w->o, "%s dport %s ", name, port_range_text(t->port, text));
	end_rule(w);
}

static void put_other(const struct rule_writer *w, const struct service_term *t)
{
	char proto[PROTOCOL_TEXT];
	begin_rule(w);
	if (t->protocol_lo == t->protocol_hi)
		out_printf(w->o, "meta l4proto %s ", protocol_text(t->protocol_lo, proto));
	else if (t->protocol_lo > 0 || t->protocol_hi < 255)
		out_printf(w->o, "meta l4proto %u-%u ", t->protocol_lo, t->protocol_hi);
	end_rule(w);
}

void nft_put_relation(struct out *o, struct arena *a, const struct policy *p, const struct relation *r,
		      const bool families[2])
{
	const struct policy_services *services = &p->services[r->services];
	struct split_services s = split(a, services);

	text_comment_lines(o, "\t\t# ", r->about);
	for (int f = IPV4; f <= IPV6; f++) {
		struct rule_writer w = { o, p, r, (enum family)f };
		if (!families[f] || !count_family(p->groups[r->src].addresses, w.family) ||
		    !count_family(p->groups[r->dst].addresses, w.family))
			continue;
		if (s.n_with_ports) {
			begin_rule(&w);
			if (s.n_with_ports > 1) {
				out_text(o, "meta l4proto . th dport @");
				put_port_set_name(o, services);
				out_char(o, ' ');
			} else {
				put_ports(o, &s.with_ports[0]);
			}
			end_rule(&w);
		}
		for (size_t i = 0; i < s.n_sourced; i++)
			put_sourced(&w, s.sourced[i]);
		for (size_t i = 0; i < s.n_icmp; i++)
			put_icmp(&w, s.icmp[i]);
		for (size_t i = 0; i < s.n_others; i++)
			put_other(&w, s.others[i]);
	}
}

/* A table for each side, so that loading one leaves the others. */
static const struct {
	const char *table, *hook, *loopback;
} sides[] = {
	[POLICY_TRANSIT] = { "portolan", "forward", NULL },
	[POLICY_INBOUND] = { "portolan_input", "input", "iifname" },
	[POLICY_OUTBOUND] = { "portolan_output", "output", "oifname" },
};

static void put_link_need(struct out *o, struct arena *a, const struct link_need *need, enum policy_side side)
{
	char text[RANGE_TEXT];
	struct addrset peer = link_need_peer(a, need);
	out_printf(o, "\t\tip6 %s %s ", side == POLICY_INBOUND ? "saddr" : "daddr", addr_range_text(&peer.v[0], text));
	if (need->protocol == PROTO_ICMP6)
		out_printf(o, "icmpv6 type %u", need->types.lo);
	else
		out_printf(o, "udp sport %u udp dport %u", side == POLICY_INBOUND ? need->remote : need->local,
			   side == POLICY_INBOUND ? need->local : need->remote);
	out_printf(o, " accept comment \"%s\"\n", need->about);
}

/* A host's own filter must not block neighbour discovery (RFC 4861): no routed packet has a hop limit of 255. */
static void put_host_needs(struct out *o, struct arena *a, enum policy_side side)
{
	if (side == POLICY_TRANSIT)
		return;
	out_printf(o, "\t\t%s \"lo\" accept\n", sides[side].loopback);
	out_text(o, "\t\tip6 hoplimit 255 icmpv6 type 133-136 accept comment \"neighbour and router discovery\"\n");
	for (const struct link_need *need = link_needs; need->name; need++)
		if (link_need_is_of(need, BESIDE_LINK, side))
			put_link_need(o, a, need, side);
}

static const struct dialect_loading nftables_loading = {
	.loads = LOADS_REPLACES_OWN,
	.load = "nft -f FILE",
	.keep = "copy FILE into /etc/nftables.conf, or include it there",
	.undo = "nft delete table inet portolan",
};

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *table = sides[p->side].table, *hook = sides[p->side].hook;

	text_header(o, "# ", p, "nftables", &nftables_loading);
	out_printf(o, "table inet %s\ndelete table inet %s\ntable inet %s {\n", table, table, table);
	nft_put_sets(o, a, p);
	out_printf(o, "\n\tchain %s {\n\t\ttype filter hook %s priority filter; policy drop;\n", hook, hook);
	out_text(o, "\t\tct state vmap { established : accept, related : accept, invalid : drop }\n");
	put_host_needs(o, a, p->side);
	for (size_t i = 0; i < p->n_relations; i++)
		nft_put_relation(o, a, p, &p->relations[i], (const bool[]){ true, true });
	if (p->log_denials)
		out_text(o, "\t\tlog prefix \"portolan denied: \" drop\n");
	out_text(o, "\t}\n}\n");
	return true;
}

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 4096);
	if (str_find_text(head, STR("hook forward")) != SIZE_MAX ||
	    str_find_text(head, STR("hook input")) != SIZE_MAX || str_find_text(head, STR("hook output")) != SIZE_MAX)
		return 90;
	if (str_starts(head, "#!/usr/sbin/nft") || str_find_text(head, STR("flush ruleset")) != SIZE_MAX)
		return 95;
	if (str_find_text(head, STR("table inet ")) != SIZE_MAX || str_find_text(head, STR("table ip ")) != SIZE_MAX)
		return 80;
	return 0;
}

/* Whether a word begins here that affects other rules: translation, notrack, adding to a set at run time. */
static bool concerns_others(struct str rest)
{
	static const char spellings[][12] = {
		"dnat", "redirect", "tproxy", "notrack", "update @", "add @", "delete @"
	};
	for (size_t i = 0; i < ARRAY_LEN(spellings); i++)
		if (rest.p[0] == spellings[i][0] && str_starts(rest, spellings[i]))
			return true;
	return false;
}

/* A complete statement, with balanced brackets and quotes, that affects nothing but itself. */
static bool is_whole(struct str line)
{
	int depth = 0;
	bool quoted = false, begins = true;
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];
		if (begins && concerns_others(str_skip(line, i)))
			return false;
		begins = c == ' ' || c == '\t' || c == ';' || c == '{';
		if (c == '"')
			quoted = !quoted;
		if (quoted || (c != '{' && c != '}' && c != ';'))
			continue;
		depth += (c == '{') - (c == '}');
		if (depth < 0 || c == ';')
			return false;
	}
	return depth == 0 && !quoted && line.p[line.n - 1] != '\\';
}

/* Rules that begin with a match or a verdict. */
static enum line_kind line_kind(struct str line)
{
	static const char begins[][9] = { "ip",      "tcp",  "udp",    "ip6",     "meta", "ct",   "iifname",
					  "oifname", "iif",  "oif",    "counter", "icmp", "log",  "icmpv6",
					  "accept",  "drop", "reject", "th",      "sctp", "ether" };
	struct str rest = line, word = NO_STR;
	str_word(&rest, &word);
	for (size_t i = 0; i < ARRAY_LEN(begins); i++)
		if (str_is(word, begins[i]))
			return is_whole(line) ? LINE_RULE : LINE_CONTEXT;
	/* what an index or a chain that is emptied means depends on the rules above */
	bool places =
		str_is(word, "insert") || (str_is(word, "add") && str_find_text(rest, STR(" index ")) != SIZE_MAX);
	return places || (str_is(word, "flush") && str_starts(str_trim(rest), "chain")) ? LINE_DISTURBS : LINE_CONTEXT;
}

const struct dialect dialect_nftables = {
	.name = "nftables",
	.title = "nftables, Linux 5.2 and later",
	.ending = "nft",
	.loading = &nftables_loading,
	.emit = emit,
	.logs_denials = true,
	.parse = nftables_parse,
	.patch = &nftables_patch,
	.resembles = resembles,
	.line_kind = line_kind,
	.for_hosts = true,
	.for_transit = true,
	.beside = BESIDE_LINK,
	.longest_name = 120,      /* 128, less the suffix of sets */
	.rules_of_a_relation = 6, /* established, the relation, and of a host what its link needs */
};
