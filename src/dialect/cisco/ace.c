/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of an access list (ACE) of Cisco IOS or ASA. */
#include "dialect/cisco/cisco.h"
#include "dialect/common/names.h"

struct ace {
	struct cisco *c;
	struct arena *arena;
	const struct cisco_list *list;
	const words *w;
	size_t i;
	bool permits;
	term_vec protocols; /* of the protocol position: whole services when `final` */
	bool final;
	struct addrset src, dst;
	struct portset sports, ports;
	bool sports_said, ports_said, icmp_said;
	struct portset types, codes;
	bool established, never, inactive;
	const char *perhaps;
	struct str reflects;
	const char *odd;
	struct str odd_word;
};

static bool odd(struct ace *e, struct str word, const char *why)
{
	if (!e->odd) {
		e->odd = why;
		e->odd_word = word;
	}
	return false;
}

static struct str word(const struct ace *e)
{
	return e->i < e->w->n ? e->w->v[e->i] : NO_STR;
}

static bool accept(struct ace *e, const char *text)
{
	if (!str_is(word(e), text))
		return false;
	e->i++;
	return true;
}

static void perhaps(struct ace *e, const char *why)
{
	if (!e->perhaps)
		e->perhaps = why;
}

/* A group by name, after the word object-group or object; NULL with a reason. */
static struct cisco_group *named_group(struct ace *e, char space)
{
	struct str name = word(e);
	struct cisco_group *g = name.n ? cisco_group(e->c, space, name, false) : NULL;
	e->i++;
	if (!g || !g->defined) {
		odd(e, name, "is not a group in this file");
		return NULL;
	}
	if (!cisco_resolve(e->c, g)) {
		odd(e, name, "is a group that cannot be resolved");
		return NULL;
	}
	if (g->perhaps)
		perhaps(e, g->perhaps);
	return g;
}

static bool is_group_word(struct str s)
{
	return str_is_one_of(s, "object-group object addrgroup net-group portgroup port-group");
}

static bool take_protocol(struct ace *e)
{
	struct str s = word(e);
	unsigned protocol;
	if (str_is(s, "object-group") || str_is(s, "object")) {
		e->i++;
		struct cisco_group *g = named_group(e, str_is(s, "object") ? 'o' : 'g');
		if (!g)
			return false;
		if (g->kind == CISCO_NETWORK)
			return odd(e, g->name, "is an address group where a service is expected");
		e->final = g->kind == CISCO_SERVICE;
		e->protocols.v = g->terms.v;
		e->protocols.n = e->protocols.room = g->terms.n;
		e->never |= !g->terms.n;
		return true;
	}
	if (!protocol_name_parse(s, &protocol))
		return odd(e, s, "is not a protocol");
	if (protocol == PROTO_ICMP && !e->list->both && e->list->family == IPV6)
		protocol = PROTO_ICMP6;
	e->i++;
	cisco_add_terms(e->arena, &e->protocols, protocol, all_port_set(), all_port_set());
	return true;
}

static struct addrset whole(struct ace *e)
{
	return e->list->both ? everywhere_set() : range_set(e->arena, addr_range_all(e->list->family));
}

/* On the ASA, users and tags precede the addresses. */
static void skip_identities(struct ace *e)
{
	for (;;) {
		struct str s = word(e);
		size_t n = str_is(s, "security-group") ? 3
			   : str_is(s, "user") || str_is(s, "user-group") || str_is(s, "object-group-user") ||
					   str_is(s, "object-group-security")
				   ? 2
				   : 0;
		if (!n)
			return;
		e->i += n;
		perhaps(e, "a condition about users or tags");
	}
}

static bool take_masked(struct ace *e, struct addr at, struct addrset *ret)
{
	struct addr mask;
	range_vec ranges = { 0 };
	if (e->i < e->w->n && at.family == IPV4 && cisco_address(e->c, word(e), &mask) && mask.family == IPV4) {
		struct str text = word(e);
		e->i++;
		if (!cisco_masked(e->arena, at, mask, !e->c->asa, &ranges))
			return odd(e, text, "is a mask with too many non-contiguous bits");
		*ret = addrset_of(e->arena, ranges.v, ranges.n);
		return true;
	}
	*ret = range_set(e->arena, addr_range_of(at));
	return true;
}

