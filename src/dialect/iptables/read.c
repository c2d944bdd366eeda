/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading iptables-save and ip6tables-save, and `ipset save` beside them, in
 * one file or several parts of one.  Scripts of plain iptables commands are read
 * too, if they contain no variables.
 *
 * The first pass collects sets, which rules may name before their definition;
 * the second reads rules.  IPv4 and IPv6 are filtered by separate programs,
 * so every built-in chain lets the other family pass.
 */
#include "dialect/iptables/iptables.h"

static void unknown(struct ipt *t, const char *why)
{
	ruleset_unknown(t->rules, lines_at(&t->lines), t->line, "%s", why);
}

/* Chains */

static void set_policy(struct ipt *t, const struct ipt_chain *c, struct str policy)
{
	struct chain *chain = &t->rules->chains.v[c->number];
	if (str_is(t->table, "nat") && str_is(policy, "DROP"))
		unknown(t, "a chain that translates addresses and drops packets");
	if (str_is(policy, "ACCEPT") || str_is(policy, "DROP")) {
		chain->fallthrough = str_is(policy, "DROP") && !str_is(t->table, "nat") ? ACTION_DENY : ACTION_PERMIT;
		chain->policy_at = lines_at(&t->lines);
	} else if (!str_is(policy, "-")) {
		unknown(t, "this is not a policy of a chain");
	}
}

/* :FORWARD DROP [0:0] */
static void read_chain_line(struct ipt *t)
{
	struct str name = str_skip(t->words.v[0], 1);
	if (!name.n || t->words.n < 2) {
		unknown(t, "a chain without a name or a policy");
		return;
	}
	set_policy(t, ipt_define_chain(t, name), t->words.v[1]);
}

/* Commands */

static void append_rule(struct ipt *t, size_t i)
{
	struct str name = t->words.v[i];
	if (!ipt_table_has(t->table, name)) {
		ruleset_refused(t->rules, lines_at(&t->lines), t->line, "the table %.*s has no chain %.*s",
				STR_ARG(t->table), STR_ARG(name));
		return;
	}
	struct ipt_chain *c = ipt_is_built_in(name) ? ipt_define_chain(t, name) : ipt_chain_of(t, name);
	/* sources are translated behind the filter */
	bool behind = str_is(t->table, "nat") && (str_is(name, "POSTROUTING") || str_is(name, "INPUT"));
	if (!c->defined)
		ruleset_refused(t->rules, lines_at(&t->lines), t->line,
				"the chain %.*s is not defined before its rules", STR_ARG(name));
	*VEC_ADD(t->keep, &c->entries) = (uint32_t)t->rules->chains.v[c->number].rules.n;
	ipt_read_rule(t, c, i + 1, !behind && (!c->ignored || str_is(t->table, "nat")));
}

/* The number of an entry, from 1 on, as word i; false when there is none or it is too large. */
static bool entry_number(struct ipt *t, size_t i, uint32_t *ret)
{
	return i < t->words.n && str_to_u32(t->words.v[i], UINT32_MAX, ret) && *ret;
}

/* The cost of moving all that is behind an entry; false when the file asks for too much. */
static bool may_move(struct ipt *t, const struct ipt_chain *c, uint32_t entry)
{
	t->moved += t->rules->chains.v[c->number].rules.n + c->entries.n - entry;
	if (t->moved > MOST_MOVED)
		unknown(t, "too many rules are inserted or deleted; save the loaded rules and read that");
	return t->moved <= MOST_MOVED;
}

/* -I CHAIN [NUMBER] RULE: read as the last entry, which is then moved. */
static void insert_rule(struct ipt *t, size_t i)
{
	uint32_t number = 1;
	if (entry_number(t, i + 1, &number)) {
		for (size_t j = i + 1; j + 1 < t->words.n; j++)
			t->words.v[j] = t->words.v[j + 1];
		t->words.n--;
	}
	append_rule(t, i);
	struct ipt_chain *c = ipt_chain_of(t, t->words.v[i]);
	size_t last = c->entries.n - 1;
	if (!c->entries.n || number - 1 == last)
		return;
	if (number - 1 > last) {
		ruleset_refused(t->rules, lines_at(&t->lines), t->line, "the chain has only %zu rules", last);
		return;
	}
	if (!may_move(t, c, number - 1))
		return;
	struct chain *chain = &t->rules->chains.v[c->number];
	size_t at = c->entries.v[number - 1], from = c->entries.v[last], n = chain->rules.n - from;
	struct rule *made = ARENA_ARRAY(t->keep, struct rule, n);
	memcpy(made, chain->rules.v + from, n * sizeof *made);
	memmove(chain->rules.v + at + n, chain->rules.v + at, (from - at) * sizeof *made);
	memcpy(chain->rules.v + at, made, n * sizeof *made);
	for (size_t j = last; j >= number; j--)
		c->entries.v[j] = c->entries.v[j - 1] + (uint32_t)n;
	c->entries.v[number - 1] = (uint32_t)at;
}

