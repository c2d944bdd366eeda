/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The map of a plan: boxes in zones, and a line for each pair of boxes that
 * communicate.
 *
 * Many equivalent hosts share a box; the plan stores what they need once, and so
 * does the picture.  Boxes are on one grid.  Between its columns are channels and
 * between its rows are lanes, and lines run only there, so that none passes behind
 * a box or a text.  All lines to one side of a box run together as one, like the
 * branches of a railway: they merge in the direction in which conversations are
 * opened, and end in one arrow.
 *
 * Coordinates are whole pixels, and equal plans make equal maps.
 */
#pragma once

#include "plan/plan.h"

enum {
	MAP_FOLDS_FROM = 3,    /* equivalent hosts, from this number on they share a box */
	MAP_MANY_BOXES = 300,  /* above this number, two equivalent ones share one too */
	MAP_MOST_BOXES = 5000, /* a picture of more is not readable */
	MAP_MOST_LINES = 100000,
	MAP_HUES = 8,
};

struct map_box {
	struct str name;              /* "dc1"; of equivalent hosts the common prefix of their names: "app*" */
	struct str about;             /* its roles, in short */
	const struct endpoint **ends; /* by name */
	size_t n;
	uint32_t zone;        /* in map.zones */
	uint32_t n_in, n_out; /* lines */
	bool inward;          /* its hosts need flows among themselves */
	uint32_t column, row;
	int x, y;
};

struct map_zone {
	struct str name;
	struct str about; /* its subnets and firewalls */
	uint16_t zone;    /* of the estate; NO_ZONE: none */
	uint32_t *boxes;  /* in the order of the picture, column by column */
	size_t n;
	unsigned hue;
	int x, y, w, h;
};

/* What one box needs of another; from == to: what its hosts need of each other. */
struct map_pair {
	uint32_t from, to;
	const struct bundle *bundle;
	struct path path;
	uint64_t n_flows; /* between all of their hosts */
};

struct map_point {
	int x, y;
};

/* The route of a pair over the picture: right-angled corners. */
struct map_line {
	uint32_t pair;
	bool leftward; /* into the right side of its target */
	struct map_point v[6];
	size_t n;
};

/* Where the lines to one side of a box end: the tip, pointing right or left. */
struct map_arrow {
	struct map_point tip;
	uint32_t to;
	bool leftward;
};

struct map {
	const struct plan *plan;
	struct map_zone *zones; /* those with hosts, from those that open conversations to those that listen */
	size_t n_zones;
	struct map_box *boxes; /* by the name of their first host */
	size_t n_boxes;
	struct map_pair *pairs; /* by from, then to */
	size_t n_pairs;
	struct map_line *lines;
	size_t n_lines;
	struct map_arrow *arrows;
	size_t n_arrows;
	uint32_t n_columns, n_rows;
	int box_w, box_h, w, h; /* the whole */
};

/* Boxes, zones and pairs; not yet placed. */
struct map *map_make(struct arena *a, const struct plan *p);

/* Places the boxes and routes the lines.  False when there are too many of them. */
bool map_place(struct arena *a, struct map *m);

/* layout.c: columns and rows, then the size of the grid's parts and the coordinates. */
void map_arrange(struct arena *a, struct map *m);

/* The grid with room for the lines. */
struct map_grid {
	int *channel_w; /* left of each column, and right of the last */
	int *lanes_h;   /* above each row, and below the last */
	int *channel_x; /* where the first track of a channel runs */
	int *lane_y;    /* where the first lane of a gap runs */
};
void map_measure(struct arena *a, struct map *m, struct map_grid *g);

/* route.c */
void map_route(struct arena *a, struct map *m);
