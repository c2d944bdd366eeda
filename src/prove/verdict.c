/* SPDX-License-Identifier: Apache-2.0 */
/* What a proof has found, in its order, and what follows from it. */
#include "prove/prover.h"

const char *const verdict_names[N_VERDICTS] = {
	[VERDICT_HOLDS] = "holds",
	[VERDICT_FAILS] = "fails",
	[VERDICT_UNPROVED] = "unproved",
};

int missing_cmp(const void *left, const void *right)
{
	const struct missing *a = left, *b = right;
	int c = CMP(a->reply, b->reply);
	c = c ? c : CMP(a->condition != NULL, b->condition != NULL);
	return c ? c : CMP((uintptr_t)a->required, (uintptr_t)b->required);
}

int surplus_cmp(const void *left, const void *right)
{
	const struct surplus *a = left, *b = right;
	int c = CMP(a->condition != NULL, b->condition != NULL);
	c = c ? c : CMP(a->shown.by == NULL, b->shown.by == NULL);
	/* chains are in one array; the addresses of their rules give no order */
	c = c ? c : CMP((uintptr_t)a->shown.chain, (uintptr_t)b->shown.chain);
	return c ? c : CMP((uintptr_t)a->shown.by, (uintptr_t)b->shown.by);
}

void proof_judge(struct proof *proof)
{
	bool certain = false, doubtful = proof->more_surplus;
	for (size_t i = 0; i < proof->n_missing; i++) {
		certain |= !proof->missing[i].condition;
		doubtful |= proof->missing[i].condition != NULL;
	}
	for (size_t i = 0; i < proof->n_surplus; i++) {
		certain |= !proof->surplus[i].condition;
		doubtful |= proof->surplus[i].condition != NULL;
	}
	proof->why_unproved = NULL;
	if (proof->rules->unknown.n)
		proof->why_unproved = "there are lines that were not understood";
	else if (!proof->rules->bases.n)
		proof->why_unproved = "no rule list was found";
	else if (!certain && doubtful)
		proof->why_unproved = "it depends on rules whose match is uncertain";
	proof->verdict = proof->why_unproved ? VERDICT_UNPROVED : certain ? VERDICT_FAILS : VERDICT_HOLDS;
}

void proof_give_up(struct proof *proof)
{
	proof->undecided = true;
	proof->why_unproved = "the rules overlap so much that neither engine finished";
	proof->verdict = VERDICT_UNPROVED;
}

void proof_unjudged(struct proof *proof)
{
	proof->why_unproved = "nothing was judged: no path of the estate goes over it";
	proof->verdict = VERDICT_UNPROVED;
}
