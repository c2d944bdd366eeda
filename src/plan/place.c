/* SPDX-License-Identifier: Apache-2.0 */
/* Places of rules, and the flows and packets that pass them. */
#include "plan/plan-priv.h"
#include "plan/policy.h"

struct place *plan_places(struct arena *a, const struct plan *p, size_t *n)
{
	const struct estate *e = p->estate;
	VEC(struct place) places = { 0 };
	for (size_t i = 0; i < e->n_firewalls; i++)
		*VEC_ADD(a, &places) = (struct place){ (int)i, -1, POLICY_TRANSIT };
	for (size_t i = 0; i < e->n_hosts; i++) {
		if (!e->hosts[i].firewall.at.line)
			continue;
		*VEC_ADD(a, &places) = (struct place){ -1, (int)i, POLICY_INBOUND };
		*VEC_ADD(a, &places) = (struct place){ -1, (int)i, POLICY_OUTBOUND };
	}
	*n = places.n;
	return places.v;
}

struct str place_name(const struct plan *p, const struct place *at)
{
	return at->firewall >= 0 ? p->estate->firewalls[at->firewall].name.s : p->estate->hosts[at->host].name.s;
}

bool place_sees(const struct plan *p, const struct place *at, const struct flow *f)
{
	if (at->firewall >= 0)
		return path_crosses((struct path){ f->crosses, f->n_crosses, true }, at->firewall);
	const struct endpoint *own = at->side == POLICY_INBOUND ? f->to : f->from;
	return own->host == &p->estate->hosts[at->host];
}

uint16_t plan_side(const struct plan *p, uint16_t firewall, uint16_t zone)
{
	const struct firewall *f = &p->estate->firewalls[firewall];
	uint16_t best = NO_ZONE;
	size_t least = SIZE_MAX;
	for (size_t i = 0; i < f->n_zones; i++) {
		struct path path = plan_path(p, zone, f->zones[i]);
		if (!path.connected || path_crosses(path, firewall) || path.n >= least)
			continue;
		best = f->zones[i];
		least = path.n;
	}
	return best;
}

struct flowbox flow_box(const struct flow *f, struct service_term terms[2])
{
	const struct bundle_item *it = f->item;
	size_t n = 1;
	if (it->icmp == ICMP_TYPES) {
		terms[0] = service_of(it->protocol, it->ports);
	} else if (it->icmp == ICMP_WHOLE) {
		terms[0] = service_of(PROTO_ICMP, ALL_PORTS);
		terms[1] = service_of(PROTO_ICMP6, ALL_PORTS);
		n = 2;
	} else if (it->protocol == PROTO_ICMP) {
		/* the documents mean the echo of whichever family the hosts speak (RFC 792, RFC 4443) */
		terms[0] = service_of(PROTO_ICMP, (struct port_range){ 8, 8 });
		terms[1] = service_of(PROTO_ICMP6, (struct port_range){ 128, 128 });
		n = 2;
	} else {
		terms[0] = service_of(it->protocol, it->has_ports ? it->ports : ALL_PORTS);
	}
	return (struct flowbox){ f->from->addresses, f->to->addresses, terms, n };
}

struct at_filter {
	const struct plan *plan;
	const struct place *at;
	void (*show)(void *ctx, const struct flow *f);
	void *ctx;
};

static void show_if_seen(void *ctx, const struct flow *f)
{
	struct at_filter *filter = ctx;
	if (place_sees(filter->plan, filter->at, f))
		filter->show(filter->ctx, f);
}

void plan_each_at(const struct plan *p, const struct place *at, void (*show)(void *ctx, const struct flow *f),
		  void *ctx)
{
	plan_each(p, show_if_seen, &(struct at_filter){ p, at, show, ctx });
}

typedef VEC(struct flowbox) box_vec;

/* The addresses by which the firewall is asked for hosts. */
static struct addrset all_published(struct arena *a, const struct estate *e, int firewall)
{
	VEC(struct addr_range) ranges = { 0 };
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct published *p = host_published(&e->hosts[i], firewall);
		for (size_t j = 0; p && j < p->addresses.n; j++)
			*VEC_ADD(a, &ranges) = p->addresses.v[j];
	}
	return addrset_of(a, ranges.v, ranges.n);
}

/* Whichever zone a published address is in, its packets go to the zone of the host. */
static void judge_published(struct arena *a, const struct plan *p, uint16_t firewall, box_vec *boxes,
			    box_vec *uncertain)
{
	const struct estate *e = p->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		const struct published *published = host_published(h, firewall);
		for (uint16_t from = 0; published && from < e->n_zones; from++)
			if (plan_may_cross(p, from, h->zone, firewall))
				*VEC_ADD(a, plan_has_one_path(p, from, h->zone) ? boxes : uncertain) =
					(struct flowbox){ e->zones[from].addresses, published->addresses, &any_service,
							  1 };
	}
}

struct judged plan_judged(struct arena *a, const struct plan *p, const struct place *at)
{
	const struct estate *e = p->estate;
	box_vec boxes = { 0 };
	if (at->host >= 0) {
		struct addrset own = host_addresses(e, &e->hosts[at->host]), all = addrset_all(a);
		struct flowbox b = { all, own, &any_service, 1 };
		if (at->side == POLICY_OUTBOUND)
			b = (struct flowbox){ own, all, &any_service, 1 };
		*VEC_ADD(a, &boxes) = b;
		return (struct judged){ boxes.v, boxes.n, boxes.n };
	}
	box_vec uncertain = { 0 };
	struct addrset published = all_published(a, e, at->firewall);
	for (uint16_t from = 0; from < e->n_zones; from++)
		for (uint16_t to = 0; to < e->n_zones; to++) {
			if (from == to || !plan_may_cross(p, from, to, (uint16_t)at->firewall))
				continue;
			struct flowbox b = { e->zones[from].addresses,
					     addrset_minus(a, e->zones[to].addresses, published), &any_service, 1 };
			if (plan_has_one_path(p, from, to))
				*VEC_ADD(a, &boxes) = b;
			else
				*VEC_ADD(a, &uncertain) = b;
		}
	judge_published(a, p, (uint16_t)at->firewall, &boxes, &uncertain);
	size_t n_certain = boxes.n;
	for (size_t i = 0; i < uncertain.n; i++)
		*VEC_ADD(a, &boxes) = uncertain.v[i];
	return (struct judged){ boxes.v, boxes.n, n_certain };
}
