/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cisco ASA 9: extended access lists of both families with objects, groups of
 * every kind, names, and what is bound to interfaces with security levels.
 */
#include "cisco.h"

enum { N_EACH = 3 };

struct asa {
	struct draft *w;
	struct addrs objects[N_EACH], networks[N_EACH];
	bool doubtful[N_EACH]; /* objects with a name that the firewall looks up */
	struct terms services[N_EACH], bundles[N_EACH];
	struct ports typed[N_EACH];
	unsigned typed_protocol[N_EACH]; /* 0: both */
	struct terms protocols;
	struct terms icmp_types;
	struct addr_range alias;
	size_t n_objects, n_networks, n_services, n_bundles, n_typed;
	bool has_protocols, has_icmp;
};

static enum family some_family(struct draft *w)
{
	return chance(w, 4) ? IPV6 : IPV4;
}

static const char *host_text(struct asa *k, struct addr_range r)
{
	return r.family == IPV4 && r.lo == k->alias.lo && chance(k->w, 2) ? "DC1" : low_of(k->w, r);
}

static struct addr_range asa_host(struct asa *k, enum family f)
{
	return f == IPV4 && chance(k->w, 4) ? k->alias : some_host(k->w, f);
}

/* A network as entries and groups have it: with a mask, or a prefix of IPv6. */
static const char *net_text(struct draft *w, struct addr_range r)
{
	return r.family == IPV6 ? net_of(w, r) : arena_printf(w->a, "%s %s", low_of(w, r), mask_of(w, r));
}

static void object_network(struct asa *k)
{
	struct draft *w = k->w;
	size_t n = k->n_objects++;
	struct addrs *to = &k->objects[n];
	enum family f = some_family(w);
	struct addr_range r;
	say(w, "object network OBJ%zu\n", n);
	switch (rnd(w, 4)) {
	case 0:
		r = asa_host(k, f);
		say(w, " host %s\n", host_text(k, r));
		break;
	case 1:
		r = some_span(w, f);
		say(w, " range %s %s\n", low_of(w, r), high_of(w, r));
		break;
	default:
		r = some_net(w, f);
		say(w, " subnet %s\n", net_text(w, r));
	}
	if (chance(w, 10)) {
		say(w, " fqdn v4 www.example.com\n");
		k->doubtful[n] = true;
		addrs_everything(w, to, true, true);
		return;
	}
	addrs_add(w, to, r);
	if (chance(w, 4))
		say(w, " description what it is\n");
	if (f == IPV4 && chance(w, 5))
		say(w, "object network OBJ%zu\n nat (inside,outside) dynamic interface\n", n);
}

static void network_group(struct asa *k)
{
	struct draft *w = k->w;
	size_t g = k->n_networks++;
	struct addrs *to = &k->networks[g];
	struct addr_range r;
	uint32_t n;
	say(w, "object-group network NET%zu\n", g);
	for (uint32_t i = 0, members = 1 + rnd(w, 4); i < members; i++) {
		enum family f = some_family(w);
		switch (rnd(w, 5)) {
		case 0:
			n = rnd(w, (uint32_t)k->n_objects + 1);
			if (n < k->n_objects && !k->doubtful[n]) {
				addrs_add_all(w, to, &k->objects[n]);
				say(w, " network-object object OBJ%u\n", n);
				break;
			}
			/* fall through */
		case 1:
			if (g) {
				n = rnd(w, (uint32_t)g);
				addrs_add_all(w, to, &k->networks[n]);
				say(w, " group-object NET%u\n", n);
				break;
			}
			/* fall through */
		case 2:
			r = asa_host(k, f);
			addrs_add(w, to, r);
			say(w, " network-object host %s\n", host_text(k, r));
			break;
		default:
			r = some_net(w, f);
			addrs_add(w, to, r);
			say(w, " network-object %s\n", net_text(w, r));
		}
	}
}

