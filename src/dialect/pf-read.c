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
#include "dialect/match.h"
#include "dialect/names.h"
#include "dialect/pf.h"
#include "dialect/tree.h"

struct pf_table {
	range_vec in, out;	/* entries, and exceptions from them */
	struct addrset set;
	bool joined;
	const char *perhaps;	/* entries that the file does not show */
};

/* One rule for one or both directions. */
struct pf_rule {
	struct rule rule;
	bool in, out, quick;
	struct interface_names on;
};

struct pf {
	struct arena *arena;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	struct diag *diag;
	struct pf_lexer lexer;
	struct strmap tables;
	bool first_pass;
	unsigned depth;
	VEC(struct pf_rule) all;
};

/* What a side of a rule says: certain addresses, and a reason why there may be more. */
struct pf_end {
	bool any, never;
	range_vec v;
	const char *perhaps;
};

/* A type of ICMP with its code, or with ANY_CODE. */
struct icmp_pair {
	uint16_t type, code;
};

/* A rule while it is read. */
struct pf_draft {
	struct draft_match m;
	struct pf_end src, dst;
	struct pf_rule r;
	VEC(struct icmp_pair) icmp;
	uint32_t line;
	const char *trouble;	/* why it is not understood */
	bool translates;
};

static struct str line_text(struct pf *x, uint32_t line)
{
	return str_trim(source_line(x->arena, x->source, line));
}

static void unknown(struct pf *x, uint32_t line, const char *why)
{
	if (!x->first_pass)
		ruleset_unknown(x->rules, loc_line(x->source, line), line_text(x, line), "%s", why);
}

/* Over braces on the way. */
static void skip_statement(struct pf *x)
{
	unsigned depth = 0;
	while (x->lexer.token.kind != PF_END) {
		if (depth == 0 && (x->lexer.token.kind == PF_NEWLINE || pf_is(&x->lexer, "}")))
			return;
		depth += pf_is(&x->lexer, "{");
		depth -= pf_is(&x->lexer, "}") && depth;
		pf_next(&x->lexer);
	}
}

static void skip_newlines(struct pf *x)
{
	while (x->lexer.token.kind == PF_NEWLINE)
		pf_next(&x->lexer);
}

/* Over a list in parentheses, which stands at the opening one. */
static void skip_parentheses(struct pf *x)
{
	unsigned depth = 0;
	while (x->lexer.token.kind != PF_END) {
		depth += pf_is(&x->lexer, "(");
		if (pf_is(&x->lexer, ")") && --depth == 0) {
			pf_next(&x->lexer);
			return;
		}
		pf_next(&x->lexer);
		if (!depth)
			return;
	}
}

/* Tables and macros */

static struct pf_table *find_table(struct pf *x, struct str name)
{
	struct pf_table *t = strmap_get(&x->tables, name);
	if (!t) {
		t = ARENA_NEW(x->arena, struct pf_table);
		t->perhaps = "a table that is filled elsewhere";
		strmap_add(&x->tables, str_dup(x->arena, name), t);
	}
	return t;
}

/* "10/8" is 10.0.0.0/8 here. */
static bool add_address(struct arena *a, struct str text, range_vec *v)
{
	size_t slash = str_find(text, '/');
	struct str number = str_first(text, MIN(slash, text.n));
	unsigned dots = 0;
	if (range_add(a, text, v))
		return true;
	for (size_t i = 0; i < number.n; i++) {
		if (number.p[i] != '.' && (number.p[i] < '0' || number.p[i] > '9'))
			return false;
		dots += number.p[i] == '.';
	}
	if (slash == SIZE_MAX || !number.n || dots >= 3)
		return false;
	static const char *const rest[] = { ".0.0.0", ".0.0", ".0" };
	return range_add(a, str_printf(a, "%.*s%s%.*s", STR_ARG(number), rest[dots], STR_ARG(str_skip(text, slash))), v);
}

