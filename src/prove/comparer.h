/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions shared by the engines of comparisons. */
#pragma once

#include "base/vec.h"
#include "prove/compare.h"
#include "prove/workspace.h"

/* One side, in the common space. */
struct sided {
	const struct permits *said;
	struct filtered {
		struct compiled *code;
		struct box_id *judged;
		diagram outside;   /* what never reaches it */
		diagram permitted; /* and what it permits */
	} * filters;
	struct box_id *boxes;
	diagram set;
	bool uncertain;
};

struct comparer {
	struct arena *arena;
	const struct compare_options *options;
	struct workspace w;
	struct sided old, new;
	struct box_id everything, *judged, *required;
	diagram universe;
	diagram whole; /* the universe including packets that cannot exist */
	size_t most;
};

/* Changes of one kind, as they are found. */
struct changes {
	VEC(struct change) v;
	bool more; /* than were requested */
	bool *met; /* by required flow */
};

/* Room for one more; NULL, and more, when there are as many as requested. */
struct change *changes_add(const struct comparer *c, struct changes *all);

struct comparison comparison_of(enum engine by, bool uncertain, const struct changes *added,
				const struct changes *removed);

/* compare() of rules that name no RPC interface, and of rules that do. */
struct comparison compare_packets(struct arena *a, const struct permits *old, const struct permits *new,
				  const struct compare_options *options);
struct comparison compare_by_rpc(struct arena *a, const struct permits *old, const struct permits *new,
				 const struct compare_options *options);

/* False when diagrams grew beyond so many runs. */
bool compare_by_diagrams(struct comparer *c, size_t runs, struct comparison *ret);

/* False when some filter is not a flat list of certain rules, or the steps were not enough. */
bool compare_by_painting(struct comparer *c, struct comparison *ret);
