/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading nftables: the text that nft(8) prints and that people write.
 *
 * Two passes.  The first collects sets, maps and definitions, which rules may
 * name before they are complete (add element); the second reads rules.  Both
 * walk the same statements, so they cannot disagree about where one ends.
 *
 * A rule is read from left to right.  Each expression narrows the drafts of the
 * rule (dialect/match.h); a concatenation makes one draft an element.  What is
 * known to be a condition but not what it means makes the rule perhaps; what is
 * not known at all makes it an unknown line.
 */
#include "base/strmap.h"
#include "dialect/lines.h"
#include "dialect/match.h"
#include "dialect/names.h"
#include "dialect/nftables.h"

enum {
	MOST_DEFINE_DEPTH = 16,
	MOST_KEYS = 8,		/* of a concatenation */
	MOST_DRAFTS = 1000000,	/* of one rule */
};

enum token_kind { TOK_END, TOK_WORD, TOK_STRING, TOK_PUNCT, TOK_NEWLINE };

struct token {
	enum token_kind kind;
	struct str text;
	struct loc at;
};

/* Where tokens come from: the file, or the text of a define. */
struct input {
	struct str rest;
	uint32_t line, column;
	bool in_file;
};

/* What the left side of a match looks at. */
enum key {
	KEY_SADDR4, KEY_SADDR6, KEY_DADDR4, KEY_DADDR6,
	KEY_PROTOCOL, KEY_PROTOCOL6, KEY_L4PROTO, KEY_NFPROTO,
	KEY_SPORT, KEY_DPORT,
	KEY_ICMP_TYPE, KEY_ICMP_CODE, KEY_ICMP6_TYPE, KEY_ICMP6_CODE,
	KEY_IIF, KEY_OIF,
	KEY_CT_STATE,
	KEY_TCP_FLAGS,
	KEY_OTHER,	/* known to be a condition; what it means is not modelled */
};

struct left {
	enum key key;
	uint8_t protocol;	/* of ports: 0 is "th" */
	const char *what;	/* of KEY_OTHER */
};

/* One value of a key: what a set's component or a right side says. */
struct value {
	bool is_addrs, is_words;
	struct addrset addrs;
	struct portset numbers;
	struct str word;
	bool perhaps;	/* a value that is not understood */
};

struct verdict {
	enum action action;
	struct str chain;
	struct loc at;
	bool perhaps;	/* queue: somebody else decides */
};

struct element {
	struct value values[MOST_KEYS];
	size_t n;
	struct verdict verdict;
	bool has_verdict;
};

typedef VEC(struct element) element_vec;

struct nft_set {
	struct str name;
	element_vec elements;
	bool dynamic;	/* packets add to it */
	/* all of a set of one component, joined; made when first used */
	bool joined;
	struct addrset addrs;
	struct portset numbers;
	bool unknown_values;
	/* elements in the text, to be read when the key that they meet is known */
	VEC(struct str) texts;
	VEC(struct loc) texts_at;
};

struct nft_chain {
	uint32_t number;
	bool defined, ignored;
	struct loc used_at;
};

struct nft {
	struct arena *arena;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	struct diag *diag;
	struct input inputs[MOST_DEFINE_DEPTH + 1];
	size_t n_inputs;
	struct token token;	/* the one that is looked at */
	bool first_pass;
	struct strmap defines;	/* name -> struct str */
	struct strmap sets;	/* "family table name" -> struct nft_set */
	struct strmap chains;	/* "family table name" -> struct nft_chain */
	VEC(struct nft_chain *) all_chains;
	struct str family, table;
	struct str statement;	/* text of the line that is being read */
	struct loc statement_at;
	bool broken;		/* the statement cannot be read on */
};

/* Tokens */

static bool is_word_char(char c)
{
	return (unsigned char)c > 0x20 && !strchr("{},;\"=!<>()|&#\\", c);
}

static void advance(struct input *in, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (in->rest.p[i] == '\n') {
			in->line++;
			in->column = 1;
		} else {
			in->column++;
		}
	}
	in->rest = str_skip(in->rest, n);
}

static void skip_blanks(struct input *in)
{
	for (;;) {
		if (in->rest.n && (in->rest.p[0] == ' ' || in->rest.p[0] == '\t' || in->rest.p[0] == '\r')) {
			advance(in, 1);
		} else if (in->rest.n >= 2 && in->rest.p[0] == '\\' && in->rest.p[1] == '\n') {
			advance(in, 2);
		} else if (in->rest.n && in->rest.p[0] == '#') {
			size_t end = str_find(in->rest, '\n');
			advance(in, end == SIZE_MAX ? in->rest.n : end);
		} else {
			return;
		}
	}
}

static void take(struct nft *n, enum token_kind kind, size_t length)
{
	struct input *in = &n->inputs[n->n_inputs - 1];
	uint32_t line = in->in_file ? in->line : n->token.at.line;
	uint32_t column = in->in_file ? in->column : n->token.at.column;
	n->token = (struct token){ kind, str_first(in->rest, length), { n->source, line, column, (uint32_t)length } };
	advance(in, length);
}

static void next(struct nft *n);

static void open_define(struct nft *n, struct str name)
{
	const struct str *text = strmap_get(&n->defines, name);
	if (!text || n->n_inputs > MOST_DEFINE_DEPTH) {
		n->broken = true;
		n->token.kind = TOK_WORD;
		return;
	}
	n->inputs[n->n_inputs++] = (struct input){ *text, 0, 0, false };
	next(n);
}

static void next(struct nft *n)
{
	for (;;) {
		struct input *in = &n->inputs[n->n_inputs - 1];
		skip_blanks(in);
		if (in->rest.n)
			break;
		if (n->n_inputs == 1) {
			n->token = (struct token){ TOK_END, NO_STR, { n->source, in->line, in->column, 0 } };
			return;
		}
		n->n_inputs--;
	}
	struct input *in = &n->inputs[n->n_inputs - 1];
	char c = in->rest.p[0];
	if (c == '\n') {
		take(n, TOK_NEWLINE, 1);
		return;
	}
	if (c == '"') {
		size_t end = str_find(str_skip(in->rest, 1), '"');
		size_t length = end == SIZE_MAX ? in->rest.n : end + 2;
		take(n, TOK_STRING, length);
		n->token.text = str_first(str_skip(n->token.text, 1), length - (end == SIZE_MAX ? 1 : 2));
		return;
	}
	if (!is_word_char(c)) {
		size_t length = 1;
		if (in->rest.n > 1 && in->rest.p[1] == '=' && strchr("=!<>", c))
			length = 2;
		take(n, TOK_PUNCT, length);
		return;
	}
	size_t length = 1;
	while (length < in->rest.n && is_word_char(in->rest.p[length]))
		length++;
	take(n, TOK_WORD, length);
	if (n->token.text.n > 1 && n->token.text.p[0] == '$')
		open_define(n, str_skip(n->token.text, 1));
}