static void read_table_list(struct pf *x, struct pf_table *t)
{
	uint32_t line = x->lexer.token.at.line;
	pf_next(&x->lexer);	/* { */
	while (!pf_is(&x->lexer, "}")) {
		if (x->lexer.token.kind == PF_END) {
			unknown(x, line, "this table does not end");
			return;
		}
		bool not = pf_accept(&x->lexer, "!");
		if (x->lexer.token.kind == PF_WORD || x->lexer.token.kind == PF_STRING) {
			if (!add_address(x->arena, x->lexer.token.text, not ? &t->out : &t->in))
				t->perhaps = "a table with names in it";
		} else if (x->lexer.token.kind != PF_NEWLINE) {
			t->perhaps = "a table with names in it";
		}
		pf_next(&x->lexer);
	}
	pf_accept(&x->lexer, "}");
}

static void read_table(struct pf *x)
{
	pf_next(&x->lexer);
	if (x->lexer.token.kind != PF_TABLE) {
		unknown(x, x->lexer.line, "a table without a name");
		skip_statement(x);
		return;
	}
	struct pf_table *t = find_table(x, x->lexer.token.text);
	bool dynamic = t->perhaps && str_is(str_of(t->perhaps), "a table that rules fill");
	if (x->first_pass && !dynamic)
		*t = (struct pf_table){ 0 };
	pf_next(&x->lexer);
	bool entries = false;
	while (!pf_at_end(&x->lexer)) {
		if (pf_is(&x->lexer, "{")) {
			struct pf_table ignored = { 0 };
			read_table_list(x, x->first_pass ? t : &ignored);
			entries = true;
			continue;
		}
		if (pf_is(&x->lexer, "file"))
			t->perhaps = "a table whose entries are in another file";
		pf_next(&x->lexer);
	}
	if (!entries && !t->perhaps)
		t->perhaps = "a table that is filled elsewhere";
}

static int longest_last(const void *a, const void *b)
{
	const struct addr_range *x = a, *y = b;
	u128 n = x->hi - x->lo, m = y->hi - y->lo;
	int c = CMP(m, n);
	return c ? c : addr_range_cmp(x, y);
}

/* The longest prefix of a table decides, so larger ones are laid down first. */
static void join_table(struct pf *x, struct pf_table *t)
{
	if (t->joined)
		return;
	t->joined = true;
	if (!t->out.n) {
		t->set = range_vec_set(x->arena, &t->in);
		return;
	}
	struct addr_range *out = t->out.v;
	sort_items(out, t->out.n, sizeof *out, longest_last);
	/* few exceptions: after each, what is in the table below it comes back */
	t->set = range_vec_set(x->arena, &t->in);
	for (size_t i = 0; i < t->out.n; i++) {
		range_vec below = { 0 };
		for (size_t k = 0; k < t->in.n; k++)
			if (t->in.v[k].family == out[i].family && t->in.v[k].lo >= out[i].lo && t->in.v[k].hi <= out[i].hi &&
			    t->in.v[k].hi - t->in.v[k].lo < out[i].hi - out[i].lo)
				*VEC_ADD(x->arena, &below) = t->in.v[k];
		t->set = addrset_minus(x->arena, t->set, addrset_of(x->arena, &out[i], 1));
		t->set = addrset_union(x->arena, t->set, range_vec_set(x->arena, &below));
	}
}

static void read_macro(struct pf *x, struct str name)
{
	CLEANUP(out_free) struct out o = out_memory(PF_LONGEST_MACRO);
	pf_next(&x->lexer);	/* = */
	while (x->lexer.token.kind != PF_END && x->lexer.token.kind != PF_NEWLINE) {
		const struct pf_token *t = &x->lexer.token;
		out_printf(&o, t->kind == PF_TABLE ? "%s<%.*s>" : "%s%.*s", o.n ? " " : "", STR_ARG(t->text));
		pf_next(&x->lexer);
	}
	if (o.error)
		unknown(x, x->lexer.line, "this macro is too long");
	struct str *known = strmap_get(&x->lexer.macros, name), *text = known ? known : ARENA_NEW(x->arena, struct str);
	*text = str_dup(x->arena, out_view(&o));
	if (!known)
		strmap_add(&x->lexer.macros, name, text);
}

/* Rules */

static void trouble(struct pf_draft *k, const char *why)
{
	if (!k->trouble)
		k->trouble = why;
}

