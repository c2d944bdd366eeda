/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two things that permit packets, compared: two rule sets, two plans, one of
 * each, or all firewalls of a path together.  What the second permits and the
 * first does not is added; the reverse is removed.  Exact, with a packet for
 * each part.
 */
#pragma once

#include "prove/prove.h"

/* One rule set, and the packets that reach it at all. */
struct filter {
	const struct ruleset *rules;
	const struct interface_map *map;
	const struct flowbox *judged; /* none: all packets */
	size_t n_judged;
};

/* A side permits what every filter that sees it permits; or, without filters, a union of boxes. */
struct permits {
	const struct filter *filters;
	size_t n_filters;
	const struct flowbox *boxes;
	size_t n_boxes;
};

/* Interfaces by which packets enter and leave; empty: any that no rule names. */
struct way {
	struct str in, out;
};

struct change {
	const struct region *regions;
	size_t n_regions;
	bool more_regions;
	/* what decides the witness on either side; by and chain are NULL for boxes */
	struct shown before, after;
	size_t before_filter, after_filter; /* which filter of the side decides it */
	struct str rpc_interface;           /* that its packets are of, where rules name some; a UUID or empty */
	VEC(struct way) ways;               /* between which interfaces, where they are compared by name; none: all */
	bool rpc_other;                     /* its packets are of an interface that no rule names */
};

struct comparison {
	bool equal;         /* the same packets, both readings */
	bool gave_up;       /* no engine finished: it is uncertain, and the rest is invalid */
	enum engine engine; /* that finished */
	bool by_names;      /* interfaces of one name are the same on both sides */
	bool uncertain;     /* not all is certain: the changes are those of what may pass */
	const struct change *added, *removed;
	size_t n_added, n_removed;
	bool more_added, more_removed;
	/* by required flow: overlaps what was removed, or what was added */
	bool *loses, *gains;
};

/* Zeroes: no limits, nothing marked. */
struct compare_options {
	const struct flowbox *judged; /* the packets in question; none: all that can exist */
	size_t n_judged;
	const struct required *required; /* flows of interest, marked when a change overlaps them */
	size_t n_required;
	size_t most; /* the most changes of each kind that are computed; 0: all */
	struct effort effort;
};
struct comparison compare(struct arena *a, const struct permits *old, const struct permits *new,
			  const struct compare_options *options);
