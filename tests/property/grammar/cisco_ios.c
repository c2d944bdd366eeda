/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cisco IOS and IOS XE: extended, standard and IPv6 access lists, named and
 * numbered, with object groups, sequence numbers and bindings.
 */
#include "cisco.h"

enum { N_GROUPS = 3 };

struct ios {
	struct draft *w;
	struct addrs networks[N_GROUPS];
	struct terms services[N_GROUPS];
	size_t n_networks, n_services;
};

/* One entry as words and as a meaning. */
struct entry {
	const char *text;
	struct said said;
};

/* Masks with holes: the don't-care bits are those of the third byte. */
static const char *with_holes(struct draft *w, struct addrs *to)
{
	unsigned last = rnd(w, 18);
	for (unsigned i = 0; i < 4; i++)
		addrs_add(w, to,
			  (struct addr_range){ IPV4, 0x0a000000u + i * 256 + last, 0x0a000000u + i * 256 + last });
	return arena_printf(w->a, "10.0.%u.%u 0.0.3.0", rnd(w, 4), last);
}

static const char *address(struct ios *k, enum family f, struct addrs *to)
{
	struct draft *w = k->w;
	struct addr_range r;
	uint32_t g;
	switch (rnd(w, 6)) {
	case 0:
		addrs_everything(w, to, f == IPV4, f == IPV6);
		return "any";
	case 1:
		r = some_host(w, f);
		addrs_add(w, to, r);
		return arena_printf(w->a, "host %s", low_of(w, r));
	case 2:
		if (f == IPV4 && k->n_networks) {
			g = rnd(w, (uint32_t)k->n_networks);
			addrs_add_all(w, to, &k->networks[g]);
			return arena_printf(w->a, "object-group NET%u", g);
		}
		/* fall through */
	case 3:
		if (f == IPV4)
			return with_holes(w, to);
		/* fall through */
	default:
		r = some_net(w, f);
		addrs_add(w, to, r);
		if (f == IPV6)
			return net_of(w, r);
		/* bits under the wildcard do not count */
		return arena_printf(w->a, "%s %s", addr_of(w, IPV4, chance(w, 3) ? r.hi : r.lo), wildcard_of(w, r));
	}
}

/* Protocol, addresses and ports, in the order of an entry. */
static const char *body(struct ios *k, enum family f, struct said *s)
{
	struct draft *w = k->w;
	struct addrs src = { 0 }, dst = { 0 };
	struct terms terms = { 0 };
	struct ports from = { 0 }, to = { 0 };
	const char *x = address(k, f, &src), *y = address(k, f, &dst), *text;
	unsigned n;
	int type, code;
	uint32_t g;

	on_addrs(w, s, ON_SRC, &src, false);
	on_addrs(w, s, ON_DST, &dst, false);
	switch (rnd(w, 9)) {
	case 0:
		return arena_printf(w->a, "%s %s %s", f == IPV6 ? "ipv6" : "ip", x, y);
	case 1:
		text = cisco_other_protocol(w, &n);
		terms_protocol(w, &terms, n, n);
		on_terms(w, s, &terms, false);
		return arena_printf(w->a, "%s %s %s", text, x, y);
	case 2:
		n = f == IPV6 ? PROTO_ICMP6 : PROTO_ICMP;
		if (chance(w, 4)) {
			terms_protocol(w, &terms, n, n);
			on_terms(w, s, &terms, false);
			return arena_printf(w->a, "icmp %s %s", x, y);
		}
		text = cisco_said_icmp(w, f == IPV6, true, &type, &code);
		terms_icmp(w, &terms, n, type, code);
		on_terms(w, s, &terms, false);
		return arena_printf(w->a, "icmp %s %s %s", x, y, text);
	case 3:
		if (f == IPV4 && k->n_services) {
			g = rnd(w, (uint32_t)k->n_services);
			on_terms(w, s, &k->services[g], false);
			return arena_printf(w->a, "object-group SVC%u %s %s", g, x, y);
		}
		/* fall through */
	default: {
		bool udp = chance(w, 3);
		const char *sp = chance(w, 4) ? cisco_some_ports(w, udp, true, &from) : "";
		const char *dp = cisco_said_ports(w, udp, true, &to), *flags = "";
		terms_product(w, &terms, udp ? PROTO_UDP : PROTO_TCP, &from, &to);
		on_terms(w, s, &terms, false);
		if (!udp && chance(w, 6)) {
			bool first = chance(w, 3);
			flags = first ? (f == IPV4 ? " match-all +syn -ack" : " syn") : " established";
			if (first)
				s->perhaps = true; /* lists of flags are not followed */
			else
				s->when = AFTERWARDS;
		}
		return arena_printf(w->a, "%s %s%s %s%s%s",
				    chance(w, 10) ? (udp ? "17" : "6")
				    : udp         ? "udp"
						  : "tcp",
				    x, sp, y, dp, flags);
	}
	}
}

