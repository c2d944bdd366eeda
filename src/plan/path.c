/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firewalls between two zones.
 *
 * Firewalls that share a zone are neighbours.  The path from one zone to
 * another is the shortest walk over neighbours from a firewall at the first to
 * one at the second.  Where two walks are equally short, the estate has to say
 * which it is (routes:).
 */
#include "plan/plan-priv.h"

struct step {
	uint16_t distance; /* firewalls up to here, itself included; 0: not reached */
	uint16_t before;   /* the firewall before, when only one path is this short */
	bool several;
};

struct row {
	struct path *to;                                /* by zone */
	bool *ambiguous;                                /* by zone */
	const struct firewall **one_path, **other_path; /* by zone: two firewalls that begin or join equal paths */
};

struct paths {
	struct plan *plan;
	uint16_t **at_zone; /* firewalls connected to a zone */
	size_t *n_at_zone;
	struct row **rows; /* by zone where paths begin; NULL: not asked for yet */
};

struct paths *paths_new(struct plan *p)
{
	const struct estate *e = p->estate;
	struct paths *w = ARENA_NEW(p->arena, struct paths);
	w->plan = p;
	w->at_zone = ARENA_ARRAY(p->arena, uint16_t *, e->n_zones);
	w->n_at_zone = ARENA_ARRAY(p->arena, size_t, e->n_zones);
	w->rows = ARENA_ARRAY(p->arena, struct row *, e->n_zones);
	for (size_t f = 0; f < e->n_firewalls; f++)
		for (size_t i = 0; i < e->firewalls[f].n_zones; i++)
			w->n_at_zone[e->firewalls[f].zones[i]]++;
	for (size_t z = 0; z < e->n_zones; z++) {
		w->at_zone[z] = ARENA_ARRAY(p->arena, uint16_t, w->n_at_zone[z]);
		w->n_at_zone[z] = 0;
	}
	for (size_t f = 0; f < e->n_firewalls; f++)
		for (size_t i = 0; i < e->firewalls[f].n_zones; i++) {
			uint16_t z = e->firewalls[f].zones[i];
			w->at_zone[z][w->n_at_zone[z]++] = (uint16_t)f;
		}
	return w;
}

/* Breadth first over firewalls, counting only whether a firewall is reached by one path or by several. */
static void walk(const struct paths *w, uint16_t from, struct step *steps, uint16_t *queue)
{
	const struct estate *e = w->plan->estate;
	size_t head = 0, tail = 0;

	for (size_t i = 0; i < w->n_at_zone[from]; i++) {
		uint16_t f = w->at_zone[from][i];
		steps[f] = (struct step){ .distance = 1, .before = NO_ZONE };
		queue[tail++] = f;
	}
	while (head < tail) {
		uint16_t f = queue[head++];
		const struct firewall *fw = &e->firewalls[f];
		for (size_t i = 0; i < fw->n_zones; i++) {
			uint16_t z = fw->zones[i];
			if (z == from)
				continue;
			for (size_t j = 0; j < w->n_at_zone[z]; j++) {
				uint16_t next = w->at_zone[z][j];
				struct step *s = &steps[next];
				if (!s->distance) {
					*s = (struct step){ (uint16_t)(steps[f].distance + 1), f, steps[f].several };
					queue[tail++] = next;
				} else if (s->distance == steps[f].distance + 1 && s->before != f) {
					s->several = true;
				}
			}
		}
	}
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

static void find_path(const struct paths *w, uint16_t to, const struct step *steps, struct row *row)
{
	const struct estate *e = w->plan->estate;
	uint16_t best = NO_ZONE;
	bool several = false;
	size_t n;

	for (size_t i = 0; i < w->n_at_zone[to]; i++) {
		uint16_t f = w->at_zone[to][i];
		if (!steps[f].distance)
			continue;
		if (best == NO_ZONE || steps[f].distance < steps[best].distance) {
			best = f;
			several = steps[f].several;
			row->one_path[to] = &e->firewalls[f];
			row->other_path[to] = NULL;
		} else if (steps[f].distance == steps[best].distance) {
			several = true;
			row->other_path[to] = &e->firewalls[f];
		}
	}
	if (best == NO_ZONE)
		return;
	n = steps[best].distance;
	uint16_t *firewalls = ARENA_ARRAY(w->plan->arena, uint16_t, n);
	for (uint16_t f = best; f != NO_ZONE; f = steps[f].before)
		firewalls[steps[f].distance - 1] = f;
	row->to[to] = (struct path){ firewalls, n, true };
	row->ambiguous[to] = several;
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
	row->ambiguous = ARENA_ARRAY(p->arena, bool, e->n_zones);
	row->one_path = ARENA_ARRAY(p->arena, const struct firewall *, e->n_zones);
	row->other_path = ARENA_ARRAY(p->arena, const struct firewall *, e->n_zones);
	walk(w, from, steps, queue);
	for (size_t z = 0; z < e->n_zones; z++) {
		if (z == from)
			row->to[z] = (struct path){ NULL, 0, true };
		else if (!take_route(p, from, (uint16_t)z, &row->to[z]))
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

static const char *firewall_name(struct arena *a, const struct firewall *f)
{
	return f ? cstr(a, f->name.s) : "another";
}

static void check_pair(struct plan *p, uint16_t from, uint16_t to)
{
	const struct estate *e = p->estate;
	const struct row *row = row_from(p->paths, from);
	if (!row->ambiguous[to])
		return;
	diag_error(p->diag, e->zones[from].name.at,
		   "from zone \"%.*s\" to \"%.*s\" there are two paths of the same length, by \"%s\" and by \"%s\"",
		   STR_ARG(e->zones[from].name.s), STR_ARG(e->zones[to].name.s),
		   firewall_name(p->arena, row->one_path[to]), firewall_name(p->arena, row->other_path[to]));
	diag_note(p->diag, NOWHERE, "choose one under routes: - { from: %.*s, to: %.*s, via: [%s] }",
		  STR_ARG(e->zones[from].name.s), STR_ARG(e->zones[to].name.s),
		  firewall_name(p->arena, row->one_path[to]));
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
			diag_error(p->diag, r->via.v[i].at, "the path is broken here: \"%.*s\" is not connected to %s",
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
