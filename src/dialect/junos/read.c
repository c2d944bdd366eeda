/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading Junos: the security policies of an SRX, zone pair by zone pair, then
 * the global ones, then the default.  Firewall filters that are bound to
 * interfaces are read beside them (filter.c).
 */
#include "dialect/common/match.h"
#include "dialect/common/names.h"
#include "dialect/common/ranges.h"
#include "dialect/junos/junos.h"

/* Address books */

/* The n-th book in which a zone's names are looked up; NULL after the last. */
static const struct config_node *book(const struct junos *junos, struct str zone, size_t n)
{
	const struct config_node *zones = CONFIG(&junos->tree, junos->tree.root, "security", "zones", "security-zone");
	const struct config_node *z = zone.n ? config_get(&junos->tree, zones, zone) : NULL;
	const struct config_node *own = config_child(&junos->tree, z, "address-book"),
				 *books = CONFIG(&junos->tree, junos->tree.root, "security", "address-book");
	if (own && n-- == 0)
		return own;
	for (size_t i = 0; books && i < books->children.n; i++) {
		const struct config_node *b = books->children.v[i],
					 *attached = CONFIG(&junos->tree, b, "attach", "zone");
		if (attached && config_get(&junos->tree, attached, zone) && n-- == 0)
			return b;
	}
	return n == 0 ? config_child(&junos->tree, books, "global") : NULL;
}

static void add_wildcard(struct srx_policy *p, struct str s, struct named_addresses *to)
{
	struct addr at, mask;
	size_t slash = str_find(s, '/');
	struct addrset all;
	if (slash != SIZE_MAX && addr_parse(str_first(s, slash), &at) && addr_parse(str_skip(s, slash + 1), &mask) &&
	    masked_set(p->junos->scratch, at, mask, false, &all)) {
		for (size_t i = 0; i < all.n; i++)
			*VEC_ADD(p->junos->scratch, &to->sure) = all.v[i];
		return;
	}
	named_addresses_may_be(p->junos->scratch, to, range_set(p->junos->scratch, addr_range_all(IPV4)),
			       "an address with a wildcard mask");
}

static void add_address(struct srx_policy *p, const struct config_node *n, struct named_addresses *to)
{
	for (size_t i = 0; i < n->children.n; i++) {
		const struct config_node *c = n->children.v[i];
		struct str value = c->children.n ? c->children.v[0]->word : NO_STR;
		struct addr lo, hi;
		struct addr_range r;
		if (str_is(c->word, "description")) {
			continue;
		} else if (str_is(c->word, "range-address") && c->children.n) {
			struct str end = config_value(&p->junos->tree, c->children.v[0], "to");
			if (!addr_parse(value, &lo) || !addr_parse(end, &hi) || lo.family != hi.family || hi.n < lo.n)
				srx_missing(p, value, "range of addresses");
			else
				*VEC_ADD(p->junos->scratch, &to->sure) = (struct addr_range){ lo.family, lo.n, hi.n };
		} else if (str_is(c->word, "wildcard-address")) {
			add_wildcard(p, value, to);
		} else if (str_is(c->word, "dns-name")) {
			named_addresses_doubt(p->junos->scratch, to, "a name that the firewall resolves");
		} else if (addr_range_parse(c->word, &r) <= RANGE_HOST_BITS) {
			*VEC_ADD(p->junos->scratch, &to->sure) = r;
		} else {
			srx_missing(p, c->word, "address");
		}
	}
}

static bool add_from(struct srx_policy *p, const struct config_node *b, struct str name, struct named_addresses *to,
		     size_t depth);

static void add_unknown(struct srx_policy *p, struct str name, struct named_addresses *to)
{
	named_addresses_doubt(p->junos->scratch, to, not_in_this_file(p->junos->keep, "address", name));
}

/* Members of a set are looked up in the book of the set. */
static void add_set(struct srx_policy *p, const struct config_node *b, const struct config_node *n,
		    struct named_addresses *to, size_t depth)
{
	static const char *const kinds[] = { "address", "address-set" };
	for (size_t j = 0; j < ARRAY_LEN(kinds); j++) {
		const struct config_node *list = config_child(&p->junos->tree, n, kinds[j]);
		for (size_t i = 0; list && i < list->children.n && !p->bad; i++)
			if (!add_from(p, b, list->children.v[i]->word, to, depth + 1))
				add_unknown(p, list->children.v[i]->word, to);
	}
}

