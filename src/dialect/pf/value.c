/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables, macros and the values of pf's rules: interfaces, protocols, addresses,
 * ports and types of ICMP.
 */
#include "dialect/common/match.h"
#include "dialect/common/names.h"
#include "dialect/pf/pf.h"

struct str pf_line_text(struct pf *pf, uint32_t line)
{
	if (line != pf->text_line)
		pf->text = str_trim(source_line(pf->source, line));
	pf->text_line = line;
	return pf->text;
}

void pf_unknown(struct pf *pf, uint32_t line, const char *why)
{
	if (!pf->first_pass)
		ruleset_unknown(pf->rules, loc_line(pf->source, line), pf_line_text(pf, line), "%s", why);
}

/* Skips to the closing brace, over nested ones. */
void pf_skip_statement(struct pf *pf)
{
	unsigned depth = 0;
	while (pf->lexer.token.kind != PF_END) {
		if (depth == 0 && (pf->lexer.token.kind == PF_NEWLINE || pf_is(&pf->lexer, "}")))
			return;
		depth += pf_is(&pf->lexer, "{");
		depth -= pf_is(&pf->lexer, "}") && depth;
		pf_next(&pf->lexer);
	}
}

void pf_skip_newlines(struct pf *pf)
{
	while (pf->lexer.token.kind == PF_NEWLINE)
		pf_next(&pf->lexer);
}

/* Skips a list in parentheses; the current token is the opening one. */
void pf_skip_parentheses(struct pf *pf)
{
	unsigned depth = 0;
	while (pf->lexer.token.kind != PF_END) {
		depth += pf_is(&pf->lexer, "(");
		if (pf_is(&pf->lexer, ")") && --depth == 0) {
			pf_next(&pf->lexer);
			return;
		}
		pf_next(&pf->lexer);
		if (!depth)
			return;
	}
}

/* Tables and macros */

struct pf_table *pf_find_table(struct pf *pf, struct str name)
{
	struct pf_table *t = strmap_get(&pf->tables, name);
	if (!t) {
		t = ARENA_NEW(pf->arena, struct pf_table);
		t->perhaps = "a table that is filled elsewhere";
		strmap_add(&pf->tables, str_dup(pf->arena, name), t);
	}
	return t;
}

/* "10/8" is 10.0.0.0/8 here. */
static bool add_address(struct arena *a, struct str text, range_vec *ranges)
{
	size_t slash = str_find(text, '/');
	struct str number = str_first(text, MIN(slash, text.n));
	unsigned dots = 0;
	if (range_add(a, text, ranges))
		return true;
	for (size_t i = 0; i < number.n; i++) {
		if (number.p[i] != '.' && (number.p[i] < '0' || number.p[i] > '9'))
			return false;
		dots += number.p[i] == '.';
	}
	if (slash == SIZE_MAX || !number.n || dots >= 3)
		return false;
	static const char *const rest[] = { ".0.0.0", ".0.0", ".0" };
	return range_add(a, str_printf(a, "%.*s%s%.*s", STR_ARG(number), rest[dots], STR_ARG(str_skip(text, slash))),
			 ranges);
}

static void read_table_list(struct pf *pf, struct pf_table *t)
{
	uint32_t line = pf->lexer.token.at.line;
	pf_next(&pf->lexer); /* { */
	while (!pf_is(&pf->lexer, "}")) {
		if (pf->lexer.token.kind == PF_END) {
			pf_unknown(pf, line, "this table does not end");
			return;
		}
		bool negated = pf_accept(&pf->lexer, "!");
		if (pf->lexer.token.kind == PF_WORD || pf->lexer.token.kind == PF_STRING) {
			if (!add_address(pf->arena, pf->lexer.token.text, negated ? &t->out : &t->in)) {
				t->perhaps = "a table with names in it";
				t->vague |= negated;
			}
		} else if (pf->lexer.token.kind != PF_NEWLINE) {
			t->perhaps = "a table with names in it";
		}
		pf_next(&pf->lexer);
	}
	pf_accept(&pf->lexer, "}");
}

