/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenBSD's pf, and FreeBSD's where they agree (pf.conf(5)).
 *
 * Everything is blocked first, and what passes is quick, so that
 * the order of rules does not matter.  Groups are tables, which hold prefixes of
 * both families; a relation is a rule a protocol.  A routed packet is evaluated
 * inbound and outbound: a rule without a direction applies to both.
 */
#include "dialect/pf/pf.h"

#include "dialect/common/link.h"
#include "dialect/common/services.h"
#include "dialect/common/text.h"

enum {
	LONGEST_TABLE = 31,
	LONGEST_LABEL = 63,
	LONGEST_ANCHOR = 63, /* PF_ANCHOR_NAME_SIZE of sys/net/pfvar.h is 64 */
};

struct pf_writer {
	struct out *o;
	struct arena *arena;
	const struct policy *p;
	struct diag *diag;
	const char *direction;
	bool ok;
};

static void put_prefix(struct out *o, const struct addr_range *r)
{
	char text[RANGE_TEXT];
	unsigned length;
	out_text(o, addr_range_text(r, text));
	if (r->lo == 0 && addr_range_is_prefix(r, &length) && length == 0 && !strchr(text, '/'))
		out_text(o, "/0");
}

static bool needs_table(struct arena *a, struct addrset s)
{
	return addrset_count_prefixes(s) > 1 && !addrset_equal(s, addrset_all(a));
}

/* The scanner of pfctl takes no word of the language as a name.  None ends in an underscore, so each table's name does. */
static struct str table_name(struct arena *a, struct str name)
{
	return str_printf(a, "%.*s_", STR_ARG(text_name(a, name, "_-", '_', LONGEST_TABLE - 1)));
}

static bool has_table(struct arena *a, const struct policy *p, size_t group)
{
	bool used = false;
	for (size_t j = 0; j < p->n_relations; j++)
		used |= p->relations[j].src == group || p->relations[j].dst == group;
	return used && needs_table(a, p->groups[group].addresses);
}

static void put_tables(struct pf_writer *w)
{
	for (size_t i = 0; i < w->p->n_groups; i++) {
		const struct policy_group *g = &w->p->groups[i];
		size_t n;
		if (!has_table(w->arena, w->p, i))
			continue;
		struct addr_range *ranges = addrset_prefixes(w->arena, g->addresses, &n);
		text_comment_lines(w->o, "# ", g->about);
		out_printf(w->o, "table <%.*s> const {", STR_ARG(table_name(w->arena, g->name)));
		for (size_t j = 0; j < n; j++) {
			out_text(w->o, j ? ", \\\n\t" : " \\\n\t");
			put_prefix(w->o, &ranges[j]);
		}
		out_text(w->o, " }\n");
	}
}

static void put_end(struct pf_writer *w, const char *side, uint32_t group)
{
	const struct policy_group *g = &w->p->groups[group];
	size_t n;
	out_printf(w->o, " %s ", side);
	if (addrset_equal(g->addresses, addrset_all(w->arena))) {
		out_text(w->o, "any");
	} else if (needs_table(w->arena, g->addresses)) {
		out_printf(w->o, "<%.*s>", STR_ARG(table_name(w->arena, g->name)));
	} else {
		struct addr_range *ranges = addrset_prefixes(w->arena, g->addresses, &n);
		put_prefix(w->o, &ranges[0]);
	}
}

static void put_ports(struct pf_writer *w, struct portset s)
{
	if (portset_is_all(s) || !s.n)
		return;
	out_text(w->o, s.n > 1 ? " port { " : " port ");
	for (size_t i = 0; i < s.n; i++) {
		out_printf(w->o, "%s%u", i ? ", " : "", s.v[i].lo);
		if (s.v[i].hi != s.v[i].lo)
			out_printf(w->o, ":%u", s.v[i].hi);
	}
	if (s.n > 1)
		out_text(w->o, " }");
}

/* The only family in which an item can pass between two sets; NULL: either, or neither. */
static bool has_family(struct pf_writer *w, const struct relation *r, enum family f)
{
	return addrset_part(w->p->groups[r->src].addresses, f).n && addrset_part(w->p->groups[r->dst].addresses, f).n;
}

