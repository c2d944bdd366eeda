/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where every question of this folder is worked out: sets are added to a space,
 * the space is frozen, and diagrams are made in it.
 */
#pragma once

#include "flow/compile.h"

struct workspace {
	struct arena *arena;
	struct space *space;
	struct diagrams *m; /* after workspace_freeze() */
	diagram possible;   /* the packets that can exist */
};

void workspace_begin(struct workspace *w, struct arena *a);
struct box_id *workspace_add(struct workspace *w, const struct flowbox *boxes, size_t n);

/* rules: those whose diagrams are likely the largest, which determine the field order; NULL: none. */
void workspace_freeze(struct workspace *w, const struct compiled *rules);

/* The packets of any of the boxes. */
diagram workspace_union(struct workspace *w, const struct box_id *ids, size_t n);

/* The packets of the boxes that can exist; all that can exist when there are no boxes. */
diagram workspace_universe(struct workspace *w, const struct box_id *ids, size_t n);

/*
 * A set together with the packets of `within` that cannot exist, which is shorter:
 * "any" instead of a list of the protocols that have ports.
 */
diagram workspace_loosely(struct workspace *w, diagram set, diagram within);

/*
 * A point of a set, moved to natural values: TCP, port 443, a dynamic source port,
 * as far as it stays in the set.  False when it is empty.
 */
bool workspace_find(const struct workspace *w, diagram set, uint32_t point[N_DIMS]);
