/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws of flow sets and rule sets, over random ones in a universe small
 * enough that every packet can be tried.
 */
#include "test.h"

#include "flow/compile.h"

static uint64_t seed;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* Eight addresses of each family, four protocols, six ports: 16*8*4*36 packets. */
static struct addr address(uint32_t i)
{
	return i < 8 ? (struct addr){ IPV4, 0x0a000000u + i } : (struct addr){ IPV6, ((u128)0x20010db8u << 96) + i - 8 };
}

static const uint8_t protocols[] = { PROTO_TCP, PROTO_UDP, PROTO_ICMP, PROTO_GRE };

static struct addrset random_addrs(struct arena *a)
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

static struct port_range random_ports(void)
{
	uint16_t lo = (uint16_t)rnd(6), hi = (uint16_t)(lo + rnd(6 - lo));
	return rnd(3) ? (struct port_range){ lo, hi } : ALL_PORTS;
}

static struct flowbox random_box(struct arena *a)
{
	size_t n = 1 + rnd(3);
	struct service_term *t = ARENA_ARRAY(a, struct service_term, n);
	for (size_t i = 0; i < n; i++) {
		uint8_t p = protocols[rnd(4)];
		t[i] = rnd(8) == 0 ? ANY_SERVICE : (struct service_term){ p, p, ALL_PORTS, ALL_PORTS };
		if (protocol_has_ports(p) || p == PROTO_ICMP) {
			t[i].sport = random_ports();
			t[i].port = random_ports();
		}
	}
	return (struct flowbox){ random_addrs(a), random_addrs(a), t, n };
}

/* Every packet of the small universe, and a few at the ends of the great one. */
static void each_packet(void (*try)(void *ctx, const struct packet *p), void *ctx)
{
	for (uint32_t s = 0; s < 16; s++)
		for (uint32_t d = 0; d < 16; d++)
			for (size_t k = 0; k < ARRAY_LEN(protocols); k++)
				for (uint16_t sp = 0; sp < 7; sp++)
					for (uint16_t dp = 0; dp < 7; dp++) {
						struct packet p = { address(s), address(d), protocols[k],
								    sp == 6 ? 65535 : sp, dp == 6 ? 65535 : dp };
						try(ctx, &p);
					}
}

struct sets {
	struct space *space;
	struct diagrams *m;
	const struct flowbox *x, *y;
	diagram dx, dy, both, either, rest;
};

static void set_agrees(void *ctx, const struct packet *p)
{
	const struct sets *s = ctx;
	uint32_t point[N_DIMS];
	bool x = flowbox_holds(s->x, p), y = flowbox_holds(s->y, p);
	space_point(s->space, p, point);
	assert_int_equal(diagram_at(s->m, s->dx, point), x);
	assert_int_equal(diagram_at(s->m, s->dy, point), y);
	assert_int_equal(diagram_at(s->m, s->both, point), x && y);
	assert_int_equal(diagram_at(s->m, s->either, point), x || y);
	assert_int_equal(diagram_at(s->m, s->rest, point), x && !y);
}

static struct diagrams *diagrams_of(struct arena *a, const struct space *s)
{
	uint32_t sizes[N_DIMS];
	for (int d = 0; d < N_DIMS; d++)
		sizes[d] = space_size(s, (enum dim)d);
	return diagrams_new(a, sizes);
}

static void flow_sets_agree_with_their_boxes_packet_by_packet(void **state)
{
	for (seed = 1; seed < 60; seed++) {
		uint64_t this = seed;
		struct arena *a = arena_new();
		struct flowbox x = random_box(a), y = random_box(a);
		struct sets s = { .space = space_new(a), .x = &x, .y = &y };
		struct box_id bx = space_add_box(s.space, &x), by = space_add_box(s.space, &y);
		space_freeze(s.space);
		s.m = diagrams_of(a, s.space);
		s.dx = space_box(s.space, s.m, &bx, VALUE_PERMIT);
		s.dy = space_box(s.space, s.m, &by, VALUE_PERMIT);
		s.both = diagram_apply(s.m, OP_AND, s.dx, s.dy);
		s.either = diagram_apply(s.m, OP_OR, s.dx, s.dy);
		s.rest = diagram_apply(s.m, OP_MINUS, s.dx, s.dy);
		each_packet(set_agrees, &s);
		/* (x - y) + (x & y) = x, and equal sets are one number */
		assert_int_equal(diagram_apply(s.m, OP_OR, s.rest, s.both), s.dx);
		assert_int_equal(diagram_apply(s.m, OP_AND, s.rest, s.dy), VALUE_NONE);
		arena_free(a);
		seed = this;
	}
}

