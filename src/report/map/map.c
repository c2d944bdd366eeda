/* SPDX-License-Identifier: Apache-2.0 */
/* The content of the map: boxes, their zones, and which boxes communicate. */
#include "report/map/map.h"

#include "base/vec.h"

/* "app01", "app02", "app17" -> "app*"; names without a common prefix -> "app01 …" */
static struct str shared_name(struct arena *a, const struct map_box *b)
{
	struct str first = b->ends[0]->name;
	size_t n = first.n;
	if (b->n == 1)
		return first;
	for (size_t i = 1; i < b->n; i++) {
		struct str s = b->ends[i]->name;
		size_t j = 0;
		while (j < n && j < s.n && s.p[j] == first.p[j])
			j++;
		n = j;
	}
	/* digits of a common prefix ("app1" of app10 and app11) belong to the number */
	while (n && first.p[n - 1] >= '0' && first.p[n - 1] <= '9')
		n--;
	return n >= 2 ? str_printf(a, "%.*s*", (int)n, first.p) : str_printf(a, "%.*s \xe2\x80\xa6", STR_ARG(first));
}

/* Only the roles that were stated; implied ones add nothing. */
static struct str roles_text(struct arena *a, const struct plan *p, const struct map_box *b)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	const struct host *h = b->ends[0]->host;
	const struct catalogue *c = plan_estate(p)->catalogue;
	if (!h)
		return STR("by hand");
	if (h->implied)
		return STR("outside");
	for (size_t i = 0; i < h->roles_said.n; i++) {
		int role = catalogue_role(c, h->roles_said.v[i].s);
		if (role >= 0)
			out_printf(&o, "%s%.*s", o.n ? ", " : "", STR_ARG(c->roles[role].name));
	}
	return str_dup(a, out_view(&o));
}

static struct str zone_about(struct arena *a, const struct estate *e, uint16_t zone)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	if (zone == NO_ZONE)
		return STR("");
	const struct zone *z = &e->zones[zone];
	for (size_t i = 0; i < z->subnets.n && i < 1; i++)
		out_str(&o, z->subnets.v[i].s);
	if (z->subnets.n > 1)
		out_printf(&o, " +%zu", z->subnets.n - 1);
	return str_dup(a, out_view(&o));
}

struct maker {
	struct arena *arena;
	struct map *map;
	uint32_t *box_of_end;
	VEC(struct map_box) boxes;
	VEC(struct map_pair) pairs;
};

/* Boxes in the order of their first endpoint: by name. */
static void make_boxes(struct maker *maker, size_t folds_from)
{
	const struct plan *p = maker->map->plan;
	size_t n_ends;
	const struct endpoint *ends = plan_endpoints(p, &n_ends);

	maker->boxes.n = 0;
	for (size_t i = 0; i < n_ends; i++) {
		struct plan_group g = plan_group(p, ends[i].group);
		bool folded = g.n >= folds_from;
		if (folded && g.endpoints[0] != i)
			continue;
		struct map_box *b = VEC_ADD(maker->arena, &maker->boxes);
		*b = (struct map_box){ .n = folded ? g.n : 1 };
		b->ends = ARENA_ARRAY(maker->arena, const struct endpoint *, b->n);
		for (size_t m = 0; m < b->n; m++) {
			uint32_t end = folded ? g.endpoints[m] : (uint32_t)i;
			b->ends[m] = &ends[end];
			maker->box_of_end[end] = (uint32_t)(maker->boxes.n - 1);
		}
	}
}

static void add_pair(struct maker *maker, uint32_t from, uint32_t to, const struct bundle *bundle)
{
	struct map_box *f = &maker->boxes.v[from], *t = &maker->boxes.v[to];
	struct map_pair pair = {
		.from = from,
		.to = to,
		.bundle = bundle,
		.path = plan_path(maker->map->plan, f->ends[0]->zone, t->ends[0]->zone),
		.n_flows = (uint64_t)f->n * t->n * bundle->n,
	};
	if (from == to) {
		uint64_t n = 0;
		for (size_t i = 0; i < f->n; i++)
			n += f->n - !endpoint_is_many(f->ends[i]);
		if (!n)
			return;
		pair.n_flows = n * bundle->n;
		f->inward = true;
	} else {
		f->n_out++;
		t->n_in++;
	}
	*VEC_ADD(maker->arena, &maker->pairs) = pair;
}

