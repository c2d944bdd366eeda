/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firewall filters of Junos: terms in order, the first that matches decides,
 * and what no term matches is discarded.  Filters are stateless.
 */
#include "dialect/common/match.h"
#include "dialect/common/names.h"
#include "dialect/junos/junos.h"

typedef VEC(struct draft_match) draft_vec;

struct filter_term {
	struct junos *junos;
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
	ruleset_unknown(t->junos->rules, n->at, n->line, "\"%.*s\" %s", STR_ARG(n->word), why);
	t->bad = true;
}

struct prefix_entry {
	struct addr_range range;
	bool except;
};

static int wider_first(const void *one, const void *other)
{
	const struct prefix_entry *a = one, *b = other;
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
			bad(t, n, "is not an address");
		else
			*VEC_ADD(t->junos->scratch, to) =
				(struct prefix_entry){ r, config_child(&t->junos->tree, n, "except") != NULL };
	}
}

static void add_lists(struct filter_term *t, const struct config_node *names, prefix_list *to)
{
	for (size_t i = 0; names && i < names->children.n; i++) {
		const struct config_node *n = names->children.v[i];
		const struct config_node *list = config_get(
			&t->junos->tree, CONFIG(&t->junos->tree, t->junos->tree.root, "policy-options", "prefix-list"),
			n->word);
		size_t first = to->n;
		if (!list) {
			bad(t, n, "is not a prefix list in this file");
			continue;
		}
		if (config_child(&t->junos->tree, list, "apply-path"))
			perhaps(t, "a list that the device fills from its own configuration");
		add_prefixes(t, list, to);
		for (; first < to->n && config_child(&t->junos->tree, n, "except"); first++)
			to->v[first].except = true;
	}
}

/*
 * The longest prefix decides.  Exceptions alone match nothing according to the
 * documentation, and yet are written to mean everything but these: the result is uncertain.
 */
static bool addresses(struct filter_term *t, const char *one, const char *list, struct addrset *ret)
{
	prefix_list prefixes = { 0 };
	add_prefixes(t, config_child(&t->junos->tree, t->from, one), &prefixes);
	add_lists(t, config_child(&t->junos->tree, t->from, list), &prefixes);
	if (!prefixes.n)
		return false;
	sort_items(prefixes.v, prefixes.n, sizeof *prefixes.v, wider_first);
	*ret = NO_ADDRS;
	bool excepts_only = true;
	for (size_t i = 0; i < prefixes.n; i++)
		excepts_only &= prefixes.v[i].except;
	if (excepts_only) {
		*ret = range_set(t->junos->scratch, addr_range_all(t->family));
		perhaps(t, "exceptions without a prefix");
	}
	for (size_t i = 0; i < prefixes.n;) {
		VEC(struct addr_range) run = { 0 };
		bool except = prefixes.v[i].except;
		for (; i < prefixes.n && prefixes.v[i].except == except; i++)
			*VEC_ADD(t->junos->scratch, &run) = prefixes.v[i].range;
		struct addrset some = addrset_of(t->junos->scratch, run.v, run.n);
		*ret = except ? addrset_minus(t->junos->scratch, *ret, some)
			      : addrset_union(t->junos->scratch, *ret, some);
	}
	return true;
}

enum numbers { PORTS, PROTOCOLS, ICMP_TYPES, ICMP_CODES };

/* Names of next headers that differ from other languages, or exist only here. */
static bool header_name(struct str s, unsigned *ret)
{
	static const struct {
		const char *name;
		unsigned number;
	} names[] = { { "ipv6", 41 },     { "hop-by-hop", 0 },      { "routing", 43 },
		      { "fragment", 44 }, { "no-next-header", 59 }, { "dstopts", 60 } };
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

/* The values of a key and of its -except; false when neither is present. */
static bool numbers(struct filter_term *t, enum numbers kind, const char *key, struct portset *ret)
{
	const struct config_node *in = config_child(&t->junos->tree, t->from, key);
	const struct config_node *out =
		config_child(&t->junos->tree, t->from, arena_printf(t->junos->scratch, "%s-except", key));
	struct portset all = kind == PORTS ? all_port_set() : port_set(t->junos->scratch, 0, 255);
	*ret = all;
	for (int except = 0; except < 2; except++) {
		const struct config_node *list = except ? out : in;
		VEC(struct port_range) ranges = { 0 };
		for (size_t i = 0; list && i < list->children.n; i++) {
			if (!number_range(t, kind, list->children.v[i]->word, VEC_ADD(t->junos->scratch, &ranges)))
				bad(t, list->children.v[i], "is not understood in this place");
		}
		struct portset s = portset_of(t->junos->scratch, ranges.v, ranges.n);
		if (list)
			*ret = except ? portset_minus(t->junos->scratch, *ret, s)
				      : portset_intersect(t->junos->scratch, *ret, s);
	}
	return in || out;
}

/* Each draft twice: "address" and "port" match either the source or the destination. */
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
		*VEC_ADD(t->junos->scratch, &t->drafts) = copy;
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
	if (!config_child(&t->junos->tree, t->from, "port")) {
		EACH_DRAFT(t, m)
		{
			draft_sports(m, s, false);
			draft_ports(m, s, false);
		}
	} else if (!config_child(&t->junos->tree, t->from, "port-except")) {
		twice(t, NULL, &s);
	} else {
		bad(t, config_child(&t->junos->tree, t->from, "port"), "and port-except in one term are not modelled");
	}
}

