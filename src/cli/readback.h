/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules are read back before they leave: what was written must permit what was asked for and
 * nothing else.  A difference is an error, whatever its cause; no file is written then.
 */
#pragma once

#include "cli/command.h"
#include "dialect/dialect.h"

/* What the written rules are compared with. */
struct expectation {
	const struct read_options *reading; /* what a reader has to know of the place */
	const struct policy *asked;         /* what has to pass; NULL: the policy as it is written */
	const struct flowbox *tolerated;    /* what may pass besides */
	size_t n_tolerated;
	const struct policy *other;  /* the host's other side in the same list, where its replies count; NULL: none */
	const struct source *before; /* a file that was loaded earlier, whose rules the new one removes; NULL: none */
	struct out *removal;         /* where commands go that do it, of a language whose files cannot */
};

/* Writes the policy in a dialect to f.  False after an error. */
bool emit_checked(struct invocation *call, const struct dialect *dialect, const struct policy *p,
		  const struct expectation *expected, struct file *f);