static bool is(const struct nft *n, const char *text)
{
	return n->token.kind != TOK_STRING && n->token.kind != TOK_END && str_is(n->token.text, text);
}

static bool accept_word(struct nft *n, const char *text)
{
	if (!is(n, text))
		return false;
	next(n);
	return true;
}

static bool at_statement_end(const struct nft *n)
{
	return n->token.kind == TOK_END || n->token.kind == TOK_NEWLINE || is(n, ";") || is(n, "}");
}

static void skip_newlines(struct nft *n)
{
	while (n->token.kind == TOK_NEWLINE || is(n, ";"))
		next(n);
}

/* Skips to the end of the statement, over blocks on the way. */
static void skip_statement(struct nft *n)
{
	unsigned depth = 0;
	while (n->token.kind != TOK_END) {
		if (depth == 0 && at_statement_end(n))
			return;
		if (is(n, "{"))
			depth++;
		else if (is(n, "}"))
			depth--;
		next(n);
	}
}

static struct str line_text(struct nft *n, uint32_t line)
{
	return str_trim(source_line(n->arena, n->source, line));
}

static void unknown(struct nft *n, struct loc at, const char *why)
{
	if (!n->first_pass)
		ruleset_unknown(n->rules, at, line_text(n, at.line), "%s", why);
}

static struct str full_name(struct nft *n, struct str name)
{
	return str_printf(n->arena, "%.*s %.*s %.*s", STR_ARG(n->family), STR_ARG(n->table), STR_ARG(name));
}

/* Sets */

static struct nft_set *find_set(struct nft *n, struct str name, bool make)
{
	struct str key = full_name(n, name);
	struct nft_set *s = strmap_get(&n->sets, key);
	if (!s && make) {
		s = ARENA_NEW(n->arena, struct nft_set);
		s->name = str_dup(n->arena, name);
		strmap_add(&n->sets, key, s);
	}
	return s;
}

/* Keeps the text between { and } for later, when the key that it meets says how to read it. */
static void keep_elements(struct nft *n, struct nft_set *s)
{
	if (!is(n, "{")) {
		/* elements = $define */
		n->broken = true;
		return;
	}
	struct input *in = &n->inputs[n->n_inputs - 1];
	struct str begin = in->rest;
	struct loc at = { n->source, in->line, in->column, 1 };
	unsigned depth = 1;
	next(n);
	while (n->token.kind != TOK_END) {
		if (is(n, "{"))
			depth++;
		if (is(n, "}") && --depth == 0)
			break;
		next(n);
	}
	if (n->token.kind == TOK_END)
		return;
	if (n->first_pass && n->n_inputs == 1) {
		size_t length = (size_t)(n->token.text.p - begin.p);
		*VEC_ADD(n->arena, &s->texts) = str_first(begin, length);
		*VEC_ADD(n->arena, &s->texts_at) = at;
	}
	next(n);
}

static void read_set_block(struct nft *n, struct nft_set *s)
{
	next(n);	/* { */
	for (;;) {
		skip_newlines(n);
		if (n->token.kind == TOK_END || is(n, "}"))
			break;
		if (accept_word(n, "elements")) {
			if (accept_word(n, "="))
				keep_elements(n, s);
		} else {
			if (is(n, "flags")) {
				while (!at_statement_end(n)) {
					s->dynamic |= is(n, "dynamic");
					next(n);
				}
			}
			skip_statement(n);
		}
	}
	if (is(n, "}"))
		next(n);
}

/* Values */

static void add_range(struct arena *a, struct value *v, struct addr_range r)
{
	v->is_addrs = true;
	v->addrs = v->addrs.n ? addrset_union(a, v->addrs, range_set(a, r)) : range_set(a, r);
}

static bool number_of(const struct left *l, struct str s, struct port_range *ret)
{
	unsigned protocol;
	uint16_t type, code;
	switch (l->key) {
	case KEY_SPORT:
	case KEY_DPORT:
		return port_name_range(s, '-', NULL, ret);
	case KEY_PROTOCOL:
	case KEY_PROTOCOL6:
	case KEY_L4PROTO:
		if (!protocol_name_parse(s, &protocol) || protocol == ANY_PROTOCOL)
			return port_name_range(s, '-', NULL, ret) && ret->hi <= 255;
		*ret = (struct port_range){ (uint16_t)protocol, (uint16_t)protocol };
		return true;
	case KEY_ICMP_TYPE:
	case KEY_ICMP6_TYPE:
		if (icmp_name_parse(s, l->key == KEY_ICMP6_TYPE, &type, &code)) {
			*ret = (struct port_range){ type, type };
			return code == ANY_CODE;
		}
		return port_name_range(s, '-', NULL, ret) && ret->hi <= 255;
	case KEY_ICMP_CODE:
	case KEY_ICMP6_CODE:
		if (icmp_name_parse(s, l->key == KEY_ICMP6_CODE, &type, &code) && code != ANY_CODE) {
			*ret = (struct port_range){ code, code };
			return true;
		}
		return port_name_range(s, '-', NULL, ret) && ret->hi <= 255;
	default:
		return false;
	}
}

/* One value, without braces.  False when it cannot be read as what the key wants. */
static bool read_value(struct nft *n, const struct left *l, struct value *v)
{
	struct str text = n->token.text;
	struct addr_range r;
	struct port_range p;

	if (n->token.kind != TOK_WORD && n->token.kind != TOK_STRING)
		return false;
	next(n);
	/* "10.0.0.1 - 10.0.0.9" with blanks is the same as without */
	if (n->token.kind == TOK_WORD && str_is(n->token.text, "-")) {
		next(n);
		text = str_printf(n->arena, "%.*s-%.*s", STR_ARG(text), STR_ARG(n->token.text));
		next(n);
	}
	switch (l->key) {
	case KEY_SADDR4:
	case KEY_SADDR6:
	case KEY_DADDR4:
	case KEY_DADDR6: {
		enum range_parse got = addr_range_parse(text, &r);
		enum family f = l->key == KEY_SADDR6 || l->key == KEY_DADDR6 ? IPV6 : IPV4;
		/* nft clears bits behind a prefix */
		if ((got != RANGE_OK && got != RANGE_HOST_BITS) || r.family != f)
			return false;
		*v = (struct value){ 0 };
		add_range(n->arena, v, r);
		return true;
	}
	case KEY_IIF:
	case KEY_OIF:
	case KEY_CT_STATE:
	case KEY_NFPROTO:
		*v = (struct value){ .is_words = true, .word = str_dup(n->arena, text) };
		return true;
	case KEY_TCP_FLAGS:
	case KEY_OTHER:
		*v = (struct value){ .perhaps = true };
		return true;
	default:
		if (!number_of(l, text, &p))
			return false;
		*v = (struct value){ .numbers = port_set(n->arena, p.lo, p.hi) };
		return true;
	}
}

