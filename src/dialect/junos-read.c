/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading Junos: the security policies of an SRX, zone pair by zone pair, then
 * the global ones, then the default.  Firewall filters that are bound to
 * interfaces are read beside them (junos-filter.c).
 */
#include "dialect/junos.h"
#include "dialect/match.h"
#include "dialect/names.h"

typedef VEC(struct addr_range) range_list;
typedef VEC(struct service_term) term_list;

struct srx_policy {
	struct junos *x;
	const struct outline_node *node, *match;
	struct str from, to;
	const char *perhaps;
	bool bad;
};

static void perhaps(struct srx_policy *p, const char *why)
{
	if (!p->perhaps)
		p->perhaps = why;
}

static void missing(struct srx_policy *p, struct str name, const char *what)
{
	ruleset_unknown(p->x->rules, p->node->at, p->node->line, "there is no %s \"%.*s\" in this file", what, STR_ARG(name));
	p->bad = true;
}

static bool within_limits(struct srx_policy *p, size_t depth)
{
	if (++p->x->copied <= MOST_MEMBERS && depth <= MOST_GROUP_DEPTH)
		return true;
	if (!p->bad)
		diag_error(p->x->diag, p->node->at, "sets stand in each other too deep, or have too many members");
	p->bad = true;
	return false;
}

/* Address books */

/* The n-th book in which a zone's names are looked up; NULL behind the last. */
static const struct outline_node *book(const struct junos *x, struct str zone, size_t n)
{
	const struct outline_node *zones = JUNOS(x, x->root, "security", "zones", "security-zone");
	const struct outline_node *z = zone.n ? outline_get(&x->outline, zones, zone) : NULL;
	const struct outline_node *own = junos_child(x, z, "address-book"), *books = JUNOS(x, x->root, "security", "address-book");
	if (own && n-- == 0)
		return own;
	for (size_t i = 0; books && i < books->children.n; i++) {
		const struct outline_node *b = books->children.v[i], *attached = JUNOS(x, b, "attach", "zone");
		if (attached && outline_get(&x->outline, attached, zone) && n-- == 0)
			return b;
	}
	return n == 0 ? junos_child(x, books, "global") : NULL;
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
	perhaps(p, "an address with a wildcard mask");
	*VEC_ADD(p->x->scratch, to) = addr_range_all(IPV4);
}

static void add_address(struct srx_policy *p, const struct outline_node *n, range_list *to)
{
	for (size_t i = 0; i < n->children.n; i++) {
		const struct outline_node *c = n->children.v[i];
		struct str value = c->children.n ? c->children.v[0]->word : NO_STR;
		struct addr lo, hi;
		struct addr_range r;
		if (str_is(c->word, "description")) {
			continue;
		} else if (str_is(c->word, "range-address") && c->children.n) {
			struct str end = junos_value(p->x, c->children.v[0], "to");
			if (!addr_parse(value, &lo) || !addr_parse(end, &hi) || lo.family != hi.family || hi.n < lo.n)
				missing(p, value, "range of addresses");
			else
				*VEC_ADD(p->x->scratch, to) = (struct addr_range){ lo.family, lo.n, hi.n };
		} else if (str_is(c->word, "wildcard-address")) {
			add_wildcard(p, value, to);
		} else if (str_is(c->word, "dns-name")) {
			perhaps(p, "a name that the firewall looks up itself");
			*VEC_ADD(p->x->scratch, to) = addr_range_all(IPV4);
			*VEC_ADD(p->x->scratch, to) = addr_range_all(IPV6);
		} else if (addr_range_parse(c->word, &r) <= RANGE_HOST_BITS) {
			*VEC_ADD(p->x->scratch, to) = r;
		} else {
			missing(p, c->word, "address");
		}
	}
}

static bool add_from(struct srx_policy *p, const struct outline_node *b, struct str name, range_list *to, size_t depth);

/* Members of a set are of the book that the set is in. */
static void add_set(struct srx_policy *p, const struct outline_node *b, const struct outline_node *n, range_list *to, size_t depth)
{
	static const char *const kinds[] = { "address", "address-set" };
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		const struct outline_node *list = junos_child(p->x, n, kinds[k]);
		for (size_t i = 0; list && i < list->children.n && !p->bad; i++)
			if (!add_from(p, b, list->children.v[i]->word, to, depth + 1))
				missing(p, list->children.v[i]->word, "address");
	}
}

/* False: the book has no such name. */
static bool add_from(struct srx_policy *p, const struct outline_node *b, struct str name, range_list *to, size_t depth)
{
	struct junos *x = p->x;
	const struct outline_node *one = outline_get(&x->outline, junos_child(x, b, "address"), name);
	const struct outline_node *set = outline_get(&x->outline, junos_child(x, b, "address-set"), name);
	if (!within_limits(p, depth))
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
	const struct outline_node *b;
	for (size_t i = 0; (b = book(x, zone, i)); i++)
		if (add_from(p, b, name, to, 0))
			return;
	missing(p, name, "address");
}

