/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proving again what changed a little.
 *
 * A packet that no changed rule matches is decided as before (flow/change.h).  So
 * only what meets the changed rules is asked again, of the rules that meet it too:
 * a question of a few rules, however long the list is.  What was found elsewhere
 * stays found.
 */
#pragma once

#include "flow/change.h"
#include "prove/prove.h"

/*
 * Makes the change in r and says what prove() would say of it now: the same
 * verdict, flows and rules; packets that show them may be others.  proof is that of r as
 * it was, for the same question.  False when the whole has to be asked again (a long list
 * of differences, a change that reaches far); the change is made all the same, and
 * *ret is worth nothing.
 */
bool reprove(struct arena *a, const struct proof *proof, struct ruleset *r, const struct change_of_rules *change,
	     const struct proof_question *q, struct proof *ret);
