/* SPDX-License-Identifier: Apache-2.0 */
/* Firewall rules of a GCP network: by priority, and of one priority denials first. */
#include "grammar.h"

static void services(struct draft *w, struct terms *t)
{
	for (uint32_t i = 0, n = 1 + rnd(w, 3); i < n; i++) {
		bool udp = chance(w, 3);
		struct port_range r = some_ports(w);
		texts text = { 0 };
		say(w, "%s", i ? ", " : "");
		switch (rnd(w, 6)) {
		case 0:
			say(w, "{\"IPProtocol\": \"all\"}");
			terms_protocol(w, t, 0, 255);
			break;
		case 1:
			say(w, "{\"IPProtocol\": \"%s\"}", ONE_OF(w, "icmp", "1"));
			terms_protocol(w, t, PROTO_ICMP, PROTO_ICMP);
			break;
		case 2:
			say(w, "{\"IPProtocol\": \"%s\"}", udp ? "udp" : "tcp");
			terms_protocol(w, t, udp ? PROTO_UDP : PROTO_TCP, udp ? PROTO_UDP : PROTO_TCP);
			break;
		default:
			for (uint32_t k = 1 + rnd(w, 3); k > 0; k--) {
				r = some_ports(w);
				terms_add(w, t, service_of(udp ? PROTO_UDP : PROTO_TCP, r));
				*VEC_ADD(w->a, &text) = r.lo == r.hi ? arena_printf(w->a, "%u", r.lo)
								     : arena_printf(w->a, "%u-%u", r.lo, r.hi);
			}
			say(w, "{\"IPProtocol\": \"%s\", \"ports\": %s}", udp ? "udp" : ONE_OF(w, "tcp", "6"),
			    json_texts(w, &text));
		}
	}
}

static void rule(struct draft *w, size_t list, unsigned number, bool ingress, bool counts)
{
	static const unsigned priorities[] = { 0, 100, 1000, 1000, 65534 };
	unsigned priority = priorities[rnd(w, ARRAY_LEN(priorities))];
	bool deny = chance(w, 3), disabled = chance(w, 8), targets = chance(w, 10), tags = ingress && chance(w, 10);
	struct said s = { .verb = deny ? SAYS_DENY : SAYS_PERMIT,
			  .order = 2 * (long)priority + !deny,
			  .perhaps = targets };
	enum family f = chance(w, 3) ? IPV6 : IPV4;
	struct addrs v = { 0 }, own = { 0 };
	struct terms t = { 0 };
	texts text = { 0 }, own_text = { 0 };
	some_prefixes(w, 3, f, &text, &v);
	say(w,
	    "%s{\"kind\": \"compute#firewall\", \"name\": \"r-%u\", \"network\": "
	    "\"https://x/global/networks/default\", \"direction\": \"%s\"",
	    number ? ",\n " : "", number, ingress ? "INGRESS" : "EGRESS");
	if (priority != 1000 || chance(w, 2))
		say(w, ", \"priority\": %u", priority);
	say(w, ", \"%s\": %s", ingress ? "sourceRanges" : "destinationRanges", json_texts(w, &text));
	if (chance(w, 5)) {
		some_prefixes(w, 2, f, &own_text, &own);
		on_addrs(w, &s, ingress ? ON_DST : ON_SRC, &own, false);
		say(w, ", \"%s\": %s", ingress ? "destinationRanges" : "sourceRanges", json_texts(w, &own_text));
	}
	if (targets)
		say(w, ", \"targetTags\": [\"web\"]");
	if (tags)
		say(w, ", \"sourceTags\": [\"jump\"]");
	say(w, ", \"%s\": [", deny ? "denied" : "allowed");
	services(w, &t);
	say(w, "], \"logConfig\": {\"enable\": false}, \"disabled\": %s}", disabled ? "true" : "false");
	on_terms(w, &s, &t, false);
	if (disabled || !counts)
		return;
	struct said tagged = s;
	tagged.perhaps = true;
	tagged.conditions.v = (void *)arena_memdup(w->a, s.conditions.v, s.conditions.n * sizeof *s.conditions.v);
	tagged.conditions.room = tagged.conditions.n;
	on_addrs(w, &s, ingress ? ON_SRC : ON_DST, &v, false);
	*said_add(w, list, SAYS_DENY) = s;
	/* ranges or tags */
	if (tags)
		*said_add(w, list, SAYS_DENY) = tagged;
}

static void gcp_write(struct draft *w)
{
	bool in = chance(w, 2);
	size_t list = list_add(w, true, in ? SAYS_DENY : SAYS_PERMIT);
	w->stateful = true;
	w->options.side = in ? POLICY_INBOUND : POLICY_OUTBOUND;
	say(w, "[");
	for (uint32_t i = 0, n = 1 + rnd(w, 7); i < n; i++) {
		bool ingress = chance(w, 4) ? !in : in;
		rule(w, list, i, ingress, ingress == in);
	}
	say(w, "]\n");
}

const struct grammar grammar_gcp = { "gcp", gcp_write };