/* "tcp source gt 1023 destination eq 88" */
static const char *service_text(struct draft *w, struct terms *to)
{
	struct ports from = { 0 }, ports = { 0 };
	const char *sp, *dp, *text;
	unsigned n;
	int type, code;
	switch (rnd(w, 6)) {
	case 0:
		text = cisco_said_icmp(w, false, false, &type, &code);
		terms_icmp(w, to, PROTO_ICMP, type, code);
		return arena_printf(w->a, "icmp %s", text);
	case 1:
		text = cisco_other_protocol(w, &n);
		terms_protocol(w, to, n, n);
		return text;
	default: {
		bool udp = chance(w, 2), both = chance(w, 5);
		sp = chance(w, 4) ? cisco_some_ports(w, udp, false, &from) : "";
		dp = cisco_said_ports(w, udp, false, &ports);
		terms_product(w, to, udp ? PROTO_UDP : PROTO_TCP, &from, &ports);
		if (both && !*sp && *dp) {
			terms_product(w, to, udp ? PROTO_TCP : PROTO_UDP, &from, &ports);
			return arena_printf(w->a, "tcp-udp destination%s", dp);
		}
		return arena_printf(w->a, "%s%s%s%s%s", udp ? "udp" : "tcp", *sp ? " source" : "", sp,
				    *dp ? " destination" : "", dp);
	}
	}
}

static void object_service(struct asa *k)
{
	size_t n = k->n_services++;
	const char *text;
	do {
		k->services[n] = (struct terms){ 0 };
		text = service_text(k->w, &k->services[n]);
	} while (str_starts(str_of(text), "tcp-udp")); /* in groups only */
	say(k->w, "object service SO%zu\n service %s\n", n, text);
}

static void bundle(struct asa *k)
{
	struct draft *w = k->w;
	size_t g = k->n_bundles++;
	say(w, "object-group service SVC%zu\n", g);
	for (uint32_t i = 0, n = 1 + rnd(w, 4); i < n; i++) {
		uint32_t other;
		if (chance(w, 4) && k->n_services) {
			other = rnd(w, (uint32_t)k->n_services);
			terms_add_all(w, &k->bundles[g], &k->services[other]);
			say(w, " service-object object SO%u\n", other);
		} else if (chance(w, 4) && g) {
			other = rnd(w, (uint32_t)g);
			terms_add_all(w, &k->bundles[g], &k->bundles[other]);
			say(w, " group-object SVC%u\n", other);
		} else {
			say(w, " service-object %s\n", service_text(w, &k->bundles[g]));
		}
	}
}

static void typed_group(struct asa *k)
{
	struct draft *w = k->w;
	size_t g = k->n_typed++;
	unsigned p = (unsigned[]){ PROTO_TCP, PROTO_UDP, 0 }[rnd(w, 3)];
	k->typed_protocol[g] = p;
	say(w, "object-group service PORTS%zu %s\n", g, p == PROTO_TCP ? "tcp" : p ? "udp" : "tcp-udp");
	for (uint32_t i = 0, n = 1 + rnd(w, 4); i < n; i++) {
		struct port_range r = some_ports(w);
		ports_add(w, &k->typed[g], r.lo, r.hi);
		if (r.lo == r.hi)
			say(w, " port-object eq %u\n", r.lo);
		else
			say(w, " port-object range %u %u\n", r.lo, r.hi);
	}
}

static void protocol_group(struct asa *k)
{
	const char *text;
	unsigned n;
	say(k->w, "object-group protocol PROTO\n protocol-object tcp\n");
	terms_protocol(k->w, &k->protocols, PROTO_TCP, PROTO_TCP);
	text = cisco_other_protocol(k->w, &n);
	terms_protocol(k->w, &k->protocols, n, n);
	say(k->w, " protocol-object %s\n", text);
	k->has_protocols = true;
}

static void icmp_group(struct asa *k)
{
	say(k->w, "object-group icmp-type PINGS\n");
	for (uint32_t i = 0, n = 1 + rnd(k->w, 3); i < n; i++) {
		int type, code;
		const char *text = cisco_said_icmp(k->w, false, false, &type, &code);
		terms_icmp(k->w, &k->icmp_types, PROTO_ICMP, type, code);
		say(k->w, " icmp-object %s\n", text);
	}
	k->has_icmp = true;
}

