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
	MOST_OVER = 4, /* rules that are named */
	NO_RULE = UINT32_MAX,
};

/* Of a rule that permits or denies, in one reading; of others only `counts`, which is false. */
struct rule_effect {
	bool counts;              /* it matches packets that can exist, in this reading */
	bool alive;               /* the rules before it leave some of them to it */
	bool needed;              /* and some of those would, or might, be decided otherwise without it */
	uint32_t against;         /* an earlier rule that takes some of its packets the other way; NO_RULE */
	uint32_t over[MOST_OVER]; /* of a shadowed one: rules before it that match its packets */
	uint8_t n_over;
};

struct effect_question {
	struct arena *arena;
	struct workspace *w; /* frozen */
	struct compiled *code;
	const struct ruleset *rules;
	uint32_t chain;
	struct reading reading;
};

/* By rule of the chain.  Invalid when the diagrams are exhausted. */
struct rule_effect *effects_by_diagrams(const struct effect_question *q);

/* The same by the painter, for a chain that is a flat list.  NULL when the steps were not enough. */
struct rule_effect *effects_by_painting(const struct effect_question *q, const struct flat_list *list, uint64_t steps);
