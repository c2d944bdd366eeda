/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, services and their groups in FortiGate configurations. */
#include "dialect/common/ranges.h"
#include "dialect/fortigate/fortigate.h"

struct forti_object *forti_object_of(struct forti *f, char kind, struct str name)
{
	struct str key = str_printf(f->scratch, "%c %.*s", kind, STR_ARG(name));
	struct forti_object *o = strmap_get(&f->objects, key);
	if (!o) {
		o = ARENA_NEW(f->keep, struct forti_object);
		strmap_add(&f->objects, str_dup(f->keep, key), o);
	}
	return o;
}

const struct config_node *forti_find(const struct forti *f, const char *list, struct str name)
{
	const struct config_node *n = config_get(&f->tree, config_get(&f->tree, f->device, str_of(list)), name);
	return n && !n->inactive ? n : NULL;
}

static bool two_values(const struct config_node *n, struct addr *first, struct addr *second)
{
	return n && n->values.n > 1 && addr_parse(n->values.v[0], first) && addr_parse(n->values.v[1], second);
}

static void read_address(struct forti *f, struct forti_object *o, enum family family)
{
	struct str type = forti_value(f, o->node, "type"), text;
	struct addr first, second;
	struct addr_range r = addr_range_all(family);
	bool ok = true;
	if (str_is(type, "iprange")) {
		ok = addr_parse(forti_value(f, o->node, "start-ip"), &first) &&
		     addr_parse(forti_value(f, o->node, "end-ip"), &second) && first.family == second.family &&
		     first.n <= second.n;
		if (ok)
			r = (struct addr_range){ first.family, first.n, second.n };
	} else if (family == IPV6) {
		text = forti_value(f, o->node, "ip6");
		ok = (!type.n || str_is(type, "ipprefix")) &&
		     (!text.n || addr_range_parse(text, &r) <= RANGE_HOST_BITS);
	} else if (!type.n || str_is(type, "ipmask") || str_is(type, "subnet") || str_is(type, "interface-subnet")) {
		const struct config_node *n = forti_member(f, o->node, "subnet");
		text = forti_value(f, o->node, "subnet");
		if (n && n->values.n == 1) {
			ok = addr_range_parse(text, &r) <= RANGE_HOST_BITS;
		} else if (n && n->values.n) {
			struct addrset s;
			ok = two_values(n, &first, &second) && masked_set(f->keep, first, second, false, &s);
			if (ok) {
				o->addresses = s;
				return;
			}
		}
	} else if (str_is(type, "wildcard")) {
		struct addrset s;
		if (two_values(forti_member(f, o->node, "wildcard"), &first, &second) &&
		    masked_set(f->keep, first, second, false, &s)) {
			o->addresses = s;
			return;
		}
		ok = false;
	} else {
		ok = false;
	}
	if (!ok) {
		o->perhaps = str_is(type, "fqdn") ? "a name that the firewall resolves"
						  : "an address object of a kind that is not modelled";
		r = addr_range_all(family);
	}
	o->addresses = range_set(f->keep, r);
}

static struct forti_object *resolve_address(struct forti *f, struct str name, enum family family, unsigned depth);

/* Nested groups may double their content at every level. */
static bool within_limits(struct forti *f, const struct config_node *at, size_t more)
{
	f->copied += more;
	if (f->copied <= MOST_MEMBERS)
		return true;
	if (f->copied - more <= MOST_MEMBERS)
		diag_error(f->diag, at ? at->at : NOWHERE, "groups have too many members");
	return false;
}

static void read_group(struct forti *f, struct forti_object *o, enum family family, unsigned depth)
{
	const struct config_node *in = forti_member(f, o->node, "member"),
				 *out = forti_member(f, o->node, "exclude-member");
	range_vec ranges = { 0 }, sure = { 0 };
	struct addrset less = NO_ADDRS, perhaps_less = NO_ADDRS;
	bool lacks = false;
	for (size_t i = 0; in && i < in->values.n; i++) {
		const struct forti_object *m = resolve_address(f, in->values.v[i], family, depth + 1);
		if (!m || m->perhaps)
			o->perhaps = m ? m->perhaps : "a group with a member that is not in this file";
		bool fits = m && within_limits(f, o->node, m->addresses.n);
		lacks |= !m;
		for (size_t j = 0; fits && j < m->addresses.n; j++)
			*VEC_ADD(f->keep, &ranges) = m->addresses.v[j];
		for (size_t j = 0; fits && j < m->sure_addresses.n; j++)
			*VEC_ADD(f->keep, &sure) = m->sure_addresses.v[j];
	}
	for (size_t i = 0; out && i < out->values.n && str_is(forti_value(f, o->node, "exclude"), "enable"); i++) {
		const struct forti_object *m = resolve_address(f, out->values.v[i], family, depth + 1);
		if (!m || m->perhaps)
			o->perhaps = m ? m->perhaps : "a group with a member that is not in this file";
		/* an uncertain exclusion may leave the address in */
		if (m && !m->perhaps)
			less = addrset_union(f->keep, less, m->addresses);
		perhaps_less = m ? addrset_union(f->keep, perhaps_less, m->addresses)
				 : range_set(f->keep, addr_range_all(family));
	}
	if (lacks)
		*VEC_ADD(f->keep, &ranges) = addr_range_all(family);
	o->addresses = addrset_minus(f->keep, range_vec_set(f->keep, &ranges), less);
	o->sure_addresses = addrset_minus(f->keep, range_vec_set(f->keep, &sure), perhaps_less);
}

