/* SPDX-License-Identifier: Apache-2.0 */
/* A rule of nftables: expressions from left to right, each narrowing the drafts. */
#include "dialect/nftables-priv.h"

/* Rules */


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
			later |= str_is(v[i], "established");	/* related: a conversation of its own */
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
	/* what comes from the host itself and goes to it is nothing that a plan speaks of */
	struct str *names = ARENA_ARRAY(n->arena, struct str, count);
	struct interface_names i = { .v = names, .negated = negated };
	for (size_t k = 0; k < count; k++)
		if (!str_is(v[k], "lo"))
			names[i.n++] = v[k];
	if (!i.n) {
		m->never |= !negated;
		return;
	}
	if (l->key == KEY_IIF)
		draft_in(m, i);
	else
		draft_out(m, i);
}

/* What was routed has a hop limit of less than 255. */
static void apply_hops(const struct nft *n, struct draft_match *m, struct portset s, bool negated)
{
	if (negated || s.n != 1 || s.v[0].lo != 255)
		draft_perhaps(m, "a hop limit");
	else if (n->options->side == POLICY_TRANSIT)
		m->never = true;
	else
		draft_unrouted(m);
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
	case KEY_HOPS:
		draft_family(m, l->protocol ? IPV6 : IPV4);
		apply_hops(n, m, s, negated);
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

bool nft_read_verdict(struct nft *n, struct verdict *v)
{
	*v = (struct verdict){ .at = n->token.at };
	if (nft_accept(n, "accept"))
		v->action = ACTION_PERMIT;
	else if (nft_accept(n, "drop"))
		v->action = ACTION_DENY;
	else if (nft_accept(n, "return"))
		v->action = ACTION_RETURN;
	else if (nft_accept(n, "continue"))
		v->action = ACTION_NEXT;
	else if (nft_is(n, "jump") || nft_is(n, "goto")) {
		v->action = nft_is(n, "jump") ? ACTION_CALL : ACTION_GOTO;
		nft_next(n);
		v->chain = str_dup(n->arena, n->token.text);
		v->at = n->token.at;
		nft_next(n);
	} else if (nft_accept(n, "queue")) {
		v->action = ACTION_PERMIT;
		v->perhaps = true;
		while (!nft_at_end(n) && !nft_is(n, ",") && !nft_is(n, "comment"))
			nft_next(n);
	} else {
		return false;
	}
	return true;
}

struct nft_chain *nft_chain_of(struct nft *n, struct str name, struct loc at)
{
	struct str key = nft_full_name(n, name);
	struct nft_chain *c = strmap_get(&n->chains, key);
	if (!c) {
		c = ARENA_NEW(n->keep, struct nft_chain);
		c->number = ruleset_chain(n->rules, str_dup(n->keep, name), at);
		c->used_at = at;
		strmap_add(&n->chains, str_dup(n->keep, key), c);
		*VEC_ADD(n->keep, &n->all_chains) = c;
	}
	return c;
}

static void add_rule(struct nft *n, const struct draft_rule *r, const struct draft_match *m, const struct verdict *v)
{
	uint32_t target = 0;
	if (v->action == ACTION_CALL || v->action == ACTION_GOTO)
		target = nft_chain_of(n, v->chain, v->at)->number;
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
	       x->conversation == y->conversation && x->never == y->never && x->unrouted == y->unrouted &&
	       x->perhaps == y->perhaps;
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
		ruleset_keep(n->rules, m);
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
		struct nft_set *s = nft_find_set(n, str_skip(n->token.text, 1), false);
		nft_next(n);
		if (!s)
			return false;
		*dynamic = s->dynamic;
		return nft_set_elements(n, s, keys, n_keys, ret);
	}
	if (nft_is(n, "{")) {
		nft_next(n);
		if (!nft_read_elements(n, keys, n_keys, ret) || !nft_is(n, "}"))
			return false;
		nft_next(n);
		return true;
	}
	if (n_keys > 1)
		return nft_read_element(n, keys, n_keys, VEC_ADD(n->arena, ret));
	/* ct state established,related: a list without braces */
	do {
		struct element *e = VEC_ADD(n->arena, ret);
		e->n = 1;
		if (!nft_read_value(n, &keys[0], &e->values[0]))
			return false;
	} while (keys[0].key == KEY_CT_STATE && nft_accept(n, ","));
	return true;
}

