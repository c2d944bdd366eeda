/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a file again after a few of its lines changed (incremental parsing).
 *
 * Where a dialect defines which lines are rules by themselves (line_kind), the file
 * need not be read as a whole: all such lines that did not change are blanked, and
 * the remainder is read twice, before and after the change.  The first reading must
 * give the rules that are already known; this is verified.
 */
#pragma once

#include "dialect/dialect.h"
#include "flow/change.h"

enum { MOST_CHANGED_LINES = 200 };

/*
 * The change from old (read with the same dialect and options) to the text in
 * now.  What the change points to is in the arena, with a copy of the changed
 * lines; now->text must live as long as it is the newest.  False when the file must be
 * read as a whole: no such dialect, too many lines, or lines that are more than rules.
 */
bool dialect_reread(struct arena *a, const struct dialect *dialect, const struct read_options *o,
		    const struct ruleset *old, const struct source *now, struct change_of_rules *ret);
