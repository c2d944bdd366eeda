/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random flow boxes and rule sets, in a universe small enough that every packet
 * can be tried.  Set seed before each round: a failure is then one number.
 */
#pragma once

#include "flow/ruleset.h"

static uint64_t seed;

static UNUSED uint32_t rnd(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* Eight addresses of each family that sets are made of, and one of each that is in none but "all". */
enum { N_ADDRESSES = 18 };
static UNUSED struct addr address(uint32_t i)
{
	if (i >= 16)
		return i == 16 ? (struct addr){ IPV4, 0xc0000201 } : (struct addr){ IPV6, (u128)0x20010db9u << 96 };
	return i < 8 ? (struct addr){ IPV4, 0x0a000000u + i }
		     : (struct addr){ IPV6, ((u128)0x20010db8u << 96) + i - 8 };
}

/* The last one is in no set but "any protocol". */
static const uint8_t protocols[] = { PROTO_TCP, PROTO_UDP, PROTO_ICMP, PROTO_ICMP6, PROTO_GRE, PROTO_ESP };

static UNUSED struct addrset random_addrs(struct arena *a)
{
	struct addr_range v[4];
	size_t n = 1 + rnd(3);
	if (rnd(6) == 0)
		return addrset_all(a);
	for (size_t i = 0; i < n; i++) {
		uint32_t base = rnd(2) * 8, lo = rnd(8), hi = lo + rnd(8 - lo);
		v[i] = (struct addr_range){ address(base).family, address(base + lo).n, address(base + hi).n };
	}
	return addrset_of(a, v, n);
}

static UNUSED struct port_range random_ports(void)
{
	uint16_t lo = (uint16_t)rnd(6), hi = (uint16_t)(lo + rnd(6 - lo));
	return rnd(3) ? (struct port_range){ lo, hi } : ALL_PORTS;
}

static UNUSED struct flowbox random_box(struct arena *a)
{
	size_t n = 1 + rnd(3);
	struct service_term *t = ARENA_ARRAY(a, struct service_term, n);
	for (size_t i = 0; i < n; i++) {
		uint8_t p = protocols[rnd(5)];
		bool any = rnd(8) == 0;
		t[i] = any ? ANY_SERVICE : (struct service_term){ p, p, ALL_PORTS, ALL_PORTS };
		if (!any && (protocol_has_ports(p) || protocol_is_icmp(p))) {
			t[i].sport = random_ports();
			t[i].port = random_ports();
		}
	}
	return (struct flowbox){ random_addrs(a), random_addrs(a), t, n };
}

/* A box that holds another: the same addresses, and a service more. */
static UNUSED struct flowbox random_wider(struct arena *a, const struct flowbox *b)
{
	struct flowbox more = random_box(a);
	struct service_term *t = ARENA_ARRAY(a, struct service_term, b->n_services + 1);
	memcpy(t, b->services, b->n_services * sizeof *t);
	t[b->n_services] = more.services[0];
	return (struct flowbox){ b->src, b->dst, t, b->n_services + 1 };
}

/* Every packet that random sets distinguish: small numbers, and one that is only in "all". */
static UNUSED void each_packet(void (*try)(void *ctx, const struct packet *p), void *ctx)
{
	for (uint32_t s = 0; s < N_ADDRESSES; s++)
		for (uint32_t d = 0; d < N_ADDRESSES; d++)
			for (size_t k = 0; k < ARRAY_LEN(protocols); k++)
				for (uint16_t sp = 0; sp < 7; sp++)
					for (uint16_t dp = 0; dp < 7; dp++) {
						uint16_t far = protocol_is_icmp(protocols[k]) ? 255 : 65535;
						struct packet p = { address(s), address(d), protocols[k],
								    sp == 6 ? far : sp, dp == 6 ? far : dp };
						try(ctx, &p);
					}
}

/* Random rule sets with chains, interfaces and matches that are not certain */

static UNUSED bool random_interface(void *ctx, struct str name, struct addrset *ret)
{
	struct addr_range r = str_is(name, "low") ? (struct addr_range){ IPV4, 0x0a000000, 0x0a000003 }
						  : (struct addr_range){ IPV4, 0x0a000004, 0xffffffff };
	if (str_is(name, "unknown"))
		return false;
	*ret = addrset_of(ctx, &r, 1);
	return true;
}

/* What is high is behind two interfaces. */
static UNUSED struct addrset random_certain(void *ctx, const struct str *names, size_t n)
{
	static const char *const all[] = { "low", "high", "high2" };
	bool named[ARRAY_LEN(all)] = { false };
	struct addrset low, high;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < ARRAY_LEN(all); j++)
			named[j] |= str_is(names[i], all[j]);
	random_interface(ctx, STR("low"), &low);
	random_interface(ctx, STR("high"), &high);
	return addrset_union(ctx, named[0] ? low : NO_ADDRS, named[1] && named[2] ? high : NO_ADDRS);
}