static void the_example_of_a_set_is_in_it_and_an_empty_set_has_none(void **state)
{
	for (seed = 100; seed < 400; seed++) {
		uint64_t this = seed;
		struct arena *a = arena_new();
		struct flowbox x = random_box(a), y = random_box(a);
		struct space *s = space_new(a);
		struct box_id bx = space_add_box(s, &x), by = space_add_box(s, &y);
		uint32_t point[N_DIMS];
		space_freeze(s);
		struct diagrams *m = diagrams_of(a, s);
		diagram d = diagram_apply(m, OP_MINUS, space_box(s, m, &bx, VALUE_PERMIT), space_box(s, m, &by, VALUE_PERMIT));
		if (diagram_find(m, d, VALUE_PERMIT, point)) {
			struct packet p = space_packet(s, point);
			assert_true(flowbox_holds(&x, &p) && !flowbox_holds(&y, &p));
		} else {
			assert_int_equal(d, VALUE_NONE);
		}
		arena_free(a);
		seed = this;
	}
}

/* Random rule sets with chains, interfaces and matches that are not certain */

static bool random_interface(void *ctx, struct str name, struct addrset *ret)
{
	struct addr_range r = str_is(name, "low") ? (struct addr_range){ IPV4, 0x0a000000, 0x0a000003 } :
						    (struct addr_range){ IPV4, 0x0a000004, 0xffffffff };
	if (str_is(name, "unknown"))
		return false;
	*ret = addrset_of(ctx, &r, 1);
	return true;
}

static void random_interfaces(struct arena *a, struct interface_names *names)
{
	static const struct str words[] = { STR_INIT("low"), STR_INIT("high"), STR_INIT("unknown") };
	if (rnd(4))
		return;
	struct str *v = ARENA_ARRAY(a, struct str, 2);
	names->n = 1 + rnd(2);
	for (size_t i = 0; i < names->n; i++)
		v[i] = words[rnd(rnd(3) ? 2 : 3)];
	names->v = v;
	names->negated = rnd(3) == 0;
}

static struct ruleset *random_ruleset(struct arena *a)
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

struct rules {
	const struct ruleset *r;
	const struct interface_map *map;
	const struct space *space;
	const struct diagrams *m;
	struct compiled *c;
};

static void rules_agree(void *ctx, const struct packet *p)
{
	const struct rules *k = ctx;
	uint32_t point[N_DIMS], chain, naive_chain;
	const struct rule *by;
	space_point(k->space, p, point);
	for (int i = 0; i < 4; i++) {
		struct reading reading = { .upper = i & 1, .reply = i & 2 };
		bool permit = ruleset_decide(k->r, p, k->map, reading, &by, &naive_chain) == ACTION_PERMIT;
		assert_int_equal(diagram_at(k->m, compiled_permitted(k->c, reading), point), permit);
		if (rnd(20))
			continue;
		const struct rule *blamed = compiled_blame(k->c, point, reading, &chain);
		assert_int_equal(chain, naive_chain);
		assert_ptr_equal(by, blamed);
	}
}

static void compiled_rules_agree_with_the_naive_evaluator(void **state)
{
	for (uint64_t round = 1; round <= 80; round++) {
		struct arena *a = arena_new();
		seed = round * 7919;
		struct interface_map map = { random_interface, a };
		struct ruleset *r = random_ruleset(a);
		struct space *s = space_new(a);
		struct compiled *c = compile_add(a, s, r, &map);
		space_freeze(s);
		struct diagrams *m = diagrams_of(a, s);
		compile_make(c, m);
		/* what must be permitted may be */
		diagram lower = compiled_permitted(c, (struct reading){ .upper = false });
		diagram upper = compiled_permitted(c, (struct reading){ .upper = true });
		assert_int_equal(diagram_apply(m, OP_MINUS, lower, upper), VALUE_NONE);
		each_packet(rules_agree, &(struct rules){ r, &map, s, m, c });
		arena_free(a);
	}
}

static void chains_that_call_in_a_circle_are_an_error(void **state)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct ruleset *r = ruleset_new(a, NULL, "test");
	for (uint32_t c = 0; c < 2; c++) {
		ruleset_chain(r, STR("c"), NOWHERE);
		struct rule *rule = ruleset_rule(r, c, NOWHERE);
		rule->action = ACTION_CALL;
		rule->target = 1 - c;
	}
	assert_false(ruleset_check(r, d));
	assert_contains(diag_text(a, d), "circle");
	arena_free(a);
}

RUN_TESTS(T(flow_sets_agree_with_their_boxes_packet_by_packet), T(the_example_of_a_set_is_in_it_and_an_empty_set_has_none),
	  T(compiled_rules_agree_with_the_naive_evaluator), T(chains_that_call_in_a_circle_are_an_error))