static void skip_element_options(struct nft *n)
{
	/* timeout 1h expires 2m comment "..." counter packets 1 bytes 2 */
	while (n->token.kind != TOK_END && !is(n, ",") && !is(n, "}") && !is(n, ":"))
		next(n);
}

static bool read_verdict(struct nft *n, struct verdict *v);

static bool read_element(struct nft *n, const struct left *keys, size_t n_keys, struct element *e)
{
	*e = (struct element){ .n = n_keys };
	while (n->token.kind == TOK_NEWLINE)
		next(n);
	for (size_t i = 0; i < n_keys; i++) {
		if (i && !accept_word(n, "."))
			return false;
		/* in a wildcard element, * stands for everything */
		if (!read_value(n, &keys[i], &e->values[i]))
			return false;
	}
	skip_element_options(n);
	if (accept_word(n, ":")) {
		e->has_verdict = true;
		if (!read_verdict(n, &e->verdict))
			return false;
	}
	skip_element_options(n);
	return true;
}

/* Elements between { and }, the first of which is looked at. */
static bool read_elements(struct nft *n, const struct left *keys, size_t n_keys, element_vec *ret)
{
	for (;;) {
		while (n->token.kind == TOK_NEWLINE || is(n, ","))
			next(n);
		if (is(n, "}") || n->token.kind == TOK_END)
			return true;
		if (ret->n >= MOST_MEMBERS)
			return false;
		if (!read_element(n, keys, n_keys, VEC_ADD(n->arena, ret)))
			return false;
	}
}

/* Reads the kept texts of a set by the keys that it is used with. */
static bool set_elements(struct nft *n, struct nft_set *s, const struct left *keys, size_t n_keys, element_vec *ret)
{
	struct token looked_at = n->token;
	struct input inputs[MOST_DEFINE_DEPTH + 1];
	size_t n_inputs = n->n_inputs;
	bool ok = true;

	memcpy(inputs, n->inputs, sizeof inputs);
	for (size_t i = 0; i < s->texts.n && ok; i++) {
		n->inputs[0] = (struct input){ s->texts.v[i], s->texts_at.v[i].line, s->texts_at.v[i].column, true };
		n->n_inputs = 1;
		next(n);
		ok = read_elements(n, keys, n_keys, ret);
	}
	memcpy(n->inputs, inputs, sizeof inputs);
	n->n_inputs = n_inputs;
	n->token = looked_at;
	return ok;
}

/* Left sides */

static const struct {
	const char *word;
	uint8_t protocol;
} transports[] = {
	{ "tcp", PROTO_TCP },	{ "udp", PROTO_UDP },	      { "sctp", PROTO_SCTP },
	{ "dccp", PROTO_DCCP }, { "udplite", PROTO_UDPLITE }, { "th", 0 },
};

static bool read_transport(struct nft *n, struct left *l)
{
	for (size_t i = 0; i < ARRAY_LEN(transports); i++) {
		if (!is(n, transports[i].word))
			continue;
		next(n);
		l->protocol = transports[i].protocol;
		if (accept_word(n, "sport"))
			l->key = KEY_SPORT;
		else if (accept_word(n, "dport"))
			l->key = KEY_DPORT;
		else if (is(n, "flags") && l->protocol == PROTO_TCP) {
			next(n);
			l->key = KEY_TCP_FLAGS;
		} else {
			*l = (struct left){ .key = KEY_OTHER, .what = "a field of the transport header" };
			next(n);
		}
		return true;
	}
	return false;
}

/* Words behind which one more word names what is looked at, and then a value comes. */
static const struct {
	const char *word, *what;
} others[] = {
	{ "fib", "a routing lookup" },	      { "rt", "a routing property" },	{ "socket", "a socket property" },
	{ "osf", "a system fingerprint" },    { "ether", "a link address" },	{ "vlan", "a VLAN" },
	{ "exthdr", "an extension header" },  { "ah", "a header field" },	{ "esp", "a header field" },
	{ "comp", "a header field" },	      { "mh", "a header field" },	{ "dst", "a header field" },
	{ "hbh", "a header field" },	      { "frag", "fragments" },		{ "ipsec", "IPsec" },
	{ "cgroupv2", "a control group" },    { "numgen", "a number" },		{ "jhash", "a hash" },
	{ "symhash", "a hash" },
};

static bool read_meta(struct nft *n, struct left *l)
{
	static const struct {
		const char *word;
		enum key key;
	} metas[] = { { "l4proto", KEY_L4PROTO }, { "nfproto", KEY_NFPROTO }, { "iifname", KEY_IIF }, { "oifname", KEY_OIF },
		      { "iif", KEY_IIF },	  { "oif", KEY_OIF } };
	bool meta = accept_word(n, "meta");
	for (size_t i = 0; i < ARRAY_LEN(metas); i++)
		if (accept_word(n, metas[i].word)) {
			l->key = metas[i].key;
			return true;
		}
	if (!meta && !is(n, "mark") && !is(n, "pkttype") && !is(n, "skuid") && !is(n, "skgid") && !is(n, "priority") &&
	    !is(n, "cpu") && !is(n, "iifgroup") && !is(n, "oifgroup") && !is(n, "iiftype") && !is(n, "oiftype") &&
	    !is(n, "protocol") && !is(n, "length") && !is(n, "time") && !is(n, "day") && !is(n, "hour") &&
	    !is(n, "cgroup") && !is(n, "nftrace"))
		return false;
	*l = (struct left){ .key = KEY_OTHER, .what = "a property of the packet (meta)" };
	next(n);
	return true;
}

static bool read_network(struct nft *n, struct left *l)
{
	bool v6 = is(n, "ip6");
	if (!v6 && !is(n, "ip"))
		return false;
	next(n);
	if (accept_word(n, "saddr"))
		l->key = v6 ? KEY_SADDR6 : KEY_SADDR4;
	else if (accept_word(n, "daddr"))
		l->key = v6 ? KEY_DADDR6 : KEY_DADDR4;
	else if (accept_word(n, v6 ? "nexthdr" : "protocol"))
		l->key = v6 ? KEY_PROTOCOL6 : KEY_PROTOCOL;
	else {
		*l = (struct left){ .key = KEY_OTHER, .what = "a field of the IP header" };
		next(n);
	}
	return true;
}

