/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading nftables: the text that nft(8) prints and that administrators write.
 *
 * Two passes.  The first collects sets, maps and definitions, which rules may
 * name before they are complete (add element); the second reads rules.  Both
 * parse the same statements, so they always agree on where one ends.
 *
 * A rule is read from left to right.  Each expression narrows the drafts of the
 * rule (dialect/common/match.h); a concatenation makes one draft an element.  What is
 * known to be a condition, but not modelled, makes the rule uncertain; what is
 * unknown altogether makes it an unknown line.
 */
#include "dialect/nftables/nftables.h"

#include "flow/translate.h"

/* Chains and tables */

static bool wanted_hook(const struct nft *n, struct str hook)
{
	if (n->options->part.n)
		return str_eq(hook, n->options->part);
	switch (n->options->side) {
	case POLICY_INBOUND:
		return str_is(hook, "input") || str_is(hook, "prerouting");
	case POLICY_OUTBOUND:
		return str_is(hook, "output") || str_is(hook, "postrouting");
	case POLICY_TRANSIT:
	case POLICY_BOTH: /* no reader is asked for it */
		break;
	}
	return str_is(hook, "forward") || str_is(hook, "prerouting") || str_is(hook, "postrouting");
}

/*
 * Hooks before and after IP filtering.  ARP packets are in no plan; what the other
 * families drop never reaches the chains that are read.
 */
static const char *foreign_reason(const struct nft *n, struct str hook)
{
	bool ingress = str_is(hook, "ingress"), egress = str_is(hook, "egress");
	if (n->options->part.n || str_is(n->family, "arp") || (ingress && n->options->side == POLICY_OUTBOUND) ||
	    (egress && n->options->side == POLICY_INBOUND))
		return NULL;
	if (ingress)
		return "it filters before routing (ingress) and is not modelled";
	if (egress)
		return "it filters after routing (egress) and is not modelled";
	return str_is(n->family, "bridge") ? "it filters bridged frames and is not modelled" : NULL;
}

/* Before priority -200 there is no connection tracking. */
static bool is_early(struct str priority)
{
	enum { CONNTRACK = 200 };
	uint32_t number;
	if (str_is(priority, "raw"))
		return true;
	return str_starts(priority, "-") && str_to_u32(str_skip(priority, 1), INT32_MAX, &number) &&
	       number >= CONNTRACK;
}

/* A name or a number, and what is added to it: "dstnat - 5", "-150". */
static int read_priority(struct nft *n)
{
	static const struct {
		const char *name;
		int value;
	} names[] = { { "raw", -300 }, { "mangle", -150 }, { "dstnat", -100 }, { "filter", 0 },
		      { "out", 100 },  { "security", 50 }, { "srcnat", 100 } };
	int sum = 0, sign = 1;
	bool due = true; /* a name or a number */
	for (; !nft_at_end(n); nft_next(n)) {
		struct str s = n->token.text;
		uint32_t number;
		bool known = false;
		if (s.n && (s.p[0] == '-' || s.p[0] == '+')) {
			sign = s.p[0] == '-' ? -1 : 1;
			s = str_skip(s, 1);
			due = true;
			if (!s.n)
				continue;
		}
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			if (str_is(s, names[i].name)) {
				sum += names[i].value;
				known = true;
			}
		if (str_to_u32(s, INT32_MAX / 4, &number)) {
			sum = MAX(MIN(sum + sign * (int)number, INT32_MAX / 2), INT32_MIN / 2);
			known = true;
		}
		if (!due || !known)
			nft_refuse_at(n, n->token.at, "this is not the priority of a chain");
		due = false;
	}
	if (due)
		nft_refuse_at(n, n->token.at, "this chain has no priority");
	return sum;
}

static bool is_internet_family(struct str family)
{
	return str_is(family, "ip") || str_is(family, "ip6") || str_is(family, "inet");
}

/* Where the destinations of packets that reach a hook are translated. */
static bool translates_for(const struct nft *n, struct str hook)
{
	struct str part = n->options->part;
	bool outbound = part.n ? str_is(part, "output") : n->options->side == POLICY_OUTBOUND;
	return str_is(hook, outbound ? "output" : "prerouting");
}