static struct addrset side(struct srx_policy *p, const char *key, const char *excluded, struct str zone)
{
	const struct outline_node *n = junos_child(p->x, p->match, key);
	const char *before = p->perhaps;
	range_list v = { 0 };
	if (!n || !n->children.n)
		missing(p, str_of(key), "condition");
	p->perhaps = NULL;
	for (size_t i = 0; n && i < n->children.n && !p->bad; i++)
		add_named(p, zone, n->children.v[i]->word, &v);
	struct addrset s = addrset_of(p->x->scratch, v.v, v.n);
	/* all but something that nobody knows may be all */
	if (junos_child(p->x, p->match, excluded))
		s = p->perhaps ? everywhere_set() : addrset_minus(p->x->scratch, everywhere_set(), s);
	if (before)
		p->perhaps = before;
	return s;
}

/* Applications */

/* An attribute below a node, wherever on its line it stands: terms are written on one. */
static struct str attribute(const struct junos *x, const struct outline_node *n, const char *key, unsigned depth)
{
	struct str s = junos_value(x, n, key);
	for (size_t i = 0; n && !s.n && depth < 10 && i < n->children.n; i++)
		if (!str_is(n->children.v[i]->word, "term"))
			s = attribute(x, n->children.v[i], key, depth + 1);
	return s;
}

static bool ports_of(struct str s, struct port_range *ret)
{
	return !s.n || port_name_range(s, '-', "junos", ret);
}

static bool byte_of(struct str s, bool v6, bool code, struct port_range *ret)
{
	uint16_t type, n = ANY_CODE;
	uint32_t number;
	if (!s.n)
		return true;
	if (code ? !str_to_u32(s, 255, &number) : !icmp_name_parse(s, v6, &type, &n))
		return false;
	*ret = code ? (struct port_range){ (uint16_t)number, (uint16_t)number } : (struct port_range){ type, type };
	return true;
}

static void add_term(struct srx_policy *p, const struct outline_node *n, term_list *to)
{
	struct junos *x = p->x;
	struct service_term t = ANY_SERVICE;
	struct str protocol = attribute(x, n, "protocol", 0);
	unsigned number = ANY_PROTOCOL;
	bool ok = !protocol.n || protocol_name_parse(protocol, &number);
	if (ok && number != ANY_PROTOCOL)
		t.protocol_lo = t.protocol_hi = (uint8_t)number;
	bool v6 = number == PROTO_ICMP6;
	if (ok && protocol_is_icmp(number))
		ok = byte_of(attribute(x, n, v6 ? "icmp6-type" : "icmp-type", 0), v6, false, &t.port) &&
		     byte_of(attribute(x, n, v6 ? "icmp6-code" : "icmp-code", 0), v6, true, &t.sport);
	else if (ok && protocol_has_ports(number))
		ok = ports_of(attribute(x, n, "destination-port", 0), &t.port) && ports_of(attribute(x, n, "source-port", 0), &t.sport);
	else if (ok && (attribute(x, n, "destination-port", 0).n || attribute(x, n, "source-port", 0).n))
		ok = false;
	if (!ok) {
		missing(p, n->word, "meaning of application");
		return;
	}
	if (number == ANY_PROTOCOL && (attribute(x, n, "application-protocol", 0).n || attribute(x, n, "alg", 0).n))
		perhaps(p, "an application that says no protocol");
	if (attribute(x, n, "uuid", 0).n || attribute(x, n, "rpc-program-number", 0).n)
		perhaps(p, "an application by its RPC interface");
	*VEC_ADD(x->scratch, to) = t;
}

