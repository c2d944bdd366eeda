/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading Junos: the security policies of an SRX, zone pair by zone pair, then
 * the global ones, then the default.  Firewall filters that are bound to
 * interfaces are read beside them (filter.c).
 */
#include "dialect/common/match.h"
#include "dialect/common/names.h"
#include "dialect/junos/junos.h"

typedef VEC(struct addr_range) range_list;

/* Address books */

/* The n-th book in which a zone's names are looked up; NULL behind the last. */
static const struct config_node *book(const struct junos *x, struct str zone, size_t n)
{
	const struct config_node *zones = CONFIG(&x->tree, x->tree.root, "security", "zones", "security-zone");
	const struct config_node *z = zone.n ? config_get(&x->tree, zones, zone) : NULL;
	const struct config_node *own = config_child(&x->tree, z, "address-book"), *books = CONFIG(&x->tree, x->tree.root, "security", "address-book");
	if (own && n-- == 0)
		return own;
	for (size_t i = 0; books && i < books->children.n; i++) {
		const struct config_node *b = books->children.v[i], *attached = CONFIG(&x->tree, b, "attach", "zone");
		if (attached && config_get(&x->tree, attached, zone) && n-- == 0)
			return b;
	}
	return n == 0 ? config_child(&x->tree, books, "global") : NULL;
}

static void add_wildcard(struct srx_policy *p, struct str s, range_list *to)
{
	struct addr at, mask;
	size_t slash = str_find(s, '/');
	struct addrset all;
	if (slash != SIZE_MAX && addr_parse(str_first(s, slash), &at) && addr_parse(str_skip(s, slash + 1), &mask) &&
	    masked_set(p->x->scratch, at, mask, false, &all)) {
		for (size_t i = 0; i < all.n; i++)
			*VEC_ADD(p->x->scratch, to) = all.v[i];
		return;
	}
	srx_perhaps(p, "an address with a wildcard mask");
	*VEC_ADD(p->x->scratch, to) = addr_range_all(IPV4);
}

static void add_address(struct srx_policy *p, const struct config_node *n, range_list *to)
{
	for (size_t i = 0; i < n->children.n; i++) {
		const struct config_node *c = n->children.v[i];
		struct str value = c->children.n ? c->children.v[0]->word : NO_STR;
		struct addr lo, hi;
		struct addr_range r;
		if (str_is(c->word, "description")) {
			continue;
		} else if (str_is(c->word, "range-address") && c->children.n) {
			struct str end = config_value(&p->x->tree, c->children.v[0], "to");
			if (!addr_parse(value, &lo) || !addr_parse(end, &hi) || lo.family != hi.family || hi.n < lo.n)
				srx_missing(p, value, "range of addresses");
			else
				*VEC_ADD(p->x->scratch, to) = (struct addr_range){ lo.family, lo.n, hi.n };
		} else if (str_is(c->word, "wildcard-address")) {
			add_wildcard(p, value, to);
		} else if (str_is(c->word, "dns-name")) {
			srx_perhaps(p, "a name that the firewall looks up itself");
			*VEC_ADD(p->x->scratch, to) = addr_range_all(IPV4);
			*VEC_ADD(p->x->scratch, to) = addr_range_all(IPV6);
		} else if (addr_range_parse(c->word, &r) <= RANGE_HOST_BITS) {
			*VEC_ADD(p->x->scratch, to) = r;
		} else {
			srx_missing(p, c->word, "address");
		}
	}
}

static bool add_from(struct srx_policy *p, const struct config_node *b, struct str name, range_list *to, size_t depth);

/* Members of a set are of the book that the set is in. */
static void add_set(struct srx_policy *p, const struct config_node *b, const struct config_node *n, range_list *to, size_t depth)
{
	static const char *const kinds[] = { "address", "address-set" };
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		const struct config_node *list = config_child(&p->x->tree, n, kinds[k]);
		for (size_t i = 0; list && i < list->children.n && !p->bad; i++)
			if (!add_from(p, b, list->children.v[i]->word, to, depth + 1))
				srx_missing(p, list->children.v[i]->word, "address");
	}
}

/* False: the book has no such name. */
static bool add_from(struct srx_policy *p, const struct config_node *b, struct str name, range_list *to, size_t depth)
{
	struct junos *x = p->x;
	const struct config_node *one = config_get(&x->tree, config_child(&x->tree, b, "address"), name);
	const struct config_node *set = config_get(&x->tree, config_child(&x->tree, b, "address-set"), name);
	if (!srx_within_limits(p, depth))
		return true;
	if (one)
		add_address(p, one, to);
	else if (set)
		add_set(p, b, set, to, depth);
	return one || set;
}