/* False: the book has no such name. */
static bool add_from(struct srx_policy *p, const struct config_node *b, struct str name, struct named_addresses *to,
		     size_t depth)
{
	struct junos *junos = p->junos;
	const struct config_node *one = config_get(&junos->tree, config_child(&junos->tree, b, "address"), name);
	const struct config_node *set = config_get(&junos->tree, config_child(&junos->tree, b, "address-set"), name);
	if (!srx_within_limits(p, depth))
		return true;
	if (one)
		add_address(p, one, to);
	else if (set)
		add_set(p, b, set, to, depth);
	return one || set;
}

static void add_named(struct srx_policy *p, struct str zone, struct str name, struct named_addresses *to)
{
	struct junos *junos = p->junos;
	bool any = str_is(name, "any");
	if (any || str_is(name, "any-ipv4"))
		*VEC_ADD(junos->scratch, &to->sure) = addr_range_all(IPV4);
	if (any || str_is(name, "any-ipv6"))
		*VEC_ADD(junos->scratch, &to->sure) = addr_range_all(IPV6);
	if (any || str_is(name, "any-ipv4") || str_is(name, "any-ipv6"))
		return;
	const struct config_node *b;
	for (size_t i = 0; (b = book(junos, zone, i)); i++)
		if (add_from(p, b, name, to, 0))
			return;
	add_unknown(p, name, to);
}

static struct partial_set side(struct srx_policy *p, const char *key, const char *excluded, struct str zone)
{
	const struct config_node *n = config_child(&p->junos->tree, p->match, key);
	struct named_addresses names = { 0 };
	if (!n || !n->children.n)
		srx_missing(p, str_of(key), "condition");
	for (size_t i = 0; n && i < n->children.n && !p->bad; i++)
		add_named(p, zone, n->children.v[i]->word, &names);
	if (!p->vague)
		p->vague = names.vague;
	return named_addresses_set(p->junos->scratch, &names, everywhere_set(),
				   config_child(&p->junos->tree, p->match, excluded) != NULL);
}

/* Policies */

/* Further actions of a policy that permits: content inspection does not matter here. */
static void look_at_permit(struct srx_policy *p)
{
	static const char idle[] = "application-services tcp-options services-offload";
	const struct config_node *permit = CONFIG(&p->junos->tree, p->node, "then", "permit");
	const struct config_node *services = config_child(&p->junos->tree, permit, "application-services");
	for (size_t i = 0; permit && i < permit->children.n; i++) {
		const struct config_node *n = permit->children.v[i];
		if (str_is(n->word, "tunnel"))
			srx_perhaps(p, "a policy-based tunnel");
		else if (str_is(n->word, "firewall-authentication"))
			srx_perhaps(p, "a condition about users or applications");
		else if (str_is(n->word, "destination-address"))
			srx_perhaps(p, "a condition about translation");
		else if (!str_is_one_of(n->word, idle))
			ruleset_unknown(p->junos->rules, n->at, n->line, "the meaning of \"%.*s\" here is unknown",
					STR_ARG(n->word));
	}
	if (config_child(&p->junos->tree, services, "uac-policy") ||
	    config_child(&p->junos->tree, services, "application-firewall"))
		srx_perhaps(p, "a condition about users or applications");
}

/* The parts of a policy and of its match that are read or have no effect; others are unknown lines. */
static void look_for_strange(struct srx_policy *p)
{
	static const char of_policy[] = "match then description scheduler-name report-skip";
	static const char of_match[] =
		"source-address destination-address application source-address-excluded "
		"destination-address-excluded from-zone to-zone source-identity dynamic-application url-category "
		"source-end-user-profile destination-identity source-identity-feeds destination-identity-feeds "
		"source-l3vpn-vrf-group destination-l3vpn-vrf-group";
	for (int j = 0; j < 2; j++) {
		const struct config_node *list = j ? p->match : p->node;
		for (size_t i = 0; list && i < list->children.n; i++)
			if (!str_is_one_of(list->children.v[i]->word, j ? of_match : of_policy))
				ruleset_unknown(p->junos->rules, list->children.v[i]->at, list->children.v[i]->line,
						"the meaning of \"%.*s\" here is unknown",
						STR_ARG(list->children.v[i]->word));
	}
}

