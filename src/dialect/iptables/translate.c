/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translation of destinations (iptables-extensions(8): DNAT, REDIRECT, NETMAP): what a target makes
 * of a packet, and which chains see it.  The table nat is passed by the first packets of connections.
 * Sources are translated behind the filter.
 */
#include "dialect/iptables/iptables.h"

#include "flow/translate.h"

/* The word after an option of the target; empty: it is not there. */
static struct str value_of(const struct ipt_rule *r, const char *option)
{
	const words *w = &r->t->words;
	for (size_t i = 0; i + 1 < w->n; i++)
		if (str_is(w->v[i], option))
			return w->v[i + 1];
	return NO_STR;
}

/* "A", "A:P", "A:P-Q", "A:P-Q/B", ":P", "[A]:P": the address and what follows it. */
static bool cut_address(struct str s, enum family f, struct str *address, struct str *ports)
{
	size_t at = f == IPV6 && s.n && s.p[0] == '[' ? str_find(s, ']') : 0;
	if (at == SIZE_MAX)
		return false;
	if (f == IPV6 && (!s.n || s.p[0] != '[')) {
		*address = s;
		*ports = NO_STR;
		return true;
	}
	struct str rest = str_skip(s, at);
	size_t colon = str_find(rest, ':');
	*address = str_first(s, colon == SIZE_MAX ? s.n : at + colon);
	*ports = colon == SIZE_MAX ? NO_STR : str_skip(rest, colon + 1);
	if (at)
		*address = str_first(str_skip(s, 1), at - 1);
	return true;
}

/* The ports that a draft matches, where they are one range. */
static bool one_range(const struct draft_match *m, struct port_range *ret)
{
	*ret = m->ports_said && m->ports.n == 1 ? m->ports.v[0] : ALL_PORTS;
	return !m->ports_said || m->ports.n == 1;
}

static bool all_have_ports(const struct draft_match *m)
{
	for (size_t i = 0; i < m->protocols.n; i++)
		for (unsigned p = m->protocols.v[i].lo; p <= m->protocols.v[i].hi; p++)
			if (!protocol_has_ports(p))
				return false;
	return m->protocols.n > 0;
}

/*
 * To one port; to a range that holds the ports as they are, which then stay so; or to a range with a base, from which
 * the ports are counted.
 */
static bool read_ports(const struct draft_match *m, struct str s, struct translation *t)
{
	struct port_range from, to;
	struct str base;
	uint32_t first;
	if (!s.n)
		return true;
	bool shifted = str_find(s, '/') != SIZE_MAX;
	struct str rest = s;
	str_cut(&rest, '/', &base);
	if (port_range_parse(base, &to) != PORT_OK || !one_range(m, &from) || !all_have_ports(m))
		return false;
	if (shifted) {
		if (!str_to_u32(rest, UINT16_MAX, &first) || from.lo < first ||
		    from.hi - first > (uint32_t)(to.hi - to.lo))
			return false;
		to.lo = (uint16_t)(to.lo + (from.lo - first));
		to.hi = (uint16_t)(to.lo + (from.hi - from.lo));
	} else if (to.lo != to.hi) {
		return to.lo <= from.lo && from.hi <= to.hi;
	}
	t->port_said = true;
	t->port = (struct port_map){ from, to };
	return true;
}

static struct addr_map *map_to(struct ipt_rule *r, struct addr_range from, struct addr_range to)
{
	struct addr_map *map = ARENA_NEW(r->arena, struct addr_map);
	*map = (struct addr_map){ from, to };
	return map;
}

static bool read_dnat(struct ipt_rule *r, const struct draft_match *m, struct translation *t)
{
	struct str address, ports;
	struct addr_range to;
	if (!cut_address(value_of(r, "--to-destination"), r->t->family, &address, &ports) || !read_ports(m, ports, t))
		return false;
	if (str_find_text(r->t->line, STR("--random")) != SIZE_MAX && t->port_said && t->port.to.lo != t->port.to.hi)
		return false;
	if (!address.n)
		return t->port_said;
	if (addr_range_parse(address, &to) != RANGE_OK || to.family != r->t->family || to.lo != to.hi)
		return false;
	t->dst = map_to(r, addr_range_all(to.family), to);
	return true;
}

/* NETMAP --to A/L: the bits of the host stay. */
static bool read_netmap(struct ipt_rule *r, const struct draft_match *m, struct translation *t)
{
	struct addr_range to;
	unsigned length;
	if (addr_range_parse(value_of(r, "--to"), &to) > RANGE_HOST_BITS || to.family != r->t->family ||
	    !addr_range_is_prefix(&to, &length) || !m->dst_said || m->dst.n != 1)
		return false;
	struct addr_range all = prefix_range((struct addr){ to.family, m->dst.v[0].lo }, length);
	if (m->dst.v[0].hi > all.hi)
		return false;
	t->dst = map_to(r, all, to);
	return true;
}

bool ipt_translation(struct ipt_rule *r, const struct draft_match *m, struct translation *ret)
{
	*ret = (struct translation){ 0 };
	if (str_is_one_of(r->target, "SNAT MASQUERADE SAME"))
		return false;
	if (str_is(r->target, "DNAT") ? read_dnat(r, m, ret) : str_is(r->target, "NETMAP") && read_netmap(r, m, ret))
		return true;
	if (!str_is_one_of(r->target, "DNAT NETMAP REDIRECT"))
		return false;
	*ret = (struct translation){ .unknown = "a translation of the destination that is not modelled" };
	return true;
}

/* True for a built-in chain that packets pass after their destination is translated. */
static bool follows(const struct ipt *t, const struct ipt_chain *c, bool outbound)
{
	struct str name = t->rules->chains.v[c->number].name;
	bool filters = str_is_one_of(c->table, "filter security");
	if (!ipt_is_built_in(name))
		return filters;
	if (str_is(name, "OUTPUT"))
		return outbound && filters;
	return !str_is(name, "PREROUTING") && !str_is(c->table, "nat");
}

/* The table nat translates packets of the side that is asked for in one chain of each family. */
void ipt_translate(struct ipt *t)
{
	bool outbound = t->options->part.n ? str_is(t->options->part, "OUTPUT") : t->options->side == POLICY_OUTBOUND;
	const char *name = outbound ? "OUTPUT" : "PREROUTING";
	VEC(uint32_t) before = { 0 }, bases = { 0 };
	for (size_t i = 0; i < t->all_chains.n; i++) {
		const struct ipt_chain *c = t->all_chains.v[i];
		if (str_is(c->table, "nat") && str_is(t->rules->chains.v[c->number].name, name))
			*VEC_ADD(t->keep, &before) = c->number;
		if (follows(t, c, outbound))
			*VEC_ADD(t->keep, &bases) = c->number;
	}
	ruleset_translate(t->rules, before.v, before.n, bases.v, bases.n);
}
