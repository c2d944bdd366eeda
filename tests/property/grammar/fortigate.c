/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FortiGate: policies of both families in list order, with moves, negations,
 * groups with exclusions, services of every kind, and a virtual firewall around.
 */
#include "grammar.h"

enum { N_EACH = 3, N_PLACES = 3 };

struct forti {
	struct draft *w;
	struct addrs addresses[2][N_EACH], groups[N_EACH];
	size_t n_addresses[2], n_groups;
	bool doubtful[N_EACH]; /* of IPv4's */
	struct addrs group_excludes[N_EACH];
	struct terms services[N_EACH], bundles[N_EACH];
	size_t n_services, n_bundles;
};

static const char *const place_names[N_PLACES] = { "lan", "port 2", "srv" };

static void address(struct forti *k, enum family f)
{
	struct draft *w = k->w;
	size_t n = k->n_addresses[f]++;
	struct addrs *to = &k->addresses[f][n];
	struct addr_range r = some_net(w, f);
	say(w, "    edit \"%s%zu\"\n        set uuid 00000000-0000-0000-0000-000000000000\n",
	    f == IPV6 ? "six " : "addr", n);
	if (chance(w, 3)) {
		r = some_span(w, f);
		say(w, "        set type iprange\n        set start-ip %s\n        set end-ip %s\n", low_of(w, r),
		    high_of(w, r));
	} else if (f == IPV6) {
		say(w, "        set ip6 %s\n", net_of(w, r));
	} else if (chance(w, 8)) {
		say(w, "        set type fqdn\n        set fqdn \"www.example.com\"\n");
		k->doubtful[n] = true;
		addrs_everything(w, to, true, false);
		say(w, "    next\n");
		return;
	} else {
		if (chance(w, 3))
			say(w, "        set type ipmask\n");
		say(w, "        set subnet %s %s\n", low_of(w, r), mask_of(w, r));
	}
	addrs_add(w, to, r);
	if (chance(w, 5))
		say(w, "        set comment \"it's a \\\"host\\\",\nset subnet 0.0.0.0 0.0.0.0\nin two lines\"\n");
	say(w, "    next\n");
}

static void group(struct forti *k)
{
	struct draft *w = k->w;
	size_t n = k->n_groups++;
	const char *text = "";
	say(w, "    edit \"grp%zu\"\n", n);
	for (uint32_t i = 0, members = 1 + rnd(w, 3); i < members; i++) {
		uint32_t m = rnd(w, (uint32_t)k->n_addresses[IPV4]);
		if (k->doubtful[m])
			continue;
		addrs_add_all(w, &k->groups[n], &k->addresses[IPV4][m]);
		text = arena_printf(w->a, "%s \"addr%u\"", text, m);
	}
	if (n && chance(w, 3)) {
		uint32_t m = rnd(w, (uint32_t)n);
		if (!k->group_excludes[m].v.n) {
			addrs_add_all(w, &k->groups[n], &k->groups[m]);
			text = arena_printf(w->a, "%s \"grp%u\"", text, m);
		}
	}
	if (!*text) {
		addrs_everything(w, &k->groups[n], true, false);
		text = " \"all\"";
	}
	say(w, "        set member%s%s\n", text, chance(w, 3) ? " \"none\"\n        unselect member \"none\"" : "");
	if (chance(w, 4)) {
		/* one goes, and comes back */
		struct str rest = str_of(text), word;
		str_word(&rest, &word);
		if (strcmp(text, " \"all\"") == 0)
			word = STR("\"all\"");
		if (!str_starts(word, "\"addr"))
			say(w, "        unselect member %.*s\n        append member %.*s\n", STR_ARG(word),
			    STR_ARG(word));
	}
	if (chance(w, 3)) {
		uint32_t m = rnd(w, (uint32_t)k->n_addresses[IPV4]);
		if (!k->doubtful[m]) {
			addrs_add_all(w, &k->group_excludes[n], &k->addresses[IPV4][m]);
			say(w, "        set exclude enable\n        set exclude-member \"addr%u\"\n", m);
		}
	}
	say(w, "    next\n");
}

