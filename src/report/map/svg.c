/* SPDX-License-Identifier: Apache-2.0 */
#include "report/map/svg.h"

#include "report/asset.h"
#include "report/map/words.h"
#include "report/markup.h"
#include "report/plan/words.h"

enum {
	RADIUS = 7, /* of corners */
	ARROW_LONG = 8,
	ARROW_HALF = 4,
	TEXT_PAD = 12,
	TITLE_H = 62,
	LEGEND_H = 34,
	LEAST_W = 640,
	MOST_HOVERS = 150, /* boxes that highlight their lines by CSS alone: a rule each */
	DENSE = 1500,      /* lines; more are drawn finer */
	NAME_LETTER = 17,  /* half pixels that a character of a name takes, upper bound */
	ABOUT_LETTER = 13,
};

/* Corners only; points on a straight line are left out. */
static size_t corners(const struct map_line *l, struct map_point *points)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++) {
		struct map_point p = l->v[i];
		if (n && points[n - 1].x == p.x && points[n - 1].y == p.y)
			continue;
		if (n > 1 && ((points[n - 2].x == points[n - 1].x && points[n - 1].x == p.x) ||
			      (points[n - 2].y == points[n - 1].y && points[n - 1].y == p.y)))
			n--;
		points[n++] = p;
	}
	return n;
}

static int length(struct map_point a, struct map_point b)
{
	return abs(a.x - b.x) + abs(a.y - b.y);
}

static struct map_point towards(struct map_point from, struct map_point to, int by)
{
	return (struct map_point){ from.x + by * CMP(to.x, from.x), from.y + by * CMP(to.y, from.y) };
}

static void put_line(struct out *o, const struct map_line *l)
{
	struct map_point points[ARRAY_LEN(l->v)] = { { 0, 0 } };
	size_t n = corners(l, points);

	out_printf(o, "M%d %d", points[0].x, points[0].y);
	for (size_t i = 1; i + 1 < n; i++) {
		int r = MIN(RADIUS, MIN(length(points[i - 1], points[i]), length(points[i], points[i + 1])) / 2);
		struct map_point in = towards(points[i], points[i - 1], r), out = towards(points[i], points[i + 1], r);
		out_printf(o, "L%d %dQ%d %d %d %d", in.x, in.y, points[i].x, points[i].y, out.x, out.y);
	}
	out_printf(o, "L%d %d", points[n - 1].x, points[n - 1].y);
}

struct drawing {
	struct out *out;
	const struct map *map;
	struct arena *arena;
	bool alone;
};

static void put_text(struct drawing *w, int at_x, int at_y, const char *class, struct str s, int room, int half_letter)
{
	out_printf(w->out, "<text x=\"%d\" y=\"%d\"%s%s%s>", at_x, at_y, class ? " class=\"" : "", class ? class : "",
		   class ? "\"" : "");
	put_markup(w->out, shortened(w->arena, s, (size_t)MAX(room * 2 / half_letter, 3)));
	out_text(w->out, "</text>");
}

static struct str zone_text(struct drawing *w, const struct map_zone *z)
{
	size_t hosts = 0;
	for (size_t i = 0; i < z->n; i++)
		hosts += w->map->boxes[z->boxes[i]].n;
	return str_printf(w->arena, "Zone %.*s, %.*s: %zu %s", STR_ARG(z->name), STR_ARG(z->about), hosts,
			  hosts == 1 ? "host" : "hosts");
}

static void put_zone(struct drawing *w, const struct map_zone *z)
{
	struct out *o = w->out;
	int room = w->map->box_w;
	out_printf(o, "<g class=\"zone h%u\"", z->hue);
	put_attribute(o, "data-zone", z->name);
	out_text(o, "><title>");
	put_markup(o, zone_text(w, z));
	out_printf(o, "</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"12\"/>", z->x, z->y, z->w, z->h);
	put_text(w, z->x + 15, z->y + 21, "name", z->name, room, NAME_LETTER);
	put_text(w, z->x + 15, z->y + 36, NULL, z->about, room, ABOUT_LETTER);
	out_text(o, "</g>\n");
}

