/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What long work shows on the last line of a terminal: "prove: 3 of 40 places, 5 s".
 *
 * It appears after a second, on standard error, where that is a terminal that can erase it, and never with --quiet.  A
 * process has one; processes that it starts for its work have none.
 */
#pragma once

#include "cli/command.h"

/* Work begins. */
void progress_begin(const struct invocation *call);

/* So many are done, of "places"; of one that is "1 place".  Nothing when no work began; what is a literal. */
void progress_count(size_t done, size_t all, const char *what);

/* Erases it.  Work ends before its result is written; a second end is nothing. */
void progress_end(void);
