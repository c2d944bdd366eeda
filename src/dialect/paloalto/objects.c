/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, services and applications in PAN-OS configurations. */
#include "dialect/common/names.h"
#include "dialect/common/ranges.h"
#include "dialect/paloalto/paloalto.h"

struct str pan_value_of(struct pan *p, const struct config_node *n, const char *word)
{
	const struct config_node *c = config_child(&p->tree, n, word);
	if (c && c->children.n > 1)
		ruleset_unknown(p->rules, c->at, c->line, "\"%s\" has several different values", word);
	return c && c->children.n ? c->children.v[0]->word : NO_STR;
}

void pan_perhaps(struct pan_rule *r, const char *why)
{
	if (!r->perhaps)
		r->perhaps = why;
}

void pan_missing(struct pan_rule *r, struct str name, const char *what)
{
	ruleset_unknown(r->p->rules, r->node->at, r->node->line, "there is no %s \"%.*s\" in this file", what,
			STR_ARG(name));
	r->bad = true;
}

static const struct config_node *find(struct pan *p, const char *list, struct str name)
{
	for (size_t i = 0; i < p->n_scopes; i++) {
		const struct config_node *n = config_get(&p->tree, config_child(&p->tree, p->scopes[i], list), name);
		if (n && !n->inactive)
			return n;
	}
	return NULL;
}

static bool within_limits(struct pan_rule *r, size_t depth)
{
	if (++r->p->copied <= MOST_MEMBERS && depth <= MOST_GROUP_DEPTH)
		return true;
	if (!r->bad)
		diag_error(r->p->diag, r->node->at, "groups are nested too deep, or have too many members");
	r->bad = true;
	return false;
}

/* "US": names of regions, whose addresses only the firewall knows. */
static bool is_country(struct str name)
{
	return name.n == 2 && name.p[0] >= 'A' && name.p[0] <= 'Z' && name.p[1] >= 'A' && name.p[1] <= 'Z';
}

/* ip-wildcard 10.0.0.7/0.0.255.0: where the mask has ones, bits do not matter. */
static bool wildcard_of(struct pan *p, const struct config_node *n, struct addrset *ret)
{
	struct str s = pan_value_of(p, n, "ip-wildcard");
	size_t slash = str_find(s, '/');
	struct addr at, mask;
	return slash != SIZE_MAX && addr_parse(str_first(s, slash), &at) && addr_parse(str_skip(s, slash + 1), &mask) &&
	       masked_set(p->scratch, at, mask, true, ret);
}

/* Names that stand for addresses which the file does not have. */
static const char *unknown_address(struct pan *p, struct str name)
{
	if (find(p, "external-list", name) || str_starts(name, "panw-"))
		return "an external list";
	if (find(p, "region", name) || is_country(name))
		return "a geographic region";
	return not_in_this_file(p->keep, "address", name);
}

static void add_object(struct pan *p, const struct config_node *one, struct named_addresses *to)
{
	struct str mask = pan_value_of(p, one, "ip-netmask"), range = pan_value_of(p, one, "ip-range");
	struct addr_range a;
	struct addrset holes;
	if ((mask.n && addr_range_parse(mask, &a) <= RANGE_HOST_BITS) ||
	    (range.n && addr_range_parse(range, &a) <= RANGE_HOST_BITS))
		*VEC_ADD(p->scratch, &to->sure) = a;
	else if (wildcard_of(p, one, &holes))
		for (size_t i = 0; i < holes.n; i++)
			*VEC_ADD(p->scratch, &to->sure) = holes.v[i];
	else
		named_addresses_doubt(p->scratch, to,
				      config_child(&p->tree, one, "fqdn")
					      ? "a name that the firewall resolves"
					      : "an address object of a kind that is not modelled");
}

static void add_address(struct pan_rule *r, struct str name, struct named_addresses *to, size_t depth)
{
	struct pan *p = r->p;
	const struct config_node *one = find(p, "address", name), *group = one ? NULL : find(p, "address-group", name);
	struct addr_range a;
	if (!within_limits(r, depth))
		return;
	if (one) {
		add_object(p, one, to);
	} else if (group) {
		const struct config_node *members = config_child(&p->tree, group, "static");
		for (size_t i = 0; members && i < members->children.n && !r->bad; i++)
			add_address(r, members->children.v[i]->word, to, depth + 1);
		if (!members)
			named_addresses_doubt(p->scratch, to, "a group with members selected by tags");
	} else if (str_is(name, "any")) {
		range_add_all(p->scratch, &to->sure);
	} else if (addr_range_parse(name, &a) <= RANGE_HOST_BITS) {
		*VEC_ADD(p->scratch, &to->sure) = a;
	} else {
		named_addresses_doubt(p->scratch, to, unknown_address(p, name));
	}
}