static void add_named(struct srx_policy *p, struct str zone, struct str name, range_list *to)
{
	struct junos *x = p->x;
	bool any = str_is(name, "any");
	if (any || str_is(name, "any-ipv4"))
		*VEC_ADD(x->scratch, to) = addr_range_all(IPV4);
	if (any || str_is(name, "any-ipv6"))
		*VEC_ADD(x->scratch, to) = addr_range_all(IPV6);
	if (any || str_is(name, "any-ipv4") || str_is(name, "any-ipv6"))
		return;
	const struct config_node *b;
	for (size_t i = 0; (b = book(x, zone, i)); i++)
		if (add_from(p, b, name, to, 0))
			return;
	srx_missing(p, name, "address");
}

static struct addrset side(struct srx_policy *p, const char *key, const char *excluded, struct str zone)
{
	const struct config_node *n = config_child(&p->x->tree, p->match, key);
	const char *before = p->perhaps;
	range_list v = { 0 };
	if (!n || !n->children.n)
		srx_missing(p, str_of(key), "condition");
	p->perhaps = NULL;
	for (size_t i = 0; n && i < n->children.n && !p->bad; i++)
		add_named(p, zone, n->children.v[i]->word, &v);
	struct addrset s = addrset_of(p->x->scratch, v.v, v.n);
	/* all but something that nobody knows may be all */
	if (config_child(&p->x->tree, p->match, excluded))
		s = p->perhaps ? everywhere_set() : addrset_minus(p->x->scratch, everywhere_set(), s);
	if (before)
		p->perhaps = before;
	return s;
}

/* Policies */

/* What a policy that permits may ask for besides: inspection of contents is no matter here. */
static void look_at_permit(struct srx_policy *p)
{
	static const char idle[] = "application-services tcp-options services-offload";
	const struct config_node *permit = CONFIG(&p->x->tree, p->node, "then", "permit");
	const struct config_node *services = config_child(&p->x->tree, permit, "application-services");
	for (size_t i = 0; permit && i < permit->children.n; i++) {
		const struct config_node *n = permit->children.v[i];
		if (str_is(n->word, "tunnel"))
			srx_perhaps(p, "a tunnel by policy");
		else if (str_is(n->word, "firewall-authentication"))
			srx_perhaps(p, "a condition about users or applications");
		else if (str_is(n->word, "destination-address"))
			srx_perhaps(p, "a condition about translation");
		else if (!str_is_one_of(n->word, idle))
			ruleset_unknown(p->x->rules, n->at, n->line, "what \"%.*s\" means here is not known", STR_ARG(n->word));
	}
	if (config_child(&p->x->tree, services, "uac-policy") || config_child(&p->x->tree, services, "application-firewall"))
		srx_perhaps(p, "a condition about users or applications");
}

/* The parts of a policy and of its match that are read or decide nothing; others are unknown lines. */
static void look_for_strange(struct srx_policy *p)
{
	static const char of_policy[] = "match then description scheduler-name report-skip";
	static const char of_match[] = "source-address destination-address application source-address-excluded "
				       "destination-address-excluded from-zone to-zone source-identity dynamic-application url-category "
				       "source-end-user-profile destination-identity source-identity-feeds destination-identity-feeds "
				       "source-l3vpn-vrf-group destination-l3vpn-vrf-group";
	for (int k = 0; k < 2; k++) {
		const struct config_node *list = k ? p->match : p->node;
		for (size_t i = 0; list && i < list->children.n; i++)
			if (!str_is_one_of(list->children.v[i]->word, k ? of_match : of_policy))
				ruleset_unknown(p->x->rules, list->children.v[i]->at, list->children.v[i]->line,
						"what \"%.*s\" means here is not known", STR_ARG(list->children.v[i]->word));
	}
}

static void look_at_conditions(struct srx_policy *p)
{
	static const char *const odd[] = { "source-identity", "dynamic-application", "url-category", "source-end-user-profile",
					   "destination-identity", "source-identity-feeds", "destination-identity-feeds",
					   "source-l3vpn-vrf-group", "destination-l3vpn-vrf-group" };
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		struct str s = config_value(&p->x->tree, p->match, odd[i]);
		if (s.n && !str_is(s, "any") && !str_is(s, "none"))
			srx_perhaps(p, "a condition about users or applications");
	}
	if (config_child(&p->x->tree, p->node, "scheduler-name"))
		srx_perhaps(p, "a schedule");
	look_at_permit(p);
	look_for_strange(p);
}

static struct interface_names zone_name(struct junos *x, struct str zone)
{
	if (!zone.n || str_is(zone, "any"))
		return (struct interface_names){ 0 };
	struct str *v = ARENA_NEW(x->keep, struct str);
	*v = zone;
	return (struct interface_names){ v, 1, false };
}