static bool take_address(struct ace *e, struct addrset *ret)
{
	struct addr at;
	struct addr_range r;
	skip_identities(e);
	struct str s = word(e);
	e->i++;
	/* show access-lists of a standard one: "10.0.0.0, wildcard bits 0.0.0.255" */
	if (e->list->standard && s.n && s.p[s.n - 1] == ',') {
		s.n--;
		if (!accept(e, "wildcard") || !accept(e, "bits"))
			return odd(e, word(e), "is not understood");
	}
	if (str_is(s, "any")) {
		*ret = whole(e);
		return true;
	}
	if (str_is(s, "any4") || str_is(s, "any6")) {
		*ret = range_set(e->arena, addr_range_all(str_is(s, "any6") ? IPV6 : IPV4));
		return true;
	}
	if (str_is(s, "host")) {
		s = word(e);
		e->i++;
		if (!cisco_address(e->c, s, &at))
			return odd(e, s, "is not an address");
		*ret = range_set(e->arena, addr_range_of(at));
		return true;
	}
	if (str_is(s, "interface")) {
		e->i++;
		perhaps(e, "the address of an interface");
		*ret = whole(e);
		return true;
	}
	if (is_group_word(s)) {
		struct cisco_group *g = named_group(e, str_is(s, "object") ? 'o' : 'g');
		if (g && g->kind != CISCO_NETWORK)
			return odd(e, g->name, "is not an address group");
		if (!g)
			return false;
		*ret = g->perhaps ? whole(e) : g->addresses;
		return true;
	}
	if (str_find(s, '/') != SIZE_MAX && addr_range_parse(s, &r) <= RANGE_HOST_BITS) {
		*ret = range_set(e->arena, r);
		return true;
	}
	if (!s.n || !cisco_address(e->c, s, &at))
		return odd(e, s, "is not an address");
	return take_masked(e, at, ret);
}

/* Ports after an address: an operator, or a group of ports. */
static bool take_ports(struct ace *e, struct portset *ret, bool *said)
{
	struct str s = word(e);
	if (cisco_is_operator(s)) {
		*said = true;
		return cisco_ports(e->c, e->w, &e->i, ret) || odd(e, s, "lacks a port after it");
	}
	if (!str_is(s, "object-group") && !str_is(s, "portgroup") && !str_is(s, "port-group"))
		return true;
	if (e->i + 1 >= e->w->n)
		return odd(e, s, "lacks a name after it");
	struct cisco_group *g = cisco_group(e->c, 'g', e->w->v[e->i + 1], false);
	if (!g || g->kind != CISCO_SERVICE)
		return true; /* addresses, or ICMP types: read elsewhere */
	e->i++;
	g = named_group(e, 'g');
	if (!g)
		return false;
	VEC(struct port_range) ranges = { 0 };
	for (size_t i = 0; i < g->terms.n; i++)
		*VEC_ADD(e->arena, &ranges) = g->terms.v[i].port;
	*ret = portset_of(e->arena, ranges.v, ranges.n);
	*said = true;
	return true;
}

static bool is_icmp(const struct ace *e)
{
	return !e->final && e->protocols.n && protocol_is_icmp(e->protocols.v[0].protocol_lo);
}

static bool take_icmp(struct ace *e)
{
	bool v6 = e->protocols.v[0].protocol_lo == PROTO_ICMP6;
	uint16_t type, code;
	uint32_t number;
	struct str s = word(e);
	if (str_is(s, "object-group")) {
		e->i++;
		struct cisco_group *g = named_group(e, 'g');
		if (!g || g->kind != CISCO_ICMP)
			return odd(e, s, "is not a group of ICMP types");
		VEC(struct port_range) ranges = { 0 };
		for (size_t i = 0; i < g->terms.n; i++)
			*VEC_ADD(e->arena, &ranges) = g->terms.v[i].port;
		e->types = portset_of(e->arena, ranges.v, ranges.n);
		e->icmp_said = true;
		return true;
	}
	if (!s.n || !cisco_icmp_name(s, v6, &type, &code))
		return true; /* an option */
	e->i++;
	if (str_to_u32(word(e), 255, &number)) {
		code = (uint16_t)number;
		e->i++;
	}
	e->types = port_set(e->arena, type, type);
	if (code != ANY_CODE)
		e->codes = port_set(e->arena, code, code);
	e->icmp_said = true;
	return true;
}

static void skip_number(struct ace *e)
{
	uint32_t n;
	if (str_to_u32(word(e), UINT32_MAX, &n))
		e->i++;
}

/*
 * Whether a word behind "log" is the user's own tag: IOS 12.4(22)T and later take one
 * word there, of 1 to 64 letters, digits and signs.  ASA knows no tags.
 */
