/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firewalls between two zones.
 *
 * Firewalls that share a zone are neighbours.  The path from one zone to
 * another is the shortest walk over neighbours from a firewall at the first to
 * one at the second.  Where two walks are equally short, the estate has to say
 * which it is (routes:), as soon as a flow needs it.  Until then any of them may be
 * used, and each of their firewalls is judged for what may pass it.
 *
 * The firewalls of a pair are one in walks, its first; in paths they are all named, one after the other,
 * since each has to permit what the path needs.
 */
#include "plan/plan-priv.h"

struct step {
	uint16_t distance; /* firewalls up to here, itself included; 0: not reached */
	uint16_t before;   /* the firewall before; NO_ZONE: none, the path begins here */
	uint16_t other;    /* another before it on a path of the same length; NO_ZONE: none */
	bool several;      /* such a firewall is here or further back */
};

struct row {
	struct path *to;    /* by zone */
	struct path *other; /* by zone: a second path of the same length; not connected: there is none */
	bool *routed;       /* by zone: a route states the path */
	struct step *steps; /* by firewall */
};

typedef VEC(uint16_t) firewall_vec; /* indices in the estate */

struct paths {
	struct plan *plan;
	firewall_vec *at_zone; /* what is connected to a zone */
	struct row **rows;     /* by zone where paths begin; NULL: not asked for yet */
};

struct paths *paths_new(struct plan *p)
{
	const struct estate *e = p->estate;
	struct paths *w = ARENA_NEW(p->arena, struct paths);
	w->plan = p;
	w->at_zone = ARENA_ARRAY(p->arena, firewall_vec, e->n_zones);
	w->rows = ARENA_ARRAY(p->arena, struct row *, e->n_zones);
	for (size_t f = 0; f < e->n_firewalls; f++)
		for (size_t i = 0; i < e->firewalls[f].n_zones && e->firewalls[f].first == f; i++)
			*VEC_ADD(p->arena, &w->at_zone[e->firewalls[f].zones[i]]) = (uint16_t)f;
	return w;
}

/* Breadth first over firewalls, counting only whether a firewall is reached by one path or by several. */
static void walk(const struct paths *w, uint16_t from, struct step *steps, uint16_t *queue)
{
	const struct estate *e = w->plan->estate;
	size_t head = 0, tail = 0;

	for (size_t i = 0; i < w->at_zone[from].n; i++) {
		uint16_t f = w->at_zone[from].v[i];
		steps[f] = (struct step){ .distance = 1, .before = NO_ZONE, .other = NO_ZONE };
		queue[tail++] = f;
	}
	while (head < tail) {
		uint16_t f = queue[head++];
		const struct firewall *fw = &e->firewalls[f];
		for (size_t i = 0; i < fw->n_zones; i++) {
			uint16_t z = fw->zones[i];
			if (z == from)
				continue;
			for (size_t j = 0; j < w->at_zone[z].n; j++) {
				uint16_t next = w->at_zone[z].v[j];
				struct step *s = &steps[next];
				if (!s->distance) {
					*s = (struct step){ (uint16_t)(steps[f].distance + 1), f, NO_ZONE,
							    steps[f].several };
					queue[tail++] = next;
				} else if (s->distance == steps[f].distance + 1 && s->before != f) {
					s->other = f;
					s->several = true;
				}
			}
		}
	}
}

bool path_crosses(struct path path, int firewall)
{
	for (size_t i = 0; i < path.n; i++)
		if (path.firewalls[i] == firewall)
			return true;
	return false;
}

static const struct route *find_route(const struct estate *e, uint16_t from, uint16_t to)
{
	for (size_t i = 0; i < e->n_routes; i++)
		if (e->routes[i].from_zone == from && e->routes[i].to_zone == to)
			return &e->routes[i];
	return NULL;
}

/* A route applies in both directions, unless the opposite direction has its own. */
static bool take_route(struct plan *p, uint16_t from, uint16_t to, struct path *ret)
{
	const struct route *r = find_route(p->estate, from, to);
	if (r) {
		*ret = (struct path){ r->firewalls, r->n_firewalls, true };
		return true;
	}
	r = find_route(p->estate, to, from);
	if (!r)
		return false;
	uint16_t *back = ARENA_ARRAY(p->arena, uint16_t, r->n_firewalls);
	for (size_t i = 0; i < r->n_firewalls; i++)
		back[i] = r->firewalls[r->n_firewalls - 1 - i];
	*ret = (struct path){ back, r->n_firewalls, true };
	return true;
}

