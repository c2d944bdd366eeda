/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address translation of IOS ("NAT Order of Operation", Cisco document 6209).  A list where packets enter
 * sees them as they were sent: it is checked before translation in both directions.  A list where packets
 * leave sees them translated: what came from outside has the inside local destination, and what goes
 * outside has the inside global source.
 */
#include "dialect/cisco/cisco.h"
#include "dialect/common/names.h"
#include "dialect/common/translations.h"

static struct interface_names names_of(const struct cisco_names *names)
{
	return (struct interface_names){ .v = names->v, .n = names->n };
}

static const struct addrset *set_of(struct cisco *c, struct addr_range r)
{
	struct addrset *set = ARENA_NEW(c->keep, struct addrset);
	*set = range_set(c->keep, r);
	return set;
}

/* An address; or "interface NAME", whose address the file may state.  *i moves behind it. */
static const struct addrset *global_address(struct cisco *c, size_t *i)
{
	const words *w = &c->words;
	struct addr a;
	if (*i + 1 < w->n && str_is(w->v[*i], "interface")) {
		const struct addr *own = strmap_get(&c->own, w->v[*i + 1]);
		*i += 2;
		return own ? set_of(c, addr_range_of(*own)) : NULL;
	}
	return *i < w->n && addr_parse(w->v[(*i)++], &a) ? set_of(c, addr_range_of(a)) : NULL;
}

/* "255.255.255.0" or "/24": the network of an address. */
static const struct addrset *network(struct cisco *c, struct str address, struct str mask)
{
	struct addr_range r;
	struct str text =
		str_printf(c->scratch, "%.*s%s%.*s", STR_ARG(address), str_starts(mask, "/") ? "" : "/", STR_ARG(mask));
	return addr_range_parse(text, &r) <= RANGE_HOST_BITS ? set_of(c, r) : NULL;
}

/* Words behind a static translation that change neither whom it applies to nor what it makes of it. */
static bool is_plain(const words *w, size_t i)
{
	while (i < w->n && str_is_one_of(w->v[i], "extendable no-alias no-payload forced"))
		i++;
	return i == w->n;
}

/* Both directions of one pair of addresses, or of one port of each; s.to is NULL where a condition is not modelled. */
static void add_pair(struct cisco *c, struct translator *to, const struct cisco_nat *n, struct stated_translation s,
		     const struct addrset *local)
{
	const struct addrset *global = s.dst;
	struct stated_translation back = s;
	s.in = names_of(&c->nat_outside);
	s.both_ways = true;
	s.at = n->at;
	s.text = n->text;
	s.same = s.to && global && addrset_equal(*s.to, *global) && !s.port_said;
	translator_add(to, &s);
	/* sources keep their meaning where only a port of a server is translated: its replies are no first packets */
	if (s.service)
		return;
	back.in = names_of(&c->nat_inside);
	back.out = names_of(&c->nat_outside);
	back.src = local;
	back.dst = NULL;
	back.to = s.to ? global : NULL;
	back.source = true;
	back.same = s.same;
	back.at = n->at;
	back.text = n->text;
	translator_add(to, &back);
}

/* ip nat inside source static [network] LOCAL GLOBAL [MASK], or tcp|udp LOCAL PORT GLOBAL PORT */
static void add_static(struct cisco *c, struct translator *to, const struct cisco_nat *n)
{
	const words *w = &c->words;
	enum { BEHIND = 5 };
	size_t i = BEHIND;
	unsigned protocol = 0;
	uint16_t local_port = 0, global_port = 0;
	struct stated_translation s = { 0 };
	const struct addrset *local_set = NULL;
	struct addr local;
	bool known = true;
	if (i + 3 < w->n && str_is(w->v[i], "network")) {
		s.to = local_set = network(c, w->v[i + 1], w->v[i + 3]);
		s.dst = network(c, w->v[i + 2], w->v[i + 3]);
		known = s.to && s.dst && is_plain(w, i + 4);
	} else {
		bool ports = i < w->n && str_is_one_of(w->v[i], "tcp udp");
		if (ports)
			protocol_name_parse(w->v[i++], &protocol);
		known = i < w->n && addr_parse(w->v[i++], &local);
		local_set = known ? set_of(c, addr_range_of(local)) : NULL;
		if (ports)
			known = known && i < w->n && port_name_parse(w->v[i++], "cisco", &local_port);
		s.dst = global_address(c, &i);
		if (ports)
			known = known && i < w->n && port_name_parse(w->v[i++], "cisco", &global_port);
		s.to = local_set;
		known = known && is_plain(w, i);
		if (ports && known) {
			struct service_term *term = ARENA_NEW(c->keep, struct service_term);
			*term = service_of((uint8_t)protocol, (struct port_range){ global_port, global_port });
			s.service = term;
			s.port = (struct port_map){ { global_port, global_port }, { local_port, local_port } };
			s.port_said = local_port != global_port;
		}
	}
	if (!known)
		s.to = NULL;
	add_pair(c, to, n, s, local_set);
}

