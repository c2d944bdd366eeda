/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address translation of an SRX: policies are looked up after static and destination translation,
 * static first, and before source translation ("NAT User Guide for Security Devices", Junos OS: order
 * of translation and policy lookup).
 */
#include "dialect/common/names.h"
#include "dialect/common/translations.h"
#include "dialect/junos/junos.h"

struct nat_rule {
	struct junos *junos;
	const struct config_node *set, *rule, *match;
	struct stated_translation s;
	struct port_range ports;
};

static struct interface_names zones_of(struct junos *junos, const struct config_node *list)
{
	VEC(struct str) names = { 0 };
	for (size_t i = 0; list && i < list->children.n; i++)
		*VEC_ADD(junos->keep, &names) = list->children.v[i]->word;
	return (struct interface_names){ .v = names.v, .n = names.n };
}

/* The prefixes of a list; NULL when one is not a literal: any. */
static const struct addrset *prefixes(struct nat_rule *n, const char *key)
{
	const struct config_node *list = config_child(&n->junos->tree, n->match, key);
	VEC(struct addr_range) ranges = { 0 };
	struct addrset *set = ARENA_NEW(n->junos->keep, struct addrset);
	for (size_t i = 0; list && i < list->children.n; i++)
		if (addr_range_parse(list->children.v[i]->word, VEC_ADD(n->junos->keep, &ranges)) > RANGE_HOST_BITS)
			return NULL;
	*set = addrset_of(n->junos->keep, ranges.v, ranges.n);
	return ranges.n ? set : NULL;
}

/* Conditions; those that are not read make the match uncertain. */
static void read_match(struct nat_rule *n)
{
	static const char read[] = "source-address destination-address destination-port protocol";
	struct junos *junos = n->junos;
	const struct config_node *port = config_child(&junos->tree, n->match, "destination-port");
	struct str protocol = config_value(&junos->tree, n->match, "protocol");
	unsigned number = ANY_PROTOCOL;
	n->s.src = prefixes(n, "source-address");
	n->s.dst = prefixes(n, "destination-address");
	for (size_t i = 0; n->match && i < n->match->children.n; i++)
		if (!str_is_one_of(n->match->children.v[i]->word, read))
			n->s.perhaps = "a condition of a translation that is not modelled";
	if ((config_child(&junos->tree, n->match, "source-address") && !n->s.src) ||
	    (protocol.n && !protocol_name_parse(protocol, &number)))
		n->s.perhaps = "a condition of a translation that is not modelled";
	n->ports = ALL_PORTS;
	if (!port)
		port = NULL;
	else if (port->children.n != 1 || !port_name_range(port->children.v[0]->word, '-', "junos", &n->ports))
		n->s.perhaps = "a condition of a translation that is not modelled";
	else if (port->children.v[0]->children.n) { /* destination-port 80 to 90 */
		struct port_range hi;
		struct str to = config_value(&junos->tree, port->children.v[0], "to");
		if (!port_name_range(to, '-', "junos", &hi) || hi.hi < n->ports.lo)
			n->s.perhaps = "a condition of a translation that is not modelled";
		else
			n->ports.hi = hi.hi;
	}
	if (!port && number == ANY_PROTOCOL)
		return;
	/* ports alone are those of TCP and UDP, which are next to each other in no list: two terms */
	struct service_term *terms = ARENA_ARRAY(junos->keep, struct service_term, 2);
	terms[0] = service_of((uint8_t)(number == ANY_PROTOCOL ? PROTO_TCP : number), n->ports);
	terms[1] = service_of(PROTO_UDP, n->ports);
	n->s.service = terms;
	n->s.n_services = number == ANY_PROTOCOL ? 2 : 1;
}

static bool map_port(struct nat_rule *n, struct str text)
{
	uint16_t port;
	if (!text.n)
		return true;
	if (!port_name_parse(text, "junos", &port) || !n->s.service)
		return false;
	n->s.port = (struct port_map){ n->ports, { port, port } };
	n->s.port_said = true;
	return true;
}

