/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The effect that a rule has at its place in a chain: whether anything is left to
 * it (else it is shadowed), whether it is redundant, and which rules before it are
 * correlated with it.  Two engines find it; tests compare them.
 */
#pragma once

#include "prove/sweep/flat.h"
#include "prove/workspace.h"

enum {
	MOST_OVER = 4,	/* rules that are named */
	NO_RULE = UINT32_MAX,
};

/* Of a rule that permits or denies, in one reading; of others only `counts`, which is false. */
struct rule_effect {
	bool counts;		/* it matches packets that can be, in this reading */
	bool alive;		/* some of them are left to it by the rules before it */
	bool needed;		/* and some of those would be decided otherwise without it, or perhaps */
	uint32_t against;	/* a rule before it that takes some of its packets the other way; NO_RULE */
	uint32_t over[MOST_OVER];	/* of one that is not alive: rules before it that take its packets */
	uint8_t n_over;
};

struct effect_question {
	struct arena *arena;
	struct workspace *w;	/* frozen */
	struct compiled *code;
	const struct ruleset *rules;
	uint32_t chain;
	struct reading reading;
};

/* By rule of the chain.  It means nothing when the diagrams are exhausted. */
struct rule_effect *effects_by_diagrams(const struct effect_question *q);

/* The same by the painter, of a chain that is a flat list.  NULL when the steps were not enough. */
struct rule_effect *effects_by_painting(const struct effect_question *q, const struct flat_list *list, uint64_t steps);