static const char *address(struct asa *k, struct said *s, enum subject on)
{
	struct draft *w = k->w;
	enum family f = some_family(w);
	struct addrs to = { 0 };
	struct addr_range r;
	const char *text;
	uint32_t n;
	switch (rnd(w, 7)) {
	case 0:
	case 1:
		n = rnd(w, 3);
		addrs_everything(w, &to, n != 2, n != 1);
		text = n == 0 ? "any" : n == 1 ? "any4" : "any6";
		break;
	case 2:
		r = asa_host(k, f);
		addrs_add(w, &to, r);
		text = arena_printf(w->a, "host %s", host_text(k, r));
		break;
	case 3:
		if (k->n_objects) {
			n = rnd(w, (uint32_t)k->n_objects);
			addrs_add_all(w, &to, &k->objects[n]);
			s->perhaps |= k->doubtful[n];
			text = arena_printf(w->a, "object OBJ%u", n);
			break;
		}
		/* fall through */
	case 4:
		if (k->n_networks) {
			n = rnd(w, (uint32_t)k->n_networks);
			addrs_add_all(w, &to, &k->networks[n]);
			text = arena_printf(w->a, "object-group NET%u", n);
			break;
		}
		/* fall through */
	default:
		r = some_net(w, f);
		addrs_add(w, &to, r);
		text = net_text(w, r);
	}
	on_addrs(w, s, on, &to, false);
	return text;
}

/* TCP or UDP, with operators or groups of ports behind the addresses. */
static const char *with_ports(struct asa *k, struct said *s, const char *x, const char *y)
{
	struct draft *w = k->w;
	struct ports from = { 0 }, to = { 0 };
	struct terms terms = { 0 };
	bool udp = chance(w, 3);
	const char *sp = chance(w, 4) ? cisco_some_ports(w, udp, false, &from) : "", *dp;
	uint32_t g = k->n_typed ? rnd(w, (uint32_t)k->n_typed) : 0;
	bool fits = k->n_typed && (!k->typed_protocol[g] || k->typed_protocol[g] == (udp ? PROTO_UDP : PROTO_TCP));
	if (fits && chance(w, 2)) {
		to = k->typed[g];
		dp = arena_printf(w->a, " object-group PORTS%u", g);
	} else {
		dp = cisco_said_ports(w, udp, false, &to);
	}
	terms_product(w, &terms, udp ? PROTO_UDP : PROTO_TCP, &from, &to);
	on_terms(w, s, &terms, false);
	return arena_printf(w->a, "%s %s%s %s%s", udp ? "udp" : "tcp", x, sp, y, dp);
}

static const char *body(struct asa *k, struct said *s)
{
	struct draft *w = k->w;
	struct terms terms = { 0 };
	const char *x = address(k, s, ON_SRC), *y = address(k, s, ON_DST), *text;
	unsigned n;
	int type, code;
	uint32_t g;
	switch (rnd(w, 10)) {
	case 0:
		return arena_printf(w->a, "ip %s %s", x, y);
	case 1:
		text = cisco_other_protocol(w, &n);
		terms_protocol(w, &terms, n, n);
		on_terms(w, s, &terms, false);
		return arena_printf(w->a, "%s %s %s", text, x, y);
	case 2: {
		bool v6 = chance(w, 3);
		text = chance(w, 3) ? "" : cisco_said_icmp(w, v6, false, &type, &code);
		if (!v6 && k->has_icmp && chance(w, 2)) {
			on_terms(w, s, &k->icmp_types, false);
			return arena_printf(w->a, "icmp %s %s object-group PINGS", x, y);
		}
		terms_icmp(w, &terms, v6 ? PROTO_ICMP6 : PROTO_ICMP, *text ? type : -1, -1);
		on_terms(w, s, &terms, false);
		return arena_printf(w->a, "%s %s %s %s", v6 ? "icmp6" : "icmp", x, y, text);
	}
	case 3:
		if (!k->n_services)
			return with_ports(k, s, x, y);
		g = rnd(w, (uint32_t)k->n_services);
		on_terms(w, s, &k->services[g], false);
		return arena_printf(w->a, "object SO%u %s %s", g, x, y);
	case 4:
	case 5:
		if (!k->n_bundles)
			return with_ports(k, s, x, y);
		g = rnd(w, (uint32_t)k->n_bundles);
		on_terms(w, s, &k->bundles[g], false);
		return arena_printf(w->a, "object-group SVC%u %s %s", g, x, y);
	case 6:
		if (!k->has_protocols)
			return with_ports(k, s, x, y);
		on_terms(w, s, &k->protocols, false);
		return arena_printf(w->a, "object-group PROTO %s %s", x, y);
	default:
		return with_ports(k, s, x, y);
	}
}

