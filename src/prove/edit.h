/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edits that fix a rule set: rules to insert, to remove, to move, to narrow.  The
 * rules with all of the edits are proved before they are reported.
 */
#pragma once

#include "prove/prove.h"

enum edit_kind {
	EDIT_INSERT, /* a rule that permits what is missing, before `at` or at the end */
	EDIT_DELETE, /* a rule that permits nothing but surplus */
	EDIT_MOVE,   /* a rule that permits what is missing, but comes too late */
	EDIT_NARROW, /* a rule that denies, before one that permits too much */
};

struct edit {
	enum edit_kind kind;
	const struct chain *chain;   /* where */
	const struct rule *at;       /* before which; NULL: after the last */
	const struct rule *rule;     /* that is removed or moved */
	const struct flowbox *boxes; /* what an inserted rule matches; of EDIT_NARROW what it denies */
	size_t n_boxes;
	const struct required *required; /* what it is for, the first of several; NULL: surplus */
};

struct edits {
	const struct edit *v; /* in the order of the list */
	size_t n;
	bool proved;         /* the edited rules hold; else do not apply them */
	const char *why_not; /* one sentence, when there are none or they do not fix everything */
};

/* The rules with the edits applied, which are in the order of propose_edits(). */
const struct ruleset *edited_rules(struct arena *a, const struct ruleset *r, const struct edit *edits, size_t n);

/* The proof is of the same question, with every difference worked out. */
struct edits propose_edits(struct arena *a, const struct proof *proof, const struct proof_question *q);
