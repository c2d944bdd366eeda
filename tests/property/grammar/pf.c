/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenBSD's pf: the last match decides unless a rule is quick, what matches
 * nothing passes; tables with exceptions, macros, lists, anchors and pfctl's form.
 */
#include "grammar.h"

enum { N_TABLES = 3 };

struct pf {
	struct draft *w;
	struct addrs tables[N_TABLES];
	size_t n_tables;
	struct addrs macro;
	size_t in, out; /* lists; SIZE_MAX: not passed */
};

static enum family some_family(struct draft *w)
{
	return chance(w, 3) ? IPV6 : IPV4;
}

/* "10/8" is short for 10.0.0.0/8. */
static const char *net_text(struct draft *w, struct addr_range r)
{
	if (r.lo == r.hi && chance(w, 2))
		return low_of(w, r);
	if (r.family == IPV4 && r.lo == 0x0a000000 && prefix_length(r) == 8)
		return ONE_OF(w, "10/8", "10.0/8", "10.0.0.0/8");
	return net_of(w, r);
}

static int wider_first(const struct addr_range *x, const struct addr_range *y)
{
	u128 a = x->hi - x->lo, b = y->hi - y->lo;
	return a == b ? 0 : a > b ? -1 : 1;
}

/* Of a table's entries the most specific decides. */
static void table(struct pf *k)
{
	struct draft *w = k->w;
	struct addr_range v[5];
	bool except[5];
	size_t n = 1 + rnd(w, 5), t = k->n_tables++;
	say(w, "table <t%zu> %s{", t, ONE_OF(w, "", "const ", "persist "));
	for (size_t i = 0; i < n; i++) {
		bool same;
		do {
			v[i] = some_net(w, some_family(w));
			same = false;
			for (size_t m = 0; m < i; m++)
				same |= v[m].family == v[i].family && v[m].lo == v[i].lo && v[m].hi == v[i].hi;
		} while (same);
		except[i] = i && chance(w, 4);
		say(w, "%s%s%s", i ? ONE_OF(w, ", ", " ", ",\n\t") : " ", except[i] ? "!" : "", net_text(w, v[i]));
	}
	say(w, " }\n");
	/* laid down from the widest on */
	bool done[5] = { false };
	for (size_t i = 0; i < n; i++) {
		size_t best = SIZE_MAX;
		for (size_t m = 0; m < n; m++)
			if (!done[m] && (best == SIZE_MAX || wider_first(&v[m], &v[best]) < 0))
				best = m;
		done[best] = true;
		if (except[best])
			addrs_cut(w, &k->tables[t], v[best]);
		else
			addrs_add(w, &k->tables[t], v[best]);
	}
}

static void all_but(struct draft *w, struct addrs *to, const struct addrs *v)
{
	struct addrs rest = { 0 };
	addrs_everything(w, &rest, true, true);
	for (size_t i = 0; i < v->v.n; i++)
		addrs_cut(w, &rest, v->v.v[i]);
	addrs_add_all(w, to, &rest);
}

/* One member of a list, or a single value; a member with ! is a rule of its own, for all other values. */
static const char *member(struct pf *k, struct addrs *to)
{
	struct draft *w = k->w;
	bool not = chance(w, 6);
	struct addrs v = { 0 };
	const char *text;
	struct addr_range r;
	uint32_t n;
	switch (rnd(w, 5)) {
	case 0:
		if (k->n_tables) {
			n = rnd(w, (uint32_t)k->n_tables);
			addrs_add_all(w, &v, &k->tables[n]);
			text = arena_printf(w->a, "<t%u>", n);
			break;
		}
		/* fall through */
	case 1:
		r = some_span(w, IPV4);
		not = false;
		addrs_add(w, &v, r);
		text = arena_printf(w->a, "%s - %s", low_of(w, r), high_of(w, r));
		break;
	default:
		r = some_net(w, some_family(w));
		addrs_add(w, &v, r);
		text = net_text(w, r);
	}
	if (not )
		all_but(w, to, &v);
	else
		addrs_add_all(w, to, &v);
	return arena_printf(w->a, "%s%s", not ? chance(w, 2) ? "! " : "!" : "", text);
}

