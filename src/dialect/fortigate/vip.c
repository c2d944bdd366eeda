/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual IPs of a FortiGate: destinations that are translated before policies are looked up.
 *
 * The first of the list that matches decides, whatever the order of the policies, and only those are looked at that some
 * policy names (Fortinet Community, "Virtual IP (VIP) port forwarding order of execution"); with central NAT, all.
 * Services of policies are compared with the port behind the translation ("How to use virtual IPs with non-standard
 * external ports").
 */
#include "dialect/common/ranges.h"
#include "dialect/common/translations.h"
#include "dialect/fortigate/fortigate.h"

struct vip {
	struct forti *f;
	const struct config_node *node;
	enum family family;
	struct stated_translation s;
	struct service_term term;
	struct addrset dst, to, src;
	bool known; /* what it translates to */
};

/* The names of a policy's destinations, and of the members of groups of virtual IPs among them. */
static void note_names(struct forti *f, const struct config_node *policy, const char *list, const char *groups,
		       struct strmap *names)
{
	const struct config_node *n = forti_member(f, policy, list);
	for (size_t i = 0; n && i < n->values.n; i++) {
		const struct config_node *group = forti_find(f, groups, n->values.v[i]);
		const struct config_node *members = group ? forti_member(f, group, "member") : NULL;
		if (!strmap_add(names, n->values.v[i], f))
			continue;
		for (size_t j = 0; members && j < members->values.n; j++)
			strmap_add(names, members->values.v[j], f);
	}
}

static void note_policies(struct forti *f, struct strmap *active, struct strmap *disabled)
{
	static const char *const lists[] = { "firewall policy", "firewall policy6" };
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct config_node *list = forti_member(f, f->device, lists[i]);
		for (size_t j = 0; list && j < list->children.n; j++) {
			const struct config_node *policy = list->children.v[j];
			bool off = str_is(forti_value(f, policy, "status"), "disable");
			if (policy->inactive)
				continue;
			note_names(f, policy, "dstaddr", i ? "firewall vipgrp6" : "firewall vipgrp",
				   off ? disabled : active);
			note_names(f, policy, "dstaddr6", "firewall vipgrp6", off ? disabled : active);
		}
	}
}

static bool literal(struct vip *v, const char *key, struct addrset *ret)
{
	const struct config_node *n = forti_member(v->f, v->node, key);
	struct addr_range r;
	if (!n || n->values.n != 1 || addr_range_parse(n->values.v[0], &r) != RANGE_OK || r.family != v->family)
		return false;
	*ret = range_set(v->f->keep, r);
	return true;
}

static void read_addresses(struct vip *v)
{
	/* 0.0.0.0 is any address of the interface */
	if (literal(v, "extip", &v->dst) && v->dst.v[0].hi)
		v->s.dst = &v->dst;
	v->known = literal(v, "mappedip", &v->to) && v->s.dst &&
		   v->to.v[0].hi - v->to.v[0].lo == v->dst.v[0].hi - v->dst.v[0].lo;
}

/* set portforward enable: the packets of one protocol to some ports. */
static void read_ports(struct vip *v)
{
	static const char *const names[] = { "tcp", "udp", "sctp", "icmp" };
	static const uint8_t numbers[] = { PROTO_TCP, PROTO_UDP, PROTO_SCTP, PROTO_ICMP };
	struct str protocol = forti_value(v->f, v->node, "protocol"), ext = forti_value(v->f, v->node, "extport"),
		   mapped = forti_value(v->f, v->node, "mappedport");
	struct port_range to;
	size_t i = 0;
	while (protocol.n && i < ARRAY_LEN(names) && !str_is(protocol, names[i]))
		i++;
	if (i == ARRAY_LEN(names)) {
		v->known = false; /* any protocol may be meant */
		return;
	}
	v->term = service_of(numbers[i] == PROTO_ICMP && v->family == IPV6 ? PROTO_ICMP6 : numbers[i], ALL_PORTS);
	v->s.service = &v->term;
	v->s.n_services = 1;
	if (numbers[i] == PROTO_ICMP)
		return;
	if (!port_numbers_parse(ext, &v->term.port)) {
		v->term.port = ALL_PORTS;
		v->known = false;
	} else if (mapped.n) {
		v->s.port_said = port_numbers_parse(mapped, &to) && to.hi - to.lo == v->term.port.hi - v->term.port.lo;
		v->known &= v->s.port_said;
		v->s.port = (struct port_map){ v->term.port, to };
	}
}

