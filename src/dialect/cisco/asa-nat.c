/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address translation of an ASA.  From 8.3 on, lists hold real addresses: what a packet is sent to is
 * translated back before it is compared ("CLI Book 2: Cisco ASA Series Firewall CLI Configuration Guide",
 * chapters on NAT and on access rules).  The older `static` leaves lists with mapped addresses, as they
 * are on their interface.
 */
#include "dialect/cisco/cisco.h"
#include "dialect/common/names.h"
#include "dialect/common/translations.h"

/* "(inside,outside)", in one word or several. */
static bool read_interfaces(struct cisco *c, size_t *i, struct str *real, struct str *mapped)
{
	const words *w = &c->words;
	struct str text = NO_STR, rest;
	for (; *i < w->n && (!text.n || text.p[text.n - 1] != ')'); (*i)++)
		text = str_printf(c->keep, "%.*s%.*s", STR_ARG(text), STR_ARG(w->v[*i]));
	if (text.n < 3 || text.p[0] != '(' || text.p[text.n - 1] != ')')
		return false;
	rest = str_first(str_skip(text, 1), text.n - 2);
	bool two = str_cut(&rest, ',', real);
	*mapped = rest;
	return two && rest.n > 0;
}

static struct interface_names at_interface(struct cisco *c, struct str name)
{
	if (str_is(name, "any"))
		return (struct interface_names){ 0 };
	struct str *copy = ARENA_NEW(c->keep, struct str);
	*copy = name;
	return (struct interface_names){ .v = copy, .n = 1 };
}

/* An object, a group, an address, "any" (of both families), or "interface"; NULL: unknown. */
static const struct addrset *addresses(struct cisco *c, struct str word, struct str interface,
				       const struct addrset *like)
{
	struct addrset *set = ARENA_NEW(c->keep, struct addrset);
	struct addr a;
	*set = everywhere_set();
	if (str_is(word, "any"))
		return set;
	if (str_is(word, "interface")) {
		const struct addr *own = strmap_get(&c->own, interface);
		if (!own)
			return NULL;
		*set = range_set(c->keep, addr_range_of(*own));
		return set;
	}
	if (cisco_address(c, word, &a)) {
		struct addr_range r = addr_range_of(a);
		/* written as one address, it is the first of as many as the object has */
		u128 size = like && like->n == 1 && like->v[0].family == a.family ? like->v[0].hi - like->v[0].lo : 0;
		if (size > addr_max(a.family) - r.lo)
			return NULL;
		r.hi = r.lo + size;
		*set = range_set(c->keep, r);
		return set;
	}
	struct cisco_group *g = cisco_group(c, 'o', word, false);
	if (!g || !g->defined)
		g = cisco_group(c, 'g', word, false);
	if (!g || !cisco_resolve(c, g) || g->perhaps)
		return NULL;
	return &g->addresses;
}

static bool same_set(const struct addrset *one, const struct addrset *other)
{
	return one && other && addrset_equal(*one, *other);
}

/* service tcp REAL MAPPED, behind an object's translation. */
static bool read_service(struct cisco *c, size_t i, struct stated_translation *s)
{
	const words *w = &c->words;
	unsigned protocol;
	uint16_t real, mapped;
	if (i + 3 >= w->n || !protocol_name_parse(w->v[i + 1], &protocol) || !protocol_has_ports(protocol) ||
	    !port_name_parse(w->v[i + 2], "cisco", &real) || !port_name_parse(w->v[i + 3], "cisco", &mapped))
		return false;
	struct service_term *term = ARENA_NEW(c->keep, struct service_term);
	*term = service_of((uint8_t)protocol, (struct port_range){ mapped, mapped });
	s->service = term;
	s->port = (struct port_map){ { mapped, mapped }, { real, real } };
	s->port_said = real != mapped;
	return true;
}

static void put(struct translator *to, const struct cisco_nat *n, struct stated_translation s)
{
	s.at = n->at;
	s.text = n->text;
	translator_add(to, &s);
}

