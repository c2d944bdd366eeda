/* SPDX-License-Identifier: Apache-2.0 */
/* A rule of nftables: expressions from left to right, each narrowing the drafts. */
#include "dialect/nftables/nftables.h"

#include "dialect/common/translations.h"

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

static void add_rule(struct nft *n, const struct draft_rule *r, const struct draft_match *m,
		     const struct verdict *verdict)
{
	uint32_t target = 0;
	if (verdict->action == ACTION_CALL || verdict->action == ACTION_GOTO)
		target = nft_chain_of(n, verdict->chain, verdict->at)->number;
	struct rule *rule = ruleset_rule(n->rules, r->chain, n->statement_at);
	draft_into(m, rule);
	rule->action = verdict->action;
	rule->target = target;
	draft_settle(m, rule);
	if (verdict->perhaps && !rule->perhaps)
		rule->perhaps = "the decision of a program (queue)";
	rule->comment = r->comment;
	rule->text = n->statement;
	if (r->translates) {
		rule->action = ACTION_NEXT;
		rule->target = ruleset_translation(n->rules, translation_to(m, r->target));
	}
}

/* Drafts of a set of services differ in nothing else: they become one rule. */
static bool same_but_services(const struct draft_match *one, const struct draft_match *other)
{
	return one->src.v == other->src.v && one->dst.v == other->dst.v && one->in.v == other->in.v &&
	       one->out.v == other->out.v && one->conversation == other->conversation && one->never == other->never &&
	       one->unrouted == other->unrouted && one->some_invalid == other->some_invalid &&
	       one->translated == other->translated && one->perhaps == other->perhaps;
}

static bool matches_all(const struct rule *r)
{
	const struct match *m = &r->match;
	return !m->src && !m->dst && !m->n_services && !m->in.n && !m->out.n && m->conversation == CONVERSATION_ANY &&
	       !m->never && !r->perhaps;
}

/*
 * iifname "eth0" goto zone; goto zone: where all other packets go there as well, the
 * interface does not matter.  firewalld ends its chains in this way.
 */
static void drop_needless_gotos(struct chain *c)
{
	const struct rule *last = c->rules.n ? &c->rules.v[c->rules.n - 1] : NULL;
	if (!last || last->action != ACTION_GOTO || !matches_all(last))
		return;
	for (size_t i = c->rules.n - 1;
	     i-- > 0 && c->rules.v[i].action == ACTION_GOTO && c->rules.v[i].target == last->target;)
		c->rules.v[i].match.never = true;
}

static void add_rules(struct nft *n, const struct draft_rule *r, const struct verdict *verdict)
{
	for (size_t i = 0; i < r->drafts.n;) {
		size_t first = i;
		add_rule(n, r, &r->drafts.v[i++], verdict);
		struct match *m = &n->rules->chains.v[r->chain].rules.v[n->rules->chains.v[r->chain].rules.n - 1].match;
		VEC(struct service_term) terms = { 0 };
		while (i < r->drafts.n && same_but_services(&r->drafts.v[first], &r->drafts.v[i])) {
			struct match more = draft_match_done(&r->drafts.v[i++]);
			for (size_t j = 0; j < more.n_services; j++)
				*VEC_ADD(n->arena, &terms) = more.services[j];
			m->never &= more.never;
		}
		for (size_t j = 0; terms.n && j < m->n_services; j++)
			*VEC_ADD(n->arena, &terms) = m->services[j];
		if (terms.n) {
			m->services = terms.v;
			m->n_services = terms.n;
		}
		ruleset_keep(n->rules, m);
	}
	drop_needless_gotos(&n->rules->chains.v[r->chain]);
}

