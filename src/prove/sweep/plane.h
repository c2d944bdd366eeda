/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One class of services and one family as a plane: sources to the right,
 * destinations upwards, and each box of the class some rectangles there.  A plane
 * sweep: a line moves over the sources, with events where a rectangle begins or
 * ends; destinations are cut into leaves that no rectangle distinguishes (de Berg
 * et al., Computational Geometry, chapter 2).
 */
#pragma once

#include "prove/sweep/classes.h"

struct placed {
	uint32_t box;     /* its number */
	struct spans src; /* in coordinates */
	struct spans dst; /* in leaves */
};

struct event {
	uint32_t at;     /* a source's coordinate */
	uint32_t placed; /* an index */
	bool begins;
};

struct plane {
	const struct class *class;
	const struct placed *v; /* the boxes that have packets here, by number */
	size_t n;
	const uint32_t *cuts; /* where leaves begin, in coordinates */
	uint32_t n_leaves;
	const struct event *events; /* by position; ends before beginnings */
	size_t n_events;
};

/* boxes: by number, as they were added to the classes.  The plane lives in the arena. */
struct plane plane_of(struct arena *a, const struct space *s, struct classes *c, const struct class *class,
		      enum family f, const struct box_id *const *boxes);

/* The point at a source's coordinate and in a leaf. */
void plane_point(const struct plane *p, uint32_t line, uint32_t leaf, uint32_t ret[N_DIMS]);
