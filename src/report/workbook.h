/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sheets of a workbook: a header that stays in view and repeats on paper, A4 in landscape, as wide as a page.
 * Rows are written once, in order; cells from the left.  Text is written as text, never as a formula.
 */
#pragma once

#include "report/xlsx-library.h"

enum { MOST_CELL_TEXT = 32000 }; /* Excel's limit of a cell is 32,767 characters */

struct workbook {
	struct xlsx_library library;
	lxw_workbook *book;
	lxw_format *head, *text, *number, *wrapped;
	struct arena *arena; /* of a row */
};

enum sheet_kind {
	SHEET_LISTS,   /* a row is a line, as wide as it is */
	SHEET_REQUEST, /* lines wrap in cells with borders: to be printed, filled in and signed */
};

struct sheet_column {
	const char *title;
	double width; /* in characters */
};

struct sheet {
	struct workbook *book;
	lxw_worksheet *sheet;
	lxw_format *text;
	lxw_row_t row; /* the next */
	lxw_col_t column;
	size_t n_columns;
	lxw_error error; /* the first */
};

/* Begins a workbook of an opened library in a file.  False: the file cannot be made. */
bool workbook_begin(struct workbook *w, const char *path, const char *title);
lxw_error workbook_end(struct workbook *w);

struct sheet sheet_begin(struct workbook *w, enum sheet_kind kind, const char *name, const struct sheet_column *columns,
			 size_t n);

/* At the top of each page: what it is, and the number of the page. */
void sheet_page_title(struct sheet *s, const char *title);
/* An empty text is an empty cell. */
void sheet_text(struct sheet *s, struct str text);
void sheet_number(struct sheet *s, uint32_t n);
void sheet_end_row(struct sheet *s);
void sheet_end(struct sheet *s);