/* Each draft with each element: the meaning of a concatenation. */
static bool multiply(struct nft *n, struct draft_rule *r, const struct left *keys, size_t n_keys, const element_vec *e,
		     bool negated)
{
	draft_matches out = { 0 };
	if (negated) {
		for (size_t i = 0; i < r->drafts.n; i++)
			draft_perhaps(&r->drafts.v[i], "a negated concatenation");
		return true;
	}
	if (e->n && r->drafts.n > MOST_DRAFTS / e->n)
		return false;
	for (size_t i = 0; i < r->drafts.n; i++)
		for (size_t j = 0; j < e->n; j++) {
			struct draft_match m = r->drafts.v[i];
			for (size_t c = 0; c < n_keys; c++)
				nft_apply_value(n, &m, &keys[c], &e->v[j].values[c], false);
			*VEC_ADD(n->arena, &out) = m;
		}
	r->drafts = out;
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
		if (!ret->n)
			nft_refuse(n, "a set without elements");
		nft_next(n);
		return true;
	}
	if (n_keys > 1)
		return nft_read_element(n, keys, n_keys, VEC_ADD(n->arena, ret));
	struct element *e = VEC_ADD(n->arena, ret);
	e->n = 1;
	return nft_read_value(n, &keys[0], &e->values[0]);
}

/* One element of a map becomes a rule. */
static void add_element(struct nft *n, struct draft_rule *r, const struct left *keys, size_t n_keys,
			const struct draft_match *draft, const struct element *e)
{
	struct draft_match m = *draft;
	for (size_t c = 0; c < n_keys; c++)
		nft_apply_value(n, &m, &keys[c], &e->values[c], false);
	add_rule(n, r, &m, &e->verdict);
	struct chain *chain = &n->rules->chains.v[r->chain];
	ruleset_keep(n->rules, &chain->rules.v[chain->rules.n - 1].match);
}

static bool is_number(enum key key)
{
	return key >= KEY_PROTOCOL && key <= KEY_ICMP6_CODE && key != KEY_NFPROTO;
}

/* All elements but one have no verdict. */
static void add_rest(struct nft *n, struct draft_rule *r, const struct left *key, const struct draft_match *draft,
		     const element_vec *all, const struct element *rest)
{
	element_vec others = { 0 };
	draft_matches rest_of = { 0 };
	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i].is_rest)
			*VEC_ADD(n->arena, &others) = all->v[i];
	*VEC_ADD(n->arena, &rest_of) = *draft;
	nft_apply_elements(n, &rest_of, key, &others, true);
	for (size_t i = 0; i < rest_of.n; i++) {
		add_rule(n, r, &rest_of.v[i], &rest->verdict);
		struct chain *chain = &n->rules->chains.v[r->chain];
		ruleset_keep(n->rules, &chain->rules.v[chain->rules.n - 1].match);
	}
}

static bool read_vmap(struct nft *n, struct draft_rule *r, const struct left *keys, size_t n_keys)
{
	element_vec e = { 0 };
	bool dynamic = false, calls = false, rest = false;
	if (!right_elements(n, keys, n_keys, &e, &dynamic) || dynamic)
		return false; /* not elements that packets add to a map */
	for (size_t j = 0; j < e.n; j++) {
		if (!e.v[j].has_verdict)
			return false;
		rest |= e.v[j].is_rest;
		calls |= e.v[j].verdict.action == ACTION_CALL || e.v[j].verdict.action == ACTION_NEXT;
	}
	/* a packet that returns from a chain need not be one that no element matches */
	bool certain = n_keys == 1 && (is_number(keys[0].key) || keys[0].key <= KEY_DADDR6);
	if (rest && calls && !certain)
		return false;
	for (size_t i = 0; i < r->drafts.n; i++)
		for (size_t j = 0; j < e.n; j++)
			if (!e.v[j].is_rest)
				add_element(n, r, keys, n_keys, &r->drafts.v[i], &e.v[j]);
	for (size_t i = 0; i < r->drafts.n; i++)
		for (size_t j = 0; j < e.n; j++)
			if (e.v[j].is_rest && certain)
				add_rest(n, r, &keys[0], &r->drafts.v[i], &e, &e.v[j]);
			else if (e.v[j].is_rest)
				add_element(n, r, keys, n_keys, &r->drafts.v[i], &e.v[j]);
	/* a packet that returns from a chain continues after this rule: no rule may match the rest here */
	if (calls && !nft_at_end(n) && !nft_is(n, "comment") && !nft_is(n, "counter"))
		return false;
	/* packets that match no element continue in the same rule */
	return true;
}

