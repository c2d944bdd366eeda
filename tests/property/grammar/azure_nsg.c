/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Azure network security groups: by priority, with singular and plural members in
 * all the mixtures that exports have, nested in properties or flat, keys in either case.
 */
#include "grammar.h"

enum form { NESTED, FLAT, N_FORMS };

static void say_side(struct draft *w, struct said *s, const char *key, enum subject on)
{
	struct addrs v = { 0 };
	texts text = { 0 };
	if (chance(w, 3)) {
		say(w, "\"%sAddressPrefix\": \"%s\", ", key, ONE_OF(w, "*", "Any"));
		return;
	}
	some_prefixes(w, 3, IPV4, &text, &v);
	if (chance(w, 3))
		some_prefixes(w, 2, IPV6, &text, &v);
	on_addrs(w, s, on, &v, false);
	switch (text.n == 1 ? rnd(w, 3) : rnd(w, 2)) {
	case 0:
		say(w, "\"%sAddressPrefix\": %s, \"%sAddressPrefixes\": %s, ", key, ONE_OF(w, "null", "\"\""), key,
		    json_texts(w, &text));
		break;
	case 1:
		say(w, "\"%sAddressPrefixes\": %s, ", key, json_texts(w, &text));
		break;
	default:
		say(w, "\"%sAddressPrefix\": \"%s\", \"%sAddressPrefixes\": [], ", key, text.v[0], key);
	}
}

static void say_ports(struct draft *w, const char *key, struct ports *to)
{
	texts text = { 0 };
	if (chance(w, 2)) {
		say(w, "\"%sPortRange\": \"*\", ", key);
		return;
	}
	for (uint32_t i = 1 + rnd(w, 3); i > 0; i--) {
		struct port_range r = some_ports(w);
		ports_add(w, to, r.lo, r.hi);
		*VEC_ADD(w->a, &text) =
			r.lo == r.hi ? arena_printf(w->a, "%u", r.lo) : arena_printf(w->a, "%u-%u", r.lo, r.hi);
	}
	if (text.n == 1 && chance(w, 2))
		say(w, "\"%sPortRange\": \"%s\", ", key, text.v[0]);
	else
		say(w, "\"%sPortRange\": null, \"%sPortRanges\": %s, ", key, key, json_texts(w, &text));
}

static void rule(struct draft *w, size_t list, enum form form, unsigned priority, bool inbound, bool counts)
{
	static const uint8_t ported[] = { PROTO_TCP, PROTO_UDP, PROTO_SCTP, PROTO_DCCP, PROTO_UDPLITE };
	struct said s = { .verb = chance(w, 3) ? SAYS_DENY : SAYS_PERMIT, .order = priority };
	struct ports from = { 0 }, to = { 0 };
	struct terms t = { 0 };
	uint32_t which = rnd(w, 5);
	const char *const protocols[] = { ONE_OF(w, "Tcp", "TCP", "tcp"), ONE_OF(w, "Udp", "UDP"),
					  ONE_OF(w, "Icmp", "ICMP"), "*", "Esp" };
	say(w, "{\"name\": \"rule %u: deny\", %s", priority, form == NESTED ? "\"properties\": {" : "");
	say(w, "\"priority\": %u, \"direction\": \"%s\", \"access\": \"%s\", \"protocol\": \"%s\", ", priority,
	    inbound ? "Inbound" : "Outbound", s.verb == SAYS_DENY ? "Deny" : "Allow", protocols[which]);
	say_side(w, &s, "source", ON_SRC);
	say_side(w, &s, "destination", ON_DST);
	if (which < 2 || which == 3) {
		say_ports(w, "source", &from);
		say_ports(w, "destination", &to);
	} else {
		say(w, "\"sourcePortRange\": \"*\", \"destinationPortRange\": \"*\", ");
	}
	say(w, "\"description\": \"Allow * to *\"}%s", form == NESTED ? "}" : "");
	if (which < 2)
		terms_product(w, &t, which ? PROTO_UDP : PROTO_TCP, &from, &to);
	if (which == 2)
		terms_protocol(w, &t, PROTO_ICMP, PROTO_ICMP);
	if (which == 4)
		terms_protocol(w, &t, PROTO_ESP, PROTO_ESP);
	/* ports of any protocol: of those that have some */
	for (size_t i = 0; which == 3 && (from.v.n || to.v.n) && i < ARRAY_LEN(ported); i++)
		terms_product(w, &t, ported[i], &from, &to);
	if (t.v.n)
		on_terms(w, &s, &t, false);
	if (counts)
		*said_add(w, list, SAYS_DENY) = s;
}

static void azure_nsg_write(struct draft *w)
{
	bool in = chance(w, 2);
	enum form form = (enum form)rnd(w, N_FORMS);
	size_t list = list_add(w, true, SAYS_DENY);
	unsigned used[16];
	w->stateful = true;
	w->options.side = in ? POLICY_INBOUND : POLICY_OUTBOUND;
	say(w, "{\"name\": \"nsg\", %s\"securityRules\": [\n  ", form == NESTED ? "\"properties\": {" : "");
	for (uint32_t i = 0, n = 1 + rnd(w, 7); i < n; i++) {
		bool taken, inbound = chance(w, 4) ? !in : in;
		do {
			used[i] = 100 + rnd(w, 500);
			taken = false;
			for (uint32_t k = 0; k < i; k++)
				taken |= used[k] == used[i];
		} while (taken);
		say(w, "%s", i ? ",\n  " : "");
		rule(w, list, form, used[i], inbound, inbound == in);
	}
	say(w, "]%s}\n", form == NESTED ? "}" : "");
	/* the defaults: the virtual network may come in, and its members are unknown; everything may go out */
	said_add(w, list, SAYS_PERMIT)->order = 65000;
	w->lists.v[list].said.v[w->lists.v[list].said.n - 1].perhaps = in;
}

const struct grammar grammar_azure_nsg = { "azure-nsg", azure_nsg_write };
