/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of paths, as a POSIX shell expands them: * ? [a-z] [!a-z], and a backslash before a character that is meant
 * as it is.  Folders are separated by /.  No pattern matches a leading dot that it does not have.
 */
#pragma once

#include "base/str.h"

/* True when a pattern without / matches the whole name. */
bool pattern_matches(struct str pattern, struct str name);

/* Matches the text and nothing else. */
const char *pattern_escaped(struct arena *a, const char *text);

/* What is there and matches, in byte order.  NULL with errno when a folder cannot be read. */
const char **pattern_paths(struct arena *a, const char *pattern, size_t *n);
