/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firewall filters of Junos: terms in order, the first that matches decides,
 * and what no term matches is discarded.  They have no memory.
 */
#include "dialect/common/match.h"
#include "dialect/common/names.h"
#include "dialect/junos/junos.h"

typedef VEC(struct draft_match) draft_vec;

struct filter_term {
	struct junos *x;
	enum family family;
	const struct config_node *node, *from;
	draft_vec drafts;
	bool bad;
};

#define EACH_DRAFT(t, m) for (struct draft_match *m = (t)->drafts.v; m < (t)->drafts.v + (t)->drafts.n; m++)

static void perhaps(struct filter_term *t, const char *why)
{
	EACH_DRAFT(t, m)
		draft_perhaps(m, why);
}

static void bad(struct filter_term *t, const struct config_node *n, const char *why)
{
	ruleset_unknown(t->x->rules, n->at, n->line, "\"%.*s\" %s", STR_ARG(n->word), why);
	t->bad = true;
}

struct prefix_entry {
	struct addr_range range;
	bool except;
};

static int wider_first(const void *x, const void *y)
{
	const struct prefix_entry *a = x, *b = y;
	int c = -CMP(a->range.hi - a->range.lo, b->range.hi - b->range.lo);
	return c ? c : CMP(a->except, b->except);
}

typedef VEC(struct prefix_entry) prefix_list;

static void add_prefixes(struct filter_term *t, const struct config_node *list, prefix_list *to)
{
	for (size_t i = 0; list && i < list->children.n; i++) {
		const struct config_node *n = list->children.v[i];
		struct addr_range r;
		if (n->inactive || str_is(n->word, "apply-path"))
			continue;
		if (addr_range_parse(n->word, &r) > RANGE_HOST_BITS)
			bad(t, n, "is no address");
		else
			*VEC_ADD(t->x->scratch, to) = (struct prefix_entry){ r, config_child(&t->x->tree, n, "except") != NULL };
	}
}

static void add_lists(struct filter_term *t, const struct config_node *names, prefix_list *to)
{
	for (size_t i = 0; names && i < names->children.n; i++) {
		const struct config_node *n = names->children.v[i];
		const struct config_node *list = config_get(&t->x->tree, CONFIG(&t->x->tree, t->x->tree.root, "policy-options", "prefix-list"), n->word);
		size_t first = to->n;
		if (!list) {
			bad(t, n, "is no prefix list in this file");
			continue;
		}
		if (config_child(&t->x->tree, list, "apply-path"))
			perhaps(t, "a list that the device fills from its own configuration");
		add_prefixes(t, list, to);
		for (; first < to->n && config_child(&t->x->tree, n, "except"); first++)
			to->v[first].except = true;
	}
}

/*
 * The longest prefix decides.  Of exceptions alone the documents say that they match
 * nothing, and people write them for all but these: nobody knows.
 */
static bool addresses(struct filter_term *t, const char *one, const char *list, struct addrset *ret)
{
	prefix_list v = { 0 };
	add_prefixes(t, config_child(&t->x->tree, t->from, one), &v);
	add_lists(t, config_child(&t->x->tree, t->from, list), &v);
	if (!v.n)
		return false;
	sort_items(v.v, v.n, sizeof *v.v, wider_first);
	*ret = NO_ADDRS;
	bool excepts_only = true;
	for (size_t i = 0; i < v.n; i++)
		excepts_only &= v.v[i].except;
	if (excepts_only) {
		*ret = range_set(t->x->scratch, addr_range_all(t->family));
		perhaps(t, "exceptions from nothing");
	}
	for (size_t i = 0; i < v.n;) {
		VEC(struct addr_range) run = { 0 };
		bool except = v.v[i].except;
		for (; i < v.n && v.v[i].except == except; i++)
			*VEC_ADD(t->x->scratch, &run) = v.v[i].range;
		struct addrset some = addrset_of(t->x->scratch, run.v, run.n);
		*ret = except ? addrset_minus(t->x->scratch, *ret, some) : addrset_union(t->x->scratch, *ret, some);
	}
	return true;
}

enum numbers { PORTS, PROTOCOLS, ICMP_TYPES, ICMP_CODES };

