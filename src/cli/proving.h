/* SPDX-License-Identifier: Apache-2.0 */
/* What proving once and proving again and again share. */
#pragma once

#include "cli/cache.h"
#include "cli/rules.h"
#include "report/proof-format.h"

/* What is proved: a post, the file of its rules, and the question. */
struct task {
	struct post at;
	const struct dialect *dialect;
	const char *path;
	struct read_options reading;
	struct prove_options options;
	struct interface_map map;
	const struct required *required;
	size_t n_required;
	struct judged judged;
};

/* What is proved of an estate: its plan, and the posts with their rules. */
struct proving {
	const struct plan *plan;
	struct task *tasks;
	size_t n;
};

/* By the operands and options of the command.  False after errors. */
bool proving_find(struct invocation *v, struct proving *ret);

/* The rules of a task; NULL after errors.  They live in the arena of the invocation. */
struct ruleset *task_read(struct invocation *v, const struct task *t, const struct source *s);

/*
 * Proves the rules of a text, or finds their proof in the cache, which keeps it
 * then.  False after errors: the text could not be read.
 */
bool task_answer(struct invocation *v, const struct proving *p, const struct task *t, const struct source *s,
		 struct cache *c, struct proof *ret);

/* What is reported of a proof. */
void task_proved(struct invocation *v, const struct proving *p, const struct task *t, const struct proof *proof,
		 struct proved *ret);

enum status proving_report(struct invocation *v, const struct proving *p, const struct proved *proved);

/* prove --watch: never returns. */
NORETURN void prove_watching(struct invocation *v);