/* The zones that a global policy names; none: all of them. */
static struct interface_names zone_names(struct junos *x, const struct config_node *list)
{
	VEC(struct str) v = { 0 };
	for (size_t i = 0; list && i < list->children.n; i++) {
		if (str_is(list->children.v[i]->word, "any"))
			return (struct interface_names){ 0 };
		*VEC_ADD(x->keep, &v) = list->children.v[i]->word;
	}
	return (struct interface_names){ v.v, v.n, false };
}

static void add_rule(struct junos *x, uint32_t chain, const struct rule *rule)
{
	struct rule *r = ruleset_rule(x->rules, chain, rule->at);
	*r = *rule;
	ruleset_keep(x->rules, &r->match);
}

/* The ALG that tells interfaces is on unless it is disabled. */
static bool knows_interfaces(struct junos *x)
{
	static const char taken[] = "the MS-RPC ALG, which is on unless it is disabled, learns from the endpoint mapper where RPC interfaces are";
	if (CONFIG(&x->tree, x->tree.root, "security", "alg", "msrpc", "disable"))
		return false;
	for (size_t i = 0; i < x->rules->assumed.n; i++)
		if (x->rules->assumed.v[i] == taken)
			return true;
	*VEC_ADD(x->keep, &x->rules->assumed) = taken;
	return true;
}

/* A policy that names RPC interfaces is a rule more for each of them. */
static void add_rules_by_interface(struct srx_policy *p, uint32_t chain, struct rule *rule)
{
	struct junos *x = p->x;
	if (!p->by_interface.n)
		return;
	if (!knows_interfaces(x)) {
		ruleset_idle(x->rules, p->node->at, p->node->line, "names RPC interfaces, and the MS-RPC ALG is disabled");
		return;
	}
	x->rules->rpc_named = true;
	rule->rpc_perhaps = p->perhaps;
	rule->perhaps = p->perhaps ? p->perhaps : "an application by its RPC interface";
	for (size_t i = 0; i < p->by_interface.n; i++) {
		const struct srx_rpc_term *t = &p->by_interface.v[i];
		rule->rpc = t->interface;
		rule->match.services = &t->term;
		rule->match.n_services = 1;
		add_rule(x, chain, rule);
	}
}

/* Without zones: a global one, which says them itself. */
static void read_policy(struct junos *x, uint32_t chain, const struct config_node *node, struct str from, struct str to)
{
	struct srx_policy p = { .x = x, .node = node, .match = config_child(&x->tree, node, "match"), .from = from, .to = to };
	bool global = !from.n && !to.n;
	const struct config_node *then = config_child(&x->tree, node, "then");
	arena_reset(x->scratch);
	if (node->inactive) {
		ruleset_idle(x->rules, node->at, node->line, "inactive");
		return;
	}
	bool permits = config_child(&x->tree, then, "permit") != NULL;
	bool denies = config_child(&x->tree, then, "deny") || config_child(&x->tree, then, "reject");
	if (permits && denies) {
		ruleset_unknown(x->rules, node->at, node->line, "this policy permits and denies");
		return;
	}
	if (!permits && !denies) {
		ruleset_unknown(x->rules, node->at, node->line, "this policy does not say what then");
		return;
	}
	struct addrset src = side(&p, "source-address", "source-address-excluded", from);
	struct addrset dst = side(&p, "destination-address", "destination-address-excluded", to);
	bool limited = srx_applications(&p);
	look_at_conditions(&p);
	if (p.bad)
		return;
	struct rule rule = {
		.match = { .src = &src, .dst = &dst, .services = p.terms.v, .n_services = p.terms.n,
			   .in = global ? zone_names(x, config_child(&x->tree, p.match, "from-zone")) : zone_name(x, from),
			   .out = global ? zone_names(x, config_child(&x->tree, p.match, "to-zone")) : zone_name(x, to),
			   .never = !src.n || !dst.n || (limited && !p.terms.n) },
		.action = permits ? ACTION_PERMIT : ACTION_DENY,
		.perhaps = p.perhaps,
		.name = node->word,
		.comment = config_value(&x->tree, node, "description"),
		.text = !global ? str_printf(x->keep, "policy %.*s from %.*s to %.*s", STR_ARG(node->word), STR_ARG(from), STR_ARG(to)) :
				  str_printf(x->keep, "global policy %.*s", STR_ARG(node->word)),
		.at = node->at,
	};
	if (p.terms.n || !p.by_interface.n)
		add_rule(x, chain, &rule);
	rule.match.never = !src.n || !dst.n;
	add_rules_by_interface(&p, chain, &rule);
}