/* Names of next headers that others have not, or that mean something else there. */
static bool header_name(struct str s, unsigned *ret)
{
	static const struct {
		const char *name;
		unsigned number;
	} names[] = { { "ipv6", 41 }, { "hop-by-hop", 0 }, { "routing", 43 }, { "fragment", 44 },
		      { "no-next-header", 59 }, { "dstopts", 60 } };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(s, names[i].name)) {
			*ret = names[i].number;
			return true;
		}
	return false;
}

static bool number_range(struct filter_term *t, enum numbers kind, struct str s, struct port_range *ret)
{
	uint16_t type, code;
	unsigned protocol;
	switch (kind) {
	case PORTS:
		return port_name_range(s, '-', "junos", ret);
	case PROTOCOLS:
		if (!header_name(s, &protocol) && (!protocol_name_parse(s, &protocol) || protocol == ANY_PROTOCOL))
			break;
		*ret = (struct port_range){ (uint16_t)protocol, (uint16_t)protocol };
		return true;
	case ICMP_TYPES:
		if (!icmp_name_parse(s, t->family == IPV6, &type, &code) || code != ANY_CODE)
			break;
		*ret = (struct port_range){ type, type };
		return true;
	case ICMP_CODES:
		break;
	}
	return port_name_range(s, '-', "junos", ret) && ret->hi <= 255;
}

/* The values of a key and of its -except; false when neither is there. */
static bool numbers(struct filter_term *t, enum numbers kind, const char *key, struct portset *ret)
{
	const struct config_node *in = config_child(&t->x->tree, t->from, key);
	const struct config_node *out = config_child(&t->x->tree, t->from, arena_printf(t->x->scratch, "%s-except", key));
	struct portset all = kind == PORTS ? all_port_set() : port_set(t->x->scratch, 0, 255);
	*ret = all;
	for (int except = 0; except < 2; except++) {
		const struct config_node *list = except ? out : in;
		VEC(struct port_range) v = { 0 };
		for (size_t i = 0; list && i < list->children.n; i++) {
			if (!number_range(t, kind, list->children.v[i]->word, VEC_ADD(t->x->scratch, &v)))
				bad(t, list->children.v[i], "is not understood here");
		}
		struct portset s = portset_of(t->x->scratch, v.v, v.n);
		if (list)
			*ret = except ? portset_minus(t->x->scratch, *ret, s) : portset_intersect(t->x->scratch, *ret, s);
	}
	return in || out;
}

/* Each draft twice: "address" and "port" are those of either end. */
static void twice(struct filter_term *t, const struct addrset *s, const struct portset *ports)
{
	size_t n = t->drafts.n;
	for (size_t i = 0; i < n; i++) {
		struct draft_match copy = t->drafts.v[i];
		if (s) {
			draft_src(&t->drafts.v[i], *s, false);
			draft_dst(&copy, *s, false);
		} else {
			draft_sports(&t->drafts.v[i], *ports, false);
			draft_ports(&copy, *ports, false);
		}
		*VEC_ADD(t->x->scratch, &t->drafts) = copy;
	}
}

static void take_addresses(struct filter_term *t)
{
	struct addrset s;
	if (addresses(t, "source-address", "source-prefix-list", &s))
		EACH_DRAFT(t, m)
			draft_src(m, s, false);
	if (addresses(t, "destination-address", "destination-prefix-list", &s))
		EACH_DRAFT(t, m)
			draft_dst(m, s, false);
	if (addresses(t, "address", "prefix-list", &s))
		twice(t, &s, NULL);
}

/* port: one of the two is in the list; port-except: neither is. */
static void take_either_port(struct filter_term *t)
{
	struct portset s;
	if (!numbers(t, PORTS, "port", &s))
		return;
	if (!config_child(&t->x->tree, t->from, "port")) {
		EACH_DRAFT(t, m) {
			draft_sports(m, s, false);
			draft_ports(m, s, false);
		}
	} else if (!config_child(&t->x->tree, t->from, "port-except")) {
		twice(t, NULL, &s);
	} else {
		bad(t, config_child(&t->x->tree, t->from, "port"), "and port-except in one term are not modelled");
	}
}

