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