static void put_pair(struct drawing *w, const struct map_line *l)
{
	const struct map *m = w->map;
	const struct map_pair *p = &m->pairs[l->pair];
	struct out *o = w->out;

	out_printf(o, "<path class=\"e h%u f%u t%u\"", m->zones[m->boxes[p->to].zone].hue, p->from, p->to);
	if (!w->alone)
		out_printf(o, " data-pair=\"%u\" data-arrow=\"%u%c\"", l->pair, p->to, l->leftward ? 'l' : 'r');
	out_text(o, " d=\"");
	put_line(o, l);
	out_char(o, '"');
	if (w->alone) {
		out_text(o, "><title>");
		put_markup(o, box_text(w->arena, &m->boxes[p->from]));
		out_text(o, " \xe2\x86\x92 ");
		put_markup(o, box_text(w->arena, &m->boxes[p->to]));
		out_text(o, ": ");
		put_markup(o, bundle_text(w->arena, p->bundle));
		out_text(o, "</title></path>\n");
	} else {
		out_text(o, "/>\n");
	}
}

static void put_arrow(struct drawing *w, const struct map_arrow *a)
{
	const struct map *m = w->map;
	int back = a->leftward ? ARROW_LONG : -ARROW_LONG;
	out_printf(w->out, "<path class=\"a h%u t%u\"", m->zones[m->boxes[a->to].zone].hue, a->to);
	if (!w->alone)
		out_printf(w->out, " data-arrow=\"%u%c\"", a->to, a->leftward ? 'l' : 'r');
	out_printf(w->out, " d=\"M%d %dl%d %dv%dz\"/>\n", a->tip.x, a->tip.y, back, -ARROW_HALF, 2 * ARROW_HALF);
}

static struct str box_title(struct drawing *w, const struct map_box *b)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	size_t shown = MIN(b->n, (size_t)12);
	for (size_t i = 0; i < shown; i++)
		out_printf(&o, "%s%.*s", i ? ", " : "", STR_ARG(b->ends[i]->name));
	if (b->n > shown)
		out_printf(&o, " and %zu more", b->n - shown);
	if (b->n == 1)
		out_printf(&o, " (%.*s)", STR_ARG(endpoint_addresses_text(w->arena, b->ends[0])));
	out_printf(&o, ": %.*s", STR_ARG(b->about));
	return str_dup(w->arena, out_view(&o));
}

/* The box, or one of those stacked below it. */
static void put_rect(struct drawing *w, const struct map_box *b, int below)
{
	out_printf(w->out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"7\"/>", b->x + below, b->y + below,
		   w->map->box_w - 2 * below, w->map->box_h);
}

static void put_box(struct drawing *w, uint32_t i)
{
	const struct map *m = w->map;
	const struct map_box *b = &m->boxes[i];
	struct out *o = w->out;
	int room = m->box_w - 2 * TEXT_PAD, name_room = room;

	out_printf(o, "<g class=\"box h%u\" id=\"b%u\"", m->zones[b->zone].hue, i);
	if (!w->alone)
		out_printf(o, " data-box=\"%u\"", i);
	out_text(o, "><title>");
	put_markup(o, box_title(w, b));
	out_text(o, "</title>");
	if (b->n > 1) {
		put_rect(w, b, 8);
		put_rect(w, b, 4);
	}
	put_rect(w, b, 0);
	if (b->n > 1 || b->inward) {
		struct str badge =
			b->n == 1 ? STR("\xe2\x86\xbb")
				  : str_printf(w->arena, "%s\xc3\x97%zu", b->inward ? "\xe2\x86\xbb " : "", b->n);
		put_text(w, b->x + m->box_w - TEXT_PAD, b->y + 19, "badge", badge, room, 1);
		name_room -= (int)str_width(badge) * 8 + 6;
	}
	put_text(w, b->x + TEXT_PAD, b->y + 19, "name", b->name, name_room, NAME_LETTER);
	put_text(w, b->x + TEXT_PAD, b->y + 34, NULL, b->about, room, ABOUT_LETTER);
	out_text(o, "</g>\n");
}

