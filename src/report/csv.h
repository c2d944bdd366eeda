/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV (RFC 4180, lines end with LF) and Markdown table rows.
 */
#pragma once

#include "base/out.h"

/*
 * A cell that a spreadsheet would take for a formula (=, +, -, @ first) gets an
 * apostrophe before it: names come from files of strangers.
 */
void csv_row(struct out *o, const struct str *cells, size_t n);

void markdown_row(struct out *o, const struct str *cells, size_t n);
void markdown_rule(struct out *o, size_t n);
