/* SPDX-License-Identifier: Apache-2.0 */
/* Kubernetes' network policies of one pod: what any of them permits, once one of them applies to the direction. */
#include "grammar.h"

static void ports(struct draft *w, struct said *s, struct terms *named)
{
	struct terms t = { 0 };
	uint32_t n = rnd(w, 4);
	if (!n) {
		if (chance(w, 2))
			say(w, "      ports: []\n");
		return;
	}
	say(w, "      ports:\n");
	for (uint32_t i = 0; i < n; i++) {
		struct port_range r = some_ports(w);
		uint8_t p = (uint8_t[]){ PROTO_TCP, PROTO_UDP, PROTO_SCTP }[rnd(w, 3)];
		bool silent = p == PROTO_TCP && chance(w, 2);
		const char *protocol = p == PROTO_TCP ? "TCP" : p == PROTO_UDP ? "UDP" : "SCTP";
		if (!silent)
			say(w, "        - protocol: %s\n", protocol);
		const char *lead = silent ? "        - " : "          ";
		if (chance(w, 8)) {
			say(w, "%sport: metrics\n", lead);
			terms_protocol(w, named, p, p);
			continue;
		}
		if (!silent && chance(w, 6)) {
			terms_protocol(w, &t, p, p);
			continue;
		}
		r.lo = MAX(r.lo, 1);
		r.hi = MAX(r.hi, 1);
		say(w, "%sport: %u\n", lead, r.lo);
		if (r.hi > r.lo)
			say(w, "          endPort: %u\n", r.hi);
		terms_add(w, &t, service_of(p, r));
	}
	if (t.v.n)
		on_terms(w, s, &t, false);
	else
		on_nothing(w, s);
}

/* True: pods are among them, which may be anybody. */
static bool peers(struct draft *w, const char *key, struct addrs *v, bool *any)
{
	bool pods = false;
	uint32_t n = rnd(w, 4);
	*any = n == 0;
	if (!n) {
		if (chance(w, 2))
			say(w, "      %s: []\n", key);
		return false;
	}
	say(w, "      %s:\n", key);
	for (uint32_t i = 0; i < n; i++) {
		struct addr_range r = some_net(w, chance(w, 3) ? IPV6 : IPV4), x = some_net(w, r.family);
		struct addrs one = { 0 };
		if (chance(w, 8)) {
			pods = true;
			say(w, "        - podSelector: { matchLabels: { app: web } }\n");
			continue;
		}
		addrs_add(w, &one, r);
		say(w, "        - ipBlock:\n            cidr: %s\n", net_of(w, r));
		if (x.lo >= r.lo && x.hi <= r.hi && chance(w, 2)) {
			say(w, "            except: [ \"%s\" ]\n", net_of(w, x));
			addrs_cut(w, &one, x);
		}
		addrs_add_all(w, v, &one);
	}
	return pods;
}

/* How many rules it has. */
static uint32_t direction(struct draft *w, size_t list, bool in, bool counts)
{
	uint32_t n = rnd(w, 4);
	say(w, "  %s:%s\n", in ? "ingress" : "egress", n ? "" : " []");
	for (uint32_t i = 0; i < n; i++) {
		struct said s = { .verb = SAYS_PERMIT };
		struct terms named = { 0 };
		struct addrs v = { 0 };
		bool any, pods;
		if (chance(w, 10)) {
			say(w, "    - {}\n");
			if (counts)
				*said_add(w, list, SAYS_DENY) = s;
			continue;
		}
		say(w, "    - # what it is for\n");
		size_t before = w->text.n;
		pods = peers(w, in ? "from" : "to", &v, &any);
		ports(w, &s, &named);
		if (w->text.n == before)
			say(w, "      ports: []\n");
		if (!counts)
			continue;
		/* what names a port or pods is certain of nothing */
		for (int k = 0; k < 4; k++) {
			struct said one = { .verb = SAYS_PERMIT, .perhaps = k > 0 };
			bool by_name = k & 1, by_pods = k & 2;
			if ((by_name && !named.v.n) || (by_pods && !pods))
				continue;
			if (by_name)
				on_terms(w, &one, &named, false);
			else
				one.conditions = s.conditions;
			one.conditions.room = one.conditions.n;
			if (one.conditions.n)
				one.conditions.v = (void *)arena_memdup(w->a, one.conditions.v,
									one.conditions.n * sizeof *one.conditions.v);
			if (!by_pods && !any)
				on_addrs(w, &one, in ? ON_SRC : ON_DST, &v, false);
			*said_add(w, list, SAYS_DENY) = one;
		}
	}
	return n;
}

static void kubernetes_write(struct draft *w)
{
	bool in = chance(w, 2), isolated = false;
	size_t list = list_add(w, true, SAYS_PERMIT);
	w->stateful = true;
	w->options.side = in ? POLICY_INBOUND : POLICY_OUTBOUND;
	for (uint32_t i = 0, n = 1 + rnd(w, 3); i < n; i++) {
		uint32_t types = rnd(w, 4); /* 0: absent */
		bool ingress = chance(w, 2), egress = chance(w, 2), judges;
		say(w,
		    "%sapiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p-%u\n  namespace: "
		    "prod\nspec:\n"
		    "  podSelector: {}\n",
		    i ? "---\n" : "", i);
		if (types)
			say(w, "  policyTypes: [ %s ]\n",
			    types == 1   ? "Ingress"
			    : types == 2 ? "Egress"
					 : "Ingress, Egress");
		/* unsaid: what comes in, and what goes out when there are rules for that */
		judges = types ? types & (in ? 1u : 2u) : in || egress;
		if (ingress)
			direction(w, list, true, judges && in);
		if (egress && !direction(w, list, false, judges && !in))
			judges &= types || in;
		isolated |= judges;
	}
	w->lists.v[list].otherwise = isolated ? SAYS_DENY : SAYS_PERMIT;
}

const struct grammar grammar_kubernetes = { "kubernetes", kubernetes_write };
