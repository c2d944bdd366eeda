/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint: mistakes in an estate that can be planned nonetheless.
 *
 * Each check is a row: an id that scripts may rely on, a level, what it means,
 * and which rule of which document says so.  To add one: write a function in
 * lint/TOPIC.c and a line in lint/checks.h.  docs/rules.md tells, for
 * every rule of the documents, which check holds it.
 */
#pragma once

#include "plan/plan.h"

enum level {
	LEVEL_NOTE,    /* worth knowing; nothing is wrong */
	LEVEL_WARNING, /* does not work, or will fail one day, unless something else is done */
	LEVEL_ERROR,   /* contradicts the documents */
	N_LEVELS,
};
extern const char *const level_names[N_LEVELS];

struct linting;

struct check {
	const char *id;
	enum level level;
	const char *about;    /* one sentence for the manual */
	const char *document; /* id of the document with the rule; NULL: what the estate says decides */
	const char *section;
	uint32_t line;     /* 0: none */
	const char *rules; /* numbers of docs/rules.md, "23 24" */
	void (*run)(struct linting *l);
};

struct finding {
	const struct check *check;
	struct str host;     /* empty: none */
	const char *text;    /* what is wrong */
	const char *way_out; /* what to do about it */
	struct loc at;
	struct loc other; /* line 0: none; the second location of a contradiction */
	const char *other_text;
	const struct need *need; /* what it cites in place of the check's rule; NULL: that rule */
	bool uncited;            /* the document with that rule does not apply to the estate, nor a newer one */
};

struct findings {
	const struct finding *v; /* by file, location, id */
	size_t n;
	size_t counts[N_LEVELS];
};

/* The checks, in the order of their ids; ends with NULL. */
extern const struct check *const checks[];

/*
 * Runs every check.  today is "YYYY-MM-DD" or empty: no clock is read, so expiry is
 * reported only when the caller gives the day.
 */
struct findings lint(struct arena *a, const struct plan *p, struct str today);
