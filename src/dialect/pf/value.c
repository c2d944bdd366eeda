/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables, macros and the values of pf's rules: interfaces, protocols, addresses,
 * ports and types of ICMP.
 */
#include "dialect/common/match.h"
#include "dialect/common/names.h"
#include "dialect/pf/pf.h"

struct str pf_line_text(struct pf *x, uint32_t line)
{
	return str_trim(source_line(x->arena, x->source, line));
}

void pf_unknown(struct pf *x, uint32_t line, const char *why)
{
	if (!x->first_pass)
		ruleset_unknown(x->rules, loc_line(x->source, line), pf_line_text(x, line), "%s", why);
}

/* Over braces on the way. */
void pf_skip_statement(struct pf *x)
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

void pf_skip_newlines(struct pf *x)
{
	while (x->lexer.token.kind == PF_NEWLINE)
		pf_next(&x->lexer);
}

/* Over a list in parentheses, which stands at the opening one. */
void pf_skip_parentheses(struct pf *x)
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

struct pf_table *pf_find_table(struct pf *x, struct str name)
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
			pf_unknown(x, line, "this table does not end");
			return;
		}
		bool not = pf_accept(&x->lexer, "!");
		if (x->lexer.token.kind == PF_WORD || x->lexer.token.kind == PF_STRING) {
			if (!add_address(x->arena, x->lexer.token.text, not ? &t->out : &t->in)) {
				t->perhaps = "a table with names in it";
				t->vague |= not;
			}
		} else if (x->lexer.token.kind != PF_NEWLINE) {
			t->perhaps = "a table with names in it";
		}
		pf_next(&x->lexer);
	}
	pf_accept(&x->lexer, "}");
}

void pf_read_table(struct pf *x)
{
	pf_next(&x->lexer);
	if (x->lexer.token.kind != PF_TABLE) {
		pf_unknown(x, x->lexer.line, "a table without a name");
		pf_skip_statement(x);
		return;
	}
	struct pf_table *t = pf_find_table(x, x->lexer.token.text);
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
		if (pf_is(&x->lexer, "file")) {
			t->perhaps = "a table whose entries are in another file";
			t->vague = true;
		}
		pf_next(&x->lexer);
	}
	if (!entries && !t->perhaps)
		t->perhaps = "a table that is filled elsewhere";
}

/* An entry of a table, or an exception from it. */
struct entry {
	struct addr_range range;
	bool except;
};

static int wider_first(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	u128 n = a->range.hi - a->range.lo, m = b->range.hi - b->range.lo;
	int c = CMP(m, n);
	return c ? c : CMP(a->except, b->except);
}

/*
 * The longest prefix of a table decides, so larger ones are laid down first; in runs
 * of one kind, of which there are few because there are few lengths.
 */
static void join_table(struct pf *x, struct pf_table *t)
{
	size_t n = 0;
	if (t->joined)
		return;
	t->joined = true;
	t->set = range_vec_set(x->arena, &t->in);
	if (!t->out.n)
		return;
	struct entry *v = ARENA_ARRAY(x->arena, struct entry, t->in.n + t->out.n);
	for (size_t i = 0; i < t->in.n; i++)
		v[n++] = (struct entry){ t->in.v[i], false };
	for (size_t i = 0; i < t->out.n; i++)
		v[n++] = (struct entry){ t->out.v[i], true };
	sort_items(v, n, sizeof *v, wider_first);
	t->set = NO_ADDRS;
	for (size_t i = 0; i < n;) {
		range_vec run = { 0 };
		bool except = v[i].except;
		for (; i < n && v[i].except == except; i++)
			*VEC_ADD(x->arena, &run) = v[i].range;
		struct addrset some = range_vec_set(x->arena, &run);
		t->set = except ? addrset_minus(x->arena, t->set, some) : addrset_union(x->arena, t->set, some);
	}
}

void pf_read_macro(struct pf *x, struct str name)
{
	CLEANUP(out_free) struct out o = out_memory(PF_LONGEST_MACRO);
	pf_next(&x->lexer);	/* = */
	while (x->lexer.token.kind != PF_END && x->lexer.token.kind != PF_NEWLINE) {
		const struct pf_token *t = &x->lexer.token;
		out_printf(&o, t->kind == PF_TABLE ? "%s<%.*s>" : "%s%.*s", o.n ? " " : "", STR_ARG(t->text));
		pf_next(&x->lexer);
	}
	if (o.error)
		pf_unknown(x, x->lexer.line, "this macro is too long");
	struct str *known = strmap_get(&x->lexer.macros, name), *text = known ? known : ARENA_NEW(x->arena, struct str);
	*text = str_dup(x->arena, out_view(&o));
	if (!known)
		strmap_add(&x->lexer.macros, name, text);
}

/* Rules */

void pf_trouble(struct pf_draft *k, const char *why)
{
	if (!k->trouble)
		k->trouble = why;
}

