/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules are read back before they leave: what was written must permit what was asked for and
 * nothing else.  A difference is an error, whatever its cause; no file is written then.
 */
#pragma once

#include "cli/command.h"
#include "dialect/dialect.h"

/*
 * Writes the policy in a dialect to f.  before: a file that was loaded earlier, whose rules and objects the new one removes;
 * empty: none.  As the reader is told: what it has to know of the place.
 * False after an error.
 */
bool emit_checked(struct invocation *call, const struct dialect *dialect, const struct policy *p,
		  const struct read_options *reading, struct str before, struct file *f);
