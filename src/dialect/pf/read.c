/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading pf.conf(5), and what pfctl -sr shows of the rules that are loaded.
 *
 * The last rule that matches decides, unless one says quick; nothing matching
 * lets pass.  As first match that is: the quick rules in their order, the others
 * backwards, and a permission.  A routed packet goes through the rules twice, in
 * and out; both must let it pass.
 *
 * Tables and macros are collected first, then rules are read.  A list makes a
 * rule for each of its members; because these stand together, they are read as
 * one rule about all of them.
 */
#include "dialect/common/names.h"
#include "dialect/pf/pf.h"

/* Options that say nothing about which packets match, with how many words follow. */
static const struct {
	const char *word;
	int arguments;	/* -1: one, or a list in parentheses */
} harmless[] = {
	{ "label", 1 },	 { "tag", 1 },	      { "queue", -1 },	    { "allow-opts", 0 }, { "set", -1 },
	{ "scrub", -1 }, { "ridentifier", 1 }, { "min-ttl", 1 },	    { "max-mss", 1 },	 { "reply-to", -1 },
	{ "dup-to", -1 }, { "prio", 1 },	      { "sloppy", 0 },	    { "dnpipe", -1 },	 { "dnqueue", -1 }, { "keep", 1 },	  { "modulate", 1 },
	{ "synproxy", 1 }, { "least-states", 0 }, { "sticky-address", 0 }, { "round-robin", 0 }, { "random", 0 },
};

static const struct {
	const char *word;
	int arguments;
	const char *why;
} conditions[] = {
	{ "tagged", 1, "a tag that other rules give" },
	{ "user", 1, "the user of a socket" },
	{ "group", 1, "the group of a socket" },
	{ "tos", 1, "a type of service" },
	{ "probability", 1, "chance" },
	{ "received-on", 1, "the interface that it was received on" },
	{ "os", 1, "the sender's operating system" },
	{ "max-pkt-rate", 1, "a rate limit" },
	{ "fragment", 0, "fragments only" },
	{ "dscp", 1, "a code point" },
	{ "once", 0, "one packet, for which alone it is" },
	{ "route-to", -1, "another way than that of its addresses, which it is sent" },
	{ "rtable", 1, "another table of routes" },
	{ "divert-to", 0, "another program, which gets it" },
	{ "divert-packet", 0, "another program, which gets it" },
	{ "divert-reply", 0, "another program, which gets it" },
};

static void skip_arguments(struct pf *x, int n)
{
	struct pf_lexer *l = &x->lexer;
	if (n && pf_is(l, "(")) {
		pf_skip_parentheses(x);
		return;
	}
	if (n && pf_is(l, "{")) {
		while (l->token.kind != PF_END && !pf_is(l, "}"))
			pf_next(l);
		pf_next(l);
		return;
	}
	for (int i = 0; i < (n < 0 ? 1 : n); i++) {
		while (pf_is(l, "!") || pf_is(l, "=") || pf_is(l, "!=") || pf_is(l, "<") || pf_is(l, ">") || pf_is(l, ">=") || pf_is(l, "<="))
			pf_next(l);
		if (!pf_at_end(l))
			pf_next(l);
	}
	if (n < 0 && pf_is(l, "("))
		pf_skip_parentheses(x);
}

/* "S/SA", "any", "A/A" */
static void take_flags(struct pf *x, struct pf_draft *k)
{
	struct str s = x->lexer.token.text;
	if (str_is(s, "any") || str_starts(s, "S/")) {
		pf_next(&x->lexer);
		return;
	}
	draft_perhaps(&k->m, "flags of TCP");
	if (!pf_at_end(&x->lexer))
		pf_next(&x->lexer);
}

/* keep state (max 100, source-track rule, max-src-conn-rate 100/10, overload <bad> flush, if-bound) */
static void read_state_options(struct pf *x, struct pf_draft *k)
{
	struct pf_lexer *l = &x->lexer;
	unsigned depth = 0;
	do {
		depth += pf_is(l, "(");
		depth -= pf_is(l, ")");
		if (pf_is(l, "max") || (l->token.kind == PF_WORD && str_starts(l->token.text, "max-src")))
			draft_perhaps(&k->m, "a limit of its states");
		pf_next(l);
	} while (depth && l->token.kind != PF_END);
}

