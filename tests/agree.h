/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets that a rule set's own rules suggest, judged twice: by its diagrams and
 * by the evaluator that nobody optimises.  For tests over rule sets of others.
 */
#pragma once

#include "prove/workspace.h"

struct disagreement {
	struct packet packet;
	struct reading reading;
	enum action naive;
};

static uint32_t agree_random(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return n ? (uint32_t)(*seed >> 33) % n : 0;
}

static u128 agree_in(uint64_t *seed, u128 lo, u128 hi)
{
	switch (agree_random(seed, 4)) {
	case 0:
		return lo;
	case 1:
		return hi;
	default:
		return lo + (hi - lo == 0 ? 0 : (u128)agree_random(seed, (uint32_t)MIN(hi - lo, (u128)60000)));
	}
}

static struct addr agree_address(uint64_t *seed, const struct addrset *s, enum family f)
{
	u128 lo = 0, hi = addr_max(f);
	for (unsigned tries = 0; s && s->n && tries < 4; tries++) {
		const struct addr_range *r = &s->v[agree_random(seed, (uint32_t)s->n)];
		if (r->family == f) {
			lo = r->lo;
			hi = r->hi;
			break;
		}
	}
	u128 n = agree_in(seed, lo, hi);
	if (agree_random(seed, 5) == 0 && n < addr_max(f))
		n++; /* a neighbour */
	return (struct addr){ f, n };
}

static struct packet agree_packet(uint64_t *seed, const struct ruleset *r)
{
	const struct match none = { 0 }, *m = &none;
	const struct chain *c = r->chains.n ? &r->chains.v[agree_random(seed, (uint32_t)r->chains.n)] : NULL;
	if (c && c->rules.n)
		m = &c->rules.v[agree_random(seed, (uint32_t)c->rules.n)].match;
	struct service_term t = ANY_SERVICE;
	if (m->n_services)
		t = m->services[agree_random(seed, (uint32_t)m->n_services)];
	enum family f = agree_random(seed, 3) ? IPV4 : IPV6;
	struct packet p = { .src = agree_address(seed, m->src, f), .dst = agree_address(seed, m->dst, f) };
	p.protocol = (uint8_t)agree_in(seed, t.protocol_lo, t.protocol_hi);
	if (t.protocol_lo == 0 && t.protocol_hi == 255)
		p.protocol = (uint8_t[]){ PROTO_TCP, PROTO_UDP, PROTO_ICMP, PROTO_GRE }[agree_random(seed, 4)];
	if (protocol_is_icmp(p.protocol))
		p.protocol = f == IPV6 ? PROTO_ICMP6 : PROTO_ICMP;
	p.port = (uint16_t)agree_in(seed, t.port.lo, t.port.hi);
	p.sport = (uint16_t)agree_in(seed, t.sport.lo, t.sport.hi);
	if (protocol_is_icmp(p.protocol)) {
		p.port &= 255;
		p.sport &= 255;
	} else if (!protocol_has_ports(p.protocol)) {
		p.port = p.sport = 0;
	}
	return p;
}

/* False, with the packet, when the two judges differ. */
static UNUSED bool agree(struct arena *a, const struct ruleset *r, const struct interface_map *map, size_t n,
			 uint64_t seed, struct disagreement *ret)
{
	struct workspace w;
	workspace_begin(&w, a);
	struct compiled *c = compile_add(a, w.space, r, map);
	workspace_freeze(&w, c);
	compile_make(c, w.m);
	for (size_t i = 0; i < n; i++) {
		struct packet p = agree_packet(&seed, r);
		uint32_t point[N_DIMS], chain;
		if (!packet_is_possible(&p))
			continue;
		space_point(w.space, &p, point);
		for (unsigned k = 0; k < 4; k++) {
			struct reading reading = { .upper = k & 1, .reply = k & 2 };
			const struct rule *by;
			enum action naive = ruleset_decide(r, &p, map, reading, &by, &chain);
			bool permits = diagram_at(w.m, compiled_permitted(c, reading), point) == VALUE_PERMIT;
			if (permits != (naive == ACTION_PERMIT)) {
				*ret = (struct disagreement){ p, reading, naive };
				return false;
			}
		}
	}
	return true;
}
