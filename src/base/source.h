/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources: a named text and locations in it.
 *
 * A source keeps its bytes for as long as an error may point into it, so an error
 * in piped input is quoted like any other.
 */
#pragma once

#include "base/str.h"

struct diag;

struct source {
	struct arena *arena; /* of the index */
	const char *name;    /* as the user wrote it; "standard input" for - */
	struct str text;
	const uint32_t *line_starts; /* offsets; filled by source_line() when first asked */
	uint32_t n_lines;
};

/*
 * A span of a source.  Lines and columns count from 1, columns in
 * characters; line 0 is nowhere.  length is in characters, 0 when unknown.
 */
struct loc {
	const struct source *source;
	uint32_t line, column, length;
};

#define NOWHERE ((struct loc){ 0 })

/* Line and column only, e.g. of a rule: the whole line is meant. */
static inline struct loc loc_line(const struct source *s, uint32_t line)
{
	return (struct loc){ s, line, 1, 0 };
}

/* The text stays the caller's; it must live as long as the arena. */
struct source *source_of_text(struct arena *a, const char *name, struct str text);

/*
 * Reads a regular file, or standard input for "-" (pipes are read to the end).
 * A directory, a device, a FIFO and what is larger than max_bytes are refused.
 * Returns NULL after adding an error to d, with the system's error message.
 */
struct source *source_read(struct arena *a, const char *path, size_t max_bytes, struct diag *d);

/* The text of a line without its line end; empty when there is no such line. */
struct str source_line(const struct source *s, uint32_t line);
