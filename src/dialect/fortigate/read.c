/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading FortiGate configurations, as `show` and backups print them: the policies
 * in the order of the list.
 */
#include "dialect/common/ranges.h"
#include "dialect/common/reach.h"
#include "dialect/common/translations.h"
#include "dialect/fortigate/fortigate.h"

struct forti_policy {
	struct forti *f;
	const struct config_node *node;
	const char *perhaps;        /* a condition that is not modelled */
	const char *vague;          /* an address that is not known */
	VEC(uint32_t) translations; /* of the virtual IPs that it names */
};

/* A list of addresses of a policy, and whether it has one. */
struct forti_side {
	struct partial_set set;
	bool said;
};

static bool is_enabled(struct forti_policy *p, const char *name)
{
	return str_is(forti_value(p->f, p->node, name), "enable");
}

static struct forti_side side(struct forti_policy *p, const char *list, enum family family, const char *negation)
{
	struct forti *f = p->f;
	const struct config_node *n = forti_member(f, p->node, list);
	const struct addrset all = range_set(f->scratch, addr_range_all(family));
	struct named_addresses names = { 0 };
	for (size_t i = 0; n && i < n->values.n; i++) {
		const struct forti_object *o = forti_address(f, n->values.v[i], family);
		if (!o) {
			named_addresses_may_be(f->scratch, &names, all,
					       not_in_this_file(f->keep, "address", n->values.v[i]));
			continue;
		}
		for (size_t j = 0; j < o->translations.n; j++)
			*VEC_ADD(f->scratch, &p->translations) = o->translations.v[j];
		if (o->translations.n && (f->central || is_enabled(p, negation)))
			named_addresses_may_be(f->scratch, &names, all, "a virtual IP where none is expected");
		if (o->perhaps)
			named_addresses_may_be(f->scratch, &names, o->addresses, o->perhaps);
		for (size_t j = 0; j < o->sure_addresses.n; j++)
			*VEC_ADD(f->scratch, &names.sure) = o->sure_addresses.v[j];
	}
	if (!p->vague)
		p->vague = names.vague;
	return (struct forti_side){ named_addresses_set(f->scratch, &names, all, is_enabled(p, negation)),
				    n && n->values.n };
}

static struct interface_names interfaces(struct forti_policy *p, const char *list)
{
	const struct config_node *n = forti_member(p->f, p->node, list);
	for (size_t i = 0; n && i < n->values.n; i++)
		if (str_is(n->values.v[i], "any"))
			return (struct interface_names){ 0 };
	return n ? (struct interface_names){ .v = n->values.v, .n = n->values.n } : (struct interface_names){ 0 };
}

static bool is_whole(const struct service_term *t)
{
	return t->port.lo == 0 && t->sport.lo == 0 && t->port.hi >= 255 && t->sport.hi >= 255 &&
	       (!protocol_has_ports(t->protocol_lo) || (t->port.hi == 65535 && t->sport.hi == 65535));
}

/* The complement of the terms; where a term matches part of a protocol, the rest of it is uncertain. */
static void negate_services(struct forti_policy *p, struct named_services *services)
{
	struct arena *scratch = p->f->scratch;
	struct portset all = port_set(scratch, 0, 255);
	for (size_t i = 0; i < services->sure.n; i++) {
		const struct service_term *t = &services->sure.v[i];
		if (is_whole(t))
			all = portset_minus(scratch, all, port_set(scratch, t->protocol_lo, t->protocol_hi));
		else
			p->perhaps = "negated services";
	}
	struct named_services rest = { .vague = services->vague };
	for (size_t i = 0; i < all.n; i++)
		*VEC_ADD(scratch, rest.vague ? &rest.more : &rest.sure) =
			(struct service_term){ (uint8_t)all.v[i].lo, (uint8_t)all.v[i].hi, ALL_PORTS, ALL_PORTS };
	*services = rest;
}