static bool read_icmp(struct nft *n, struct left *l)
{
	bool v6 = is(n, "icmpv6");
	if (!v6 && !is(n, "icmp"))
		return false;
	next(n);
	if (accept_word(n, "type"))
		l->key = v6 ? KEY_ICMP6_TYPE : KEY_ICMP_TYPE;
	else if (accept_word(n, "code"))
		l->key = v6 ? KEY_ICMP6_CODE : KEY_ICMP_CODE;
	else {
		*l = (struct left){ .key = KEY_OTHER, .what = "a field of the ICMP header" };
		next(n);
	}
	return true;
}

static bool read_ct(struct nft *n, struct left *l)
{
	if (!accept_word(n, "ct"))
		return false;
	if (accept_word(n, "state")) {
		l->key = KEY_CT_STATE;
		return true;
	}
	*l = (struct left){ .key = KEY_OTHER, .what = "a property of the conversation (ct)" };
	next(n);
	/* ct original ip saddr ... */
	while (is(n, "ip") || is(n, "ip6") || is(n, "saddr") || is(n, "daddr") || is(n, "proto-src") || is(n, "proto-dst") ||
	       is(n, "protocol") || is(n, "l3proto"))
		next(n);
	return true;
}

static bool read_other(struct nft *n, struct left *l)
{
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (!is(n, others[i].word))
			continue;
		*l = (struct left){ .key = KEY_OTHER, .what = others[i].what };
		next(n);
		/* selectors: fib daddr . iif type, rt classid ... */
		while (n->token.kind == TOK_WORD && !is(n, "vmap") && !is(n, "exists") && !is(n, "missing")) {
			struct token before = n->token;
			next(n);
			if (accept_word(n, "."))
				continue;
			if (str_is(before.text, "type") || str_is(before.text, "oif") || str_is(before.text, "oifname") ||
			    strcmp(others[i].word, "fib") != 0)
				break;
		}
		return true;
	}
	return false;
}

static bool read_left(struct nft *n, struct left *l)
{
	*l = (struct left){ 0 };
	return read_network(n, l) || read_transport(n, l) || read_icmp(n, l) || read_ct(n, l) || read_meta(n, l) ||
	       read_other(n, l);
}

/* Rules */

struct draft_rule {
	VEC(struct draft_match) drafts;
	uint32_t chain;
	struct str comment;
	bool decided;
	struct verdict verdict;
};

static void apply_words(struct nft *n, struct draft_match *m, const struct left *l, const struct str *v, size_t count,
			bool negated)
{
	if (l->key == KEY_NFPROTO) {
		bool v4 = false, v6 = false;
		for (size_t i = 0; i < count; i++) {
			v4 |= str_is(v[i], "ipv4");
			v6 |= str_is(v[i], "ipv6");
		}
		if (negated) {
			v4 = !v4;
			v6 = !v6;
		}
		if (!v4 && !v6)
			m->never = true;
		if (v4 != v6)
			draft_family(m, v4 ? IPV4 : IPV6);
		return;
	}
	if (l->key == KEY_CT_STATE) {
		bool first = false, later = false;
		for (size_t i = 0; i < count; i++) {
			first |= str_is(v[i], "new") || str_is(v[i], "untracked");
			later |= str_is(v[i], "established") || str_is(v[i], "related");
		}
		if (negated) {
			first = !first;
			later = !later;
		}
		if (!first && !later)
			m->never = true;	/* invalid: no packet that a proof is about */
		else if (first != later)
			m->conversation = first ? CONVERSATION_OPENING : CONVERSATION_ESTABLISHED;
		return;
	}
	struct str *names = ARENA_ARRAY(n->arena, struct str, count);
	memcpy(names, v, count * sizeof *names);
	struct interface_names i = { names, count, negated };
	if (l->key == KEY_IIF)
		draft_in(m, i);
	else
		draft_out(m, i);
}

static void apply_numbers(struct nft *n, struct draft_match *m, const struct left *l, struct portset s, bool negated)
{
	struct portset bytes = port_set(n->arena, 0, 255);
	struct portset inside = negated ? portset_minus(n->arena, bytes, s) : s;
	switch (l->key) {
	case KEY_PROTOCOL:
		draft_family(m, IPV4);
		draft_protocols(m, s, negated);
		return;
	case KEY_PROTOCOL6:
		draft_family(m, IPV6);
		draft_protocols(m, s, negated);
		return;
	case KEY_L4PROTO:
		draft_protocols(m, s, negated);
		return;
	case KEY_SPORT:
	case KEY_DPORT:
		if (l->protocol)
			draft_protocol(m, l->protocol);
		if (l->key == KEY_SPORT)
			draft_sports(m, s, negated);
		else
			draft_ports(m, s, negated);
		return;
	case KEY_ICMP_TYPE:
	case KEY_ICMP6_TYPE:
		draft_icmp(m, l->key == KEY_ICMP6_TYPE, inside, bytes);
		return;
	case KEY_ICMP_CODE:
	case KEY_ICMP6_CODE:
		draft_icmp(m, l->key == KEY_ICMP6_CODE, bytes, inside);
		return;
	default:
		return;
	}
}

static void apply_addrs(struct draft_match *m, const struct left *l, struct addrset s, bool negated)
{
	bool v6 = l->key == KEY_SADDR6 || l->key == KEY_DADDR6;
	draft_family(m, v6 ? IPV6 : IPV4);
	if (l->key == KEY_SADDR4 || l->key == KEY_SADDR6)
		draft_src(m, s, negated);
	else
		draft_dst(m, s, negated);
}

static void apply_value(struct nft *n, struct draft_match *m, const struct left *l, const struct value *v, bool negated)
{
	if (v->perhaps || l->key == KEY_OTHER || l->key == KEY_TCP_FLAGS)
		draft_perhaps(m, l->what ? l->what : "a condition that is not modelled");
	else if (v->is_addrs)
		apply_addrs(m, l, v->addrs, negated);
	else if (v->is_words)
		apply_words(n, m, l, &v->word, 1, negated);
	else
		apply_numbers(n, m, l, v->numbers, negated);
}