static void entry(struct asa *k, const char *name, size_t list)
{
	struct draft *w = k->w;
	struct said s = { .verb = chance(w, 3) ? SAYS_DENY : SAYS_PERMIT };
	const char *text = body(k, &s), *options = "";
	bool counts = true;
	switch (rnd(w, 10)) {
	case 0:
		options = ONE_OF(w, " log", " log warnings", " log 6 interval 600", " log disable");
		break;
	case 1:
		options = " time-range OFFICE";
		s.perhaps = true;
		break;
	case 2:
		options = " inactive";
		counts = false;
		break;
	default:
		break;
	}
	if (chance(w, 6))
		say(w, "access-list %s remark %s\n", name, ONE_OF(w, "permit ip any any", "what it is for"));
	say(w, "access-list %s extended %s %s%s\n", name, s.verb == SAYS_DENY ? "deny" : "permit", text, options);
	if (counts)
		*said_add(w, list, SAYS_DENY) = s;
}

static void entries(struct asa *k, const char *name, size_t list)
{
	for (uint32_t i = 0, n = 1 + rnd(k->w, 6); i < n; i++)
		entry(k, name, list);
}

static void objects(struct asa *k)
{
	struct draft *w = k->w;
	k->alias = some_host(w, IPV4);
	say(w, "names\nname %s DC1\n", low_of(w, k->alias));
	while (k->n_objects < N_EACH && !chance(w, 3))
		object_network(k);
	while (k->n_services < N_EACH && !chance(w, 3))
		object_service(k);
	while (k->n_networks < N_EACH && !chance(w, 3))
		network_group(k);
	while (k->n_bundles < N_EACH && !chance(w, 3))
		bundle(k);
	while (k->n_typed < N_EACH && !chance(w, 3))
		typed_group(k);
	if (chance(w, 2))
		protocol_group(k);
	if (chance(w, 2))
		icmp_group(k);
}

enum { N_INTERFACES = 3 };
static const char *const names[N_INTERFACES] = { "inside", "outside", "dmz" };

/* Each interface has its own third of the world; what is in none of them comes in nowhere. */
static void interfaces(struct draft *w, struct addrs places[N_INTERFACES], unsigned levels[N_INTERFACES],
		       bool shut[N_INTERFACES])
{
	for (unsigned i = 0; i < N_INTERFACES; i++) {
		shut[i] = chance(w, 8);
		levels[i] = (unsigned[]){ 100, 0, chance(w, 2) ? 50 : 100 }[i];
		addrs_add(w, &places[i], prefix_range((struct addr){ IPV4, 0x0a000000 + i * 256 }, 24));
		addrs_add(w, &places[i],
			  prefix_range((struct addr){ IPV6, ((u128)0x20010db8 << 96) + ((u128)i << 64) }, 64));
		place_add(w, names[i], &places[i]);
		say(w,
		    "interface GigabitEthernet0/%u\n%s nameif %s\n security-level %u\n ip address 10.0.%u.254 "
		    "255.255.255.0\n!\n",
		    i,
		    !shut[i]       ? ""
		    : chance(w, 2) ? " shutdown\n"
				   : " management-only\n",
		    names[i], levels[i], i);
	}
}