static bool is_log_tag(const struct ace *e, struct str s)
{
	static const char options[] =
		"log log-input time-range dscp precedence tos ttl option fragments established reflect sequence "
		"timeout flow-label routing routing-type mobility mobility-type dest-option dest-option-type hbh auth "
		"undetermined-transport packet-length vlan inactive interval ack fin psh rst syn urg match-any "
		"match-all";
	enum { LONGEST_TAG = 64 };
	return !e->c->asa && s.n && s.n <= LONGEST_TAG && !strchr("([+-", s.p[0]) && !str_starts(s, "0x") &&
	       !str_is_one_of(s, options);
}

/* log [level] [interval n] [tag], (12 matches), [match=12], hashes of show access-list: no effect on matching. */
static bool take_idle_option(struct ace *e)
{
	bool tagged = false;
	static const char levels[] =
		"emergencies alerts critical errors warnings notifications informational debugging disable default";
	uint32_t n;
	struct str s = word(e);
	if (accept(e, "log") || accept(e, "log-input")) {
		for (;;) {
			bool known = accept(e, "interval") || str_to_u32(word(e), UINT32_MAX, &n) ||
				     str_is_one_of(word(e), levels);
			if (!known && (tagged || !is_log_tag(e, word(e))))
				return true;
			tagged |= !known;
			e->i++;
		}
	}
	if (accept(e, "sequence") || accept(e, "timeout")) {
		e->i++;
		return true;
	}
	if (str_starts(s, "0x") || str_starts(s, "[match=")) {
		e->i++;
		return true;
	}
	if (s.n && s.p[0] == '(') {
		do {
			s = word(e);
			e->i++;
		} while (s.n && s.p[s.n - 1] != ')' && e->i < e->w->n);
		return true;
	}
	return false;
}

static bool take_flag(struct ace *e)
{
	struct str s = word(e);
	if (accept(e, "established")) {
		e->established = true;
		return true;
	}
	if (!(s.n && (s.p[0] == '+' || s.p[0] == '-')) &&
	    !str_is_one_of(s, "ack fin psh rst syn urg match-any match-all"))
		return false;
	e->i++;
	perhaps(e, "TCP flags");
	return true;
}

static bool take_option(struct ace *e)
{
	static const char with_value[] =
		"dscp precedence tos ttl option flow-label routing-type mobility-type dest-option-type "
		"packet-length vlan";
	struct str s = word(e);
	if (take_idle_option(e) || take_flag(e))
		return true;
	if (accept(e, "inactive")) {
		e->inactive = true;
		return true;
	}
	if (accept(e, "time-range")) {
		e->i++;
		perhaps(e, "a time range");
		return true;
	}
	if (accept(e, "fragments")) {
		e->never = true; /* non-initial fragments only: never the first packet of a connection */
		return true;
	}
	if (accept(e, "reflect")) {
		e->reflects = word(e);
		e->i++;
		return true;
	}
	if (str_is_one_of(s, "routing undetermined-transport auth dest-option mobility hbh")) {
		e->i++;
		perhaps(e, "a condition on headers that is not modelled");
		return true;
	}
	if (str_is_one_of(s, with_value)) {
		e->i += 2;
		skip_number(e);
		perhaps(e, "a condition on headers that is not modelled");
		return true;
	}
	return odd(e, s, "is not understood");
}

/* Protocols and ports as terms: a product, unless whole services take the protocol's place. */
static void make_terms(struct ace *e, term_vec *ret)
{
	bool ports = e->sports_said || e->ports_said;
	for (size_t i = 0; i < e->protocols.n; i++) {
		struct service_term t = e->protocols.v[i];
		if (e->final && !ports) {
			*VEC_ADD(e->arena, ret) = t;
		} else if (ports) {
			/* ports after a group of protocols apply to those that have ports */
			if (t.protocol_lo != t.protocol_hi || !protocol_has_ports(t.protocol_lo))
				continue;
			cisco_add_terms(e->arena, ret, t.protocol_lo, e->sports, e->ports);
		} else if (e->icmp_said) {
			cisco_add_terms(e->arena, ret, t.protocol_lo, e->codes, e->types);
		} else {
			*VEC_ADD(e->arena, ret) = t;
		}
	}
}

/*
 * Permits neighbour discovery and nothing else, as an IPv6 list on an interface has
 * to: these packets are link-local, and routed ones are discarded (RFC 4861, 7.1).
 */
static bool finds_neighbours(const struct ace *e, const term_vec *terms)
{
	enum { ROUTER_SOLICITATION = 133, REDIRECT = 137 };
	struct addrset all = range_set(e->arena, addr_range_all(IPV6));
	bool all_do =
		terms->n > 0 && e->permits && !e->c->asa && addrset_equal(e->src, all) && addrset_equal(e->dst, all);
	for (size_t i = 0; i < terms->n; i++)
		all_do &= terms->v[i].protocol_lo == PROTO_ICMP6 && terms->v[i].protocol_hi == PROTO_ICMP6 &&
			  terms->v[i].port.lo >= ROUTER_SOLICITATION && terms->v[i].port.hi <= REDIRECT;
	return all_do;
}