/* nat (inside,outside) static 192.0.2.10 [service ...], in the block of an object. */
static void add_object_nat(struct cisco *c, struct translator *to, const struct cisco_nat *n)
{
	const words *w = &c->words;
	size_t i = 1;
	struct str real_side, mapped_side;
	if (!read_interfaces(c, &i, &real_side, &mapped_side)) {
		cisco_unknown(c, "a translation between interfaces that are not understood");
		return;
	}
	if (i + 1 >= w->n || !str_is(w->v[i], "static"))
		return; /* dynamic: sources, behind the lists */
	const struct addrset *real = addresses(c, n->object, NO_STR, NULL);
	const struct addrset *mapped = addresses(c, w->v[i + 1], mapped_side, real);
	struct stated_translation s = {
		.in = at_interface(c, mapped_side), .dst = mapped, .to = real, .same = same_set(real, mapped)
	};
	for (size_t j = i + 2; j < w->n; j++)
		if (str_is(w->v[j], "service") && !read_service(c, j, &s))
			s.to = NULL;
	if (s.port_said)
		s.same = false;
	put(to, n, s);
}

/* nat (in,out) [after-auto] [N] source static REAL MAPPED [destination static MAPPED REAL] [service A B]. */
static void add_twice_nat(struct cisco *c, struct translator *to, const struct cisco_nat *n)
{
	const words *w = &c->words;
	size_t i = 1, source = 0, destination = 0;
	struct str real_side, mapped_side;
	bool serves = false, one_way = false;
	if (!read_interfaces(c, &i, &real_side, &mapped_side)) {
		cisco_unknown(c, "a translation between interfaces that are not understood");
		return;
	}
	for (; i < w->n; i++) {
		source = str_is(w->v[i], "source") ? i : source;
		destination = str_is(w->v[i], "destination") ? i : destination;
		serves |= str_is(w->v[i], "service");
		one_way |= str_is(w->v[i], "unidirectional");
		if (str_is(w->v[i], "inactive") || str_is(w->v[i], "description"))
			break;
	}
	if (i < w->n && str_is(w->v[i], "inactive"))
		return;
	if (!source || source + 3 >= w->n) {
		if (source && source + 3 == w->n) /* source dynamic any interface */
			return;
		cisco_unknown(c, "a translation that is not understood");
		return;
	}
	const struct addrset *real = addresses(c, w->v[source + 2], real_side, NULL);
	const struct addrset *mapped = addresses(c, w->v[source + 3], mapped_side, NULL);
	bool is_static = str_is(w->v[source + 1], "static");
	const struct addrset *far_mapped = NULL, *far_real = NULL;
	if (destination && destination + 3 < w->n) {
		far_mapped = addresses(c, w->v[destination + 2], real_side, NULL);
		far_real = addresses(c, w->v[destination + 3], mapped_side, NULL);
	}
	if (destination)
		put(to, n,
		    (struct stated_translation){ .in = at_interface(c, real_side),
						 .src = real,
						 .dst = far_mapped,
						 .to = serves ? NULL : far_real,
						 .same = !serves && same_set(far_mapped, far_real) });
	if (is_static && !one_way)
		put(to, n,
		    (struct stated_translation){ .in = at_interface(c, mapped_side),
						 .src = far_real,
						 .dst = mapped,
						 .to = serves ? NULL : real,
						 .same = !serves && same_set(real, mapped) });
}

void cisco_keep_nat(struct cisco *c)
{
	const words *w = &c->words;
	bool later = false;
	for (size_t i = 0; i < w->n; i++)
		later |= str_is(w->v[i], "after-auto");
	*VEC_ADD(c->keep, &c->nat) = (struct cisco_nat){
		.line = str_dup(c->keep, c->line),
		.text = c->line,
		.at = lines_at(&c->lines),
		.object = c->group && line_indent(c->line) ? c->group->name : NO_STR,
		.section = c->group && line_indent(c->line) ? 1
			   : later                          ? 2
							    : 0,
	};
}

/*
 * static (inside,outside) [tcp|udp] MAPPED [PORT] REAL [PORT] [netmask M], before 8.3: lists where packets enter
 * compare with mapped addresses, and only where they leave is known by the real ones; lists where they leave
 * compare with real destinations, and with mapped sources.
 */