static struct named_services services_of(struct forti_policy *p)
{
	struct forti *f = p->f;
	const struct config_node *n = forti_member(f, p->node, "service");
	struct named_services ret = { 0 };
	for (size_t i = 0; n && i < n->values.n; i++) {
		const struct forti_object *o = forti_service(f, n->values.v[i]);
		if (!o) {
			named_services_doubt(f->scratch, &ret, not_in_this_file(f->keep, "service", n->values.v[i]));
			continue;
		}
		for (size_t j = 0; o->perhaps && j < o->n_terms; j++)
			named_services_may_be(f->scratch, &ret, o->terms[j], o->perhaps);
		for (size_t j = 0; j < o->n_sure_terms; j++)
			*VEC_ADD(f->scratch, &ret.sure) = o->sure_terms[j];
	}
	if (is_enabled(p, "service-negate"))
		negate_services(p, &ret);
	return ret;
}

/* Attributes that restrict a policy to part of what its addresses and services match. */
static const struct {
	const char *name;
	bool switched; /* applies when it is "enable"; else when it is anything but "disable", "none" or 0 */
	const char *why;
} conditions[] = {
	{ "users", false, "a condition about users or devices" },
	{ "groups", false, "a condition about users or devices" },
	{ "fsso-groups", false, "a condition about users or devices" },
	{ "devices", false, "a condition about users or devices" },
	{ "identity-based", true, "a condition about users or devices" },
	{ "disclaimer", true, "a condition about users or devices" },
	{ "email-collect", true, "a condition about users or devices" },
	{ "radius-mac-auth-bypass", true, "a condition about users or devices" },
	{ "endpoint-check", true, "a condition about users or devices" },
	{ "endpoint-compliance", true, "a condition about users or devices" },
	{ "ztna-status", true, "a condition about users or devices" },
	{ "ztna-ems-tag", false, "a condition about users or devices" },
	{ "ztna-ems-tag-secondary", false, "a condition about users or devices" },
	{ "ztna-geo-tag", false, "a condition about users or devices" },
	{ "ztna-device-ownership", true, "a condition about users or devices" },
	{ "sgt-check", true, "a condition about users or devices" },
	{ "src-vendor-mac", false, "a condition about hardware addresses" },
	{ "internet-service", true, "a list of internet services, which is not in this file" },
	{ "internet-service-src", true, "a list of internet services, which is not in this file" },
	{ "internet-service6", true, "a list of internet services, which is not in this file" },
	{ "internet-service6-src", true, "a list of internet services, which is not in this file" },
	{ "network-service-dynamic", false, "a list of internet services, which is not in this file" },
	{ "network-service-src-dynamic", false, "a list of internet services, which is not in this file" },
	{ "reputation-minimum", false, "a condition about the reputation of an address" },
	{ "reputation-minimum6", false, "a condition about the reputation of an address" },
	{ "application", false, "an application that the firewall identifies" },
	{ "app-category", false, "an application that the firewall identifies" },
	{ "app-group", false, "an application that the firewall identifies" },
	{ "url-category", false, "an application that the firewall identifies" },
	{ "learning-mode", true, "a policy in learning mode" },
	{ "policy-expiry", true, "a policy that expires" },
	{ "tos-mask", false, "a condition on headers that is not modelled" },
	{ "tos-negate", true, "a condition on headers that is not modelled" },
	{ "vlan-filter", false, "a condition on headers that is not modelled" },
	{ "rtp-nat", true, "media streams that are not modelled" },
	{ "rtp-addr", false, "media streams that are not modelled" },
	{ "permit-any-host", true, "replies from any address" },
	{ "pcp-inbound", true, "port mappings that hosts request" },
	{ "pcp-outbound", true, "port mappings that hosts request" },
	{ "nat46", true, "a translation between IPv4 and IPv6" },
	{ "nat64", true, "a translation between IPv4 and IPv6" },
	{ "wccp", true, "the decision of a proxy" },
	{ "http-policy-redirect", true, "the decision of a proxy" },
	{ "ssh-policy-redirect", true, "the decision of a proxy" },
	{ "ztna-policy-redirect", true, "the decision of a proxy" },
	{ "webproxy-forward-server", false, "the decision of a proxy" },
	{ "match-vip-only", true, "a virtual IP, whose translation is not modelled" },
};

