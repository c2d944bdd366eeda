/* SPDX-License-Identifier: Apache-2.0 */
/* What proving once and proving again and again share. */
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
	struct prove_options options;
	struct interface_map map;
	const struct required *required;
	size_t n_required;
	struct judged judged;
	const struct source *source;	/* of the rules, as long as they are asked about; NULL under --watch */
};

/* What is proved of an estate: its plan, and the places with their rules. */
struct proving {
	const struct plan *plan;
	struct task *tasks;
	size_t n;
	struct cache *cache;	/* NULL: none is used */
};

/* By the operands and options of the command.  False after errors. */
bool proving_find(struct invocation *call, struct proving *ret);

/* The rules of a task; NULL after errors.  They live in the arena of the invocation. */
struct ruleset *task_read(struct invocation *call, const struct task *t, const struct source *s);

/*
 * Proves the rules of a task's source, or finds their proof in the cache, which keeps it
 * then.  False after errors: the rules could not be read.
 */
bool task_answer(struct invocation *call, const struct proving *p, const struct task *t, struct proof *ret);

/* compare() of a whole path over all tasks, in the same manner. */
struct comparison path_answer(struct invocation *call, const struct proving *p, const struct permits *needed,
			      const struct permits *passes, const struct compare_options *options);

/* What is reported of a proof. */
void task_proved(struct invocation *call, const struct proving *p, const struct task *t, const struct proof *proof,
		 struct proved *ret);

/* What passes all of them together; NULL after a warning. */
const struct proved_path *proving_path(struct invocation *call, const struct proving *p, const struct proved *proved);

enum status proving_report(struct invocation *call, const struct proving *p, const struct proved *proved);

/* prove --watch: never returns. */
NORETURN void prove_watching(struct invocation *call);