/* Calls for each member of a list in braces, or once for what stands alone. */
static void each_member(struct pf *x, struct pf_draft *k, void (*take)(struct pf *x, struct pf_draft *k))
{
	if (!pf_accept(&x->lexer, "{")) {
		take(x, k);
		return;
	}
	unsigned depth = 1;
	for (;;) {
		skip_newlines(x);
		if (x->lexer.token.kind == PF_END) {
			trouble(k, "a list that does not end");
			return;
		}
		if (pf_accept(&x->lexer, "}")) {
			if (--depth == 0)
				return;
		} else if (pf_accept(&x->lexer, "{")) {
			depth++;
		} else {
			take(x, k);
		}
	}
}

static void take_interface(struct pf *x, struct pf_draft *k)
{
	bool not = pf_accept(&x->lexer, "!");
	struct str name = str_dup(x->arena, x->lexer.token.text);
	struct interface_names *on = &k->r.on;
	if (x->lexer.token.kind != PF_WORD && x->lexer.token.kind != PF_STRING) {
		trouble(k, "this is no interface");
		pf_next(&x->lexer);
		return;
	}
	pf_next(&x->lexer);
	if (str_is(name, "any"))
		return;
	/* what comes and goes on the loopback is nobody's here */
	bool loopback = str_is(name, "lo") || str_is(name, "lo0");
	if (loopback && not)
		return;
	if (on->n && (on->negated || not)) {
		draft_perhaps(&k->m, "a list of interfaces with exceptions");
		return;
	}
	struct str *v = ARENA_ARRAY(x->arena, struct str, on->n + 1);
	if (on->n)
		memcpy(v, on->v, on->n * sizeof *v);
	v[on->n] = loopback ? STR("lo") : name;
	on->v = v;
	on->n++;
	on->negated = not;
}

static void only_loopback(struct pf_draft *k)
{
	size_t n = 0;
	struct str *v = (struct str *)k->r.on.v;
	if (k->r.on.negated)
		return;
	for (size_t i = 0; i < k->r.on.n; i++)
		if (!str_is(v[i], "lo"))
			v[n++] = v[i];
	if (k->r.on.n && !n)
		k->m.never = true;
	k->r.on.n = n;
}

static void take_protocol(struct pf *x, struct pf_draft *k)
{
	unsigned number;
	if (x->lexer.token.kind != PF_WORD || !protocol_name_parse(x->lexer.token.text, &number) || number > 255) {
		trouble(k, "this is no protocol");
	} else {
		struct portset one = port_set(x->arena, (uint16_t)number, (uint16_t)number);
		k->m.protocols = k->m.protocols_said ? portset_union(x->arena, k->m.protocols, one) : one;
		k->m.protocols_said = true;
	}
	if (!pf_at_end(&x->lexer))
		pf_next(&x->lexer);
}

static struct pf_end *end_of(struct pf_draft *k, bool src)
{
	return src ? &k->src : &k->dst;
}

static void add_all_but(struct pf *x, struct pf_end *e, struct addrset s)
{
	struct addrset rest = addrset_minus(x->arena, addrset_all(x->arena), s);
	for (size_t i = 0; i < rest.n; i++)
		*VEC_ADD(x->arena, &e->v) = rest.v[i];
}

static void add_table(struct pf *x, struct pf_end *e, struct str name, bool not)
{
	struct pf_table *t = find_table(x, name);
	join_table(x, t);
	if (t->perhaps) {
		e->perhaps = t->perhaps;
		if (not)
			return;
	}
	if (not) {
		add_all_but(x, e, t->set);
		return;
	}
	if (!t->set.n && !t->perhaps)
		e->never |= !e->v.n;
	for (size_t i = 0; i < t->set.n; i++)
		*VEC_ADD(x->arena, &e->v) = t->set.v[i];
}

