/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a file again of which a few lines changed.
 *
 * Where a dialect says which lines are rules by themselves (line_kind), the file
 * need not be read whole: all such lines that did not change are blanked, and
 * what is left is read twice, as it was and as it is.  Reading it as it was has
 * to give the rules that are known already; that is looked at, not believed.
 */
#pragma once

#include "dialect/dialect.h"
#include "flow/change.h"

enum { MOST_CHANGED_LINES = 200 };

/*
 * What changed from old (read with the same dialect and options) to what stands in
 * now.  What the change points to lives in the arena, with a copy of the changed
 * lines; now->text has to live as long as it is the newest.  False when the file has to be
 * read whole: no such dialect, too many lines, or lines that are more than rules.
 */
bool dialect_reread(struct arena *a, const struct dialect *dialect, const struct read_options *o, const struct ruleset *old,
		    const struct source *now, struct change_of_rules *ret);
