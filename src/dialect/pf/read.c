/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading pf.conf(5), and what pfctl -sr prints of the loaded rules.
 *
 * The last rule that matches decides, unless one is quick; without a match the
 * packet passes.  Converted to first match: the quick rules in order, the others
 * in reverse, and a permit.  A routed packet is evaluated twice, inbound
 * and outbound; both must let it pass.
 *
 * Tables and macros are collected first, then rules are read.  A list makes a
 * rule for each of its members; because these are adjacent, they are read as
 * one rule about all of them.
 */
#include "dialect/common/names.h"
#include "dialect/pf/pf.h"

/* Options that do not affect matching, with the number of words that follow. */
static const struct {
	const char *word;
	int arguments; /* -1: one, or a list in parentheses */
} harmless[] = {
	{ "tag", 1 },          { "queue", -1 },         { "allow-opts", 0 },  { "scrub", -1 },   { "ridentifier", 1 },
	{ "min-ttl", 1 },      { "max-mss", 1 },        { "reply-to", -1 },   { "dup-to", -1 },  { "sloppy", 0 },
	{ "dnpipe", -1 },      { "dnqueue", -1 },       { "keep", 1 },        { "modulate", 1 }, { "synproxy", 1 },
	{ "least-states", 0 }, { "sticky-address", 0 }, { "round-robin", 0 }, { "random", 0 },
};

static const struct {
	const char *word;
	int arguments;
	const char *why;
} conditions[] = {
	{ "tagged", 1, "a tag that other rules set" },
	{ "user", 1, "the user of a socket" },
	{ "group", 1, "the group of a socket" },
	{ "tos", 1, "a type of service" },
	{ "prio", 1, "a queueing priority" },
	{ "probability", 1, "chance" },
	{ "received-on", 1, "the interface that received it" },
	{ "os", 1, "the operating system of the sender" },
	{ "max-pkt-rate", 1, "a rate limit" },
	{ "fragment", 0, "fragments only" },
	{ "dscp", 1, "a DSCP value" },
	{ "once", 0, "the first packet, after which it expires" },
	{ "route-to", -1, "the route that it sets" },
	{ "rtable", 1, "another routing table" },
	{ "divert-to", 0, "another program, which receives the packets" },
	{ "divert-packet", 0, "another program, which receives the packets" },
	{ "divert-reply", 0, "another program, which receives the packets" },
};

static void skip_arguments(struct pf *pf, int n)
{
	struct pf_lexer *l = &pf->lexer;
	if (n && pf_is(l, "(")) {
		pf_skip_parentheses(pf);
		return;
	}
	if (n && pf_is(l, "{")) {
		while (l->token.kind != PF_END && !pf_is(l, "}"))
			pf_next(l);
		pf_next(l);
		return;
	}
	for (int i = 0; i < (n < 0 ? 1 : n); i++) {
		while (pf_is(l, "!") || pf_is(l, "=") || pf_is(l, "!=") || pf_is(l, "<") || pf_is(l, ">") ||
		       pf_is(l, ">=") || pf_is(l, "<="))
			pf_next(l);
		if (!pf_at_end(l))
			pf_next(l);
	}
	if (n < 0 && pf_is(l, "("))
		pf_skip_parentheses(pf);
}

/* "S/SA", "any", "A/A" */
static void take_flags(struct pf *pf, struct pf_draft *draft)
{
	struct str s = pf->lexer.token.text;
	if (str_is(s, "any") || str_starts(s, "S/")) {
		pf_next(&pf->lexer);
		return;
	}
	draft_perhaps(&draft->m, "flags of TCP");
	if (!pf_at_end(&pf->lexer))
		pf_next(&pf->lexer);
}

/* keep state (max 100, source-track rule, max-src-conn-rate 100/10, overload <bad> flush, if-bound) */
static void read_state_options(struct pf *pf, struct pf_draft *draft)
{
	struct pf_lexer *l = &pf->lexer;
	unsigned depth = 0;
	do {
		depth += pf_is(l, "(");
		depth -= pf_is(l, ")");
		if (pf_is(l, "max") || (l->token.kind == PF_WORD && str_starts(l->token.text, "max-src")))
			draft_perhaps(&draft->m, "a limit on its states");
		pf_next(l);
	} while (depth && l->token.kind != PF_END);
}