static void put_rule(struct pf_writer *w, const struct relation *r, const struct service_item *s)
{
	char proto[PROTOCOL_TEXT];
	bool icmp = s->protocol_lo == s->protocol_hi && protocol_is_icmp(s->protocol_lo), ported = item_has_ports(s);
	bool limited = ported && (!portset_is_all(s->ports) || s->sport.lo > 0 || s->sport.hi < 65535);
	bool v4 = has_family(w, r, IPV4) && item_in_family(s, IPV4),
	     v6 = has_family(w, r, IPV6) && item_in_family(s, IPV6);
	if (!v4 && !v6)
		return;
	if ((!item_is_any(s) && s->protocol_lo == 0) ||
	    (limited && s->protocol_lo != PROTO_TCP && s->protocol_lo != PROTO_UDP)) {
		w->ok = diag_error(w->diag, NOWHERE, "pf does not support protocol %u%s (\"%.*s\")", s->protocol_lo,
				   limited ? " with ports" : "", STR_ARG(r->title));
		return;
	}
	out_printf(w->o, "pass%s quick", w->direction);
	if (v4 != v6)
		out_text(w->o, v4 ? " inet" : " inet6");
	if (!item_is_any(s))
		out_printf(w->o, " proto %s",
			   s->protocol_lo == PROTO_ICMP6 ? "icmp6" : protocol_text(s->protocol_lo, proto));
	put_end(w, "from", r->src);
	if (ported)
		put_ports(w, portset_of(w->arena, &s->sport, 1));
	put_end(w, "to", r->dst);
	put_ports(w, s->ports);
	if (icmp && s->type >= 0)
		out_printf(w->o, " icmp%s-type %d", s->protocol_lo == PROTO_ICMP6 ? "6" : "", s->type);
	if (icmp && s->code >= 0)
		out_printf(w->o, " code %d", s->code);
	out_text(w->o, " label \"");
	text_put_title(w->o, LONGEST_LABEL, "\"\\$", r->id, r);
	out_text(w->o, "\"\n");
}

static void put_link_need(struct pf_writer *w, const struct link_need *need)
{
	char text[RANGE_TEXT];
	bool in = w->p->side == POLICY_INBOUND, icmp = need->protocol == PROTO_ICMP6;
	struct addrset peer = link_need_peer(w->arena, need);
	addr_range_text(&peer.v[0], text);
	out_printf(w->o, "pass%s quick inet6 proto %s from %s", w->direction, icmp ? "icmp6" : "udp",
		   in ? text : "any");
	if (!icmp)
		out_printf(w->o, " port %u", in ? need->remote : need->local);
	out_printf(w->o, " to %s", in ? "any" : text);
	if (icmp)
		out_printf(w->o, " icmp6-type %u\n", need->types.lo);
	else
		out_printf(w->o, " port %u\n", in ? need->local : need->remote);
}

/* What a host needs of its link besides neighbour discovery. */
static void put_link_needs(struct pf_writer *w)
{
	for (const struct link_need *need = link_needs; need->name && w->p->side != POLICY_TRANSIT; need++)
		if (link_need_is_of(need, BESIDE_LINK, w->p->side))
			put_link_need(w, need);
}

static const struct dialect_loading pf_loading = {
	.loads = LOADS_REPLACES_ALL,
	.load = "pfctl -nf FILE; pfctl -f FILE",
	.keep = "copy FILE into /etc/pf.conf",
	.undo = "pfctl -f /etc/pf.conf, while that is the file of before",
};

static void put_relations(struct pf_writer *w)
{
	for (size_t i = 0; i < w->p->n_relations; i++) {
		const struct relation *r = &w->p->relations[i];
		struct service_items items = services_merged(w->arena, &w->p->services[r->services]);
		out_char(w->o, '\n');
		text_comment_lines(w->o, "# ", r->about);
		for (size_t j = 0; j < items.n; j++)
			put_rule(w, r, &items.v[j]);
	}
}

static const char *direction_of(enum policy_side side)
{
	return side == POLICY_INBOUND ? " in" : side == POLICY_OUTBOUND ? " out" : "";
}

/* What is quick decides at once, so one side does not change the other. */
static void put_side(struct pf_writer *w, enum policy_side side)
{
	struct policy one = policy_one_side(w->arena, w->p, side);
	struct pf_writer of_side = *w;
	of_side.p = &one;
	of_side.direction = direction_of(one.side);
	put_link_needs(&of_side);
	put_relations(&of_side);
	w->ok &= of_side.ok;
}

/* What the file is to the machine that it is loaded on, and no plan knows. */
static void put_own_needs(struct out *o, const struct policy *p, struct str anchor)
{
	if (!anchor.n)
		out_text(o,
			 "# It also replaces the translations (NAT) and anchors that are loaded there: add yours.\n");
	if (p->side == POLICY_TRANSIT)
		out_printf(o,
			   "# It judges packets to the firewall itself, too.  What it needs is not in the plan; add "
			   "it%s, for\n"
			   "# example:\n"
			   "#  pass quick proto { ospf carp pfsync }\n"
			   "#  pass in quick proto tcp from MANAGEMENT to self port 22\n"
			   "#  pass quick proto udp to port { 67, 68 }\n",
			   anchor.n ? " before the anchor" : "");
}

