/* SPDX-License-Identifier: Apache-2.0 */
/* Places of rules, and the flows and packets that pass them. */
#include "plan/policy-priv.h"

struct place *plan_places(struct arena *a, const struct plan *p, size_t *n)
{
	const struct estate *e = p->estate;
	VEC(struct place) places = { 0 };
	for (size_t i = 0; i < e->n_firewalls; i++)
		*VEC_ADD(a, &places) = place_of_firewall((int)i);
	for (size_t i = 0; i < e->n_hosts; i++) {
		if (!e->hosts[i].firewall.at.line)
			continue;
		*VEC_ADD(a, &places) = place_of_host((int)i, POLICY_INBOUND);
		*VEC_ADD(a, &places) = place_of_host((int)i, POLICY_OUTBOUND);
	}
	*n = places.n;
	return places.v;
}

struct str place_name(const struct plan *p, const struct place *at)
{
	return at->firewall >= 0 ? p->estate->firewalls[at->firewall].name.s : p->estate->hosts[at->host].name.s;
}

/* Whether what passes inside a zone meets the rules of a firewall. */
static bool is_within(const struct plan *p, const struct place *at, uint16_t zone)
{
	const struct firewall *f = &p->estate->firewalls[at->firewall];
	bool named = false;
	for (size_t i = 0; i < f->n_zones; i++)
		named |= f->zones[i] == zone;
	return at->each_host && named && !p->estate->zones[zone].any;
}

static bool is_outside(const struct plan *p, const struct place *at, uint16_t zone)
{
	return at->each_host && zone != NO_ZONE && p->estate->zones[zone].any;
}

struct addrset place_within(const struct plan *p, const struct place *at, uint16_t zone)
{
	return is_within(p, at, zone) ? p->estate->zones[zone].addresses : NO_ADDRS;
}

struct addrset place_outside(const struct plan *p, const struct place *at)
{
	uint16_t any = p->estate->any_zone;
	return any != NO_ZONE && is_outside(p, at, any) ? p->estate->zones[any].addresses : NO_ADDRS;
}

/* Whether the rules of a firewall meet what passes from one zone to another, given whether that crosses it. */
static bool meets(const struct plan *p, const struct place *at, uint16_t from, uint16_t to, bool crosses)
{
	if (at->incoming && is_outside(p, at, to))
		return false;
	return from == to ? is_within(p, at, from) : crosses;
}

bool place_sees_zones(const struct plan *p, const struct place *at, uint16_t from, uint16_t to, struct path path)
{
	return meets(p, at, from, to, path_crosses(path, at->firewall));
}

struct flowbox *place_own(struct arena *a, const struct plan *p, const struct place *at, size_t *n)
{
	VEC(struct flowbox) boxes = { 0 };
	for (size_t i = 0; i < p->links.n && at->each_host; i++) {
		const struct plan_link *l = &p->links.v[i];
		struct plan_group g = p->groups[l->from].members;
		for (size_t j = 0; j < g.n && l->same && is_within(p, at, p->groups[l->from].zone); j++) {
			struct addrset own = p->endpoints[g.endpoints[j]].addresses;
			if (!endpoint_is_many(&p->endpoints[g.endpoints[j]]))
				*VEC_ADD(a, &boxes) = (struct flowbox){ own, own, &any_service, 1 };
		}
	}
	*n = boxes.n;
	return boxes.v;
}

bool place_sees(const struct plan *p, const struct place *at, const struct flow *f)
{
	if (at->firewall >= 0)
		return place_sees_zones(p, at, f->from->zone, f->to->zone,
					(struct path){ f->crosses, f->n_crosses, true });
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

static struct judged judged_at_host(struct arena *a, const struct plan *p, const struct place *at)
{
	struct addrset own = host_addresses(p->estate, &p->estate->hosts[at->host]), all = addrset_all(a);
	struct flowbox *b = ARENA_NEW(a, struct flowbox);
	*b = at->side == POLICY_OUTBOUND ? (struct flowbox){ own, all, &any_service, 1 }
					 : (struct flowbox){ all, own, &any_service, 1 };
	return (struct judged){ b, 1, 1 };
}

struct judged plan_judged(struct arena *a, const struct plan *p, const struct place *at)
{
	const struct estate *e = p->estate;
	box_vec boxes = { 0 }, uncertain = { 0 };
	if (at->host >= 0)
		return judged_at_host(a, p, at);
	struct addrset published = all_published(a, e, at->firewall);
	for (uint16_t from = 0; from < e->n_zones; from++)
		for (uint16_t to = 0; to < e->n_zones; to++) {
			if (!meets(p, at, from, to, plan_may_cross(p, from, to, (uint16_t)at->firewall)))
				continue;
			struct flowbox b = { e->zones[from].addresses,
					     addrset_minus(a, e->zones[to].addresses, published), &any_service, 1 };
			*VEC_ADD(a, plan_has_one_path(p, from, to) ? &boxes : &uncertain) = b;
		}
	judge_published(a, p, (uint16_t)at->firewall, &boxes, &uncertain);
	size_t n_certain = boxes.n;
	for (size_t i = 0; i < uncertain.n; i++)
		*VEC_ADD(a, &boxes) = uncertain.v[i];
	return (struct judged){ boxes.v, boxes.n, n_certain };
}
