/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which domain controllers a host uses.
 *
 * A client asks the controllers of its domain that are at its site of the directory; where its site
 * has none, those of the sites that the fewest site links lead to.  Each of these may be the answer
 * when it looks for a controller, so it uses all of them.  A global catalog knows all domains: the
 * nearest of any domain is asked.  What the estate does not say bounds nothing: a client or a
 * controller without a domain or a site, sites that no links join, and controllers of another
 * forest, whose sites are others.  Domain controllers need each other whatever their sites, since
 * any of them may hold an operations master, and who administers a controller does not choose it by
 * its site.
 */
#include "plan/plan-priv.h"

enum { FAR = 0xffff }; /* no site links lead there */

struct chooser {
	struct plan *plan;
	uint16_t **from; /* by site: links to each site; NULL: not asked for yet */
	bool says_domains;
	uint16_t *least; /* by domain + 1: links to the nearest controller, while one is looked for */
	index_vec picked;
};

struct chooser *chooser_new(struct plan *p)
{
	const struct estate *e = p->estate;
	struct chooser *w = ARENA_NEW(p->arena, struct chooser);
	w->plan = p;
	w->from = ARENA_ARRAY(p->arena, uint16_t *, e->n_ad_sites);
	w->least = ARENA_ARRAY(p->arena, uint16_t, e->n_domains + 1);
	for (size_t i = 0; i < e->n_domains; i++)
		w->says_domains |= e->domains[i].uses_said.at.line != 0;
	return w;
}

static bool is_located(const struct catalogue *c, const struct facet *f)
{
	for (size_t i = 0; i < f->roles.n; i++)
		if (c->roles[f->roles.v[i]].located)
			return true;
	return false;
}

bool chooser_bounds(const struct chooser *w, const struct looking *c)
{
	const struct estate *e = w->plan->estate;
	return (w->says_domains || e->n_ad_sites) && !c->need->administration && c->role != ROLE_ANY &&
	       e->catalogue->roles[c->role].located && !is_located(e->catalogue, c->client);
}

/* Any server of the forest does, whatever its domain. */
static bool is_of_forest(const struct catalogue *cat, const struct looking *c)
{
	const struct need *n = c->need;
	for (size_t i = 0; i < n->n_conditions; i++) {
		const struct condition *condition = &n->conditions[i];
		if (condition->kind == COND_ROLE && !condition->negated &&
		    condition->side == (c->back ? SIDE_FROM : SIDE_TO) &&
		    cat->roles[condition->index].located == LOCATED_BY_FOREST)
			return true;
	}
	return cat->roles[c->role].located == LOCATED_BY_FOREST;
}

/* The server is of a domain whose servers the client uses. */
static bool uses_domain(const struct chooser *w, const struct facet *client, const struct facet *server)
{
	const struct domain *domains = w->plan->estate->domains;
	if (client->domain < 0 || server->domain < 0 || client->domain == server->domain ||
	    client->forest != server->forest || !domains[client->domain].uses_said.at.line)
		return true;
	for (size_t i = 0; i < domains[client->domain].n_uses; i++)
		if (domains[client->domain].uses[i] == server->domain)
			return true;
	return false;
}

/* Breadth first over site links. */
static uint16_t *walk_from(const struct chooser *w, uint16_t site)
{
	const struct estate *e = w->plan->estate;
	uint16_t *links = ARENA_ARRAY(w->plan->arena, uint16_t, e->n_ad_sites);
	uint16_t *queue = ARENA_ARRAY(w->plan->arena, uint16_t, e->n_ad_sites);
	size_t head = 0, tail = 0;
	for (size_t i = 0; i < e->n_ad_sites; i++)
		links[i] = FAR;
	links[site] = 0;
	queue[tail++] = site;
	while (head < tail) {
		uint16_t here = queue[head++];
		const struct ad_site *at = &e->ad_sites[here];
		for (size_t i = 0; i < at->n_links; i++) {
			if (links[at->links[i]] != FAR)
				continue;
			links[at->links[i]] = (uint16_t)(links[here] + 1);
			queue[tail++] = at->links[i];
		}
	}
	return links;
}

/* Their sites say how far they are from each other. */
static bool is_measured(const struct facet *client, const struct facet *server)
{
	return client->ad_site >= 0 && server->ad_site >= 0 && client->forest == server->forest;
}

static uint16_t distance(struct chooser *w, const struct facet *client, const struct facet *server)
{
	if (!w->from[client->ad_site])
		w->from[client->ad_site] = walk_from(w, (uint16_t)client->ad_site);
	return w->from[client->ad_site][server->ad_site];
}

static void find_least(struct chooser *w, const struct looking *c, bool any_domain, const index_vec *in_scope)
{
	const struct plan *p = w->plan;
	for (size_t i = 0; i < in_scope->n; i++)
		w->least[any_domain ? 0 : p->facets[in_scope->v[i]].domain + 1] = FAR;
	for (size_t i = 0; i < in_scope->n; i++) {
		const struct facet *f = &p->facets[in_scope->v[i]];
		uint16_t *least = &w->least[any_domain ? 0 : f->domain + 1];
		if (is_measured(c->client, f) &&
		    plan_conditions_hold(p, c->need, c->back, c->back ? f : c->client, c->back ? c->client : f))
			*least = MIN(*least, distance(w, c->client, f));
	}
}

const index_vec *chooser_pick(struct chooser *w, const struct looking *c, const index_vec *in_scope)
{
	struct plan *p = w->plan;
	bool any_domain = is_of_forest(p->estate->catalogue, c);
	find_least(w, c, any_domain, in_scope);
	w->picked.n = 0;
	for (size_t i = 0; i < in_scope->n; i++) {
		const struct facet *f = &p->facets[in_scope->v[i]];
		bool farther = is_measured(c->client, f) &&
			       distance(w, c->client, f) > w->least[any_domain ? 0 : f->domain + 1];
		if (!farther && (any_domain || uses_domain(w, c->client, f)))
			*VEC_ADD(p->arena, &w->picked) = in_scope->v[i];
	}
	return &w->picked;
}