/*
 * A file for an anchor has no options, and the rules of the main file around it count: those with quick before it, and
 * those behind it.  Its tables are its own.
 */
static void put_anchor_head(struct pf_writer *w, struct str anchor)
{
	struct out *o = w->o;
	const struct dialect_loading loading = {
		.loads = LOADS_REPLACES_OWN,
		.load = arena_printf(w->arena, "pfctl -a %.*s -nf FILE; pfctl -a %.*s -f FILE", STR_ARG(anchor),
				     STR_ARG(anchor)),
		.keep = arena_printf(w->arena, "load anchor \"%.*s\" from \"FILE\" in /etc/pf.conf", STR_ARG(anchor)),
		.undo = arena_printf(w->arena, "pfctl -a %.*s -F rules", STR_ARG(anchor)),
	};
	text_header(o, "# ", w->p, "pf, for an anchor", &loading);
	for (size_t i = 0; i < w->p->n_groups; i++)
		if (has_table(w->arena, w->p, i))
			out_printf(o, "# undo, while pfctl -a %.*s -sT lists it: pfctl -a %.*s -t %.*s -T kill\n",
				   STR_ARG(anchor), STR_ARG(anchor),
				   STR_ARG(table_name(w->arena, w->p->groups[i].name)));
	out_printf(o,
		   "# The main file needs these lines, the second as the last of its rules, because a rule behind it "
		   "could\n"
		   "# decide otherwise, as one with quick before it does:\n"
		   "#  set skip on lo\n"
		   "#  anchor \"%.*s\"\n",
		   STR_ARG(anchor));
}

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct pf_writer w = { .o = o, .arena = a, .p = p, .diag = d, .ok = true };
	struct str anchor = policy_setting(p, "anchor");
	w.direction = direction_of(p->side);
	if (anchor.n)
		put_anchor_head(&w, anchor);
	else
		text_header(o, "# ", p, "pf", &pf_loading);
	put_own_needs(o, p, anchor);
	put_tables(&w);
	out_printf(o, "\n%sblock%s%s all\n", anchor.n ? "" : "set skip on lo\n", w.direction,
		   p->log_denials ? " log" : "");
	/* pf also filters neighbour and router discovery (RFC 4861); no router forwards it */
	out_printf(o, "pass%s quick inet6 proto icmp6 all icmp6-type { 133, 134, 135, 136 }\n", w.direction);
	put_side(&w, POLICY_INBOUND);
	if (p->side == POLICY_BOTH)
		put_side(&w, POLICY_OUTBOUND);
	return w.ok;
}

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 1 << 14), line;
	unsigned score = 0;
	while (str_cut(&head, '\n', &line)) {
		line = str_trim(line);
		bool rule = str_starts(line, "pass ") || str_starts(line, "block ") || str_is(line, "block") ||
			    str_is(line, "pass") || str_starts(line, "@0 ") || str_starts(line, "antispoof ") ||
			    str_starts(line, "match ");
		/* route maps and zone firewalls have "match" as well, but not these */
		bool words = str_find_text(line, STR(" quick")) != SIZE_MAX ||
			     str_find_text(line, STR(" from ")) != SIZE_MAX ||
			     str_find_text(line, STR(" all")) != SIZE_MAX ||
			     str_find_text(line, STR(" on ")) != SIZE_MAX;
		if (rule && words)
			score += 40;
		else if (str_starts(line, "table <") || str_starts(line, "set skip on"))
			score += 50;
	}
	return MIN(score, 90u);
}

static const struct dialect_setting pf_settings[] = {
	{ .key = "anchor", .about = "the anchor that the file is for", .also = "-_.", .longest = LONGEST_ANCHOR },
	{ 0 },
};

const struct dialect dialect_pf = {
	.name = "pf",
	.title = "OpenBSD pf (pf.conf)",
	.ending = "conf",
	.loading = &pf_loading,
	.settings = pf_settings,
	.emit = emit,
	.logs_denials = true,
	.parse = pf_parse,
	.resembles = resembles,
	.for_hosts = true,
	.one_list = true,
	.for_transit = true,
	.beside = BESIDE_LINK,
	.cannot = CANNOT_PROTOCOL_RANGES,
	/* the block, neighbour discovery, and a rule a protocol */
	.rules_of_a_relation = 8,
};