/* A group of virtual IPs has no groups in it. */
static void read_vip_group(struct forti *f, struct forti_object *o, const struct config_node *group, enum family family)
{
	const struct config_node *in = forti_member(f, group, "member");
	for (size_t i = 0; in && i < in->values.n; i++) {
		const struct forti_object *m = forti_object_of(f, family == IPV6 ? '6' : '4', in->values.v[i]);
		if (!within_limits(f, group, m->translations.n))
			return;
		for (size_t j = 0; j < m->translations.n; j++)
			*VEC_ADD(f->keep, &o->translations) = m->translations.v[j];
		if (m->state == RESOLVED ||
		    forti_find(f, family == IPV6 ? "firewall vip6" : "firewall vip", in->values.v[i]))
			continue;
		o->perhaps = "a group with a member that is not in this file";
		o->addresses = range_set(f->keep, addr_range_all(family));
	}
}

/* NULL: there is no such object. */
static struct forti_object *resolve_address(struct forti *f, struct str name, enum family family, unsigned depth)
{
	struct forti_object *o = forti_object_of(f, family == IPV6 ? '6' : '4', name);
	bool v6 = family == IPV6;
	if (o->state == RESOLVED)
		return o;
	if (o->state == RESOLVING || depth > MOST_GROUP_DEPTH) {
		diag_error(f->diag, o->node ? o->node->at : NOWHERE,
			   "group \"%.*s\" contains itself, or is nested too deep", STR_ARG(name));
		return NULL;
	}
	const struct config_node *single = forti_find(f, v6 ? "firewall address6" : "firewall address", name);
	const struct config_node *group = forti_find(f, v6 ? "firewall addrgrp6" : "firewall addrgrp", name);
	o->node = single ? single : group;
	if (!o->node && str_is(name, "all")) {
		o->addresses = range_set(f->keep, addr_range_all(family));
	} else if (!o->node && str_is(name, "none")) {
		o->addresses = NO_ADDRS;
	} else if (!o->node && forti_find(f, v6 ? "firewall vip6" : "firewall vip", name)) {
		o->addresses = NO_ADDRS; /* one that is not in force: forti_read_vips() knows the others */
	} else if (!o->node && forti_find(f, v6 ? "firewall vipgrp6" : "firewall vipgrp", name)) {
		read_vip_group(f, o, forti_find(f, v6 ? "firewall vipgrp6" : "firewall vipgrp", name), family);
	} else if (!o->node) {
		return NULL;
	} else {
		o->state = RESOLVING;
		if (single)
			read_address(f, o, family);
		else
			read_group(f, o, family, depth);
	}
	if (!o->perhaps)
		o->sure_addresses = o->addresses;
	o->state = RESOLVED;
	return o;
}

static bool read_ports(struct forti *f, struct forti_object *o, const char *list, uint8_t protocol, term_vec *terms)
{
	const struct config_node *n = forti_member(f, o->node, list);
	for (size_t i = 0; n && i < n->values.n; i++) {
		struct str s = n->values.v[i];
		struct service_term t;
		if (!forti_port_term(s, protocol, &t)) {
			ruleset_unknown(f->rules, n->at, n->line, "\"%.*s\" is not a range of ports", STR_ARG(s));
			return false;
		}
		*VEC_ADD(f->keep, terms) = t;
	}
	return true;
}

static void read_icmp(struct forti *f, struct forti_object *o, uint8_t protocol, term_vec *terms)
{
	struct service_term t = { protocol, protocol, ALL_PORTS, ALL_PORTS };
	uint32_t n;
	if (str_to_u32(forti_value(f, o->node, "icmptype"), 255, &n))
		t.port = (struct port_range){ (uint16_t)n, (uint16_t)n };
	if (str_to_u32(forti_value(f, o->node, "icmpcode"), 255, &n))
		t.sport = (struct port_range){ (uint16_t)n, (uint16_t)n };
	*VEC_ADD(f->keep, terms) = t;
}

static bool says(struct forti *f, const struct config_node *n, const char *name)
{
	struct str s = forti_value(f, n, name);
	return s.n && !str_is(s, "disable");
}