static void add_static(struct cisco *c, struct translator *to, const struct cisco_nat *n, bool out)
{
	const words *w = &c->words;
	size_t i = 1;
	struct str real_side, mapped_side;
	if (!read_interfaces(c, &i, &real_side, &mapped_side) || i + 1 >= w->n) {
		cisco_unknown(c, "a translation between interfaces that are not understood");
		return;
	}
	bool ports = str_is_one_of(w->v[i], "tcp udp") && i + 4 < w->n;
	struct str mapped_word = w->v[ports ? i + 1 : i], real_word = w->v[ports ? i + 3 : i + 1];
	const struct addrset *mapped = addresses(c, mapped_word, mapped_side, NULL);
	const struct addrset *real = addresses(c, real_word, real_side, NULL);
	for (size_t j = i; j + 1 < w->n && real && mapped; j++) {
		range_vec of_mapped = { 0 }, of_real = { 0 };
		struct addr mask, a, b;
		if (!str_is(w->v[j], "netmask"))
			continue;
		bool read = cisco_address(c, w->v[j + 1], &mask) && mapped->n == 1 && real->n == 1;
		a = (struct addr){ IPV4, read ? mapped->v[0].lo : 0 };
		b = (struct addr){ IPV4, read ? real->v[0].lo : 0 };
		if (!read || !cisco_masked(c->keep, a, mask, false, &of_mapped) ||
		    !cisco_masked(c->keep, b, mask, false, &of_real)) {
			real = mapped = NULL;
			break;
		}
		struct addrset *sets = ARENA_ARRAY(c->keep, struct addrset, 2);
		sets[0] = addrset_of(c->keep, of_mapped.v, of_mapped.n);
		sets[1] = addrset_of(c->keep, of_real.v, of_real.n);
		mapped = &sets[0];
		real = &sets[1];
	}
	struct stated_translation s = { .in = at_interface(c, mapped_side),
					.dst = mapped,
					.to = real,
					.only_names = !out,
					.same = same_set(real, mapped) };
	uint16_t mapped_port, real_port;
	unsigned protocol;
	if (ports && protocol_name_parse(w->v[i], &protocol) && port_name_parse(w->v[i + 2], "cisco", &mapped_port) &&
	    port_name_parse(w->v[i + 4], "cisco", &real_port)) {
		struct service_term *term = ARENA_NEW(c->keep, struct service_term);
		*term = service_of((uint8_t)protocol, (struct port_range){ mapped_port, mapped_port });
		s.service = term;
		s.port = (struct port_map){ { mapped_port, mapped_port }, { real_port, real_port } };
		s.port_said = mapped_port != real_port;
		s.same &= !s.port_said;
	} else if (ports) {
		s.to = NULL;
	}
	put(to, n, s);
	if (out && !ports)
		put(to, n,
		    (struct stated_translation){ .in = at_interface(c, real_side),
						 .src = real,
						 .to = mapped,
						 .source = true,
						 .same = same_set(real, mapped) });
}

/* Rules of the first section, those of objects, and those after them; for one base chain. */
static void translate_base(struct cisco *c, uint32_t base)
{
	struct translator to = { .rules = c->rules };
	bool out = str_is(c->rules->chains.v[base].name, "out");
	for (unsigned section = 0; section < 3; section++)
		for (size_t i = 0; i < c->nat.n; i++) {
			const struct cisco_nat *n = &c->nat.v[i];
			if (n->section != section)
				continue;
			c->line = n->line;
			c->lines.number = n->at.line;
			cisco_split(c);
			if (str_is(c->words.v[0], "static"))
				add_static(c, &to, n, out);
			else if (section == 1)
				add_object_nat(c, &to, n);
			else
				add_twice_nat(c, &to, n);
		}
	translator_end(&to, &base, 1);
}

void cisco_translate(struct cisco *c)
{
	struct str line = c->line;
	struct lines lines = c->lines;
	size_t n = c->rules->bases.n;
	uint32_t bases[2] = { 0 };
	for (size_t i = 0; i < MIN(n, ARRAY_LEN(bases)); i++)
		bases[i] = c->rules->bases.v[i];
	for (size_t i = 0; i < MIN(n, ARRAY_LEN(bases)); i++)
		translate_base(c, bases[i]);
	c->line = line;
	c->lines = lines;
}
