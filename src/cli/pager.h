/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output that is longer than the screen is shown by a pager: PORTOLAN_PAGER, or PAGER, or less where it is there.
 *
 * Only on a terminal.  The output is kept until the command ends, so that its length is known, and the pager reads it as a
 * file: one that ends early breaks no pipe.  The exit status stays the command's.  Windows has none.
 */
#pragma once

#include "cli/command.h"

/* From here on standard output is kept, where a pager may be wanted. */
void pager_begin(const struct invocation *call);

/* Shows what was kept.  Standard output is flushed before. */
void pager_end(struct invocation *call);