static void put_parts(struct drawing *w)
{
	const struct map *m = w->map;
	struct out *o = w->out;

	out_text(o, "<g class=\"zones\">\n");
	for (size_t i = 0; i < m->n_zones; i++)
		put_zone(w, &m->zones[i]);
	out_text(o, "</g>\n<g class=\"lines\">\n");
	for (size_t i = 0; i < m->n_lines; i++)
		put_pair(w, &m->lines[i]);
	for (size_t i = 0; i < m->n_arrows; i++)
		put_arrow(w, &m->arrows[i]);
	out_text(o, "</g>\n<g class=\"boxes\">\n");
	for (size_t z = 0; z < m->n_zones; z++)
		for (size_t i = 0; i < m->zones[z].n; i++)
			put_box(w, m->zones[z].boxes[i]);
	out_text(o, "</g>\n");
}

/* A box under the pointer highlights its own lines. */
static void put_hovers(struct out *o, const struct map *m)
{
	if (m->n_boxes > MOST_HOVERS)
		return;
	for (size_t i = 0; i < m->n_boxes; i++)
		out_printf(o, "svg:has(#b%zu:hover) .e:not(.f%zu):not(.t%zu)%s", i, i, i,
			   i + 1 < m->n_boxes ? ",\n" : " { opacity: 0.08; }\n");
}

static void put_frame(struct drawing *w)
{
	const struct map *m = w->map;
	const struct estate *e = plan_estate(m->plan);
	struct out *o = w->out;
	int width = MAX(m->w, LEAST_W), height = TITLE_H + m->h + LEGEND_H;

	out_printf(o,
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"map%s\" role=\"img\" width=\"%d\" height=\"%d\" "
		   "viewBox=\"0 0 %d %d\">\n<title>",
		   m->n_lines > DENSE ? " dense" : "", width, height, width, height);
	put_markup(o, e->name.s);
	out_text(o, ": the flows that the estate needs</title>\n<style>\n");
	out_str(o, asset_map_css.text);
	put_hovers(o, m);
	out_printf(o, "</style>\n<rect class=\"sheet\" width=\"%d\" height=\"%d\"/>\n", width, height);
	put_text(w, 24, 36, "title", e->name.s, width - 48, 24);
	put_text(w, 24, 54, NULL, plan_summary(w->arena, m->plan), width, ABOUT_LETTER);
	put_text(w, 24, height - 18, NULL,
		 STR("A line runs from the host that opens conversations to the one that listens, in the colour of the "
		     "listening zone. "
		     "A stack is a group of equivalent hosts."),
		 width * 2, ABOUT_LETTER);
	out_printf(o, "<g transform=\"translate(%d %d)\">\n", (width - m->w) / 2, TITLE_H);
	put_parts(w);
	out_text(o, "</g>\n</svg>\n");
}

void put_map(struct out *o, const struct map *m, bool alone)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct drawing w = { .out = o, .map = m, .arena = a, .alone = alone };
	if (alone) {
		put_frame(&w);
		return;
	}
	out_printf(o,
		   "<svg class=\"map%s\" id=\"map\" role=\"group\" aria-label=\"Map of zones and hosts\" width=\"%d\" "
		   "height=\"%d\" viewBox=\"0 0 %d %d\">\n",
		   m->n_lines > DENSE ? " dense" : "", m->w, m->h, m->w, m->h);
	put_parts(&w);
	out_text(o, "</svg>\n");
}