static const char *port_text(struct draft *w, struct port_range r)
{
	return r.lo == r.hi ? arena_printf(w->a, "%u", r.lo) : arena_printf(w->a, "%u-%u", r.lo, r.hi);
}

static void port_list(struct draft *w, const char *name, unsigned protocol, struct terms *to)
{
	say(w, "        set %s", name);
	for (uint32_t i = 0, n = 1 + rnd(w, 3); i < n; i++) {
		struct port_range r = some_ports(w), s = some_ports(w);
		struct ports from = { 0 }, ports = { 0 };
		bool source = chance(w, 4);
		ports_add(w, &ports, r.lo, r.hi);
		if (source)
			ports_add(w, &from, s.lo, s.hi);
		terms_product(w, to, protocol, &from, &ports);
		say(w, " %s%s%s", port_text(w, r), source ? ":" : "", source ? port_text(w, s) : "");
	}
	say(w, "\n");
}

static void service(struct forti *k)
{
	struct draft *w = k->w;
	size_t n = k->n_services++;
	struct terms *to = &k->services[n];
	uint32_t number;
	int type, code;
	say(w, "    edit \"svc %zu\"\n", n);
	switch (rnd(w, 6)) {
	case 0:
		type = (int)rnd(w, 14);
		code = chance(w, 2) ? (int)rnd(w, 3) : -1;
		terms_icmp(w, to, PROTO_ICMP, type, code);
		say(w, "        set protocol ICMP\n        set icmptype %d\n", type);
		if (code < 0)
			say(w, "        unset icmpcode\n");
		else
			say(w, "        set icmpcode %d\n", code);
		break;
	case 1:
		terms_icmp(w, to, PROTO_ICMP6, -1, -1);
		say(w, "        set protocol ICMP6\n        unset icmptype\n");
		break;
	case 2:
		number = (uint32_t[]){ 47, 50, 99 }[rnd(w, 3)];
		terms_protocol(w, to, number, number);
		say(w, "        set protocol IP\n        set protocol-number %u\n", number);
		break;
	default:
		if (chance(w, 3))
			say(w, "        set protocol TCP/UDP/SCTP\n");
		if (chance(w, 2))
			port_list(w, "udp-portrange", PROTO_UDP, to);
		if (!to->v.n || chance(w, 2))
			port_list(w, "tcp-portrange", PROTO_TCP, to);
		if (chance(w, 6))
			port_list(w, "sctp-portrange", PROTO_SCTP, to);
	}
	say(w, "    next\n");
}

static void bundle(struct forti *k)
{
	struct draft *w = k->w;
	size_t n = k->n_bundles++;
	say(w, "    edit \"bundle%zu\"\n        set member", n);
	for (uint32_t i = 0, members = 1 + rnd(w, 3); i < members; i++) {
		uint32_t m = rnd(w, (uint32_t)k->n_services);
		terms_add_all(w, &k->bundles[n], &k->services[m]);
		say(w, " \"svc %u\"", m);
	}
	if (n && chance(w, 3)) {
		terms_add_all(w, &k->bundles[n], &k->bundles[0]);
		say(w, " \"bundle0\"");
	}
	say(w, "\n    next\n");
}

/* Names of one side of one family as a condition: of the most that they may be, and of what they are for certain. */
static void side(struct forti *k, struct said *s, struct said *certain, const char *key, enum subject on, enum family f)
{
	struct draft *w = k->w;
	struct addrs v = { 0 }, sure = { 0 }, except = { 0 };
	const char *text = "";
	bool negated = chance(w, 6), doubtful = false;
	uint32_t n;
	switch (rnd(w, 4)) {
	case 0:
		addrs_everything(w, &v, f == IPV4, f == IPV6);
		text = " \"all\"";
		break;
	case 1:
		if (f == IPV4 && k->n_groups) {
			n = rnd(w, (uint32_t)k->n_groups);
			addrs_add_all(w, &v, &k->groups[n]);
			addrs_add_all(w, &except, &k->group_excludes[n]);
			text = arena_printf(w->a, " \"grp%u\"", n);
			break;
		}
		/* fall through */
	default:
		for (uint32_t i = 0, m = 1 + rnd(w, 2); i < m; i++) {
			n = rnd(w, (uint32_t)k->n_addresses[f]);
			addrs_add_all(w, &v, &k->addresses[f][n]);
			doubtful |= f == IPV4 && k->doubtful[n];
			if (f == IPV6 || !k->doubtful[n])
				addrs_add_all(w, &sure, &k->addresses[f][n]);
			text = arena_printf(w->a, "%s \"%s%u\"", text, f == IPV6 ? "six " : "addr", n);
		}
	}
	negated &= !except.v.n;
	if (!doubtful)
		sure = v;
	say(w, "        set %s%s\n", key, text);
	if (negated)
		say(w, "        set %s-negate enable\n", key);
	s->perhaps |= doubtful;
	/* the opposite of the most is the least, and the other way round */
	on_addrs(w, s, on, negated ? &sure : &v, negated);
	on_addrs(w, certain, on, negated ? &v : &sure, negated);
	on_addrs(w, s, on, &except, true);
	on_addrs(w, certain, on, &except, true);
	on_family(w, s, f);
	on_family(w, certain, f);
}