/* The pair that a firewall is the first of; NULL: none. */
static const struct firewall_pair *pair_of(const struct estate *e, uint16_t firewall)
{
	const struct firewall *f = &e->firewalls[firewall];
	return f->pair >= 0 && f->first == firewall ? &e->pairs[f->pair] : NULL;
}

/* A path of firewalls, with all the members of each pair in the place of its first. */
static struct path with_members(const struct paths *w, struct path path)
{
	const struct estate *e = w->plan->estate;
	VEC(uint16_t) all = { 0 };
	if (!e->n_pairs)
		return path;
	for (size_t i = 0; i < path.n; i++) {
		const struct firewall_pair *pair = pair_of(e, path.firewalls[i]);
		for (size_t j = 0; pair && j < pair->n_members; j++)
			*VEC_ADD(w->plan->arena, &all) = pair->members[j];
		if (!pair)
			*VEC_ADD(w->plan->arena, &all) = path.firewalls[i];
	}
	return (struct path){ all.v, all.n, path.connected };
}

/* How many firewalls a packet goes over: one of each pair. */
static size_t path_length(const struct estate *e, struct path path)
{
	size_t n = 0;
	for (size_t i = 0; i < path.n; i++)
		n += e->firewalls[path.firewalls[i]].first == path.firewalls[i];
	return n;
}

/* The path that ends at a firewall; other: the one that leaves the first at the last place where it can. */
static struct path path_back(const struct paths *w, const struct step *steps, uint16_t last, bool other)
{
	size_t n = steps[last].distance;
	uint16_t *firewalls = ARENA_ARRAY(w->plan->arena, uint16_t, n);
	for (uint16_t f = last; f != NO_ZONE;) {
		firewalls[steps[f].distance - 1] = f;
		bool leaves = other && steps[f].other != NO_ZONE;
		f = leaves ? steps[f].other : steps[f].before;
		other &= !leaves;
	}
	return with_members(w, (struct path){ firewalls, n, true });
}

static void find_path(const struct paths *w, uint16_t to, const struct step *steps, struct row *row)
{
	uint16_t best = NO_ZONE, equal = NO_ZONE;

	for (size_t i = 0; i < w->at_zone[to].n; i++) {
		uint16_t f = w->at_zone[to].v[i];
		if (!steps[f].distance)
			continue;
		if (best == NO_ZONE || steps[f].distance < steps[best].distance) {
			best = f;
			equal = NO_ZONE;
		} else if (steps[f].distance == steps[best].distance) {
			equal = f;
		}
	}
	if (best == NO_ZONE)
		return;
	row->to[to] = path_back(w, steps, best, false);
	if (equal != NO_ZONE)
		row->other[to] = path_back(w, steps, equal, false);
	else if (steps[best].several)
		row->other[to] = path_back(w, steps, best, true);
}

static const struct row *row_from(struct paths *w, uint16_t from)
{
	struct plan *p = w->plan;
	const struct estate *e = p->estate;
	if (w->rows[from])
		return w->rows[from];
	struct row *row = ARENA_NEW(p->arena, struct row);
	struct step *steps = ARENA_ARRAY(p->arena, struct step, e->n_firewalls);
	uint16_t *queue = ARENA_ARRAY(p->arena, uint16_t, e->n_firewalls);
	row->to = ARENA_ARRAY(p->arena, struct path, e->n_zones);
	row->other = ARENA_ARRAY(p->arena, struct path, e->n_zones);
	row->routed = ARENA_ARRAY(p->arena, bool, e->n_zones);
	row->steps = steps;
	walk(w, from, steps, queue);
	for (size_t z = 0; z < e->n_zones; z++) {
		if (z == from)
			row->to[z] = (struct path){ NULL, 0, true };
		else if (!(row->routed[z] = take_route(p, from, (uint16_t)z, &row->to[z])))
			find_path(w, (uint16_t)z, steps, row);
	}
	w->rows[from] = row;
	return row;
}

struct path plan_path(const struct plan *p, uint16_t from_zone, uint16_t to_zone)
{
	if (from_zone == NO_ZONE || to_zone == NO_ZONE)
		return (struct path){ 0 };
	return row_from(p->paths, from_zone)->to[to_zone];
}

bool plan_has_one_path(const struct plan *p, uint16_t from_zone, uint16_t to_zone)
{
	return !row_from(p->paths, from_zone)->other[to_zone].connected;
}