/* Calls for each member of a list in braces, or once for what stands alone. */
void pf_each_member(struct pf *x, struct pf_draft *k, void (*take)(struct pf *x, struct pf_draft *k))
{
	if (!pf_accept(&x->lexer, "{")) {
		take(x, k);
		return;
	}
	unsigned depth = 1;
	for (;;) {
		pf_skip_newlines(x);
		if (x->lexer.token.kind == PF_END) {
			pf_trouble(k, "a list that does not end");
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

void pf_take_interface(struct pf *x, struct pf_draft *k)
{
	bool not = pf_accept(&x->lexer, "!");
	struct str name = str_dup(x->arena, x->lexer.token.text);
	struct interface_names *on = &k->r.on;
	if (x->lexer.token.kind != PF_WORD && x->lexer.token.kind != PF_STRING) {
		pf_trouble(k, "this is no interface");
		pf_next(&x->lexer);
		return;
	}
	pf_next(&x->lexer);
	/* what comes and goes on the loopback is nobody's here */
	bool loopback = str_is(name, "lo") || str_is(name, "lo0");
	if (str_is(name, "any") || (loopback && not)) {
		k->anywhere = true;
		return;
	}
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

void pf_settle_interfaces(struct pf_draft *k)
{
	size_t n = 0;
	struct str *v = (struct str *)k->r.on.v;
	if (k->anywhere)
		k->r.on = (struct interface_names){ 0 };
	if (k->r.on.negated)
		return;
	for (size_t i = 0; i < k->r.on.n; i++)
		if (!str_is(v[i], "lo"))
			v[n++] = v[i];
	if (k->r.on.n && !n)
		k->m.never = true;
	k->r.on.n = n;
}

void pf_take_protocol(struct pf *x, struct pf_draft *k)
{
	unsigned number;
	if (x->lexer.token.kind != PF_WORD || !protocol_name_parse(x->lexer.token.text, &number) || number > 255) {
		pf_trouble(k, "this is no protocol");
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
	struct pf_table *t = pf_find_table(x, name);
	join_table(x, t);
	if (t->perhaps) {
		e->perhaps = t->perhaps;
		if (not || t->vague)
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
	if (pf_accept(&x->lexer, "(")) {
		/* (self) is self, whenever its addresses change */
		if (pf_accept(&x->lexer, "self") && pf_accept(&x->lexer, ")")) {
			add_word(x, k, STR("self"), not, src);
			return;
		}
		while (!pf_at_end(&x->lexer) && !pf_accept(&x->lexer, ")"))
			pf_next(&x->lexer);
		end_of(k, src)->perhaps = "the addresses of an interface";
		if (x->lexer.token.kind == PF_WORD && str_starts(x->lexer.token.text, "/"))
			pf_next(&x->lexer);
		return;
	}
	if (t.kind != PF_WORD && t.kind != PF_TABLE && t.kind != PF_STRING) {
		pf_trouble(k, "this is no address");
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

void pf_take_src(struct pf *x, struct pf_draft *k)
{
	take_end(x, k, true);
}

void pf_take_dst(struct pf *x, struct pf_draft *k)
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
	uint16_t end = 0;
	struct str text = x->lexer.token.text;
	struct portset all = all_port_set();
	if (str_is(text, "*") || str_is(text, "any")) {
		r = ALL_PORTS;
	} else if (x->lexer.token.kind != PF_WORD || !port_name_range(text, ':', NULL, &r)) {
		pf_trouble(k, "this is no port");
		if (!pf_at_end(&x->lexer))
			pf_next(&x->lexer);
		return NO_PORTS;
	}
	pf_next(&x->lexer);
	bool inside = pf_is(&x->lexer, "><"), outside = pf_is(&x->lexer, "<>");
	if (inside || outside) {
		pf_next(&x->lexer);
		if (!port_name_parse(x->lexer.token.text, NULL, &end) || end < r.lo)
			pf_trouble(k, "this is no range of ports");
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

static void add_ports(struct pf *x, struct pf_draft *k, struct pf_ports *to)
{
	struct portset s = take_port_set(x, k);
	to->said = true;
	for (size_t i = 0; i < s.n; i++)
		*VEC_ADD(x->arena, &to->v) = s.v[i];
}

void pf_take_sport(struct pf *x, struct pf_draft *k)
{
	add_ports(x, k, &k->sports);
}

void pf_take_port(struct pf *x, struct pf_draft *k)
{
	add_ports(x, k, &k->ports);
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
		pf_trouble(k, "this is no ICMP type");
		return;
	}
	*VEC_ADD(x->arena, &k->icmp) = (struct icmp_pair){ type, code };
	k->m.icmp_said = true;
	k->m.protocols = port_set(x->arena, v6 ? PROTO_ICMP6 : PROTO_ICMP, v6 ? PROTO_ICMP6 : PROTO_ICMP);
	k->m.protocols_said = true;
}

void pf_take_icmp4(struct pf *x, struct pf_draft *k)
{
	take_icmp(x, k, false);
}

void pf_take_icmp6(struct pf *x, struct pf_draft *k)
{
	take_icmp(x, k, true);
}
