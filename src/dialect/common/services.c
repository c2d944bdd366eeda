/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/services.h"

#include "base/out.h"
#include "base/vec.h"

typedef VEC(struct service_item) item_vec;

static void add_ports(struct arena *a, item_vec *items, const struct policy_service *s)
{
	const struct service_term *t = &s->term;
	for (size_t i = 0; i < items->n; i++) {
		struct service_item *item = &items->v[i];
		if (item->protocol_lo == t->protocol_lo && item->protocol_hi == t->protocol_lo &&
		    item->sport.lo == t->sport.lo && item->sport.hi == t->sport.hi) {
			item->ports = portset_union(a, item->ports, portset_of(a, &t->port, 1));
			if (item->kind != s->kind)
				item->kind = SERVICE_PLAIN;
			return;
		}
	}
	*VEC_ADD(a, items) =
		(struct service_item){ t->protocol_lo, t->protocol_lo, t->sport, portset_of(a, &t->port, 1), -1, -1,
				       s->kind };
}

static void add_icmp(struct arena *a, item_vec *items, const struct service_term *t)
{
	bool all_types = t->port.lo == 0 && t->port.hi >= 255, all_codes = t->sport.lo == 0 && t->sport.hi >= 255;
	struct service_item item = { .protocol_lo = t->protocol_lo, .protocol_hi = t->protocol_lo, .sport = ALL_PORTS };
	for (int type = all_types && all_codes ? -1 : t->port.lo;
	     type <= (all_types && all_codes ? -1 : MIN(t->port.hi, 255)); type++)
		for (int code = all_codes ? -1 : t->sport.lo; code <= (all_codes ? -1 : MIN(t->sport.hi, 255));
		     code++) {
			item.type = type;
			item.code = code;
			*VEC_ADD(a, items) = item;
		}
}

static int item_cmp(const void *one, const void *other)
{
	const struct service_item *a = one, *b = other;
	int c = CMP(a->protocol_lo, b->protocol_lo);
	c = c ? c : CMP(a->protocol_hi, b->protocol_hi);
	c = c ? c : CMP(a->sport.lo, b->sport.lo);
	c = c ? c : CMP(a->sport.hi, b->sport.hi);
	c = c ? c : CMP(a->type, b->type);
	return c ? c : CMP(a->code, b->code);
}

struct service_items services_merged(struct arena *a, const struct policy_services *s)
{
	item_vec items = { 0 }, others = { 0 };
	for (size_t i = 0; i < s->n; i++) {
		const struct service_term *t = &s->v[i].term;
		bool one = t->protocol_lo == t->protocol_hi;
		if (one && protocol_has_ports(t->protocol_lo))
			add_ports(a, &items, &s->v[i]);
		else if (one && protocol_is_icmp(t->protocol_lo))
			add_icmp(a, &others, t);
		else
			*VEC_ADD(a, &others) =
				(struct service_item){ t->protocol_lo, t->protocol_hi, ALL_PORTS, { 0 }, -1, -1,
						       s->v[i].kind };
	}
	sort_items(items.v, items.n, sizeof *items.v, item_cmp);
	sort_items(others.v, others.n, sizeof *others.v, item_cmp);
	for (size_t i = 0; i < others.n; i++)
		if (!i || item_cmp(&others.v[i - 1], &others.v[i]) != 0)
			*VEC_ADD(a, &items) = others.v[i];
	return (struct service_items){ items.v, items.n };
}

bool item_in_family(const struct service_item *s, enum family f)
{
	if (s->protocol_lo != s->protocol_hi)
		return true;
	return s->protocol_lo != (f == IPV4 ? PROTO_ICMP6 : PROTO_ICMP);
}

static bool goes_out(const struct policy *p, const struct relation *r)
{
	return p->side == POLICY_OUTBOUND || (p->side == POLICY_BOTH && r->outbound);
}

struct addrset local_end(const struct policy *p, const struct relation *r)
{
	return p->groups[goes_out(p, r) ? r->src : r->dst].addresses;
}

struct addrset remote_end(struct arena *a, const struct policy *p, const struct relation *r)
{
	struct addrset local = local_end(p, r), remote = p->groups[goes_out(p, r) ? r->dst : r->src].addresses;
	for (int f = IPV4; f <= IPV6; f++)
		if (!addrset_part(local, (enum family)f).n)
			remote = addrset_part(remote, f == IPV4 ? IPV6 : IPV4);
	return remote;
}

bool one_local_end(struct arena *a, const struct policy *p)
{
	for (int f = IPV4; f <= IPV6; f++) {
		struct addrset known = NO_ADDRS;
		for (size_t i = 0; i < p->n_relations; i++) {
			struct addrset own = addrset_part(local_end(p, &p->relations[i]), (enum family)f);
			if (!own.n || !addrset_part(remote_end(a, p, &p->relations[i]), (enum family)f).n)
				continue;
			if (known.n && !addrset_equal(known, own))
				return false;
			known = own;
		}
	}
	return true;
}

struct str services_names(struct arena *a, const struct policy_services *s)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	for (size_t i = 0; i < s->n; i++) {
		bool known = false;
		for (size_t j = 0; j < i && !known; j++)
			known = str_eq(s->v[j].name, s->v[i].name);
		if (!known)
			out_printf(&o, "%s%.*s", o.n ? ", " : "", STR_ARG(s->v[i].name));
	}
	return str_dup(a, out_view(&o));
}