void pf_read_table(struct pf *pf)
{
	pf_next(&pf->lexer);
	if (pf->lexer.token.kind != PF_TABLE) {
		pf_unknown(pf, pf->lexer.line, "a table without a name");
		pf_skip_statement(pf);
		return;
	}
	struct pf_table *t = pf_find_table(pf, pf->lexer.token.text);
	bool dynamic = t->perhaps && str_is(str_of(t->perhaps), "a table that rules fill");
	if (pf->first_pass && !dynamic)
		*t = (struct pf_table){ 0 };
	pf_next(&pf->lexer);
	bool entries = false;
	while (!pf_at_end(&pf->lexer)) {
		if (pf_is(&pf->lexer, "{")) {
			struct pf_table ignored = { 0 };
			read_table_list(pf, pf->first_pass ? t : &ignored);
			entries = true;
			continue;
		}
		if (pf_is(&pf->lexer, "file")) {
			t->perhaps = "a table whose entries are in another file";
			t->vague = true;
		}
		pf_next(&pf->lexer);
	}
	if (!entries && !t->perhaps)
		t->perhaps = "a table that is filled elsewhere";
}

/* An entry of a table, or an exception to it. */
struct entry {
	struct addr_range range;
	bool except;
};

static int wider_first(const void *one, const void *other)
{
	const struct entry *a = one, *b = other;
	u128 n = a->range.hi - a->range.lo, m = b->range.hi - b->range.lo;
	int c = CMP(m, n);
	return c ? c : CMP(a->except, b->except);
}

/*
 * Longest prefix match: larger prefixes of a table are applied first; in runs
 * of one kind, of which there are few because there are few lengths.
 */
static void join_table(struct pf *pf, struct pf_table *t)
{
	size_t n = 0;
	if (t->joined)
		return;
	t->joined = true;
	t->set = range_vec_set(pf->arena, &t->in);
	if (!t->out.n)
		return;
	struct entry *entries = ARENA_ARRAY(pf->arena, struct entry, t->in.n + t->out.n);
	for (size_t i = 0; i < t->in.n; i++)
		entries[n++] = (struct entry){ t->in.v[i], false };
	for (size_t i = 0; i < t->out.n; i++)
		entries[n++] = (struct entry){ t->out.v[i], true };
	sort_items(entries, n, sizeof *entries, wider_first);
	t->set = NO_ADDRS;
	for (size_t i = 0; i < n;) {
		range_vec run = { 0 };
		bool except = entries[i].except;
		for (; i < n && entries[i].except == except; i++)
			*VEC_ADD(pf->arena, &run) = entries[i].range;
		struct addrset some = range_vec_set(pf->arena, &run);
		t->set = except ? addrset_minus(pf->arena, t->set, some) : addrset_union(pf->arena, t->set, some);
	}
}

void pf_read_macro(struct pf *pf, struct str name)
{
	CLEANUP(out_free) struct out o = out_memory(PF_LONGEST_MACRO);
	pf_next(&pf->lexer); /* = */
	while (pf->lexer.token.kind != PF_END && pf->lexer.token.kind != PF_NEWLINE) {
		const struct pf_token *t = &pf->lexer.token;
		out_printf(&o, t->kind == PF_TABLE ? "%s<%.*s>" : "%s%.*s", o.n ? " " : "", STR_ARG(t->text));
		pf_next(&pf->lexer);
	}
	if (o.error)
		pf_unknown(pf, pf->lexer.line, "this macro is too long");
	struct str *known = strmap_get(&pf->lexer.macros, name),
		   *text = known ? known : ARENA_NEW(pf->arena, struct str);
	*text = str_dup(pf->arena, out_view(&o));
	if (!known)
		strmap_add(&pf->lexer.macros, name, text);
}

/* Rules */

void pf_trouble(struct pf_draft *draft, const char *why)
{
	if (!draft->trouble)
		draft->trouble = why;
}

