/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "ports A B" against plans: what it lists for two roles is what plans have between a host of
 * each, over all pairs of roles.
 *
 * An estate has two hosts for each role, one that is set up as the opening side of a need and
 * one as the listening side, for each list of conditions that needs have.  The answer includes
 * what uses: adds, so in the first estate every host uses every role.
 */
#include "test.h"

#include "base/strmap.h"
#include "base/vec.h"
#include "model/pair.h"
#include "plan/plan.h"

static const struct catalogue *const cat = &catalogue_builtin;

/* Which way a need that either side may start is looked at. */
struct variant {
	const struct need *need; /* its conditions and scope are set up */
	bool back;
};

struct pairs {
	struct arena *arena;
	struct role_set *sets; /* by role */
	/* by need: of the pairs that "ports" has, how many a plan has too */
	bool **seen; /* by need: roles * roles; NULL: the pair has no such need */
	size_t reasons;
};

static bool applies(const struct condition *c, bool back)
{
	return c->direction != (back ? DIRECTION_FORWARD : DIRECTION_BACK);
}

/* The newest system that all conditions of the side on systems allow; NO_SYSTEM: the newest Windows, unsaid. */
static system_id system_for(const struct need *n, bool back, enum side side)
{
	bool asked = false;
	for (size_t i = 0; i < n->n_conditions; i++)
		asked |= n->conditions[i].kind == COND_OLDER_THAN || n->conditions[i].kind == COND_AT_LEAST;
	for (size_t s = cat->n_systems; asked && s-- > 0;) {
		bool fits = cat->systems[s].windows;
		for (size_t i = 0; i < n->n_conditions && fits; i++) {
			const struct condition *c = &n->conditions[i];
			bool older = catalogue_older_than(cat, (system_id)s, c->index);
			if ((c->side != side && c->side != SIDE_EITHER) || !applies(c, back))
				continue;
			if (c->kind == COND_OLDER_THAN)
				fits = older != c->negated;
			else if (c->kind == COND_AT_LEAST)
				fits = older == c->negated;
		}
		if (fits)
			return (system_id)s;
	}
	return NO_SYSTEM;
}

/* The keys of a host that meet the conditions of one side. */
static void put_settings(struct out *o, const struct role_set *set, const struct need *n, bool back, enum side side)
{
	struct str features[32];
	size_t n_features = 0;
	system_id system = system_for(n, back, side);
	if (system != NO_SYSTEM)
		out_printf(o, ", os: %.*s", STR_ARG(cat->systems[system].id));
	for (size_t i = 0; i < n->n_conditions; i++) {
		const struct condition *c = &n->conditions[i];
		struct str rest = c->feature;
		if ((c->side != side && !(c->side == SIDE_EITHER && side == SIDE_FROM && !c->negated)) ||
		    !applies(c, back))
			continue;
		if (c->kind == COND_JOINED && c->negated)
			out_text(o, ", joined: workgroup");
		if (c->kind == COND_INTERNET_ONLY && !c->negated)
			out_text(o, ", internet-only: true");
		if (c->kind == COND_TLS && c->negated)
			out_text(o, ", tls: no");
		if (c->kind == COND_PLAIN && c->negated)
			out_text(o, ", tls: only");
		if (c->kind == COND_SITE_SERVER_INITIATES && !c->negated)
			out_text(o, ", site-server-initiates: true");
		if (c->kind == COND_NAMED_INSTANCE && !c->negated && set->has[side == SIDE_TO ? n->to : n->from])
			out_text(o, ", instances: { PAY: { ports: { mssql: 51433 } } }");
		if (c->kind == COND_FEATURE && !c->negated && n_features < ARRAY_LEN(features))
			str_cut(&rest, '|', &features[n_features++]);
	}
	for (size_t i = 0; i < n_features; i++)
		out_printf(o, "%s%.*s", i ? ", " : ", features: [", STR_ARG(features[i]));
	if (n_features)
		out_char(o, ']');
}

/* Hosts that name the role under uses: have the need, and no others. */
static bool is_for_users(const struct need *n)
{
	return n->from == ROLE_ANY && n->to != ROLE_ANY && !n->clients.n && !n->clients_any;
}

