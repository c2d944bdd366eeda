/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aligned columns of text.
 *
 * Columns are as wide as their widest cell.  When a terminal is too narrow for
 * that, the one column that is prose wraps; when even that leaves no room, its text
 * moves to separate lines below the row.  In a pipe (width 0) nothing wraps, so
 * that each row is one line.
 */
#pragma once

#include "base/out.h"

struct columns;

/* titles: one for each column; prose: the index of the one that wraps. */
struct columns *columns_new(struct arena *a, const char *const *titles, size_t n, size_t prose);

/* Cells are views: their bytes must live until the columns are printed. */
void columns_row(struct columns *c, const struct str *cells);

void columns_print(const struct columns *c, struct out *o, unsigned width, bool colour);

/* Prose between two margins; width 0 writes it on one line. */
void put_wrapped(struct out *o, struct str text, size_t indent, unsigned width);

/* Terminal attributes, or nothing. */
enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_RED, STYLE_GREEN, STYLE_YELLOW, STYLE_CYAN };
void put_style(struct out *o, bool colour, enum style s);
void put_styled(struct out *o, bool colour, enum style s, struct str text);
