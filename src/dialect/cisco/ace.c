/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of an access list (ACE) of Cisco IOS or ASA. */
#include "dialect/cisco/cisco.h"
#include "dialect/common/names.h"
#include "dialect/common/reach.h"

/* Ports, or types of ICMP, of which a part is certain. */
struct partial_ports {
	struct portset sure, most;
	bool said;
};

struct ace {
	struct cisco *c;
	struct arena *arena;
	const struct cisco_list *list;
	const words *w;
	size_t i;
	bool permits;
	struct named_services protocols; /* of the protocol position: whole services when `final` */
	bool final;
	struct partial_set src, dst;
	struct partial_ports sports, ports, types;
	struct portset codes;
	bool established, never, inactive;
	const char *perhaps; /* a condition that is not modelled */
	const char *vague;   /* a group that is not known, or not whole */
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

static void vague(struct ace *e, const char *why)
{
	if (!e->vague)
		e->vague = why;
}

/*
 * A group by name, after the word object-group or object.  One that the file does not have has no members that are
 * known, and any others.  NULL, with a reason: the entry is not understood.
 */
static const struct cisco_group *named_group(struct ace *e, char space, enum cisco_kind kind)
{
	struct str name = word(e);
	struct cisco_group *g = name.n ? cisco_group(e->c, space, name, false) : NULL;
	e->i++;
	if (!name.n) {
		odd(e, name, "lacks a name");
		return NULL;
	}
	if (!g || !g->defined) {
		struct cisco_group *unknown = ARENA_NEW(e->arena, struct cisco_group);
		*unknown = (struct cisco_group){ .kind = kind, .perhaps = not_in_this_file(e->c->keep, "group", name) };
		vague(e, unknown->perhaps);
		return unknown;
	}
	if (!cisco_resolve(e->c, g)) {
		odd(e, name, "is a group that cannot be resolved");
		return NULL;
	}
	if (g->perhaps)
		vague(e, g->perhaps);
	return g;
}

/* The ports or ICMP types of a group. */
static struct partial_ports group_ports(struct ace *e, const struct cisco_group *g)
{
	VEC(struct port_range) ranges = { 0 };
	for (size_t i = 0; i < g->terms.n; i++)
		*VEC_ADD(e->arena, &ranges) = g->terms.v[i].port;
	struct portset known = portset_of(e->arena, ranges.v, ranges.n);
	return (struct partial_ports){ known, g->perhaps ? all_port_set() : known, true };
}

static struct partial_ports exact_ports(struct portset s)
{
	return (struct partial_ports){ s, s, true };
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
		const struct cisco_group *g = named_group(e, str_is(s, "object") ? 'o' : 'g', CISCO_SERVICE);
		if (!g)
			return false;
		if (g->kind == CISCO_NETWORK)
			return odd(e, g->name, "is an address group where a service is expected");
		e->final = g->kind == CISCO_SERVICE;
		e->protocols.sure.v = g->terms.v;
		e->protocols.sure.n = e->protocols.sure.room = g->terms.n;
		if (g->perhaps)
			named_services_doubt(e->arena, &e->protocols, g->perhaps);
		e->never |= !g->terms.n && !g->perhaps;
		return true;
	}
	if (!protocol_name_parse(s, &protocol))
		return odd(e, s, "is not a protocol");
	if (protocol == PROTO_ICMP && !e->list->both && e->list->family == IPV6)
		protocol = PROTO_ICMP6;
	e->i++;
	cisco_add_terms(e->arena, &e->protocols.sure, protocol, all_port_set(), all_port_set());
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

static struct partial_set exact_set(struct addrset s)
{
	return (struct partial_set){ s, s };
}

static bool take_masked(struct ace *e, struct addr at, struct partial_set *ret)
{
	struct addr mask;
	range_vec ranges = { 0 };
	if (e->i < e->w->n && at.family == IPV4 && cisco_address(e->c, word(e), &mask) && mask.family == IPV4) {
		struct str text = word(e);
		e->i++;
		if (!cisco_masked(e->arena, at, mask, !e->c->asa, &ranges))
			return odd(e, text, "is a mask with too many non-contiguous bits");
		*ret = exact_set(addrset_of(e->arena, ranges.v, ranges.n));
		return true;
	}
	*ret = exact_set(range_set(e->arena, addr_range_of(at)));
	return true;
}

static bool take_address(struct ace *e, struct partial_set *ret)
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
		*ret = exact_set(whole(e));
		return true;
	}
	if (str_is(s, "any4") || str_is(s, "any6")) {
		*ret = exact_set(range_set(e->arena, addr_range_all(str_is(s, "any6") ? IPV6 : IPV4)));
		return true;
	}
	if (str_is(s, "host")) {
		s = word(e);
		e->i++;
		if (!cisco_address(e->c, s, &at))
			return odd(e, s, "is not an address");
		*ret = exact_set(range_set(e->arena, addr_range_of(at)));
		return true;
	}
	if (str_is(s, "interface")) {
		e->i++;
		vague(e, "the address of an interface");
		*ret = (struct partial_set){ NO_ADDRS, whole(e) };
		return true;
	}
	if (is_group_word(s)) {
		const struct cisco_group *g = named_group(e, str_is(s, "object") ? 'o' : 'g', CISCO_NETWORK);
		if (g && g->kind != CISCO_NETWORK)
			return odd(e, g->name, "is not an address group");
		if (!g)
			return false;
		*ret = (struct partial_set){ g->addresses, g->perhaps ? whole(e) : g->addresses };
		return true;
	}
	if (str_find(s, '/') != SIZE_MAX && addr_range_parse(s, &r) <= RANGE_HOST_BITS) {
		*ret = exact_set(range_set(e->arena, r));
		return true;
	}
	if (!s.n || !cisco_address(e->c, s, &at))
		return odd(e, s, "is not an address");
	return take_masked(e, at, ret);
}