/* -D CHAIN NUMBER */
static void delete_rule(struct ipt *t, size_t i)
{
	uint32_t number;
	struct ipt_chain *c = ipt_chain_of(t, t->words.v[i]);
	if (t->words.n != i + 2 || !entry_number(t, i + 1, &number)) {
		unknown(t, "a rule that is deleted by its text; save the loaded rules and read that");
		return;
	}
	if (number > c->entries.n) {
		ruleset_refused(t->rules, lines_at(&t->lines), t->line, "the chain has only %zu rules", c->entries.n);
		return;
	}
	if (!may_move(t, c, number - 1))
		return;
	struct chain *chain = &t->rules->chains.v[c->number];
	size_t at = c->entries.v[number - 1], end = number < c->entries.n ? c->entries.v[number] : chain->rules.n;
	memmove(chain->rules.v + at, chain->rules.v + end, (chain->rules.n - end) * sizeof *chain->rules.v);
	chain->rules.n -= end - at;
	for (size_t j = number; j < c->entries.n; j++)
		c->entries.v[j - 1] = c->entries.v[j] - (uint32_t)(end - at);
	c->entries.n--;
}

static void flush_chain(struct ipt *t, size_t i)
{
	/* before new rules it clears the table; after some it would remove them */
	if (i >= t->words.n) {
		if (ruleset_size(t->rules))
			unknown(t, "this removes statements above");
		return;
	}
	const struct ipt_chain *c = ipt_chain_of(t, t->words.v[i]);
	const struct chain *chain = &t->rules->chains.v[c->number];
	if (chain->rules.n && !chain->rules.v[chain->rules.n - 1].implicit)
		unknown(t, "this removes statements above");
}

/* A command from word i on: "-A FORWARD ...". */
static void read_command(struct ipt *t, size_t i)
{
	const words *w = &t->words;
	struct str what = i < w->n ? w->v[i] : NO_STR;
	bool named = i + 1 < w->n;

	if ((str_is(what, "-A") || str_is(what, "--append")) && named) {
		append_rule(t, i + 1);
	} else if ((str_is(what, "-P") || str_is(what, "--policy")) && i + 2 < w->n) {
		set_policy(t, ipt_define_chain(t, w->v[i + 1]), w->v[i + 2]);
	} else if ((str_is(what, "-N") || str_is(what, "--new-chain")) && named) {
		ipt_define_chain(t, w->v[i + 1]);
	} else if (str_is(what, "-F") || str_is(what, "--flush")) {
		flush_chain(t, i + 1);
	} else if ((str_is(what, "-I") || str_is(what, "--insert")) && named) {
		insert_rule(t, i + 1);
	} else if ((str_is(what, "-D") || str_is(what, "--delete")) && named) {
		delete_rule(t, i + 1);
	} else if (!str_is(what, "-X") && !str_is(what, "--delete-chain") && !str_is(what, "-Z") &&
		   !str_is(what, "--zero") && !str_is(what, "-L") && !str_is(what, "-S") && !str_is(what, "-nL")) {
		unknown(t, "this is not a statement of iptables-save");
	}
}

/* iptables -t filter -A ...: a line of a script. */
static void read_script_line(struct ipt *t, size_t i, bool v6)
{
	const words *w = &t->words;
	struct str table = t->table;
	enum family family = t->family;

	if (str_find(t->line, '$') != SIZE_MAX || str_find(t->line, '`') != SIZE_MAX) {
		unknown(t, "a shell would expand this; save the loaded rules and read that");
		return;
	}
	t->family = v6 ? IPV6 : IPV4;
	t->table = STR("filter");
	while (i < w->n && (str_is(w->v[i], "-w") || str_is(w->v[i], "-t") || str_is(w->v[i], "--table"))) {
		if (!str_is(w->v[i], "-w") && i + 1 < w->n)
			t->table = str_dup(t->keep, w->v[++i]);
		i++;
	}
	read_command(t, i);
	t->family = family;
	t->table = table;
}