static void take_numbers(struct filter_term *t)
{
	static const char *const protocols[] = { "protocol", "next-header", "payload-protocol" };
	struct portset s, codes, all = port_set(t->junos->scratch, 0, 255);
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
	static const char *const known[] = { "source-address",
					     "destination-address",
					     "address",
					     "source-prefix-list",
					     "destination-prefix-list",
					     "prefix-list",
					     "protocol",
					     "next-header",
					     "payload-protocol",
					     "source-port",
					     "destination-port",
					     "port",
					     "icmp-type",
					     "icmp-code",
					     "protocol-except",
					     "next-header-except",
					     "payload-protocol-except",
					     "source-port-except",
					     "destination-port-except",
					     "port-except",
					     "icmp-type-except",
					     "icmp-code-except",
					     "source-port-range-optimize",
					     "destination-port-range-optimize" };
	for (size_t i = 0; t->from && i < t->from->children.n; i++) {
		const struct config_node *n = t->from->children.v[i];
		bool done = n->inactive;
		for (size_t j = 0; j < ARRAY_LEN(known) && !done; j++)
			done = str_is(n->word, known[j]);
		if (done)
			continue;
		EACH_DRAFT(t, m)
		{
			if (str_is(n->word, "tcp-established") || str_is(n->word, "tcp-initial")) {
				draft_protocol(m, PROTO_TCP);
				m->conversation = str_is(n->word, "tcp-initial") ? CONVERSATION_OPENING
										 : CONVERSATION_ESTABLISHED;
			} else if (str_is(n->word, "is-fragment")) {
				m->never = true; /* later fragments only: never the first packet of a connection */
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
	static const char elsewhere[] =
		"routing-instance logical-system next-interface next-ip next-ip6 decapsulate encapsulate";
	const struct config_node *then = config_child(&t->junos->tree, t->node, "then");
	if (config_child(&t->junos->tree, then, "discard") || config_child(&t->junos->tree, then, "reject"))
		return ACTION_DENY;
	if (CONFIG(&t->junos->tree, then, "next", "term"))
		return ACTION_NEXT;
	if (config_child(&t->junos->tree, then, "packet-mode"))
		ruleset_unknown(t->junos->rules, t->node->at, t->node->line,
				"packets in packet mode bypass the policies");
	for (size_t i = 0; then && i < then->children.n; i++)
		if (str_is_one_of(then->children.v[i]->word, elsewhere))
			perhaps(t, "what this sends elsewhere is not modelled");
	return ACTION_PERMIT; /* a term with modifiers alone accepts */
}

static void read_term(struct junos *junos, uint32_t chain, const struct config_node *node, enum family family)
{
	struct filter_term t = {
		.junos = junos, .family = family, .node = node, .from = config_child(&junos->tree, node, "from")
	};
	arena_reset(junos->scratch);
	if (node->inactive) {
		ruleset_idle(junos->rules, node->at, node->line, "inactive");
		return;
	}
	if (config_child(&junos->tree, node, "filter")) {
		ruleset_unknown(junos->rules, node->at, node->line, "a nested filter is not modelled");
		return;
	}
	*VEC_ADD(junos->scratch, &t.drafts) = draft_match_new(junos->scratch);
	draft_family(&t.drafts.v[0], family);
	take_addresses(&t);
	take_numbers(&t);
	take_others(&t);
	enum action action = action_of(&t);
	for (size_t i = 0; i < t.drafts.n && !t.bad; i++) {
		struct rule *rule = ruleset_rule(junos->rules, chain, node->at);
		draft_into(&t.drafts.v[i], rule);
		rule->action = action;
		rule->name = node->word;
		rule->text = str_printf(junos->keep, "term %.*s", STR_ARG(node->word));
		ruleset_keep(junos->rules, &rule->match);
	}
}

/* The filter as a chain; -1: there is no filter of that name. */
static int filter_chain(struct junos *junos, struct str name, enum family family)
{
	const struct config_node *f = CONFIG(&junos->tree, junos->tree.root, "firewall", "family",
					     family == IPV6 ? "inet6" : "inet", "filter");
	const struct config_node *n = config_get(&junos->tree, f, name);
	if (!n && family == IPV4)
		n = config_get(&junos->tree, CONFIG(&junos->tree, junos->tree.root, "firewall", "filter"), name);
	if (!n || n->inactive)
		return -1;
	struct str full = str_printf(junos->keep, "%.*s%s", STR_ARG(name), family == IPV6 ? " (inet6)" : "");
	int known = ruleset_find_chain(junos->rules, full);
	if (known >= 0)
		return known;
	uint32_t chain = ruleset_chain(junos->rules, full, n->at);
	const struct config_node *terms = config_child(&junos->tree, n, "term");
	for (size_t i = 0; terms && i < terms->children.n; i++)
		read_term(junos, chain, terms->children.v[i], family);
	return (int)chain;
}

static void put_implicit(struct junos *junos, uint32_t chain, const struct draft_match *m, enum action action,
			 uint32_t target, const struct config_node *at, struct str text)
{
	struct rule *rule = ruleset_rule(junos->rules, chain, at->at);
	draft_into(m, rule);
	rule->action = action;
	rule->target = target;
	rule->implicit = true;
	rule->text = text;
}

static uint32_t base_of(struct junos *junos, uint32_t bases[2], bool out)
{
	if (bases[out] != UINT32_MAX)
		return bases[out];
	bases[out] =
		ruleset_chain(junos->rules, out ? STR("output") : STR("input"), (struct loc){ junos->source, 0, 0, 0 });
	junos->rules->chains.v[bases[out]].fallthrough = ACTION_PERMIT;
	*VEC_ADD(junos->keep, &junos->rules->bases) = bases[out];
	return bases[out];
}

/* The filters of a list follow each other; what none of them decides is discarded. */
static void bind(struct junos *junos, uint32_t base, struct str interface, bool out, enum family family,
		 const struct config_node *names)
{
	struct draft_match m = draft_match_new(junos->keep);
	draft_family(&m, family);
	if (interface.n) {
		struct str *copy = ARENA_NEW(junos->keep, struct str);
		*copy = interface;
		struct interface_names i = { .v = copy, .n = 1 };
		if (out)
			draft_out(&m, i);
		else
			draft_in(&m, i);
	}
	for (size_t i = 0; i < names->children.n; i++) {
		const struct config_node *n = names->children.v[i];
		int chain = n->inactive ? -2 : filter_chain(junos, n->word, family);
		if (chain == -1)
			ruleset_unknown(junos->rules, n->at, n->line, "there is no filter \"%.*s\" in this file",
					STR_ARG(n->word));
		if (chain >= 0)
			put_implicit(junos, base, &m, ACTION_CALL, (uint32_t)chain, n, n->line);
	}
	put_implicit(junos, base, &m, ACTION_DENY, 0, names, STR("implicit: what no term accepts is discarded"));
}

/* Filters in places that are not read: of other families, of a whole unit, of services. */
static void look_for_other_filters(struct junos *junos, const struct config_node *unit)
{
	const struct config_node *whole = config_child(&junos->tree, unit, "filter"),
				 *families = config_child(&junos->tree, unit, "family");
	static const char read[] = "input output input-list output-list group dialer";
	if (whole)
		ruleset_unknown(junos->rules, whole->at, whole->line, "a filter of all families is not modelled");
	for (size_t i = 0; families && i < families->children.n; i++) {
		const struct config_node *f = families->children.v[i],
					 *filter = config_child(&junos->tree, f, "filter");
		const struct config_node *simple = config_child(&junos->tree, f, "simple-filter");
		bool ip = str_is(f->word, "inet") || str_is(f->word, "inet6");
		if (simple)
			ruleset_unknown(junos->rules, simple->at, simple->line,
					"a filter of a kind that is not modelled");
		for (size_t j = 0; filter && j < filter->children.n; j++)
			if (!ip || !str_is_one_of(filter->children.v[j]->word, read))
				ruleset_unknown(junos->rules, filter->children.v[j]->at, filter->children.v[j]->line,
						"a filter of a kind that is not modelled");
	}
}

static void bind_unit(struct junos *junos, uint32_t bases[2], struct str interface, const struct config_node *unit)
{
	static const char *const directions[] = { "input", "output", "input-list", "output-list" };
	for (int f = IPV4; f <= IPV6; f++)
		for (size_t j = 0; j < ARRAY_LEN(directions); j++) {
			const struct config_node *names = CONFIG(&junos->tree, unit, "family",
								 f == IPV6 ? "inet6" : "inet", "filter", directions[j]);
			if (names && names->children.n && bases[0] == UINT32_MAX && bases[1] == UINT32_MAX &&
			    CONFIG(&junos->tree, junos->tree.root, "security", "policies"))
				ruleset_unknown(
					junos->rules, names->at, names->line,
					"a stateless filter beside policies: its effect on replies is not examined");
			if (names && names->children.n)
				bind(junos, base_of(junos, bases, j & 1), interface, j & 1, (enum family)f, names);
		}
}

/* Nothing is bound: the requested filter, or the only one of each family. */
static bool bind_unbound(struct junos *junos, uint32_t bases[2])
{
	bool found = false;
	for (int f = IPV4; f <= IPV6; f++) {
		const struct config_node *all = CONFIG(&junos->tree, junos->tree.root, "firewall", "family",
						       f == IPV6 ? "inet6" : "inet", "filter"),
					 *one = NULL;
		if (!all && f == IPV4)
			all = CONFIG(&junos->tree, junos->tree.root, "firewall", "filter");
		if (all && junos->options->part.n)
			one = config_get(&junos->tree, all, junos->options->part);
		else if (all && all->children.n == 1)
			one = all->children.v[0];
		else if (all && all->children.n > 1)
			ruleset_unknown(
				junos->rules, all->at, all->line,
				"no filter is bound to an interface here; name the one that filters: --part NAME");
		if (!one)
			continue;
		struct config_node *names = ARENA_NEW(junos->keep, struct config_node);
		names->at = one->at;
		*VEC_ADD(junos->keep, &names->children) = (struct config_node *)one;
		bind(junos, base_of(junos, bases, false), NO_STR, false, (enum family)f, names);
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

/* Filters that are bound to several interfaces, or to none. */
static void look_elsewhere(struct junos *junos)
{
	const struct config_node *places[] = { config_child(&junos->tree, junos->tree.root, "vlans"),
					       config_child(&junos->tree, junos->tree.root, "bridge-domains"),
					       config_child(&junos->tree, junos->tree.root, "forwarding-options"),
					       config_child(&junos->tree, junos->tree.root, "routing-instances"),
					       CONFIG(&junos->tree, junos->tree.root, "interfaces",
						      "interface-range") };
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct config_node *n = places[i] ? first_filter(places[i]) : NULL;
		if (n)
			ruleset_unknown(junos->rules, n->at, n->line, "a filter that is bound here is not modelled");
	}
}

bool junos_read_filters(struct junos *junos)
{
	const struct config_node *interfaces = config_child(&junos->tree, junos->tree.root, "interfaces");
	uint32_t bases[2] = { UINT32_MAX, UINT32_MAX };
	static const char managing[] = "me0 vme em0 em1";
	if (!junos->options->part.n)
		look_elsewhere(junos);
	for (size_t i = 0; interfaces && !junos->options->part.n && i < interfaces->children.n; i++) {
		const struct config_node *n = interfaces->children.v[i], *units = config_child(&junos->tree, n, "unit");
		/* traffic to the device itself is not considered here */
		if (str_starts(n->word, "lo0") || str_starts(n->word, "fxp") || str_is_one_of(n->word, managing))
			continue;
		for (size_t j = 0; units && j < units->children.n; j++)
			look_for_other_filters(junos, units->children.v[j]);
		for (size_t j = 0; units && j < units->children.n; j++)
			bind_unit(junos, bases,
				  str_printf(junos->keep, "%.*s.%.*s", STR_ARG(n->word),
					     STR_ARG(units->children.v[j]->word)),
				  units->children.v[j]);
	}
	if (bases[0] != UINT32_MAX || bases[1] != UINT32_MAX)
		return true;
	if (CONFIG(&junos->tree, junos->tree.root, "security", "policies"))
		return false;
	return bind_unbound(junos, bases);
}