/*
 * Attributes that are read elsewhere in this file, belong to a condition, or do not
 * affect matching: names, logging, the handling of permitted packets.  Content
 * inspection does not drop packets that open connections.
 */
static const char known[] =
	"status name uuid uuid-idx srcintf dstintf action srcaddr dstaddr srcaddr6 dstaddr6 srcaddr-negate "
	"dstaddr-negate "
	"srcaddr6-negate dstaddr6-negate service service-negate schedule comments label global-label tags "
	"custom-log-fields "
	"ztna-tags-match-logic internet-service-name internet-service-id internet-service-group "
	"internet-service-custom "
	"internet-service-custom-group internet-service-negate internet-service-src-name internet-service-src-id "
	"internet-service-src-group internet-service-src-custom internet-service-src-custom-group "
	"internet-service-src-negate "
	"internet-service6-name internet-service6-group internet-service6-custom internet-service6-custom-group "
	"internet-service6-negate internet-service6-src-name internet-service6-src-group internet-service6-src-custom "
	"internet-service6-src-custom-group internet-service6-src-negate reputation-direction reputation-direction6 "
	"policy-expiry-date policy-expiry-date-utc tos sgt match-vip vpntunnel inbound outbound natinbound natoutbound "
	"natip "
	"send-deny-packet firewall-session-dirty schedule-timeout anti-replay tcp-session-without-syn geoip-anycast "
	"geoip-match "
	"dynamic-shaping passive-wan-health-measurement utm-status inspection-mode profile-type profile-group "
	"profile-protocol-options ssl-ssh-profile av-profile webfilter-profile dnsfilter-profile emailfilter-profile "
	"spamfilter-profile dlp-profile dlp-sensor file-filter-profile ips-sensor application-list voip-profile "
	"ips-voip-filter "
	"sctp-filter-profile diameter-filter-profile virtual-patch-profile icap-profile cifs-profile "
	"videofilter-profile "
	"waf-profile ssh-filter-profile casb-profile telemetry-profile mms-profile gtp-profile scan-botnet-connections "
	"logtraffic "
	"logtraffic-start logtraffic-app log-http-transaction capture-packet auto-asic-offload np-acceleration "
	"policy-offload "
	"webproxy-profile webcache webcache-https wanopt wanopt-detection wanopt-passive-opt wanopt-peer "
	"wanopt-profile "
	"traffic-shaper traffic-shaper-reverse per-ip-shaper nat permit-stun-host fixedport port-preserve port-random "
	"ippool "
	"poolname poolname6 central-nat pcp-poolname fec ntlm ntlm-guest ntlm-enabled-browsers fsso-agent-for-ntlm "
	"fsso rsso "
	"auth-path auth-cert auth-redirect-addr redirect-url radius-ip-auth-bypass captive-portal-exempt "
	"block-notification "
	"replacemsg-override-group replacemsg-group identity-based-route diffserv-copy diffserv-forward "
	"diffserv-reverse "
	"diffservcode-forward diffservcode-rev tcp-mss-sender tcp-mss-receiver session-ttl timeout-send-rst dsri "
	"ssl-mirror "
	"ssl-mirror-intf decrypted-traffic-mirror delay-tcp-npu-session vlan-cos-fwd vlan-cos-rev best-route "
	"client-reputation "
	"wsso device-detection-portal deep-inspection-options";

static void learn_attributes(struct forti *f)
{
	struct str rest = str_of(known), word;
	f->known = strmap_new(f->keep);
	while (str_word(&rest, &word))
		strmap_add(&f->known, word, f);
}