static bool take_option(struct pf *x, struct pf_draft *k)
{
	struct pf_lexer *l = &x->lexer;
	struct str word = l->token.text;
	if (pf_is(l, "(")) {
		read_state_options(x, k);
		return true;
	}
	if (pf_is(l, "!")) {
		pf_next(l);
		draft_perhaps(&k->m, "an exception");
		return true;
	}
	if (l->token.kind != PF_WORD)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
		if (str_is(word, harmless[i].word)) {
			pf_next(l);
			skip_arguments(x, harmless[i].arguments);
			return true;
		}
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++)
		if (str_is(word, conditions[i].word)) {
			pf_next(l);
			draft_perhaps(&k->m, conditions[i].why);
			/* what a match rule does to packets holds for the rules behind it */
			k->diverts |= conditions[i].arguments < 0 || str_starts(word, "divert") || str_is(word, "rtable");
			skip_arguments(x, conditions[i].arguments);
			return true;
		}
	if (pf_accept(l, "flags")) {
		take_flags(x, k);
		return true;
	}
	if (pf_accept(l, "no")) {
		pf_next(l);	/* state */
		if (k->r.rule.action == ACTION_PERMIT)
			draft_perhaps(&k->m, "answers, because no state is kept");
		return true;
	}
	if (str_ends(word, "-to")) {
		k->translates = true;
		pf_trouble(k, "it translates addresses, and rules behind it see others");
		pf_next(l);
		return true;
	}
	return false;
}