/* A pool, or the address of an interface: sources of packets that go outside. */
static void add_dynamic(struct cisco *c, struct translator *to, const struct cisco_nat *n)
{
	translator_add(to, &(struct stated_translation){ .in = names_of(&c->nat_inside),
							 .out = names_of(&c->nat_outside),
							 .source = true,
							 .at = n->at,
							 .text = n->text });
}

/*
 * ip nat outside source static [network] GLOBAL LOCAL [MASK]: sources that come from outside, and destinations that
 * go there.  Where inside addresses are translated too, both may apply to one packet, which is not followed.
 */
static void add_outside(struct cisco *c, struct translator *to, const struct cisco_nat *n, bool alone)
{
	const words *w = &c->words;
	enum { BEHIND = 5 };
	size_t i = BEHIND;
	struct stated_translation in = { .at = n->at, .text = n->text, .in = names_of(&c->nat_outside) }, out = in;
	const struct addrset *global = NULL, *local = NULL;
	struct addr a, b;
	if (i + 3 < w->n && str_is(w->v[i], "network")) {
		global = network(c, w->v[i + 1], w->v[i + 3]);
		local = network(c, w->v[i + 2], w->v[i + 3]);
		i += 4;
	} else if (i + 1 < w->n && addr_parse(w->v[i], &a) && addr_parse(w->v[i + 1], &b)) {
		global = set_of(c, addr_range_of(a));
		local = set_of(c, addr_range_of(b));
		i += 2;
	}
	/* the route that add-route makes is no rule */
	while (i < w->n && str_is_one_of(w->v[i], "add-route extendable no-alias no-payload"))
		i++;
	bool known = alone && global && local && i == w->n;
	in.src = global;
	in.to = known ? local : NULL;
	in.source = true;
	out.in = names_of(&c->nat_inside);
	out.dst = local;
	out.to = known ? global : NULL;
	in.both_ways = out.both_ways = true;
	translator_add(to, &in);
	translator_add(to, &out);
}

/* ip nat inside destination list ACL pool POOL: servers that share a load, one after the other. */
static void add_rotary(struct cisco *c, struct translator *to, const struct cisco_nat *n)
{
	translator_add(to,
		       &(struct stated_translation){ .in = names_of(&c->nat_outside), .at = n->at, .text = n->text });
}

static bool is_outside(const struct cisco_nat *n)
{
	return str_starts(str_trim(n->line), "ip nat outside");
}

bool cisco_ios_nat(struct cisco *c)
{
	const words *w = &c->words;
	bool in_block = line_indent(c->line) > 0;
	struct addr own, *copy;
	if (in_block && c->interface.n && words_begin(w, "ip nat inside") && w->n == 3) {
		*VEC_ADD(c->keep, &c->nat_inside) = c->interface;
	} else if (in_block && c->interface.n && words_begin(w, "ip nat outside") && w->n == 3) {
		*VEC_ADD(c->keep, &c->nat_outside) = c->interface;
	} else if (in_block && c->interface.n && words_begin(w, "ip address % %") && addr_parse(w->v[2], &own)) {
		copy = ARENA_NEW(c->keep, struct addr);
		*copy = own;
		strmap_add(&c->own, c->interface, copy);
	} else if (!in_block &&
		   (words_begin(w, "ip nat inside source static") || words_begin(w, "ip nat inside source list") ||
		    words_begin(w, "ip nat inside source route-map") ||
		    words_begin(w, "ip nat inside destination list") ||
		    words_begin(w, "ip nat outside source static"))) {
		cisco_keep_nat(c);
	} else {
		return false;
	}
	return true;
}

void cisco_ios_translate(struct cisco *c)
{
	struct translator to = { .rules = c->rules };
	struct str line = c->line;
	struct lines lines = c->lines;
	uint32_t out = UINT32_MAX;
	for (size_t i = 0; i < c->rules->bases.n; i++)
		if (str_is(c->rules->chains.v[c->rules->bases.v[i]].name, "out"))
			out = c->rules->bases.v[i];
	/* without an interface outside nothing is translated; in a part of a configuration it may be */
	bool whole = c->nat_inside.n && c->nat_outside.n;
	size_t outside = 0;
	for (size_t i = 0; i < c->nat.n; i++)
		outside += is_outside(&c->nat.v[i]);
	/* those of outside addresses first: where there are others too, their packets are uncertain */
	for (size_t turn = 0; turn < 2 * c->nat.n && out != UINT32_MAX; turn++) {
		const struct cisco_nat *n = &c->nat.v[turn % c->nat.n];
		if (is_outside(n) != (turn < c->nat.n))
			continue;
		c->line = n->line;
		c->lines.number = n->at.line;
		cisco_split(c);
		if (!whole)
			ruleset_unknown(c->rules, n->at, n->text,
					"the interfaces inside and outside of this translation are not in the file");
		else if (is_outside(n))
			add_outside(c, &to, n, outside == c->nat.n);
		else if (str_is(c->words.v[3], "destination"))
			add_rotary(c, &to, n);
		else if (str_is(c->words.v[4], "static"))
			add_static(c, &to, n);
		else
			add_dynamic(c, &to, n);
	}
	translator_end(&to, &out, 1);
	c->line = line;
	c->lines = lines;
}