/* All elements of a set of one component, as one value. */
static void apply_elements(struct nft *n, struct draft_match *m, const struct left *l, const element_vec *e, bool negated)
{
	VEC(struct addr_range) addrs = { 0 };
	VEC(struct port_range) numbers = { 0 };
	VEC(struct str) names = { 0 };
	bool perhaps = l->key == KEY_OTHER || l->key == KEY_TCP_FLAGS;

	for (size_t i = 0; i < e->n; i++) {
		const struct value *v = &e->v[i].values[0];
		perhaps |= v->perhaps;
		for (size_t k = 0; k < v->addrs.n; k++)
			*VEC_ADD(n->arena, &addrs) = v->addrs.v[k];
		for (size_t k = 0; k < v->numbers.n; k++)
			*VEC_ADD(n->arena, &numbers) = v->numbers.v[k];
		if (v->is_words)
			*VEC_ADD(n->arena, &names) = v->word;
	}
	if (perhaps) {
		draft_perhaps(m, l->what ? l->what : "a condition that is not modelled");
	} else if (l->key <= KEY_DADDR6) {
		apply_addrs(m, l, addrset_of(n->arena, addrs.v, addrs.n), negated);
	} else if (l->key == KEY_IIF || l->key == KEY_OIF || l->key == KEY_CT_STATE || l->key == KEY_NFPROTO) {
		if (names.n)
			apply_words(n, m, l, names.v, names.n, negated);
		else
			m->never = !negated;
	} else {
		apply_numbers(n, m, l, portset_of(n->arena, numbers.v, numbers.n), negated);
	}
}

static bool read_verdict(struct nft *n, struct verdict *v)
{
	*v = (struct verdict){ .at = n->token.at };
	if (accept_word(n, "accept"))
		v->action = ACTION_PERMIT;
	else if (accept_word(n, "drop"))
		v->action = ACTION_DENY;
	else if (accept_word(n, "return"))
		v->action = ACTION_RETURN;
	else if (accept_word(n, "continue"))
		v->action = ACTION_NEXT;
	else if (is(n, "jump") || is(n, "goto")) {
		v->action = is(n, "jump") ? ACTION_CALL : ACTION_GOTO;
		next(n);
		v->chain = str_dup(n->arena, n->token.text);
		v->at = n->token.at;
		next(n);
	} else if (accept_word(n, "queue")) {
		v->action = ACTION_PERMIT;
		v->perhaps = true;
		while (!at_statement_end(n) && !is(n, ",") && !is(n, "comment"))
			next(n);
	} else {
		return false;
	}
	return true;
}

static struct nft_chain *chain_of(struct nft *n, struct str name, struct loc at)
{
	struct str key = full_name(n, name);
	struct nft_chain *c = strmap_get(&n->chains, key);
	if (!c) {
		c = ARENA_NEW(n->arena, struct nft_chain);
		c->number = ruleset_chain(n->rules, str_dup(n->arena, name), at);
		c->used_at = at;
		strmap_add(&n->chains, key, c);
		*VEC_ADD(n->arena, &n->all_chains) = c;
	}
	return c;
}

static void add_rule(struct nft *n, const struct draft_rule *r, const struct draft_match *m, const struct verdict *v)
{
	uint32_t target = 0;
	if (v->action == ACTION_CALL || v->action == ACTION_GOTO)
		target = chain_of(n, v->chain, v->at)->number;
	struct rule *rule = ruleset_rule(n->rules, r->chain, n->statement_at);
	draft_into(m, rule);
	rule->action = v->action;
	rule->target = target;
	if (v->perhaps && !rule->perhaps)
		rule->perhaps = "a program decides (queue)";
	rule->comment = r->comment;
	rule->text = n->statement;
}

/* Drafts of a set of services differ in nothing else: they are one rule. */
static bool same_but_services(const struct draft_match *x, const struct draft_match *y)
{
	return x->src.v == y->src.v && x->dst.v == y->dst.v && x->in.v == y->in.v && x->out.v == y->out.v &&
	       x->conversation == y->conversation && x->never == y->never && x->perhaps == y->perhaps;
}

static void add_rules(struct nft *n, const struct draft_rule *r, const struct verdict *v)
{
	for (size_t i = 0; i < r->drafts.n;) {
		size_t first = i;
		add_rule(n, r, &r->drafts.v[i++], v);
		struct match *m = &n->rules->chains.v[r->chain].rules.v[n->rules->chains.v[r->chain].rules.n - 1].match;
		VEC(struct service_term) terms = { 0 };
		while (i < r->drafts.n && same_but_services(&r->drafts.v[first], &r->drafts.v[i])) {
			struct match more = draft_match_done(&r->drafts.v[i++]);
			for (size_t k = 0; k < more.n_services; k++)
				*VEC_ADD(n->arena, &terms) = more.services[k];
			m->never &= more.never;
		}
		for (size_t k = 0; terms.n && k < m->n_services; k++)
			*VEC_ADD(n->arena, &terms) = m->services[k];
		if (terms.n) {
			m->services = terms.v;
			m->n_services = terms.n;
		}
	}
}

/* Each draft with each element: what a concatenation means. */
static bool multiply(struct nft *n, struct draft_rule *r, const struct left *keys, size_t n_keys, const element_vec *e,
		     bool negated)
{
	struct draft_rule out = { .chain = r->chain };
	if (negated) {
		for (size_t i = 0; i < r->drafts.n; i++)
			draft_perhaps(&r->drafts.v[i], "a negated concatenation");
		return true;
	}
	if (e->n && r->drafts.n > MOST_DRAFTS / e->n)
		return false;
	for (size_t i = 0; i < r->drafts.n; i++)
		for (size_t k = 0; k < e->n; k++) {
			struct draft_match m = r->drafts.v[i];
			for (size_t c = 0; c < n_keys; c++)
				apply_value(n, &m, &keys[c], &e->v[k].values[c], false);
			*VEC_ADD(n->arena, &out.drafts) = m;
		}
	r->drafts.v = out.drafts.v;
	r->drafts.n = out.drafts.n;
	r->drafts.room = out.drafts.room;
	return true;
}

static bool right_elements(struct nft *n, const struct left *keys, size_t n_keys, element_vec *ret, bool *dynamic)
{
	if (n->token.kind == TOK_WORD && n->token.text.n > 1 && n->token.text.p[0] == '@') {
		struct nft_set *s = find_set(n, str_skip(n->token.text, 1), false);
		next(n);
		if (!s)
			return false;
		*dynamic = s->dynamic;
		return set_elements(n, s, keys, n_keys, ret);
	}
	if (is(n, "{")) {
		next(n);
		if (!read_elements(n, keys, n_keys, ret) || !is(n, "}"))
			return false;
		next(n);
		return true;
	}
	if (n_keys > 1)
		return read_element(n, keys, n_keys, VEC_ADD(n->arena, ret));
	/* ct state established,related: a list without braces */
	do {
		struct element *e = VEC_ADD(n->arena, ret);
		e->n = 1;
		if (!read_value(n, &keys[0], &e->values[0]))
			return false;
	} while (keys[0].key == KEY_CT_STATE && accept_word(n, ","));
	return true;
}