/* What comes before the lists: clients of tunnels, interfaces where nothing passes, and those of one level. */
static void beside_lists(struct draft *w, size_t base, struct addrs places[N_INTERFACES],
			 const unsigned levels[N_INTERFACES], const bool shut[N_INTERFACES],
			 const bool has[N_INTERFACES], bool equal)
{
	struct said *s;
	if (chance(w, 4)) {
		bool filtered = chance(w, 3);
		struct addrs clients = { 0 };
		struct addr_range r = some_span(w, IPV4);
		addrs_add(w, &clients, r);
		say(w, "ip local pool CLIENTS %s-%s mask 255.255.255.0\ncrypto map M interface outside\n%s",
		    low_of(w, r), high_of(w, r), filtered ? "no sysopt connection permit-vpn\n" : "");
		if (!filtered) {
			s = said_add(w, base, SAYS_PERMIT);
			s->order = -3;
			s->perhaps = true;
			on_addrs(w, s, ON_SRC, &clients, false);
		}
	}
	for (unsigned i = 0; i < N_INTERFACES; i++) {
		for (int k = 0; k < 2 && shut[i]; k++) {
			s = said_add(w, base, SAYS_DENY);
			s->order = -2;
			on_addrs(w, s, k ? ON_DST : ON_SRC, &places[i], false);
		}
		for (unsigned m = 0; m < N_INTERFACES; m++) {
			if (m == i || levels[m] != levels[i] || equal || !has[i])
				continue;
			s = said_add(w, base, SAYS_DENY);
			s->order = -1;
			s->perhaps = true;
			on_addrs(w, s, ON_SRC, &places[i], false);
			on_addrs(w, s, ON_DST, &places[m], false);
		}
	}
}

/* The base sends what comes in by an interface to its list, then to the global one; else levels decide. */
static void bound(struct asa *k)
{
	struct draft *w = k->w;
	struct addrs places[N_INTERFACES] = { 0 };
	unsigned levels[N_INTERFACES];
	bool has[N_INTERFACES], listed[N_INTERFACES], shut[N_INTERFACES], global = chance(w, 2), equal = chance(w, 2);
	size_t base = list_add(w, true, SAYS_DENY), list;
	interfaces(w, places, levels, shut);
	if (equal)
		say(w, "same-security-traffic permit inter-interface\n");
	for (unsigned i = 0; i < N_INTERFACES; i++) {
		const char *name = arena_printf(w->a, "%s-in", names[i]);
		has[i] = chance(w, 2);
		listed[i] = has[i] || global;
		if (!has[i])
			continue;
		list = list_add(w, false, global ? SAYS_RETURN : SAYS_DENY);
		entries(k, name, list);
		struct said *s = said_add(w, base, SAYS_CALL);
		s->target = list;
		on_addrs(w, s, ON_SRC, &places[i], false);
	}
	if (global) {
		list = list_add(w, false, SAYS_DENY);
		entries(k, "everywhere", list);
		said_add(w, base, SAYS_CALL)->target = list;
	}
	beside_lists(w, base, places, levels, shut, listed, equal);
	for (unsigned i = 0; i < N_INTERFACES; i++)
		if (has[i])
			say(w, "access-group %s-in in interface %s\n", names[i], names[i]);
	if (global)
		say(w, "access-group everywhere global\n");
	for (unsigned i = 0; i < N_INTERFACES && !global; i++)
		for (unsigned m = 0; m < N_INTERFACES; m++) {
			if (has[i] || i == m || levels[i] < levels[m] || (levels[i] == levels[m] && !equal))
				continue;
			struct said *s = said_add(w, base, SAYS_PERMIT);
			on_addrs(w, s, ON_SRC, &places[i], false);
			on_addrs(w, s, ON_DST, &places[m], false);
		}
}

static void asa_write(struct draft *w)
{
	struct asa k = { .w = w };
	w->stateful = true;
	if (chance(w, 3))
		say(w, ": Saved\n:\nASA Version 9.16(4)\n!\nhostname fw\n");
	objects(&k);
	if (chance(w, 2)) {
		bound(&k);
		return;
	}
	entries(&k, "EDGE", list_add(w, true, SAYS_DENY));
}

const struct grammar grammar_cisco_asa = { "cisco-asa", asa_write };
