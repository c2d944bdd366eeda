/* SPDX-License-Identifier: Apache-2.0 */
/* What the engines of comparisons share. */
#pragma once

#include "prove/compare.h"
#include "prove/question.h"

/* One side, in the common space. */
struct sided {
	const struct permits *said;
	struct filtered {
		struct compiled *code;
		struct box_id *judged;
		diagram outside;	/* what never comes to it */
		diagram permitted;	/* and what it lets through */
	} *filters;
	struct box_id *boxes;
	diagram set;
	bool uncertain;
};

struct comparer {
	struct arena *arena;
	const struct compare_options *options;
	struct question q;
	struct sided old, new;
	struct box_id everything, *judged, *required;
	diagram universe;
	diagram whole;	/* the universe with packets that cannot be */
	size_t most;
};

struct painted_comparison;

/* NULL when some filter is no flat list of certain rules. */
struct painted_comparison *compare_lists(struct comparer *c);

/* False when the steps were not enough. */
bool compare_by_painting(struct painted_comparison *p, struct comparison *ret);