static bool is_icmp(const struct ace *e)
{
	return !e->final && e->protocols.sure.n && protocol_is_icmp(e->protocols.sure.v[0].protocol_lo);
}

static bool begins_address(const struct ace *e, size_t i)
{
	struct addr at;
	struct addr_range r;
	struct str s = i < e->w->n ? e->w->v[i] : NO_STR;
	return str_is_one_of(s, "any any4 any6 host interface") || is_group_word(s) || cisco_address(e->c, s, &at) ||
	       (s.n && addr_range_parse(s, &r) <= RANGE_HOST_BITS);
}

/*
 * Whether a group after an address is of ports; else it is of addresses, or of ICMP types, which are read elsewhere.  One
 * that is not known is of ports behind the destination, and where what follows it can only be the destination.
 */
static bool is_port_group(const struct ace *e, bool behind_destination)
{
	if (!str_is(word(e), "object-group"))
		return str_is(word(e), "portgroup") || str_is(word(e), "port-group");
	if (e->i + 1 >= e->w->n)
		return true;
	const struct cisco_group *g = cisco_group(e->c, 'g', e->w->v[e->i + 1], false), *next = NULL;
	if (g && g->defined)
		return g->kind == CISCO_SERVICE;
	if (e->final || is_icmp(e))
		return false;
	if (behind_destination || !begins_address(e, e->i + 2))
		return behind_destination;
	if (str_is(e->w->v[e->i + 2], "object-group") && e->i + 3 < e->w->n)
		next = cisco_group(e->c, 'g', e->w->v[e->i + 3], false);
	else
		return true;
	return next && next->defined && next->kind == CISCO_NETWORK;
}

/* Ports after an address: an operator, or a group of ports. */
static bool take_ports(struct ace *e, struct partial_ports *ret, bool behind_destination)
{
	struct str s = word(e);
	struct portset ports;
	if (cisco_is_operator(s)) {
		if (!cisco_ports(e->c, e->w, &e->i, &ports))
			return odd(e, s, "lacks a port after it");
		*ret = exact_ports(ports);
		return true;
	}
	if (!is_port_group(e, behind_destination))
		return true;
	if (e->i + 1 >= e->w->n)
		return odd(e, s, "lacks a name after it");
	e->i++;
	const struct cisco_group *g = named_group(e, 'g', CISCO_SERVICE);
	if (g)
		*ret = group_ports(e, g);
	return g != NULL;
}