static void read_pair(struct junos *x, uint32_t chain, struct str from, const struct config_node *to)
{
	const struct config_node *list = config_child(&x->tree, to, "policy");
	if (str_is(from, "junos-host") || str_is(to->word, "junos-host"))
		return;	/* what the device itself says and hears */
	for (size_t i = 0; list && i < list->children.n; i++)
		read_policy(x, chain, list->children.v[i], from, to->word);
}

/* Where the ALG is kept from some of the mapper's answers, what it knows is anybody's guess. */
static void doubt_interfaces(struct junos *x, uint32_t chain)
{
	for (size_t i = 0; x->mapper_ignored && i < x->rules->chains.v[chain].rules.n; i++) {
		struct rule *rule = &x->rules->chains.v[chain].rules.v[i];
		if (rule->rpc && !rule->rpc_perhaps)
			rule->perhaps = rule->rpc_perhaps = "an RPC interface, and an application keeps the ALG from the endpoint mapper";
	}
}

static void read_policies(struct junos *x, uint32_t chain, const struct config_node *policies)
{
	const struct config_node *from = config_child(&x->tree, policies, "from-zone");
	for (size_t i = 0; from && i < from->children.n; i++) {
		const struct config_node *to = config_child(&x->tree, from->children.v[i], "to-zone");
		for (size_t k = 0; to && k < to->children.n && !from->children.v[i]->inactive; k++)
			if (!to->children.v[k]->inactive)
				read_pair(x, chain, from->children.v[i]->word, to->children.v[k]);
	}
	const struct config_node *global = CONFIG(&x->tree, policies, "global", "policy");
	for (size_t i = 0; global && i < global->children.n; i++)
		read_policy(x, chain, global->children.v[i], NO_STR, NO_STR);
	doubt_interfaces(x, chain);
	x->rules->chains.v[chain].fallthrough = CONFIG(&x->tree, policies, "default-policy", "permit-all") ? ACTION_PERMIT : ACTION_DENY;
}

/* family inet6 mode drop: no IPv6 passes. */
static void drop_ipv6(struct junos *x, uint32_t chain)
{
	const struct config_node *n = CONFIG(&x->tree, x->tree.root, "security", "forwarding-options", "family", "inet6", "mode", "drop");
	struct draft_match m = draft_match_new(x->keep);
	if (!n)
		return;
	struct rule *rule = ruleset_rule(x->rules, chain, n->at);
	draft_family(&m, IPV6);
	draft_into(&m, rule);
	rule->action = ACTION_DENY;
	rule->text = n->line;
}

/* What goes round the policies, or is a firewall of its own. */
static void look_at_others(struct junos *x)
{
	static const char *const families[] = { "inet6", "mpls" };
	static const char *const devices[] = { "logical-systems", "tenants" };
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		const struct config_node *n = CONFIG(&x->tree, x->tree.root, "security", "forwarding-options", "family", families[i], "mode");
		if (n && config_child(&x->tree, n, "packet-based"))
			ruleset_unknown(x->rules, n->at, n->line, "packets that pass one by one meet no policy");
	}
	for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
		const struct config_node *list = config_child(&x->tree, x->tree.root, devices[i]);
		for (size_t k = 0; list && k < list->children.n; k++)
			if (CONFIG(&x->tree, list->children.v[k], "security", "policies") || config_child(&x->tree, list->children.v[k], "firewall"))
				ruleset_unknown(x->rules, list->children.v[k]->at, list->children.v[k]->line,
						"a firewall in the firewall, which is not read");
	}
}

bool junos_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	size_t errors = diag_errors(d);
	struct junos *x = ARENA_NEW(a, struct junos);
	*x = (struct junos){ .keep = a, .scratch = scratch, .source = s, .options = o, .diag = d, .rules = ruleset_new(a, s, "junos") };
	*ret = x->rules;
	if (str_find(str_first(s->text, 1 << 16), 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	if (!junos_build(x) || !junos_inherit(x) || !config_is_whole(&x->tree, s, d))
		return false;
	junos_forget_inactive(x);
	look_at_others(x);
	const struct config_node *policies = CONFIG(&x->tree, x->tree.root, "security", "policies");
	bool filters = junos_read_filters(x);
	x->rules->replies = policies ? REPLIES_FREE : REPLIES_BY_FLAG;
	if (policies) {
		uint32_t chain = ruleset_chain(x->rules, STR("policies"), policies->at);
		*VEC_ADD(a, &x->rules->bases) = chain;
		drop_ipv6(x, chain);
		read_policies(x, chain, policies);
	} else if (!filters && !x->rules->unknown.n) {
		ruleset_unknown(x->rules, (struct loc){ s, 0, 0, 0 }, NO_STR, "there are no security policies and no filters here");
	}
	return diag_errors(d) == errors;
}
