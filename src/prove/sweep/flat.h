/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chain as a flat list of boxes: the input of plane sweeps.  A rule that only
 * logs is left out, and so is one that does not apply in the reading; a rule that
 * calls another chain, or is uncertain, cannot be in such a list.
 */
#pragma once

#include "flow/compile.h"

struct flat_list {
	const struct box_id **boxes;
	uint32_t *rules;      /* the same, as indices in the chain */
	enum action *actions; /* and what they decide; last the rest */
	size_t n;
};

/* The decision after the last rule: permitted, denied, or ACTION_RETURN to a caller. */
enum action chain_rest(const struct ruleset *r, uint32_t chain);

/* A return from a base chain is decided as its rest.  False when the chain is not such a list. */
bool flat_list_of(struct arena *a, const struct compiled *code, const struct ruleset *r, uint32_t chain,
		  struct reading reading, struct flat_list *ret);