static void services(struct forti *k, struct said *s)
{
	struct draft *w = k->w;
	struct terms t = { 0 };
	uint32_t n;
	switch (rnd(w, 4)) {
	case 0:
		say(w, "        set service \"ALL\"\n");
		return;
	case 1:
		n = rnd(w, (uint32_t)k->n_bundles);
		terms_add_all(w, &t, &k->bundles[n]);
		say(w, "        set service \"bundle%u\"\n", n);
		break;
	default:
		say(w, "        set service");
		for (uint32_t i = 0, m = 1 + rnd(w, 2); i < m; i++) {
			n = rnd(w, (uint32_t)k->n_services);
			terms_add_all(w, &t, &k->services[n]);
			say(w, " \"svc %u\"", n);
		}
		say(w, "\n");
	}
	on_terms(w, s, &t, false);
}

static void interfaces(struct forti *k, struct said *s, const char *key, enum subject on)
{
	struct draft *w = k->w;
	struct addrs v = { 0 };
	uint32_t n = rnd(w, N_PLACES), m = rnd(w, N_PLACES);
	if (chance(w, 3)) {
		say(w, "        set %s \"any\"\n", key);
		return;
	}
	addrs_add_all(w, &v, &w->places.v[n].addrs);
	say(w, "        set %s \"%s\"", key, place_names[n]);
	if (m != n && chance(w, 3)) {
		addrs_add_all(w, &v, &w->places.v[m].addrs);
		say(w, " \"%s\"", place_names[m]);
	}
	say(w, "\n");
	on_addrs(w, s, on, &v, false);
}

static void policy(struct forti *k, size_t list, unsigned id, long order)
{
	struct draft *w = k->w;
	struct said s = { .order = order, .verb = chance(w, 3) ? SAYS_DENY : SAYS_PERMIT };
	bool disabled = chance(w, 8);
	say(w, "    edit %u\n", id);
	if (chance(w, 2))
		say(w, "        set name \"policy %u; set status disable\"\n", id);
	interfaces(k, &s, "srcintf", ON_SRC);
	interfaces(k, &s, "dstintf", ON_DST);
	struct said six = said_copy(w, &s), sure = said_copy(w, &s), sure_six = said_copy(w, &s);
	uint32_t families = 1 + rnd(w, 3);
	bool four = families & 1, has_six = families & 2;
	if (four) {
		side(k, &s, &sure, "srcaddr", ON_SRC, IPV4);
		side(k, &s, &sure, "dstaddr", ON_DST, IPV4);
	}
	if (has_six) {
		side(k, &six, &sure_six, "srcaddr6", ON_SRC, IPV6);
		side(k, &six, &sure_six, "dstaddr6", ON_DST, IPV6);
	}
	if (s.verb == SAYS_PERMIT)
		say(w, "        set action accept\n");
	else if (chance(w, 2))
		say(w, "        set action deny\n");
	size_t before = s.conditions.n;
	services(k, &s);
	for (size_t i = before; i < s.conditions.n; i++)
		*VEC_ADD(w->a, &six.conditions) = *VEC_ADD(w->a, &sure.conditions) =
			*VEC_ADD(w->a, &sure_six.conditions) = s.conditions.v[i];
	bool certain = true;
	if (chance(w, 8)) {
		say(w, "        set schedule \"office hours\"\n");
		s.perhaps = six.perhaps = true;
		certain = false;
	} else {
		say(w, "        set schedule \"always\"\n");
	}
	if (disabled)
		say(w, "        set status disable\n");
	if (chance(w, 3))
		say(w, "        set logtraffic all\n        set nat enable\n");
	if (chance(w, 8)) {
		say(w, "        set policy-expiry enable\n        set policy-expiry-date 2031-01-01 00:00:00\n");
		s.perhaps = six.perhaps = true;
		certain = false;
	}
	say(w, "    next\n");
	/* what one family's addresses leave open does not make the other's uncertain, but the policy is one */
	s.perhaps |= six.perhaps |= s.perhaps && four;
	sure.verb = sure_six.verb = s.verb;
	if (four && !disabled && certain)
		*said_add(w, list, SAYS_DENY) = sure;
	if (has_six && !disabled && certain)
		*said_add(w, list, SAYS_DENY) = sure_six;
	if (four && !disabled)
		*said_add(w, list, SAYS_DENY) = s;
	if (has_six && !disabled)
		*said_add(w, list, SAYS_DENY) = six;
}