/* A set that changes at run time: any value of its keys may be in it, and none is excluded. */
static void apply_changing(struct nft *n, struct draft_rule *r, const struct left *keys, size_t n_keys)
{
	nft_perhaps_all(r, "a set that packets add to");
	for (size_t i = 0; i < r->drafts.n; i++)
		for (size_t c = 0; c < n_keys; c++) {
			struct value all = nft_value_of_all(n, &keys[c]);
			nft_apply_value(n, &r->drafts.v[i], &keys[c], &all, false);
		}
}

/* tcp dport > 1023 */
static bool read_comparison(struct nft *n, struct draft_rule *r, const struct left *l)
{
	bool less = nft_is(n, "<") || nft_is(n, "<="), equal = nft_is(n, "<=") || nft_is(n, ">=");
	struct value value;
	nft_next(n);
	if (!nft_read_value(n, l, &value) || value.numbers.n != 1)
		return false;
	unsigned at = less ? value.numbers.v[0].hi : value.numbers.v[0].lo;
	struct portset s = NO_PORTS;
	if (less ? at + equal > 0 : at + !equal <= 65535)
		s = less ? port_set(n->arena, 0, (uint16_t)(at - !equal))
			 : port_set(n->arena, (uint16_t)(at + !equal), 65535);
	for (size_t i = 0; i < r->drafts.n; i++)
		nft_apply_numbers(n, &r->drafts.v[i], l, s, false);
	return true;
}

/*
 * meta mark set 1: it decides nothing, but a mark or a helper may matter elsewhere.
 * What modifies the packet affects the rules after it.
 */
static bool read_set_statement(struct nft *n, struct draft_rule *r, const struct left *l)
{
	struct str *helper = strmap_get(&n->helpers, nft_full_name(n, n->token.text));
	if (l->key != KEY_OTHER && l->key != KEY_HOPS)
		return false;
	n->rules->helps_tftp |= helper && str_is(*helper, "tftp");
	nft_imply(n, r, l);
	return nft_read_expression(n, r);
}

/* th dport without a protocol also tests the same bytes of protocols that have no ports. */
static bool looks_behind_any(const struct left *keys, size_t n_keys)
{
	bool ports = false, protocol = false;
	for (size_t i = 0; i < n_keys; i++) {
		ports |= (keys[i].key == KEY_SPORT || keys[i].key == KEY_DPORT) && !keys[i].protocol;
		protocol |= keys[i].key == KEY_L4PROTO || keys[i].key == KEY_PROTOCOL || keys[i].key == KEY_PROTOCOL6;
	}
	return ports && !protocol;
}

static bool may_be_portless(const struct draft_match *drafts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < drafts[i].protocols.n; j++)
			for (unsigned p = drafts[i].protocols.v[j].lo; p <= drafts[i].protocols.v[j].hi; p++)
				if (!protocol_has_ports(p))
					return true;
	return false;
}

/* Drafts of the protocols that have no ports; the rest of the rule may still exclude them. */
static void add_portless(struct nft *n, struct draft_rule *r, const struct draft_match *before, size_t n_before)
{
	for (size_t i = 0; i < n_before; i++) {
		struct draft_match m = before[i];
		draft_protocols(&m, protocols_with_ports, true);
		draft_perhaps(&m, "the bytes at the place of ports in other protocols");
		if (m.protocols.n && !m.ports_said && !m.sports_said)
			*VEC_ADD(n->arena, &r->drafts) = m;
	}
}

/* meta l4proto tcp: the rule is about TCP from here on. */
static void follow_values(struct nft *n, const struct left *l, const element_vec *e)
{
	bool protocol = l->key == KEY_L4PROTO || l->key == KEY_PROTOCOL || l->key == KEY_PROTOCOL6;
	const struct value *value = e->n == 1 ? &e->v[0].values[0] : NULL;
	bool single = value && value->numbers.n == 1 && value->numbers.v[0].lo == value->numbers.v[0].hi;
	int number = single ? value->numbers.v[0].lo : SEVERAL_TRANSPORTS;
	if (protocol)
		n->transport = n->transport == NO_TRANSPORT || n->transport == number ? number : SEVERAL_TRANSPORTS;
	if (l->nfproto && e->n > 1)
		n->network = NETWORK_BOTH;
	if (l->nfproto && n->network == NETWORK_ANY && value && value->is_words)
		n->network = str_is(value->word, "ipv4")   ? NETWORK_IPV4
			     : str_is(value->word, "ipv6") ? NETWORK_IPV6
							   : NETWORK_ANY;
}

