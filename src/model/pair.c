/* SPDX-License-Identifier: Apache-2.0 */
#include "model/pair.h"

static void give(const struct catalogue *c, bool *has, struct role_set *set, role_id role)
{
	const struct role *r = &c->roles[role];
	if (has[role])
		return;
	has[role] = true;
	set->windows |= r->kind == ROLE_WINDOWS;
	for (size_t i = 0; i < r->implies.n; i++)
		give(c, has, set, r->implies.v[i]);
	for (size_t i = 0; i < r->implies_joined.n; i++)
		give(c, has, set, r->implies_joined.v[i]);
}

struct role_set role_set_of(struct arena *a, const struct catalogue *c, role_id role)
{
	bool *has = ARENA_ARRAY(a, bool, c->n_roles);
	struct role_set set = { .catalogue = c, .has = has };
	give(c, has, &set, role);
	return set;
}

static bool has_one(const struct role_set *set, role_id role, struct role_ids members)
{
	for (size_t i = 0; i < members.n; i++)
		if (set->has[members.v[i]])
			return true;
	return !members.n && role != ROLE_ANY && set->has[role];
}

static bool opens(const struct need *n, const struct role_set *from)
{
	if (n->from != ROLE_ANY)
		return has_one(from, n->from, n->from_members);
	for (size_t i = 0; i < n->clients.n; i++)
		if (from->has[n->clients.v[i]])
			return true;
	/* where the document names no clients, uses: does */
	return (n->clients_any && from->windows) || (!n->clients.n && !n->clients_any);
}

/* Conditions on roles are those that two roles decide; the others are said with the need. */
static bool roles_allow(const struct need *n, bool back, const struct role_set *from, const struct role_set *to)
{
	for (size_t i = 0; i < n->n_conditions; i++) {
		const struct condition *condition = &n->conditions[i];
		if (condition->kind != COND_ROLE || condition->direction == (back ? DIRECTION_FORWARD : DIRECTION_BACK))
			continue;
		bool met = (condition->side != SIDE_TO && from->has[condition->index]) ||
			   (condition->side != SIDE_FROM && to->has[condition->index]);
		if (met == condition->negated)
			return false;
	}
	return true;
}

/* A role that the server has is not asked by one that the client has. */
static bool is_not_asked(role_id as, const struct role_set *client, const struct role_set *server)
{
	const struct catalogue *c = server->catalogue;
	for (size_t r = 0; r < c->n_roles; r++)
		for (size_t i = 0; i < c->roles[r].not_asked_by.n && server->has[r]; i++)
			if (client->has[c->roles[r].not_asked_by.v[i]] &&
			    role_is_not_asked(&c->roles[r], as, c->roles[r].not_asked_by.v[i]))
				return true;
	return false;
}

/* from and to are the need's, whichever of them opens the conversation. */
static bool fits_way(const struct need *n, bool back, const struct role_set *from, const struct role_set *to)
{
	/* administration is towards any Windows computer */
	bool listens = n->to == ROLE_ANY && n->administration ? to->windows : has_one(to, n->to, n->to_members);
	return listens && opens(n, from) && roles_allow(n, back, from, to) &&
	       !(back ? is_not_asked(n->from, to, from) : is_not_asked(n->to, from, to));
}

bool pair_opens(const struct need *n, const struct role_set *from, const struct role_set *to)
{
	return fits_way(n, false, from, to) || (n->either && fits_way(n, true, to, from));
}

bool pair_needs(const struct need *n, const struct role_set *one, const struct role_set *other)
{
	return pair_opens(n, one, other) || pair_opens(n, other, one);
}