static void add_word(struct pf *x, struct pf_draft *k, struct str word, bool not, bool src)
{
	struct pf_end *e = end_of(k, src);
	range_vec one = { 0 };
	bool own = x->options->side == (src ? POLICY_OUTBOUND : POLICY_INBOUND);
	if (str_is(word, "any")) {
		e->any = true;
	} else if (str_is(word, "urpf-failed") || str_is(word, "no-route")) {
		/* here the addresses say where a packet comes from, so it comes from where it should */
		e->never |= !not;
		e->any |= not;
	} else if (str_is(word, "self") && own) {
		e->any |= !not;
		e->never |= not;
	} else if (!add_address(x->arena, word, &one)) {
		e->perhaps = str_is(word, "self") ? "the firewall's own addresses" : "an address that goes by a name";
	} else if (not) {
		add_all_but(x, e, range_vec_set(x->arena, &one));
	} else {
		*VEC_ADD(x->arena, &e->v) = one.v[0];
	}
}

static void take_end(struct pf *x, struct pf_draft *k, bool src)
{
	bool not = pf_accept(&x->lexer, "!");
	struct pf_token t = x->lexer.token;
	if (pf_is(&x->lexer, "(")) {
		skip_parentheses(x);
		end_of(k, src)->perhaps = "the addresses of an interface";
		if (x->lexer.token.kind == PF_WORD && str_starts(x->lexer.token.text, "/"))
			pf_next(&x->lexer);
		return;
	}
	if (t.kind != PF_WORD && t.kind != PF_TABLE && t.kind != PF_STRING) {
		trouble(k, "this is no address");
		if (!pf_at_end(&x->lexer))
			pf_next(&x->lexer);
		return;
	}
	struct str text = str_dup(x->arena, t.text);
	pf_next(&x->lexer);
	if (t.kind == PF_TABLE) {
		add_table(x, end_of(k, src), text, not);
		return;
	}
	if (str_is(text, "route")) {
		pf_next(&x->lexer);
		end_of(k, src)->perhaps = "a route label";
		return;
	}
	if (pf_accept(&x->lexer, "-")) {
		text = str_printf(x->arena, "%.*s-%.*s", STR_ARG(text), STR_ARG(x->lexer.token.text));
		pf_next(&x->lexer);
	}
	if (pf_accept(&x->lexer, "weight"))
		pf_next(&x->lexer);
	add_word(x, k, text, not, src);
}

static void take_src(struct pf *x, struct pf_draft *k)
{
	take_end(x, k, true);
}

static void take_dst(struct pf *x, struct pf_draft *k)
{
	take_end(x, k, false);
}

/* "80", "= 80", "!= 80", "< 1024", "1024:2048", "1024 >< 2048", "1024 <> 2048", "ssh" */
static struct portset take_port_set(struct pf *x, struct pf_draft *k)
{
	static const char *const operators[] = { "=", "!=", "<", "<=", ">", ">=" };
	const char *op = "=";
	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (pf_accept(&x->lexer, operators[i])) {
			op = operators[i];
			break;
		}
	struct port_range r = { 0, 0 };
	uint16_t end;
	struct str text = x->lexer.token.text;
	struct portset all = all_port_set();
	if (str_is(text, "*") || str_is(text, "any")) {
		r = ALL_PORTS;
	} else if (x->lexer.token.kind != PF_WORD || !port_name_range(text, ':', NULL, &r)) {
		trouble(k, "this is no port");
		if (!pf_at_end(&x->lexer))
			pf_next(&x->lexer);
		return NO_PORTS;
	}
	pf_next(&x->lexer);
	bool inside = pf_is(&x->lexer, "><"), outside = pf_is(&x->lexer, "<>");
	if (inside || outside) {
		pf_next(&x->lexer);
		if (!port_name_parse(x->lexer.token.text, NULL, &end) || end < r.lo)
			trouble(k, "this is no range of ports");
		pf_next(&x->lexer);
		struct portset between = end > r.lo + 1 ? port_set(x->arena, (uint16_t)(r.lo + 1), (uint16_t)(end - 1)) : NO_PORTS;
		return inside ? between : portset_minus(x->arena, all, port_set(x->arena, r.lo, MAX(end, r.lo)));
	}
	struct portset said = port_set(x->arena, r.lo, r.hi);
	if (strcmp(op, "!=") == 0)
		return portset_minus(x->arena, all, said);
	if (op[0] == '<')
		return op[1] ? port_set(x->arena, 0, r.lo) : r.lo ? port_set(x->arena, 0, (uint16_t)(r.lo - 1)) : NO_PORTS;
	if (op[0] == '>')
		return op[1] ? port_set(x->arena, r.lo, 65535) : r.lo < 65535 ? port_set(x->arena, (uint16_t)(r.lo + 1), 65535) : NO_PORTS;
	return said;
}