static const char *end(struct pf *k, struct said *s, enum subject on)
{
	struct draft *w = k->w;
	struct addrs v = { 0 };
	const char *text = "";
	if (chance(w, 4))
		return "any";
	if (k->macro.v.n && chance(w, 5)) {
		on_addrs(w, s, on, &k->macro, false);
		return "$hosts";
	}
	if (chance(w, 2)) {
		text = member(k, &v);
	} else {
		for (uint32_t i = 0, n = 1 + rnd(w, 3); i < n; i++)
			text = arena_printf(w->a, "%s%s%s", text, i ? ONE_OF(w, ", ", " ") : "", member(k, &v));
		text = arena_printf(w->a, "{ %s }", text);
	}
	if (!v.v.n)
		on_nothing(w, s);
	else
		on_addrs(w, s, on, &v, false);
	return text;
}

static const char *port(struct draft *w, struct ports *to)
{
	uint16_t a = (uint16_t)(1 + some_port(w) % 65000), b = (uint16_t)(a + rnd(w, 500));
	switch (rnd(w, 9)) {
	case 0:
		ports_add(w, to, 0, a - 1u);
		ports_add(w, to, a + 1u, 65535);
		return arena_printf(w->a, "!= %u", a);
	case 1:
		ports_add(w, to, 0, a - 1u);
		return arena_printf(w->a, "< %u", a);
	case 2:
		ports_add(w, to, a, 65535);
		return arena_printf(w->a, ">= %u", a);
	case 3:
		ports_add(w, to, a, b);
		return arena_printf(w->a, "%u:%u", a, b);
	case 4:
		b = (uint16_t)(a + 2 + rnd(w, 500));
		ports_add(w, to, a + 1u, b - 1u);
		return arena_printf(w->a, "%u >< %u", a, b);
	case 5:
		ports_add(w, to, 0, a - 1u);
		ports_add(w, to, b + 1u, 65535);
		return arena_printf(w->a, "%u <> %u", a, b);
	case 6:
		ports_add(w, to, 53, 53);
		return "domain";
	default:
		ports_add(w, to, a, a);
		return arena_printf(w->a, chance(w, 3) ? "= %u" : "%u", a);
	}
}

static const char *ports(struct draft *w, struct ports *to)
{
	const char *text = "";
	if (chance(w, 2))
		return arena_printf(w->a, " port %s", port(w, to));
	for (uint32_t i = 0, n = 1 + rnd(w, 3); i < n; i++)
		text = arena_printf(w->a, "%s%s%s", text, i ? ONE_OF(w, ", ", " ") : "", port(w, to));
	return arena_printf(w->a, " port { %s }", text);
}

struct icmp_word {
	const char *name;
	int type, code;
};

static const char *icmp(struct draft *w, struct said *s, bool v6)
{
	static const struct icmp_word four[] = { { "echoreq", 8, -1 },
						 { "8", 8, -1 },
						 { "unreach code needfrag", 3, 4 },
						 { "3 code 1", 3, 1 },
						 { "timex", 11, -1 },
						 { "echorep", 0, -1 },
						 { "unreach code port-unr", 3, 3 },
						 { "redir code 0", 5, 0 } },
				      six[] = { { "echoreq", 128, -1 },    { "toobig", 2, -1 },
						{ "neighbrsol", 135, -1 }, { "unreach code 4", 1, 4 },
						{ "129 code 0", 129, 0 },  { "timex code transit", 3, 0 },
						{ "routeradv", 134, -1 },  { "136", 136, -1 } };
	struct terms t = { 0 };
	const char *text = "";
	uint32_t n = 1 + rnd(w, 3);
	for (uint32_t i = 0; i < n; i++) {
		struct icmp_word x = v6 ? six[rnd(w, 8)] : four[rnd(w, 8)];
		terms_icmp(w, &t, v6 ? PROTO_ICMP6 : PROTO_ICMP, x.type, x.code);
		text = arena_printf(w->a, "%s%s%s", text, i ? ", " : "", x.name);
	}
	on_terms(w, s, &t, false);
	return arena_printf(w->a, n > 1 ? " %s { %s }" : " %s %s", v6 ? "icmp6-type" : "icmp-type", text);
}