struct interface_names pan_zones(struct pan *p, const struct config_node *n)
{
	VEC(struct str) names = { 0 };
	for (size_t i = 0; n && i < n->children.n; i++) {
		if (str_is(n->children.v[i]->word, "any"))
			return (struct interface_names){ 0 };
		*VEC_ADD(p->keep, &names) = n->children.v[i]->word;
	}
	return (struct interface_names){ .v = names.v, .n = names.n };
}

struct partial_set pan_side(struct pan_rule *r, const char *key, const char *negate)
{
	const struct config_node *n = config_child(&r->p->tree, r->node, key);
	struct named_addresses names = { 0 };
	for (size_t i = 0; n && i < n->children.n && !r->bad; i++)
		add_address(r, n->children.v[i]->word, &names, 0);
	if (!n)
		range_add_all(r->p->scratch, &names.sure);
	else if (!n->children.n)
		pan_missing(r, str_of(key), "value of");
	if (!r->vague)
		r->vague = names.vague;
	return named_addresses_set(r->p->scratch, &names, everywhere_set(),
				   str_is(pan_value_of(r->p, r->node, negate), "yes"));
}

static bool port_list(struct pan_rule *r, struct str list, struct portset *ret)
{
	VEC(struct port_range) ranges = { 0 };
	struct str one;
	*ret = all_port_set();
	if (!list.n)
		return true;
	while (str_cut(&list, ',', &one))
		if (!port_name_range(str_trim(one), '-', NULL, VEC_ADD(r->p->scratch, &ranges)))
			return false;
	*ret = portset_of(r->p->scratch, ranges.v, ranges.n);
	return true;
}

static void add_service(struct pan_rule *r, struct str name, struct named_services *to, size_t depth)
{
	struct pan *p = r->p;
	const struct config_node *one = find(p, "service", name), *group = one ? NULL : find(p, "service-group", name);
	static const char *const names[] = { "tcp", "udp", "sctp" };
	static const uint8_t numbers[] = { PROTO_TCP, PROTO_UDP, PROTO_SCTP };
	if (!within_limits(r, depth))
		return;
	for (size_t j = 0; one && j < ARRAY_LEN(names); j++) {
		const struct config_node *n = CONFIG(&p->tree, one, "protocol", names[j]);
		struct portset ports, sports;
		if (!n)
			continue;
		if (!port_list(r, pan_value_of(p, n, "port"), &ports) ||
		    !port_list(r, pan_value_of(p, n, "source-port"), &sports)) {
			pan_missing(r, name, "meaning of service");
			return;
		}
		for (size_t i = 0; i < ports.n; i++)
			for (size_t m = 0; m < sports.n; m++)
				*VEC_ADD(p->scratch, &to->sure) =
					(struct service_term){ numbers[j], numbers[j], sports.v[m], ports.v[i] };
	}
	if (one)
		return;
	const struct config_node *members = group ? config_child(&p->tree, group, "members") : NULL;
	for (size_t i = 0; members && i < members->children.n && !r->bad; i++)
		add_service(r, members->children.v[i]->word, to, depth + 1);
	if (group)
		return;
	if (str_is(name, "any")) {
		*VEC_ADD(p->scratch, &to->sure) = ANY_SERVICE;
	} else if (str_is(name, "service-http") || str_is(name, "service-https")) {
		static const char *const web[] = { "http", "http-alt", "https" };
		for (size_t i = str_is(name, "service-http") ? 0 : 2; i < (str_is(name, "service-http") ? 2u : 3u);
		     i++) {
			uint16_t port = 0;
			port_name_parse(str_of(web[i]), NULL, &port);
			*VEC_ADD(p->scratch, &to->sure) = service_of(PROTO_TCP, (struct port_range){ port, port });
		}
	} else {
		named_services_doubt(p->scratch, to, not_in_this_file(p->keep, "service", name));
	}
}

/* Applications */

const struct pan_protocol pan_protocols[] = {
	{ "gre", PROTO_GRE },
	{ "ipsec-esp", PROTO_ESP },
	{ "ipsec-ah", PROTO_AH },
	{ NULL, 0 },
};

static struct service_term icmp_term(bool v6, struct port_range types, struct port_range codes)
{
	uint8_t protocol = v6 ? PROTO_ICMP6 : PROTO_ICMP;
	return (struct service_term){ protocol, protocol, codes, types };
}

/* A number of at most 255 below a node; all of them when missing. */
static bool byte_of(struct pan *p, const struct config_node *n, const char *word, struct port_range *ret)
{
	struct str s = config_value(&p->tree, n, word);
	uint32_t number;
	*ret = (struct port_range){ 0, 255 };
	if (!s.n)
		return true;
	if (!str_to_u32(s, 255, &number))
		return false;
	*ret = (struct port_range){ (uint16_t)number, (uint16_t)number };
	return true;
}