static bool take_icmp(struct ace *e)
{
	bool v6 = e->protocols.sure.v[0].protocol_lo == PROTO_ICMP6;
	uint16_t type, code;
	uint32_t number;
	struct str s = word(e);
	if (str_is(s, "object-group")) {
		e->i++;
		const struct cisco_group *g = named_group(e, 'g', CISCO_ICMP);
		if (!g || g->kind != CISCO_ICMP)
			return odd(e, s, "is not a group of ICMP types");
		e->types = group_ports(e, g);
		return true;
	}
	if (!s.n || !cisco_icmp_name(s, v6, &type, &code))
		return true; /* an option */
	e->i++;
	if (str_to_u32(word(e), 255, &number)) {
		code = (uint16_t)number;
		e->i++;
	}
	e->types = exact_ports(port_set(e->arena, type, type));
	if (code != ANY_CODE)
		e->codes = port_set(e->arena, code, code);
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
	return !e->c->asa && s.n && s.n <= LONGEST_TAG && !char_in(s.p[0], "([+-") && !str_starts(s, "0x") &&
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
static void add_terms(struct ace *e, const struct service_term *t, bool sure, term_vec *ret)
{
	if (e->final && !e->sports.said && !e->ports.said) {
		*VEC_ADD(e->arena, ret) = *t;
	} else if (e->sports.said || e->ports.said) {
		/* ports after a group of protocols apply to those that have ports */
		if (t->protocol_lo == t->protocol_hi && protocol_has_ports(t->protocol_lo))
			cisco_add_terms(e->arena, ret, t->protocol_lo, sure ? e->sports.sure : e->sports.most,
					sure ? e->ports.sure : e->ports.most);
	} else if (e->types.said) {
		cisco_add_terms(e->arena, ret, t->protocol_lo, e->codes, sure ? e->types.sure : e->types.most);
	} else {
		*VEC_ADD(e->arena, ret) = *t;
	}
}

/* A term that a group may have; of all protocols, ports are those of the ones that have them. */
static void add_possible(struct ace *e, const struct service_term *t, term_vec *ret)
{
	if (!e->sports.said && !e->ports.said) {
		add_terms(e, t, false, ret);
		return;
	}
	for (unsigned p = t->protocol_lo; p <= t->protocol_hi; p++) {
		const struct service_term one = service_of((uint8_t)p, ALL_PORTS);
		add_terms(e, &one, false, ret);
	}
}

/* What the entry matches for certain, or at most. */
static struct reach reach_of(struct ace *e, bool sure)
{
	struct reach r = { .src = sure ? e->src.sure : e->src.most, .dst = sure ? e->dst.sure : e->dst.most };
	for (size_t i = 0; i < e->protocols.sure.n; i++)
		add_terms(e, &e->protocols.sure.v[i], sure, &r.terms);
	for (size_t i = 0; i < e->protocols.more.n && !sure; i++)
		add_possible(e, &e->protocols.more.v[i], &r.terms);
	return r;
}

/*
 * Permits neighbour discovery and nothing else, as an IPv6 list on an interface has
 * to: these packets are link-local, and routed ones are discarded (RFC 4861, 7.1).
 */
static bool finds_neighbours(const struct ace *e, const struct reach *r)
{
	enum { ROUTER_SOLICITATION = 133, REDIRECT = 137 };
	struct addrset all = range_set(e->arena, addr_range_all(IPV6));
	bool all_do =
		r->terms.n > 0 && e->permits && !e->c->asa && addrset_equal(r->src, all) && addrset_equal(r->dst, all);
	for (size_t i = 0; i < r->terms.n; i++)
		all_do &= r->terms.v[i].protocol_lo == PROTO_ICMP6 && r->terms.v[i].protocol_hi == PROTO_ICMP6 &&
			  r->terms.v[i].port.lo >= ROUTER_SOLICITATION && r->terms.v[i].port.hi <= REDIRECT;
	return all_do;
}

static void put_reach(struct ace *e, const struct reach *r, const char *perhaps)
{
	struct cisco *c = e->c;
	struct rule *rule = ruleset_rule(c->rules, e->list->chain, lines_at(&c->lines));
	rule->match = reach_match(r);
	rule->match.never |= e->never || finds_neighbours(e, r);
	if (e->established)
		rule->match.conversation = CONVERSATION_ESTABLISHED;
	rule->action = e->permits ? ACTION_PERMIT : ACTION_DENY;
	rule->perhaps = perhaps;
	rule->text = c->line;
	rule->number = c->sequence;
	ruleset_keep(c->rules, &rule->match);
	if (e->reflects.n)
		*VEC_ADD(c->keep, &c->reflections) =
			(struct cisco_reflection){ str_dup(c->keep, e->reflects), rule->match };
}

static void put_rule(struct ace *e)
{
	struct partial_reach r = { .most = reach_of(e, false), .vague = e->vague };
	if (!e->perhaps && e->vague) {
		r.sure = reach_of(e, true);
		if (reach_is_split(&r))
			put_reach(e, &r.sure, NULL);
	}
	put_reach(e, &r.most, e->perhaps ? e->perhaps : e->vague);
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
	e->dst = exact_set(whole(e));
	*VEC_ADD(e->arena, &e->protocols.sure) = ANY_SERVICE;
}

static void read_extended(struct ace *e)
{
	if (!take_protocol(e) || !take_address(e, &e->src) || !take_ports(e, &e->sports, false) ||
	    !take_address(e, &e->dst) || !take_ports(e, &e->ports, true) || (is_icmp(e) && !take_icmp(e)))
		return;
	while (e->i < e->w->n && !e->odd)
		take_option(e);
}

void cisco_read_entry(struct cisco *c, struct cisco_list *l, size_t from)
{
	struct ace e = { .c = c, .arena = c->scratch, .list = l, .w = &c->words, .i = from, .codes = all_port_set() };
	e.sports = e.ports = e.types = (struct partial_ports){ all_port_set(), all_port_set(), false };
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