/* The operands of a field of bits follow here, and not a set. */
static bool reads_bits(const struct nft *n)
{
	bool set = nft_is(n, "{") || (n->token.kind == TOK_WORD && n->token.text.p[0] == '@');
	return !set && !nft_is(n, "vmap") && !nft_is(n, "set") && !nft_at_end(n);
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
	if (n_keys == 1 && nft_is_bits(keys[0].key) && !nft_is(n, "!=") && !nft_is(n, "==") && reads_bits(n))
		return nft_read_bits(n, r, &keys[0], "");
	struct draft_match *before = NULL;
	size_t n_before = r->drafts.n;
	if (looks_behind_any(keys, n_keys))
		before = (void *)arena_memdup(n->arena, r->drafts.v, n_before * sizeof *before);
	if (nft_accept(n, "vmap"))
		return !may_be_portless(before, before ? n_before : 0) && read_vmap(n, r, keys, n_keys);
	if (nft_accept(n, "set"))
		return n_keys == 1 && read_set_statement(n, r, &keys[0]);
	while (nft_is(n, "&") || nft_is(n, "|") || nft_is(n, "^") || nft_is(n, "<<") || nft_is(n, ">>") ||
	       nft_is(n, "(")) {
		odd = true;
		while (!nft_at_end(n) && !nft_is(n, "==") && !nft_is(n, "!="))
			nft_next(n);
	}
	bool equal = nft_is(n, "==");
	if (nft_accept(n, "!=") || (equal && nft_accept(n, "=="))) {
		negated = !equal;
		if (n_keys == 1 && nft_is_bits(keys[0].key) && !odd && reads_bits(n))
			return nft_read_bits(n, r, &keys[0], negated ? "!=" : "==");
	} else if (nft_is(n, "<") || nft_is(n, ">") || nft_is(n, "<=") || nft_is(n, ">=")) {
		if (!odd && n_keys == 1 && is_number(keys[0].key)) {
			bool ok = read_comparison(n, r, &keys[0]);
			add_portless(n, r, before, before ? n_before : 0);
			return ok;
		}
		odd = true;
		nft_next(n);
	}
	if (odd)
		for (size_t i = 0; i < n_keys; i++)
			keys[i] = (struct left){ .key = KEY_OTHER, .what = "arithmetic on a field" };
	if (keys[0].key == KEY_OTHER && (nft_is(n, "exists") || nft_is(n, "missing"))) {
		bool missing = nft_is(n, "missing") != negated;
		nft_next(n);
		if (!keys[0].way_back || n_keys > 1)
			nft_perhaps_all(r, keys[0].what);
		/* packets of a proof come from where their source address is */
		for (size_t i = 0; keys[0].way_back && n_keys == 1 && i < r->drafts.n; i++)
			r->drafts.v[i].never |= missing;
		return true;
	}
	if (!right_elements(n, keys, n_keys, &e, &dynamic))
		return false;
	for (size_t i = 0; i < e.n; i++)
		if (e.v[i].has_verdict) /* without vmap */
			return false;
	if (dynamic) {
		apply_changing(n, r, keys, n_keys);
		return true;
	}
	if (n_keys == 1 && !negated)
		follow_values(n, &keys[0], &e);
	bool ok = n_keys == 1 || multiply(n, r, keys, n_keys, &e, negated);
	if (n_keys == 1)
		nft_apply_elements(n, &r->drafts, &keys[0], &e, negated);
	add_portless(n, r, before, before ? n_before : 0);
	return ok;
}

/* Skips the parameters of a final statement; its comment may follow. */
static void skip_to_comment(struct nft *n)
{
	while (!nft_at_end(n) && !nft_is(n, "comment")) {
		if (nft_is(n, "{"))
			nft_skip_block(n);
		else
			nft_next(n);
	}
}