static void look_at_conditions(struct srx_policy *p)
{
	static const char *const odd[] = { "source-identity",
					   "dynamic-application",
					   "url-category",
					   "source-end-user-profile",
					   "destination-identity",
					   "source-identity-feeds",
					   "destination-identity-feeds",
					   "source-l3vpn-vrf-group",
					   "destination-l3vpn-vrf-group" };
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		struct str s = config_value(&p->junos->tree, p->match, odd[i]);
		if (s.n && !str_is(s, "any") && !str_is(s, "none"))
			srx_perhaps(p, "a condition about users or applications");
	}
	if (config_child(&p->junos->tree, p->node, "scheduler-name"))
		srx_perhaps(p, "a schedule");
	look_at_permit(p);
	look_for_strange(p);
}

static struct interface_names zone_name(struct junos *junos, struct str zone)
{
	if (!zone.n || str_is(zone, "any"))
		return (struct interface_names){ 0 };
	struct str *copy = ARENA_NEW(junos->keep, struct str);
	*copy = zone;
	return (struct interface_names){ .v = copy, .n = 1 };
}

/* The zones that a global policy names; none: all zones. */
static struct interface_names zone_names(struct junos *junos, const struct config_node *list)
{
	VEC(struct str) names = { 0 };
	for (size_t i = 0; list && i < list->children.n; i++) {
		if (str_is(list->children.v[i]->word, "any"))
			return (struct interface_names){ 0 };
		*VEC_ADD(junos->keep, &names) = list->children.v[i]->word;
	}
	return (struct interface_names){ .v = names.v, .n = names.n };
}

static void add_rule(struct junos *junos, uint32_t chain, const struct rule *rule)
{
	struct rule *r = ruleset_rule(junos->rules, chain, rule->at);
	*r = *rule;
	ruleset_keep(junos->rules, &r->match);
}

/* The ALG that identifies interfaces is on unless it is disabled. */
static bool knows_interfaces(struct junos *junos)
{
	static const char taken[] = "the MS-RPC ALG, which is on unless it is disabled, learns from the endpoint "
				    "mapper where RPC interfaces are";
	if (CONFIG(&junos->tree, junos->tree.root, "security", "alg", "msrpc", "disable"))
		return false;
	for (size_t i = 0; i < junos->rules->assumed.n; i++)
		if (junos->rules->assumed.v[i] == taken)
			return true;
	*VEC_ADD(junos->keep, &junos->rules->assumed) = taken;
	return true;
}

/* A policy that names RPC interfaces becomes an additional rule for each of them. */
static void add_rules_by_interface(struct srx_policy *p, uint32_t chain, struct rule rule)
{
	rule.match.never = !rule.match.src->n || !rule.match.dst->n;
	rule.rpc_perhaps = rule.perhaps;
	rule.perhaps = rule.perhaps ? rule.perhaps : "an application with an RPC interface";
	for (size_t i = 0; i < p->by_interface.n; i++) {
		const struct srx_rpc_term *t = &p->by_interface.v[i];
		rule.rpc = t->interface;
		rule.match.services = &t->term;
		rule.match.n_services = 1;
		add_rule(p->junos, chain, &rule);
	}
}

/* What a policy does to what it matches, by its services and by its RPC interfaces. */
static void add_reach(struct srx_policy *p, uint32_t chain, struct rule rule, const struct reach *reach,
		      const char *perhaps)
{
	struct interface_names in = rule.match.in, out = rule.match.out;
	rule.match = reach_match(reach);
	rule.match.in = in;
	rule.match.out = out;
	rule.perhaps = perhaps;
	if (reach->terms.n || !p->by_interface.n)
		add_rule(p->junos, chain, &rule);
	add_rules_by_interface(p, chain, rule);
}

/* The interfaces of a policy count only where the ALG learns them.  False: it has nothing else. */
static bool look_at_interfaces(struct srx_policy *p)
{
	if (!p->by_interface.n)
		return true;
	p->junos->rules->rpc_named |= knows_interfaces(p->junos);
	if (knows_interfaces(p->junos))
		return true;
	ruleset_idle(p->junos->rules, p->node->at, p->node->line,
		     "names RPC interfaces, and the MS-RPC ALG is disabled");
	p->by_interface.n = 0;
	return p->services.sure.n || p->services.more.n;
}