static bool take_option(struct pf *pf, struct pf_draft *draft)
{
	struct pf_lexer *l = &pf->lexer;
	struct str word = l->token.text;
	if (pf_is(l, "(")) {
		read_state_options(pf, draft);
		return true;
	}
	if (pf_is(l, "!")) {
		pf_next(l);
		draft_perhaps(&draft->m, "a negated condition");
		return true;
	}
	if (l->token.kind != PF_WORD)
		return false;
	if (pf_accept(l, "set")) {
		/* set prio 2, set (prio 2, queue q): what is set on packets that match; pf.conf(5), "Packet Filtering" */
		if (!pf_is(l, "(") && str_is_one_of(l->token.text, "prio queue tos delay"))
			pf_next(l);
		skip_arguments(pf, 1);
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
		if (str_is(word, harmless[i].word)) {
			pf_next(l);
			skip_arguments(pf, harmless[i].arguments);
			return true;
		}
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++)
		if (str_is(word, conditions[i].word)) {
			pf_next(l);
			draft_perhaps(&draft->m, conditions[i].why);
			/* what a match rule changes applies to the rules after it */
			draft->diverts |=
				conditions[i].arguments < 0 || str_starts(word, "divert") || str_is(word, "rtable");
			skip_arguments(pf, conditions[i].arguments);
			return true;
		}
	if (pf_accept(l, "flags")) {
		take_flags(pf, draft);
		return true;
	}
	if (pf_accept(l, "no")) {
		pf_next(l); /* state */
		if (draft->r.rule.action == ACTION_PERMIT)
			draft_perhaps(&draft->m, "replies, because it keeps no state");
		return true;
	}
	if (str_ends(word, "-to")) {
		pf_take_translation(pf, draft);
		return true;
	}
	return false;
}

static void take_label(struct pf *pf, struct pf_draft *draft)
{
	struct pf_lexer *l = &pf->lexer;
	if (l->token.kind == PF_STRING)
		draft->r.rule.name = l->token.text;
	pf_next(l);
}

/* The words between the action and the end of the line. */
static void read_conditions(struct pf *pf, struct pf_draft *draft)
{
	struct pf_lexer *l = &pf->lexer;
	while (!pf_at_end(l) && !pf_is(l, "{") && !pf_is(l, "->") && !draft->trouble) {
		if (pf_accept(l, "in"))
			draft->r.out = false;
		else if (pf_accept(l, "out"))
			draft->r.in = false;
		else if (pf_accept(l, "quick"))
			draft->r.quick = true;
		else if (pf_accept(l, "log")) {
			if (pf_is(l, "("))
				pf_skip_parentheses(pf);
		} else if (pf_accept(l, "on"))
			pf_each_member(pf, draft, pf_take_interface);
		else if (pf_accept(l, "inet"))
			draft_family(&draft->m, IPV4);
		else if (pf_accept(l, "inet6"))
			draft_family(&draft->m, IPV6);
		else if (pf_accept(l, "proto"))
			pf_each_member(pf, draft, pf_take_protocol);
		else if (pf_accept(l, "all"))
			continue;
		else if (pf_accept(l, "from")) {
			if (!pf_is(l, "port"))
				pf_each_member(pf, draft, pf_take_src);
			if (pf_accept(l, "port"))
				pf_each_member(pf, draft, pf_take_sport);
		} else if (pf_accept(l, "to")) {
			if (!pf_is(l, "port"))
				pf_each_member(pf, draft, pf_take_dst);
			if (pf_accept(l, "port"))
				pf_each_member(pf, draft, pf_take_port);
		} else if (pf_accept(l, "port"))
			pf_each_member(pf, draft, pf_take_port);
		else if (pf_accept(l, "icmp-type"))
			pf_each_member(pf, draft, pf_take_icmp4);
		else if (pf_accept(l, "icmp6-type"))
			pf_each_member(pf, draft, pf_take_icmp6);
		else if (pf_accept(l, "label"))
			take_label(pf, draft);
		else if (!take_option(pf, draft))
			pf_trouble(draft, "an unknown word");
		if (l->trouble)
			pf_trouble(draft, l->trouble);
	}
	if (draft->sports.said)
		draft->m.sports = portset_of(pf->arena, draft->sports.ranges.v, draft->sports.ranges.n);
	if (draft->ports.said)
		draft->m.ports = portset_of(pf->arena, draft->ports.ranges.v, draft->ports.ranges.n);
	draft->m.sports_said |= draft->sports.said;
	draft->m.ports_said |= draft->ports.said;
}

