/* SPDX-License-Identifier: Apache-2.0 */
/* What a firewall that translates is asked for flows to the hosts that it publishes. */
#include "plan/plan-priv.h"
#include "plan/policy.h"

const struct published *flow_published(const struct place *at, const struct flow *f)
{
	return at->firewall >= 0 ? host_published(f->to->host, at->firewall) : NULL;
}

struct addrset published_addresses(struct arena *a, const struct published *p, struct addrset own)
{
	struct addrset kept = NO_ADDRS;
	for (enum family f = IPV4; f <= IPV6; f++)
		if (!addrset_part(p->addresses, f).n)
			kept = addrset_union(a, kept, addrset_part(own, f));
	return addrset_union(a, p->addresses, kept);
}

/* A published port leads to another one, so it does not lead to the port of the same number. */
static bool is_taken(const struct published *p, uint16_t port)
{
	bool leads_away = false;
	for (size_t i = 0; i < p->n_ports; i++)
		leads_away |= p->ports[i].outside == port && p->ports[i].inside != port;
	return leads_away;
}

/* The first port from lo on that is published by another or hidden by one; 65536: none. */
static uint32_t next_special(const struct published *p, uint32_t lo)
{
	uint32_t next = UINT16_MAX + 1;
	for (size_t i = 0; i < p->n_ports; i++) {
		const uint16_t ends[] = { p->ports[i].inside, p->ports[i].outside };
		for (size_t j = 0; j < ARRAY_LEN(ends); j++)
			if (p->ports[i].inside != p->ports[i].outside && ends[j] >= lo && ends[j] < next)
				next = ends[j];
	}
	return next;
}

static void put_term(struct arena *a, struct service_term term, uint32_t lo, uint32_t hi, term_vec *ret)
{
	if (lo > hi)
		return;
	term.port = (struct port_range){ (uint16_t)lo, (uint16_t)hi };
	*VEC_ADD(a, ret) = term;
}

static void split_term(struct arena *a, const struct published *p, struct service_term term, term_vec *asked,
		       term_vec *arrive)
{
	uint32_t lo = term.port.lo, hi = term.port.hi;
	while (protocol_has_ports(term.protocol_lo) && lo <= hi) {
		uint32_t special = next_special(p, lo);
		if (special > hi)
			break;
		uint16_t outside = published_port(p, (uint16_t)special);
		put_term(a, term, lo, special - 1, asked);
		put_term(a, term, lo, special - 1, arrive);
		/* a port that nothing leads to is an error of the plan */
		if (outside != special || !is_taken(p, (uint16_t)special)) {
			put_term(a, term, outside, outside, asked);
			put_term(a, term, special, special, arrive);
		}
		lo = special + 1;
	}
	put_term(a, term, lo, hi, asked);
	put_term(a, term, lo, hi, arrive);
}

struct flowbox flow_box_at(struct arena *a, const struct place *at, const struct flow *f, struct flowbox *arrives)
{
	struct service_term terms[2];
	struct flowbox own = flow_box(f, terms);
	const struct published *p = flow_published(at, f);
	term_vec asked = { 0 }, arrive = { 0 };
	for (size_t i = 0; i < own.n_services; i++) {
		if (p) {
			split_term(a, p, terms[i], &asked, &arrive);
			continue;
		}
		*VEC_ADD(a, &asked) = terms[i];
	}
	*arrives = (struct flowbox){ 0 };
	if (p)
		*arrives = (struct flowbox){ own.src, own.dst, arrive.v, arrive.n };
	return (struct flowbox){ own.src, p ? published_addresses(a, p, own.dst) : own.dst, asked.v, asked.n };
}

static void check_flow(void *ctx, const struct flow *f)
{
	struct plan *p = ctx;
	char text[ITEM_TEXT];
	for (size_t i = 0; i < f->n_crosses; i++) {
		const struct published *published = host_published(f->to->host, f->crosses[i]);
		for (size_t j = 0; published && f->item->has_ports && j < published->n_ports; j++) {
			const struct published_port *port = &published->ports[j];
			bool reached = false;
			for (size_t n = 0; n < published->n_ports; n++)
				reached |= published->ports[n].inside == port->outside;
			if (reached || port->outside < f->item->ports.lo || port->outside > f->item->ports.hi)
				continue;
			diag_error(p->diag, port->at,
				   "no port leads to port %u of \"%.*s\", which %.*s needs (%s): %u leads to port %u",
				   port->outside, STR_ARG(f->to->name), STR_ARG(f->from->name),
				   item_text(f->item, text), port->outside, port->inside);
		}
	}
}

bool plan_publishes(const struct plan *p)
{
	for (size_t i = 0; i < p->estate->n_hosts; i++)
		if (p->estate->hosts[i].n_published)
			return true;
	return false;
}

void plan_check_published(struct plan *p)
{
	bool changes = false;
	for (size_t i = 0; i < p->estate->n_hosts; i++)
		for (size_t j = 0; j < p->estate->hosts[i].n_published; j++)
			changes |= p->estate->hosts[i].published[j].n_ports > 0;
	if (changes)
		plan_each(p, check_flow, p);
}