static void put_host(struct out *o, const struct role_set *set, const struct variant *v, role_id role, bool to,
		     struct str uses)
{
	const struct need *n = v->need;
	bool related = n && n->scope == SCOPE_RELATED_SITES;
	bool across =
		n && (n->scope == SCOPE_TRUST || n->scope == SCOPE_TRUSTED_SIDE || n->scope == SCOPE_TRUSTING_SIDE);
	out_printf(o, "  %s%.*s: { address: 10.%d.%u.%u, tier: 0, roles: [%.*s], forest: %s, site: %s",
		   to ? "b-" : "a-", STR_ARG(cat->roles[role].id), to ? 2 : 1, role / 200u, role % 200u + 1,
		   STR_ARG(cat->roles[role].id), to && across ? "y" : "x", to && related ? "C01" : "P01");
	if (related && !to)
		out_text(o, ", parent: C01");
	if (n)
		put_settings(o, set, n, v->back, to ? SIDE_TO : SIDE_FROM);
	/* in the other estates only the hosts of the need use the role */
	if (!n)
		out_printf(o, ", uses: [%.*s] }\n", STR_ARG(uses));
	else if (is_for_users(n))
		out_printf(o, ", uses: [%.*s] }\n", STR_ARG(cat->roles[n->to].id));
	else
		out_text(o, " }\n");
}

/* The roles whose documents name no clients. */
static struct str roles_to_use(struct arena *a)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	for (size_t r = 0; r < cat->n_roles; r++) {
		bool used = false;
		for (size_t i = 0; i < cat->n_needs && !used; i++) {
			const struct need *n = &cat->needs[i];
			used = n->from == ROLE_ANY && n->to == r && !n->clients.n && !n->clients_any;
		}
		if (used)
			out_printf(&o, "%s%.*s", o.n ? ", " : "", STR_ARG(cat->roles[r].id));
	}
	return str_dup(a, out_view(&o));
}

static const struct plan *plan_for(struct arena *a, const struct pairs *p, const struct variant *v)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 22);
	struct str uses = roles_to_use(a);
	struct diag *d = diag_new(a);
	out_text(&o, "estate: pairs\nzones: { a: { subnets: [10.1.0.0/16] }, b: { subnets: [10.2.0.0/16] } }\n"
		     "firewalls: { f: { zones: [a, b] } }\ncatalogue: [");
	for (size_t i = 0; i < cat->n_documents; i++)
		out_printf(&o, "%s%.*s", i ? ", " : "", STR_ARG(cat->documents[i].id));
	out_text(&o, "]\nhosts:\n");
	for (size_t r = 0; r < cat->n_roles; r++) {
		put_host(&o, &p->sets[r], v, (role_id)r, false, uses);
		put_host(&o, &p->sets[r], v, (role_id)r, true, uses);
	}
	if (v->need && (v->need->scope == SCOPE_TRUST || v->need->scope == SCOPE_TRUSTED_SIDE ||
			v->need->scope == SCOPE_TRUSTING_SIDE))
		out_text(&o, "trusts: [ { trusting: x, trusted: y, direction: two-way } ]\n");
	const struct node *root = yaml_parse(a, source_of_text(a, "pairs.yaml", str_dup(a, out_view(&o))), d);
	struct estate *e = root ? estate_of_tree(a, cat, root, d) : NULL;
	const struct plan *plan = e ? plan_make(a, e, &(struct plan_options){ 0 }, d) : NULL;
	if (!plan)
		fail_msg("%.*s", STR_ARG(diag_text(a, d)));
	return plan;
}

static role_id role_of(struct str host)
{
	return (role_id)catalogue_role(cat, str_skip(host, 2));
}

/* A plan has a reason between hosts of two roles: "ports" must have it too. */
static void see(struct pairs *p, const struct reason *r, role_id from, role_id to)
{
	const struct need *n = r->need;
	size_t number = (size_t)(n - cat->needs);
	role_id opens = r->back ? to : from, listens = r->back ? from : to;
	p->reasons++;
	/* a role that comes with an old system is not the role's own */
	if ((r->from_role != ROLE_ANY && !p->sets[from].has[r->from_role]) ||
	    (r->to_role != ROLE_ANY && !p->sets[to].has[r->to_role]))
		return;
	/* uses: of a role brings all of its needs, also those whose clients the document names */
	if (n->from == ROLE_ANY && r->from_role == ROLE_ANY && n->clients.n)
		return;
	if (!pair_needs(n, &p->sets[opens], &p->sets[listens]))
		fail_msg("a plan has %.*s between %.*s and %.*s, and ports has not", STR_ARG(n->id),
			 STR_ARG(cat->roles[opens].id), STR_ARG(cat->roles[listens].id));
	if (p->seen[number]) {
		p->seen[number][opens * cat->n_roles + listens] = true;
		p->seen[number][listens * cat->n_roles + opens] = true;
	}
}

