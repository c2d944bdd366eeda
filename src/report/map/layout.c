/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places the boxes.
 *
 * Zones whose hosts mostly open conversations are on the left, those whose hosts
 * mostly listen on the right, so that most lines run in one direction.  Zones are
 * stacked in blocks of columns; how high a block may be is tried from one row up,
 * and the height whose picture is nearest to the shape of a screen wins.
 */
#include "report/map/map.h"

enum {
	BOX_H = 44,
	BOX_LEAST_W = 168,
	BOX_MOST_W = 208,
	LETTER_W = 9, /* of a name, upper bound */
	BOX_PAD = 13,
	CHANNEL_PAD = 13, /* between boxes and the first track, inside a zone */
	ZONE_PAD = 14,    /* from a zone's edge to its boxes */
	ZONE_GAP = 12,    /* from a zone's edge to the tracks between two */
	HEADING_H = 44,
	LANE_PAD = 9,
	MARGIN = 20,
	ROW_GUESS = 100, /* the size of a row and a column, without room for lines */
	COLUMN_GUESS = 100,
};

/* The role of a zone's hosts, from -1000: they only listen, to 1000: they only open conversations. */
static int leaning(uint64_t in, uint64_t out)
{
	return in + out ? (int)(((int64_t)out - (int64_t)in) * 1000 / (int64_t)(in + out)) : 0;
}

struct ranked {
	struct map_zone zone;
	int leaning;
};

static int zone_cmp(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;
	return a->leaning != b->leaning ? CMP(b->leaning, a->leaning) : str_cmp(a->zone.name, b->zone.name);
}

static void rank_zones(struct arena *a, struct map *m)
{
	struct ranked *ranked = ARENA_ARRAY(a, struct ranked, m->n_zones);
	uint64_t *in = ARENA_ARRAY(a, uint64_t, m->n_zones), *out = ARENA_ARRAY(a, uint64_t, m->n_zones);
	for (size_t i = 0; i < m->n_pairs; i++) {
		uint32_t from = m->boxes[m->pairs[i].from].zone, to = m->boxes[m->pairs[i].to].zone;
		if (from == to)
			continue;
		out[from]++;
		in[to]++;
	}
	for (size_t z = 0; z < m->n_zones; z++)
		ranked[z] = (struct ranked){ m->zones[z], leaning(in[z], out[z]) };
	sort_items(ranked, m->n_zones, sizeof *ranked, zone_cmp);
	for (size_t z = 0; z < m->n_zones; z++) {
		m->zones[z] = ranked[z].zone;
		m->zones[z].hue = (unsigned)(z % MAP_HUES);
		for (size_t i = 0; i < m->zones[z].n; i++)
			m->boxes[m->zones[z].boxes[i]].zone = (uint32_t)z;
	}
}

struct placed_box {
	uint32_t box;
	int leaning;
	struct str name;
};

static int box_cmp(const void *left, const void *right)
{
	const struct placed_box *a = left, *b = right;
	int c = CMP(b->leaning, a->leaning);
	c = c ? c : str_cmp(a->name, b->name);
	return c ? c : CMP(a->box, b->box);
}

static void order_boxes(struct arena *a, struct map *m, struct map_zone *z)
{
	struct placed_box *placed = ARENA_ARRAY(a, struct placed_box, z->n);
	for (size_t i = 0; i < z->n; i++) {
		const struct map_box *b = &m->boxes[z->boxes[i]];
		placed[i] = (struct placed_box){ z->boxes[i], leaning(b->n_in, b->n_out), b->name };
	}
	sort_items(placed, z->n, sizeof *placed, box_cmp);
	for (size_t i = 0; i < z->n; i++)
		z->boxes[i] = placed[i].box;
}

/* The grid of one attempt: blocks of columns, each a stack of zones. */
struct
try {
	uint32_t columns, rows;
	uint32_t *column, *row, *width; /* by zone: its first cell, and how many columns its block has */
};