static void look_at_conditions(struct forti_policy *p)
{
	struct str schedule = forti_value(p->f, p->node, "schedule");
	if (schedule.n && !str_is(schedule, "always"))
		p->perhaps = "a schedule";
	for (size_t i = 0; i < p->node->children.n; i++) {
		const struct config_node *n = p->node->children.v[i];
		struct str value = n->values.n ? n->values.v[0] : NO_STR;
		size_t j = 0;
		if (!value.n || str_is(value, "disable") || strmap_get(&p->f->known, n->word))
			continue;
		while (j < ARRAY_LEN(conditions) && !str_is(n->word, conditions[j].name))
			j++;
		if (j == ARRAY_LEN(conditions))
			ruleset_unknown(p->f->rules, n->at, n->line, "the meaning of \"%.*s\" here is unknown",
					STR_ARG(n->word));
		else if (conditions[j].switched
				 ? str_is(value, "enable")
				 : !str_is(value, "none") && !str_is(value, "0") && !str_is(value, "0x00"))
			p->perhaps = conditions[j].why;
	}
}

static struct rule *add_rule(struct forti_policy *p, uint32_t chain, const struct reach *reach, const char *perhaps)
{
	struct forti *f = p->f;
	struct rule *rule = ruleset_rule(f->rules, chain, p->node->at);
	rule->match = reach_match(reach);
	rule->match.in = interfaces(p, "srcintf");
	rule->match.out = interfaces(p, "dstintf");
	struct str action = forti_value(f, p->node, "action");
	rule->action = str_is(action, "accept") || str_is(action, "ipsec") ? ACTION_PERMIT : ACTION_DENY;
	rule->perhaps = perhaps;
	rule->name = forti_value(f, p->node, "name");
	rule->comment = forti_value(f, p->node, "comments");
	rule->text = str_printf(f->keep, "policy %.*s%s%.*s", STR_ARG(p->node->word), rule->name.n ? " " : "",
				STR_ARG(rule->name));
	ruleset_keep(f->rules, &rule->match);
	return rule;
}

/* Only packets that a virtual IP translates; by: one, as a rule's target has it, or 0 for any. */
static void only_translated(struct rule *rule, uint32_t by)
{
	rule->match.translated = !rule->match.never;
	rule->match.never = true;
	rule->match.by = by;
}

/*
 * Whether a policy matches translated packets to addresses that it names depends on match-vip, and where that is not
 * said, on the release; those that permit take no match-vip since 6.4.3 (its release notes).  For certain, one that denies
 * all does with it, and none does where it is off.
 */
static void add_unnamed(struct forti_policy *p, uint32_t chain, const struct reach *reach, const char *perhaps)
{
	const enum family family = reach->dst.v[0].family;
	const struct addrset all = range_set(p->f->scratch, addr_range_all(family));
	struct str match = forti_value(p->f, p->node, "match-vip");
	bool permits = str_is(forti_value(p->f, p->node, "action"), "accept");
	struct reach behind = *reach;
	if (str_is(match, "disable"))
		return;
	if (!perhaps && (permits || !str_is(match, "enable") || !addrset_equal(reach->dst, all)))
		perhaps = "whether it matches packets to a virtual IP that it does not name";
	if (addrset_overlaps(reach->dst, p->f->translated))
		behind.dst = all; /* by their address as sent */
	only_translated(add_rule(p, chain, &behind, perhaps), 0);
}

/* Packets to a virtual IP match the policies that name it, and no others by their address. */
static void add_reach(struct forti_policy *p, uint32_t chain, const struct reach *reach, const char *perhaps)
{
	bool apart = p->f->translated.n && !p->f->central;
	struct reach any = *reach;
	if (reach->dst.n || !p->translations.n)
		add_rule(p, chain, reach, perhaps)->match.as_sent = apart;
	if (apart && reach->dst.n)
		add_unnamed(p, chain, reach, perhaps);
	any.dst = everywhere_set();
	for (size_t i = 0; apart && i < p->translations.n; i++)
		only_translated(add_rule(p, chain, &any, perhaps), p->translations.v[i]);
}