/* reject with tcp reset, with icmpv6 type admin-prohibited: only packets that allow such a reply are rejected. */
static void read_reject(struct nft *n, struct draft_rule *r)
{
	bool said = nft_accept(n, "with");
	if (said && nft_is(n, "tcp") && n->transport != NO_TRANSPORT && n->transport != PROTO_TCP)
		nft_refuse(n, "a TCP reset for another protocol");
	if (said &&
	    ((nft_is(n, "icmp") && n->network == NETWORK_IPV6) || (nft_is(n, "icmpv6") && n->network == NETWORK_IPV4)))
		nft_refuse(n, "an ICMP message for the other family");
	if (said && nft_is(n, "icmpx") && (str_is(n->family, "ip") || str_is(n->family, "ip6")))
		nft_refuse(n, "an ICMP message of both families in a table of one");
	for (size_t i = 0; said && i < r->drafts.n; i++) {
		if (nft_is(n, "tcp"))
			draft_protocol(&r->drafts.v[i], PROTO_TCP);
		else if (nft_is(n, "icmp") || nft_is(n, "icmpv6"))
			draft_family(&r->drafts.v[i], nft_is(n, "icmpv6") ? IPV6 : IPV4);
	}
	skip_to_comment(n);
}

/*
 * dnat [[ip|ip6] to] 10.0.0.1:80; what else it may say, as a map, is unknown.  An inet table's rule then
 * applies to packets of the family, which something before the address has to state.
 */
static void read_target(struct nft *n, struct draft_rule *r)
{
	bool v6 = nft_is(n, "ip6"), said = nft_accept(n, "ip") || nft_accept(n, "ip6");
	for (size_t i = 0; i < r->drafts.n && said; i++)
		draft_family(&r->drafts.v[i], v6 ? IPV6 : IPV4);
	n->broken |= !nft_accept(n, "to") && said;
	if (!said && n->network == NETWORK_ANY && !str_starts(n->token.text, ":"))
		nft_refuse(n, "an address whose family nothing before it states");
	while (!nft_at_end(n) && !str_is_one_of(n->token.text, "comment persistent random fully-random")) {
		r->target = str_printf(n->arena, "%.*s%.*s", STR_ARG(r->target), STR_ARG(n->token.text));
		nft_next(n);
	}
	n->broken |= !r->target.n;
}

static bool read_final(struct nft *n, struct draft_rule *r)
{
	if (nft_accept(n, "reject")) {
		read_reject(n, r);
		r->verdict = (struct verdict){ .action = ACTION_DENY };
		r->decided = true;
		return true;
	}
	if (nft_is(n, "masquerade") || nft_is(n, "snat") || nft_is(n, "dnat") || nft_is(n, "redirect")) {
		/* sources are translated after the filter, which has decided by then */
		r->translates = nft_is(n, "dnat") || nft_is(n, "redirect");
		if (nft_accept(n, "dnat"))
			read_target(n, r);
		skip_to_comment(n);
		r->verdict = (struct verdict){ .action = ACTION_PERMIT };
		r->decided = true;
		return true;
	}
	r->decided = nft_read_verdict(n, &r->verdict);
	return r->decided;
}

/* A rule that is not read.  The first pass looks for what affects other rules. */
static void skip_rule(struct nft *n, const struct nft_chain *chain)
{
	struct loc at = { n->source, n->token.at.line, n->token.at.column, 0 };
	bool drops = false, adds = false;
	unsigned depth = 0;
	while (n->token.kind != TOK_END && (depth || !nft_at_end(n))) {
		depth += nft_is(n, "{");
		depth -= nft_is(n, "}");
		drops |= nft_is(n, "drop") || nft_is(n, "reject") || nft_is(n, "queue");
		if (adds && n->token.kind == TOK_WORD && n->token.text.p[0] == '@')
			nft_find_set(n, str_skip(n->token.text, 1), true)->dynamic = true;
		adds = nft_is(n, "update") || nft_is(n, "add") || nft_is(n, "delete");
		nft_next(n);
	}
	if (!n->first_pass && chain->foreign)
		nft_unknown(n, at, chain->foreign);
	else if (!n->first_pass && chain->translates && drops)
		nft_unknown(n, at, "a chain that translates addresses and drops packets");
}