static void make_base(struct nft *n, struct nft_chain *c, struct str type, struct str hook)
{
	struct chain *chain = &n->rules->chains.v[c->number];
	bool one_family = !str_is(n->family, "inet");
	chain->fallthrough = ACTION_PERMIT;
	c->is_base = true;
	c->foreign = foreign_reason(n, hook);
	bool wanted = is_internet_family(n->family) && wanted_hook(n, hook);
	/* source translation follows the filter; destination translation is searched for in the rules */
	c->translates = wanted && str_is(type, "nat") && str_is(hook, "postrouting");
	c->hook = hook;
	/* the first packets of connections pass these chains, and no others */
	c->is_nat = is_internet_family(n->family) && str_is(type, "nat") && translates_for(n, hook);
	if (c->foreign || (!wanted && !c->is_nat) || c->translates) {
		c->ignored = true;
		return;
	}
	if (!c->is_nat)
		*VEC_ADD(n->arena, &n->rules->bases) = c->number;
	if (one_family) {
		/* packets of the other family do not pass here */
		struct rule *rule = ruleset_rule(n->rules, c->number, chain->at);
		struct draft_match m = draft_match_new(n->arena);
		draft_family(&m, str_is(n->family, "ip") ? IPV6 : IPV4);
		draft_into(&m, rule);
		rule->action = ACTION_PERMIT;
		rule->implicit = true;
		rule->text = STR("implicit: a table of one family does not filter the other");
	}
}

/* type filter hook forward priority filter; policy drop; */
static void read_base(struct nft *n, struct nft_chain *c)
{
	struct str type = n->token.text, hook = NO_STR;
	bool early = false, said = false;
	int priority = 0;
	if (!str_is_one_of(type, "filter nat route"))
		nft_refuse_at(n, n->token.at, "this is not a type of chains");
	nft_next(n);
	while (!nft_at_end(n)) {
		if (nft_accept(n, "hook")) {
			hook = n->token.text;
			nft_next(n);
		} else if (nft_accept(n, "priority")) {
			early = is_early(n->token.text);
			priority = read_priority(n);
			said = true;
		} else if (nft_accept(n, "devices") || nft_accept(n, "device")) {
			nft_accept(n, "=");
			if (nft_is(n, "{"))
				nft_skip_block(n);
			else
				nft_next(n);
		} else {
			nft_refuse_at(n, n->token.at, "this is not a part of what a chain is attached to");
			nft_next(n);
		}
	}
	if (!hook.n || !said)
		nft_refuse_at(n, n->token.at, "a base chain needs a hook and a priority");
	if (n->first_pass)
		return;
	c->untracked = early && (str_is(hook, "prerouting") || str_is(hook, "output"));
	/* a repeated declaration is the same chain, with its rules */
	if (!c->is_base) {
		c->priority = priority;
		make_base(n, c, type, hook);
	}
}

static void read_chain_policy(struct nft *n, struct nft_chain *c)
{
	bool drop = nft_is(n, "drop");
	if (!n->first_pass) {
		struct chain *chain = &n->rules->chains.v[c->number];
		if (!drop && !nft_is(n, "accept"))
			nft_unknown(n, n->token.at, "this is not a policy of a chain");
		else if (drop && c->foreign)
			nft_unknown(n, n->token.at, c->foreign);
		else if (drop && c->translates)
			nft_unknown(n, n->token.at, "a chain that translates addresses and drops packets");
		chain->fallthrough = drop ? ACTION_DENY : ACTION_PERMIT;
		chain->policy_at = n->token.at;
	}
	nft_next(n);
}

/* A line end or ; follows each block. */
static void check_block_end(struct nft *n)
{
	if (!nft_at_end(n) || nft_is(n, "}"))
		nft_refuse_at(n, n->token.at, "a block ends without a line end or ; behind it");
}

/* A block ends, or the file does: then the missing rest decides as well, and is unknown. */
static void close_block(struct nft *n, struct loc opened)
{
	if (nft_accept(n, "}")) {
		check_block_end(n);
		return;
	}
	if (!n->cut_off)
		diag_error(n->diag, opened, "this block does not end; the file may be truncated");
	n->cut_off = true;
}

static void read_define(struct nft *n);

static void read_chain_block(struct nft *n, struct nft_chain *c)
{
	struct loc opened = n->token.at;
	bool policy_said = false;
	nft_next(n); /* { */
	for (;;) {
		nft_skip_newlines(n);
		if (n->token.kind == TOK_END || nft_is(n, "}"))
			break;
		if (nft_accept(n, "type")) {
			read_base(n, c);
		} else if (nft_accept(n, "policy")) {
			if (policy_said)
				nft_refuse_at(n, n->token.at, "a chain has one policy");
			policy_said = true;
			read_chain_policy(n, c);
		} else if (nft_is(n, "define") || nft_is(n, "redefine"))
			read_define(n);
		else if (nft_is(n, "comment") || nft_is(n, "flags") || nft_is(n, "devices") || nft_is(n, "device"))
			nft_skip_statement(n);
		else
			nft_read_rule(n, c);
		if (nft_is(n, "}"))
			nft_refuse_at(n, n->token.at, "a statement ends without a line end or ; behind it");
	}
	close_block(n, opened);
}