/* The two sides of one family. */
static void add_sides(struct forti_policy *p, uint32_t chain, struct partial_set src, struct partial_set dst,
		      const struct named_services *services)
{
	struct partial_reach reach = partial_reach(p->f->scratch, src, dst, services, p->vague);
	bool split =
		reach_is_split(&reach) || (reach.vague && p->translations.n && reach.sure.src.n && reach.sure.terms.n);
	if (!p->perhaps && split)
		add_reach(p, chain, &reach.sure, NULL);
	add_reach(p, chain, &reach.most, p->perhaps ? p->perhaps : reach.vague);
}

static bool has_known_action(struct forti_policy *p)
{
	const struct config_node *n = forti_member(p->f, p->node, "action");
	struct str action = forti_value(p->f, p->node, "action");
	if (str_is(action, "ipsec"))
		p->perhaps = "a policy-based tunnel";
	if (!action.n || str_is(action, "accept") || str_is(action, "deny") || str_is(action, "ipsec"))
		return true;
	ruleset_unknown(p->f->rules, n->at, n->line, "\"%.*s\" is not an action that is modelled", STR_ARG(action));
	return false;
}

/* What a policy names, by family; IPv6 has its own lists. */
struct forti_sides {
	enum family family;
	struct forti_side src, dst;
};

static struct forti_side everything(struct forti_policy *p, enum family family)
{
	const struct addrset all = range_set(p->f->scratch, addr_range_all(family));
	return (struct forti_side){ { all, all }, true };
}

static bool names_list(struct forti_policy *p, const char *name, const char *dynamic)
{
	return is_enabled(p, name) || forti_value(p->f, p->node, dynamic).n;
}

/*
 * Lists of services replace the addresses of their side, possibly by everything, and those of the other one may then be
 * missing.  False: there are none.
 */
static bool stand_for_lists(struct forti_policy *p, struct forti_sides *s, bool of_src, bool of_dst)
{
	if (of_src || (of_dst && !s->src.said))
		s->src = everything(p, s->family);
	if (of_dst || (of_src && !s->dst.said))
		s->dst = everything(p, s->family);
	return of_src || of_dst;
}

static void read_policy(struct forti *f, uint32_t chain, const struct config_node *node, bool v6_list)
{
	struct forti_policy p = { .f = f, .node = node };
	enum family family = v6_list ? IPV6 : IPV4;
	arena_reset(f->scratch);
	if (node->inactive)
		return;
	if (str_is(forti_value(f, node, "status"), "disable")) {
		ruleset_idle(f->rules, node->at, node->line, "disabled");
		return;
	}
	struct forti_sides some[] = {
		{ family, side(&p, "srcaddr", family, "srcaddr-negate"),
		  side(&p, "dstaddr", family, "dstaddr-negate") },
		{ IPV6, side(&p, "srcaddr6", IPV6, "srcaddr6-negate"), side(&p, "dstaddr6", IPV6, "dstaddr6-negate") },
	};
	look_at_conditions(&p);
	struct named_services services = services_of(&p);
	bool lists =
		stand_for_lists(&p, &some[0], names_list(&p, "internet-service-src", "network-service-src-dynamic"),
				names_list(&p, "internet-service", "network-service-dynamic"));
	bool lists6 = stand_for_lists(&p, &some[1], names_list(&p, "internet-service6-src", ""),
				      names_list(&p, "internet-service6", ""));
	if (lists || lists6)
		*VEC_ADD(f->scratch, &services.sure) = ANY_SERVICE;
	if (!has_known_action(&p))
		return;
	bool any = false;
	for (size_t i = 0; i < ARRAY_LEN(some); i++) {
		if (!some[i].src.said || !some[i].dst.said)
			continue;
		any = true;
		add_sides(&p, chain, some[i].src.set, some[i].dst.set, &services);
	}
	if (!any)
		ruleset_unknown(f->rules, node->at, node->line, "a policy without addresses");
}

static void read_policies(struct forti *f, uint32_t chain, const char *list, bool v6_list)
{
	const struct config_node *n = config_get(&f->tree, f->device, str_of(list));
	for (size_t i = 0; n && i < n->children.n; i++)
		read_policy(f, chain, n->children.v[i], v6_list);
}

static bool counts(const struct forti *f, const struct config_node *n)
{
	return !n->inactive && !str_is(forti_value(f, n, "status"), "disable");
}