/* An application that the file defines; exact when it is identified by an ICMP type or a protocol number alone. */
static bool own_application(struct pan *p, const struct config_node *app, term_vec *to)
{
	static const char *const kinds[] = { "ident-by-icmp-type", "ident-by-icmp6-type" };
	const struct config_node *known_by = config_child(&p->tree, app, "default");
	struct str number = config_value(&p->tree, known_by, "ident-by-ip-protocol");
	struct port_range type, code;
	if (!known_by || known_by->children.n != 1 || config_child(&p->tree, app, "signature"))
		return false;
	if (number.n) {
		if (!byte_of(p, known_by, "ident-by-ip-protocol", &type))
			return false;
		*VEC_ADD(p->scratch, to) = service_of((uint8_t)type.lo, ALL_PORTS);
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct config_node *n = config_child(&p->tree, known_by, kinds[i]);
		if (!config_value(&p->tree, n, "type").n || !byte_of(p, n, "type", &type) ||
		    !byte_of(p, n, "code", &code))
			continue;
		*VEC_ADD(p->scratch, to) = icmp_term(i == 1, type, code);
		return true;
	}
	return false;
}

/* The services of an application that packet headers identify; false when the firewall must inspect content. */
static bool add_application(struct pan_rule *r, struct str name, struct named_services *to, size_t depth)
{
	struct pan *p = r->p;
	const struct config_node *own = find(p, "application", name),
				 *group = own ? NULL : find(p, "application-group", name);
	if (!within_limits(r, depth))
		return false;
	if (own)
		return own_application(p, own, &to->sure);
	if (group) {
		const struct config_node *members = config_child(&p->tree, group, "members");
		bool exact = members && members->children.n;
		for (size_t i = 0; exact && i < members->children.n; i++)
			exact = add_application(r, members->children.v[i]->word, to, depth + 1);
		return exact;
	}
	if (str_is(name, "ping") || str_is(name, "ping6")) {
		uint16_t echo = str_is(name, "ping6") ? 128 : 8;
		*VEC_ADD(p->scratch, &to->sure) =
			icmp_term(echo == 128, (struct port_range){ echo, echo }, (struct port_range){ 0, 255 });
		return true;
	}
	if (str_is(name, "icmp") || str_is(name, "ipv6-icmp")) {
		named_services_may_be(p->scratch, to,
				      service_of(str_is(name, "icmp") ? PROTO_ICMP : PROTO_ICMP6, ALL_PORTS),
				      "ICMP, except types that are applications of their own");
		return true;
	}
	for (size_t i = 0; pan_protocols[i].name; i++)
		if (str_is(name, pan_protocols[i].name)) {
			*VEC_ADD(p->scratch, &to->sure) = service_of(pan_protocols[i].number, ALL_PORTS);
			return true;
		}
	return false;
}

static bool only_headers(struct pan_rule *r, struct named_services *to)
{
	const struct config_node *n = config_child(&r->p->tree, r->node, "application");
	bool exact = n && n->children.n;
	for (size_t i = 0; exact && i < n->children.n; i++)
		exact = add_application(r, n->children.v[i]->word, to, 0);
	if (!exact)
		*to = (struct named_services){ 0 };
	return exact;
}

/* True when the services of a rule permit all ports, or the default ports of its applications. */
static bool leaves_ports(const struct config_node *list)
{
	bool any = !list || !list->children.n;
	for (size_t i = 0; list && i < list->children.n; i++)
		any |= str_is(list->children.v[i]->word, "any") ||
		       str_is(list->children.v[i]->word, "application-default");
	return any;
}

struct named_services pan_services(struct pan_rule *r)
{
	struct pan *p = r->p;
	const struct config_node *apps = config_child(&p->tree, r->node, "application"),
				 *list = config_child(&p->tree, r->node, "service");
	struct named_services terms = { 0 };
	if (only_headers(r, &terms)) {
		if (!leaves_ports(list))
			pan_perhaps(r, "an application, and services that exclude its ports");
		return terms;
	}
	for (size_t i = 0; apps && i < apps->children.n; i++)
		if (!str_is(apps->children.v[i]->word, "any"))
			pan_perhaps(r, "an application that the firewall identifies");
	for (size_t i = 0; list && i < list->children.n && !r->bad; i++)
		if (str_is(list->children.v[i]->word, "application-default"))
			named_services_doubt(p->scratch, &terms, "the default ports of applications");
		else
			add_service(r, list->children.v[i]->word, &terms, 0);
	if (!list)
		*VEC_ADD(p->scratch, &terms.sure) = ANY_SERVICE;
	return terms;
}
