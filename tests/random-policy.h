/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random policies that a dialect has words for, written and read back: what tests
 * over the rows of the dialect table begin with.  PORTOLAN_ROUNDS sets how many;
 * PORTOLAN_DIALECT picks one.  The program's main file includes test.h first.
 */
#pragma once

#include "chosen.h"
#include "random-rules.h"
#include "rounds.h"

#include "flow/policy.h"
#include "prove/prove.h"

static UNUSED uint64_t first_seed; /* of the round, for messages */

enum { N_ZONES = 3 };

/* Three zones, each with a subnet of both families; unusual names, as users give them. */
static const char *const zone_names[N_ZONES] = { "clients", "dmz-1", "servers_2" };
static const char *const zone_nets[N_ZONES][2] = { { "10.20.0.0/16", "2001:db8:20::/48" },
						   { "192.0.2.0/24", "2001:db8:2::/48" },
						   { "10.1.0.0/16", "2001:db8:1::/48" } };

static UNUSED struct addr_range parse(const char *text)
{
	struct addr_range r;
	assert_int_equal(addr_range_parse(str_of(text), &r), RANGE_OK);
	return r;
}

static UNUSED struct policy_zone *make_zones(struct arena *a)
{
	struct policy_zone *z = ARENA_ARRAY(a, struct policy_zone, N_ZONES);
	for (int i = 0; i < N_ZONES; i++) {
		struct addr_range v[] = { parse(zone_nets[i][0]), parse(zone_nets[i][1]) };
		struct str *names = ARENA_ARRAY(a, struct str, 2);
		names[0] = str_of(zone_names[i]);
		names[1] = str_printf(a, "%s2", zone_names[i]);
		z[i] = (struct policy_zone){ .name = names[0],
					     .interfaces = names,
					     .n_interfaces = 1 + (rnd(4) == 0),
					     .addresses = addrset_of(a, v, 2) };
	}
	return z;
}

static UNUSED struct addrset random_part(struct arena *a, const struct policy_zone *z, bool v6)
{
	struct addr_range v[6];
	size_t n = 1 + rnd(4), used = 0;
	for (size_t i = 0; i < n; i++) {
		const struct addr_range *net = &z->addresses.v[v6 && rnd(4) == 0 && z->addresses.n > 1];
		if (rnd(8) == 0) {
			v[used++] = *net;
			continue;
		}
		u128 lo = net->lo + rnd(250), hi = lo;
		if (rnd(3) == 0)
			hi = lo + rnd(6); /* sometimes a range that is not a prefix */
		else if (rnd(3) == 0) {
			lo &= ~(u128)15;
			hi = lo + 15;
		}
		v[used++] = (struct addr_range){ net->family, lo, MIN(hi, net->hi) };
	}
	return addrset_of(a, v, used);
}

/* A service that the dialect has words for, of all that a conversion may ask for. */
static UNUSED bool random_odd_service(const struct dialect *x, struct policy_service *s)
{
	uint8_t code = (uint8_t)rnd(3);
	switch (rnd(6)) {
	case 0:
		s->term = (struct service_term){ PROTO_ICMP, PROTO_ICMP, { code, code }, { 3, 3 } };
		return !(x->cannot & (CANNOT_ICMP | CANNOT_ICMP_CODES));
	case 1:
		s->term = service_of(PROTO_ICMP, (struct port_range){ 0, 255 });
		s->term.sport.hi = 255;
		return !(x->cannot & CANNOT_WHOLE_ICMP);
	case 2:
		s->term = ANY_SERVICE;
		return !(x->cannot & CANNOT_ANY);
	case 3:
		s->term = (struct service_term){ rnd(2) ? PROTO_TCP : PROTO_UDP, 0, { 1024, 4999 }, { 53, 53 } };
		if (rnd(2))
			s->term.sport = (struct port_range){ 123, 123 };
		if (rnd(2))
			s->term.port = ALL_PORTS;
		s->term.protocol_hi = s->term.protocol_lo;
		return !(x->cannot & CANNOT_SOURCE_PORTS);
	case 4:
		s->term = (struct service_term){ 40, 49, ALL_PORTS, ALL_PORTS };
		return !(x->cannot & CANNOT_OTHER);
	default:
		s->term = service_of(rnd(2) ? PROTO_TCP : PROTO_UDP, ALL_PORTS);
		return true;
	}
}

