/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of rules, painted: a plane sweep with the painter's algorithm, front to back.
 *
 * In a plane (prove/sweep/plane.h) a line moves over the sources.  Where it stands, the
 * rules that it is in are painted onto the destinations in their order; a leaf
 * that is painted already keeps its colour, and is stepped over from then on.  So
 * every packet's deciding rule is known, and, where it is asked for, the rule
 * that would decide without that one.  Only the leaves between the outermost
 * rectangles that begin or end there are painted anew.
 *
 * Several lists may be painted side by side, to compare them.  Packets in no list
 * are not shown; a list of the packets in question ensures that those are.  It
 * needs flat lists of certain rules, and takes time where diagrams take memory.
 */
#pragma once

#include "prove/sweep/plane.h"

struct painted_list {
	const struct box_id *const *boxes; /* in the order of the rules */
	size_t n;
};

struct painting {
	const struct workspace *workspace; /* frozen */
	const struct painted_list *lists;
	size_t n_lists;
	bool seconds;   /* also the rule that would decide without the first */
	uint64_t steps; /* the limit */
};

/* The state at a position of the line.  Leaves outside of [from, to] are as they were shown before. */
struct canvas {
	const struct plane *plane;
	uint32_t line;
	uint32_t from, to;
	uint32_t *const *first,
		*const *second; /* by list and leaf: a rule's index; the list's length where there is none */
	const uint64_t *active; /* a bit for each of the plane's boxes: the line is in it */
};

/* The next box that the line is in and that has leaves in [from, to], as the plane's index; the plane's n at the end. */
size_t canvas_next(const struct canvas *c, size_t i);

/* The list that a box of the plane belongs to, and the rule's index there. */
size_t painting_rule(const struct painting *p, uint32_t box, size_t *list);

/* Shows every position of the line where something changes.  False when the steps were not enough. */
bool paint(struct arena *a, const struct painting *p, void (*show)(void *ctx, const struct canvas *c), void *ctx);
