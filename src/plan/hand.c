/* SPDX-License-Identifier: Apache-2.0 */
/* Rows by hand as sets of packets. */
#include "plan/plan-priv.h"
#include "plan/policy.h"

struct service_term *hand_terms(struct arena *a, const struct hand_rule *r, size_t *n)
{
	struct portset ranges = protocol_is_icmp(r->protocol) ? r->icmp_types : r->ports;
	struct service_term *terms = ARENA_ARRAY(a, struct service_term, ranges.n + 2);
	*n = 0;
	if (!r->protocol && !ranges.n) {
		terms[(*n)++] = any_service;
		return terms;
	}
	for (size_t i = 0; i < ranges.n; i++)
		terms[(*n)++] = service_of(r->protocol, ranges.v[i]);
	if (r->icmp_echo) {
		terms[(*n)++] = service_of(PROTO_ICMP, (struct port_range){ 8, 8 });
		terms[(*n)++] = service_of(PROTO_ICMP6, (struct port_range){ 128, 128 });
	} else if (!ranges.n) {
		terms[(*n)++] = service_of(r->protocol, ALL_PORTS);
		if (r->protocol == PROTO_ICMP)
			terms[(*n)++] = service_of(PROTO_ICMP6, ALL_PORTS);
	}
	return terms;
}

static struct addrset addresses_of(struct arena *a, const struct endpoint_set *sets, size_t n)
{
	VEC(struct addr_range) ranges = { 0 };
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < sets[i].addresses.n; j++)
			*VEC_ADD(a, &ranges) = sets[i].addresses.v[j];
	return addrset_of(a, ranges.v, ranges.n);
}

static bool is_judged(const struct judged *j, const struct flowbox *b)
{
	for (size_t i = 0; i < j->n; i++)
		if (addrset_overlaps(j->boxes[i].src, b->src) && addrset_overlaps(j->boxes[i].dst, b->dst))
			return true;
	return false;
}

struct tolerated *plan_tolerated(struct arena *a, const struct plan *p, const struct place *at, size_t *n)
{
	const struct estate *e = p->estate;
	struct tolerated *ret = ARENA_ARRAY(a, struct tolerated, e->n_tolerate);
	struct judged judged = { 0 };
	*n = 0;
	if (e->n_tolerate)
		judged = plan_judged(a, p, at);
	for (size_t i = 0; i < e->n_tolerate; i++) {
		const struct hand_rule *r = &e->tolerate[i];
		struct flowbox box = { addresses_of(a, r->from, r->n_from), addresses_of(a, r->to, r->n_to), NULL, 0 };
		if (!is_judged(&judged, &box))
			continue;
		box.services = hand_terms(a, r, &box.n_services);
		ret[(*n)++] = (struct tolerated){ r, box };
	}
	return ret;
}
