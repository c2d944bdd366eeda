/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics: what is wrong with something a person wrote, and where.
 *
 * A reader adds to the list and goes on, so one run reports every mistake in
 * a file.  Nothing here prints by itself: the command that made the list
 * decides when.  A message names the thing in quotes, does not begin with a
 * capital or end with a full stop, and says what would be right.
 */
#pragma once

#include "base/out.h"
#include "base/source.h"

enum diag_level { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag;	/* a list of diagnostics, in the order they were found */

/* After this many errors the rest is only counted; a page of errors helps nobody. */
enum { DIAG_MOST_SHOWN = 200 };

struct diag *diag_new(struct arena *a);

/* Always false, so that a reader can write: return diag_error(d, at, ...); */
bool diag_error(struct diag *d, struct loc at, const char *fmt, ...) PRINTF(3, 4);

/* The machine refused: names what was tried; appends the words for errnum. */
bool diag_machine(struct diag *d, int errnum, const char *fmt, ...) PRINTF(3, 4);

void diag_warn(struct diag *d, struct loc at, const char *fmt, ...) PRINTF(3, 4);

/* Says more about the last one: a second place, or a way out (NOWHERE). */
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

/* Errors by place, each followed by its notes; coloured when asked. */
void diag_print(const struct diag *d, struct out *to, bool colour);