static bool read_vmap(struct nft *n, struct draft_rule *r, const struct left *keys, size_t n_keys)
{
	element_vec e = { 0 };
	bool dynamic = false, calls = false;
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
			struct chain *chain = &n->rules->chains.v[r->chain];
			ruleset_keep(n->rules, &chain->rules.v[chain->rules.n - 1].match);
			calls |= e.v[k].verdict.action != ACTION_PERMIT && e.v[k].verdict.action != ACTION_DENY;
		}
	/* what comes back from a chain goes on behind this rule: nothing may stand here for the rest */
	if (calls && !nft_at_end(n) && !nft_is(n, "comment") && !nft_is(n, "counter"))
		return false;
	/* what no element holds goes on in the same rule */
	return true;
}

/* A word with which the next expression or statement of a rule begins. */
static bool at_next_part(const struct nft *n)
{
	static const char *const begins[] = { "accept", "drop", "reject", "return", "jump", "goto", "continue", "queue", "counter",
					     "log", "limit", "quota", "comment", "ct", "meta", "ip", "ip6", "tcp", "udp", "sctp",
					     "dccp", "udplite", "th", "icmp", "icmpv6", "iif", "oif", "iifname", "oifname", "fib",
					     "ether", "mark", "pkttype", "socket", "rt", "exthdr", "masquerade", "snat", "dnat",
					     "redirect", "notrack", "update", "add", "set" };
	for (size_t i = 0; i < ARRAY_LEN(begins); i++)
		if (nft_is(n, begins[i]))
			return true;
	return false;
}

/*
 * tcp flags: what opens a conversation has SYN and nothing else that matters
 * here; a reply has ACK.  "syn / fin,syn,rst,ack" and "& (fin|syn|rst|ack) == syn"
 * are the two ways in which that is written.
 */