static void read_service(struct forti *f, struct forti_object *o, term_vec *terms)
{
	struct str protocol = forti_value(f, o->node, "protocol");
	uint32_t n = 0;
	if (str_is(protocol, "ICMP") || str_is(protocol, "ICMP6")) {
		read_icmp(f, o, str_is(protocol, "ICMP") ? PROTO_ICMP : PROTO_ICMP6, terms);
	} else if (str_is(protocol, "IP")) {
		str_to_u32(forti_value(f, o->node, "protocol-number"), 255, &n);
		*VEC_ADD(f->keep, terms) = n ? service_of((uint8_t)n, ALL_PORTS) : ANY_SERVICE;
	} else if (!protocol.n || str_starts(protocol, "TCP/UDP")) {
		if (!read_ports(f, o, "tcp-portrange", PROTO_TCP, terms) ||
		    !read_ports(f, o, "udp-portrange", PROTO_UDP, terms) ||
		    !read_ports(f, o, "udplite-portrange", PROTO_UDPLITE, terms) ||
		    !read_ports(f, o, "sctp-portrange", PROTO_SCTP, terms))
			o->perhaps = "a service that is not understood";
	} else {
		o->perhaps = "a service of a kind that is not modelled";
		*VEC_ADD(f->keep, terms) = ANY_SERVICE;
	}
	if (forti_value(f, o->node, "fqdn").n ||
	    (forti_value(f, o->node, "iprange").n && !str_is(forti_value(f, o->node, "iprange"), "0.0.0.0")))
		o->perhaps = "a service with its own addresses";
	if (says(f, o->node, "app-service-type") || says(f, o->node, "application") || says(f, o->node, "app-category"))
		o->perhaps = "an application that the firewall identifies";
}

static struct forti_object *resolve_service(struct forti *f, struct str name, unsigned depth)
{
	static const struct {
		const char *name;
		struct service_term term;
	} built_in[] = { { "ALL", ANY_SERVICE_INIT },
			 { "ANY", ANY_SERVICE_INIT },
			 { "ALL_TCP", { PROTO_TCP, PROTO_TCP, { 0, 65535 }, { 1, 65535 } } },
			 { "ALL_UDP", { PROTO_UDP, PROTO_UDP, { 0, 65535 }, { 1, 65535 } } },
			 { "ALL_ICMP", { PROTO_ICMP, PROTO_ICMP, { 0, 65535 }, { 0, 65535 } } },
			 { "ALL_ICMP6", { PROTO_ICMP6, PROTO_ICMP6, { 0, 65535 }, { 0, 65535 } } } };
	struct forti_object *o = forti_object_of(f, 's', name);
	term_vec terms = { 0 }, sure = { 0 };
	if (o->state == RESOLVED)
		return o;
	if (o->state == RESOLVING || depth > MOST_GROUP_DEPTH) {
		diag_error(f->diag, o->node ? o->node->at : NOWHERE,
			   "group \"%.*s\" contains itself, or is nested too deep", STR_ARG(name));
		return NULL;
	}
	const struct config_node *single = forti_find(f, "firewall service custom", name);
	const struct config_node *group = forti_find(f, "firewall service group", name);
	o->node = single ? single : group;
	o->state = RESOLVING;
	if (single)
		read_service(f, o, &terms);
	const struct config_node *in = group && !single ? forti_member(f, group, "member") : NULL;
	for (size_t i = 0; in && i < in->values.n; i++) {
		const struct forti_object *m = resolve_service(f, in->values.v[i], depth + 1);
		if (!m || m->perhaps)
			o->perhaps = m ? m->perhaps : "a group with a member that is not in this file";
		if (!m)
			*VEC_ADD(f->keep, &terms) = ANY_SERVICE;
		bool fits = m && within_limits(f, o->node, m->n_terms);
		for (size_t j = 0; fits && j < m->n_terms; j++)
			*VEC_ADD(f->keep, &terms) = m->terms[j];
		for (size_t j = 0; fits && j < m->n_sure_terms; j++)
			*VEC_ADD(f->keep, &sure) = m->sure_terms[j];
	}
	for (size_t i = 0; !o->node && i < ARRAY_LEN(built_in); i++)
		if (str_is(name, built_in[i].name))
			*VEC_ADD(f->keep, &terms) = built_in[i].term;
	if (!o->node && !terms.n && !forti_member(f, f->device, "firewall service custom"))
		forti_predefined(f, name, &terms);
	o->state = RESOLVED;
	o->terms = terms.v;
	o->n_terms = terms.n;
	o->sure_terms = o->perhaps ? sure.v : terms.v;
	o->n_sure_terms = o->perhaps ? sure.n : terms.n;
	if (!o->node && !terms.n) {
		o->state = NOT_RESOLVED;
		return NULL;
	}
	return o;
}

const struct forti_object *forti_address(struct forti *f, struct str name, enum family family)
{
	return resolve_address(f, name, family, 0);
}

const struct forti_object *forti_service(struct forti *f, struct str name)
{
	return resolve_service(f, name, 0);
}