static bool action_of(struct junos *junos, const struct config_node *policy, enum action *ret)
{
	const struct config_node *then = config_child(&junos->tree, policy, "then");
	bool permits = config_child(&junos->tree, then, "permit") != NULL;
	bool denies = config_child(&junos->tree, then, "deny") || config_child(&junos->tree, then, "reject");
	*ret = permits ? ACTION_PERMIT : ACTION_DENY;
	if (permits != denies)
		return true;
	ruleset_unknown(junos->rules, policy->at, policy->line,
			permits ? "this policy both permits and denies" : "this policy has no action");
	return false;
}

/* Without zones: a global policy, which names its own. */
static void read_policy(struct junos *junos, uint32_t chain, const struct config_node *node, struct str from,
			struct str to)
{
	struct srx_policy p = {
		.junos = junos, .node = node, .match = config_child(&junos->tree, node, "match"), .from = from, .to = to
	};
	bool global = !from.n && !to.n;
	enum action action;
	arena_reset(junos->scratch);
	if (node->inactive) {
		ruleset_idle(junos->rules, node->at, node->line, "inactive");
		return;
	}
	if (!action_of(junos, node, &action))
		return;
	struct partial_set src = side(&p, "source-address", "source-address-excluded", from);
	struct partial_set dst = side(&p, "destination-address", "destination-address-excluded", to);
	srx_applications(&p);
	look_at_conditions(&p);
	if (p.bad || !look_at_interfaces(&p))
		return;
	struct rule rule = {
		.match = { .in = global ? zone_names(junos, config_child(&junos->tree, p.match, "from-zone"))
					: zone_name(junos, from),
			   .out = global ? zone_names(junos, config_child(&junos->tree, p.match, "to-zone"))
					 : zone_name(junos, to) },
		.action = action,
		.name = node->word,
		.comment = config_value(&junos->tree, node, "description"),
		.text = !global ? str_printf(junos->keep, "policy %.*s from %.*s to %.*s", STR_ARG(node->word),
					     STR_ARG(from), STR_ARG(to))
				: str_printf(junos->keep, "global policy %.*s", STR_ARG(node->word)),
		.at = node->at,
	};
	struct partial_reach reach = partial_reach(junos->scratch, src, dst, &p.services, p.vague);
	bool split =
		reach_is_split(&reach) || (reach.vague && p.by_interface.n && reach.sure.src.n && reach.sure.dst.n);
	if (!p.perhaps && split)
		add_reach(&p, chain, rule, &reach.sure, NULL);
	add_reach(&p, chain, rule, &reach.most, p.perhaps ? p.perhaps : reach.vague);
}

static void read_pair(struct junos *junos, uint32_t chain, struct str from, const struct config_node *to)
{
	const struct config_node *list = config_child(&junos->tree, to, "policy");
	if (str_is(from, "junos-host") || str_is(to->word, "junos-host"))
		return; /* traffic from and to the device itself */
	for (size_t i = 0; list && i < list->children.n; i++)
		read_policy(junos, chain, list->children.v[i], from, to->word);
}

/* Where the ALG does not see some replies of the mapper, what it has learnt is unknown. */
static void doubt_interfaces(struct junos *junos, uint32_t chain)
{
	for (size_t i = 0; junos->mapper_ignored && i < junos->rules->chains.v[chain].rules.n; i++) {
		struct rule *rule = &junos->rules->chains.v[chain].rules.v[i];
		if (rule->rpc && !rule->rpc_perhaps)
			rule->perhaps = rule->rpc_perhaps =
				"an RPC interface, and an application keeps the ALG from the endpoint mapper";
	}
}

