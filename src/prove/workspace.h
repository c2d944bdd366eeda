/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every question of this folder begins with: sets are added to a space,
 * the space is frozen, and diagrams are made in it.
 */
#pragma once

#include "flow/compile.h"

struct question {
	struct arena *arena;
	struct space *space;
	struct diagrams *m;	/* after question_freeze() */
	diagram possible;	/* the packets that can be */
};

void question_begin(struct question *q, struct arena *a);
struct box_id *question_add(struct question *q, const struct flowbox *v, size_t n);

/* rules: those whose diagrams are likely the largest, which shapes the others'; NULL: none. */
void question_freeze(struct question *q, const struct compiled *rules);

/* The packets of any of the boxes. */
diagram question_union(struct question *q, const struct box_id *ids, size_t n);

/* The packets of the boxes that can be; all that can be when there are no boxes. */
diagram question_universe(struct question *q, const struct box_id *ids, size_t n);

/*
 * A set and the packets of `within` that cannot be, which read better together:
 * "any" instead of a list of the protocols that have ports.
 */
diagram question_loosely(struct question *q, diagram set, diagram within);

/*
 * A point of a set, moved to where a person would look for it: TCP, port 443, a
 * dynamic source port, as far as that stays in the set.  False when it is empty.
 */
bool question_find(const struct question *q, diagram set, uint32_t point[N_DIMS]);