static uint32_t divide_up(uint32_t n, uint32_t by)
{
	return (n + by - 1) / by;
}

static void try_height(const struct map *m, uint32_t height, struct try *t)
{
	size_t z = 0;
	t->columns = t->rows = 0;
	while (z < m->n_zones) {
		uint32_t width = divide_up((uint32_t)m->zones[z].n, height), used = 0;
		do {
			t->column[z] = t->columns;
			t->row[z] = used;
			t->width[z] = width;
			used += divide_up((uint32_t)m->zones[z].n, width);
			z++;
		} while (z < m->n_zones && divide_up((uint32_t)m->zones[z].n, height) <= width &&
			 used + divide_up((uint32_t)m->zones[z].n, width) <= height);
		t->columns += width;
		t->rows = MAX(t->rows, used);
	}
}

/* The distance from the shape of a screen, 8 to 5; in thousandths. */
static uint64_t shape_cost(const struct map *m, const struct try *t)
{
	uint64_t w = (uint64_t)t->columns * (uint64_t)(m->box_w + COLUMN_GUESS),
		 h = (uint64_t)t->rows * ROW_GUESS + HEADING_H;
	uint64_t wide = w * 5 * 1000 / (h * 8), high = h * 8 * 1000 / (w * 5);
	return MAX(wide, high);
}

static struct try best_try(struct arena *a, const struct map *m)
{
	struct try t = {
		.column = ARENA_ARRAY(a, uint32_t, m->n_zones),
		.row = ARENA_ARRAY(a, uint32_t, m->n_zones),
		.width = ARENA_ARRAY(a, uint32_t, m->n_zones),
	};
	uint32_t best = 1, most = 0;
	uint64_t least = UINT64_MAX;
	for (size_t z = 0; z < m->n_zones; z++)
		most += (uint32_t)m->zones[z].n;
	for (uint32_t height = 1; height <= MIN(most, 400u); height++) {
		try_height(m, height, &t);
		uint64_t cost = shape_cost(m, &t);
		if (cost < least) {
			least = cost;
			best = height;
		}
	}
	try_height(m, best, &t);
	return t;
}

static int box_width(const struct map *m)
{
	size_t w = 0;
	for (size_t i = 0; i < m->n_boxes; i++) {
		size_t badge = m->boxes[i].n > 1 ? 6 : m->boxes[i].inward ? 3 : 0;
		w = MAX(w, str_width(m->boxes[i].name) + badge);
		w = MAX(w, MIN(str_width(m->boxes[i].about) * 3 / 4, (size_t)18));
	}
	for (size_t z = 0; z < m->n_zones; z++)
		w = MAX(w, str_width(m->zones[z].name));
	w = w * LETTER_W + 2 * BOX_PAD;
	return (int)MIN(MAX(w, (size_t)BOX_LEAST_W), (size_t)BOX_MOST_W);
}

void map_arrange(struct arena *a, struct map *m)
{
	rank_zones(a, m);
	for (size_t z = 0; z < m->n_zones; z++)
		order_boxes(a, m, &m->zones[z]);
	m->box_w = box_width(m);
	m->box_h = BOX_H;
	struct try t = best_try(a, m);
	m->n_columns = t.columns;
	m->n_rows = t.rows;
	for (size_t z = 0; z < m->n_zones; z++) {
		const struct map_zone *at = &m->zones[z];
		uint32_t height = divide_up((uint32_t)at->n, t.width[z]);
		for (size_t i = 0; i < at->n; i++) {
			m->boxes[at->boxes[i]].column = t.column[z] + (uint32_t)i / height;
			m->boxes[at->boxes[i]].row = t.row[z] + (uint32_t)i % height;
		}
	}
}

/* Which columns begin and which end a block, and which rows begin and end zones. */
struct edges {
	bool *left, *right; /* by column */
	bool *top, *bottom; /* by row */
};