static void read_rule(struct nft *n, const struct nft_chain *chain)
{
	static const struct verdict none = { .action = ACTION_NEXT };

	if (n->first_pass || chain->ignored) {
		skip_rule(n, chain);
		return;
	}
	n->n_seen++;
	struct draft_rule r = { .chain = chain->number };
	bool understood = true;
	n->too_early = chain->untracked;
	n->statement_at = (struct loc){ n->source, n->token.at.line, n->token.at.column, 0 };
	n->statement = nft_line_text(n, n->token.at.line);
	n->broken = n->refused = false;
	n->network = str_is(n->family, "ip") ? NETWORK_IPV4 : str_is(n->family, "ip6") ? NETWORK_IPV6 : NETWORK_ANY;
	n->transport = NO_TRANSPORT;
	struct token begin = n->token;
	struct input at_begin = n->inputs[0];
	bool in_file = n->n_inputs == 1;
	*VEC_ADD(n->arena, &r.drafts) = draft_match_new(n->arena);
	while (understood && !nft_at_end(n) && !n->broken) {
		understood = !r.decided || nft_is(n, "comment");
		if (!understood || nft_read_idle_statement(n, &r) || (!r.decided && read_final(n, &r)))
			continue;
		understood = read_match(n, &r);
	}
	/* the last word may be the one that is not understood */
	if (!understood || !nft_at_end(n) || n->broken) {
		const char *advice =
			nft_is(n, "xt") ? "; it was written by iptables: read the output of iptables-save" : "";
		struct str bad = nft_at_end(n) ? STR("the end of the rule")
					       : str_printf(n->keep, "\"%.*s\"", STR_ARG(n->token.text));
		/* from the beginning: the word may be inside braces */
		if (in_file) {
			n->inputs[0] = at_begin;
			n->n_inputs = 1;
			n->token = begin;
		}
		nft_skip_statement(n);
		if (!n->refused)
			ruleset_unknown(n->rules, n->statement_at, n->statement, "%.*s is not understood%s",
					STR_ARG(bad), advice);
		n->broken = false;
		return;
	}
	for (size_t i = 0; i < r.drafts.n && chain->is_nat; i++)
		draft_conversation(&r.drafts.v[i], CONVERSATION_OPENING);
	add_rules(n, &r, r.decided ? &r.verdict : &none);
}

/*
 * jump { rules }: a chain without a name, since nft 0.9.7.  They do not nest.  The rule around it keeps
 * its drafts in the scratch arena, so the rules inside get one of their own.
 */
bool nft_read_anonymous(struct nft *n, struct verdict *verdict)
{
	if (n->inside)
		return false;
	CLEANUP(arena_freep) struct arena *own = arena_new();
	struct arena *arena = n->arena, *scratch = n->scratch;
	struct str statement = n->statement;
	struct loc at = n->token.at, statement_at = n->statement_at;
	int transport = n->transport, network = (int)n->network;
	bool refused = n->refused;
	verdict->at = at;
	verdict->chain = str_printf(n->keep, "{ line %u, column %u }", at.line, at.column);
	struct nft_chain *c = nft_chain_of(n, verdict->chain, at);
	c->defined = true;
	c->untracked = n->too_early;
	n->inside = true;
	n->scratch = own;
	nft_next(n);
	for (;;) {
		nft_skip_newlines(n);
		if (n->token.kind == TOK_END || nft_is(n, "}"))
			break;
		nft_read_rule(n, c);
	}
	n->inside = false;
	n->arena = arena;
	n->scratch = scratch;
	n->statement = statement;
	n->statement_at = statement_at;
	n->transport = transport;
	n->network = (unsigned)network;
	n->refused = refused;
	n->broken = false;
	return nft_accept(n, "}");
}

/* One rule of a chain, up to the end of its statement; its drafts are freed afterwards. */
void nft_read_rule(struct nft *n, struct nft_chain *chain)
{
	if (chain && !n->first_pass)
		*VEC_ADD(n->keep, &chain->entries) = (uint32_t)n->rules->chains.v[chain->number].rules.n;
	n->arena = n->scratch;
	read_rule(n, chain);
	n->arena = n->keep;
	arena_reset(n->scratch);
}