/* Calls for each member of a list in braces, or once for a single value. */
void pf_each_member(struct pf *pf, struct pf_draft *draft, void (*take)(struct pf *pf, struct pf_draft *draft))
{
	if (!pf_accept(&pf->lexer, "{")) {
		take(pf, draft);
		return;
	}
	unsigned depth = 1;
	for (;;) {
		pf_skip_newlines(pf);
		if (pf->lexer.token.kind == PF_END) {
			pf_trouble(draft, "a list that does not end");
			return;
		}
		if (pf_accept(&pf->lexer, "}")) {
			if (--depth == 0)
				return;
		} else if (pf_accept(&pf->lexer, "{")) {
			depth++;
		} else {
			take(pf, draft);
		}
	}
}

void pf_take_interface(struct pf *pf, struct pf_draft *draft)
{
	bool negated = pf_accept(&pf->lexer, "!");
	struct str name = str_dup(pf->arena, pf->lexer.token.text);
	struct interface_names *on = &draft->r.on;
	if (pf->lexer.token.kind != PF_WORD && pf->lexer.token.kind != PF_STRING) {
		pf_trouble(draft, "this is not an interface");
		pf_next(&pf->lexer);
		return;
	}
	pf_next(&pf->lexer);
	/* the name of a group ends in no digit (ifconfig(8)) */
	if (name.n && !(name.p[name.n - 1] >= '0' && name.p[name.n - 1] <= '9') && !str_is_one_of(name, "any lo") &&
	    strmap_add(&pf->groups, name, pf))
		ruleset_member(pf->rules, name, NO_STR);
	/* loopback traffic is in no plan */
	bool loopback = str_is(name, "lo") || str_is(name, "lo0");
	if (str_is(name, "any") || (loopback && negated)) {
		draft->anywhere = true;
		return;
	}
	if (on->n && (on->negated || negated)) {
		draft_perhaps(&draft->m, "a list of interfaces with exceptions");
		return;
	}
	struct str *names = ARENA_ARRAY(pf->arena, struct str, on->n + 1);
	if (on->n)
		memcpy(names, on->v, on->n * sizeof *names);
	names[on->n] = loopback ? STR("lo") : name;
	on->v = names;
	on->n++;
	on->negated = negated;
}

void pf_settle_interfaces(struct pf_draft *draft)
{
	size_t n = 0;
	struct str *names = (struct str *)draft->r.on.v;
	if (draft->anywhere)
		draft->r.on = (struct interface_names){ 0 };
	if (draft->r.on.negated)
		return;
	for (size_t i = 0; i < draft->r.on.n; i++)
		if (!str_is(names[i], "lo"))
			names[n++] = names[i];
	if (draft->r.on.n && !n)
		draft->m.never = true;
	draft->r.on.n = n;
}

void pf_take_protocol(struct pf *pf, struct pf_draft *draft)
{
	unsigned number;
	/* of protocols(5) of the BSDs, which IANA has by other names */
	static const struct {
		const char *name;
		uint16_t number;
	} own[] = { { "carp", 112 }, { "pfsync", 240 } };
	struct str word = pf->lexer.token.text;
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (str_is(word, own[i].name))
			word = str_printf(pf->arena, "%u", own[i].number);
	if (pf->lexer.token.kind != PF_WORD || !protocol_name_parse(word, &number) || number > 255) {
		pf_trouble(draft, "this is not a protocol");
	} else {
		struct portset one = port_set(pf->arena, (uint16_t)number, (uint16_t)number);
		draft->m.protocols = draft->m.protocols_said ? portset_union(pf->arena, draft->m.protocols, one) : one;
		draft->m.protocols_said = true;
	}
	if (!pf_at_end(&pf->lexer))
		pf_next(&pf->lexer);
}

static struct pf_end *end_of(struct pf_draft *draft, bool src)
{
	return src ? &draft->src : &draft->dst;
}

