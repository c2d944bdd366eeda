/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON in (RFC 8259), as the tree of doc/yaml.h: every value keeps its location, so
 * an error in an export of fifty thousand lines points to the line.
 *
 * Numbers, true, false and null are plain scalars with their text as written; a
 * string is a scalar that is not plain.  A duplicate key is an error: programs
 * differ in which one they use.
 */
#pragma once

#include "doc/yaml.h"

enum {
	JSON_MOST_BYTES = 512 << 20,
	JSON_MOST_NESTING = 64,
	JSON_MOST_NODES = 64 << 20,
};

/*
 * The values of a text, one after the other, as a list: usually one, several when
 * files were concatenated.  NULL after adding an error to d.
 */
const struct node *json_parse(struct arena *a, const struct source *s, struct diag *d);
