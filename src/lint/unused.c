/* SPDX-License-Identifier: Apache-2.0 */
/* What an estate says and the plan has no use for: uses:, features:, and servers that nobody uses. */
#include "lint/checks.h"
#include "lint/common.h"

static bool has(struct role_ids ids, role_id role)
{
	for (size_t i = 0; i < ids.n; i++)
		if (ids.v[i] == role)
			return true;
	return false;
}

static bool is_planned(struct linting *l, const struct need *n)
{
	return plan_uses_need(l->estate, plan_get_options(l->plan), n);
}

/* Hosts that name the role "to" under uses: have the need. */
static bool is_for_users(const struct need *n)
{
	return n->from == ROLE_ANY;
}

static bool serves(const struct need *n, role_id role)
{
	return n->to == role || has(n->to_members, role);
}

/* A need that naming the role, or the one service of it, adds. */
static bool adds_need(struct linting *l, const struct use *u)
{
	const struct catalogue *c = l->estate->catalogue;
	for (size_t i = 0; i < c->n_needs; i++) {
		const struct need *n = &c->needs[i];
		if (is_for_users(n) && serves(n, u->role) && is_planned(l, n) &&
		    (u->service == NO_SERVICE || u->service == n->service))
			return true;
	}
	return false;
}

static void report_use(struct linting *l, const struct host *h, const struct use *u)
{
	bool one = u->service != NO_SERVICE;
	struct name said = one ? u->service_said : u->role_said;
	struct finding *f =
		lint_report(l, &check_uses_without_need, h, said.at,
			    one ? "no document says that users of a %.*s need %.*s of it, so uses: adds nothing"
				: "no document says what the users of a %.*s need, so uses: adds nothing",
			    STR_ARG(u->role_said.s), STR_ARG(said.s));
	lint_way_out(l, f,
		     "write the flow: allow: [ { from: %.*s, to: HOST, protocol: tcp, ports: N, why: ..., "
		     "owner: ... } ]",
		     STR_ARG(yaml_name(l->arena, h->name.s)));
}

static void uses_without_need(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++)
		for (size_t j = 0; j < e->hosts[i].uses.n; j++)
			if (!adds_need(l, &e->hosts[i].uses.v[j]))
				report_use(l, &e->hosts[i], &e->hosts[i].uses.v[j]);
}

CHECK(uses_without_need, "uses-without-need", LEVEL_WARNING, NULL, NULL, 0, "96",
      "A host uses a role, and no document says what its users need.");

/* A host takes part in the need on the side of the condition. */
static bool takes_part(const struct host *h, const struct need *n, enum side side)
{
	bool from = n->from == ROLE_ANY ? n->clients_any || host_uses(h, n->to, n->service) : host_has_role(h, n->from);
	for (size_t i = 0; i < n->from_members.n && !from; i++)
		from = host_has_role(h, n->from_members.v[i]);
	for (size_t i = 0; i < n->clients.n && !from; i++)
		from = host_has_role(h, n->clients.v[i]);
	bool to = n->to == ROLE_ANY || host_has_role(h, n->to);
	for (size_t i = 0; i < n->to_members.n && !to; i++)
		to = host_has_role(h, n->to_members.v[i]);
	return (side != SIDE_TO && from) || (side != SIDE_FROM && to);
}

static bool names_feature(const struct condition *c, struct str feature)
{
	struct str all = c->feature, one;
	while (c->kind == COND_FEATURE && str_cut(&all, '|', &one))
		if (str_eq(one, feature))
			return true;
	return false;
}

static bool changes_something(struct linting *l, const struct host *h, struct str feature)
{
	const struct catalogue *c = l->estate->catalogue;
	for (size_t i = 0; i < c->n_needs; i++)
		for (size_t j = 0; j < c->needs[i].n_conditions; j++) {
			const struct condition *condition = &c->needs[i].conditions[j];
			if (names_feature(condition, feature) && is_planned(l, &c->needs[i]) &&
			    takes_part(h, &c->needs[i], condition->side))
				return true;
		}
	return false;
}

