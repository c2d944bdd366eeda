/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/rpc.h"

/* A mapper assigns dynamic ports, or those that an administrator set. */
enum { LOWEST_HANDED_OUT = 1024 };

static bool is_named(struct str uuid, const struct str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(words[i], uuid))
			return true;
	return false;
}

/*
 * keep: the interface whose rules apply, as rule.rpc, besides those of any; 0: none applies,
 * not even those.
 */
static struct ruleset *rules_left(struct arena *a, const struct ruleset *r, uint32_t keep)
{
	struct ruleset *ret = ruleset_copy(a, r);
	ret->rpc_named = false;
	for (size_t c = 0; c < ret->chains.n; c++)
		for (size_t i = 0; i < ret->chains.v[c].rules.n; i++) {
			struct rule *rule = &ret->chains.v[c].rules.v[i];
			if (!rule->rpc)
				continue;
			rule->perhaps = rule->rpc_perhaps;
			rule->match.never |= !keep || (rule->rpc != RPC_ANY_INTERFACE && rule->rpc != keep);
		}
	return ret;
}

struct ruleset *rules_of_rpc(struct arena *a, const struct ruleset *r, struct str interface)
{
	uint32_t keep = RPC_ANY_INTERFACE;
	for (size_t i = 0; i < r->rpc_interfaces.n; i++)
		if (str_eq(r->rpc_interfaces.v[i], interface))
			keep = (uint32_t)i + 1;
	return rules_left(a, r, keep);
}

const struct ruleset *rules_without_rpc(struct arena *a, const struct ruleset *r)
{
	return r->rpc_named ? rules_left(a, r, 0) : r;
}

void shown_in(const struct ruleset *whole, const struct ruleset *left, struct shown *s)
{
	if (!s->chain || whole == left)
		return;
	const struct chain *c = &whole->chains.v[s->chain - left->chains.v];
	if (s->by)
		s->by = &c->rules.v[s->by - s->chain->rules.v];
	s->chain = c;
}

struct flowbox *handed_out(struct arena *a, const struct flowbox *boxes, size_t n, size_t *ret_n)
{
	static const uint8_t protocols[] = { PROTO_TCP, PROTO_UDP };
	struct flowbox *ret = ARENA_ARRAY(a, struct flowbox, n);
	*ret_n = 0;
	for (size_t i = 0; i < n; i++) {
		struct service_term *terms =
			ARENA_ARRAY(a, struct service_term, ARRAY_LEN(protocols) * boxes[i].n_services);
		size_t used = 0;
		for (size_t j = 0; j < boxes[i].n_services; j++)
			for (size_t p = 0; p < ARRAY_LEN(protocols); p++) {
				struct service_term t = boxes[i].services[j];
				if (protocols[p] < t.protocol_lo || protocols[p] > t.protocol_hi)
					continue;
				t.protocol_lo = t.protocol_hi = protocols[p];
				t.port.lo = MAX(t.port.lo, (uint16_t)LOWEST_HANDED_OUT);
				if (t.port.lo <= t.port.hi)
					terms[used++] = t;
			}
		if (used)
			ret[(*ret_n)++] = (struct flowbox){ boxes[i].src, boxes[i].dst, terms, used };
	}
	return ret;
}

bool is_for_rpc(const struct required *r, struct str interface, const struct str *named, size_t n_named,
		struct str *uuid)
{
	*uuid = NO_STR;
	if (r->helper != HELPER_RPC)
		return false;
	for (size_t i = 0; i < r->n_rpc_interfaces; i++) {
		struct str own = r->rpc_interfaces[i];
		if (interface.n ? str_eq(own, interface) : !is_named(own, named, n_named)) {
			*uuid = own;
			return true;
		}
	}
	return !r->n_rpc_interfaces;
}
