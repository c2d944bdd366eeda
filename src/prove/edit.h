/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edits that mend a rule set: rules to insert, to take away, to move, to narrow.  The
 * rules with all of them are proved before anybody sees them.
 */
#pragma once

#include "prove/prove.h"

enum edit_kind {
	EDIT_INSERT,	/* a rule that permits what is missing, before `at` or at the end */
	EDIT_DELETE,	/* a rule that permits nothing but surplus */
	EDIT_MOVE,	/* a rule that permits what is missing, and stands too late */
	EDIT_NARROW,	/* a rule that refuses, before one that permits too much */
};

struct edit {
	enum edit_kind kind;
	const struct chain *chain;	/* where */
	const struct rule *at;		/* before which; NULL: behind the last */
	const struct rule *rule;	/* that is taken away or moved */
	const struct flowbox *boxes;	/* what an inserted rule matches; of EDIT_NARROW what it refuses */
	size_t n_boxes;
	const struct required *required;	/* what it is for, the first of several; NULL: surplus */
};

struct edits {
	const struct edit *v;	/* in the order of the list */
	size_t n;
	bool proved;		/* the edited rules hold; else they are not to be followed */
	const char *why_not;	/* one sentence, when there are none or they do not mend all */
};

/* The rules with edits made, which are in the order of propose_edits(). */
const struct ruleset *edited_rules(struct arena *a, const struct ruleset *r, const struct edit *edits, size_t n);

/* The proof is of the same question, with every difference worked out. */
struct edits propose_edits(struct arena *a, const struct proof *proof, const struct proof_question *q);
