/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that name RPC interfaces (Junos' uuid).
 *
 * The endpoint mapper says at which port an interface is, the firewall reads its
 * answer, and from then on it knows of which interface a packet to that port is.
 * So a packet is asked about once for each interface that rules name, once as
 * of an interface that none names, and once as of no interface at all, of rules
 * that are left as they decide then: of each reading, the ordinary question.
 *
 * What the mapper hands out is let through when it is for every interface that
 * it is needed for.  A rule of an interface is surplus between hosts of which
 * nothing that the mapper hands out is needed; the ports of it are the mapper's.
 */
#include "base/vec.h"
#include "prove/prove-priv.h"

enum {
	NO_INTERFACE = 0,
	/* a mapper hands out dynamic ports, or what an administrator chose instead */
	LOWEST_HANDED_OUT = 1024,
};

struct asker {
	struct arena *arena;	/* of the answer */
	const struct ruleset *rules;
	const struct interface_map *map;
	const struct required *required;
	size_t n_required;
	struct required *anywhere;	/* the same, and what the mapper hands out may be at any port */
	VEC(struct flowbox) judged;	/* of ports that are handed out */
	struct prove_options options;
	size_t *known;			/* by flow: its place in missing, + 1 */
	VEC(struct missing) missing;
	VEC(struct surplus) surplus;
	bool undecided;
};

/* The rules for packets of one interface; RPC_ANY_INTERFACE: of one that no rule names. */
static struct ruleset *rules_of(struct arena *a, const struct ruleset *r, uint32_t interface)
{
	struct ruleset *ret = ARENA_NEW(a, struct ruleset);
	*ret = *r;
	ret->rpc_named = false;
	memset(&ret->chains, 0, sizeof ret->chains);
	for (size_t c = 0; c < r->chains.n; c++) {
		struct chain *chain = VEC_ADD(a, &ret->chains);
		*chain = r->chains.v[c];
		memset(&chain->rules, 0, sizeof chain->rules);
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			struct rule *rule = VEC_ADD(a, &chain->rules);
			*rule = r->chains.v[c].rules.v[i];
			if (!rule->rpc)
				continue;
			rule->perhaps = rule->rpc_perhaps;
			rule->match.never |= interface == NO_INTERFACE || (rule->rpc != RPC_ANY_INTERFACE && rule->rpc != interface);
		}
	}
	return ret;
}

const struct ruleset *rules_without_interfaces(struct arena *a, const struct ruleset *r)
{
	return r->rpc_named ? rules_of(a, r, NO_INTERFACE) : r;
}

static uint32_t interface_number(const struct ruleset *r, struct str uuid)
{
	for (size_t i = 0; i < r->rpc_interfaces.n; i++)
		if (str_eq(r->rpc_interfaces.v[i], uuid))
			return (uint32_t)i + 1;
	return RPC_ANY_INTERFACE;
}

/* True when a flow has to pass as of the interface: *uuid is it, or empty when the flow does not say. */
static bool is_for(const struct asker *k, const struct required *r, uint32_t interface, struct str *uuid)
{
	*uuid = NO_STR;
	if (r->helper != HELPER_RPC)
		return false;
	for (size_t i = 0; i < r->n_rpc_interfaces; i++)
		if (interface_number(k->rules, r->rpc_interfaces[i]) == interface) {
			*uuid = r->rpc_interfaces[i];
			return true;
		}
	return !r->n_rpc_interfaces;
}

/* The ports of packets that may be of an interface, wherever the mapper puts it. */
static void add_judged(struct asker *k, const struct flowbox *b)
{
	struct service_term *v = ARENA_ARRAY(k->arena, struct service_term, 2 * b->n_services);
	static const uint8_t protocols[] = { PROTO_TCP, PROTO_UDP };
	size_t n = 0;
	for (size_t i = 0; i < b->n_services; i++)
		for (size_t p = 0; p < ARRAY_LEN(protocols); p++) {
			struct service_term t = b->services[i];
			if (protocols[p] < t.protocol_lo || protocols[p] > t.protocol_hi)
				continue;
			t.protocol_lo = t.protocol_hi = protocols[p];
			t.port.lo = MAX(t.port.lo, (uint16_t)LOWEST_HANDED_OUT);
			if (t.port.lo <= t.port.hi)
				v[n++] = t;
		}
	if (n)
		*VEC_ADD(k->arena, &k->judged) = (struct flowbox){ b->src, b->dst, v, n };
}

static struct required at_any_port(struct arena *a, const struct required *r)
{
	struct required ret = *r;
	const struct flowbox *box = required_widest(r);
	if (r->helper != HELPER_RPC)
		return ret;
	struct service_term *v = ARENA_ARRAY(a, struct service_term, box->n_services);
	for (size_t i = 0; i < box->n_services; i++) {
		v[i] = box->services[i];
		v[i].port = ALL_PORTS;
	}
	ret.tolerated = (struct flowbox){ box->src, box->dst, v, box->n_services };
	return ret;
}

/* The rule and chain of the caller that one of a reading's is. */
static void translate(const struct asker *k, const struct ruleset *read, struct shown *s)
{
	if (!s->chain)
		return;
	const struct chain *c = &k->rules->chains.v[s->chain - read->chains.v];
	if (s->by)
		s->by = &c->rules.v[s->by - s->chain->rules.v];
	s->chain = c;
}

