/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long random rule lists of the shapes that bench/proof/generate.py makes, small
 * enough for tests, and flows to ask about.  The parameters are that file's; the
 * bytes are not.  Needs rnd() of one of the other random headers.
 */
#pragma once

#include "prove/prove.h"

enum shape { SHAPE_ACL, SHAPE_FW, SHAPE_IPC, SHAPE_CROSS, SHAPE_ESTATE, N_SHAPES };
static UNUSED const char *const shape_names[N_SHAPES] = { "acl", "fw", "ipc", "cross", "estate" };

/* Bits of a prefix below the side's own network (ANY: no prefix at all), and how often of a hundred. */
enum { ANY = -1, N_LENGTHS = 4 };
struct length {
	int bits, weight;
};

static const struct shape_row {
	struct length src[N_LENGTHS], dst[N_LENGTHS];
	uint32_t any_sport, one_port, port_range, any_protocol; /* of a hundred */
} shape_rows[] = {
	[SHAPE_ACL] = { { { 2, 11 }, { 4, 44 }, { 8, 34 }, { ANY, 11 } },
			{ { 3, 22 }, { 5, 11 }, { 8, 67 } },
			98,
			65,
			20,
			5 },
	[SHAPE_FW] = { { { ANY, 36 }, { 2, 18 }, { 4, 18 }, { 8, 28 } },
		       { { ANY, 27 }, { 2, 18 }, { 4, 18 }, { 8, 37 } },
		       80,
		       45,
		       25,
		       12 },
	[SHAPE_IPC] = { { { 2, 11 }, { 4, 33 }, { 8, 45 }, { ANY, 11 } },
			{ { 2, 10 }, { 4, 30 }, { 8, 50 }, { ANY, 10 } },
			90,
			50,
			20,
			10 },
	[SHAPE_CROSS] = { { { 1, 50 }, { 2, 50 } }, { { 6, 34 }, { 8, 66 } }, 100, 100, 0, 0 },
};

struct random_list {
	struct ruleset *rules;
	struct required *required;
	size_t n_required;
	struct flowbox judged[2];
	size_t n_judged;
};

struct list_maker {
	struct arena *arena;
	enum family family;
	struct random_list *list;
};

static struct addr_range list_network(const struct list_maker *k, bool dst)
{
	if (k->family == IPV4)
		return prefix_range((struct addr){ IPV4, dst ? 0x0a010000u : 0x0a400000u }, 24);
	return prefix_range((struct addr){ IPV6, (u128)(dst ? 0x20010db800010000 : 0x20010db820000000) << 64 }, 120);
}

/* Below the network of a side; NULL: everything. */
static const struct addrset *list_prefix(struct list_maker *k, const struct length v[N_LENGTHS], bool dst)
{
	int x = (int)rnd(100), i = 0;
	struct addr_range net = list_network(k, dst);
	for (; i < N_LENGTHS - 1 && x >= v[i].weight; i++)
		x -= v[i].weight;
	if (v[i].bits == ANY)
		return NULL;
	u128 size = (u128)1 << (8 - v[i].bits);
	net.lo += rnd(256) / size * size;
	net.hi = net.lo + size - 1;
	struct addrset *s = ARENA_NEW(k->arena, struct addrset);
	*s = addrset_of(k->arena, &net, 1);
	return s;
}

static struct service_term *list_service(struct list_maker *k, const struct shape_row *row)
{
	static const uint16_t usual[] = { 53, 80, 88, 135, 389, 443, 445, 1433, 3389 };
	static const uint16_t starts[] = { 1024, 49152, 8000, 137 };
	static const struct port_range sports[] = { { 53, 53 }, { 123, 123 }, { 1024, 65535 }, { 500, 500 } };
	struct service_term *t = ARENA_NEW(k->arena, struct service_term);
	*t = (struct service_term){ PROTO_TCP, PROTO_TCP, ALL_PORTS, ALL_PORTS };
	if (rnd(3) == 0)
		t->protocol_lo = t->protocol_hi = PROTO_UDP;
	if (rnd(100) >= row->any_sport)
		t->sport = sports[rnd(ARRAY_LEN(sports))];
	uint32_t x = rnd(100);
	if (x < row->one_port) {
		uint16_t p = rnd(10) ? usual[rnd(ARRAY_LEN(usual))] : (uint16_t)(1 + rnd(65535));
		t->port = (struct port_range){ p, p };
	} else if (x < row->one_port + row->port_range) {
		uint16_t lo = rnd(5) ? starts[rnd(ARRAY_LEN(starts))] : (uint16_t)(1 + rnd(60000));
		t->port = (struct port_range){ lo, rnd(3) ? 65535 : (uint16_t)(lo + (rnd(2) ? 100 : 2)) };
	}
	return t;
}