static UNUSED struct policy_service random_service(const struct dialect *x)
{
	struct policy_service s = { .name = STR("svc") };
	for (;;) {
		switch (rnd(9)) {
		case 0:
			if (x->cannot & CANNOT_ICMP)
				continue;
			s.term = service_of(PROTO_ICMP, (struct port_range){ 8, 8 });
			return s;
		case 1:
			if (x->cannot & (CANNOT_ICMP | CANNOT_IPV6))
				continue;
			s.term = service_of(PROTO_ICMP6, (struct port_range){ 128, 128 });
			return s;
		case 2:
			if (x->cannot & CANNOT_OTHER)
				continue;
			s.term = service_of(rnd(2) ? PROTO_GRE : PROTO_ESP, ALL_PORTS);
			return s;
		case 3:
			if (rnd(3) || !random_odd_service(x, &s))
				continue;
			return s;
		default: {
			static const uint16_t usual[] = { 53, 88, 135, 389, 443, 445, 636, 1433, 3268, 8530, 49999 };
			uint16_t lo = usual[rnd(ARRAY_LEN(usual))], hi = lo;
			if (rnd(4) == 0) {
				lo = 49152;
				hi = 65535;
			} else if (rnd(5) == 0) {
				hi = (uint16_t)(lo + rnd(3));
			}
			s.term = service_of(rnd(3) ? PROTO_TCP : PROTO_UDP, (struct port_range){ lo, hi });
			s.kind = lo == 135 ? SERVICE_RPC_MAPPER : lo == 49152 ? SERVICE_RPC_RANGE : SERVICE_PLAIN;
			return s;
		}
		}
	}
}

/* At a host's own firewall one side of every relation is the host. */
static UNUSED struct addrset random_end(struct arena *a, const struct policy_zone *z, bool v6, bool local,
					enum policy_side side)
{
	static const char *const own[] = { "10.1.0.77", "10.1.9.3", "2001:db8:1::77" };
	struct addr_range v[ARRAY_LEN(own)];
	if (side == POLICY_TRANSIT || !local)
		return random_part(a, z, v6);
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		v[i] = parse(own[i]);
	return addrset_of(a, v, v6 ? ARRAY_LEN(own) : ARRAY_LEN(own) - 1);
}

/* The comment of a relation from a plan (one flow or several), or from a foreign rule. */
static UNUSED void random_about(struct arena *a, struct relation *r)
{
	unsigned kind = rnd(3);
	if (kind == 2) {
		r->about = STR("it's \"odd\" -- and <b>|$(x)`; \\ { } # !; \xe2\x80\x99 "
			       "\xe2\x80\xae\xe2\x80\xa8\xc2\x85 \r\naccept\x1b[2J\x7f");
		return;
	}
	if (kind == 1)
		r->flow = str_printf(a, "f-%08x%08x", rnd(UINT32_MAX), rnd(UINT32_MAX));
	struct str head =
		str_printf(a, "%.*s: src (also web-server) to dst (dns-server, domain-controller)", STR_ARG(r->id));
	r->about =
		str_printf(a, "%.*s on svc; configmgr-2012%s%.*s", STR_ARG(head), kind ? "; " : "", STR_ARG(r->flow));
	r->services_at = (uint32_t)head.n;
	r->services_n = (uint32_t)strlen(" on svc");
}

/* Of IOS: IPv6 groups in every other policy. */
static UNUSED const struct policy_setting v6_groups[] = { { STR_INIT("v6-network"), STR_INIT("yes") } };