/* Sections */

static bool names_ipv6(struct str before, struct str word)
{
	bool address = str_is(before, "-s") || str_is(before, "-d") || str_is(before, "--source") ||
		       str_is(before, "--destination") || str_is(before, "--src-range") ||
		       str_is(before, "--dst-range");
	return (address && str_find(word, ':') != SIZE_MAX) || str_is(word, "ipv6-icmp") || str_is(word, "icmpv6") ||
	       str_is(word, "--icmpv6-type") || str_is(word, "icmp6-port-unreachable") ||
	       str_is(word, "icmp6-adm-prohibited");
}

/* A table does not state its family; only what its rules name does.  Commands of a script state theirs. */
static enum family guess_family(const struct lines *from)
{
	struct lines l = *from;
	struct str line, word, before = NO_STR;
	while (lines_next(&l, &line) && !str_starts(line, "COMMIT")) {
		struct str rest = str_starts(line, "ip") ? NO_STR : line;
		while (str_word(&rest, &word)) {
			if (names_ipv6(before, word))
				return IPV6;
			before = word;
		}
	}
	return IPV4;
}

static void read_comment(struct ipt *t, bool *family_said)
{
	struct str s = str_trim(str_skip(t->line, 1));
	bool v4 = str_starts(s, "Generated by iptables-save") || str_is(s, "iptables-restore");
	bool v6 = str_starts(s, "Generated by ip6tables-save") || str_is(s, "ip6tables-restore");
	if (v4 || v6) {
		t->family = v6 ? IPV6 : IPV4;
		*family_said = true;
	}
}

static bool is_ipset_line(struct str line)
{
	return str_starts(line, "create ") || str_starts(line, "add ") || str_starts(line, "flush ") ||
	       str_starts(line, "destroy") || str_starts(line, "ipset ");
}

static void begin_table(struct ipt *t, bool family_said)
{
	if (t->table_at.line)
		diag_error(t->diag, t->table_at, "this table does not end: COMMIT is missing before the next one");
	t->table = str_dup(t->keep, str_skip(t->words.v[0], 1));
	t->table_at = lines_at(&t->lines);
	if (!family_said)
		t->family = guess_family(&t->lines);
	if (!strmap_add(&t->tables, str_printf(t->keep, "%d %.*s", t->family, STR_ARG(t->table)), t))
		unknown(t, "this table appears twice: loading the second one removes the rules of the first");
}

/* The program's name without its path and without "sudo". */
static struct str program_of(const words *w, size_t *rest)
{
	size_t i = w->n > 1 && str_is(w->v[0], "sudo") ? 1 : 0;
	struct str s = w->v[i];
	for (size_t j = s.n; j > 0; j--)
		if (s.p[j - 1] == '/') {
			s = str_skip(s, j);
			break;
		}
	*rest = i + 1;
	return s;
}

/* [packets:bytes] */
static bool is_counters(struct str s)
{
	struct str packets, bytes = s;
	uint64_t number;
	if (!str_starts(s, "[") || !str_ends(s, "]"))
		return false;
	bytes = str_first(str_skip(s, 1), s.n - 2);
	return str_cut(&bytes, ':', &packets) && str_to_u64(packets, UINT64_MAX, &number) &&
	       str_to_u64(bytes, UINT64_MAX, &number);
}

static void read_line(struct ipt *t, bool *family_said)
{
	size_t rest;
	struct str first = t->words.v[0], program = program_of(&t->words, &rest);

	if (first.p[0] == '*') {
		begin_table(t, *family_said);
	} else if (str_is(first, "COMMIT")) {
		if (!t->table_at.line || t->words.n > 1)
			ruleset_refused(t->rules, lines_at(&t->lines), t->line, "COMMIT ends no table here");
		t->table_at = NOWHERE;
		t->table = STR("filter");
	} else if (first.p[0] == ':') {
		read_chain_line(t);
	} else if (first.p[0] == '[' && t->words.n > 1) {
		if (!is_counters(first))
			ruleset_refused(t->rules, lines_at(&t->lines), t->line, "these are not counters");
		read_command(t, 1); /* [packets:bytes] -A ... */
	} else if (first.p[0] == '-') {
		read_command(t, 0);
	} else if (str_is(program, "iptables") || str_is(program, "ip6tables")) {
		read_script_line(t, rest, str_is(program, "ip6tables"));
	} else {
		unknown(t, "this is not a statement of iptables-save");
	}
}