static void put_rule(struct ace *e)
{
	struct cisco *c = e->c;
	term_vec terms = { 0 };
	struct rule *rule = ruleset_rule(c->rules, e->list->chain, lines_at(&c->lines));
	make_terms(e, &terms);
	rule->match = (struct match){ .src = &e->src,
				      .dst = &e->dst,
				      .services = terms.v,
				      .n_services = terms.n,
				      .never = e->never || !terms.n || !e->src.n || !e->dst.n ||
					       finds_neighbours(e, &terms) };
	if (e->established)
		rule->match.conversation = CONVERSATION_ESTABLISHED;
	rule->action = e->permits ? ACTION_PERMIT : ACTION_DENY;
	rule->perhaps = e->perhaps;
	rule->text = c->line;
	rule->number = c->sequence;
	ruleset_keep(c->rules, &rule->match);
	if (e->reflects.n)
		*VEC_ADD(c->keep, &c->reflections) =
			(struct cisco_reflection){ str_dup(c->keep, e->reflects), rule->match };
}

/* evaluate NAME: replies to what a rule with reflect NAME permitted. */
static void put_evaluate(struct ace *e)
{
	struct cisco *c = e->c;
	struct str name = word(e);
	bool found = false;
	for (size_t i = 0; i < c->reflections.n; i++) {
		const struct cisco_reflection *r = &c->reflections.v[i];
		if (!str_eq(r->name, name))
			continue;
		found = true;
		struct rule *rule = ruleset_rule(c->rules, e->list->chain, lines_at(&c->lines));
		struct service_term *terms = ARENA_ARRAY(c->keep, struct service_term, r->match.n_services);
		rule->match = r->match;
		rule->match.src = r->match.dst;
		rule->match.dst = r->match.src;
		for (size_t j = 0; j < r->match.n_services; j++) {
			terms[j] = r->match.services[j];
			if (protocol_has_ports(terms[j].protocol_lo)) {
				terms[j].sport = r->match.services[j].port;
				terms[j].port = r->match.services[j].sport;
			} else if (protocol_is_icmp(terms[j].protocol_lo)) {
				terms[j].sport = terms[j].port = ALL_PORTS;
			}
		}
		rule->match.services = terms;
		rule->match.conversation = CONVERSATION_ESTABLISHED;
		rule->action = ACTION_PERMIT;
		rule->text = c->line;
	}
	if (!found)
		ruleset_unknown(c->rules, lines_at(&c->lines), c->line, "no entry above reflects \"%.*s\"",
				STR_ARG(name));
}

static void read_standard(struct ace *e)
{
	if (take_address(e, &e->src))
		while (e->i < e->w->n && !e->odd)
			take_option(e);
	e->dst = whole(e);
	*VEC_ADD(e->arena, &e->protocols) = ANY_SERVICE;
}

static void read_extended(struct ace *e)
{
	if (!take_protocol(e) || !take_address(e, &e->src) || !take_ports(e, &e->sports, &e->sports_said) ||
	    !take_address(e, &e->dst) || !take_ports(e, &e->ports, &e->ports_said) || (is_icmp(e) && !take_icmp(e)))
		return;
	while (e->i < e->w->n && !e->odd)
		take_option(e);
}

void cisco_read_entry(struct cisco *c, struct cisco_list *l, size_t from)
{
	struct ace e = { .c = c,
			 .arena = c->scratch,
			 .list = l,
			 .w = &c->words,
			 .i = from,
			 .sports = all_port_set(),
			 .ports = all_port_set() };
	e.types = e.codes = all_port_set();
	if (accept(&e, "remark") || accept(&e, "dynamic-remark"))
		return;
	if (accept(&e, "evaluate")) {
		put_evaluate(&e);
		return;
	}
	e.permits = str_is(word(&e), "permit");
	if (!e.permits && !str_is(word(&e), "deny"))
		odd(&e, word(&e), "is not permit or deny");
	e.i++;
	if (!e.odd && l->standard)
		read_standard(&e);
	else if (!e.odd)
		read_extended(&e);
	if (e.odd)
		ruleset_unknown(c->rules, lines_word_at(&c->lines, c->line, e.odd_word), c->line, "\"%.*s\" %s",
				STR_ARG(e.odd_word), e.odd);
	else if (e.inactive)
		ruleset_idle(c->rules, lines_at(&c->lines), c->line, "inactive");
	else
		put_rule(&e);
}