static bool has_ports_only(const struct draft_match *m)
{
	if (!m->protocols_said)
		return false;
	for (size_t i = 0; i < m->protocols.n; i++)
		for (unsigned p = m->protocols.v[i].lo; p <= m->protocols.v[i].hi; p++)
			if (!protocol_has_ports(p))
				return false;
	return true;
}

static void narrow_end(struct pf *pf, struct draft_match *m, const struct pf_end *e, bool src, bool certain)
{
	if (e->any || (!e->ranges.n && !e->perhaps && !e->never))
		return;
	struct addrset s = range_vec_set(pf->arena, &e->ranges);
	if (!certain && e->perhaps) {
		draft_perhaps(m, e->perhaps);
		s = addrset_union(pf->arena, s, range_vec_set(pf->arena, &e->more));
		if (addrset_equal(s, everywhere_set()))
			return;
	}
	if (src)
		draft_src(m, s, false);
	else
		draft_dst(m, s, false);
}

static void add_product(struct pf *pf, struct pf_draft *draft, const struct draft_match *m)
{
	draft->r.rule.perhaps = NULL;
	draft_into(m, &draft->r.rule);
	if (draft->r.rule.action == ACTION_PERMIT && draft_finds_neighbours(m))
		draft->r.rule.match.never = true; /* never routed, and in no plan */
	struct pf_rule *r = VEC_ADD(pf->arena, &pf->all);
	*r = draft->r;
	pf_set_target(pf, draft, r);
}

/* ICMP types with the same set of codes form a product. */
static void add_rule(struct pf *pf, struct pf_draft *draft, const struct draft_match *m)
{
	bool *done = ARENA_ARRAY(pf->arena, bool, draft->icmp.n);
	if (!draft->icmp.n)
		add_product(pf, draft, m);
	for (size_t i = 0; i < draft->icmp.n; i++) {
		struct draft_match one = *m;
		uint16_t code = draft->icmp.v[i].code;
		if (done[i])
			continue;
		one.icmp_types = NO_PORTS;
		one.icmp_codes = code == ANY_CODE ? port_set(pf->arena, 0, 255) : port_set(pf->arena, code, code);
		for (size_t n = i; n < draft->icmp.n; n++)
			if (draft->icmp.v[n].code == code) {
				uint16_t type = draft->icmp.v[n].type;
				one.icmp_types =
					portset_union(pf->arena, one.icmp_types, port_set(pf->arena, type, type));
				done[n] = true;
			}
		add_product(pf, draft, &one);
	}
}

/* The certain and the uncertain part become a rule each. */
static void finish_rule(struct pf *pf, struct pf_draft *draft)
{
	bool doubt = (draft->src.perhaps && !draft->src.any) || (draft->dst.perhaps && !draft->dst.any);
	bool empty = (draft->src.perhaps && !draft->src.any && !draft->src.ranges.n) ||
		     (draft->dst.perhaps && !draft->dst.any && !draft->dst.ranges.n);
	pf_settle_interfaces(draft);
	if ((draft->m.ports_said || draft->m.sports_said) && !has_ports_only(&draft->m)) {
		pf_unknown(pf, draft->line, "ports without a protocol that has ports");
		return;
	}
	/* the order matters: where neither is quick, the last of the two decides */
	struct draft_match sure = draft->m, may = draft->m;
	narrow_end(pf, &sure, &draft->src, true, true);
	narrow_end(pf, &sure, &draft->dst, false, true);
	narrow_end(pf, &may, &draft->src, true, false);
	narrow_end(pf, &may, &draft->dst, false, false);
	if (doubt && !draft->r.quick)
		add_rule(pf, draft, &may);
	if (!empty)
		add_rule(pf, draft, &sure);
	if (doubt && draft->r.quick)
		add_rule(pf, draft, &may);
}

static struct pf_draft begin_rule(struct pf *pf, const struct pf_draft *around)
{
	struct pf_draft draft = { .line = pf->lexer.token.at.line };
	if (around)
		draft = *around;
	else
		draft.m = draft_match_new(pf->arena);
	draft.r.quick = false;
	draft.line = pf->lexer.token.at.line;
	if (!around)
		draft.r.in = draft.r.out = true;
	draft.r.rule.at = loc_line(pf->source, draft.line);
	draft.r.rule.text = pf_line_text(pf, draft.line);
	return draft;
}