/* What stands between the action and the end of the line. */
static void read_conditions(struct pf *x, struct pf_draft *k)
{
	struct pf_lexer *l = &x->lexer;
	while (!pf_at_end(l) && !pf_is(l, "{") && !k->trouble) {
		if (pf_accept(l, "in"))
			k->r.out = false;
		else if (pf_accept(l, "out"))
			k->r.in = false;
		else if (pf_accept(l, "quick"))
			k->r.quick = true;
		else if (pf_accept(l, "log")) {
			if (pf_is(l, "("))
				pf_skip_parentheses(x);
		} else if (pf_accept(l, "on"))
			pf_each_member(x, k, pf_take_interface);
		else if (pf_accept(l, "inet"))
			draft_family(&k->m, IPV4);
		else if (pf_accept(l, "inet6"))
			draft_family(&k->m, IPV6);
		else if (pf_accept(l, "proto"))
			pf_each_member(x, k, pf_take_protocol);
		else if (pf_accept(l, "all"))
			continue;
		else if (pf_accept(l, "from")) {
			if (!pf_is(l, "port"))
				pf_each_member(x, k, pf_take_src);
			if (pf_accept(l, "port"))
				pf_each_member(x, k, pf_take_sport);
		} else if (pf_accept(l, "to")) {
			if (!pf_is(l, "port"))
				pf_each_member(x, k, pf_take_dst);
			if (pf_accept(l, "port"))
				pf_each_member(x, k, pf_take_port);
		} else if (pf_accept(l, "port"))
			pf_each_member(x, k, pf_take_port);
		else if (pf_accept(l, "icmp-type"))
			pf_each_member(x, k, pf_take_icmp4);
		else if (pf_accept(l, "icmp6-type"))
			pf_each_member(x, k, pf_take_icmp6);
		else if (!take_option(x, k))
			pf_trouble(k, "a word that is not known here");
		if (l->trouble)
			pf_trouble(k, l->trouble);
	}
	if (k->sports.said)
		k->m.sports = portset_of(x->arena, k->sports.v.v, k->sports.v.n);
	if (k->ports.said)
		k->m.ports = portset_of(x->arena, k->ports.v.v, k->ports.v.n);
	k->m.sports_said |= k->sports.said;
	k->m.ports_said |= k->ports.said;
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

static void narrow_end(struct pf *x, struct draft_match *m, const struct pf_end *e, bool src, bool certain)
{
	if (e->any || (!e->v.n && !e->perhaps && !e->never))
		return;
	if (!certain && e->perhaps) {
		draft_perhaps(m, e->perhaps);
		return;
	}
	struct addrset s = range_vec_set(x->arena, &e->v);
	if (src)
		draft_src(m, s, false);
	else
		draft_dst(m, s, false);
}

static void add_product(struct pf *x, struct pf_draft *k, const struct draft_match *m)
{
	k->r.rule.perhaps = NULL;
	draft_into(m, &k->r.rule);
	if (k->r.rule.action == ACTION_PERMIT && draft_finds_neighbours(m))
		k->r.rule.match.never = true;	/* nothing that is routed or that a plan speaks of */
	*VEC_ADD(x->arena, &x->all) = k->r;
}

/* Types of ICMP that have one code between them are a product. */
static void add_rule(struct pf *x, struct pf_draft *k, const struct draft_match *m)
{
	bool *done = ARENA_ARRAY(x->arena, bool, k->icmp.n);
	if (!k->icmp.n)
		add_product(x, k, m);
	for (size_t i = 0; i < k->icmp.n; i++) {
		struct draft_match one = *m;
		uint16_t code = k->icmp.v[i].code;
		if (done[i])
			continue;
		one.icmp_types = NO_PORTS;
		one.icmp_codes = code == ANY_CODE ? port_set(x->arena, 0, 255) : port_set(x->arena, code, code);
		for (size_t n = i; n < k->icmp.n; n++)
			if (k->icmp.v[n].code == code) {
				uint16_t type = k->icmp.v[n].type;
				one.icmp_types = portset_union(x->arena, one.icmp_types, port_set(x->arena, type, type));
				done[n] = true;
			}
		add_product(x, k, &one);
	}
}

/* What is certain and what is not are a rule each. */
static void finish_rule(struct pf *x, struct pf_draft *k)
{
	bool doubt = (k->src.perhaps && !k->src.any) || (k->dst.perhaps && !k->dst.any);
	bool empty = (k->src.perhaps && !k->src.any && !k->src.v.n) || (k->dst.perhaps && !k->dst.any && !k->dst.v.n);
	pf_settle_interfaces(k);
	if ((k->m.ports_said || k->m.sports_said) && !has_ports_only(&k->m)) {
		pf_unknown(x, k->line, "ports without a protocol that has some");
		return;
	}
	/* the order counts: the last of the two decides where neither is quick */
	struct draft_match sure = k->m, may = k->m;
	narrow_end(x, &sure, &k->src, true, true);
	narrow_end(x, &sure, &k->dst, false, true);
	narrow_end(x, &may, &k->src, true, false);
	narrow_end(x, &may, &k->dst, false, false);
	if (doubt && !k->r.quick)
		add_rule(x, k, &may);
	if (!empty)
		add_rule(x, k, &sure);
	if (doubt && k->r.quick)
		add_rule(x, k, &may);
}

static struct pf_draft begin_rule(struct pf *x, const struct pf_draft *around)
{
	struct pf_draft k = { .line = x->lexer.token.at.line };
	if (around)
		k = *around;
	else
		k.m = draft_match_new(x->arena);
	k.r.quick = false;
	k.line = x->lexer.token.at.line;
	if (!around)
		k.r.in = k.r.out = true;
	k.r.rule.at = loc_line(x->source, k.line);
	k.r.rule.text = pf_line_text(x, k.line);
	return k;
}

static struct str label_of(struct pf *x, uint32_t line)
{
	struct str text = pf_line_text(x, line);
	size_t at = str_find_text(text, STR("label \""));
	if (at == SIZE_MAX)
		return NO_STR;
	text = str_skip(text, at + strlen("label \""));
	size_t end = str_find(text, '"');
	return str_first(text, MIN(end, text.n));
}

/* What the words could not be read for comes before what they then seemed to say. */
static const char *why(const struct pf *x, const struct pf_draft *k)
{
	return x->lexer.trouble ? x->lexer.trouble : k->trouble;
}

static void read_rule(struct pf *x, const struct pf_draft *around)
{
	struct pf_lexer *l = &x->lexer;
	struct pf_draft k = begin_rule(x, around);
	bool match = pf_is(l, "match");
	k.r.rule.action = pf_is(l, "block") ? ACTION_DENY : ACTION_PERMIT;
	pf_next(l);
	/* how a block answers */
	while (k.r.rule.action == ACTION_DENY && l->token.kind == PF_WORD &&
	       (str_starts(l->token.text, "return") || str_is(l->token.text, "drop"))) {
		pf_next(l);
		if (pf_is(l, "("))
			pf_skip_parentheses(x);
		if (pf_accept(l, "ttl"))
			pf_next(l);
	}
	read_conditions(x, &k);
	k.r.rule.name = label_of(x, k.line);
	if (!pf_at_end(l))
		pf_trouble(&k, "a word that is not known here");
	if (match && k.diverts)
		pf_trouble(&k, "it sends packets another way, and rules behind it do not say so");
	if (k.trouble)
		pf_unknown(x, k.line, why(x, &k));
	else if (!match)
		finish_rule(x, &k);
	pf_skip_statement(x);
}

static void read_statements(struct pf *x, const struct pf_draft *around);

static bool says_addresses(const struct pf_end *e)
{
	return e->v.n || e->perhaps || e->never;
}

/* anchor "name" in inet from any { ... }: what it says of directions and families holds for each rule inside. */
static void read_anchor(struct pf *x, const struct pf_draft *around)
{
	struct pf_lexer *l = &x->lexer;
	struct pf_draft k = begin_rule(x, around);
	pf_next(l);
	if (l->token.kind == PF_STRING || (l->token.kind == PF_WORD && !pf_is(l, "in") && !pf_is(l, "out") && !pf_is(l, "on") &&
					   !pf_is(l, "quick") && !pf_is(l, "inet") && !pf_is(l, "inet6") && !pf_is(l, "proto") &&
					   !pf_is(l, "from") && !pf_is(l, "to") && !pf_is(l, "all")))
		pf_next(l);
	read_conditions(x, &k);
	if (!pf_is(l, "{")) {
		pf_unknown(x, k.line, k.trouble ? k.trouble : "the rules of this anchor are elsewhere; show them with pfctl -a '*' -sr");
		pf_skip_statement(x);
		return;
	}
	bool narrows = k.r.on.n || k.m.protocols_said || k.m.ports_said || k.m.icmp_said || k.m.perhaps || says_addresses(&k.src) ||
		       says_addresses(&k.dst);
	if (k.trouble || k.r.quick || narrows || x->depth >= PF_MOST_ANCHOR_DEPTH) {
		pf_unknown(x, k.line, k.trouble ? k.trouble : "an anchor with conditions that are not modelled");
		pf_skip_statement(x);
		return;
	}
	/* what an anchor says of everything is nothing that a rule in it says */
	k.src = k.dst = (struct pf_end){ 0 };
	k.anywhere = false;
	pf_next(l);
	x->depth++;
	read_statements(x, &k);
	x->depth--;
	if (!pf_accept(l, "}"))
		pf_unknown(x, k.line, "this anchor does not end");
}

/* set skip on { lo em2 }: nothing is filtered there. */
static void read_set(struct pf *x)
{
	struct pf_lexer *l = &x->lexer;
	struct pf_draft k = begin_rule(x, NULL);
	pf_next(l);
	if (!pf_accept(l, "skip") || !pf_accept(l, "on")) {
		pf_skip_statement(x);
		return;
	}
	pf_each_member(x, &k, pf_take_interface);
	pf_settle_interfaces(&k);
	k.r.quick = k.r.skips = true;
	k.r.rule.action = ACTION_PERMIT;
	if (k.trouble)
		pf_unknown(x, k.line, why(x, &k));
	else if (!k.m.never && k.r.on.n)
		add_rule(x, &k, &k.m);
	pf_skip_statement(x);
}

/* "@12 pass ...", "  [ Evaluations: ... ]" and what else pfctl writes around rules. */
static bool skip_pfctl(struct pf *x)
{
	struct pf_lexer *l = &x->lexer;
	if (l->token.kind == PF_WORD && l->token.text.n > 1 && l->token.text.p[0] == '@') {
		pf_next(l);
		if (pf_is(l, "("))
			pf_skip_parentheses(x);	/* @12(1000000103) */
		return true;
	}
	if (pf_is(l, "[") || pf_is(l, "FILTER") || pf_is(l, "TRANSLATION")) {
		while (l->token.kind != PF_END && l->token.kind != PF_NEWLINE)
			pf_next(l);
		return true;
	}
	return false;
}

static void read_statement(struct pf *x, const struct pf_draft *around)
{
	struct pf_lexer *l = &x->lexer;
	uint32_t line = l->token.at.line;
	struct str word = l->token.text;
	l->trouble = NULL;
	if (l->token.kind != PF_WORD) {
		pf_unknown(x, line, "this is no statement of pf");
		if (pf_is(l, "}"))
			pf_next(l);
		pf_skip_statement(x);
		return;
	}
	if (str_is(word, "table")) {
		pf_read_table(x);
		pf_skip_statement(x);
	} else if (x->first_pass && str_is_one_of(word, "pass block match set")) {
		/* a rule may fill a table with those who misbehave */
		while (!pf_at_end(l) || pf_is(l, "}")) {
			bool overload = pf_accept(l, "overload");
			if (overload && l->token.kind == PF_TABLE)
				pf_find_table(x, l->token.text)->perhaps = "a table that rules fill";
			else if (!overload)
				pf_next(l);
		}
	} else if (str_is_one_of(word, "pass block match")) {
		x->rules->n_lines++;
		read_rule(x, around);
	} else if (str_is(word, "anchor")) {
		read_anchor(x, around);
	} else if (str_is(word, "set")) {
		read_set(x);
	} else if (str_is_one_of(word, "antispoof scrub altq queue include load nat rdr binat nat-anchor rdr-anchor binat-anchor no")) {
		/* antispoof blocks sources on interfaces that they are not behind, which no packet here does */
		if (str_is(word, "include") || str_is(word, "load"))
			pf_unknown(x, line, "another file; show the rules that are loaded with pfctl -sr");
		else if (!str_is_one_of(word, "antispoof scrub altq queue"))
			pf_unknown(x, line, "it translates addresses, and rules behind it see others");
		x->rules->n_ignored++;
		pf_skip_statement(x);
	} else {
		struct str name = str_dup(x->arena, word);
		pf_next(l);
		if (pf_is(l, "=")) {
			pf_read_macro(x, name);
			return;
		}
		pf_unknown(x, line, "this is no statement of pf");
		pf_skip_statement(x);
	}
}

static void read_statements(struct pf *x, const struct pf_draft *around)
{
	struct pf_lexer *l = &x->lexer;
	for (;;) {
		pf_skip_newlines(x);
		if (l->token.kind == PF_END || (around && pf_is(l, "}")))
			return;
		if (!skip_pfctl(x))
			read_statement(x, around);
	}
}

/* The order in which rules are asked. */
enum pf_turn { TURN_SKIP, TURN_QUICK, TURN_LAST };

static enum pf_turn turn_of(const struct pf_rule *r)
{
	return r->skips ? TURN_SKIP : r->quick ? TURN_QUICK : TURN_LAST;
}

static void make_chain(struct pf *x, bool in)
{
	uint32_t chain = ruleset_chain(x->rules, in ? STR("in") : STR("out"), (struct loc){ x->source, 0, 0, 0 });
	*VEC_ADD(x->arena, &x->rules->bases) = chain;
	x->rules->chains.v[chain].fallthrough = ACTION_PERMIT;
	/* an interface that is skipped is skipped wherever that is said */
	for (enum pf_turn turn = TURN_SKIP; turn <= TURN_LAST; turn++)
		for (size_t i = 0; i < x->all.n; i++) {
			const struct pf_rule *r = &x->all.v[turn == TURN_LAST ? x->all.n - 1 - i : i];
			if (turn_of(r) != turn || !(in ? r->in : r->out))
				continue;
			struct rule *to = ruleset_rule(x->rules, chain, r->rule.at);
			*to = r->rule;
			/* a rule for both directions is written once, and counts once */
			to->implicit = !in && r->in && x->options->side == POLICY_TRANSIT;
			if (in)
				to->match.in = r->on;
			else
				to->match.out = r->on;
		}
}

bool pf_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret, struct diag *d)
{
	size_t errors = diag_errors(d);
	struct pf *x = ARENA_NEW(a, struct pf);
	*x = (struct pf){ .arena = a, .source = s, .options = o, .rules = ruleset_new(a, s, "pf"), .diag = d, .tables = strmap_new(a) };
	x->lexer = (struct pf_lexer){ .arena = a, .source = s };
	*ret = x->rules;
	x->rules->replies = REPLIES_FREE;
	x->rules->order = "the last rule that matches decides";
	if (str_find(s->text, 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	x->first_pass = true;
	pf_lexer_begin(&x->lexer);
	read_statements(x, NULL);
	if (x->lexer.unclosed)
		return diag_error(d, loc_line(s, x->lexer.unclosed), "this string does not end; the file may be cut off");
	x->first_pass = false;
	x->all.n = 0;
	pf_lexer_begin(&x->lexer);
	read_statements(x, NULL);
	if (!x->all.n && !x->rules->unknown.n)
		ruleset_unknown(x->rules, loc_line(s, 1), STR("the whole file"), "there is no rule in it");
	if (o->side != POLICY_INBOUND)
		make_chain(x, false);
	if (o->side != POLICY_OUTBOUND)
		make_chain(x, true);
	x->rules->n_understood = x->rules->n_lines - MIN(x->rules->n_lines, x->rules->unknown.n);
	return diag_errors(d) == errors;
}
