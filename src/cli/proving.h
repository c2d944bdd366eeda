/* SPDX-License-Identifier: Apache-2.0 */
/* Functions shared by a single proof and by --watch. */
#pragma once

#include "cli/cache.h"
#include "cli/rules.h"
#include "report/proof/report.h"

/* What is proved: a place, the file of its rules, and the question. */
struct task {
	struct place at;
	const struct dialect *dialect;
	const char *path;
	struct read_options reading;
	struct interface_map map; /* the question's */
	struct proof_question question;
	const struct source
		*source; /* of the rules, for the time of their proof; NULL until they are read, and under --watch */
};

/* How it is proved; all zero is a proof without options. */
struct proving_options {
	const char *dialect, *part, *profile; /* NULL: not given */
	bool everything, edits, patch;
	enum engine engine;
};

/* What is proved of an estate: its plan, and the places with their rules. */
struct proving {
	const struct plan *plan;
	struct proving_options options;
	struct task *tasks;
	size_t n;
	struct cache *cache; /* NULL: none is used */
};

/* The operands that are the estate. */
size_t count_proved_estates(const struct invocation *call);

/* --patch, or its format. */
bool wants_patch(const struct invocation *call);

/* By the operands and options of the command.  False after errors. */
bool proving_find(struct invocation *call, struct proving *ret);

/* The rules of a place that an estate names with config:, beside its file; NULL: it names none. */
const char *place_config(struct arena *a, const struct plan *p, const struct place *at);

/* A task: the rules in a file, at a place.  Without a dialect in options and estate, it is guessed.  False after errors. */
bool task_make(struct invocation *call, const struct plan *p, const struct place *at, const char *path,
	       const struct proving_options *o, struct task *ret);

/* The rules of a task; NULL after errors.  They live in the arena of the invocation. */
struct ruleset *task_read(struct invocation *call, const struct task *t, const struct source *s);

/*
 * Proves the rules of a task's source, or takes their proof from the cache; a new proof
 * is stored there.  False after errors: the rules could not be read.
 */
bool task_prove(struct invocation *call, const struct proving *p, const struct task *t, struct proof *ret);

enum {
	MOST_QUESTION_BYTES = MOST_ENTRY_BYTES,
	MOST_DIFFERENCES = 1000, /* that are worked out without --everything */
};

/*
 * What the cache may know.  The bytes of a question are written to an out that lives
 * as long as q; false: there is no cache, or it cannot know this.  What is found is
 * what was kept: the rules as they were read, the remarks from first_remark on, and
 * the proof.
 */
bool proof_asked(const struct invocation *call, const struct proving *p, const struct task *t, struct out *bytes,
		 struct asked *q);
bool proof_find(struct invocation *call, const struct proving *p, const struct task *t, const struct asked *q,
		struct proof *ret);
void proof_keep(struct invocation *call, const struct proving *p, const struct task *t, const struct asked *q,
		size_t first_remark, const struct proof *proof);

/* The same of a whole path: the comparison of what is needed with what passes all tasks. */
bool path_asked(struct invocation *call, const struct proving *p, const struct compare_options *o, struct out *bytes,
		struct asked *q);
bool path_find(struct invocation *call, const struct proving *p, const struct permits *passes,
	       const struct compare_options *o, const struct asked *q, struct comparison *ret);
void path_keep(struct invocation *call, const struct proving *p, const struct permits *passes,
	       const struct compare_options *o, const struct asked *q, const struct comparison *found);

/*
 * The mend of a proof in the language of its rules; NULL: there is nothing to mend.  The edits that it is made of
 * are proposed when they are not known (NULL).
 */
const struct proof_patch *task_patch(struct invocation *call, const struct proving *p, const struct task *t,
				     const struct proof *proof, const struct edits *edits);

/* --with: the rules of a task as they are once a patch was pasted after them.  NULL after errors. */
const struct source *task_with(struct invocation *call, const struct source *rules, const char *path);

/* The report of a proof. */
void task_proved(struct invocation *call, const struct proving *p, const struct task *t, const struct proof *proof,
		 struct proved *ret);

/* What passes all firewalls together; NULL after a warning. */
const struct proved_path *proving_path(struct invocation *call, const struct proving *p, const struct proved *proved);

enum status proving_report(struct invocation *call, const struct proving *p, const struct proved *proved);

/* prove --watch: never returns. */
NORETURN void prove_watching(struct invocation *call);