/* NULL in the first pass, which reads no rules. */
static struct nft_chain *define_chain(struct nft *n, struct token name)
{
	if (n->first_pass)
		return NULL;
	struct nft_chain *c = nft_chain_of(n, name.text, name.at);
	nft_check_name(n, &name);
	if (!c->defined)
		n->rules->chains.v[c->number].at = name.at;
	c->defined = true;
	n->n_seen++;
	return c;
}

static void read_set(struct nft *n, const struct token *name)
{
	struct nft_set *s = nft_find_set(n, name->text, true);
	nft_check_name(n, name);
	if (!nft_is(n, "{"))
		return;
	nft_read_set_block(n, s);
	check_block_end(n);
}

static void read_object(struct nft *n);

static void read_table_block(struct nft *n)
{
	struct loc opened = n->token.at;
	nft_next(n); /* { */
	for (;;) {
		nft_skip_newlines(n);
		if (n->token.kind == TOK_END || nft_is(n, "}"))
			break;
		if (nft_is(n, "define") || nft_is(n, "redefine"))
			read_define(n);
		else
			read_object(n);
	}
	close_block(n, opened);
}

/* ct helper NAME { type "tftp" protocol udp; }: it applies where a rule sets it. */
static void read_helper(struct nft *n)
{
	struct str name = str_dup(n->keep, nft_full_name(n, n->token.text));
	nft_next(n);
	if (!nft_accept(n, "{"))
		return;
	while (n->token.kind != TOK_END && !nft_is(n, "}")) {
		if (nft_accept(n, "type")) {
			struct str *type = ARENA_NEW(n->keep, struct str);
			*type = str_dup(n->keep, n->token.text);
			strmap_add(&n->helpers, name, type);
		}
		nft_next(n);
	}
	nft_next(n);
}

/* flags dormant; flags owner; */
static void read_table_flags(struct nft *n)
{
	struct loc at = n->token.at;
	bool dormant = false;
	while (!nft_at_end(n)) {
		dormant |= nft_is(n, "dormant");
		nft_next(n);
	}
	if (dormant)
		nft_unknown(n, at, "a dormant table filters nothing, whatever it contains");
}

/* Members of a table, or operands of add: chain, set, map and what decides nothing. */
static void read_object(struct nft *n)
{
	struct token kind = n->token;
	nft_next(n);
	struct token name = n->token;
	if (str_is(kind.text, "chain")) {
		nft_next(n);
		struct nft_chain *c = define_chain(n, name);
		if (nft_is(n, "{"))
			read_chain_block(n, c);
	} else if (str_is(kind.text, "set") || str_is(kind.text, "map")) {
		nft_next(n);
		read_set(n, &name);
	} else if (str_is(kind.text, "ct") && str_is(name.text, "helper")) {
		nft_next(n);
		read_helper(n);
	} else if (str_is(kind.text, "flags")) {
		read_table_flags(n);
	} else if (str_is(kind.text, "counter") || str_is(kind.text, "quota") || str_is(kind.text, "limit") ||
		   str_is(kind.text, "flowtable") || str_is(kind.text, "secmark") || str_is(kind.text, "synproxy") ||
		   str_is(kind.text, "ct") || str_is(kind.text, "comment")) {
		nft_skip_statement(n);
	} else {
		nft_unknown(n, kind.at, "this is not a member of a table");
		nft_skip_statement(n);
	}
}

static bool is_family(struct str s)
{
	static const char *const families[] = { "ip", "ip6", "inet", "arp", "bridge", "netdev" };
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (str_is(s, families[i]))
			return true;
	return false;
}

static void read_family_and_table(struct nft *n)
{
	n->family = STR("ip");
	if (is_family(n->token.text)) {
		n->family = str_dup(n->arena, n->token.text);
		nft_next(n);
	}
	n->table = str_dup(n->arena, n->token.text);
	nft_check_name(n, &n->token);
	nft_next(n);
}

static void read_table(struct nft *n)
{
	read_family_and_table(n);
	if (nft_is(n, "{"))
		read_table_block(n);
}

/* "index N" before a rule that is inserted before the one of that index, or added after it; false: a place that no file states. */
static bool read_place(struct nft *n, bool *named, uint32_t *index)
{
	*named = nft_is(n, "index");
	*index = 0;
	if (nft_is(n, "position") || nft_is(n, "handle"))
		return false;
	if (!nft_accept(n, "index"))
		return true;
	bool known = str_to_u32(n->token.text, MOST_RULES_BYTES, index);
	nft_next(n);
	return known;
}