static void read_policies(struct junos *junos, uint32_t chain, const struct config_node *policies)
{
	const struct config_node *from = config_child(&junos->tree, policies, "from-zone");
	for (size_t i = 0; from && i < from->children.n; i++) {
		const struct config_node *to = config_child(&junos->tree, from->children.v[i], "to-zone");
		for (size_t j = 0; to && j < to->children.n && !from->children.v[i]->inactive; j++)
			if (!to->children.v[j]->inactive)
				read_pair(junos, chain, from->children.v[i]->word, to->children.v[j]);
	}
	const struct config_node *global = CONFIG(&junos->tree, policies, "global", "policy");
	for (size_t i = 0; global && i < global->children.n; i++)
		read_policy(junos, chain, global->children.v[i], NO_STR, NO_STR);
	doubt_interfaces(junos, chain);
	junos->rules->chains.v[chain].fallthrough =
		CONFIG(&junos->tree, policies, "default-policy", "permit-all") ? ACTION_PERMIT : ACTION_DENY;
}

/* family inet6 mode drop: no IPv6 passes. */
static void drop_ipv6(struct junos *junos, uint32_t chain)
{
	const struct config_node *n = CONFIG(&junos->tree, junos->tree.root, "security", "forwarding-options", "family",
					     "inet6", "mode", "drop");
	struct draft_match m = draft_match_new(junos->keep);
	if (!n)
		return;
	struct rule *rule = ruleset_rule(junos->rules, chain, n->at);
	draft_family(&m, IPV6);
	draft_into(&m, rule);
	rule->action = ACTION_DENY;
	rule->text = n->line;
}

/* Policies call interfaces by the name of their zone. */
static void read_members(struct junos *junos)
{
	const struct config_node *zones = CONFIG(&junos->tree, junos->tree.root, "security", "zones", "security-zone");
	for (size_t i = 0; zones && i < zones->children.n; i++) {
		const struct config_node *list = config_child(&junos->tree, zones->children.v[i], "interfaces");
		for (size_t j = 0; list && j < list->children.n; j++)
			ruleset_member(junos->rules, zones->children.v[i]->word, list->children.v[j]->word);
	}
}

/* What bypasses the policies, or filters separately. */
static void look_at_others(struct junos *junos)
{
	static const char *const families[] = { "inet6", "mpls" };
	static const char *const devices[] = { "logical-systems", "tenants" };
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		const struct config_node *n = CONFIG(&junos->tree, junos->tree.root, "security", "forwarding-options",
						     "family", families[i], "mode");
		if (n && config_child(&junos->tree, n, "packet-based"))
			ruleset_unknown(junos->rules, n->at, n->line, "packets in packet mode bypass the policies");
	}
	for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
		const struct config_node *list = config_child(&junos->tree, junos->tree.root, devices[i]);
		for (size_t j = 0; list && j < list->children.n; j++)
			if (CONFIG(&junos->tree, list->children.v[j], "security", "policies") ||
			    config_child(&junos->tree, list->children.v[j], "firewall"))
				ruleset_unknown(junos->rules, list->children.v[j]->at, list->children.v[j]->line,
						"a logical system or tenant, which is not read");
	}
}

bool junos_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		 struct diag *d)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	size_t errors = diag_errors(d);
	struct junos *junos = ARENA_NEW(a, struct junos);
	*junos = (struct junos){
		.keep = a, .scratch = scratch, .source = s, .options = o, .diag = d, .rules = ruleset_new(a, s, "junos")
	};
	*ret = junos->rules;
	if (str_find(str_first(s->text, 1 << 16), 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	if (!junos_build(junos) || !junos_inherit(junos) || !config_is_whole(&junos->tree, s, d))
		return false;
	junos_forget_inactive(junos);
	look_at_others(junos);
	const struct config_node *policies = CONFIG(&junos->tree, junos->tree.root, "security", "policies");
	bool filters = junos_read_filters(junos);
	junos->rules->replies = policies ? REPLIES_FREE : REPLIES_BY_FLAG;
	if (policies) {
		uint32_t chain = ruleset_chain(junos->rules, STR("policies"), policies->at);
		*VEC_ADD(a, &junos->rules->bases) = chain;
		drop_ipv6(junos, chain);
		read_members(junos);
		read_policies(junos, chain, policies);
		junos_translate(junos, chain);
	} else if (!filters && !junos->rules->unknown.n) {
		ruleset_unknown(junos->rules, (struct loc){ s, 0, 0, 0 }, NO_STR,
				"there are no security policies and no filters in the file");
	}
	return diag_errors(d) == errors;
}
