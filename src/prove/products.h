/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule set permits, rule by rule, without order: the parts may stand in any
 * order and together permit exactly what the rules permit.  A rule that no earlier
 * rule narrows stays the product that was written.
 */
#pragma once

#include "prove/prove.h"

struct rule_products {
	const struct rule *rule; /* the rule that permits it; NULL: a chain's policy */
	bool whole;              /* all of the rule's match, whatever the interfaces: one box */
	const struct flowbox *boxes;
	size_t n;
};

struct products {
	const struct rule_products *v; /* in the order of the file */
	size_t n;
	bool uncertain; /* what may pass and what must are not the same: there are no products then */
	bool too_many;  /* a rule of more than `most` boxes: the list is incomplete */
};

/* judged: the packets in question; none: all. */
struct products products_of(struct arena *a, const struct ruleset *r, const struct interface_map *map,
			    const struct flowbox *judged, size_t n_judged, size_t most);