static void add_all_but(struct pf *pf, range_vec *to, struct addrset s)
{
	struct addrset rest = addrset_minus(pf->arena, everywhere_set(), s);
	for (size_t i = 0; i < rest.n; i++)
		*VEC_ADD(pf->arena, to) = rest.v[i];
}

/* There may be any address besides, or any but some. */
static void doubt_end(struct pf *pf, struct pf_end *e, const char *why, struct addrset but)
{
	e->perhaps = why;
	add_all_but(pf, &e->more, but);
}

bool pf_table_address(struct pf *pf, struct str name, struct addr_range *ret)
{
	struct pf_table *t = pf_find_table(pf, name);
	join_table(pf, t);
	if (t->perhaps || t->set.n != 1 || t->set.v[0].lo != t->set.v[0].hi)
		return false;
	*ret = t->set.v[0];
	return true;
}

static void add_table(struct pf *pf, struct pf_end *e, struct str name, bool negated)
{
	struct pf_table *t = pf_find_table(pf, name);
	join_table(pf, t);
	if (t->perhaps)
		/* entries that are known are not in the complement of the table */
		doubt_end(pf, e, t->perhaps, negated && !t->vague ? t->set : NO_ADDRS);
	if (t->perhaps && (negated || t->vague))
		return;
	if (negated) {
		add_all_but(pf, &e->ranges, t->set);
		return;
	}
	if (!t->set.n && !t->perhaps)
		e->never |= !e->ranges.n;
	for (size_t i = 0; i < t->set.n; i++)
		*VEC_ADD(pf->arena, &e->ranges) = t->set.v[i];
}

static void add_word(struct pf *pf, struct pf_draft *draft, struct str word, bool negated, bool src)
{
	struct pf_end *e = end_of(draft, src);
	range_vec one = { 0 };
	bool own = pf->options->side == (src ? POLICY_OUTBOUND : POLICY_INBOUND);
	if (str_is(word, "any")) {
		e->any = true;
	} else if (str_is(word, "urpf-failed") || str_is(word, "no-route")) {
		/* here the addresses give the origin of a packet, so it arrives where it should */
		e->never |= !negated;
		e->any |= negated;
	} else if (str_is(word, "self") && own) {
		e->any |= !negated;
		e->never |= negated;
	} else if (!add_address(pf->arena, word, &one)) {
		doubt_end(pf, e,
			  str_is(word, "self") ? "the firewall's own addresses" : "an address that is given by name",
			  NO_ADDRS);
	} else if (negated) {
		add_all_but(pf, &e->ranges, range_vec_set(pf->arena, &one));
	} else {
		*VEC_ADD(pf->arena, &e->ranges) = one.v[0];
	}
}

static void take_end(struct pf *pf, struct pf_draft *draft, bool src)
{
	bool negated = pf_accept(&pf->lexer, "!");
	struct pf_token t = pf->lexer.token;
	if (pf_accept(&pf->lexer, "(")) {
		/* (self) means self, with addresses updated at run time */
		if (pf_accept(&pf->lexer, "self") && pf_accept(&pf->lexer, ")")) {
			add_word(pf, draft, STR("self"), negated, src);
			return;
		}
		while (!pf_at_end(&pf->lexer) && !pf_accept(&pf->lexer, ")"))
			pf_next(&pf->lexer);
		doubt_end(pf, end_of(draft, src), "the addresses of an interface", NO_ADDRS);
		if (pf->lexer.token.kind == PF_WORD && str_starts(pf->lexer.token.text, "/"))
			pf_next(&pf->lexer);
		return;
	}
	if (t.kind != PF_WORD && t.kind != PF_TABLE && t.kind != PF_STRING) {
		pf_trouble(draft, "this is not an address");
		if (!pf_at_end(&pf->lexer))
			pf_next(&pf->lexer);
		return;
	}
	struct str text = str_dup(pf->arena, t.text);
	pf_next(&pf->lexer);
	if (t.kind == PF_TABLE) {
		add_table(pf, end_of(draft, src), text, negated);
		return;
	}
	if (str_is(text, "route")) {
		pf_next(&pf->lexer);
		doubt_end(pf, end_of(draft, src), "a route label", NO_ADDRS);
		return;
	}
	if (pf_accept(&pf->lexer, "-")) {
		text = str_printf(pf->arena, "%.*s-%.*s", STR_ARG(text), STR_ARG(pf->lexer.token.text));
		pf_next(&pf->lexer);
	}
	if (pf_accept(&pf->lexer, "weight"))
		pf_next(&pf->lexer);
	add_word(pf, draft, text, negated, src);
}