static void take_numbers(struct filter_term *t)
{
	static const char *const protocols[] = { "protocol", "next-header", "payload-protocol" };
	struct portset s, codes, all = port_set(t->x->scratch, 0, 255);
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
		if (numbers(t, PROTOCOLS, protocols[i], &s))
			EACH_DRAFT(t, m)
				draft_protocols(m, s, false);
	if (numbers(t, PORTS, "source-port", &s))
		EACH_DRAFT(t, m)
			draft_sports(m, s, false);
	if (numbers(t, PORTS, "destination-port", &s))
		EACH_DRAFT(t, m)
			draft_ports(m, s, false);
	take_either_port(t);
	bool types = numbers(t, ICMP_TYPES, "icmp-type", &s), some = numbers(t, ICMP_CODES, "icmp-code", &codes);
	if (types || some)
		EACH_DRAFT(t, m)
			draft_icmp(m, t->family == IPV6, types ? s : all, some ? codes : all);
}

static void take_others(struct filter_term *t)
{
	static const char *const known[] = { "source-address", "destination-address", "address", "source-prefix-list",
					     "destination-prefix-list", "prefix-list", "protocol", "next-header",
					     "payload-protocol", "source-port", "destination-port", "port", "icmp-type",
					     "icmp-code", "protocol-except", "next-header-except", "payload-protocol-except",
					     "source-port-except", "destination-port-except", "port-except", "icmp-type-except",
					     "icmp-code-except", "source-port-range-optimize", "destination-port-range-optimize" };
	for (size_t i = 0; t->from && i < t->from->children.n; i++) {
		const struct config_node *n = t->from->children.v[i];
		bool done = n->inactive;
		for (size_t k = 0; k < ARRAY_LEN(known) && !done; k++)
			done = str_is(n->word, known[k]);
		if (done)
			continue;
		EACH_DRAFT(t, m) {
			if (str_is(n->word, "tcp-established") || str_is(n->word, "tcp-initial")) {
				draft_protocol(m, PROTO_TCP);
				m->conversation = str_is(n->word, "tcp-initial") ? CONVERSATION_OPENING : CONVERSATION_ESTABLISHED;
			} else if (str_is(n->word, "is-fragment")) {
				m->never = true;	/* later fragments: no first packet of anything */
			} else if (!str_is(n->word, "first-fragment")) {
				draft_perhaps(m, "a condition that is not modelled");
			} else {
				draft_perhaps(m, "a condition about fragments");
			}
		}
	}
}

static enum action action_of(struct filter_term *t)
{
	static const char elsewhere[] = "routing-instance logical-system next-interface next-ip next-ip6 decapsulate encapsulate";
	const struct config_node *then = config_child(&t->x->tree, t->node, "then");
	if (config_child(&t->x->tree, then, "discard") || config_child(&t->x->tree, then, "reject"))
		return ACTION_DENY;
	if (CONFIG(&t->x->tree, then, "next", "term"))
		return ACTION_NEXT;
	if (config_child(&t->x->tree, then, "packet-mode"))
		ruleset_unknown(t->x->rules, t->node->at, t->node->line, "packets that pass one by one meet no policy");
	for (size_t i = 0; then && i < then->children.n; i++)
		if (str_is_one_of(then->children.v[i]->word, elsewhere))
			perhaps(t, "what this sends elsewhere is not followed");
	return ACTION_PERMIT;	/* modifiers alone accept */
}

static void read_term(struct junos *x, uint32_t chain, const struct config_node *node, enum family family)
{
	struct filter_term t = { .x = x, .family = family, .node = node, .from = config_child(&x->tree, node, "from") };
	arena_reset(x->scratch);
	if (node->inactive) {
		ruleset_idle(x->rules, node->at, node->line, "inactive");
		return;
	}
	if (config_child(&x->tree, node, "filter")) {
		ruleset_unknown(x->rules, node->at, node->line, "a filter inside a filter is not modelled");
		return;
	}
	*VEC_ADD(x->scratch, &t.drafts) = draft_match_new(x->scratch);
	draft_family(&t.drafts.v[0], family);
	take_addresses(&t);
	take_numbers(&t);
	take_others(&t);
	enum action action = action_of(&t);
	for (size_t i = 0; i < t.drafts.n && !t.bad; i++) {
		struct rule *rule = ruleset_rule(x->rules, chain, node->at);
		draft_into(&t.drafts.v[i], rule);
		rule->action = action;
		rule->name = node->word;
		rule->text = str_printf(x->keep, "term %.*s", STR_ARG(node->word));
		ruleset_keep(x->rules, &rule->match);
	}
}