static bool read_vmap(struct nft *n, struct draft_rule *r, const struct left *keys, size_t n_keys)
{
	element_vec e = { 0 };
	bool dynamic = false;
	if (!right_elements(n, keys, n_keys, &e, &dynamic))
		return false;
	for (size_t i = 0; i < r->drafts.n; i++)
		for (size_t k = 0; k < e.n; k++) {
			struct draft_match m = r->drafts.v[i];
			if (!e.v[k].has_verdict)
				return false;
			for (size_t c = 0; c < n_keys; c++)
				apply_value(n, &m, &keys[c], &e.v[k].values[c], false);
			if (dynamic)
				draft_perhaps(&m, "a map that packets add to");
			add_rule(n, r, &m, &e.v[k].verdict);
		}
	/* what no element holds goes on in the same rule */
	return true;
}

/*
 * tcp flags: what opens a conversation has SYN and nothing else that matters
 * here; a reply has ACK.  "syn / fin,syn,rst,ack" and "& (fin|syn|rst|ack) == syn"
 * are the two ways in which that is written.
 */
static bool read_tcp_flags(struct nft *n, struct draft_rule *r)
{
	CLEANUP(out_free) struct out text = out_memory(4096);
	while (!at_statement_end(n) && text.n < 200 && !is(n, "accept") && !is(n, "drop") && !is(n, "counter") &&
	       !is(n, "jump") && !is(n, "goto") && !is(n, "return") && !is(n, "log") && !is(n, "reject") &&
	       !is(n, "comment") && !is(n, "limit") && !is(n, "ct") && !is(n, "meta") && !is(n, "tcp") && !is(n, "ip")) {
		out_str(&text, n->token.text);
		next(n);
	}
	static const char *const opening[] = { "syn/fin,syn,rst,ack", "&(fin|syn|rst|ack)==syn", "&(syn|ack)==syn",
					       "syn/syn,ack", "==syn", "syn" };
	static const char *const established[] = { "&(syn|ack)!=syn", "!=syn/fin,syn,rst,ack", "!=syn",
						   "&(fin|syn|rst|ack)!=syn", "ack", "==ack" };
	struct str t = out_view(&text);
	for (size_t i = 0; i < r->drafts.n; i++) {
		struct draft_match *m = &r->drafts.v[i];
		bool known = false;
		draft_protocol(m, PROTO_TCP);
		for (size_t k = 0; k < ARRAY_LEN(opening); k++)
			if (str_is(t, opening[k])) {
				m->conversation = CONVERSATION_OPENING;
				known = true;
			}
		for (size_t k = 0; k < ARRAY_LEN(established); k++)
			if (str_is(t, established[k])) {
				m->conversation = CONVERSATION_ESTABLISHED;
				known = true;
			}
		if (!known)
			draft_perhaps(m, "TCP flags");
	}
	return true;
}

static void perhaps_all(struct draft_rule *r, const char *why)
{
	for (size_t i = 0; i < r->drafts.n; i++)
		draft_perhaps(&r->drafts.v[i], why);
}

static bool read_match(struct nft *n, struct draft_rule *r)
{
	struct left keys[MOST_KEYS];
	size_t n_keys = 0;
	bool negated = false, dynamic = false, odd = false;
	element_vec e = { 0 };

	do {
		if (n_keys == MOST_KEYS || !read_left(n, &keys[n_keys++]))
			return false;
	} while (accept_word(n, "."));
	if (n_keys == 1 && keys[0].key == KEY_TCP_FLAGS)
		return read_tcp_flags(n, r);
	if (accept_word(n, "vmap"))
		return read_vmap(n, r, keys, n_keys);
	if (accept_word(n, "set")) {
		/* a statement that changes something: it decides nothing, but a mark or a helper may matter elsewhere */
		while (!at_statement_end(n) && !is(n, "accept") && !is(n, "drop") && !is(n, "counter") && !is(n, "jump") &&
		       !is(n, "return") && !is(n, "goto") && !is(n, "comment")) {
			n->rules->helps_tftp |= is(n, "tftp");
			n->rules->helps_ftp |= is(n, "ftp");
			next(n);
		}
		return true;
	}
	while (is(n, "&") || is(n, "|") || is(n, "^") || is(n, "<<") || is(n, ">>") || is(n, "(")) {
		odd = true;
		while (!at_statement_end(n) && !is(n, "==") && !is(n, "!="))
			next(n);
	}
	if (accept_word(n, "!="))
		negated = true;
	else if (is(n, "<") || is(n, ">") || is(n, "<=") || is(n, ">=")) {
		odd = true;
		next(n);
	} else {
		accept_word(n, "==");
	}
	if (odd)
		for (size_t i = 0; i < n_keys; i++)
			keys[i] = (struct left){ .key = KEY_OTHER, .what = "arithmetic on a field" };
	if (keys[0].key == KEY_OTHER && (accept_word(n, "exists") || accept_word(n, "missing"))) {
		perhaps_all(r, keys[0].what);
		return true;
	}
	if (!right_elements(n, keys, n_keys, &e, &dynamic))
		return false;
	if (dynamic)
		perhaps_all(r, "a set that packets add to");
	if (n_keys > 1)
		return multiply(n, r, keys, n_keys, &e, negated);
	for (size_t i = 0; i < r->drafts.n; i++)
		apply_elements(n, &r->drafts.v[i], &keys[0], &e, negated);
	return true;
}

