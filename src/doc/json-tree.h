/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON in (RFC 8259), as the tree of doc/yaml.h: every value knows its place,
 * so an error in an export of fifty thousand lines points into it.
 *
 * Numbers, true, false and null are plain scalars with their text as written;
 * a string is a scalar that is not plain.  A key that is there twice is an error:
 * which one counts differs from program to program.
 */
#pragma once

#include "doc/yaml.h"

enum {
	JSON_MOST_BYTES = 512 << 20,
	JSON_MOST_NESTING = 64,
	JSON_MOST_NODES = 64 << 20,
};

/*
 * The values of a text, one behind the other, as a list: usually one, several
 * when somebody joined files.  NULL after adding an error to d.
 */
const struct node *json_parse(struct arena *a, const struct source *s, struct diag *d);