static struct entry entry(struct ios *k, enum family f)
{
	struct draft *w = k->w;
	struct entry e = { .said.verb = chance(w, 3) ? SAYS_DENY : SAYS_PERMIT };
	const char *text = body(k, f, &e.said), *options = "";
	switch (rnd(w, 10)) {
	case 0:
		options = " log";
		break;
	case 1:
		options = " log-input";
		break;
	case 2:
		options = chance(w, 2) ? " time-range OFFICE" : " dscp ef";
		e.said.perhaps = true;
		break;
	default:
		break;
	}
	e.text = arena_printf(w->a, "%s %s%s", e.said.verb == SAYS_DENY ? "deny" : "permit", text, options);
	return e;
}

static void network_group(struct ios *k)
{
	struct draft *w = k->w;
	size_t g = k->n_networks++;
	struct addrs *to = &k->networks[g];
	struct addr_range r;
	say(w, "object-group network NET%zu\n", g);
	if (chance(w, 3))
		say(w, " description what permit ip any any would be here\n");
	for (uint32_t i = 0, n = 1 + rnd(w, 4); i < n; i++)
		switch (rnd(w, 4)) {
		case 0:
			r = some_host(w, IPV4);
			addrs_add(w, to, r);
			say(w, " host %s\n", low_of(w, r));
			break;
		case 1:
			r = some_span(w, IPV4);
			addrs_add(w, to, r);
			say(w, " range %s %s\n", low_of(w, r), high_of(w, r));
			break;
		case 2:
			if (g) {
				uint32_t other = rnd(w, (uint32_t)g);
				addrs_add_all(w, to, &k->networks[other]);
				say(w, " group-object NET%u\n", other);
				break;
			}
			/* fall through */
		default:
			/* a netmask here, not a wildcard */
			r = some_net(w, IPV4);
			addrs_add(w, to, r);
			say(w, " %s %s\n", low_of(w, r), mask_of(w, r));
		}
	say(w, "!\n");
}

static void service_member(struct ios *k, size_t g)
{
	struct draft *w = k->w;
	struct terms *to = &k->services[g];
	struct ports from = { 0 }, ports = { 0 };
	const char *text;
	unsigned n;
	int type, code;
	uint32_t other;
	switch (rnd(w, 6)) {
	case 0:
		if (g) {
			other = rnd(w, (uint32_t)g);
			terms_add_all(w, to, &k->services[other]);
			say(w, " group-object SVC%u\n", other);
			return;
		}
		/* fall through */
	case 1:
		text = cisco_said_icmp(w, false, false, &type, &code);
		terms_icmp(w, to, PROTO_ICMP, type, code);
		say(w, " icmp %s\n", text);
		return;
	case 2:
		text = cisco_other_protocol(w, &n);
		terms_protocol(w, to, n, n);
		say(w, " %s\n", text);
		return;
	case 3:
		text = cisco_said_ports(w, true, false, &ports);
		terms_product(w, to, PROTO_TCP, &from, &ports);
		terms_product(w, to, PROTO_UDP, &from, &ports);
		say(w, " tcp-udp%s\n", text);
		return;
	default: {
		bool udp = chance(w, 2);
		const char *sp = chance(w, 4) ? cisco_some_ports(w, udp, false, &from) : "";
		text = cisco_said_ports(w, udp, false, &ports);
		terms_product(w, to, udp ? PROTO_UDP : PROTO_TCP, &from, &ports);
		say(w, " %s%s%s%s\n", udp ? "udp" : "tcp", *sp ? " source" : "", sp, text);
	}
	}
}