/* An error in the words takes precedence over the errors that follow from it. */
static const char *why(const struct pf *pf, const struct pf_draft *draft)
{
	return pf->lexer.trouble ? pf->lexer.trouble : draft->trouble;
}

static void read_rule(struct pf *pf, const struct pf_draft *around)
{
	struct pf_lexer *l = &pf->lexer;
	struct pf_draft draft = begin_rule(pf, around);
	bool match = pf_is(l, "match");
	draft.r.rule.action = match ? ACTION_NEXT : pf_is(l, "block") ? ACTION_DENY : ACTION_PERMIT;
	pf_next(l);
	/* the reply of a block */
	while (draft.r.rule.action == ACTION_DENY && l->token.kind == PF_WORD &&
	       (str_starts(l->token.text, "return") || str_is(l->token.text, "drop"))) {
		pf_next(l);
		if (pf_is(l, "("))
			pf_skip_parentheses(pf);
		if (pf_accept(l, "ttl"))
			pf_next(l);
	}
	read_conditions(pf, &draft);
	if (!pf_at_end(l))
		pf_trouble(&draft, "an unknown word");
	if (match && draft.diverts)
		pf_trouble(&draft, "it routes packets elsewhere, and the rules after it do not show that");
	if (draft.trouble)
		pf_unknown(pf, draft.line, why(pf, &draft));
	else if (!match || draft.target.kind)
		finish_rule(pf, &draft);
	if (match)
		pf_add_steps(pf, &draft, pf->n_filtering, true);
	pf->n_filtering = pf->all.n;
	pf_skip_statement(pf);
}

/*
 * pfctl takes ports of nat without a protocol (nat_consistent() in its parse.y).  They are those of TCP and UDP, and of SCTP
 * where the kernel looks at its ports.
 */
static void finish_nat(struct pf *pf, struct pf_draft *draft)
{
	if (draft->m.protocols_said || !(draft->m.ports_said || draft->m.sports_said)) {
		finish_rule(pf, draft);
		return;
	}
	struct pf_draft sctp = *draft;
	draft->m.protocols_said = sctp.m.protocols_said = true;
	draft->m.protocols = portset_union(pf->arena, port_set(pf->arena, PROTO_TCP, PROTO_TCP),
					   port_set(pf->arena, PROTO_UDP, PROTO_UDP));
	sctp.m.protocols = port_set(pf->arena, PROTO_SCTP, PROTO_SCTP);
	draft_perhaps(&sctp.m, "whether the kernel looks at ports of SCTP");
	finish_rule(pf, draft);
	finish_rule(pf, &sctp);
}

/* no nat on em0 ..., rdr pass on em0 ... -> 10.1.0.20 port 8443, binat on em0 from A to any -> B */
static void read_translation(struct pf *pf)
{
	struct pf_lexer *l = &pf->lexer;
	struct pf_draft draft = begin_rule(pf, NULL);
	draft.exempt = pf_accept(l, "no");
	enum pf_translation kind = pf_is(l, "nat") ? PF_NAT : pf_is(l, "rdr") ? PF_RDR : PF_BINAT;
	draft.r.rule.action = ACTION_NEXT;
	pf_next(l);
	draft.passes = pf_accept(l, "pass");
	read_conditions(pf, &draft);
	if (pf_accept(l, "->")) {
		pf_read_target(pf, &draft.target);
		while (!pf_at_end(l) && !draft.trouble && take_option(pf, &draft))
			continue;
	} else if (!draft.exempt) {
		pf_trouble(&draft, "a translation without \"->\"");
	}
	draft.target.kind = kind;
	if (!pf_at_end(l))
		pf_trouble(&draft, "an unknown word");
	if (draft.trouble)
		pf_unknown(pf, draft.line, why(pf, &draft));
	else if (kind == PF_NAT)
		finish_nat(pf, &draft);
	else
		finish_rule(pf, &draft);
	pf_add_steps(pf, &draft, pf->n_filtering, false);
	pf_skip_statement(pf);
}

static void read_statements(struct pf *pf, const struct pf_draft *around);

static bool says_addresses(const struct pf_end *e)
{
	return e->ranges.n || e->perhaps || e->never;
}