/* The filter as a chain; -1: there is none of that name. */
static int filter_chain(struct junos *x, struct str name, enum family family)
{
	const struct config_node *f = CONFIG(&x->tree, x->tree.root, "firewall", "family", family == IPV6 ? "inet6" : "inet", "filter");
	const struct config_node *n = config_get(&x->tree, f, name);
	if (!n && family == IPV4)
		n = config_get(&x->tree, CONFIG(&x->tree, x->tree.root, "firewall", "filter"), name);
	if (!n || n->inactive)
		return -1;
	struct str full = str_printf(x->keep, "%.*s%s", STR_ARG(name), family == IPV6 ? " (inet6)" : "");
	int known = ruleset_find_chain(x->rules, full);
	if (known >= 0)
		return known;
	uint32_t chain = ruleset_chain(x->rules, full, n->at);
	const struct config_node *terms = config_child(&x->tree, n, "term");
	for (size_t i = 0; terms && i < terms->children.n; i++)
		read_term(x, chain, terms->children.v[i], family);
	return (int)chain;
}

static void put_implicit(struct junos *x, uint32_t chain, const struct draft_match *m, enum action action, uint32_t target,
			 const struct config_node *at, struct str text)
{
	struct rule *rule = ruleset_rule(x->rules, chain, at->at);
	draft_into(m, rule);
	rule->action = action;
	rule->target = target;
	rule->implicit = true;
	rule->text = text;
}

static uint32_t base_of(struct junos *x, uint32_t bases[2], bool out)
{
	if (bases[out] != UINT32_MAX)
		return bases[out];
	bases[out] = ruleset_chain(x->rules, out ? STR("output") : STR("input"), (struct loc){ x->source, 0, 0, 0 });
	x->rules->chains.v[bases[out]].fallthrough = ACTION_PERMIT;
	*VEC_ADD(x->keep, &x->rules->bases) = bases[out];
	return bases[out];
}

/* Filters of a list follow each other; what none decides is discarded. */
static void bind(struct junos *x, uint32_t base, struct str interface, bool out, enum family family, const struct config_node *names)
{
	struct draft_match m = draft_match_new(x->keep);
	draft_family(&m, family);
	if (interface.n) {
		struct str *v = ARENA_NEW(x->keep, struct str);
		*v = interface;
		struct interface_names i = { v, 1, false };
		if (out)
			draft_out(&m, i);
		else
			draft_in(&m, i);
	}
	for (size_t i = 0; i < names->children.n; i++) {
		const struct config_node *n = names->children.v[i];
		int chain = n->inactive ? -2 : filter_chain(x, n->word, family);
		if (chain == -1)
			ruleset_unknown(x->rules, n->at, n->line, "there is no filter \"%.*s\" in this file", STR_ARG(n->word));
		if (chain >= 0)
			put_implicit(x, base, &m, ACTION_CALL, (uint32_t)chain, n, n->line);
	}
	put_implicit(x, base, &m, ACTION_DENY, 0, names, STR("implicit: what no term accepts is discarded"));
}

/* Filters in places that are not read: of other families, of a whole unit, of what services do. */
static void look_for_other_filters(struct junos *x, const struct config_node *unit)
{
	const struct config_node *whole = config_child(&x->tree, unit, "filter"), *families = config_child(&x->tree, unit, "family");
	static const char read[] = "input output input-list output-list group dialer";
	if (whole)
		ruleset_unknown(x->rules, whole->at, whole->line, "a filter of all families is not modelled");
	for (size_t i = 0; families && i < families->children.n; i++) {
		const struct config_node *f = families->children.v[i], *filter = config_child(&x->tree, f, "filter");
		const struct config_node *simple = config_child(&x->tree, f, "simple-filter");
		bool ip = str_is(f->word, "inet") || str_is(f->word, "inet6");
		if (simple)
			ruleset_unknown(x->rules, simple->at, simple->line, "a filter of a kind that is not modelled");
		for (size_t k = 0; filter && k < filter->children.n; k++)
			if (!ip || !str_is_one_of(filter->children.v[k]->word, read))
				ruleset_unknown(x->rules, filter->children.v[k]->at, filter->children.v[k]->line,
						"a filter of a kind that is not modelled");
	}
}

