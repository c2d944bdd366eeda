/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decline: flows that a document needs and the estate does without.
 *
 * A row takes out whole flows between whole endpoints.  It names hosts, which are alone
 * in their groups then, zones, or addresses that contain all of a host's.
 */
#include "plan/plan-priv.h"
#include "plan/policy.h"

static bool side_holds(const struct endpoint_set *sides, size_t n, const struct endpoint *e)
{
	for (size_t i = 0; i < n; i++) {
		bool holds = sides[i].host >= 0   ? e->host && str_eq(e->host->name.s, sides[i].text.s)
			     : sides[i].zone >= 0 ? e->zone == sides[i].zone
						  : addrset_within(e->addresses, sides[i].addresses);
		if (holds)
			return true;
	}
	return false;
}

static const struct endpoint *first_of(const struct plan *p, uint32_t group)
{
	return &p->endpoints[p->groups[group].members.endpoints[0]];
}

void plan_decliners(const struct plan *p, struct arena *a, uint32_t from, uint32_t to, row_vec *ret)
{
	const struct estate *e = p->estate;
	for (size_t i = 0; i < e->n_decline; i++) {
		const struct hand_rule *r = &e->decline[i];
		if (side_holds(r->from, r->n_from, first_of(p, from)) && side_holds(r->to, r->n_to, first_of(p, to)))
			*VEC_ADD(a, ret) = r;
	}
}

static bool within(const struct service_term *inner, const struct service_term *outer)
{
	return outer->protocol_lo <= inner->protocol_lo && inner->protocol_hi <= outer->protocol_hi &&
	       outer->port.lo <= inner->port.lo && inner->port.hi <= outer->port.hi;
}

/* All of the item's packets are the row's. */
static bool covers(const struct hand_rule *r, const struct bundle_item *it)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct service_term own[2];
	struct endpoint none = { 0 };
	struct flowbox box = flow_box(&(struct flow){ &none, &none, it, NULL, 0 }, own);
	size_t n;
	const struct service_term *terms = hand_terms(a, r, &n);
	for (size_t i = 0; i < box.n_services; i++) {
		bool covered = false;
		for (size_t j = 0; j < n && !covered; j++)
			covered = within(&own[i], &terms[j]);
		if (!covered)
			return false;
	}
	return true;
}

/* The row that declines a reason; what is allowed by hand is never declined. */
static const struct hand_rule *decliner_of(const row_vec *rows, const struct bundle_item *it,
					   const struct reason *reason)
{
	for (size_t i = 0; i < rows->n && reason->need; i++) {
		const struct hand_rule *r = rows->v[i];
		if ((r->service < 0 || r->service == reason->need->service) && covers(r, it))
			return r;
	}
	return NULL;
}

const struct hand_rule *plan_declined_by(const struct plan *p, const row_vec *rows, const struct bundle_item *it,
					 const struct reason *reasons, size_t n)
{
	const struct hand_rule *first = NULL;
	for (size_t i = 0; i < n; i++) {
		const struct hand_rule *r = decliner_of(rows, it, &reasons[i]);
		if (!r)
			return NULL;
		p->declines[r - p->estate->decline] = true;
		first = !first || r < first ? r : first;
	}
	return first;
}

static void check_side(struct plan *p, const struct endpoint_set *sides, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < p->n_endpoints && sides[i].host < 0 && sides[i].zone < 0; j++) {
			const struct endpoint *e = &p->endpoints[j];
			if (!e->host || e->any || !addrset_overlaps(sides[i].addresses, e->addresses) ||
			    addrset_within(e->addresses, sides[i].addresses))
				continue;
			diag_error(p->diag, sides[i].text.at,
				   "this is only a part of \"%.*s\"; a flow is declined as a whole", STR_ARG(e->name));
			diag_note(p->diag, e->host->name.at, "split the host here, or name it");
		}
}

void plan_check_declines(struct plan *p)
{
	const struct estate *e = p->estate;
	p->declines = ARENA_ARRAY(p->arena, bool, e->n_decline);
	for (size_t i = 0; i < e->n_decline; i++) {
		check_side(p, e->decline[i].from, e->decline[i].n_from);
		check_side(p, e->decline[i].to, e->decline[i].n_to);
	}
}

bool plan_row_declines(const struct plan *p, const struct hand_rule *row)
{
	return p->declines[row - p->estate->decline];
}

void plan_each_declined(const struct plan *p,
			void (*show)(void *ctx, const struct hand_rule *row, const struct flow *f), void *ctx)
{
	for (size_t i = 0; i < p->declined.n; i++) {
		const struct declined *d = &p->declined.v[i];
		struct plan_group from = p->groups[d->from].members, to = p->groups[d->to].members;
		for (size_t j = 0; j < from.n; j++)
			for (size_t m = 0; m < to.n; m++) {
				struct flow f = { &p->endpoints[from.endpoints[j]], &p->endpoints[to.endpoints[m]],
						  &d->item, NULL, 0 };
				if (f.from == f.to && !endpoint_is_many(f.to))
					continue;
				struct path path = plan_path(p, f.from->zone, f.to->zone);
				f.crosses = path.firewalls;
				f.n_crosses = path.n;
				show(ctx, d->row, &f);
			}
	}
}