static void service_group(struct ios *k)
{
	size_t g = k->n_services++;
	say(k->w, "object-group service SVC%zu\n", g);
	for (uint32_t i = 0, n = 1 + rnd(k->w, 4); i < n; i++)
		service_member(k, g);
	say(k->w, "!\n");
}

/* A named list in one block or several, with numbers that insert and `no` that takes out. */
static void named_list(struct ios *k, const char *name, enum family f, size_t list)
{
	struct draft *w = k->w;
	const char *head = f == IPV6 ? "ipv6 access-list" : "ip access-list extended";
	long highest = 0, used[32];
	size_t n = 1 + rnd(w, 7), first = w->lists.v[list].said.n, left;

	say(w, "%s %s\n", head, name);
	for (size_t i = 0; i < n; i++) {
		struct entry e = entry(k, f);
		bool numbered = chance(w, 3), taken = false;
		e.said.order = highest + 10;
		if (numbered) {
			long at = 1 + rnd(w, 60);
			for (size_t m = 0; m < i; m++)
				taken |= used[m] == at;
			e.said.order = taken ? e.said.order : at;
		}
		used[i] = e.said.order;
		highest = MAX(highest, e.said.order);
		*said_add(w, list, SAYS_DENY) = e.said;
		if (chance(w, 5))
			say(w, " remark %s\n", ONE_OF(w, "permit ip any any", "what it is for", "--- 10 deny all ---"));
		if (!numbered)
			say(w, " %s\n", e.text);
		else if (f == IPV6 && chance(w, 2))
			say(w, " %s sequence %ld\n", e.text, e.said.order);
		else if (f == IPV6)
			say(w, " sequence %ld %s\n", e.said.order, e.text);
		else
			say(w, " %ld %s\n", e.said.order, e.text);
		if (chance(w, 6))
			say(w, "!\n%s %s\n", head, name);
		/* one goes, and its number is free; the next one follows the highest that is left */
		if (!i || i > 20 || !chance(w, 6))
			continue;
		size_t gone = rnd(w, (uint32_t)i + 1);
		if (!used[gone])
			continue;
		say(w, " no %s%ld\n", f == IPV6 ? "sequence " : "", used[gone]);
		w->lists.v[list].said.v[first + gone].verb = SAYS_NOTHING;
		used[gone] = 0;
		left = highest = 0;
		for (size_t m = 0; m <= i; m++) {
			left += used[m] != 0;
			highest = MAX(highest, used[m]);
		}
		if (!left)
			n++; /* a list without entries would permit */
	}
	say(w, "!\n");
}

/* As `show access-lists` prints it. */
static void shown_list(struct ios *k, const char *name, enum family f, size_t list)
{
	struct draft *w = k->w;
	say(w, "%s access list %s\n", f == IPV6 ? "IPv6" : "Extended IP", name);
	for (long i = 0, n = 1 + rnd(w, 7); i < n; i++) {
		struct entry e = entry(k, f);
		const char *hits = chance(w, 2) ? arena_printf(w->a, " (%u matches)", rnd(w, 1000)) : "";
		*said_add(w, list, SAYS_DENY) = e.said;
		if (f == IPV6)
			say(w, "    %s%s sequence %ld\n", e.text, hits, 10 * (i + 1));
		else
			say(w, "    %ld %s%s\n", 10 * (i + 1), e.text, hits);
	}
}

static void numbered_list(struct ios *k, size_t list)
{
	struct draft *w = k->w;
	for (uint32_t i = 0, n = 1 + rnd(w, 6); i < n; i++) {
		struct entry e = entry(k, IPV4);
		if (chance(w, 5))
			say(w, "access-list 101 remark %s\n", ONE_OF(w, "deny ip any any", "old"));
		*said_add(w, list, SAYS_DENY) = e.said;
		say(w, "access-list 101 %s\n", e.text);
	}
}