static void bind_unit(struct junos *x, uint32_t bases[2], struct str interface, const struct config_node *unit)
{
	static const char *const directions[] = { "input", "output", "input-list", "output-list" };
	for (int f = IPV4; f <= IPV6; f++)
		for (size_t k = 0; k < ARRAY_LEN(directions); k++) {
			const struct config_node *names = CONFIG(&x->tree, unit, "family", f == IPV6 ? "inet6" : "inet", "filter", directions[k]);
			if (names && names->children.n && bases[0] == UINT32_MAX && bases[1] == UINT32_MAX &&
			    CONFIG(&x->tree, x->tree.root, "security", "policies"))
				ruleset_unknown(x->rules, names->at, names->line,
						"a filter without memory beside policies: what it does to answers is not judged");
			if (names && names->children.n)
				bind(x, base_of(x, bases, k & 1), interface, k & 1, (enum family)f, names);
		}
}

/* Nothing is bound: the filter that was asked for, or the only one of each family. */
static bool bind_unbound(struct junos *x, uint32_t bases[2])
{
	bool found = false;
	for (int f = IPV4; f <= IPV6; f++) {
		const struct config_node *all = CONFIG(&x->tree, x->tree.root, "firewall", "family", f == IPV6 ? "inet6" : "inet", "filter"), *one = NULL;
		if (!all && f == IPV4)
			all = CONFIG(&x->tree, x->tree.root, "firewall", "filter");
		if (all && x->options->part.n)
			one = config_get(&x->tree, all, x->options->part);
		else if (all && all->children.n == 1)
			one = all->children.v[0];
		else if (all && all->children.n > 1)
			ruleset_unknown(x->rules, all->at, all->line, "no filter is bound to an interface here; say which one filters: --part NAME");
		if (!one)
			continue;
		struct config_node *names = ARENA_NEW(x->keep, struct config_node);
		names->at = one->at;
		*VEC_ADD(x->keep, &names->children) = (struct config_node *)one;
		bind(x, base_of(x, bases, false), NO_STR, false, (enum family)f, names);
		found = true;
	}
	return found;
}

static const struct config_node *first_filter(const struct config_node *n)
{
	for (size_t i = 0; i < n->children.n; i++) {
		const struct config_node *c = n->children.v[i];
		const struct config_node *found = str_is(c->word, "filter") ? c : first_filter(c);
		if (found)
			return found;
	}
	return NULL;
}

/* Filters that are bound to more than one interface, or to none. */
static void look_elsewhere(struct junos *x)
{
	const struct config_node *places[] = { config_child(&x->tree, x->tree.root, "vlans"), config_child(&x->tree, x->tree.root, "bridge-domains"),
					       config_child(&x->tree, x->tree.root, "forwarding-options"),
					       config_child(&x->tree, x->tree.root, "routing-instances"),
					       CONFIG(&x->tree, x->tree.root, "interfaces", "interface-range") };
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct config_node *n = places[i] ? first_filter(places[i]) : NULL;
		if (n)
			ruleset_unknown(x->rules, n->at, n->line, "a filter that is bound here is not modelled");
	}
}

bool junos_read_filters(struct junos *x)
{
	const struct config_node *interfaces = config_child(&x->tree, x->tree.root, "interfaces");
	uint32_t bases[2] = { UINT32_MAX, UINT32_MAX };
	static const char managing[] = "me0 vme em0 em1";
	if (!x->options->part.n)
		look_elsewhere(x);
	for (size_t i = 0; interfaces && !x->options->part.n && i < interfaces->children.n; i++) {
		const struct config_node *n = interfaces->children.v[i], *units = config_child(&x->tree, n, "unit");
		/* what is for the device itself passes by here */
		if (str_starts(n->word, "lo0") || str_starts(n->word, "fxp") || str_is_one_of(n->word, managing))
			continue;
		for (size_t k = 0; units && k < units->children.n; k++)
			look_for_other_filters(x, units->children.v[k]);
		for (size_t k = 0; units && k < units->children.n; k++)
			bind_unit(x, bases, str_printf(x->keep, "%.*s.%.*s", STR_ARG(n->word), STR_ARG(units->children.v[k]->word)),
				  units->children.v[k]);
	}
	if (bases[0] != UINT32_MAX || bases[1] != UINT32_MAX)
		return true;
	if (CONFIG(&x->tree, x->tree.root, "security", "policies"))
		return false;
	return bind_unbound(x, bases);
}
