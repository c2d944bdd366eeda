/* SPDX-License-Identifier: Apache-2.0 */
/* What comes back for a flow, and whether rules are asked about it. */
#include "prove/prover.h"

struct flowbox reply_box(const struct flowbox *b, struct port_range client_ports, struct service_term *terms)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n_services; i++) {
		struct service_term t = b->services[i];
		if (protocol_is_icmp(t.protocol_lo)) {
			/* an echo gets an echo reply (RFC 792; RFC 4443, 4.2) */
			uint16_t answer = t.protocol_lo == PROTO_ICMP ? 0 : 129;
			uint16_t question = t.protocol_lo == PROTO_ICMP ? 8 : 128;
			if (question < t.port.lo || question > t.port.hi)
				continue;
			t.port = (struct port_range){ answer, answer };
		} else if (protocol_has_ports(t.protocol_lo)) {
			/* to the ports that the request may come from */
			struct port_range server = t.port,
					  from = { MAX(client_ports.lo, t.sport.lo), MIN(client_ports.hi, t.sport.hi) };
			t.port = from.lo <= from.hi ? from : t.sport;
			t.sport = server;
		}
		terms[n++] = t;
	}
	return (struct flowbox){ b->dst, b->src, terms, n };
}

struct flowbox answers_box(const struct required *r, bool from_any_port, struct service_term *terms)
{
	struct flowbox back = reply_box(r->arrives.n_services ? &r->arrives : required_widest(r), ALL_PORTS, terms);
	for (size_t i = 0; i < back.n_services; i++)
		if (protocol_has_ports(terms[i].protocol_lo) ? from_any_port : r->tolerated.n_services > 0)
			terms[i].sport = ALL_PORTS;
	return back;
}

struct flowbox invalid_box(struct arena *a, const struct flowbox *b)
{
	static const struct {
		uint8_t protocol;
		struct port_range types;
	} invalid[] = {
		{ PROTO_TCP, ALL_PORTS },
		/* all but echo, timestamp, information and address mask requests: 8, 13, 15, 17 */
		{ PROTO_ICMP, { 0, 7 } },
		{ PROTO_ICMP, { 9, 12 } },
		{ PROTO_ICMP, { 14, 14 } },
		{ PROTO_ICMP, { 16, 16 } },
		{ PROTO_ICMP, { 18, 255 } },
		/* all but echo and node information requests, 128 and 139, and 130 to 137 and 143 */
		{ PROTO_ICMP6, { 0, 127 } },
		{ PROTO_ICMP6, { 129, 129 } },
		{ PROTO_ICMP6, { 138, 138 } },
		{ PROTO_ICMP6, { 140, 142 } },
		{ PROTO_ICMP6, { 144, 255 } },
	};
	struct service_term *terms = ARENA_ARRAY(a, struct service_term, b->n_services * ARRAY_LEN(invalid));
	size_t n = 0;
	for (size_t i = 0; i < b->n_services; i++)
		for (size_t j = 0; j < ARRAY_LEN(invalid); j++) {
			struct service_term t = b->services[i];
			uint8_t protocol = invalid[j].protocol;
			if (protocol < t.protocol_lo || protocol > t.protocol_hi)
				continue;
			t.protocol_lo = t.protocol_hi = protocol;
			t.port.lo = MAX(t.port.lo, invalid[j].types.lo);
			t.port.hi = MIN(t.port.hi, invalid[j].types.hi);
			if (t.port.lo <= t.port.hi)
				terms[n++] = t;
		}
	return (struct flowbox){ b->src, b->dst, terms, n };
}

/* Nothing in a chain is about replies, as in those that translate the first packets of connections. */
static bool is_silent(const struct ruleset *r, uint32_t chain)
{
	const struct chain *c = &r->chains.v[chain];
	bool silent = true;
	for (size_t i = 0; i < c->rules.n; i++)
		silent &= c->rules.v[i].action == ACTION_NEXT ||
			  !match_counts(&c->rules.v[i].match, (struct reading){ .reply = true });
	return silent;
}

/* A base chain that begins by permitting every reply, as most stateful lists do. */
static bool begins_with_replies(const struct ruleset *r, const struct chain *c)
{
	const struct reading reply = { .reply = true };
	for (size_t i = 0; i < c->rules.n; i++) {
		const struct rule *rule = &c->rules.v[i];
		const struct match *m = &rule->match;
		if (!match_counts(m, reply) || m->never || rule->action == ACTION_NEXT ||
		    (rule->action == ACTION_CALL && is_silent(r, rule->target)))
			continue;
		/* a dispatch of ruleset_translate(): what follows is the chain as it was written */
		if (c->aside && rule->action == ACTION_GOTO)
			return begins_with_replies(r, &r->chains.v[rule->target]);
		return c->rules.v[i].action == ACTION_PERMIT && !c->rules.v[i].perhaps && !m->src && !m->dst &&
		       !m->n_services && !m->in.n && !m->out.n;
	}
	return c->fallthrough == ACTION_PERMIT;
}

bool replies_are_free(const struct ruleset *r)
{
	bool all = r->bases.n > 0;
	for (size_t i = 0; i < r->bases.n; i++)
		all &= begins_with_replies(r, &r->chains.v[r->bases.v[i]]);
	return r->replies == REPLIES_FREE || (r->replies == REPLIES_TRACKED && all);
}