static void take_sport(struct pf *x, struct pf_draft *k)
{
	struct portset s = take_port_set(x, k);
	k->m.sports = k->m.sports_said ? portset_union(x->arena, k->m.sports, s) : s;
	k->m.sports_said = true;
}

static void take_port(struct pf *x, struct pf_draft *k)
{
	struct portset s = take_port_set(x, k);
	k->m.ports = k->m.ports_said ? portset_union(x->arena, k->m.ports, s) : s;
	k->m.ports_said = true;
}

static const struct {
	const char *name;
	int v4, v6;	/* -1: not of this family */
} icmp_words[] = {
	{ "echorep", 0, 129 },	  { "unreach", 3, 1 },	    { "squench", 4, -1 },     { "redir", 5, 137 },	{ "althost", 6, -1 },
	{ "echoreq", 8, 128 },	  { "routeradv", 9, 134 },  { "routersol", 10, 133 }, { "timex", 11, 3 },	{ "paramprob", 12, 4 },
	{ "timereq", 13, -1 },	  { "timerep", 14, -1 },    { "inforeq", 15, -1 },    { "inforep", 16, -1 },	{ "maskreq", 17, -1 },
	{ "maskrep", 18, -1 },	  { "trace", 30, -1 },	    { "toobig", -1, 2 },      { "groupqry", -1, 130 },	{ "grouprep", -1, 131 },
	{ "groupterm", -1, 132 }, { "listqry", -1, 130 },   { "listenrep", -1, 131 }, { "listendone", -1, 132 },
	{ "neighbrsol", -1, 135 }, { "neighbradv", -1, 136 },
};