static bool read_tcp_flags(struct nft *n, struct draft_rule *r)
{
	CLEANUP(out_free) struct out text = out_memory(4096);
	while (!nft_at_end(n) && text.n < 200 && !at_next_part(n)) {
		out_str(&text, n->token.text);
		nft_next(n);
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

static bool is_number(enum key key)
{
	return key >= KEY_PROTOCOL && key <= KEY_ICMP6_CODE && key != KEY_NFPROTO;
}

/* tcp dport > 1023 */
static bool read_comparison(struct nft *n, struct draft_rule *r, const struct left *l)
{
	bool less = nft_is(n, "<") || nft_is(n, "<="), equal = nft_is(n, "<=") || nft_is(n, ">=");
	struct value v;
	nft_next(n);
	if (!nft_read_value(n, l, &v) || v.numbers.n != 1)
		return false;
	unsigned at = less ? v.numbers.v[0].hi : v.numbers.v[0].lo;
	struct portset s = NO_PORTS;
	if (less ? at + equal > 0 : at + !equal <= 65535)
		s = less ? port_set(n->arena, 0, (uint16_t)(at - !equal)) : port_set(n->arena, (uint16_t)(at + !equal), 65535);
	for (size_t i = 0; i < r->drafts.n; i++)
		apply_numbers(n, &r->drafts.v[i], l, s, false);
	return true;
}

static bool read_match(struct nft *n, struct draft_rule *r)
{
	struct left keys[MOST_KEYS];
	size_t n_keys = 0;
	bool negated = false, dynamic = false, odd = false;
	element_vec e = { 0 };

	do {
		if (n_keys == MOST_KEYS || !nft_read_left(n, &keys[n_keys++]))
			return false;
	} while (nft_accept(n, "."));
	if (n_keys == 1 && keys[0].key == KEY_TCP_FLAGS)
		return read_tcp_flags(n, r);
	if (nft_accept(n, "vmap"))
		return read_vmap(n, r, keys, n_keys);
	if (nft_accept(n, "set")) {
		/* a statement that changes something: it decides nothing, but a mark or a helper may matter elsewhere */
		while (!nft_at_end(n) && !nft_is(n, "accept") && !nft_is(n, "drop") && !nft_is(n, "counter") && !nft_is(n, "jump") &&
		       !nft_is(n, "return") && !nft_is(n, "goto") && !nft_is(n, "comment")) {
			struct str *helper = strmap_get(&n->helpers, nft_full_name(n, n->token.text));
			n->rules->helps_tftp |= helper && str_is(*helper, "tftp");
			n->rules->helps_ftp |= helper && str_is(*helper, "ftp");
			/* conditions behind it would be passed over */
			if (nft_is(n, "saddr") || nft_is(n, "daddr") || nft_is(n, "sport") || nft_is(n, "dport") || nft_is(n, "state"))
				return false;
			nft_next(n);
		}
		return true;
	}
	while (nft_is(n, "&") || nft_is(n, "|") || nft_is(n, "^") || nft_is(n, "<<") || nft_is(n, ">>") || nft_is(n, "(")) {
		odd = true;
		while (!nft_at_end(n) && !nft_is(n, "==") && !nft_is(n, "!="))
			nft_next(n);
	}
	if (nft_accept(n, "!="))
		negated = true;
	else if (nft_is(n, "<") || nft_is(n, ">") || nft_is(n, "<=") || nft_is(n, ">=")) {
		if (!odd && n_keys == 1 && is_number(keys[0].key))
			return read_comparison(n, r, &keys[0]);
		odd = true;
		nft_next(n);
	} else {
		nft_accept(n, "==");
	}
	if (odd)
		for (size_t i = 0; i < n_keys; i++)
			keys[i] = (struct left){ .key = KEY_OTHER, .what = "arithmetic on a field" };
	if (keys[0].key == KEY_OTHER && (nft_accept(n, "exists") || nft_accept(n, "missing"))) {
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

/* limit rate [over] 10 mbytes/second burst 5 packets; quota over 25 mbytes used 0 bytes; or a name. */
static void read_limit(struct nft *n)
{
	nft_next(n);
	if (nft_accept(n, "name")) {
		nft_next(n);
		return;
	}
	nft_accept(n, "rate");
	if (!nft_accept(n, "over"))
		nft_accept(n, "until");
	bool whole = str_find(n->token.text, '/') != SIZE_MAX;
	nft_next(n);
	if (!whole && !nft_at_end(n))
		nft_next(n);
	if (nft_accept(n, "burst") || nft_accept(n, "used")) {
		nft_next(n);
		if (nft_is(n, "packets") || nft_is(n, "bytes") || nft_is(n, "kbytes") || nft_is(n, "mbytes"))
			nft_next(n);
	}
}

/* log prefix "..." level info flags tcp sequence,options flags ip options group 1 */
static void read_log(struct nft *n)
{
	for (;;) {
		if (nft_is(n, "prefix") || nft_is(n, "level") || nft_is(n, "group") || nft_is(n, "snaplen") ||
		    nft_is(n, "queue-threshold")) {
			nft_next(n);
			nft_next(n);
		} else if (nft_accept(n, "flags")) {
			if (!nft_accept(n, "tcp"))
				nft_accept(n, "ip");
			do
				nft_next(n);
			while (nft_accept(n, ","));
		} else {
			return;
		}
	}
}

/* Statements that decide nothing. */
static bool read_idle_statement(struct nft *n, struct draft_rule *r)
{
	static const char *const skipped[] = { "notrack", "synproxy", "tproxy", "dup", "fwd", "offload", "flow" };

	if (nft_accept(n, "counter")) {
		if (nft_accept(n, "name"))
			nft_next(n);
		while (nft_is(n, "packets") || nft_is(n, "bytes")) {
			nft_next(n);
			nft_next(n);
		}
		return true;
	}
	if (nft_accept(n, "comment")) {
		r->comment = str_dup(n->keep, n->token.text);
		nft_next(n);
		return true;
	}
	if (nft_is(n, "limit") || nft_is(n, "quota")) {
		perhaps_all(r, nft_is(n, "limit") ? "a rate limit" : "a quota");
		read_limit(n);
		return true;
	}
	if (nft_accept(n, "log")) {
		read_log(n);
		return true;
	}
	if (nft_is(n, "update") || nft_is(n, "add") || nft_is(n, "delete") || nft_is(n, "meter")) {
		/* update @s { ip saddr limit rate 10/second }: matches only within the limit */
		bool limited = false;
		unsigned depth = 0;
		do {
			depth += nft_is(n, "{");
			depth -= nft_is(n, "}");
			limited |= nft_is(n, "limit") || nft_is(n, "ct") || nft_is(n, "quota");
			nft_next(n);
		} while (n->token.kind != TOK_END && n->token.kind != TOK_NEWLINE && (depth || !nft_is(n, "}")) &&
			 !(depth == 0 && nft_at_end(n)) && !(depth == 0 && (nft_is(n, "accept") || nft_is(n, "drop"))));
		if (limited)
			perhaps_all(r, "a rate limit");
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(skipped); i++) {
		if (!nft_accept(n, skipped[i]))
			continue;
		while (!nft_at_end(n) && !nft_is(n, "accept") && !nft_is(n, "drop") && !nft_is(n, "counter") && !nft_is(n, "jump") &&
		       !nft_is(n, "return") && !nft_is(n, "goto") && !nft_is(n, "comment") && !nft_is(n, "reject"))
			nft_next(n);
		return true;
	}
	return false;
}

static bool read_final(struct nft *n, struct draft_rule *r)
{
	if (nft_accept(n, "reject")) {
		while (!nft_at_end(n) && !nft_is(n, "comment"))
			nft_next(n);
		r->verdict = (struct verdict){ .action = ACTION_DENY };
		r->decided = true;
		return true;
	}
	if (nft_is(n, "masquerade") || nft_is(n, "snat") || nft_is(n, "dnat") || nft_is(n, "redirect")) {
		bool destination = nft_is(n, "dnat") || nft_is(n, "redirect");
		while (!nft_at_end(n) && !nft_is(n, "comment"))
			nft_next(n);
		/* a source is translated behind the filter, which has judged by then */
		if (destination)
			nft_unknown(n, n->statement_at, "translated destinations are not modelled");
		r->verdict = (struct verdict){ .action = ACTION_PERMIT };
		r->decided = true;
		return true;
	}
	r->decided = nft_read_verdict(n, &r->verdict);
	return r->decided;
}

static void read_rule(struct nft *n, const struct nft_chain *chain)
{
	static const struct verdict none = { .action = ACTION_NEXT };

	if (n->first_pass || chain->ignored) {
		nft_skip_statement(n);
		return;
	}
	struct draft_rule r = { .chain = chain->number };
	n->statement_at = (struct loc){ n->source, n->token.at.line, n->token.at.column, 0 };
	n->statement = nft_line_text(n, n->token.at.line);
	n->broken = false;
	*VEC_ADD(n->arena, &r.drafts) = draft_match_new(n->arena);
	while (!nft_at_end(n) && !n->broken) {
		if (r.decided && !nft_is(n, "comment"))
			break;
		if (read_idle_statement(n, &r) || (!r.decided && read_final(n, &r)))
			continue;
		if (!read_match(n, &r))
			break;
	}
	if (!nft_at_end(n) || n->broken) {
		struct token bad = n->token;
		nft_skip_statement(n);
		ruleset_unknown(n->rules, n->statement_at, n->statement, "\"%.*s\" is not understood", STR_ARG(bad.text));
		n->broken = false;
		return;
	}
	add_rules(n, &r, r.decided ? &r.verdict : &none);
}

/* One rule of a chain, up to the end of its statement; what it is made of is forgotten behind it. */
void nft_read_rule(struct nft *n, const struct nft_chain *chain)
{
	n->arena = n->scratch;
	read_rule(n, chain);
	n->arena = n->keep;
	arena_reset(n->scratch);
}