bool plan_may_cross(const struct plan *p, uint16_t from_zone, uint16_t to_zone, uint16_t firewall)
{
	const struct row *row = row_from(p->paths, from_zone);
	struct path path = row->to[to_zone];
	if (!path.connected || from_zone == to_zone)
		return false;
	if (row->routed[to_zone] || !row->other[to_zone].connected)
		return path_crosses(path, firewall);
	/* on a shortest path are the firewalls whose distances from both ends add up to it */
	uint16_t first = p->estate->firewalls[firewall].first;
	size_t behind = row->steps[first].distance, ahead = row_from(p->paths, to_zone)->steps[first].distance;
	return behind && ahead && behind + ahead - 1 == path_length(p->estate, path);
}

static const char *path_names(struct plan *p, struct path path, const char *between)
{
	const struct estate *e = p->estate;
	struct str text = NO_STR;
	for (size_t i = 0; i < path.n; i++) {
		const struct firewall *f = &e->firewalls[path.firewalls[i]];
		const struct firewall_pair *pair = pair_of(e, f->first);
		if (f->first == path.firewalls[i])
			text = str_printf(p->arena, "%.*s%s%.*s", STR_ARG(text), text.n ? between : "",
					  STR_ARG(pair ? pair->name.s : f->name.s));
	}
	return cstr(p->arena, text);
}

static void check_pair(struct plan *p, uint16_t from, uint16_t to)
{
	const struct estate *e = p->estate;
	const struct row *row = row_from(p->paths, from);
	if (!row->other[to].connected)
		return;
	diag_error(p->diag, e->zones[from].name.at,
		   "from zone \"%.*s\" to \"%.*s\" there are two paths of the same length: by %s, and by %s",
		   STR_ARG(e->zones[from].name.s), STR_ARG(e->zones[to].name.s),
		   path_names(p, row->to[to], " and then "), path_names(p, row->other[to], " and then "));
	diag_note(p->diag, NOWHERE, "choose one under routes: - { from: %.*s, to: %.*s, via: [%s] }",
		  STR_ARG(yaml_name(p->arena, e->zones[from].name.s)),
		  STR_ARG(yaml_name(p->arena, e->zones[to].name.s)), path_names(p, row->to[to], ", "));
}

/*
 * A route must be connected: each firewall shares a zone with the next, the first is
 * connected to "from".
 */
static void check_route(struct plan *p, const struct route *r)
{
	const struct estate *e = p->estate;
	uint16_t at = r->from_zone;
	for (size_t i = 0; i < r->n_firewalls; i++) {
		const struct firewall *f = &e->firewalls[r->firewalls[i]];
		bool joined = false;
		for (size_t j = 0; j < f->n_zones; j++) {
			if (i == 0) {
				joined |= f->zones[j] == at;
				continue;
			}
			const struct firewall *last = &e->firewalls[r->firewalls[i - 1]];
			for (size_t m = 0; m < last->n_zones; m++)
				joined |= f->zones[j] == last->zones[m];
		}
		if (!joined)
			diag_error(p->diag, r->places[i], "the path is broken here: \"%.*s\" is not connected to %s",
				   STR_ARG(f->name.s),
				   i ? "any zone of the firewall before it" : "the zone where it begins");
	}
	const struct firewall *last = r->n_firewalls ? &e->firewalls[r->firewalls[r->n_firewalls - 1]] : NULL;
	bool arrives = !last && r->from_zone == r->to_zone;
	for (size_t j = 0; last && j < last->n_zones; j++)
		arrives |= last->zones[j] == r->to_zone;
	if (!arrives)
		diag_error(p->diag, r->via.at,
			   "the path does not arrive: its last firewall is not connected to zone \"%.*s\"",
			   STR_ARG(r->to.s));
}

void paths_check(struct plan *p)
{
	const struct estate *e = p->estate;
	bool *asked = ARENA_ARRAY(p->arena, bool, e->n_zones * e->n_zones);

	for (size_t i = 0; i < e->n_routes; i++)
		check_route(p, &e->routes[i]);
	for (size_t i = 0; i < p->links.n; i++) {
		uint16_t from = p->groups[p->links.v[i].from].zone, to = p->groups[p->links.v[i].to].zone;
		size_t pair = (size_t)from * e->n_zones + to;
		if (from == NO_ZONE || to == NO_ZONE || from == to || asked[pair])
			continue;
		asked[pair] = true;
		check_pair(p, from, to);
	}
}
