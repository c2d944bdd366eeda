/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the conditions of a need hold for two hosts. */
#include "plan/plan-priv.h"

static bool lists_feature(const struct host *h, struct str alternatives)
{
	struct str one;
	while (str_cut(&alternatives, '|', &one))
		if (host_has_feature(h, one))
			return true;
	return false;
}

static bool is_outside(const struct estate *e, const struct host *h)
{
	return h->any || (e->any_zone != NO_ZONE && h->zone == e->any_zone);
}

static bool has_named_instance(const struct host *h)
{
	const struct instance *instances = h->instances.v;
	for (size_t i = 0; i < h->instances.n; i++)
		if (!str_ieq(instances[i].name.s, STR("MSSQLSERVER")))
			return true;
	return false;
}

static bool host_meets(const struct plan *p, const struct facet *f, const struct condition *condition)
{
	const struct estate *e = p->estate;
	const struct host *h = f->host;
	const struct catalogue *c = e->catalogue;

	switch (condition->kind) {
	case COND_JOINED:
		return h->joined.n == JOINED_DOMAIN;
	case COND_INTERNET_ONLY:
		return h->internet_only.on;
	case COND_OLDER_THAN:
		return catalogue_older_than(c, h->system, condition->index);
	case COND_AT_LEAST:
		return !catalogue_older_than(c, h->system, condition->index);
	case COND_FEATURE:
		return lists_feature(h, condition->feature);
	case COND_ROLE:
		for (size_t i = 0; i < f->roles.n; i++)
			if (f->roles.v[i] == condition->index)
				return true;
		return false;
	case COND_TLS:
		return h->tls.n != TLS_NO;
	case COND_PLAIN:
		return h->tls.n != TLS_ONLY;
	case COND_SITE_SERVER_INITIATES:
		return h->site_server_initiates.on;
	case COND_STATIC_RPC:
		return h->rpc.n > 0;
	case COND_PORT_SET:
		return host_port(h, (service_id)condition->index) != NULL;
	case COND_PLACED:
		return !h->implied;
	case COND_INSTEAD_OF:
		return !h->implied || !p->placed[condition->index];
	case COND_COMES_THROUGH:
		return is_outside(e, h) && p->placed[condition->index];
	case COND_NAMED_INSTANCE:
		return has_named_instance(h);
	case N_CONDITIONS:
		break;
	}
	return false;
}

bool plan_conditions_hold(const struct plan *p, const struct need *n, bool back, const struct facet *from,
			  const struct facet *to)
{
	for (size_t i = 0; i < n->n_conditions; i++) {
		const struct condition *condition = &n->conditions[i];
		bool met;
		if (condition->direction == (back ? DIRECTION_FORWARD : DIRECTION_BACK))
			continue;
		if (condition->side == SIDE_EITHER)
			met = host_meets(p, from, condition) || host_meets(p, to, condition);
		else
			met = host_meets(p, condition->side == SIDE_FROM ? from : to, condition);
		if (met == condition->negated)
			return false;
	}
	return true;
}

bool plan_may_listen(const struct plan *p, const struct host *h, const struct need *n)
{
	struct facet whole = { .host = h, .roles = h->roles };
	for (size_t i = 0; i < n->n_conditions && !n->either; i++) {
		const struct condition *condition = &n->conditions[i];
		if (condition->side == SIDE_TO && host_meets(p, &whole, condition) == condition->negated)
			return false;
	}
	return true;
}
