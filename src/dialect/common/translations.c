/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/translations.h"

const char translation_unknown[] = "a translation of the destination that is not modelled";

/* "A", "A:P", "A:P-Q", "A:P-Q/B", ":P", "[A]:P": the address and what follows it. */
static bool cut_address(struct str s, struct str *address, struct str *ports)
{
	struct addr plain;
	size_t at = s.n && s.p[0] == '[' ? str_find(s, ']') : 0;
	if (at == SIZE_MAX)
		return false;
	if (addr_parse(s, &plain)) {
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

static const struct addr_map *map_of(const struct draft_match *m, struct addr_range from, struct addr_range to)
{
	struct addr_map *map = ARENA_NEW(m->arena, struct addr_map);
	*map = (struct addr_map){ from, to };
	return map;
}

/* Some destination of the draft is of the family. */
static bool is_of(const struct draft_match *m, enum family f)
{
	return addrset_part(m->dst, f).n > 0;
}

struct translation translation_to(const struct draft_match *m, struct str target)
{
	const struct translation unknown = { .unknown = translation_unknown };
	struct translation t = { 0 };
	struct str address, ports;
	struct addr_range to;
	if (!cut_address(target, &address, &ports) || !read_ports(m, ports, &t))
		return unknown;
	if (!address.n)
		return t.port_said ? t : unknown;
	if (addr_range_parse(address, &to) != RANGE_OK || to.lo != to.hi || !is_of(m, to.family))
		return unknown;
	t.dst = map_of(m, addr_range_all(to.family), to);
	return t;
}

struct translation translation_of_prefix(const struct draft_match *m, struct str target)
{
	const struct translation unknown = { .unknown = translation_unknown };
	struct addr_range to;
	unsigned length;
	if (addr_range_parse(target, &to) > RANGE_HOST_BITS || !addr_range_is_prefix(&to, &length) || !m->dst_said ||
	    m->dst.n != 1 || m->dst.v[0].family != to.family)
		return unknown;
	struct addr_range all = prefix_range((struct addr){ to.family, m->dst.v[0].lo }, length);
	if (m->dst.v[0].hi > all.hi)
		return unknown;
	return (struct translation){ .dst = map_of(m, all, to) };
}

/* One to one between single ranges of one size, or all to one address. */
static bool map_between(const struct addrset *from, const struct addrset *to, struct addr_map *map)
{
	if (!from || !to || to->n != 1 || !from->n)
		return false;
	bool one = to->v[0].lo == to->v[0].hi;
	if (!one && (from->n != 1 || from->v[0].hi - from->v[0].lo != to->v[0].hi - to->v[0].lo))
		return false;
	map->to = to->v[0];
	map->from = one ? addr_range_all(to->v[0].family) : from->v[0];
	return map->from.family == map->to.family && addrset_part(*from, map->to.family).n == from->n;
}

uint32_t translator_add(struct translator *t, const struct stated_translation *s)
{
	struct ruleset *r = t->rules;
	struct addr_map map;
	struct translation made = { .port = s->port, .port_said = s->port_said, .only_names = s->only_names };
	if (!t->used) {
		t->chain = ruleset_chain(r, STR("translation"), s->at);
		r->chains.v[t->chain].fallthrough = ACTION_PERMIT;
		t->used = true;
	}
	bool known = map_between(s->source ? s->src : s->dst, s->to, &map);
	if (known)
		*(s->source ? &made.src : &made.dst) = &map;
	else if (!s->same)
		made.unknown = s->source ? "a translation of the source that is not modelled" : translation_unknown;
	struct rule *rule = ruleset_rule(r, t->chain, s->at);
	rule->match = (struct match){
		.src = s->src,
		.dst = s->dst,
		.services = s->service,
		.n_services = s->service ? MAX(s->n_services, (size_t)1) : 0,
		.in = s->in,
		.out = s->out,
		.conversation = s->both_ways ? CONVERSATION_ANY : CONVERSATION_OPENING,
	};
	rule->perhaps = s->perhaps;
	rule->text = s->text;
	rule->action = s->same ? ACTION_PERMIT : ACTION_NEXT;
	if (!s->same)
		rule->target = ruleset_translation(r, made);
	ruleset_keep(r, &rule->match);
	return rule->target;
}

void translator_end(struct translator *t, const uint32_t *bases, size_t n_bases)
{
	if (t->used)
		ruleset_translate(t->rules, &t->chain, 1, bases, n_bases);
}