static struct rule *list_rule(struct list_maker *k, enum action action)
{
	struct ruleset *r = k->list->rules;
	struct rule *rule = ruleset_rule(r, 0, (struct loc){ NULL, (uint32_t)r->chains.v[0].rules.n + 1, 1, 0 });
	rule->action = action;
	return rule;
}

static void list_of_shape(struct list_maker *k, enum shape shape, size_t n)
{
	const struct shape_row *row = &shape_rows[shape];
	for (size_t i = 0; i < n; i++) {
		/* wide sources with narrow destinations and vice versa, where rules cross */
		bool turned = shape == SHAPE_CROSS && i % 2;
		struct rule *rule =
			list_rule(k, rnd(10) < (shape == SHAPE_CROSS ? 5 : 7) ? ACTION_PERMIT : ACTION_DENY);
		rule->match.src = list_prefix(k, turned ? row->dst : row->src, false);
		rule->match.dst = list_prefix(k, turned ? row->src : row->dst, true);
		if (rnd(100) >= row->any_protocol) {
			rule->match.services = list_service(k, row);
			rule->match.n_services = 1;
		}
	}
}

static void list_need(struct list_maker *k, const struct match *m)
{
	k->list->required[k->list->n_required++] = (struct required){
		.box = match_box(k->arena, m),
		.client_ports = { 1024, 65535 },
	};
}

/* Client subnets by servers by services, with a few missing, a few denies and a few too many. */
static void list_of_estate(struct list_maker *k, size_t n)
{
	static const uint16_t ports[] = { 53, 88, 135, 389, 445, 636, 3268, 49152 };
	static const struct length subnet[N_LENGTHS] = { { 4, 100 } }, host[N_LENGTHS] = { { 8, 100 } };
	const struct addrset *clients[6], *servers[64];
	size_t n_servers = MIN(MAX(n / (ARRAY_LEN(clients) * ARRAY_LEN(ports)), (size_t)1), ARRAY_LEN(servers));
	for (size_t i = 0; i < ARRAY_LEN(clients); i++)
		clients[i] = list_prefix(k, subnet, false);
	for (size_t s = 0; s < n_servers; s++) {
		servers[s] = list_prefix(k, host, true);
		if (rnd(3) == 0)
			list_rule(k, ACTION_DENY)->match =
				(struct match){ .src = list_prefix(k, host, false), .dst = servers[s] };
		for (size_t i = 0; i < ARRAY_LEN(clients) * ARRAY_LEN(ports); i++) {
			uint16_t lo = ports[i % ARRAY_LEN(ports)], hi = lo == 49152 ? 65535 : lo;
			struct service_term *t = ARENA_NEW(k->arena, struct service_term);
			*t = (struct service_term){ PROTO_TCP, PROTO_TCP, ALL_PORTS, { lo, hi } };
			struct match m = {
				.src = clients[i / ARRAY_LEN(ports)], .dst = servers[s], .services = t, .n_services = 1
			};
			if (rnd(200))
				list_rule(k, ACTION_PERMIT)->match = m;
			list_need(k, &m);
		}
		if (rnd(10) == 0)
			list_rule(k, ACTION_PERMIT)->match = (struct match){ .dst = servers[s] };
	}
}

static UNUSED struct random_list random_list(struct arena *a, enum shape shape, enum family f, size_t n)
{
	struct random_list list = { .rules = ruleset_new(a, NULL, "random"),
				    .required = ARENA_ARRAY(a, struct required, n + 64) };
	struct list_maker k = { a, f, &list };
	struct addr_range clients = list_network(&k, false), servers = list_network(&k, true);

	ruleset_chain(list.rules, STR("c"), NOWHERE);
	*VEC_ADD(a, &list.rules->bases) = 0;
	list.rules->chains.v[0].fallthrough = rnd(6) ? ACTION_DENY : ACTION_PERMIT;
	list.rules->replies = rnd(2) ? REPLIES_FREE : REPLIES_TRACKED;
	if (list.rules->replies == REPLIES_TRACKED && rnd(3))
		list_rule(&k, ACTION_PERMIT)->match.conversation = CONVERSATION_ESTABLISHED;
	if (shape == SHAPE_ESTATE) {
		list_of_estate(&k, n);
	} else {
		list_of_shape(&k, shape, n);
		/* what some rules permit, and what some like them would */
		const struct chain *c = &list.rules->chains.v[0];
		for (uint32_t i = 0, needs = rnd(16); i < needs; i++) {
			struct match m = c->rules.v[rnd((uint32_t)c->rules.n)].match;
			if (rnd(2))
				m.dst = list_prefix(&k, shape_rows[shape].dst, true);
			list_need(&k, &m);
		}
	}
	list.n_judged = 1 + rnd(2);
	list.judged[0] = (struct flowbox){ addrset_of(a, &clients, 1), addrset_of(a, &servers, 1), &any_service, 1 };
	list.judged[1] = (struct flowbox){ addrset_all(a), addrset_all(a), &any_service, 1 };
	return list;
}