static const struct addrset *one_range(struct junos *junos, struct str text, struct str to)
{
	struct addrset *set = ARENA_NEW(junos->keep, struct addrset);
	struct addr_range r, last;
	if (addr_range_parse(text, &r) > RANGE_HOST_BITS)
		return NULL;
	if (to.n && (addr_range_parse(to, &last) > RANGE_HOST_BITS || last.family != r.family || last.hi < r.lo))
		return NULL;
	r.hi = to.n ? last.hi : r.hi;
	*set = addrset_of(junos->keep, &r, 1);
	return set;
}

static void read_destination(struct nat_rule *n, const struct config_node *then)
{
	struct junos *junos = n->junos;
	struct str name = config_value(&junos->tree, then, "pool");
	const struct config_node *pools =
		CONFIG(&junos->tree, junos->tree.root, "security", "nat", "destination", "pool");
	const struct config_node *pool = pools && name.n ? config_get(&junos->tree, pools, name) : NULL;
	const struct config_node *address = config_child(&junos->tree, pool, "address");
	n->s.same = config_child(&junos->tree, then, "off") != NULL;
	if (config_child(&junos->tree, pool, "routing-instance") || !address)
		return;
	struct str port = config_value(&junos->tree, pool, "port");
	const struct config_node *first = NULL;
	for (size_t i = 0; i < address->children.n; i++)
		if (str_is(address->children.v[i]->word, "port"))
			port = config_value(&junos->tree, address, "port");
		else if (!first)
			first = address->children.v[i];
	if (!first)
		return;
	if (config_child(&junos->tree, first, "port"))
		port = config_value(&junos->tree, first, "port");
	if (map_port(n, port))
		n->s.to = one_range(junos, first->word, config_value(&junos->tree, first, "to"));
}

static void read_static(struct nat_rule *n, const struct config_node *then)
{
	struct junos *junos = n->junos;
	const struct config_node *prefix = config_child(&junos->tree, then, "prefix");
	if (!prefix || !prefix->children.n || config_child(&junos->tree, prefix, "routing-instance"))
		return;
	const struct config_node *to = prefix->children.v[0];
	struct str port = config_value(&junos->tree, to, "mapped-port");
	if (!port.n)
		port = config_value(&junos->tree, prefix, "mapped-port");
	if (!config_child(&junos->tree, to, "routing-instance") && map_port(n, port))
		n->s.to = one_range(junos, to->word, NO_STR);
}

static void read_rule(struct junos *junos, struct translator *to, const struct config_node *set,
		      const struct config_node *rule, bool is_static)
{
	struct nat_rule n = { .junos = junos, .set = set, .rule = rule };
	const struct config_node *from = config_child(&junos->tree, set, "from");
	const struct config_node *zone = config_child(&junos->tree, from, "zone"),
				 *interface = config_child(&junos->tree, from, "interface");
	n.match = config_child(&junos->tree, rule, "match");
	n.s.at = rule->at;
	n.s.text = rule->line;
	n.s.in = zones_of(junos, zone ? zone : interface);
	if (!zone && !interface)
		n.s.perhaps = "the routing instance of a translation";
	read_match(&n);
	const struct config_node *then =
		CONFIG(&junos->tree, rule, "then", is_static ? "static-nat" : "destination-nat");
	if (then && is_static)
		read_static(&n, then);
	else if (then)
		read_destination(&n, then);
	translator_add(to, &n.s);
}

void junos_translate(struct junos *junos, uint32_t base)
{
	static const char *const kinds[] = { "static", "destination" };
	struct translator to = { .rules = junos->rules };
	for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
		const struct config_node *sets =
			CONFIG(&junos->tree, junos->tree.root, "security", "nat", kinds[kind], "rule-set");
		for (size_t i = 0; sets && i < sets->children.n; i++) {
			const struct config_node *rules = config_child(&junos->tree, sets->children.v[i], "rule");
			for (size_t j = 0; rules && j < rules->children.n; j++)
				if (!rules->children.v[j]->inactive && !sets->children.v[i]->inactive)
					read_rule(junos, &to, sets->children.v[i], rules->children.v[j], kind == 0);
		}
	}
	translator_end(&to, &base, 1);
}