static struct edges find_edges(struct arena *a, const struct map *m)
{
	struct edges e = {
		.left = ARENA_ARRAY(a, bool, m->n_columns + 1),
		.right = ARENA_ARRAY(a, bool, m->n_columns + 1),
		.top = ARENA_ARRAY(a, bool, m->n_rows + 1),
		.bottom = ARENA_ARRAY(a, bool, m->n_rows + 1),
	};
	for (size_t z = 0; z < m->n_zones; z++) {
		const struct map_zone *at = &m->zones[z];
		uint32_t c0 = UINT32_MAX, c1 = 0, r0 = UINT32_MAX, r1 = 0;
		for (size_t i = 0; i < at->n; i++) {
			const struct map_box *b = &m->boxes[at->boxes[i]];
			c0 = MIN(c0, b->column);
			c1 = MAX(c1, b->column);
			r0 = MIN(r0, b->row);
			r1 = MAX(r1, b->row);
		}
		e.left[c0] = e.right[c1] = e.top[r0] = e.bottom[r1] = true;
	}
	return e;
}

static void measure_zone(struct map *m, struct map_zone *z)
{
	int x1 = 0, y1 = 0;
	z->x = z->y = INT32_MAX;
	for (size_t i = 0; i < z->n; i++) {
		const struct map_box *b = &m->boxes[z->boxes[i]];
		z->x = MIN(z->x, b->x - ZONE_PAD);
		z->y = MIN(z->y, b->y - HEADING_H);
		x1 = MAX(x1, b->x + m->box_w + ZONE_PAD);
		y1 = MAX(y1, b->y + m->box_h + ZONE_PAD);
	}
	z->w = x1 - z->x;
	z->h = y1 - z->y;
}

void map_measure(struct arena *a, struct map *m, struct map_grid *g)
{
	struct edges e = find_edges(a, m);
	int *column_x = ARENA_ARRAY(a, int, m->n_columns + 1), *row_y = ARENA_ARRAY(a, int, m->n_rows + 1);
	struct map_point at = { MARGIN, MARGIN };

	for (uint32_t c = 0; c <= m->n_columns; c++) {
		bool ends = c > 0 && e.right[c - 1], begins = c < m->n_columns && e.left[c];
		bool used = c < m->n_columns || g->channel_w[c];
		at.x += c == 0 ? 0 : ends ? ZONE_PAD + (used ? ZONE_GAP : 0) : CHANNEL_PAD;
		g->channel_x[c] = at.x;
		at.x += g->channel_w[c];
		at.x += c == m->n_columns ? 0 : begins ? ZONE_PAD + (c || g->channel_w[0] ? ZONE_GAP : 0) : CHANNEL_PAD;
		column_x[c] = at.x;
		at.x += c == m->n_columns ? 0 : m->box_w;
	}
	for (uint32_t r = 0; r <= m->n_rows; r++) {
		at.y += r > 0 && e.bottom[r - 1] ? ZONE_PAD : 0;
		bool inner = r > 0 && r < m->n_rows;
		at.y += inner || g->lanes_h[r] ? LANE_PAD : 0;
		g->lane_y[r] = at.y;
		at.y += g->lanes_h[r];
		at.y += inner || (r == 0 && g->lanes_h[0]) ? LANE_PAD : 0;
		at.y += r < m->n_rows && e.top[r] ? HEADING_H : 0;
		row_y[r] = at.y;
		at.y += r == m->n_rows ? 0 : m->box_h;
	}
	for (size_t i = 0; i < m->n_boxes; i++) {
		m->boxes[i].x = column_x[m->boxes[i].column];
		m->boxes[i].y = row_y[m->boxes[i].row];
	}
	for (size_t z = 0; z < m->n_zones; z++)
		measure_zone(m, &m->zones[z]);
	m->w = at.x + MARGIN;
	m->h = at.y + MARGIN;
}