static void put(struct pf *k, const struct said *s, bool in, bool out, const struct addrs *on, bool not_on)
{
	for (int i = 0; i < 2; i++) {
		size_t list = i ? k->out : k->in;
		if (list == SIZE_MAX || !(i ? out : in))
			continue;
		struct said *to = said_add(k->w, list, s->verb);
		*to = *s;
		to->conditions.v =
			(void *)arena_memdup(k->w->a, s->conditions.v, s->conditions.n * sizeof *s->conditions.v);
		to->conditions.room = to->conditions.n;
		if (on)
			on_addrs(k->w, to, i ? ON_DST : ON_SRC, on, not_on);
	}
}

static const char *services(struct pf *k, struct said *s, const char *x, const char *y)
{
	struct draft *w = k->w;
	struct terms t = { 0 };
	struct ports from = { 0 }, to = { 0 };
	const char *sp = "", *dp = "", *proto;
	uint32_t which;
	bool v6;
	switch (rnd(w, 6)) {
	case 0:
		return arena_printf(w->a, "%s%s%s%s", *x ? " from " : "", x, *y ? " to " : "", y);
	case 1:
		v6 = chance(w, 2);
		if (chance(w, 3)) {
			terms_protocol(w, &t, v6 ? PROTO_ICMP6 : PROTO_ICMP, v6 ? PROTO_ICMP6 : PROTO_ICMP);
			on_terms(w, s, &t, false);
			return arena_printf(w->a, "%s proto %s from %s to %s", v6 ? " inet6" : " inet",
					    v6 ? "icmp6" : "icmp", x, y);
		}
		on_family(w, s, v6 ? IPV6 : IPV4);
		proto = icmp(w, s, v6);
		return arena_printf(w->a, "%s proto %s from %s to %s%s", v6 ? " inet6" : " inet", v6 ? "icmp6" : "icmp",
				    x, y, proto);
	case 2:
		terms_protocol(w, &t, 47, 47);
		terms_protocol(w, &t, 50, 50);
		on_terms(w, s, &t, false);
		return arena_printf(w->a, " proto { gre, esp } from %s to %s", x, y);
	default:
		which = rnd(w, 3);
		if (chance(w, 4))
			sp = ports(w, &from);
		if (!chance(w, 4))
			dp = ports(w, &to);
		if (which != 1)
			terms_product(w, &t, PROTO_TCP, &from, &to);
		if (which != 0)
			terms_product(w, &t, PROTO_UDP, &from, &to);
		on_terms(w, s, &t, false);
		proto = which == 0 ? "tcp" : which == 1 ? "udp" : "{ tcp udp }";
		return arena_printf(w->a, " proto %s from %s%s to %s%s", proto, x, sp, y, dp);
	}
}