static void read_rule_command(struct nft *n, struct nft_chain *chain, bool insert, struct loc at)
{
	bool named;
	uint32_t index;
	if (!read_place(n, &named, &index)) {
		nft_unknown(n, at, "a rule whose place is a handle; list the rule set and read that");
		nft_skip_statement(n);
	} else if (!chain || (!named && !insert)) {
		nft_read_rule(n, chain);
	} else if (named && index >= chain->entries.n) {
		nft_refuse_at(n, at, "the chain has no rule of that index");
		nft_skip_statement(n);
	} else {
		nft_insert_rule(n, chain, index + !insert, at);
	}
}

/* add|insert|create rule|chain|set|element ... */
static void read_command(struct nft *n)
{
	bool insert = nft_is(n, "insert"), replaces = nft_is(n, "replace");
	nft_next(n);
	struct token kind = n->token;
	nft_next(n);
	if (replaces) {
		nft_unknown(n, kind.at, "a rule that replaces another; list the rule set and read that");
		nft_skip_statement(n);
		return;
	}
	if (str_is(kind.text, "table")) {
		read_table(n);
		return;
	}
	read_family_and_table(n);
	struct token name = n->token;
	nft_next(n);
	if (str_is(kind.text, "chain")) {
		struct nft_chain *c = define_chain(n, name);
		if (nft_is(n, "{"))
			read_chain_block(n, c);
	} else if (str_is(kind.text, "rule")) {
		read_rule_command(n, define_chain(n, name), insert, kind.at);
	} else if (str_is(kind.text, "set") || str_is(kind.text, "map")) {
		read_set(n, &name);
	} else if (str_is(kind.text, "element")) {
		nft_keep_elements(n, nft_find_set(n, name.text, true));
	} else {
		static const char *const others[] = { "counter", "quota",   "limit",   "flowtable",
						      "ct",      "secmark", "synproxy" };
		bool known = false;
		for (size_t i = 0; i < ARRAY_LEN(others); i++)
			known |= str_is(kind.text, others[i]);
		if (!known)
			nft_unknown(n, kind.at,
				    "this is not an object that nftables adds; add a rule with \"add rule\"");
		nft_skip_statement(n);
	}
}

/* And is no IPv6 address. */
static bool begins_with_colon(struct str s)
{
	return str_starts(s, ":") && !str_starts(s, "::");
}

static void read_define(struct nft *n)
{
	struct loc at = n->token.at;
	nft_next(n);
	struct str name = str_dup(n->arena, n->token.text);
	struct input *in = &n->inputs[n->n_inputs - 1];
	nft_next(n);
	if (!nft_is(n, "=")) {
		nft_unknown(n, n->token.at, "a definition without =");
		nft_skip_statement(n);
		return;
	}
	struct str begin = in->rest;
	nft_next(n);
	unsigned depth = 0;
	const char *end = n->token.text.p;
	while (n->token.kind != TOK_END && !(depth == 0 && (n->token.kind == TOK_NEWLINE || nft_is(n, ";")))) {
		if ((depth == 0 && (nft_is(n, ",") || nft_is(n, "}"))) || begins_with_colon(n->token.text))
			nft_refuse_at(n, n->token.at, "this is not the value of a definition");
		depth += nft_is(n, "{");
		depth -= nft_is(n, "}") && depth;
		nft_next(n);
		end = n->token.text.p;
	}
	if (n->token.kind == TOK_END)
		end = begin.p + begin.n;
	struct nft_define *known = strmap_get(&n->defines, name);
	if (!known) {
		known = ARENA_NEW(n->keep, struct nft_define);
		strmap_add(&n->defines, str_dup(n->keep, name), known);
	} else if (n->first_pass) {
		known->again = true;
	}
	known->text = str_first(begin, (size_t)(end - begin.p));
	if (known->again)
		nft_unknown(n, at, "a name that is defined twice");
}