static void look_at(struct pairs *p, const struct variant *v)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct plan *plan = plan_for(a, p, v);
	size_t n, n_endpoints;
	const struct plan_link *links = plan_links(plan, &n);
	const struct endpoint *endpoints = plan_endpoints(plan, &n_endpoints);
	for (size_t i = 0; i < n; i++) {
		struct str from = endpoints[plan_group(plan, links[i].from).endpoints[0]].name;
		struct str to = endpoints[plan_group(plan, links[i].to).endpoints[0]].name;
		if (from.n < 3 || to.n < 3 || from.p[1] != '-' || to.p[1] != '-')
			continue; /* an outside party that is not placed */
		for (size_t j = 0; j < links[i].bundle->n; j++)
			for (size_t r = 0; r < links[i].bundle->items[j].n_reasons; r++)
				see(p, &links[i].bundle->items[j].reasons[r], role_of(from), role_of(to));
	}
}

static bool is_planned(const struct need *n)
{
	return !n->unplanned.n && n->protocol && n->erratum != ERRATUM_WITHDRAWS && !n->withdrawn;
}

/* Ports that only a host with ports: or rpc: of its own has, and who is outside, are no matter of roles. */
static bool is_matter_of_roles(const struct need *n)
{
	for (size_t i = 0; i < n->n_conditions; i++) {
		const struct condition *c = &n->conditions[i];
		if (!c->negated &&
		    (c->kind == COND_STATIC_RPC || c->kind == COND_PORT_SET || c->kind == COND_COMES_THROUGH))
			return false;
		if (c->kind == COND_PORT_SET)
			return false;
	}
	return cat->services[n->service].resolves != SERVICE_RPC_STATIC;
}

static struct pairs all_pairs(struct arena *a)
{
	struct pairs p = { .arena = a };
	p.sets = ARENA_ARRAY(a, struct role_set, cat->n_roles);
	p.seen = ARENA_ARRAY(a, bool *, cat->n_needs);
	for (size_t r = 0; r < cat->n_roles; r++)
		p.sets[r] = role_set_of(a, cat, (role_id)r);
	for (size_t i = 0; i < cat->n_needs; i++)
		if (is_planned(&cat->needs[i]) && is_matter_of_roles(&cat->needs[i]))
			p.seen[i] = ARENA_ARRAY(a, bool, cat->n_roles * cat->n_roles);
	return p;
}

static struct str variant_key(struct arena *a, const struct variant *v)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 12);
	out_printf(&o, "%d %d %d", v->need->scope, v->back, is_for_users(v->need) ? v->need->to : -1);
	for (size_t i = 0; i < v->need->n_conditions; i++)
		out_printf(&o, "|%d %.*s", v->need->conditions[i].direction, STR_ARG(v->need->conditions[i].text));
	return str_dup(a, out_view(&o));
}

static void ports_of_two_roles_are_what_plans_have_between_them(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct pairs p = all_pairs(a);
	struct strmap known = strmap_new(a);
	size_t variants = 1, missing = 0;
	look_at(&p, &(struct variant){ 0 });
	for (size_t i = 0; i < cat->n_needs; i++)
		for (int back = 0; back <= cat->needs[i].either; back++) {
			struct variant v = { &cat->needs[i], back };
			if (!p.seen[i] || !strmap_add(&known, variant_key(a, &v), &p))
				continue;
			look_at(&p, &v);
			variants++;
		}
	for (size_t i = 0; i < cat->n_needs; i++)
		for (size_t one = 0; one < cat->n_roles && p.seen[i]; one++)
			for (size_t other = 0; other < cat->n_roles; other++) {
				const struct need *n = &cat->needs[i];
				if (p.seen[i][one * cat->n_roles + other] ||
				    !pair_needs(n, &p.sets[one], &p.sets[other]))
					continue;
				if (missing++ < 20)
					print_message("# ports has %.*s for %.*s and %.*s, and no plan has\n",
						      STR_ARG(n->id), STR_ARG(cat->roles[one].id),
						      STR_ARG(cat->roles[other].id));
			}
	print_message("# %zu estates, %zu reasons\n", variants, p.reasons);
	assert_int_equal(missing, 0);
}

RUN_TESTS(T(ports_of_two_roles_are_what_plans_have_between_them))
