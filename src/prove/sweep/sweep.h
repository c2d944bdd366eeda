/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second engine: a plane sweep over a segment tree, instead of diagrams (de
 * Berg et al., Computational Geometry, chapters 2 and 10.3).
 *
 * Services fall into classes (protocol, destination port and source port that no
 * rule and no flow distinguishes).  In a class, rules are rectangles over sources
 * and destinations.  A line moves over the sources; a segment tree over the
 * destinations holds the rectangles that the line is in.  A node knows, besides the
 * first rule that covers all of it, three numbers for each kind of destination
 * below: the first rule that decides one of them wrongly, and the last that decides
 * any.  With these a rule that begins or ends is applied in logarithmic time, and
 * the root always knows whether something is wrong at this position of the line.
 *
 * It finds each rule that permits surplus and each flow that lacks something, once,
 * with a packet.  It needs a flat list of certain rules.  It is strong where
 * diagrams grow: many rules that overlap everywhere; it is weak where source ports
 * split the classes.
 */
#pragma once

#include "prove/workspace.h"

/* A rule of the list, in its order. */
struct sweep_rule {
	const struct box_id *box;
	bool permits;
};

struct sweep_question {
	const struct workspace *workspace; /* frozen */
	const struct sweep_rule *rules;
	size_t n_rules;
	bool permits_rest; /* what no rule matches */
	const struct box_id *required;
	size_t n_required;
	const struct box_id *judged; /* what is required is judged in any case */
	size_t n_judged;
	bool only_missing; /* surplus is not requested */
	uint64_t steps;    /* the limit */
};

struct sweep_finding {
	uint32_t point[N_DIMS];
	uint32_t rule;     /* that decides; n_rules: none does */
	uint32_t required; /* that is missing; UINT32_MAX: the packet is surplus */
};

/*
 * Calls show for each finding.  False when the steps were not enough: what was shown is true
 * but incomplete.
 */
bool sweep(struct arena *a, const struct sweep_question *q, void (*show)(void *ctx, const struct sweep_finding *f),
	   void *ctx);