static void add_missing(struct asker *k, const struct missing *m, size_t flow)
{
	size_t *at = &k->known[flow];
	if (*at && (m->condition || !k->missing.v[*at - 1].condition))
		return;
	if (!*at) {
		VEC_ADD(k->arena, &k->missing);
		*at = k->missing.n;
	}
	k->missing.v[*at - 1] = *m;
	k->missing.v[*at - 1].required = &k->required[flow];
}

static void add_surplus(struct asker *k, const struct surplus *s)
{
	for (size_t i = 0; i < k->surplus.n; i++)
		if (s->shown.by && k->surplus.v[i].shown.by == s->shown.by)
			return;
	*VEC_ADD(k->arena, &k->surplus) = *s;
}

static void ask_of(struct asker *k, uint32_t interface)
{
	CLEANUP(arena_freep) struct arena *own = arena_new();
	struct ruleset *read = rules_of(own, k->rules, interface);
	struct proof p = prove_packets(k->arena, read, k->map, k->anywhere, k->n_required, k->judged.v, k->judged.n, &k->options);
	k->undecided |= p.undecided;
	for (size_t i = 0; i < p.n_missing; i++) {
		struct missing m = p.missing[i];
		size_t flow = (size_t)(m.required - k->anywhere);
		if (!is_for(k, &k->required[flow], interface, &m.rpc_interface))
			continue;
		translate(k, read, &m.shown);
		add_missing(k, &m, flow);
	}
	for (size_t i = 0; i < p.n_surplus; i++) {
		struct surplus s = p.surplus[i];
		translate(k, read, &s.shown);
		/* what other rules let through was found without interfaces */
		if (!s.shown.by || !s.shown.by->rpc)
			continue;
		if (s.shown.by->rpc != RPC_ANY_INTERFACE)
			s.rpc_interface = k->rules->rpc_interfaces.v[s.shown.by->rpc - 1];
		add_surplus(k, &s);
	}
}

/* Packets of no interface: flows that are no RPC; *ports is true of the flows that rules let through by their ports. */
static struct proof ask_without(struct asker *k, const struct flowbox *judged, size_t n_judged, bool *by_ports)
{
	CLEANUP(arena_freep) struct arena *own = arena_new();
	struct ruleset *read = rules_of(own, k->rules, NO_INTERFACE);
	struct proof p = prove_packets(k->arena, read, k->map, k->required, k->n_required, judged, n_judged, &k->options);
	k->undecided |= p.undecided;
	for (size_t i = 0; i < k->n_required; i++)
		by_ports[i] = true;
	for (size_t i = 0; i < p.n_missing; i++) {
		struct missing m = p.missing[i];
		size_t flow = (size_t)(m.required - k->required);
		by_ports[flow] = false;
		translate(k, read, &m.shown);
		if (m.required->helper != HELPER_RPC)
			*VEC_ADD(k->arena, &k->missing) = m;
	}
	for (size_t i = 0; i < p.n_surplus; i++) {
		struct surplus *s = VEC_ADD(k->arena, &k->surplus);
		*s = p.surplus[i];
		translate(k, read, &s->shown);
	}
	p.rules = k->rules;
	return p;
}

struct proof prove_by_interface(struct arena *a, const struct ruleset *r, const struct interface_map *map,
				const struct required *required, size_t n_required, const struct flowbox *judged,
				size_t n_judged, const struct prove_options *options)
{
	CLEANUP(arena_freep) struct arena *own = arena_new();
	size_t most = options && options->most ? options->most : SIZE_MAX;
	bool *by_ports = ARENA_ARRAY(own, bool, n_required);
	struct asker k = {
		.arena = a,
		.rules = r,
		.map = map,
		.required = required,
		.n_required = n_required,
		.anywhere = ARENA_ARRAY(own, struct required, n_required),
		.options = { .engine = options ? options->engine : ENGINE_AUTO },
		.known = ARENA_ARRAY(own, size_t, n_required),
	};
	for (size_t i = 0; i < n_required; i++)
		k.anywhere[i] = at_any_port(own, &required[i]);
	for (size_t i = 0; i < n_judged; i++)
		add_judged(&k, &judged[i]);
	struct proof ret = ask_without(&k, judged, n_judged, by_ports);
	for (uint32_t i = 1; i <= r->rpc_interfaces.n; i++)
		ask_of(&k, i);
	ask_of(&k, RPC_ANY_INTERFACE);

	for (size_t i = 0; i < n_required; i++)
		ret.by_interface += !by_ports[i] && required[i].helper == HELPER_RPC && !k.known[i];
	if (k.missing.n)
		sort_items(k.missing.v, k.missing.n, sizeof *k.missing.v, missing_cmp);
	if (k.surplus.n)
		sort_items(k.surplus.v, k.surplus.n, sizeof *k.surplus.v, surplus_cmp);
	ret.missing = k.missing.v;
	ret.all_missing = k.missing.n;
	ret.n_missing = MIN(k.missing.n, most);
	ret.surplus = k.surplus.v;
	ret.n_surplus = MIN(k.surplus.n, most);
	ret.more_surplus = k.surplus.n > most;
	proof_judge(&ret);
	if (k.undecided)
		proof_give_up(&ret);
	return ret;
}