void pf_take_src(struct pf *pf, struct pf_draft *draft)
{
	take_end(pf, draft, true);
}

void pf_take_dst(struct pf *pf, struct pf_draft *draft)
{
	take_end(pf, draft, false);
}

/* "80", "= 80", "!= 80", "< 1024", "1024:2048", "1024 >< 2048", "1024 <> 2048", "ssh" */
static struct portset take_port_set(struct pf *pf, struct pf_draft *draft)
{
	static const char *const operators[] = { "=", "!=", "<", "<=", ">", ">=" };
	const char *op = "=";
	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (pf_accept(&pf->lexer, operators[i])) {
			op = operators[i];
			break;
		}
	struct port_range r = { 0, 0 };
	uint16_t end = 0;
	struct str text = pf->lexer.token.text;
	struct portset all = all_port_set();
	if (str_is(text, "*") || str_is(text, "any")) {
		r = ALL_PORTS;
	} else if (pf->lexer.token.kind != PF_WORD || !port_name_range(text, ':', NULL, &r)) {
		pf_trouble(draft, "this is not a port");
		if (!pf_at_end(&pf->lexer))
			pf_next(&pf->lexer);
		return NO_PORTS;
	}
	pf_next(&pf->lexer);
	bool inside = pf_is(&pf->lexer, "><"), outside = pf_is(&pf->lexer, "<>");
	if (inside || outside) {
		pf_next(&pf->lexer);
		if (!port_name_parse(pf->lexer.token.text, NULL, &end) || end < r.lo)
			pf_trouble(draft, "this is not a range of ports");
		pf_next(&pf->lexer);
		struct portset between =
			end > r.lo + 1 ? port_set(pf->arena, (uint16_t)(r.lo + 1), (uint16_t)(end - 1)) : NO_PORTS;
		return inside ? between : portset_minus(pf->arena, all, port_set(pf->arena, r.lo, MAX(end, r.lo)));
	}
	struct portset said = port_set(pf->arena, r.lo, r.hi);
	if (strcmp(op, "!=") == 0)
		return portset_minus(pf->arena, all, said);
	if (op[0] == '<')
		return op[1]  ? port_set(pf->arena, 0, r.lo)
		       : r.lo ? port_set(pf->arena, 0, (uint16_t)(r.lo - 1))
			      : NO_PORTS;
	if (op[0] == '>')
		return op[1]          ? port_set(pf->arena, r.lo, 65535)
		       : r.lo < 65535 ? port_set(pf->arena, (uint16_t)(r.lo + 1), 65535)
				      : NO_PORTS;
	return said;
}

static void add_ports(struct pf *pf, struct pf_draft *draft, struct pf_ports *to)
{
	struct portset s = take_port_set(pf, draft);
	to->said = true;
	for (size_t i = 0; i < s.n; i++)
		*VEC_ADD(pf->arena, &to->ranges) = s.v[i];
}

void pf_take_sport(struct pf *pf, struct pf_draft *draft)
{
	add_ports(pf, draft, &draft->sports);
}

void pf_take_port(struct pf *pf, struct pf_draft *draft)
{
	add_ports(pf, draft, &draft->ports);
}