static void rule(struct pf *k, const char *indent)
{
	struct draft *w = k->w;
	struct said s = { .verb = chance(w, 2) ? SAYS_DENY : SAYS_PERMIT, .quick = chance(w, 3) };
	bool in = true, out = true, not_on = false, family = chance(w, 4);
	const struct addrs *on = NULL;
	const char *text;
	if (chance(w, 10)) {
		say(w, "%smatch in all scrub (no-df max-mss 1440)\n", indent);
		return;
	}
	say(w, "%s%s", indent,
	    s.verb == SAYS_PERMIT ? "pass" : ONE_OF(w, "block", "block drop", "block return", "block return-rst"));
	if (chance(w, 2)) {
		in = chance(w, 2);
		out = !in;
		say(w, " %s", in ? "in" : "out");
	}
	if (chance(w, 5))
		say(w, " log%s", chance(w, 2) ? " (all)" : "");
	if (s.quick)
		say(w, " quick");
	if (chance(w, 4)) {
		uint32_t n = rnd(w, (uint32_t)w->places.n);
		on = &w->places.v[n].addrs;
		not_on = chance(w, 4);
		if (chance(w, 6)) {
			/* a list is a rule for each of its members, and one of them is about all interfaces but the loopback */
			const char *all = ONE_OF(w, "any", "!lo0", "! lo"), *name = w->places.v[n].name;
			bool last = chance(w, 2);
			say(w, " on { %s%s%s }", last ? name : all, chance(w, 2) ? ", " : " ", last ? all : name);
			on = NULL;
			not_on = false;
		} else {
			say(w, " on %s%s", not_on ? "!" : "", w->places.v[n].name);
		}
	}
	if (chance(w, 8)) {
		say(w, " all");
		put(k, &s, in, out, on, not_on);
		say(w, "\n");
		return;
	}
	const char *x = end(k, &s, ON_SRC), *y = end(k, &s, ON_DST);
	text = services(k, &s, x, y);
	/* a family where the protocol implies none */
	if (family && !str_starts(str_of(text), " inet")) {
		enum family f = some_family(w);
		say(w, " %s", f == IPV6 ? "inet6" : "inet");
		on_family(w, &s, f);
	}
	say(w, "%s", text);
	if (s.verb == SAYS_PERMIT && chance(w, 5))
		say(w, "%s",
		    ONE_OF(w, " keep state", " flags S/SA keep state", " modulate state",
			   " keep state (if-bound, tcp.first 60)"));
	else if (s.verb == SAYS_PERMIT && chance(w, 12)) {
		say(w, "%s",
		    ONE_OF(w, " keep state (max 100, source-track rule)", " once", " rtable 1",
			   " route-to (em1 10.0.0.1)"));
		s.perhaps = true;
	}
	if (chance(w, 6))
		say(w, " label \"block all # really\"");
	if (chance(w, 10)) {
		say(w, "%s", ONE_OF(w, " tagged GOOD", " probability 50%", " user root"));
		s.perhaps = true;
	}
	if (chance(w, 6))
		say(w, "  # pass quick all%s", chance(w, 3) ? ", and \\\npass quick all" : "");
	say(w, "\n");
	put(k, &s, in, out, on, not_on);
}

static void pf_write(struct draft *w)
{
	struct pf k = { .w = w, .in = SIZE_MAX, .out = SIZE_MAX };
	w->stateful = true;
	w->neighbours_unasked = true;
	w->options.side = (enum policy_side)rnd(w, 3);
	for (int i = 0; i < 2; i++) {
		if (w->options.side == (i ? POLICY_INBOUND : POLICY_OUTBOUND))
			continue;
		size_t list = list_add(w, true, SAYS_PERMIT);
		w->lists.v[list].last_match = true;
		*(i ? &k.out : &k.in) = list;
	}
	for (unsigned i = 0; i < 2; i++) {
		struct addrs v = { 0 };
		addrs_add(w, &v, prefix_range((struct addr){ IPV4, 0x0a000000 + i * 256 }, 24));
		addrs_add(w, &v, prefix_range((struct addr){ IPV6, ((u128)0x20010db8 << 96) + ((u128)i << 64) }, 64));
		place_add(w, i ? "vio0" : "em1", &v);
	}
	if (chance(w, 2)) {
		struct addr_range x = some_net(w, IPV4), y = some_net(w, IPV6);
		addrs_add(w, &k.macro, x);
		addrs_add(w, &k.macro, y);
		say(w, "hosts = \"{ %s, %s }\"\n", net_of(w, x), net_of(w, y));
	}
	while (k.n_tables < N_TABLES && !chance(w, 3))
		table(&k);
	say(w, "set skip on lo\nset block-policy drop\n");
	struct said first = { .verb = chance(w, 2) ? SAYS_DENY : SAYS_PERMIT };
	say(w, "%s%s\n", first.verb == SAYS_DENY ? "block" : "pass", chance(w, 2) ? " all" : "");
	put(&k, &first, true, true, NULL, false);
	for (uint32_t i = 0, n = 1 + rnd(w, 7); i < n; i++) {
		if (chance(w, 8)) {
			say(w, "anchor \"inner/%u\"%s {\n", i, ONE_OF(w, "", " all", " from any to any", " on any"));
			for (uint32_t m = rnd(w, 3); m > 0; m--)
				rule(&k, "\t");
			say(w, "}\n");
		} else {
			rule(&k, "");
		}
	}
}

const struct grammar grammar_pf = { "pf", pf_write };