/* What decides apart from the policies. */
static void read_others(struct forti *f)
{
	static const struct {
		const char *list, *why;
	} lists[] = {
		{ "firewall acl", "what is dropped before the policies is not modelled" },
		{ "firewall acl6", "what is dropped before the policies is not modelled" },
		{ "firewall ttl-policy", "what is dropped before the policies is not modelled" },
		{ "firewall security-policy", "policies of the policy-based mode are not modelled" },
		{ "firewall consolidated policy", "consolidated policies are not modelled" },
		{ "firewall policy46", "a translation between IPv4 and IPv6" },
		{ "firewall policy64", "a translation between IPv4 and IPv6" },
		{ "firewall hyperscale-policy", "hyperscale policies are not modelled" },
		{ "firewall hyperscale-policy46", "hyperscale policies are not modelled" },
		{ "firewall hyperscale-policy6", "hyperscale policies are not modelled" },
		{ "firewall hyperscale-policy64", "hyperscale policies are not modelled" },
	};
	static const char *const switches[] = { "asymroute", "asymroute-icmp", "asymroute6", "asymroute6-icmp" };
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct config_node *list = forti_member(f, f->device, lists[i].list);
		for (size_t j = 0; list && j < list->children.n; j++)
			if (counts(f, list->children.v[j]))
				ruleset_unknown(f->rules, list->children.v[j]->at, list->children.v[j]->line, "%s",
						lists[i].why);
	}
	const struct config_node *settings = forti_member(f, f->device, "system settings"), *n;
	for (size_t i = 0; i < ARRAY_LEN(switches); i++) {
		n = forti_member(f, settings, switches[i]);
		if (str_is(forti_value(f, settings, switches[i]), "enable"))
			ruleset_unknown(f->rules, n->at, n->line,
					"packets that belong to no session pass without a policy");
	}
	n = forti_member(f, settings, "ngfw-mode");
	if (str_is(forti_value(f, settings, "ngfw-mode"), "policy-based"))
		ruleset_unknown(f->rules, n->at, n->line, "policies of the policy-based mode are not modelled");
}

/* Multicast has policies of its own, and matches none of the others. */
static void read_multicast(struct forti *f, uint32_t chain)
{
	static const char *const names[] = { "firewall multicast-policy", "firewall multicast-policy6" };
	static const char *const ranges[] = { "224.0.0.0/4", "ff00::/8" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct config_node *list = forti_member(f, f->device, names[i]);
		for (size_t j = 0; list && j < list->children.n; j++) {
			const struct config_node *node = list->children.v[j];
			struct addr_range r;
			if (!counts(f, node) || addr_range_parse(str_of(ranges[i]), &r) != RANGE_OK)
				continue;
			arena_reset(f->scratch);
			struct forti_policy p = { .f = f, .node = node };
			struct reach reach = { .src = range_set(f->scratch, addr_range_all(r.family)),
					       .dst = range_set(f->scratch, r) };
			*VEC_ADD(f->scratch, &reach.terms) = ANY_SERVICE;
			add_rule(&p, chain, &reach, "a multicast policy");
			struct rule *rule = &f->rules->chains.v[chain].rules.v[f->rules->chains.v[chain].rules.n - 1];
			rule->action = str_is(forti_value(f, node, "action"), "deny") ? ACTION_DENY : ACTION_PERMIT;
			rule->text = str_printf(f->keep, "multicast policy %.*s", STR_ARG(node->word));
		}
	}
}

/* The requested virtual domain, or the only one that has policies. */
static bool choose_device(struct forti *f)
{
	const struct config_node *all = config_get(&f->tree, f->tree.root, STR("vdom"));
	size_t n = 0;
	f->device = f->tree.root;
	for (size_t i = 0; all && i < all->children.n; i++) {
		const struct config_node *one = all->children.v[i];
		bool has = forti_member(f, one, "firewall policy") || forti_member(f, one, "firewall policy6");
		if (f->options->part.n ? str_eq(one->word, f->options->part) : has) {
			f->device = one;
			n++;
		}
	}
	if (n > 1)
		ruleset_unknown(f->rules, f->device->at, f->device->line,
				"several virtual domains have policies; select one: --part NAME");
	if (f->options->part.n && !n)
		ruleset_unknown(f->rules, (struct loc){ f->source, 0, 0, 0 }, NO_STR,
				"there is no virtual domain \"%.*s\"", STR_ARG(f->options->part));
	return n <= 1;
}