static UNUSED struct interface_map random_interface_map(struct arena *a)
{
	return (struct interface_map){ random_interface, a, random_certain };
}

static UNUSED void random_interfaces(struct arena *a, struct interface_names *names)
{
	static const struct str words[] = { STR_INIT("low"), STR_INIT("high"), STR_INIT("high2"), STR_INIT("unknown") };
	if (rnd(4))
		return;
	struct str *v = ARENA_ARRAY(a, struct str, 2);
	names->n = 1 + rnd(2);
	for (size_t i = 0; i < names->n; i++)
		v[i] = words[rnd(rnd(3) ? 3 : 4)];
	names->v = v;
	names->negated = rnd(3) == 0;
}

static UNUSED struct ruleset *random_ruleset(struct arena *a)
{
	struct ruleset *r = ruleset_new(a, NULL, "random");
	uint32_t n_chains = 1 + rnd(4), n_bases = 1 + rnd(2);
	for (uint32_t c = 0; c < n_chains; c++)
		ruleset_chain(r, STR("c"), NOWHERE);
	for (uint32_t c = 0; c < MIN(n_bases, n_chains); c++) {
		r->chains.v[c].fallthrough = rnd(2) ? ACTION_PERMIT : ACTION_DENY;
		*VEC_ADD(a, &r->bases) = c;
	}
	for (uint32_t c = 0; c < n_chains; c++) {
		uint32_t n = rnd(7);
		for (uint32_t i = 0; i < n; i++) {
			struct rule *rule = ruleset_rule(r, c, NOWHERE);
			struct flowbox b = random_box(a);
			struct addrset *src = ARENA_NEW(a, struct addrset), *dst = ARENA_NEW(a, struct addrset);
			*src = b.src;
			*dst = b.dst;
			rule->match.src = rnd(5) ? src : NULL;
			rule->match.dst = rnd(5) ? dst : NULL;
			rule->match.services = b.services;
			rule->match.n_services = rnd(5) ? b.n_services : 0;
			random_interfaces(a, &rule->match.in);
			random_interfaces(a, &rule->match.out);
			rule->match.never = rnd(20) == 0;
			rule->match.conversation = rnd(3) ? CONVERSATION_ANY : (enum conversation)rnd(3);
			rule->action = (enum action)rnd(N_ACTIONS);
			rule->perhaps = rnd(6) == 0 ? "a test says so" : NULL;
			/* sometimes the rule before, for another interface */
			if (i && rnd(4) == 0) {
				*rule = rule[-1];
				random_interfaces(a, rnd(2) ? &rule->match.in : &rule->match.out);
				continue;
			}
			/* calls go to later chains only: no circle */
			if (rule->action == ACTION_CALL || rule->action == ACTION_GOTO) {
				if (c + 1 == n_chains)
					rule->action = ACTION_DENY;
				else
					rule->target = c + 1 + rnd(n_chains - c - 1);
			}
		}
	}
	return r;
}

/* One chain of rules that permit or deny, all certain. */
static UNUSED struct ruleset *random_flat_ruleset(struct arena *a)
{
	struct ruleset *r = ruleset_new(a, NULL, "random");
	ruleset_chain(r, STR("c"), NOWHERE);
	r->chains.v[0].fallthrough = rnd(2) ? ACTION_PERMIT : ACTION_DENY;
	*VEC_ADD(a, &r->bases) = 0;
	for (uint32_t i = 0, n = 2 + rnd(7); i < n; i++) {
		struct rule *rule = ruleset_rule(r, 0, (struct loc){ NULL, i + 1, 1, 0 });
		struct addrset *src = ARENA_NEW(a, struct addrset), *dst = ARENA_NEW(a, struct addrset);
		struct flowbox b = random_box(a);
		*src = b.src;
		*dst = b.dst;
		rule->match =
			(struct match){ .src = src, .dst = dst, .services = b.services, .n_services = b.n_services };
		rule->action = rnd(2) ? ACTION_PERMIT : ACTION_DENY;
	}
	return r;
}
