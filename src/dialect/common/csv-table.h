/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables as comma separated values (RFC 4180), row by row: those that people keep,
 * and the exports of PowerShell.
 */
#pragma once

#include "base/arena.h"
#include "base/diag.h"
#include "base/source.h"

enum {
	MOST_CSV_COLUMNS = 256,
	CSV_LONGEST_CELL = 4 << 20,
};

struct csv {
	const struct source *source;
	struct arena *arena;
	struct str rest;
	char separator;
	uint32_t line;     /* the next row begins on this line */
	uint32_t row_line; /* the last row began on this line */
	struct str row;    /* its text */
	struct str cells[MOST_CSV_COLUMNS];
	size_t n;
};

/* Finds the separator (, ; or a tab) in the first row. */
struct csv csv_of(struct arena *a, const struct source *s);

/* The next row that is not empty; false at the end, or after an error in d. */
bool csv_next(struct csv *c, struct diag *d);

/* A column's name in canonical form: lower-case letters and digits only. */
struct str csv_plain_name(struct arena *a, struct str name);