/* Statements that decide nothing. */
static bool read_idle_statement(struct nft *n, struct draft_rule *r)
{
	static const char *const skipped[] = { "log", "notrack", "synproxy", "tproxy", "dup", "fwd", "offload", "flow" };

	if (accept_word(n, "counter")) {
		if (accept_word(n, "name"))
			next(n);
		while (is(n, "packets") || is(n, "bytes")) {
			next(n);
			next(n);
		}
		return true;
	}
	if (accept_word(n, "comment")) {
		r->comment = str_dup(n->arena, n->token.text);
		next(n);
		return true;
	}
	if (is(n, "limit") || is(n, "quota")) {
		perhaps_all(r, is(n, "limit") ? "a rate limit" : "a quota");
		next(n);
		while (!at_statement_end(n) && !is(n, "accept") && !is(n, "drop") && !is(n, "counter") && !is(n, "jump") &&
		       !is(n, "return") && !is(n, "goto") && !is(n, "comment") && !is(n, "log") && !is(n, "reject"))
			next(n);
		return true;
	}
	if (is(n, "update") || is(n, "add") || is(n, "delete") || is(n, "meter")) {
		/* update @s { ip saddr limit rate 10/second }: matches only within the limit */
		bool limited = false;
		unsigned depth = 0;
		do {
			depth += is(n, "{");
			depth -= is(n, "}");
			limited |= is(n, "limit") || is(n, "ct") || is(n, "quota");
			next(n);
		} while (n->token.kind != TOK_END && n->token.kind != TOK_NEWLINE && (depth || !is(n, "}")) &&
			 !(depth == 0 && at_statement_end(n)) && !(depth == 0 && (is(n, "accept") || is(n, "drop"))));
		if (limited)
			perhaps_all(r, "a rate limit");
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(skipped); i++) {
		if (!accept_word(n, skipped[i]))
			continue;
		while (!at_statement_end(n) && !is(n, "accept") && !is(n, "drop") && !is(n, "counter") && !is(n, "jump") &&
		       !is(n, "return") && !is(n, "goto") && !is(n, "comment") && !is(n, "reject"))
			next(n);
		return true;
	}
	return false;
}

static bool read_final(struct nft *n, struct draft_rule *r)
{
	if (accept_word(n, "reject")) {
		while (!at_statement_end(n) && !is(n, "comment"))
			next(n);
		r->verdict = (struct verdict){ .action = ACTION_DENY };
		r->decided = true;
		return true;
	}
	if (is(n, "masquerade") || is(n, "snat") || is(n, "dnat") || is(n, "redirect")) {
		bool destination = is(n, "dnat") || is(n, "redirect");
		while (!at_statement_end(n) && !is(n, "comment"))
			next(n);
		/* a source is translated behind the filter, which has judged by then */
		if (destination)
			unknown(n, n->statement_at, "translated destinations are not modelled");
		r->verdict = (struct verdict){ .action = ACTION_PERMIT };
		r->decided = true;
		return true;
	}
	r->decided = read_verdict(n, &r->verdict);
	return r->decided;
}

/* One rule of a chain, up to the end of its statement. */
static void read_rule(struct nft *n, const struct nft_chain *chain)
{
	static const struct verdict none = { .action = ACTION_NEXT };

	if (n->first_pass || chain->ignored) {
		skip_statement(n);
		return;
	}
	struct draft_rule r = { .chain = chain->number };
	n->statement_at = (struct loc){ n->source, n->token.at.line, n->token.at.column, 0 };
	n->statement = line_text(n, n->token.at.line);
	n->broken = false;
	*VEC_ADD(n->arena, &r.drafts) = draft_match_new(n->arena);
	while (!at_statement_end(n) && !n->broken) {
		if (r.decided && !is(n, "comment"))
			break;
		if (read_idle_statement(n, &r) || (!r.decided && read_final(n, &r)))
			continue;
		if (!read_match(n, &r))
			break;
	}
	if (!at_statement_end(n) || n->broken) {
		struct token bad = n->token;
		skip_statement(n);
		ruleset_unknown(n->rules, n->statement_at, n->statement, "\"%.*s\" is not understood", STR_ARG(bad.text));
		n->broken = false;
		return;
	}
	add_rules(n, &r, r.decided ? &r.verdict : &none);
}

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
		break;
	}
	return str_is(hook, "forward") || str_is(hook, "prerouting") || str_is(hook, "postrouting");
}

/* type filter hook forward priority filter; policy drop; */
static void read_base(struct nft *n, struct nft_chain *c)
{
	struct str type = n->token.text, hook = NO_STR;
	next(n);
	while (!at_statement_end(n)) {
		if (accept_word(n, "hook"))
			hook = n->token.text;
		next(n);
	}
	if (n->first_pass)
		return;
	bool one_family = str_is(n->family, "ip") || str_is(n->family, "ip6");
	if (!one_family && !str_is(n->family, "inet")) {
		c->ignored = true;	/* arp, bridge and netdev see no routed packet's whole way */
		if (str_is(n->family, "netdev") && n->options->side == POLICY_TRANSIT)
			unknown(n, n->token.at, "a netdev chain filters before routing and is not modelled");
		return;
	}
	struct chain *chain = &n->rules->chains.v[c->number];
	chain->fallthrough = ACTION_PERMIT;
	/* translation of sources comes behind the filter; that of destinations is looked for in the rules */
	if (!wanted_hook(n, hook) || (str_is(type, "nat") && str_is(hook, "postrouting"))) {
		c->ignored = true;
		return;
	}
	*VEC_ADD(n->arena, &n->rules->bases) = c->number;
	if (one_family) {
		/* packets of the other family never come here */
		struct rule *rule = ruleset_rule(n->rules, c->number, chain->at);
		struct draft_match m = draft_match_new(n->arena);
		draft_family(&m, str_is(n->family, "ip") ? IPV6 : IPV4);
		draft_into(&m, rule);
		rule->action = ACTION_PERMIT;
		rule->implicit = true;
		rule->text = STR("implicit: a table of one family does not see the other");
	}
}

static void read_chain_policy(struct nft *n, struct nft_chain *c)
{
	if (!n->first_pass) {
		struct chain *chain = &n->rules->chains.v[c->number];
		chain->fallthrough = is(n, "drop") ? ACTION_DENY : ACTION_PERMIT;
		chain->policy_at = n->token.at;
	}
	next(n);
}

static void read_chain_block(struct nft *n, struct nft_chain *c)
{
	next(n);	/* { */
	for (;;) {
		skip_newlines(n);
		if (n->token.kind == TOK_END || is(n, "}"))
			break;
		if (accept_word(n, "type"))
			read_base(n, c);
		else if (accept_word(n, "policy"))
			read_chain_policy(n, c);
		else if (is(n, "comment") || is(n, "flags") || is(n, "devices") || is(n, "device"))
			skip_statement(n);
		else
			read_rule(n, c);
	}
	if (is(n, "}"))
		next(n);
}

/* NULL in the first pass, which looks at no rule. */
static struct nft_chain *define_chain(struct nft *n, struct token name)
{
	if (n->first_pass)
		return NULL;
	struct nft_chain *c = chain_of(n, name.text, name.at);
	if (!c->defined)
		n->rules->chains.v[c->number].at = name.at;
	c->defined = true;
	return c;
}

static void read_object(struct nft *n);