/* anchor "name" in inet from any { ... }: its direction and family apply to each rule inside. */
static void read_anchor(struct pf *pf, const struct pf_draft *around)
{
	struct pf_lexer *l = &pf->lexer;
	struct pf_draft draft = begin_rule(pf, around);
	pf_next(l);
	if (l->token.kind == PF_STRING ||
	    (l->token.kind == PF_WORD && !pf_is(l, "in") && !pf_is(l, "out") && !pf_is(l, "on") && !pf_is(l, "quick") &&
	     !pf_is(l, "inet") && !pf_is(l, "inet6") && !pf_is(l, "proto") && !pf_is(l, "from") && !pf_is(l, "to") &&
	     !pf_is(l, "all")))
		pf_next(l);
	read_conditions(pf, &draft);
	if (!pf_is(l, "{")) {
		pf_unknown(pf, draft.line,
			   draft.trouble ? draft.trouble
					 : "the rules of this anchor are elsewhere; print them with pfctl -a '*' -sr");
		pf_skip_statement(pf);
		return;
	}
	bool narrows = draft.r.on.n || draft.m.protocols_said || draft.m.ports_said || draft.m.icmp_said ||
		       draft.m.perhaps || says_addresses(&draft.src) || says_addresses(&draft.dst);
	if (draft.trouble || draft.r.quick || narrows || pf->depth >= PF_MOST_ANCHOR_DEPTH) {
		pf_unknown(pf, draft.line,
			   draft.trouble ? draft.trouble : "an anchor with conditions that are not modelled");
		pf_skip_statement(pf);
		return;
	}
	/* a condition of an anchor that matches everything restricts none of its rules */
	draft.src = draft.dst = (struct pf_end){ 0 };
	draft.anywhere = false;
	pf_next(l);
	pf->depth++;
	read_statements(pf, &draft);
	pf->depth--;
	if (!pf_accept(l, "}"))
		pf_unknown(pf, draft.line, "this anchor does not end");
}

/* set skip on { lo em2 }: nothing is filtered there. */
static void read_set(struct pf *pf)
{
	struct pf_lexer *l = &pf->lexer;
	struct pf_draft draft = begin_rule(pf, NULL);
	pf_next(l);
	if (!pf_accept(l, "skip") || !pf_accept(l, "on")) {
		pf_skip_statement(pf);
		return;
	}
	pf_each_member(pf, &draft, pf_take_interface);
	pf_settle_interfaces(&draft);
	draft.r.quick = draft.r.skips = true;
	draft.r.rule.action = ACTION_PERMIT;
	if (draft.trouble)
		pf_unknown(pf, draft.line, why(pf, &draft));
	else if (!draft.m.never && draft.r.on.n)
		add_rule(pf, &draft, &draft.m);
	pf->n_filtering = pf->all.n;
	pf_skip_statement(pf);
}

/* "@12 pass ...", "  [ Evaluations: ... ]" and what else pfctl prints around rules. */
static bool skip_pfctl(struct pf *pf)
{
	struct pf_lexer *l = &pf->lexer;
	if (l->token.kind == PF_WORD && l->token.text.n > 1 && l->token.text.p[0] == '@') {
		pf_next(l);
		if (pf_is(l, "("))
			pf_skip_parentheses(pf); /* @12(1000000103) */
		return true;
	}
	if (pf_is(l, "[") || pf_is(l, "FILTER") || pf_is(l, "TRANSLATION")) {
		while (l->token.kind != PF_END && l->token.kind != PF_NEWLINE)
			pf_next(l);
		return true;
	}
	return false;
}

/* nat, rdr or binat of FreeBSD, also after "no"; "no scrub" is none. */
static bool is_translation(struct pf *pf)
{
	const struct pf_lexer *l = &pf->lexer;
	if (!pf_is(l, "no"))
		return l->token.kind == PF_WORD && str_is_one_of(l->token.text, "nat rdr binat");
	struct pf_lexer ahead = *l;
	pf_next(&ahead);
	return ahead.token.kind == PF_WORD && str_is_one_of(ahead.token.text, "nat rdr binat");
}

