/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firewalls between zones, and routes.
 */
#include "base/vec.h"
#include "model/estate-maker.h"

static int by_name(const void *left, const void *right)
{
	return str_cmp(((const struct firewall *)left)->name.s, ((const struct firewall *)right)->name.s);
}

static int by_index(const void *left, const void *right)
{
	return CMP(*(const uint16_t *)left, *(const uint16_t *)right);
}

static int find_zone(struct maker *m, struct name n)
{
	int z = estate_zone(m->estate, n.s);
	return z >= 0 ? z : unknown_name(m, "zone", n, m->zone_words);
}

/* The names are written into configurations as they are. */
static bool are_visible(struct maker *m, const struct names *texts)
{
	bool ok = true;
	for (size_t i = 0; i < texts->n; i++)
		if (!str_is_visible(texts->v[i].s))
			ok = diag_error(m->diag, texts->v[i].at,
					"the name of an interface has no control characters and no ends of lines");
	return ok;
}

static void read_interfaces(struct maker *m, struct firewall *f, const struct node *n)
{
	struct names *names = ARENA_ARRAY(m->arena, struct names, f->n_zones);
	struct decode d = { m->arena, m->diag, NULL };
	f->interfaces = names;
	if (!n)
		return;
	if (n->kind != NODE_MAP) {
		diag_error(m->diag, n->at, "\"interfaces\" is a map from zones to the firewall's names for them");
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		struct name zone = { n->pairs[i].key->text, n->pairs[i].key->at };
		struct names texts;
		int z = find_zone(m, zone);
		size_t j = 0;
		if (!decode_texts(&d, n->pairs[i].value, &texts) || !are_visible(m, &texts) || z < 0)
			continue;
		if (!texts.n)
			diag_error(m->diag, texts.at, "an interface or several are needed here");
		while (j < f->n_zones && f->zones[j] != z)
			j++;
		if (j == f->n_zones)
			diag_error(m->diag, zone.at, "\"%.*s\" is not connected to zone \"%.*s\"", STR_ARG(f->name.s),
				   STR_ARG(zone.s));
		else
			names[j] = texts;
	}
}

static void read_other(struct maker *m, struct firewall *f, struct name zone)
{
	int z = zone.s.p ? find_zone(m, zone) : -1;
	f->other = -1;
	for (size_t i = 0; z >= 0 && i < f->n_zones; i++)
		if (f->zones[i] == z)
			f->other = (int)i;
	if (z >= 0 && f->other < 0)
		diag_error(m->diag, zone.at, "\"%.*s\" is not connected to zone \"%.*s\"", STR_ARG(f->name.s),
			   STR_ARG(zone.s));
}

static void make_firewall(struct maker *m, const struct firewall_row *row, struct firewall *f)
{
	uint16_t *zones = ARENA_ARRAY(m->arena, uint16_t, row->zones.n);
	size_t n = 0;

	*f = (struct firewall){
		.name = row->name,
		.zones_said = row->zones,
		.dialect = row->dialect,
		.config = row->config,
		.at = row->at,
	};
	for (size_t i = 0; i < row->zones.n; i++) {
		int z = find_zone(m, row->zones.v[i]);
		bool twice_here = false;
		for (size_t j = 0; j < n; j++)
			twice_here |= zones[j] == z;
		if (twice_here)
			diag_error(m->diag, row->zones.v[i].at, "\"%.*s\" names zone \"%.*s\" twice",
				   STR_ARG(f->name.s), STR_ARG(row->zones.v[i].s));
		else if (z >= 0)
			zones[n++] = (uint16_t)z;
	}
	if (row->zones.n < 2)
		diag_error(m->diag, row->zones.at, "a firewall connects two zones or more");
	sort_items(zones, n, sizeof *zones, by_index);
	f->zones = zones;
	f->n_zones = n;
	read_interfaces(m, f, row->interfaces);
	read_other(m, f, row->other);
}

static void make_route(struct maker *m, const struct route_row *row, struct route *r)
{
	struct estate *e = m->estate;
	uint16_t *firewalls = ARENA_ARRAY(m->arena, uint16_t, row->via.n);
	size_t n = 0;
	int from = find_zone(m, row->from), to = find_zone(m, row->to);

	for (size_t i = 0; i < row->via.n; i++) {
		int f = estate_firewall(e, row->via.v[i].s);
		if (f < 0)
			unknown_name(m, "firewall", row->via.v[i], m->firewall_words);
		else
			firewalls[n++] = (uint16_t)f;
	}
	*r = (struct route){
		.from = row->from,
		.to = row->to,
		.from_zone = from < 0 ? NO_ZONE : (uint16_t)from,
		.to_zone = to < 0 ? NO_ZONE : (uint16_t)to,
		.via = row->via,
		.firewalls = firewalls,
		.n_firewalls = n,
		.at = row->at,
	};
}

static int route_cmp(const void *left, const void *right)
{
	const struct route *a = left, *b = right;
	int c = CMP(a->from_zone, b->from_zone);
	return c ? c : CMP(a->to_zone, b->to_zone);
}

void make_firewalls(struct maker *m)
{
	struct estate *e = m->estate;
	const struct firewall_row *rows = m->file->firewalls.v;
	const struct route_row *routes = m->file->routes.v;

	e->n_firewalls = m->file->firewalls.n;
	if (e->n_firewalls > MOST_FIREWALLS) {
		diag_error(m->diag, m->file->firewalls.at, "more than %d firewalls", MOST_FIREWALLS);
		e->n_firewalls = 0;
	}
	e->firewalls = ARENA_ARRAY(m->arena, struct firewall, e->n_firewalls);
	for (size_t i = 0; i < e->n_firewalls; i++)
		make_firewall(m, &rows[i], &e->firewalls[i]);
	sort_items(e->firewalls, e->n_firewalls, sizeof *e->firewalls, by_name);
	struct str *words = ARENA_ARRAY(m->arena, struct str, e->n_firewalls);
	for (size_t i = 0; i < e->n_firewalls; i++)
		words[i] = e->firewalls[i].name.s;
	m->firewall_words = (struct strs){ words, e->n_firewalls };

	e->routes = ARENA_ARRAY(m->arena, struct route, m->file->routes.n);
	e->n_routes = m->file->routes.n;
	for (size_t i = 0; i < e->n_routes; i++)
		make_route(m, &routes[i], &e->routes[i]);
	sort_items(e->routes, e->n_routes, sizeof *e->routes, route_cmp);
	for (size_t i = 1; i < e->n_routes; i++)
		if (e->routes[i].from_zone != NO_ZONE && e->routes[i].to_zone != NO_ZONE &&
		    route_cmp(&e->routes[i - 1], &e->routes[i]) == 0) {
			diag_error(m->diag, e->routes[i].at, "two routes from \"%.*s\" to \"%.*s\"",
				   STR_ARG(e->routes[i].from.s), STR_ARG(e->routes[i].to.s));
			diag_note(m->diag, e->routes[i - 1].at, "the other one is here");
		}
}