static const struct {
	const char *name;
	int v4, v6; /* -1: not of this family */
} icmp_words[] = {
	{ "echorep", 0, 129 },     { "unreach", 3, 1 },       { "squench", 4, -1 },     { "redir", 5, 137 },
	{ "althost", 6, -1 },      { "echoreq", 8, 128 },     { "routeradv", 9, 134 },  { "routersol", 10, 133 },
	{ "timex", 11, 3 },        { "paramprob", 12, 4 },    { "timereq", 13, -1 },    { "timerep", 14, -1 },
	{ "inforeq", 15, -1 },     { "inforep", 16, -1 },     { "maskreq", 17, -1 },    { "maskrep", 18, -1 },
	{ "trace", 30, -1 },       { "toobig", -1, 2 },       { "groupqry", -1, 130 },  { "grouprep", -1, 131 },
	{ "groupterm", -1, 132 },  { "listqry", -1, 130 },    { "listenrep", -1, 131 }, { "listendone", -1, 132 },
	{ "neighbrsol", -1, 135 }, { "neighbradv", -1, 136 },
};

/* Codes by name, in the order of their numbers. */
static const struct {
	int v4, v6; /* the type that they belong to */
	const char *names;
} icmp_codes[] = {
	{ 3, -1,
	  "net-unr host-unr proto-unr port-unr needfrag srcfail net-unk host-unk isolate net-prohib host-prohib "
	  "net-tos "
	  "host-tos filter-prohib host-preced cutoff-preced" },
	{ 5, -1, "redir-net redir-host redir-tos-net redir-tos-host" },
	{ 11, 3, "transit reassemb" },
	{ 12, -1, "badhead optmiss badlen" },
	{ -1, 1, "noroute-unr admin-unr beyond-unr addr-unr port-unr" },
	{ -1, 4, "badhead nxthdr badopt" },
};

static bool take_code(struct str name, bool v6, uint16_t type, uint16_t *code)
{
	for (size_t i = 0; i < ARRAY_LEN(icmp_codes); i++) {
		struct str rest = str_of(icmp_codes[i].names), word;
		if ((v6 ? icmp_codes[i].v6 : icmp_codes[i].v4) != type)
			continue;
		for (uint16_t n = 0; str_word(&rest, &word); n++)
			if (str_eq(word, name)) {
				*code = n;
				return true;
			}
	}
	return false;
}

static void take_icmp(struct pf *pf, struct pf_draft *draft, bool v6)
{
	struct str s = pf->lexer.token.text;
	uint16_t type = 0, code = ANY_CODE;
	bool known = pf->lexer.token.kind == PF_WORD && icmp_name_parse(s, v6, &type, &code);
	uint32_t n;
	for (size_t i = 0; i < ARRAY_LEN(icmp_words) && !known; i++) {
		int t = v6 ? icmp_words[i].v6 : icmp_words[i].v4;
		if (t >= 0 && str_is(s, icmp_words[i].name)) {
			type = (uint16_t)t;
			known = true;
		}
	}
	if (!pf_at_end(&pf->lexer))
		pf_next(&pf->lexer);
	if (pf_accept(&pf->lexer, "code")) {
		if (str_to_u32(pf->lexer.token.text, 255, &n))
			code = (uint16_t)n;
		else
			known &= take_code(pf->lexer.token.text, v6, type, &code);
		if (!pf_at_end(&pf->lexer))
			pf_next(&pf->lexer);
	}
	if (!known) {
		pf_trouble(draft, "this is not an ICMP type");
		return;
	}
	*VEC_ADD(pf->arena, &draft->icmp) = (struct icmp_pair){ type, code };
	draft->m.icmp_said = true;
	draft->m.protocols = port_set(pf->arena, v6 ? PROTO_ICMP6 : PROTO_ICMP, v6 ? PROTO_ICMP6 : PROTO_ICMP);
	draft->m.protocols_said = true;
}

void pf_take_icmp4(struct pf *pf, struct pf_draft *draft)
{
	take_icmp(pf, draft, false);
}

void pf_take_icmp6(struct pf *pf, struct pf_draft *draft)
{
	take_icmp(pf, draft, true);
}