static void look_at_features(struct linting *l, const struct host *h, size_t others)
{
	for (size_t i = 0; i < h->features.n; i++) {
		struct name said = h->features.v[i];
		if (changes_something(l, h, said.s))
			continue;
		struct finding *f = lint_report(l, &check_feature_without_effect, h, said.at,
						"the feature %.*s changes nothing for the roles of \"%.*s\"%s",
						STR_ARG(said.s), STR_ARG(h->name.s), lint_others(l, others));
		lint_way_out(l, f, "remove it, or write it at the host whose function it is");
	}
}

static void feature_without_effect(struct linting *l)
{
	lint_each_kind(l, look_at_features);
}

CHECK(feature_without_effect, "feature-without-effect", LEVEL_NOTE, NULL, NULL, 0, "99",
      "A host lists a feature that no need of its roles depends on.");

/* Servers whose clients no document names: their users are in uses:. */

/* The roles that some flow goes to, besides administration. */
static bool *roles_served(struct linting *l)
{
	size_t n;
	const struct plan_link *links = plan_links(l->plan, &n);
	bool *served = ARENA_ARRAY(l->arena, bool, l->estate->catalogue->n_roles);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < links[i].bundle->n; j++)
			for (size_t r = 0; r < links[i].bundle->items[j].n_reasons; r++) {
				const struct reason *reason = &links[i].bundle->items[j].reasons[r];
				bool administers = reason->need && reason->need->administration;
				if (reason->to_role != ROLE_ANY && !administers)
					served[reason->to_role] = true;
			}
	return served;
}

/* A need of the role; NULL when some of them has clients besides those that name it. */
static const struct need *waits_for_users(struct linting *l, role_id role)
{
	const struct catalogue *c = l->estate->catalogue;
	const struct need *first = NULL;
	for (size_t i = 0; i < c->n_needs; i++) {
		const struct need *n = &c->needs[i];
		if (!is_for_users(n) || !serves(n, role) || !is_planned(l, n))
			continue;
		if (n->clients_any || n->clients.n)
			return NULL;
		first = first ? first : n;
	}
	return first;
}

static void role_without_users(struct linting *l)
{
	const struct estate *e = l->estate;
	bool *told = roles_served(l);
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		for (size_t j = 0; j < h->roles_said.n; j++) {
			struct name said = h->roles_said.v[j];
			int role = catalogue_role(e->catalogue, said.s);
			const struct need *need = role < 0 || told[role] ? NULL : waits_for_users(l, (role_id)role);
			if (!need)
				continue;
			told[role] = true;
			struct finding *f =
				lint_report(l, &check_role_without_users, h, said.at,
					    "no host uses a %.*s, so the plan opens nothing towards \"%.*s\" for it",
					    STR_ARG(said.s), STR_ARG(h->name.s));
			f->need = need;
			lint_way_out(l, f, "write uses: [%.*s] at the hosts that do", STR_ARG(said.s));
		}
	}
}

CHECK(role_without_users, "role-without-users", LEVEL_NOTE, NULL, NULL, 0, "96",
      "A server has a role whose users no document names, and no host says that it is one.");

static bool has_ended(const struct estate *e, const struct host *h, const struct role *r)
{
	const struct catalogue *c = e->catalogue;
	int document = catalogue_document(c, r->ended_document);
	if (!r->ended.n || (r->ended_document.n && (document < 0 || !e->documents[document])))
		return false;
	return r->ended_system == NO_SYSTEM ||
	       (h->system != NO_SYSTEM && !catalogue_older_than(c, h->system, r->ended_system));
}

static void role_has_ended(struct linting *l)
{
	const struct estate *e = l->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		for (size_t j = 0; !h->implied && j < h->roles.n; j++) {
			const struct role *r = &e->catalogue->roles[h->roles.v[j]];
			if (!has_ended(e, h, r))
				continue;
			struct finding *f = lint_report(l, &check_role_has_ended, h, h->name.at,
							"the role %.*s of \"%.*s\" ended with %.*s", STR_ARG(r->id),
							STR_ARG(h->name.s), STR_ARG(r->ended));
			lint_way_out(l, f, "remove the role, and its flows go (%.*s)", STR_ARG(r->ended_source));
		}
	}
}

const struct check check_role_has_ended = {
	.id = "role-has-ended",
	.level = LEVEL_NOTE,
	.about = "A host has a role whose product no longer has it.",
	.rules = "4",
	.run = role_has_ended,
};
