/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan.h"

#include "plan/plan-priv.h"

struct plan *plan_make(struct arena *a, const struct estate *e, const struct plan_options *options, struct diag *d)
{
	struct plan *p = ARENA_NEW(a, struct plan);
	size_t errors = diag_errors(d);
	p->arena = a;
	p->estate = e;
	p->options = *options;
	p->diag = d;
	plan_check_settings(p);
	plan_group_endpoints(p);
	plan_check_declines(p);
	plan_make_links(p);
	p->paths = paths_new(p);
	paths_check(p);
	plan_check_forbidden(p);
	plan_check_published(p);
	return diag_errors(d) == errors ? p : NULL;
}

const struct estate *plan_estate(const struct plan *p)
{
	return p->estate;
}

const struct plan_options *plan_get_options(const struct plan *p)
{
	return &p->options;
}

size_t plan_flow_count(const struct plan *p)
{
	return p->n_flows;
}

const struct endpoint *plan_endpoints(const struct plan *p, size_t *n)
{
	*n = p->n_endpoints;
	return p->endpoints;
}

const struct plan_link *plan_links(const struct plan *p, size_t *n)
{
	*n = p->links.n;
	return p->links.v;
}

struct plan_group plan_group(const struct plan *p, uint32_t group)
{
	return p->groups[group].members;
}

size_t plan_group_count(const struct plan *p)
{
	return p->n_groups;
}
