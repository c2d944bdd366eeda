/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firewalls between zones, pairs of them, and routes.
 */
#include "base/vec.h"
#include "model/estate-maker.h"

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
		diag_error(m->diag, row->zones.at.line ? row->zones.at : row->at,
			   "a firewall connects two zones or more");
	sort_items(zones, n, sizeof *zones, by_index);
	f->zones = zones;
	f->n_zones = n;
	read_interfaces(m, f, row->interfaces);
	read_other(m, f, row->other);
}

/* Pairs */

static bool same_zones(const struct firewall *one, const struct firewall *other)
{
	return one->n_zones == other->n_zones &&
	       (!one->n_zones || memcmp(one->zones, other->zones, one->n_zones * sizeof *one->zones) == 0);
}

/* What belongs to the rows of the members. */
static void refuse_keys_of_members(struct maker *m, const struct firewall_row *row)
{
	if (row->zones.at.line || row->dialect.s.p || row->config.s.p || row->interfaces || row->other.s.p)
		diag_error(m->diag, row->name.at, "\"%.*s\" has members:, whose own rows have everything else",
			   STR_ARG(row->name.s));
}

static void make_pair(struct maker *m, const struct firewall_row *row, struct firewall_pair *ret)
{
	struct estate *e = m->estate;
	uint16_t *members = ARENA_ARRAY(m->arena, uint16_t, row->members.n);
	size_t n = 0;
	refuse_keys_of_members(m, row);
	if (row->members.n < 2)
		diag_error(m->diag, row->members.at, "two firewalls or more stand in parallel");
	for (size_t i = 0; i < row->members.n; i++) {
		struct name said = row->members.v[i];
		int f = estate_firewall(e, said.s);
		if (f < 0)
			unknown_name(m, "firewall", said, m->firewall_words);
		else if (e->firewalls[f].pair >= 0)
			diag_error(m->diag, said.at, "\"%.*s\" is a member twice", STR_ARG(said.s));
		else if (n && !same_zones(&e->firewalls[members[0]], &e->firewalls[f]))
			diag_error(m->diag, said.at, "\"%.*s\" and \"%.*s\" connect different zones",
				   STR_ARG(e->firewalls[members[0]].name.s), STR_ARG(said.s));
		else
			members[n++] = (uint16_t)f;
		if (f >= 0)
			e->firewalls[f].pair = 0;
	}
	sort_items(members, n, sizeof *members, by_index);
	for (size_t i = 0; i < n; i++)
		e->firewalls[members[i]].first = members[0];
	*ret = (struct firewall_pair){ row->name, members, n };
}

static void make_pairs(struct maker *m)
{
	struct estate *e = m->estate;
	const struct firewall_row *rows = m->file->firewalls.v;
	e->pairs = ARENA_ARRAY(m->arena, struct firewall_pair, m->file->firewalls.n);
	for (size_t i = 0; i < e->n_firewalls; i++) {
		e->firewalls[i].first = (uint16_t)i;
		e->firewalls[i].pair = -1;
	}
	for (size_t i = 0; i < m->file->firewalls.n; i++)
		if (rows[i].members.at.line)
			make_pair(m, &rows[i], &e->pairs[e->n_pairs++]);
	sort_items(e->pairs, e->n_pairs, sizeof *e->pairs, named_cmp);
	for (size_t i = 0; i < e->n_pairs; i++)
		for (size_t j = 0; j < e->pairs[i].n_members; j++)
			e->firewalls[e->pairs[i].members[j]].pair = (int)i;
}

/* Routes */

/* A pair stands for its members. */
static size_t add_via(struct maker *m, struct name said, uint16_t *via)
{
	const struct estate *e = m->estate;
	int f = estate_firewall(e, said.s), pair = estate_pair(e, said.s);
	if (pair >= 0) {
		memcpy(via, e->pairs[pair].members, e->pairs[pair].n_members * sizeof *via);
		return e->pairs[pair].n_members;
	}
	if (f >= 0)
		*via = (uint16_t)f;
	else
		unknown_name(m, "firewall", said, m->firewall_words);
	return f >= 0;
}

static size_t most_via(const struct estate *e, const struct names *via)
{
	size_t n = 0;
	for (size_t i = 0; i < via->n; i++) {
		int pair = estate_pair(e, via->v[i].s);
		n += pair >= 0 ? e->pairs[pair].n_members : 1;
	}
	return n;
}

static void make_route(struct maker *m, const struct route_row *row, struct route *r)
{
	struct estate *e = m->estate;
	uint16_t *firewalls = ARENA_ARRAY(m->arena, uint16_t, most_via(e, &row->via));
	struct loc *places = ARENA_ARRAY(m->arena, struct loc, most_via(e, &row->via));
	size_t n = 0;
	int from = find_zone(m, row->from), to = find_zone(m, row->to);

	for (size_t i = 0; i < row->via.n; i++)
		for (size_t more = add_via(m, row->via.v[i], firewalls + n); more; more--)
			places[n++] = row->via.v[i].at;
	*r = (struct route){
		.from = row->from,
		.to = row->to,
		.from_zone = from < 0 ? NO_ZONE : (uint16_t)from,
		.to_zone = to < 0 ? NO_ZONE : (uint16_t)to,
		.via = row->via,
		.firewalls = firewalls,
		.places = places,
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

	size_t n_rows = m->file->firewalls.n;
	if (n_rows > MOST_FIREWALLS) {
		diag_error(m->diag, m->file->firewalls.at, "more than %d firewalls", MOST_FIREWALLS);
		n_rows = 0;
	}
	e->firewalls = ARENA_ARRAY(m->arena, struct firewall, n_rows);
	for (size_t i = 0; i < n_rows; i++)
		if (!rows[i].members.at.line)
			make_firewall(m, &rows[i], &e->firewalls[e->n_firewalls++]);
	sort_items(e->firewalls, e->n_firewalls, sizeof *e->firewalls, named_cmp);
	m->firewall_words = names_of(m, e->firewalls, e->n_firewalls, sizeof *e->firewalls);
	make_pairs(m);

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