static void policies(struct forti *k)
{
	struct draft *w = k->w;
	size_t list = list_add(w, true, SAYS_DENY);
	uint32_t n = 1 + rnd(w, 6), first = rnd(w, n), last = rnd(w, n);
	bool moves = first != last && chance(w, 2), before = chance(w, 2);
	say(w, "config firewall policy\n");
	for (uint32_t i = 0; i < n; i++) {
		long order = 2 * (long)i;
		if (moves && i == first)
			order = 2 * (long)last + (before ? -1 : 1);
		policy(k, list, 10 + (n - i) * 3, order);
	}
	if (moves)
		say(w, "    move %u %s %u\n", 10 + (n - first) * 3, before ? "before" : "after", 10 + (n - last) * 3);
	say(w, "end\n");
}

static void fortigate_write(struct draft *w)
{
	struct forti k = { .w = w };
	bool vdom = chance(w, 4);
	w->stateful = true;
	for (unsigned i = 0; i < N_PLACES; i++) {
		struct addrs v = { 0 };
		addrs_add(w, &v, prefix_range((struct addr){ IPV4, 0x0a000000 + i * 256 }, 24));
		addrs_add(w, &v, prefix_range((struct addr){ IPV6, ((u128)0x20010db8 << 96) + ((u128)i << 64) }, 64));
		place_add(w, place_names[i], &v);
	}
	say(w, "#config-version=FGT60F-7.2.5-FW-build1517-230606:opmode=0:vdom=%d:user=admin\n", vdom);
	if (vdom && chance(w, 2))
		say(w, "config vdom\nedit root\nnext\nedit other\nnext\nend\nconfig global\nend\n");
	if (vdom)
		say(w, "config vdom\nedit root\n");
	say(w, "config system global\n    set hostname \"fw\"\nend\n");
	say(w, "config firewall address\n");
	do
		address(&k, IPV4);
	while (k.n_addresses[IPV4] < N_EACH && !chance(w, 3));
	say(w, "end\nconfig firewall address6\n");
	do
		address(&k, IPV6);
	while (k.n_addresses[IPV6] < N_EACH && !chance(w, 3));
	say(w, "end\nconfig firewall addrgrp\n");
	while (k.n_groups < N_EACH && !chance(w, 3))
		group(&k);
	say(w, "end\nconfig firewall service custom\n");
	do
		service(&k);
	while (k.n_services < N_EACH && !chance(w, 3));
	say(w, "end\nconfig firewall service group\n");
	do
		bundle(&k);
	while (k.n_bundles < N_EACH && !chance(w, 3));
	say(w, "end\n");
	policies(&k);
	/* the end of a list ends the entry that is open in it */
	if (vdom)
		say(w, chance(w, 2) ? "end\n" : "next\nend\n");
}

const struct grammar grammar_fortigate = { "fortigate", fortigate_write };
