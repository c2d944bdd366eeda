/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two things that permit packets, compared: two rule sets, two plans, or one of
 * each.  What the second permits and the first does not is added; the reverse is
 * removed.  Exact, with a packet for each part.
 */
#pragma once

#include "prove/prove.h"

/* A side: a rule set with the map of its interfaces, or a union of boxes. */
struct permits {
	const struct ruleset *rules;	/* NULL: the boxes */
	const struct interface_map *map;
	const struct flowbox *boxes;
	size_t n_boxes;
};

struct change {
	const struct region *regions;
	size_t n_regions;
	bool more_regions;
	struct packet witness;
	struct shown before, after;	/* what decides the witness on either side; by is NULL for boxes */
};

struct comparison {
	bool equal;		/* the same packets, both readings */
	bool uncertain;		/* something is perhaps or was not understood: the changes are those of what may pass */
	const struct change *added, *removed;
	size_t n_added, n_removed;
	bool more_added, more_removed;
	/* by required flow: meets what was removed, or what was added */
	bool *loses, *gains;
};

/*
 * judged limits the question (none: all packets that can be).  required are flows
 * of interest, marked when a change meets them.  most: changes of each kind that
 * are worked out.
 */
struct comparison compare(struct arena *a, const struct permits *old, const struct permits *new,
			  const struct flowbox *judged, size_t n_judged, const struct required *required,
			  size_t n_required, size_t most);

/* What a rule set certainly permits, as regions; false when some of it is not certain. */
bool permitted_regions(struct arena *a, const struct ruleset *r, const struct interface_map *map,
		       const struct flowbox *judged, size_t n_judged, size_t most, const struct region **ret, size_t *n,
		       bool *more);
