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

static bool literal(struct vip *vip, const char *key, struct addrset *ret)
{
	const struct config_node *n = forti_member(vip->f, vip->node, key);
	struct addr_range r;
	if (!n || n->values.n != 1 || addr_range_parse(n->values.v[0], &r) != RANGE_OK || r.family != vip->family)
		return false;
	*ret = range_set(vip->f->keep, r);
	return true;
}

static void read_addresses(struct vip *vip)
{
	/* 0.0.0.0 is any address of the interface */
	if (literal(vip, "extip", &vip->dst) && vip->dst.v[0].hi)
		vip->s.dst = &vip->dst;
	vip->known = literal(vip, "mappedip", &vip->to) && vip->s.dst &&
		     vip->to.v[0].hi - vip->to.v[0].lo == vip->dst.v[0].hi - vip->dst.v[0].lo;
}

/* set portforward enable: the packets of one protocol to some ports. */
static void read_ports(struct vip *vip)
{
	static const char *const names[] = { "tcp", "udp", "sctp", "icmp" };
	static const uint8_t numbers[] = { PROTO_TCP, PROTO_UDP, PROTO_SCTP, PROTO_ICMP };
	struct str protocol = forti_value(vip->f, vip->node, "protocol"),
		   ext = forti_value(vip->f, vip->node, "extport"),
		   mapped = forti_value(vip->f, vip->node, "mappedport");
	struct port_range to;
	size_t i = 0;
	while (protocol.n && i < ARRAY_LEN(names) && !str_is(protocol, names[i]))
		i++;
	if (i == ARRAY_LEN(names)) {
		vip->known = false; /* any protocol may be meant */
		return;
	}
	vip->term = service_of(numbers[i] == PROTO_ICMP && vip->family == IPV6 ? PROTO_ICMP6 : numbers[i], ALL_PORTS);
	vip->s.service = &vip->term;
	vip->s.n_services = 1;
	if (numbers[i] == PROTO_ICMP)
		return;
	if (!port_numbers_parse(ext, &vip->term.port)) {
		vip->term.port = ALL_PORTS;
		vip->known = false;
	} else if (mapped.n) {
		vip->s.port_said =
			port_numbers_parse(mapped, &to) && to.hi - to.lo == vip->term.port.hi - vip->term.port.lo;
		vip->known &= vip->s.port_said;
		vip->s.port = (struct port_map){ vip->term.port, to };
	}
}

static void read_sources(struct vip *vip)
{
	const struct config_node *n = forti_member(vip->f, vip->node, "src-filter");
	range_vec ranges = { 0 };
	for (size_t i = 0; n && i < n->values.n; i++)
		if (!range_add(vip->f->keep, n->values.v[i], &ranges)) {
			vip->s.perhaps = "the sources of a virtual IP";
			return;
		}
	vip->src = range_vec_set(vip->f->keep, &ranges);
	if (vip->src.n)
		vip->s.src = &vip->src;
}

/* What else may limit it, or make something else of the packets. */
static void look_at_rest(struct vip *vip)
{
	static const char read[] =
		"extip mappedip extintf portforward protocol extport mappedport src-filter status type "
		"comment uuid color id arp-reply nat-source-vip gratuitous-arp-interval";
	struct str type = forti_value(vip->f, vip->node, "type");
	vip->known &= !type.n || str_is(type, "static-nat");
	for (size_t i = 0; i < vip->node->children.n; i++) {
		const struct config_node *n = vip->node->children.v[i];
		struct str value = n->values.n ? n->values.v[0] : NO_STR;
		bool off = !value.n || str_is_one_of(value, "disable none 0 1-to-1");
		if (!off && !n->inactive && !str_is_one_of(n->word, read))
			vip->s.perhaps = "a condition of a virtual IP that is not modelled";
	}
}

static struct interface_names entry(struct vip *vip)
{
	const struct config_node *n = forti_member(vip->f, vip->node, "extintf");
	if (!n || !n->values.n || str_is(n->values.v[0], "any"))
		return (struct interface_names){ 0 };
	return (struct interface_names){ .v = n->values.v, .n = n->values.n };
}

static void read_vip(struct vip *vip, struct translator *to, range_vec *outer)
{
	struct forti *f = vip->f;
	vip->s.at = vip->node->at;
	vip->s.text = str_printf(f->keep, "virtual IP %.*s", STR_ARG(vip->node->word));
	vip->s.in = entry(vip);
	read_addresses(vip);
	if (str_is(forti_value(f, vip->node, "portforward"), "enable"))
		read_ports(vip);
	read_sources(vip);
	look_at_rest(vip);
	if (vip->known)
		vip->s.to = &vip->to;
	*VEC_ADD(f->keep, outer) = vip->s.dst ? vip->dst.v[0] : addr_range_all(vip->family);
	struct forti_object *o = forti_object_of(f, vip->family == IPV6 ? '6' : '4', vip->node->word);
	o->node = vip->node;
	o->state = RESOLVED;
	*VEC_ADD(f->keep, &o->translations) = translator_add(to, &vip->s);
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
			struct vip vip = { .f = f, .node = list->children.v[j], .family = i ? IPV6 : IPV4 };
			bool named = f->central || strmap_get(&active, vip.node->word);
			if (vip.node->inactive || str_is(forti_value(f, vip.node, "status"), "disable") ||
			    (!named && !strmap_get(&disabled, vip.node->word)))
				continue;
			if (!named)
				vip.s.perhaps = "a virtual IP that only a disabled policy names";
			read_vip(&vip, &to, &outer);
		}
	}
	f->translated = range_vec_set(f->keep, &outer);
	return to;
}
