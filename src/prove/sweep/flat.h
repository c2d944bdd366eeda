/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chain as a flat list of boxes: what engines that move a line take.  A rule that
 * only logs is left out, and so is one that does not count in the reading; what
 * calls other chains, or is perhaps, cannot be in such a list.
 */
#pragma once

#include "flow/compile.h"

struct flat_list {
	const struct box_id **boxes;
	uint32_t *rules;	/* the same, as indices in the chain */
	enum action *actions;	/* and what they decide; the rest behind them */
	size_t n;
};

/* What becomes of packets behind the last rule: permitted, denied, or ACTION_RETURN to a caller. */
enum action chain_rest(const struct ruleset *r, uint32_t chain);

/* A return from a base chain is decided as its rest.  False when the chain is no such list. */
bool flat_list_of(struct arena *a, const struct compiled *code, const struct ruleset *r, uint32_t chain,
		  struct reading reading, struct flat_list *ret);