/* The boxes of a group: itself when it is folded, else one for each endpoint. */
static void add_link(struct maker *maker, const struct plan_link *link)
{
	struct plan_group from = plan_group(maker->map->plan, link->from), to = plan_group(maker->map->plan, link->to);
	for (size_t i = 0; i < from.n; i++) {
		uint32_t f = maker->box_of_end[from.endpoints[i]];
		for (size_t m = 0; m < to.n; m++) {
			add_pair(maker, f, maker->box_of_end[to.endpoints[m]], link->bundle);
			if (maker->boxes.v[maker->box_of_end[to.endpoints[m]]].n > 1)
				break;
		}
		if (maker->boxes.v[f].n > 1)
			break;
	}
}

/* Leaves out outside parties that are neither placed nor needed. */
static void drop_idle(struct maker *maker)
{
	uint32_t *number = ARENA_ARRAY(maker->arena, uint32_t, maker->boxes.n), n = 0;
	for (size_t i = 0; i < maker->boxes.n; i++) {
		const struct map_box *b = &maker->boxes.v[i];
		const struct host *h = b->ends[0]->host;
		number[i] = n;
		if (h && h->implied && !b->n_in && !b->n_out && !b->inward)
			continue;
		maker->boxes.v[n++] = *b;
	}
	maker->boxes.n = n;
	for (size_t i = 0; i < maker->pairs.n; i++) {
		maker->pairs.v[i].from = number[maker->pairs.v[i].from];
		maker->pairs.v[i].to = number[maker->pairs.v[i].to];
	}
}

static void make_zones(struct maker *maker)
{
	struct map *m = maker->map;
	const struct estate *e = plan_estate(m->plan);
	struct map_zone *zones = ARENA_ARRAY(maker->arena, struct map_zone, e->n_zones + 1);

	/* the last is for hosts in no zone */
	for (size_t i = 0; i < m->n_boxes; i++) {
		uint16_t z = m->boxes[i].ends[0]->zone;
		zones[z == NO_ZONE ? e->n_zones : z].n++;
	}
	m->zones = zones;
	uint32_t *number = ARENA_ARRAY(maker->arena, uint32_t, e->n_zones + 1);
	for (size_t z = 0; z <= e->n_zones; z++) {
		if (!zones[z].n)
			continue;
		struct map_zone *at = &zones[m->n_zones];
		uint16_t zone = z == e->n_zones ? NO_ZONE : (uint16_t)z;
		number[z] = (uint32_t)m->n_zones++;
		*at = (struct map_zone){
			.name = zone == NO_ZONE ? STR("no zone") : e->zones[z].name.s,
			.about = zone_about(maker->arena, e, zone),
			.zone = zone,
			.boxes = ARENA_ARRAY(maker->arena, uint32_t, zones[z].n),
		};
	}
	for (size_t i = 0; i < m->n_boxes; i++) {
		uint16_t z = m->boxes[i].ends[0]->zone;
		m->boxes[i].zone = number[z == NO_ZONE ? e->n_zones : z];
		struct map_zone *at = &m->zones[m->boxes[i].zone];
		at->boxes[at->n++] = (uint32_t)i;
	}
}

static int pair_cmp(const void *left, const void *right)
{
	const struct map_pair *a = left, *b = right;
	return a->from != b->from ? CMP(a->from, b->from) : CMP(a->to, b->to);
}

struct map *map_make(struct arena *a, const struct plan *p)
{
	struct map *m = ARENA_NEW(a, struct map);
	struct maker maker = { .arena = a, .map = m };
	size_t n_ends, n_links;
	const struct plan_link *links = plan_links(p, &n_links);

	m->plan = p;
	plan_endpoints(p, &n_ends);
	maker.box_of_end = ARENA_ARRAY(a, uint32_t, n_ends);
	make_boxes(&maker, MAP_FOLDS_FROM);
	if (maker.boxes.n > MAP_MANY_BOXES)
		make_boxes(&maker, 2);
	for (size_t i = 0; i < n_links; i++)
		add_link(&maker, &links[i]);
	drop_idle(&maker);
	for (size_t i = 0; i < maker.boxes.n; i++) {
		maker.boxes.v[i].name = shared_name(a, &maker.boxes.v[i]);
		maker.boxes.v[i].about = roles_text(a, p, &maker.boxes.v[i]);
	}
	m->boxes = maker.boxes.v;
	m->n_boxes = maker.boxes.n;
	m->pairs = maker.pairs.v;
	m->n_pairs = maker.pairs.n;
	sort_items(m->pairs, m->n_pairs, sizeof *m->pairs, pair_cmp);
	make_zones(&maker);
	return m;
}

bool map_place(struct arena *a, struct map *m)
{
	if (m->n_boxes > MAP_MOST_BOXES || m->n_pairs > MAP_MOST_LINES)
		return false;
	map_arrange(a, m);
	map_route(a, m);
	return true;
}