static void first_pass(struct ipt *t)
{
	t->lines = lines_of(t->source);
	while (lines_next(&t->lines, &t->line)) {
		bool changes = str_find_text(t->line, STR("--add-set ")) != SIZE_MAX ||
			       str_find_text(t->line, STR("--del-set ")) != SIZE_MAX;
		if (!changes && !is_ipset_line(t->line))
			continue;
		arena_reset(t->scratch);
		t->words = (words){ 0 };
		words_split(t->scratch, t->line, &t->words);
		if (!changes)
			ipset_read(t, str_is(t->words.v[0], "ipset") && t->words.n > 1 ? 1 : 0);
		for (size_t i = 1; changes && i < t->words.n; i++)
			if (str_is(t->words.v[i - 1], "--add-set") || str_is(t->words.v[i - 1], "--del-set"))
				ipset_make_uncertain(t, t->words.v[i], "an ipset that packets modify");
	}
}

static void second_pass(struct ipt *t)
{
	bool family_said = false;
	t->lines = lines_of(t->source);
	t->table = STR("filter");
	/* iptables -S prints no table */
	t->family = guess_family(&t->lines);
	while (lines_next(&t->lines, &t->line)) {
		t->rules->n_lines++;
		bool blanks = t->line.n && !str_trim(t->line).n;
		t->line = str_trim(t->line);
		if (blanks && family_said)
			ruleset_refused(t->rules, lines_at(&t->lines), t->line, "a line of blanks");
		if (!t->line.n || is_ipset_line(t->line) || str_starts(t->line, "#!"))
			continue;
		if (t->line.p[0] == '#') {
			read_comment(t, &family_said);
			continue;
		}
		if (t->line.n > LONGEST_RULE_LINE || t->rules->unknown.n > MOST_RULES) {
			unknown(t, "this line is too long");
			continue;
		}
		arena_reset(t->scratch);
		t->words = (words){ 0 };
		words_split(t->scratch, t->line, &t->words);
		if (t->words.n && t->words.v[0].n)
			read_line(t, &family_said);
	}
	if (t->table_at.line)
		diag_error(t->diag, t->table_at,
			   "this table does not end: COMMIT is missing; the file may be truncated");
}

bool iptables_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		    struct diag *d)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	size_t errors = diag_errors(d);
	struct read_options own = *o;
	struct ipt *t = ARENA_NEW(a, struct ipt);
	/* packets of these chains come to or from the host itself, whatever side was asked for */
	if (str_is(o->part, "INPUT"))
		own.side = POLICY_INBOUND;
	else if (str_is(o->part, "OUTPUT"))
		own.side = POLICY_OUTBOUND;
	else if (str_is(o->part, "FORWARD"))
		own.side = POLICY_TRANSIT;
	*t = (struct ipt){
		.keep = a,
		.scratch = scratch,
		.source = s,
		.options = &own,
		.rules = ruleset_new(a, s, "iptables"),
		.diag = d,
		.chains = strmap_new(a),
		.sets = strmap_new(a),
		.tables = strmap_new(a),
	};
	t->rules->replies = REPLIES_TRACKED;
	*ret = t->rules;
	if (str_find(str_first(s->text, 1 << 16), 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	if (str_starts(s->text, "Chain ") && str_find_text(str_first(s->text, 4096), STR("prot opt")) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 },
				  "this is the output of iptables -L, which omits interfaces and more; "
				  "save the rules with iptables-save");
	first_pass(t);
	second_pass(t);
	ipt_finish_chains(t);
	if (o->part.n && !t->filters[IPV4] && !t->filters[IPV6] && diag_errors(d) == errors)
		ruleset_unknown(t->rules, (struct loc){ s, 0, 0, 0 }, NO_STR, "there is no chain \"%.*s\" here",
				STR_ARG(o->part));
	else if (!t->filters[IPV4] && !t->filters[IPV6] && diag_errors(d) == errors)
		ruleset_unknown(t->rules, (struct loc){ s, 0, 0, 0 }, NO_STR, "no chain here filters %s",
				o->side == POLICY_INBOUND    ? "incoming traffic"
				: o->side == POLICY_OUTBOUND ? "outgoing traffic"
							     : "forwarded traffic; a host's own rules are read with "
							       "--host, or --side in or out");
	return diag_errors(d) == errors;
}