/* Applications that every device knows, by the names of their services; what is missing here is not guessed. */
static bool add_known(struct srx_policy *p, struct str name, term_list *to)
{
	static const struct {
		const char *name;
		uint8_t protocol;
		const char *service;	/* NULL: all ports */
	} known[] = { { "junos-tcp-any", PROTO_TCP, NULL }, { "junos-udp-any", PROTO_UDP, NULL },
		      { "junos-icmp-all", PROTO_ICMP, NULL }, { "junos-icmp6-all", PROTO_ICMP6, NULL },
		      { "junos-gre", PROTO_GRE, NULL }, { "junos-dns-udp", PROTO_UDP, "domain" },
		      { "junos-dns-tcp", PROTO_TCP, "domain" }, { "junos-http", PROTO_TCP, "http" },
		      { "junos-https", PROTO_TCP, "https" }, { "junos-ssh", PROTO_TCP, "ssh" },
		      { "junos-telnet", PROTO_TCP, "telnet" }, { "junos-ftp", PROTO_TCP, "ftp" },
		      { "junos-tftp", PROTO_UDP, "tftp" }, { "junos-smtp", PROTO_TCP, "smtp" },
		      { "junos-ntp", PROTO_UDP, "ntp" }, { "junos-ldap", PROTO_TCP, "ldap" },
		      { "junos-syslog", PROTO_UDP, "syslog" }, { "junos-radius", PROTO_UDP, "radius" },
		      { "junos-radacct", PROTO_UDP, "radius-acct" }, { "junos-imap", PROTO_TCP, "imap" },
		      { "junos-imaps", PROTO_TCP, "imaps" }, { "junos-pop3", PROTO_TCP, "pop3" },
		      { "junos-bgp", PROTO_TCP, "bgp" }, { "junos-smb", PROTO_TCP, "microsoft-ds" },
		      { "junos-smb", PROTO_TCP, "netbios-ssn" }, { "junos-smb-session", PROTO_TCP, "microsoft-ds" },
		      { "junos-nbname", PROTO_UDP, "netbios-ns" }, { "junos-nbds", PROTO_UDP, "netbios-dgm" },
		      { "junos-sql-monitor", PROTO_UDP, "ms-sql-m" } };
	bool found = false;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct service_term t = service_of(known[i].protocol, ALL_PORTS);
		uint16_t port;
		if (!str_is(name, known[i].name))
			continue;
		if (known[i].service && port_name_parse(str_of(known[i].service), "junos", &port))
			t.port = (struct port_range){ port, port };
		*VEC_ADD(p->x->scratch, to) = t;
		found = true;
	}
	if (str_is(name, "junos-icmp-ping") || str_is(name, "junos-ping")) {
		struct service_term t = service_of(PROTO_ICMP, (struct port_range){ 8, 8 });
		*VEC_ADD(p->x->scratch, to) = t;
		found = true;
	}
	return found;
}

static void add_application(struct srx_policy *p, struct str name, term_list *to, size_t depth)
{
	struct junos *x = p->x;
	const struct outline_node *all = junos_child(x, x->root, "applications");
	const struct outline_node *one = outline_get(&x->outline, junos_child(x, all, "application"), name);
	const struct outline_node *set = outline_get(&x->outline, junos_child(x, all, "application-set"), name);
	if (!within_limits(p, depth))
		return;
	if (str_is(name, "any")) {
		*VEC_ADD(x->scratch, to) = ANY_SERVICE;
	} else if (one && !one->inactive) {
		const struct outline_node *terms = junos_child(x, one, "term");
		for (size_t i = 0; terms && i < terms->children.n; i++)
			if (!terms->children.v[i]->inactive)
				add_term(p, terms->children.v[i], to);
		if (!terms)
			add_term(p, one, to);
	} else if (set && !set->inactive) {
		static const char *const kinds[] = { "application", "application-set" };
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
			const struct outline_node *list = junos_child(x, set, kinds[k]);
			for (size_t i = 0; list && i < list->children.n && !p->bad; i++)
				add_application(p, list->children.v[i]->word, to, depth + 1);
		}
	} else if (!add_known(p, name, to)) {
		missing(p, name, "application");
	}
}

/* Policies */

/* What a policy that permits may ask for besides: inspection of contents is no matter here. */
static void look_at_permit(struct srx_policy *p)
{
	static const char idle[] = "application-services tcp-options services-offload";
	const struct outline_node *permit = JUNOS(p->x, p->node, "then", "permit");
	const struct outline_node *services = junos_child(p->x, permit, "application-services");
	for (size_t i = 0; permit && i < permit->children.n; i++) {
		const struct outline_node *n = permit->children.v[i];
		if (str_is(n->word, "tunnel"))
			perhaps(p, "a tunnel by policy");
		else if (str_is(n->word, "firewall-authentication"))
			perhaps(p, "a condition about users or applications");
		else if (str_is(n->word, "destination-address"))
			perhaps(p, "a condition about translation");
		else if (!str_is_one_of(n->word, idle))
			ruleset_unknown(p->x->rules, n->at, n->line, "what \"%.*s\" means here is not known", STR_ARG(n->word));
	}
	if (junos_child(p->x, services, "uac-policy") || junos_child(p->x, services, "application-firewall"))
		perhaps(p, "a condition about users or applications");
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
		const struct outline_node *list = k ? p->match : p->node;
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
		struct str s = junos_value(p->x, p->match, odd[i]);
		if (s.n && !str_is(s, "any") && !str_is(s, "none"))
			perhaps(p, "a condition about users or applications");
	}
	if (junos_child(p->x, p->node, "scheduler-name"))
		perhaps(p, "a schedule");
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
static struct interface_names zone_names(struct junos *x, const struct outline_node *list)
{
	VEC(struct str) v = { 0 };
	for (size_t i = 0; list && i < list->children.n; i++) {
		if (str_is(list->children.v[i]->word, "any"))
			return (struct interface_names){ 0 };
		*VEC_ADD(x->keep, &v) = list->children.v[i]->word;
	}
	return (struct interface_names){ v.v, v.n, false };
}

