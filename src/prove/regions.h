/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets as few, readable regions.
 */
#pragma once

#include "flow/space.h"
#include "prove/prove.h"

/*
 * At most `most` regions whose possible packets are the set, largest groups of
 * values together; *more when there are more.  Disjoint, in an order that
 * depends on the set alone.
 */
const struct region *regions_of(struct arena *a, const struct space *s, const struct diagrams *m, diagram set,
				size_t most, size_t *n, bool *more);

/* The packets that the question does not distinguish from the one of a point. */
const struct region *region_of_point(struct arena *a, const struct space *s, const uint32_t point[N_DIMS]);
