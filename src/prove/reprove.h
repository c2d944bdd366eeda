/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Incremental proof after a small change.
 *
 * A packet that no changed rule matches is decided as before (flow/change.h).  So
 * only what overlaps the changed rules is proved again, against the rules that
 * overlap it too: a question of a few rules, however long the list is.  Other
 * findings remain valid.
 */
#pragma once

#include "flow/change.h"
#include "prove/prove.h"

/*
 * Applies the change to r and returns what prove() would return now: the same verdict,
 * flows and rules; the packets that show them may differ.  proof is that of r before the
 * change, for the same question.  False when the whole must be proved again (a long list
 * of differences, a change of wide effect); the change is applied nevertheless, and *ret
 * is invalid.
 */
bool reprove(struct arena *a, const struct proof *proof, struct ruleset *r, const struct change_of_rules *change,
	     const struct proof_question *q, struct proof *ret);