/* Without zones: a global one, which says them itself. */
static void read_policy(struct junos *x, uint32_t chain, const struct outline_node *node, struct str from, struct str to)
{
	struct srx_policy p = { .x = x, .node = node, .match = junos_child(x, node, "match"), .from = from, .to = to };
	bool global = !from.n && !to.n;
	const struct outline_node *then = junos_child(x, node, "then");
	term_list terms = { 0 };
	arena_reset(x->scratch);
	if (node->inactive) {
		ruleset_idle(x->rules, node->at, node->line, "inactive");
		return;
	}
	bool permits = junos_child(x, then, "permit") != NULL;
	bool denies = junos_child(x, then, "deny") || junos_child(x, then, "reject");
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
	const struct outline_node *applications = junos_child(x, p.match, "application");
	for (size_t i = 0; applications && i < applications->children.n && !p.bad; i++)
		add_application(&p, applications->children.v[i]->word, &terms, 0);
	look_at_conditions(&p);
	if (p.bad)
		return;
	struct rule *rule = ruleset_rule(x->rules, chain, node->at);
	rule->match = (struct match){ .src = &src, .dst = &dst, .services = terms.v, .n_services = terms.n,
				      .in = global ? zone_names(x, junos_child(x, p.match, "from-zone")) : zone_name(x, from),
				      .out = global ? zone_names(x, junos_child(x, p.match, "to-zone")) : zone_name(x, to),
				      .never = !src.n || !dst.n || (applications && !terms.n) };
	rule->action = permits ? ACTION_PERMIT : ACTION_DENY;
	rule->perhaps = p.perhaps;
	rule->name = node->word;
	rule->comment = junos_value(x, node, "description");
	rule->text = !global ? str_printf(x->keep, "policy %.*s from %.*s to %.*s", STR_ARG(node->word), STR_ARG(from), STR_ARG(to)) :
				      str_printf(x->keep, "global policy %.*s", STR_ARG(node->word));
	ruleset_keep(x->rules, &rule->match);
}

static void read_pair(struct junos *x, uint32_t chain, struct str from, const struct outline_node *to)
{
	const struct outline_node *list = junos_child(x, to, "policy");
	if (str_is(from, "junos-host") || str_is(to->word, "junos-host"))
		return;	/* what the device itself says and hears */
	for (size_t i = 0; list && i < list->children.n; i++)
		read_policy(x, chain, list->children.v[i], from, to->word);
}

static void read_policies(struct junos *x, uint32_t chain, const struct outline_node *policies)
{
	const struct outline_node *from = junos_child(x, policies, "from-zone");
	for (size_t i = 0; from && i < from->children.n; i++) {
		const struct outline_node *to = junos_child(x, from->children.v[i], "to-zone");
		for (size_t k = 0; to && k < to->children.n && !from->children.v[i]->inactive; k++)
			if (!to->children.v[k]->inactive)
				read_pair(x, chain, from->children.v[i]->word, to->children.v[k]);
	}
	const struct outline_node *global = JUNOS(x, policies, "global", "policy");
	for (size_t i = 0; global && i < global->children.n; i++)
		read_policy(x, chain, global->children.v[i], NO_STR, NO_STR);
	x->rules->chains.v[chain].fallthrough = JUNOS(x, policies, "default-policy", "permit-all") ? ACTION_PERMIT : ACTION_DENY;
}

/* family inet6 mode drop: no IPv6 passes. */
static void drop_ipv6(struct junos *x, uint32_t chain)
{
	const struct outline_node *n = JUNOS(x, x->root, "security", "forwarding-options", "family", "inet6", "mode", "drop");
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
		const struct outline_node *n = JUNOS(x, x->root, "security", "forwarding-options", "family", families[i], "mode");
		if (n && junos_child(x, n, "packet-based"))
			ruleset_unknown(x->rules, n->at, n->line, "packets that pass one by one meet no policy");
	}
	for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
		const struct outline_node *list = junos_child(x, x->root, devices[i]);
		for (size_t k = 0; list && k < list->children.n; k++)
			if (JUNOS(x, list->children.v[k], "security", "policies") || junos_child(x, list->children.v[k], "firewall"))
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
	if (!junos_build(x) || !junos_inherit(x))
		return false;
	junos_forget_inactive(x);
	look_at_others(x);
	const struct outline_node *policies = JUNOS(x, x->root, "security", "policies");
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