/* Between the interfaces of a zone with intrazone allow, no policy is evaluated. */
static void read_zones(struct forti *f, uint32_t chain)
{
	for (size_t i = 0; i < f->options->n_shared; i++) {
		const struct config_node *zone = forti_find(f, "system zone", f->options->shared[i]);
		if (!str_is(forti_value(f, zone, "intrazone"), "allow"))
			continue;
		struct rule *rule = ruleset_rule(f->rules, chain, zone->at);
		rule->match.in = rule->match.out = (struct interface_names){ .v = &f->options->shared[i], .n = 1 };
		rule->action = ACTION_PERMIT;
		rule->text = str_printf(f->keep, "zone %.*s permits intrazone traffic", STR_ARG(zone->word));
	}
}

/* What a policy calls by the name of a zone are the zone's interfaces. */
static void read_members(struct forti *f)
{
	const struct config_node *zones = config_child(&f->tree, f->device, "system zone");
	for (size_t i = 0; zones && i < zones->children.n; i++) {
		const struct config_node *list = config_child(&f->tree, zones->children.v[i], "interface");
		for (size_t j = 0; list && j < list->values.n; j++)
			ruleset_member(f->rules, zones->children.v[i]->word, list->values.v[j]);
	}
}

static void read_helpers(struct forti *f)
{
	const struct config_node *n = CONFIG(&f->tree, f->tree.root, "system session-helper");
	if (!n)
		n = CONFIG(&f->tree, f->tree.root, "global", "system session-helper");
	for (size_t i = 0; n && i < n->children.n; i++) {
		struct str name = forti_value(f, n->children.v[i], "name");
		f->rules->helps_tftp |= str_is(name, "tftp");
		f->rules->helps_rpc |= str_is(name, "dcerpc");
	}
}

bool fortigate_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		     struct diag *d)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	size_t errors = diag_errors(d);
	struct forti *f = ARENA_NEW(a, struct forti);
	*f = (struct forti){ .keep = a,
			     .scratch = scratch,
			     .source = s,
			     .options = o,
			     .diag = d,
			     .rules = ruleset_new(a, s, "fortigate"),
			     .tree = config_tree_new(a),
			     .objects = strmap_new(a),
			     .selections = strmap_new(a) };
	f->rules->replies = REPLIES_FREE;
	*ret = f->rules;
	if (str_find(str_first(s->text, 1 << 16), 0) != SIZE_MAX)
		return diag_error(d, (struct loc){ s, 1, 1, 0 }, "this is not text");
	if (!forti_build(f) || !config_is_whole(&f->tree, s, d))
		return false;
	choose_device(f);
	read_helpers(f);
	const struct config_node *list = config_get(&f->tree, f->device, STR("firewall policy"));
	uint32_t chain = ruleset_chain(f->rules, STR("policy"), list ? list->at : (struct loc){ s, 0, 0, 0 });
	f->rules->chains.v[chain].fallthrough = ACTION_DENY;
	*VEC_ADD(a, &f->rules->bases) = chain;
	struct translator to = forti_read_vips(f);
	learn_attributes(f);
	read_others(f);
	read_multicast(f, chain);
	read_zones(f, chain);
	read_members(f);
	read_policies(f, chain, "firewall policy", false);
	read_policies(f, chain, "firewall policy6", true);
	if (!list && !f->rules->unknown.n)
		ruleset_unknown(f->rules, (struct loc){ s, 0, 0, 0 }, NO_STR, "there is no firewall policy here");
	translator_end(&to, &chain, 1);
	return diag_errors(d) == errors;
}