static void read_file(struct nft *n)
{
	n->inputs[0] = (struct input){ n->source->text, 1, 1, true };
	n->n_inputs = 1;
	n->n_seen = 0;
	n->n_defined = 0;
	nft_next(n);
	for (;;) {
		nft_skip_newlines(n);
		if (n->token.kind == TOK_END)
			return;
		n->broken = false;
		if (nft_accept(n, "table")) {
			read_table(n);
		} else if (nft_is(n, "add") || nft_is(n, "insert") || nft_is(n, "create") || nft_is(n, "replace")) {
			read_command(n);
		} else if (nft_is(n, "define") || nft_is(n, "redefine")) {
			read_define(n);
		} else if (nft_is(n, "flush") || nft_is(n, "delete") || nft_is(n, "destroy") || nft_is(n, "undefine") ||
			   nft_is(n, "reset")) {
			/* before a new rule set these clear the old one; after one they would change it */
			struct loc at = n->token.at;
			bool flushed = nft_is(n, "flush") && nft_flush_chain(n);
			if (n->n_seen && !flushed)
				nft_unknown(n, at, "this removes statements above");
			nft_skip_statement(n);
		} else if (nft_is(n, "include")) {
			nft_unknown(n, n->token.at, "another file; list the loaded rule set and read that");
			nft_skip_statement(n);
		} else if (nft_is(n, "}")) {
			nft_unknown(n, n->token.at, "unmatched }");
			nft_next(n);
		} else {
			nft_unknown(n, n->token.at, "this is not a statement of nftables");
			nft_skip_statement(n);
		}
	}
}

static void check_chains(struct nft *n)
{
	for (size_t i = 0; i < n->all_chains.n; i++) {
		const struct nft_chain *c = n->all_chains.v[i];
		if (!c->defined)
			diag_error(n->diag, c->used_at, "there is no chain \"%.*s\" in this table",
				   STR_ARG(n->rules->chains.v[c->number].name));
	}
}

/* Chains that translate come in the order of their priorities, each before what follows it on the packet's path. */
static void translate(struct nft *n)
{
	VEC(struct nft_chain *) nat = { 0 };
	VEC(uint32_t) before = { 0 }, bases = { 0 };
	int first = INT32_MAX;
	for (size_t i = 0; i < n->all_chains.n; i++) {
		struct nft_chain *c = n->all_chains.v[i];
		if (!c->is_nat)
			continue;
		size_t at = nat.n;
		*VEC_ADD(n->keep, &nat) = c;
		for (; at > 0 && nat.v[at - 1]->priority > c->priority; at--)
			nat.v[at] = nat.v[at - 1];
		nat.v[at] = c;
		first = MIN(first, c->priority);
	}
	for (size_t i = 0; i < nat.n; i++)
		*VEC_ADD(n->keep, &before) = nat.v[i]->number;
	for (size_t i = 0; i < n->all_chains.n; i++) {
		const struct nft_chain *c = n->all_chains.v[i];
		bool same_hook = nat.n && str_eq(c->hook, nat.v[0]->hook);
		if (c->is_base && !c->ignored && !c->is_nat && (!same_hook || c->priority > first))
			*VEC_ADD(n->keep, &bases) = c->number;
	}
	ruleset_translate(n->rules, before.v, before.n, bases.v, bases.n);
}

bool nftables_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		    struct diag *d)
{
	size_t errors = diag_errors(d);
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	struct nft *n = ARENA_NEW(a, struct nft);
	*n = (struct nft){
		.arena = a,
		.keep = a,
		.scratch = scratch,
		.source = s,
		.options = o,
		.rules = ruleset_new(a, s, "nftables"),
		.diag = d,
		.defines = strmap_new(a),
		.sets = strmap_new(a),
		.chains = strmap_new(a),
		.helpers = strmap_new(a),
	};
	n->rules->replies = REPLIES_TRACKED;
	if (!str_is_utf8(str_first(s->text, 1 << 16)) && str_find(s->text, 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	n->first_pass = true;
	read_file(n);
	if (n->cut_off)
		return false;
	n->first_pass = false;
	read_file(n);
	nft_number_rules(n);
	check_chains(n);
	for (size_t i = 0; i < n->all_sets.n; i++)
		nft_check_set(n, n->all_sets.v[i]);
	translate(n);
	if (o->part.n && !n->rules->bases.n && diag_errors(d) == errors)
		ruleset_unknown(n->rules, (struct loc){ s, 0, 0, 0 }, NO_STR, "there is no chain \"%.*s\" here",
				STR_ARG(o->part));
	else if (!n->rules->bases.n && diag_errors(d) == errors)
		ruleset_unknown(n->rules, (struct loc){ s, 0, 0, 0 }, NO_STR, "no chain here filters %s",
				o->side == POLICY_INBOUND    ? "incoming traffic"
				: o->side == POLICY_OUTBOUND ? "outgoing traffic"
							     : "forwarded traffic; a host's own rules are read with "
							       "--host, or --side in or out");
	*ret = n->rules;
	return diag_errors(d) == errors;
}
