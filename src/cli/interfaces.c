/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/interfaces.h"

#include "base/strmap.h"

/* A zone of the firewall. */
struct side_names {
	struct addrset addresses; /* of all zones on this side */
	const struct str *names;
	size_t n;
	bool more; /* the interfaces that the estate does not name lead here too */
};

struct behind {
	struct arena *arena;
	struct side_names *sides;
	size_t n;
	bool settled; /* every name that a rule may use is known: each side has interfaces, or one has the others */
	struct strmap others; /* names that no side has, of the rules that were read */
};

/* A name that ends in * stands for all that begin so. */
static bool name_covers(struct str pattern, struct str name)
{
	return str_eq(pattern, name) || (str_ends(pattern, "*") && name.n >= pattern.n &&
					 str_eq(str_first(name, pattern.n - 1), str_first(pattern, pattern.n - 1)));
}

static bool side_has(const struct side_names *s, struct str name)
{
	for (size_t i = 0; i < s->n; i++)
		if (name_covers(name, s->names[i]))
			return true;
	return false;
}

static bool any_side_has(const struct behind *b, struct str name)
{
	for (size_t i = 0; i < b->n; i++)
		if (side_has(&b->sides[i], name))
			return true;
	return false;
}

/* Several zones may be behind one interface: all of them are. */
static bool addresses_behind(void *ctx, struct str name, struct addrset *ret)
{
	const struct behind *b = ctx;
	/* a pattern may mean interfaces of no side as well */
	bool other = strmap_get(&b->others, name) != NULL, found = other;
	*ret = NO_ADDRS;
	for (size_t i = 0; i < b->n; i++)
		if (side_has(&b->sides[i], name) || (other && b->sides[i].more)) {
			*ret = addrset_union(b->arena, *ret, b->sides[i].addresses);
			found = true;
		}
	return found;
}

/* The sides all of whose interfaces are named. */
static struct addrset certainly_behind(void *ctx, const struct str *names, size_t n)
{
	const struct behind *b = ctx;
	struct addrset ret = NO_ADDRS;
	for (size_t i = 0; i < b->n; i++) {
		const struct side_names *s = &b->sides[i];
		bool all = !s->more;
		for (size_t j = 0; j < s->n && all; j++) {
			bool one = false;
			for (size_t m = 0; m < n && !one; m++)
				one = name_covers(names[m], s->names[j]);
			all = one;
		}
		if (all)
			ret = addrset_union(b->arena, ret, s->addresses);
	}
	return ret;
}

struct interface_map place_interfaces(struct arena *a, const struct plan *p, const struct place *at)
{
	const struct estate *e = plan_estate(p);
	struct behind *b = ARENA_NEW(a, struct behind);
	*b = (struct behind){ .arena = a, .others = strmap_new(a) };
	if (at->firewall < 0)
		return (struct interface_map){ addresses_behind, b, certainly_behind };
	const struct firewall *f = &e->firewalls[at->firewall];
	b->sides = ARENA_ARRAY(a, struct side_names, f->n_zones);
	b->n = f->n_zones;
	b->settled = true;
	for (size_t i = 0; i < f->n_zones; i++) {
		const struct names *said = &f->interfaces[i];
		struct side_names *s = &b->sides[i];
		struct str *names = ARENA_ARRAY(a, struct str, said->n ? said->n : 1);
		names[0] = e->zones[f->zones[i]].name.s;
		for (size_t j = 0; j < said->n; j++)
			names[j] = said->v[j].s;
		*s = (struct side_names){ .names = names, .n = said->n ? said->n : 1, .more = f->other == (int)i };
		for (size_t z = 0; z < e->n_zones; z++)
			if (plan_side(p, (uint16_t)at->firewall, (uint16_t)z) == f->zones[i])
				s->addresses = addrset_union(a, s->addresses, e->zones[z].addresses);
		b->settled &= said->n > 0;
	}
	b->settled |= f->other >= 0;
	return (struct interface_map){ addresses_behind, b, certainly_behind };
}

/* Whether a name stands for an interface of a side, or may, by what the file says. */
static bool may_contain(const struct behind *b, const struct ruleset *r, struct str name)
{
	for (size_t i = 0; i < r->members.n; i++) {
		const struct interface_member *m = &r->members.v[i];
		if (str_eq(m->group, name) && (!m->member.n || any_side_has(b, m->member)))
			return true;
	}
	return false;
}

static bool has_other_side(const struct behind *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->sides[i].more)
			return true;
	return false;
}

static bool is_assumed(const struct ruleset *r, const char *text)
{
	for (size_t i = 0; i < r->assumed.n; i++)
		if (strcmp(r->assumed.v[i], text) == 0)
			return true;
	return false;
}

static void settle_names(struct behind *b, struct ruleset *r, struct strmap *seen, const struct interface_names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		struct str name = str_dup(b->arena, names->v[i]);
		if (!strmap_add(seen, name, b))
			continue;
		/* where the others lead to a side, a pattern may mean some of them besides those that it covers */
		if ((any_side_has(b, name) && !(has_other_side(b) && str_ends(name, "*"))) || may_contain(b, r, name))
			continue;
		strmap_add(&b->others, name, b);
		if (has_other_side(b))
			continue;
		const char *text = arena_printf(r->arena,
						"interface \"%.*s\" leads to no zone of the firewall, all of which "
						"have interfaces: in the estate",
						STR_ARG(str_shown(r->arena, name)));
		if (!is_assumed(r, text))
			*VEC_ADD(r->arena, &r->assumed) = text;
	}
}

void interfaces_settle(const struct interface_map *map, struct ruleset *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct behind *b = map->ctx;
	struct strmap seen = strmap_new(a);
	if (!b->settled)
		return;
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			const struct match *m = &r->chains.v[c].rules.v[i].match;
			if (m->never)
				continue;
			settle_names(b, r, &seen, &m->in);
			settle_names(b, r, &seen, &m->out);
		}
}

void pack_interfaces(struct out *o, const struct interface_map *map)
{
	const struct behind *b = map->ctx;
	pack_flag(o, b->settled);
	pack_number(o, b->n);
	for (size_t i = 0; i < b->n; i++) {
		const struct side_names *s = &b->sides[i];
		pack_flag(o, s->more);
		pack_number(o, s->n);
		for (size_t j = 0; j < s->n; j++)
			pack_bytes(o, s->names[j]);
		pack_number(o, s->addresses.n);
		for (size_t j = 0; j < s->addresses.n; j++) {
			char text[RANGE_TEXT];
			pack_bytes(o, str_of(addr_range_text(&s->addresses.v[j], text)));
		}
	}
}

const struct str *place_shared_interfaces(struct arena *a, const struct plan *p, const struct place *at, size_t *n)
{
	const struct behind *b = place_interfaces(a, p, at).ctx;
	VEC(struct str) shared = { 0 };
	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < i; j++)
			for (size_t m = 0; m < b->sides[i].n; m++)
				for (size_t l = 0; l < b->sides[j].n; l++)
					if (str_eq(b->sides[i].names[m], b->sides[j].names[l]))
						*VEC_ADD(a, &shared) = b->sides[i].names[m];
	*n = shared.n;
	return shared.v;
}