static void read_table_block(struct nft *n)
{
	next(n);	/* { */
	for (;;) {
		skip_newlines(n);
		if (n->token.kind == TOK_END || is(n, "}"))
			break;
		read_object(n);
	}
	if (is(n, "}"))
		next(n);
}

/* What stands in a table, or behind add: chain, set, map and the things that decide nothing. */
static void read_object(struct nft *n)
{
	struct token kind = n->token;
	next(n);
	struct token name = n->token;
	if (str_is(kind.text, "chain")) {
		next(n);
		struct nft_chain *c = define_chain(n, name);
		if (is(n, "{"))
			read_chain_block(n, c);
	} else if (str_is(kind.text, "set") || str_is(kind.text, "map")) {
		next(n);
		struct nft_set *s = find_set(n, name.text, true);
		if (is(n, "{"))
			read_set_block(n, s);
	} else if (str_is(kind.text, "ct") && str_is(name.text, "helper")) {
		while (!at_statement_end(n) || is(n, "{")) {
			if (is(n, "{")) {
				while (n->token.kind != TOK_END && !is(n, "}")) {
					n->rules->helps_tftp |= str_is(n->token.text, "tftp");
					n->rules->helps_ftp |= str_is(n->token.text, "ftp");
					next(n);
				}
				next(n);
				return;
			}
			next(n);
		}
	} else if (str_is(kind.text, "counter") || str_is(kind.text, "quota") || str_is(kind.text, "limit") ||
		   str_is(kind.text, "flowtable") || str_is(kind.text, "secmark") || str_is(kind.text, "synproxy") ||
		   str_is(kind.text, "ct") || str_is(kind.text, "comment") || str_is(kind.text, "flags")) {
		skip_statement(n);
	} else {
		unknown(n, kind.at, "this is nothing that stands in a table");
		skip_statement(n);
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
		next(n);
	}
	n->table = str_dup(n->arena, n->token.text);
	next(n);
}

static void read_table(struct nft *n)
{
	read_family_and_table(n);
	if (is(n, "{"))
		read_table_block(n);
}

/* add|insert|create rule|chain|set|element ... */
static void read_command(struct nft *n)
{
	bool insert = is(n, "insert");
	next(n);
	struct token kind = n->token;
	next(n);
	if (str_is(kind.text, "table")) {
		read_table(n);
		return;
	}
	read_family_and_table(n);
	struct token name = n->token;
	next(n);
	if (str_is(kind.text, "chain")) {
		struct nft_chain *c = define_chain(n, name);
		if (is(n, "{"))
			read_chain_block(n, c);
	} else if (str_is(kind.text, "rule")) {
		struct nft_chain *c = define_chain(n, name);
		if (insert || is(n, "position") || is(n, "index") || is(n, "handle")) {
			unknown(n, kind.at, "a rule that is put between others; list the rule set and read that");
			skip_statement(n);
			return;
		}
		read_rule(n, c);
	} else if (str_is(kind.text, "set") || str_is(kind.text, "map")) {
		struct nft_set *s = find_set(n, name.text, true);
		if (is(n, "{"))
			read_set_block(n, s);
	} else if (str_is(kind.text, "element")) {
		keep_elements(n, find_set(n, name.text, true));
	} else {
		skip_statement(n);
	}
}

static void read_define(struct nft *n)
{
	next(n);
	struct str name = str_dup(n->arena, n->token.text);
	struct input *in = &n->inputs[n->n_inputs - 1];
	next(n);
	if (!is(n, "=")) {
		unknown(n, n->token.at, "a definition without =");
		skip_statement(n);
		return;
	}
	struct str begin = in->rest;
	next(n);
	unsigned depth = 0;
	const char *end = n->token.text.p;
	while (n->token.kind != TOK_END && !(depth == 0 && (n->token.kind == TOK_NEWLINE || is(n, ";")))) {
		depth += is(n, "{");
		depth -= is(n, "}") && depth;
		next(n);
		end = n->token.text.p;
	}
	if (n->token.kind == TOK_END)
		end = begin.p + begin.n;
	struct str *text = ARENA_NEW(n->arena, struct str);
	*text = str_first(begin, (size_t)(end - begin.p));
	struct str *known = strmap_get(&n->defines, name);
	if (known)
		*known = *text;
	else
		strmap_add(&n->defines, name, text);
}

static void read_file(struct nft *n)
{
	n->inputs[0] = (struct input){ n->source->text, 1, 1, true };
	n->n_inputs = 1;
	next(n);
	for (;;) {
		skip_newlines(n);
		if (n->token.kind == TOK_END)
			return;
		n->broken = false;
		if (accept_word(n, "table")) {
			read_table(n);
		} else if (is(n, "add") || is(n, "insert") || is(n, "create") || is(n, "replace")) {
			read_command(n);
		} else if (is(n, "define") || is(n, "redefine")) {
			read_define(n);
		} else if (is(n, "flush") || is(n, "delete") || is(n, "destroy") || is(n, "undefine")) {
			/* before a new rule set these make room for it; behind one they would change it */
			if (!n->first_pass && ruleset_size(n->rules))
				unknown(n, n->token.at, "this removes what stands before it");
			skip_statement(n);
		} else if (is(n, "include")) {
			unknown(n, n->token.at, "another file; list the loaded rule set and read that");
			skip_statement(n);
		} else if (is(n, "}")) {
			unknown(n, n->token.at, "a } too many");
			next(n);
		} else {
			unknown(n, n->token.at, "this is no statement of nftables");
			skip_statement(n);
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

bool nftables_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		    struct diag *d)
{
	size_t errors = diag_errors(d);
	struct nft *n = ARENA_NEW(a, struct nft);
	*n = (struct nft){
		.arena = a,
		.source = s,
		.options = o,
		.rules = ruleset_new(a, s, "nftables"),
		.diag = d,
		.defines = strmap_new(a),
		.sets = strmap_new(a),
		.chains = strmap_new(a),
	};
	n->rules->replies = REPLIES_TRACKED;
	if (!str_is_utf8(str_first(s->text, 1 << 16)) && str_find(s->text, 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	n->first_pass = true;
	read_file(n);
	n->first_pass = false;
	read_file(n);
	check_chains(n);
	if (!n->rules->bases.n && diag_errors(d) == errors)
		ruleset_unknown(n->rules, (struct loc){ s, 0, 0, 0 }, NO_STR, "no chain here filters %s traffic",
				o->side == POLICY_INBOUND  ? "incoming" :
				o->side == POLICY_OUTBOUND ? "outgoing" :
							     "forwarded");
	*ret = n->rules;
	return diag_errors(d) == errors;
}