/* Codes by name, in the order of their numbers. */
static const struct {
	int v4, v6;	/* the type that they belong to */
	const char *names;
} icmp_codes[] = {
	{ 3, -1, "net-unr host-unr proto-unr port-unr needfrag srcfail net-unk host-unk isolate net-prohib host-prohib net-tos "
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

static void take_icmp(struct pf *x, struct pf_draft *k, bool v6)
{
	struct str s = x->lexer.token.text;
	uint16_t type = 0, code = ANY_CODE;
	bool known = x->lexer.token.kind == PF_WORD && icmp_name_parse(s, v6, &type, &code);
	uint32_t n;
	for (size_t i = 0; i < ARRAY_LEN(icmp_words) && !known; i++) {
		int t = v6 ? icmp_words[i].v6 : icmp_words[i].v4;
		if (t >= 0 && str_is(s, icmp_words[i].name)) {
			type = (uint16_t)t;
			known = true;
		}
	}
	if (!pf_at_end(&x->lexer))
		pf_next(&x->lexer);
	if (pf_accept(&x->lexer, "code")) {
		if (str_to_u32(x->lexer.token.text, 255, &n))
			code = (uint16_t)n;
		else
			known &= take_code(x->lexer.token.text, v6, type, &code);
		if (!pf_at_end(&x->lexer))
			pf_next(&x->lexer);
	}
	if (!known) {
		trouble(k, "this is no ICMP type");
		return;
	}
	*VEC_ADD(x->arena, &k->icmp) = (struct icmp_pair){ type, code };
	k->m.icmp_said = true;
	k->m.protocols = port_set(x->arena, v6 ? PROTO_ICMP6 : PROTO_ICMP, v6 ? PROTO_ICMP6 : PROTO_ICMP);
	k->m.protocols_said = true;
}

static void take_icmp4(struct pf *x, struct pf_draft *k)
{
	take_icmp(x, k, false);
}

static void take_icmp6(struct pf *x, struct pf_draft *k)
{
	take_icmp(x, k, true);
}

/* Options that say nothing about which packets match, with how many words follow. */
static const struct {
	const char *word;
	int arguments;	/* -1: one, or a list in parentheses */
} harmless[] = {
	{ "label", 1 },	 { "tag", 1 },	      { "queue", -1 },	    { "allow-opts", 0 }, { "rtable", 1 },   { "once", 0 },	  { "set", -1 },
	{ "scrub", -1 }, { "ridentifier", 1 }, { "min-ttl", 1 },	    { "max-mss", 1 },	 { "route-to", -1 }, { "reply-to", -1 },
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
	{ "divert-to", 0, "another program, which gets it" },
	{ "divert-packet", 0, "another program, which gets it" },
	{ "divert-reply", 0, "another program, which gets it" },
};

static void skip_arguments(struct pf *x, int n)
{
	struct pf_lexer *l = &x->lexer;
	if (n && pf_is(l, "(")) {
		skip_parentheses(x);
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
		skip_parentheses(x);
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

static bool take_option(struct pf *x, struct pf_draft *k)
{
	struct pf_lexer *l = &x->lexer;
	struct str word = l->token.text;
	if (pf_is(l, "(")) {
		skip_parentheses(x);	/* of the state */
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
		trouble(k, "it translates addresses, and rules behind it see others");
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
				skip_parentheses(x);
		} else if (pf_accept(l, "on"))
			each_member(x, k, take_interface);
		else if (pf_accept(l, "inet"))
			draft_family(&k->m, IPV4);
		else if (pf_accept(l, "inet6"))
			draft_family(&k->m, IPV6);
		else if (pf_accept(l, "proto"))
			each_member(x, k, take_protocol);
		else if (pf_accept(l, "all"))
			continue;
		else if (pf_accept(l, "from")) {
			if (!pf_is(l, "port"))
				each_member(x, k, take_src);
			if (pf_accept(l, "port"))
				each_member(x, k, take_sport);
		} else if (pf_accept(l, "to")) {
			if (!pf_is(l, "port"))
				each_member(x, k, take_dst);
			if (pf_accept(l, "port"))
				each_member(x, k, take_port);
		} else if (pf_accept(l, "port"))
			each_member(x, k, take_port);
		else if (pf_accept(l, "icmp-type"))
			each_member(x, k, take_icmp4);
		else if (pf_accept(l, "icmp6-type"))
			each_member(x, k, take_icmp6);
		else if (!take_option(x, k))
			trouble(k, "a word that is not known here");
		if (l->trouble)
			trouble(k, l->trouble);
	}
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
	only_loopback(k);
	if ((k->m.ports_said || k->m.sports_said) && !has_ports_only(&k->m)) {
		unknown(x, k->line, "ports without a protocol that has some");
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
	k.r.rule.text = line_text(x, k.line);
	return k;
}

static struct str label_of(struct pf *x, uint32_t line)
{
	struct str text = line_text(x, line);
	size_t at = str_find_text(text, STR("label \""));
	if (at == SIZE_MAX)
		return NO_STR;
	text = str_skip(text, at + strlen("label \""));
	size_t end = str_find(text, '"');
	return str_first(text, MIN(end, text.n));
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
			skip_parentheses(x);
		if (pf_accept(l, "ttl"))
			pf_next(l);
	}
	read_conditions(x, &k);
	k.r.rule.name = label_of(x, k.line);
	if (!pf_at_end(l))
		trouble(&k, "a word that is not known here");
	if (k.trouble && !(match && !k.translates))
		unknown(x, k.line, k.trouble);
	else if (!match)
		finish_rule(x, &k);
	skip_statement(x);
}

static void read_statements(struct pf *x, const struct pf_draft *around);

/* anchor "name" in on em0 from <a> { ... }: its conditions hold for each rule inside. */
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
		unknown(x, k.line, k.trouble ? k.trouble : "the rules of this anchor are elsewhere; show them with pfctl -a '*' -sr");
		skip_statement(x);
		return;
	}
	if (k.trouble || k.r.quick || k.r.on.n || k.m.protocols_said || k.m.ports_said || k.m.icmp_said || k.src.v.n || k.dst.v.n || k.src.perhaps || k.dst.perhaps || k.m.perhaps ||
	    x->depth >= PF_MOST_ANCHOR_DEPTH) {
		unknown(x, k.line, k.trouble ? k.trouble : "an anchor with conditions that are not modelled");
		skip_statement(x);
		return;
	}
	pf_next(l);
	x->depth++;
	read_statements(x, &k);
	x->depth--;
	if (!pf_accept(l, "}"))
		unknown(x, k.line, "this anchor does not end");
}

/* set skip on { lo em2 }: nothing is filtered there. */
static void read_set(struct pf *x)
{
	struct pf_lexer *l = &x->lexer;
	struct pf_draft k = begin_rule(x, NULL);
	pf_next(l);
	if (!pf_accept(l, "skip") || !pf_accept(l, "on")) {
		skip_statement(x);
		return;
	}
	each_member(x, &k, take_interface);
	only_loopback(&k);
	k.r.quick = true;
	k.r.rule.action = ACTION_PERMIT;
	if (k.trouble)
		unknown(x, k.line, k.trouble);
	else if (!k.m.never && k.r.on.n)
		add_rule(x, &k, &k.m);
	skip_statement(x);
}

static bool is_one_of(struct str s, const char *words)
{
	struct str rest = str_of(words), w;
	while (str_word(&rest, &w))
		if (str_eq(s, w))
			return true;
	return false;
}

/* "@12 pass ...", "  [ Evaluations: ... ]" and what else pfctl writes around rules. */
static bool skip_pfctl(struct pf *x)
{
	struct pf_lexer *l = &x->lexer;
	if (l->token.kind == PF_WORD && l->token.text.n > 1 && l->token.text.p[0] == '@') {
		pf_next(l);
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
		unknown(x, line, "this is no statement of pf");
		if (pf_is(l, "}"))
			pf_next(l);
		skip_statement(x);
		return;
	}
	if (str_is(word, "table")) {
		read_table(x);
		skip_statement(x);
	} else if (x->first_pass && is_one_of(word, "pass block match set")) {
		/* a rule may fill a table with those who misbehave */
		while (!pf_at_end(l) || pf_is(l, "}")) {
			bool overload = pf_accept(l, "overload");
			if (overload && l->token.kind == PF_TABLE)
				find_table(x, l->token.text)->perhaps = "a table that rules fill";
			else if (!overload)
				pf_next(l);
		}
	} else if (is_one_of(word, "pass block match")) {
		x->rules->n_lines++;
		read_rule(x, around);
	} else if (str_is(word, "anchor")) {
		read_anchor(x, around);
	} else if (str_is(word, "set")) {
		read_set(x);
	} else if (is_one_of(word, "antispoof scrub altq queue include load nat rdr binat nat-anchor rdr-anchor binat-anchor no")) {
		/* antispoof blocks sources on interfaces that they are not behind, which no packet here does */
		if (str_is(word, "include") || str_is(word, "load"))
			unknown(x, line, "another file; show the rules that are loaded with pfctl -sr");
		else if (!is_one_of(word, "antispoof scrub altq queue"))
			unknown(x, line, "it translates addresses, and rules behind it see others");
		x->rules->n_ignored++;
		skip_statement(x);
	} else {
		struct str name = str_dup(x->arena, word);
		pf_next(l);
		if (pf_is(l, "=")) {
			read_macro(x, name);
			return;
		}
		unknown(x, line, "this is no statement of pf");
		skip_statement(x);
	}
}

static void read_statements(struct pf *x, const struct pf_draft *around)
{
	struct pf_lexer *l = &x->lexer;
	for (;;) {
		skip_newlines(x);
		if (l->token.kind == PF_END || (around && pf_is(l, "}")))
			return;
		if (!skip_pfctl(x))
			read_statement(x, around);
	}
}

static void make_chain(struct pf *x, bool in)
{
	uint32_t chain = ruleset_chain(x->rules, in ? STR("in") : STR("out"), (struct loc){ x->source, 0, 0, 0 });
	*VEC_ADD(x->arena, &x->rules->bases) = chain;
	x->rules->chains.v[chain].fallthrough = ACTION_PERMIT;
	for (int quick = 1; quick >= 0; quick--)
		for (size_t i = 0; i < x->all.n; i++) {
			const struct pf_rule *r = &x->all.v[quick ? i : x->all.n - 1 - i];
			if (r->quick != quick || !(in ? r->in : r->out))
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
	if (str_find(s->text, 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	x->first_pass = true;
	pf_lexer_begin(&x->lexer);
	read_statements(x, NULL);
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