static void read_statement(struct pf *pf, const struct pf_draft *around)
{
	struct pf_lexer *l = &pf->lexer;
	uint32_t line = l->token.at.line;
	struct str word = l->token.text;
	l->trouble = NULL;
	if (l->token.kind != PF_WORD) {
		pf_unknown(pf, line, "this is not a pf statement");
		if (pf_is(l, "}"))
			pf_next(l);
		pf_skip_statement(pf);
		return;
	}
	if (str_is(word, "table")) {
		pf_read_table(pf);
		pf_skip_statement(pf);
	} else if (pf->first_pass && str_is_one_of(word, "pass block match set")) {
		/* a rule may add offending sources to a table */
		while (!pf_at_end(l) || pf_is(l, "}")) {
			bool overload = pf_accept(l, "overload");
			if (overload && l->token.kind == PF_TABLE)
				pf_find_table(pf, l->token.text)->perhaps = "a table that rules fill";
			else if (!overload)
				pf_next(l);
		}
	} else if (str_is_one_of(word, "pass block match")) {
		pf->rules->n_lines++;
		read_rule(pf, around);
	} else if (str_is(word, "anchor")) {
		read_anchor(pf, around);
	} else if (str_is(word, "set")) {
		read_set(pf);
	} else if (!pf->first_pass && is_translation(pf)) {
		read_translation(pf);
	} else if (str_is_one_of(word, "antispoof scrub altq queue include load nat rdr binat nat-anchor rdr-anchor "
				       "binat-anchor no")) {
		/* antispoof blocks sources that arrive on the wrong interface, as no packet of a proof does */
		if (str_is(word, "no"))
			pf_next(l); /* no scrub: packets stay as they are */
		if (str_is_one_of(word, "include load"))
			pf_unknown(pf, line, "another file; print the loaded rules with pfctl -sr");
		else if (!str_is_one_of(word, "antispoof scrub altq queue") && !pf_is(l, "scrub"))
			pf_unknown(pf, line,
				   "the translations of this anchor are elsewhere; print them with pfctl -a '*' -sn");
		pf->rules->n_ignored++;
		pf_skip_statement(pf);
	} else {
		struct str name = str_dup(pf->arena, word);
		pf_next(l);
		if (pf_is(l, "=")) {
			pf_read_macro(pf, name);
			return;
		}
		pf_unknown(pf, line, "this is not a pf statement");
		pf_skip_statement(pf);
	}
}

static void read_statements(struct pf *pf, const struct pf_draft *around)
{
	struct pf_lexer *l = &pf->lexer;
	for (;;) {
		pf_skip_newlines(pf);
		if (l->token.kind == PF_END || (around && pf_is(l, "}")))
			return;
		if (!skip_pfctl(pf))
			read_statement(pf, around);
	}
}

bool pf_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
	      struct diag *d)
{
	size_t errors = diag_errors(d);
	struct pf *pf = ARENA_NEW(a, struct pf);
	*pf = (struct pf){ .arena = a,
			   .source = s,
			   .options = o,
			   .rules = ruleset_new(a, s, "pf"),
			   .diag = d,
			   .tables = strmap_new(a),
			   .groups = strmap_new(a) };
	pf->lexer = (struct pf_lexer){ .arena = a, .source = s };
	*ret = pf->rules;
	pf->rules->replies = REPLIES_FREE;
	pf->rules->order = "the last rule that matches decides";
	if (str_find(s->text, 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	pf->first_pass = true;
	pf_lexer_begin(&pf->lexer);
	read_statements(pf, NULL);
	if (pf->lexer.unclosed)
		return diag_error(d, loc_line(s, pf->lexer.unclosed),
				  "this string does not end; the file may be truncated");
	pf->first_pass = false;
	pf->all.n = pf->n_filtering = pf->steps.n = 0;
	pf_lexer_begin(&pf->lexer);
	read_statements(pf, NULL);
	if (!pf->all.n && !pf->rules->unknown.n)
		ruleset_unknown(pf->rules, loc_line(s, 1), STR("the whole file"), "the file contains no rule");
	uint32_t in, out;
	if (o->side != POLICY_INBOUND)
		*VEC_ADD(a, &pf->rules->bases) = out = pf_chain(pf, false);
	if (o->side != POLICY_OUTBOUND)
		*VEC_ADD(a, &pf->rules->bases) = in = pf_chain(pf, true);
	pf_translate(pf, o->side != POLICY_OUTBOUND ? &in : NULL, o->side != POLICY_INBOUND ? &out : NULL);
	pf->rules->n_understood = pf->rules->n_lines - MIN(pf->rules->n_lines, pf->rules->unknown.n);
	return diag_errors(d) == errors;
}
