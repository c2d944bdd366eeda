/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes files so that a reader never sees a partial one: into a temporary file
 * beside the target, renamed at the end.  Standard output for NULL and "-".
 */
#pragma once

#include "base/diag.h"

struct file {
	struct out out;
	char *path;         /* as it was given; NULL: standard output */
	const char *target; /* behind the links of path */
	char *temporary;
};

/*
 * A link stays a link: what it points to is replaced.  A file that is replaced keeps its mode and owner.
 * False after an error in d; then there is nothing to close.
 */
bool file_create(struct file *f, struct arena *a, const char *path, struct diag *d);

/* Renames the file to its target, or removes it when writing failed. */
bool file_commit(struct file *f, struct diag *d);

/* Removes what was written so far; for errors found midway.  Accepts a zeroed file. */
void file_abandon(struct file *f);

/*
 * Replaces a file as a whole: on disk before it has its name, with this mode but for the umask.  False after an error in d.
 */
bool file_replace(struct arena *a, const char *path, struct str bytes, unsigned mode, struct diag *d);

/*
 * For libraries that write only to a path: a new, empty file in the system's
 * directory for temporary files.  Removed with the arena.  NULL after an error in
 * d.
 */
const char *file_temporary(struct arena *a, struct diag *d);

/* The first bytes of a file, at most room.  False, with nothing, for what is not a file or cannot be read. */
bool file_head(const char *path, char *buf, size_t room, struct str *ret);

/* All of a file's bytes.  False after an error in d. */
bool file_copy(struct out *o, const char *path, struct diag *d);
