/* SPDX-License-Identifier: Apache-2.0 */
/* What was proved, of one firewall or of several: what the forms of a proof show. */
#pragma once

#include "plan/policy.h"
#include "prove/compare.h"
#include "prove/edit.h"

/* The mend in the firewall's own language, with its undo: both were read, and the rules with it hold. */
struct proof_patch {
	const char *why_not; /* there is none: a clause; NULL: there is one */
	struct str apply, undo;
	const char *comment; /* the beginning of a comment line of the language */
};

/* The proof of one place. */
struct proved {
	struct place at;
	struct str name;
	const char *dialect; /* its name */
	const char *path;
	struct proof proof;              /* required[].what is a struct flow */
	const struct required *required; /* `what` of each is a struct flow */
	size_t n_required;
	const struct tolerated *tolerated; /* what may pass here and need not */
	size_t n_tolerated;
	bool unjudged;                   /* no path goes over it: it says nothing of the others */
	const struct edits *edits;       /* NULL: not requested */
	const struct proof_patch *patch; /* NULL: not requested, or the rules hold */
};

/*
 * All firewalls that were proved, together: a packet passes when every one of
 * them on its path lets it.  The comparison is of what is needed with what passes.
 */
struct proved_path {
	struct comparison comparison;
	const struct required *required; /* marked by comparison.loses */
	size_t n_required;
	bool whole; /* every firewall of the estate was proved */
};

struct proof_report {
	const struct plan *plan;
	const struct proved *v;
	size_t n;
	const struct proved_path *path; /* of more than one firewall; else NULL */
	enum verdict verdict;           /* of all that judge packets: the worst, unproved before fails */
	unsigned width;
	bool colour;
};

/*
 * A written rule may be several in the rule set; what they permit becomes one surplus, with
 * a packet of the first.  For reports: the prover works on single rules.
 */
void proof_join_lines(struct arena *a, struct proof *p);

/* Sets the verdict of the whole. */
void proof_report_finish(struct proof_report *r);
