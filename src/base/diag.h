/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics: what is wrong with the user's input, and where.
 *
 * A reader adds to the list and continues, so one run reports every mistake in a
 * file.  Nothing here prints by itself: the command that owns the list decides
 * when.  A message names the thing in quotes, does not begin with a capital or end
 * with a full stop, and states what would be right.
 */
#pragma once

#include "base/out.h"
#include "base/source.h"

enum diag_level { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag; /* a list of diagnostics, in the order they were found */

/* After this many errors the rest is only counted. */
enum { DIAG_MOST_SHOWN = 200 };

struct diag *diag_new(struct arena *a);

/* Always false, so that a reader can write: return diag_error(d, at, ...); */
bool diag_error(struct diag *d, struct loc at, const char *fmt, ...) PRINTF(3, 4);

/* A system error: names the operation; appends the text for errnum, unless that is 0. */
bool diag_machine(struct diag *d, int errnum, const char *fmt, ...) PRINTF(3, 4);

void diag_warn(struct diag *d, struct loc at, const char *fmt, ...) PRINTF(3, 4);

/* A note of its own: what is not wrong, and has to be said. */
void diag_say(struct diag *d, const char *fmt, ...) PRINTF(2, 3);

/* Adds to the last one: a second location, or a remedy (NOWHERE). */
void diag_note(struct diag *d, struct loc at, const char *fmt, ...) PRINTF(3, 4);

/* A note "did you mean ...?" when one of the n words is close to the wrong one. */
void diag_suggest(struct diag *d, struct str wrong, const struct str *words, size_t n);

size_t diag_errors(const struct diag *d);
bool diag_machine_refused(const struct diag *d);

/* The entries, notes included; for tests and for editors. */
size_t diag_count(const struct diag *d);
struct diag_entry {
	enum diag_level level;
	struct loc at;
	const char *text;
};
const struct diag_entry *diag_entry(const struct diag *d, size_t i);

/* Columns of the terminal that errors are printed to; 0, the default, is 80. */
void diag_set_width(struct diag *d, unsigned columns);

/* Notes of their own are not printed; those of errors and warnings are. */
void diag_set_quiet(struct diag *d, bool quiet);

/* Errors by location, each followed by its notes; in colour on request. */
void diag_print(const struct diag *d, struct out *to, bool colour);