static UNUSED struct policy *random_policy_of(struct arena *a, const struct dialect *x, enum policy_side side, size_t n)
{
	struct policy *p = ARENA_NEW(a, struct policy);
	struct policy_zone *zones = make_zones(a);
	struct policy_group *groups = ARENA_ARRAY(a, struct policy_group, 2 * n);
	struct policy_services *services = ARENA_ARRAY(a, struct policy_services, n);
	struct relation *relations = ARENA_ARRAY(a, struct relation, n);
	bool v6 = !(x->cannot & CANNOT_IPV6);

	for (size_t i = 0; i < n; i++) {
		uint32_t from = rnd(N_ZONES), to = (from + 1 + rnd(N_ZONES - 1)) % N_ZONES;
		groups[2 * i] = (struct policy_group){ str_printf(a, "src-%zu", i),
						       random_end(a, &zones[from], v6, side == POLICY_OUTBOUND, side),
						       STR("") };
		groups[2 * i + 1] =
			(struct policy_group){ str_printf(a, "dst-%zu", i),
					       random_end(a, &zones[to], v6, side == POLICY_INBOUND, side), STR("") };
		size_t n_services = 1 + rnd(5);
		struct policy_service *s = ARENA_ARRAY(a, struct policy_service, n_services);
		for (size_t k = 0; k < n_services; k++)
			s[k] = random_service(x);
		services[i] = (struct policy_services){ str_printf(a, "ports-%zu", i), s, n_services };
		relations[i] = (struct relation){ .id = str_printf(a, "r-%08zx", i),
						  .title = STR("src to dst"),
						  .src = (uint32_t)(2 * i),
						  .dst = (uint32_t)(2 * i + 1),
						  .services = (uint32_t)i };
		random_about(a, &relations[i]);
	}
	*p = (struct policy){ .name = STR("edge"),
			      .estate = STR("test"),
			      .ask = STR("somebody who knows"),
			      .side = side,
			      .zones = zones,
			      .n_zones = side == POLICY_TRANSIT ? N_ZONES : 0,
			      .groups = groups,
			      .n_groups = 2 * n,
			      .services = services,
			      .n_services = n,
			      .relations = relations,
			      .n_relations = n,
			      .settings = v6_groups,
			      .n_settings = n % 2 };
	return p;
}

/* A platform of few entries takes one policy of several. */
static UNUSED bool is_too_large(const struct dialect *x, const struct policy *p)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(out_free) struct out o = out_memory(64 << 20);
	return strncmp(x->name, "aws-", 4) == 0 && !dialect_emit(x, p, &o, diag_new(a));
}

static UNUSED struct policy *random_policy(struct arena *a, const struct dialect *x, enum policy_side side)
{
	struct policy *p = random_policy_of(a, x, side, 1 + rnd(6));
	for (unsigned tries = 0; is_too_large(x, p) && tries < 1000; tries++)
		p = random_policy_of(a, x, side, 1 + rnd(2));
	return p;
}

struct zone_ctx {
	struct arena *arena;
	const struct policy *policy;
};

static UNUSED bool zone_addresses(void *ctx, struct str name, struct addrset *ret)
{
	const struct policy *p = ((const struct zone_ctx *)ctx)->policy;
	for (size_t i = 0; i < p->n_zones; i++)
		for (size_t j = 0; j < p->zones[i].n_interfaces; j++)
			if (str_eq(p->zones[i].interfaces[j], name)) {
				*ret = p->zones[i].addresses;
				return true;
			}
	return false;
}

/* A zone with two interfaces is behind the two of them. */
static UNUSED struct addrset zone_certain(void *ctx, const struct str *names, size_t n)
{
	const struct zone_ctx *z = ctx;
	const struct policy *p = z->policy;
	struct addrset ret = NO_ADDRS;
	for (size_t i = 0; i < p->n_zones; i++) {
		size_t found = 0;
		for (size_t j = 0; j < p->zones[i].n_interfaces; j++)
			for (size_t k = 0; k < n; k++)
				if (str_eq(p->zones[i].interfaces[j], names[k])) {
					found++;
					break;
				}
		if (found == p->zones[i].n_interfaces)
			ret = addrset_union(z->arena, ret, p->zones[i].addresses);
	}
	return ret;
}

static UNUSED struct interface_map zone_map(struct arena *a, const struct policy *p)
{
	struct zone_ctx *z = ARENA_NEW(a, struct zone_ctx);
	*z = (struct zone_ctx){ a, p };
	return (struct interface_map){ zone_addresses, z, zone_certain };
}

/* Emits; false when that fails, with the diagnostics in d. */
static UNUSED bool emit(struct arena *a, const struct dialect *x, const struct policy *p, struct str *ret,
			struct diag *d)
{
	struct out o = out_memory(64 << 20);
	bool ok = dialect_emit(x, p, &o, d);
	assert_int_equal(ok, diag_errors(d) == 0);
	*ret = str_dup(a, out_view(&o));
	out_free(&o);
	/* whatever texts it has, none acts on a terminal or ends a line */
	struct str rest = *ret, line;
	bool is_text = str_is_utf8(*ret); /* a Registry.pol is not */
	while (is_text && str_cut(&rest, '\n', &line))
		assert_true(str_is_visible(str_trim(line)) || x == dialect_find(STR("windows-pol")));
	return ok;
}