static void read_sources(struct vip *v)
{
	const struct config_node *n = forti_member(v->f, v->node, "src-filter");
	range_vec ranges = { 0 };
	for (size_t i = 0; n && i < n->values.n; i++)
		if (!range_add(v->f->keep, n->values.v[i], &ranges)) {
			v->s.perhaps = "the sources of a virtual IP";
			return;
		}
	v->src = range_vec_set(v->f->keep, &ranges);
	if (v->src.n)
		v->s.src = &v->src;
}

/* What else may limit it, or make something else of the packets. */
static void look_at_rest(struct vip *v)
{
	static const char read[] =
		"extip mappedip extintf portforward protocol extport mappedport src-filter status type "
		"comment uuid color id arp-reply nat-source-vip gratuitous-arp-interval";
	struct str type = forti_value(v->f, v->node, "type");
	v->known &= !type.n || str_is(type, "static-nat");
	for (size_t i = 0; i < v->node->children.n; i++) {
		const struct config_node *n = v->node->children.v[i];
		struct str value = n->values.n ? n->values.v[0] : NO_STR;
		bool off = !value.n || str_is_one_of(value, "disable none 0 1-to-1");
		if (!off && !n->inactive && !str_is_one_of(n->word, read))
			v->s.perhaps = "a condition of a virtual IP that is not modelled";
	}
}

static struct interface_names entry(struct vip *v)
{
	const struct config_node *n = forti_member(v->f, v->node, "extintf");
	if (!n || !n->values.n || str_is(n->values.v[0], "any"))
		return (struct interface_names){ 0 };
	return (struct interface_names){ .v = n->values.v, .n = n->values.n };
}

static void read_vip(struct vip *v, struct translator *to, range_vec *outer)
{
	struct forti *f = v->f;
	v->s.at = v->node->at;
	v->s.text = str_printf(f->keep, "virtual IP %.*s", STR_ARG(v->node->word));
	v->s.in = entry(v);
	read_addresses(v);
	if (str_is(forti_value(f, v->node, "portforward"), "enable"))
		read_ports(v);
	read_sources(v);
	look_at_rest(v);
	if (v->known)
		v->s.to = &v->to;
	*VEC_ADD(f->keep, outer) = v->s.dst ? v->dst.v[0] : addr_range_all(v->family);
	struct forti_object *o = forti_object_of(f, v->family == IPV6 ? '6' : '4', v->node->word);
	o->node = v->node;
	o->state = RESOLVED;
	*VEC_ADD(f->keep, &o->translations) = translator_add(to, &v->s);
}

struct translator forti_read_vips(struct forti *f)
{
	static const char *const lists[] = { "firewall vip", "firewall vip6" };
	struct translator to = { .rules = f->rules };
	struct strmap active = strmap_new(f->scratch), disabled = strmap_new(f->scratch);
	range_vec outer = { 0 };
	f->central = str_is(forti_value(f, forti_member(f, f->device, "system settings"), "central-nat"), "enable");
	note_policies(f, &active, &disabled);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct config_node *list = forti_member(f, f->device, lists[i]);
		for (size_t j = 0; list && j < list->children.n; j++) {
			struct vip v = { .f = f, .node = list->children.v[j], .family = i ? IPV6 : IPV4 };
			bool named = f->central || strmap_get(&active, v.node->word);
			if (v.node->inactive || str_is(forti_value(f, v.node, "status"), "disable") ||
			    (!named && !strmap_get(&disabled, v.node->word)))
				continue;
			if (!named)
				v.s.perhaps = "a virtual IP that only a disabled policy names";
			read_vip(&v, &to, &outer);
		}
	}
	f->translated = range_vec_set(f->keep, &outer);
	return to;
}
