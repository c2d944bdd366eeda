/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV (RFC 4180, lines end with LF) and Markdown table rows.
 */
#pragma once

#include "base/out.h"

/*
 * A cell that a spreadsheet would take for a formula (=, +, -, @, a tab or an end
 * of line first) gets an apostrophe before it: names come from untrusted files, and
 * opening a table must not run a formula.
 */
void csv_row(struct out *o, const struct str *cells, size_t n);

/* Text inside a line or a cell: Markdown syntax is escaped, so links and HTML stay text. */
void markdown_text(struct out *o, struct str s);
void markdown_row(struct out *o, const struct str *cells, size_t n);
void markdown_rule(struct out *o, size_t n);