static void standard_list(struct draft *w, size_t list)
{
	for (uint32_t i = 0, n = 1 + rnd(w, 6); i < n; i++) {
		struct said *s = said_add(w, list, chance(w, 3) ? SAYS_DENY : SAYS_PERMIT);
		struct addrs src = { 0 };
		struct addr_range r = some_net(w, IPV4), host = some_host(w, IPV4);
		const char *text;
		switch (rnd(w, 4)) {
		case 0:
			addrs_everything(w, &src, true, false);
			text = "any";
			break;
		case 1:
			addrs_add(w, &src, host);
			text = arena_printf(w->a, "%s%s", chance(w, 2) ? "host " : "", low_of(w, host));
			break;
		default:
			addrs_add(w, &src, r);
			text = arena_printf(w->a, "%s %s", low_of(w, r), wildcard_of(w, r));
		}
		on_addrs(w, s, ON_SRC, &src, false);
		say(w, "access-list 10 %s %s%s\n", s->verb == SAYS_DENY ? "deny" : "permit", text,
		    chance(w, 5) ? " log" : "");
	}
}

/* It is unknown whether the other family is routed here. */
static void of_no_list(struct draft *w, size_t list, enum family f)
{
	for (int i = 0; i < 2; i++) {
		struct said *s = said_add(w, list, i ? SAYS_DENY : SAYS_PERMIT);
		s->order = -3;
		s->perhaps = !i;
		on_family(w, s, f);
	}
}

static void of_other_family(struct draft *w, size_t list, enum family f)
{
	struct said *s = said_add(w, list, SAYS_PERMIT);
	s->order = -2;
	on_family(w, s, f == IPV4 ? IPV6 : IPV4);
}

static const char *begin_list(struct ios *k, enum family f, bool shown, size_t *list)
{
	*list = list_add(k->w, true, SAYS_DENY);
	k->w->neighbours_unasked = true;
	if (shown) {
		shown_list(k, f == IPV6 ? "V6" : "EDGE", f, *list);
	} else if (f == IPV6) {
		named_list(k, "V6", f, *list);
	} else if (chance(k->w, 4)) {
		numbered_list(k, *list);
		of_other_family(k->w, *list, f);
		return "101";
	} else if (chance(k->w, 5)) {
		standard_list(k->w, *list);
		of_other_family(k->w, *list, f);
		return "10";
	} else {
		named_list(k, "EDGE", f, *list);
	}
	of_other_family(k->w, *list, f);
	return f == IPV6 ? "V6" : "EDGE";
}

/* An interface with its addresses; its lists filter what comes in, or what goes out. */
static void interface(struct draft *w, const char *four, size_t list4, const char *six, size_t list6)
{
	struct addrs place = { 0 };
	bool out4 = chance(w, 3), out6 = chance(w, 3);
	addrs_add(w, &place, prefix_range((struct addr){ IPV4, 0x0a000000 }, 24));
	addrs_add(w, &place, prefix_range((struct addr){ IPV6, (u128)0x20010db8 << 96 }, 64));
	place_add(w, "GigabitEthernet0/0", &place);
	say(w,
	    "interface GigabitEthernet0/0\n description inside\n ip address 10.0.0.254 255.255.255.0\n"
	    " ip access-group %s %s\n",
	    four, out4 ? "out" : "in");
	if (six)
		say(w, " ipv6 traffic-filter %s %s\n", six, out6 ? "out" : "in");
	say(w, "!\n");
	struct said *s = said_add(w, list4, SAYS_PERMIT);
	s->order = -1;
	on_addrs(w, s, out4 ? ON_DST : ON_SRC, &place, true);
	if (!six)
		return;
	s = said_add(w, list6, SAYS_PERMIT);
	s->order = -1;
	on_addrs(w, s, out6 ? ON_DST : ON_SRC, &place, true);
}

static void ios_write(struct draft *w)
{
	struct ios k = { .w = w };
	size_t list4, list6 = 0;
	if (chance(w, 3))
		say(w, "Building configuration...\n\nCurrent configuration : 1234 bytes\n!\nversion 15.2\nhostname "
		       "r1\n!\n");
	while (k.n_networks < N_GROUPS && !chance(w, 3))
		network_group(&k);
	while (k.n_services < N_GROUPS && !chance(w, 3))
		service_group(&k);
	bool bound = chance(w, 2), shown = !bound && chance(w, 4);
	const char *four = begin_list(&k, IPV4, shown, &list4), *six = NULL;
	if (!bound || chance(w, 2))
		six = begin_list(&k, IPV6, shown, &list6);
	if (!six)
		of_no_list(w, list4, IPV6);
	if (bound)
		interface(w, four, list4, six, list6);
}

const struct grammar grammar_cisco_ios = { "cisco-ios", ios_write };