static UNUSED const struct ruleset *read(struct arena *a, const struct dialect *x, enum policy_side side,
					 struct str text, struct diag *d)
{
	struct ruleset *r;
	struct read_options o = { .side = side };
	struct source *s = source_of_text(a, "emitted", text);
	return dialect_read(a, x, s, &o, &r, d) ? r : NULL;
}

/* Between zones; of a host, what has it on its side. */
static UNUSED size_t judged_of(struct arena *a, const struct policy *p, struct flowbox judged[N_ZONES * N_ZONES])
{
	size_t n = 0;
	for (size_t i = 0; i < p->n_zones; i++)
		for (size_t k = 0; k < p->n_zones; k++)
			if (i != k)
				judged[n++] = (struct flowbox){ p->zones[i].addresses, p->zones[k].addresses,
								&any_service, 1 };
	if (p->side == POLICY_INBOUND)
		judged[n++] =
			(struct flowbox){ addrset_all(a), p->groups[p->relations[0].dst].addresses, &any_service, 1 };
	if (p->side == POLICY_OUTBOUND)
		judged[n++] =
			(struct flowbox){ p->groups[p->relations[0].src].addresses, addrset_all(a), &any_service, 1 };
	return n;
}

/* What a proof of the policy asks for. */
static UNUSED struct required *required_of(struct arena *a, const struct policy *p)
{
	struct required *v = ARENA_ARRAY(a, struct required, p->n_relations);
	for (size_t i = 0; i < p->n_relations; i++)
		v[i] = (struct required){ .box = policy_box(a, p, &p->relations[i]), .client_ports = { 1024, 65535 } };
	return v;
}

/* What rules of a dialect permit although no flow is it: a proof takes it as neither missing nor surplus. */
static UNUSED const struct flowbox *beside_of(struct arena *a, const struct policy *p, const struct ruleset *r,
					      size_t *n)
{
	return dialect_beside(a, dialect_find(str_of(r->dialect)), p->side, n);
}

static UNUSED struct proof prove_policy(struct arena *a, const struct policy *p, const struct ruleset *r)
{
	struct flowbox judged[N_ZONES * N_ZONES];
	size_t n = judged_of(a, p, judged), n_beside;
	const struct flowbox *beside = beside_of(a, p, r, &n_beside);
	struct interface_map map = zone_map(a, p);
	return prove(a, r,
		     &(struct proof_question){ .map = &map,
					       .required = required_of(a, p),
					       .n_required = p->n_relations,
					       .tolerated = beside,
					       .n_tolerated = n_beside,
					       .judged = judged,
					       .n_judged = n });
}

static UNUSED void explain(const struct dialect *x, struct str text, const struct proof *k)
{
	char packet[PACKET_TEXT];
	print_error("%s: %s\n%.*s\n", x->name, verdict_names[k->verdict], STR_ARG(text));
	for (size_t i = 0; i < k->n_missing && i < 3; i++)
		print_error("missing %s%s\n", k->missing[i].reply ? "reply " : "",
			    packet_text(&k->missing[i].shown.witness, packet));
	for (size_t i = 0; i < k->n_surplus && i < 3; i++)
		print_error("surplus %s\n", packet_text(&k->surplus[i].shown.witness, packet));
	for (size_t i = 0; i < k->rules->unknown.n && i < 3; i++)
		print_error("unknown %u: %.*s (%s)\n", k->rules->unknown.v[i].at.line,
			    STR_ARG(k->rules->unknown.v[i].text), k->rules->unknown.v[i].why);
}

static UNUSED bool writes_side(const struct dialect *x, enum policy_side side)
{
	return side == POLICY_TRANSIT ? x->for_transit : x->for_hosts;
}

static UNUSED void each_round(size_t n, void (*check)(struct arena *a, const struct dialect *x, const struct policy *p))
{
	for (size_t i = 0; dialects[i]; i++)
		for (size_t round = 0; chosen(dialects[i]) && round < n; round++) {
			/* a language that writes both takes turns */
			enum policy_side side = (enum policy_side)(round % 3);
			if (!writes_side(dialects[i], side))
				side = dialects[i]->for_transit ? POLICY_TRANSIT
				       : round % 2              ? POLICY_INBOUND
								: POLICY_OUTBOUND;
			struct arena *a = arena_new();
			seed = first_seed = 1000003 * (round + 1);
			check(a, dialects[i], random_policy(a, dialects[i], side));
			arena_free(a);
		}
}
