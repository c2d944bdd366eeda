/* SPDX-License-Identifier: Apache-2.0 */
#include "report/workbook.h"

#include "report/markup.h"

enum { CREATED = 946684800 }; /* 2000-01-01: the output does not depend on the clock */

static void make_formats(struct workbook *w)
{
	w->head = w->library.workbook_add_format(w->book);
	w->library.format_set_bold(w->head);
	w->library.format_set_bg_color(w->head, 0xe8edf2);
	w->library.format_set_bottom(w->head, LXW_BORDER_THIN);
	w->text = w->library.workbook_add_format(w->book);
	w->library.format_set_align(w->text, LXW_ALIGN_VERTICAL_TOP);
	w->wrapped = w->library.workbook_add_format(w->book);
	w->library.format_set_align(w->wrapped, LXW_ALIGN_VERTICAL_TOP);
	w->library.format_set_text_wrap(w->wrapped);
	w->library.format_set_border(w->wrapped, LXW_BORDER_HAIR);
	w->number = w->library.workbook_add_format(w->book);
	w->library.format_set_num_format(w->number, "0");
	w->library.format_set_align(w->number, LXW_ALIGN_LEFT);
	w->library.format_set_align(w->number, LXW_ALIGN_VERTICAL_TOP);
}

bool workbook_begin(struct workbook *w, const char *path, const char *title)
{
	/* a sheet is not kept in memory: rows are written once, in order */
	lxw_workbook_options options = { .constant_memory = LXW_TRUE };
	CLEANUP(arena_freep) struct arena *a = arena_new();
	lxw_doc_properties about = { .title = arena_printf(a, "%s", title), .created = CREATED };
	w->book = w->library.workbook_new_opt(path, &options);
	if (!w->book)
		return false;
	w->library.workbook_set_properties(w->book, &about);
	make_formats(w);
	return true;
}

lxw_error workbook_end(struct workbook *w)
{
	return w->library.workbook_close(w->book);
}

struct sheet sheet_begin(struct workbook *w, enum sheet_kind kind, const char *name, const struct sheet_column *columns,
			 size_t n)
{
	struct sheet s = { .book = w, .sheet = w->library.workbook_add_worksheet(w->book, name), .n_columns = n };
	s.text = kind == SHEET_REQUEST ? w->wrapped : w->text;
	for (size_t i = 0; i < n; i++) {
		lxw_col_t c = (lxw_col_t)i;
		w->library.worksheet_set_column(s.sheet, c, c, columns[i].width, s.text);
		w->library.worksheet_write_string(s.sheet, 0, c, columns[i].title, w->head);
	}
	w->library.worksheet_freeze_panes(s.sheet, 1, 0);
	w->library.worksheet_repeat_rows(s.sheet, 0, 0);
	w->library.worksheet_set_landscape(s.sheet);
	w->library.worksheet_set_paper(s.sheet, 9); /* A4 */
	w->library.worksheet_fit_to_pages(s.sheet, 1, 0);
	if (kind == SHEET_REQUEST)
		w->library.worksheet_set_margins(s.sheet, 0.4, 0.4, 0.7, 0.5); /* inches */
	s.row = 1;
	return s;
}

void sheet_page_title(struct sheet *s, const char *title)
{
	char header[255]; /* Excel's limit */
	snprintf(header, sizeof header, "&L%s&R&P / &N", title);
	s->book->library.worksheet_set_header(s->sheet, header);
}

/* An empty sheet keeps the filter on its titles. */
void sheet_end(struct sheet *s)
{
	s->book->library.worksheet_autofilter(s->sheet, 0, 0, s->row - (s->row > 1), (lxw_col_t)(s->n_columns - 1));
}

void sheet_text(struct sheet *s, struct str text)
{
	struct workbook *w = s->book;
	struct str plain = shortened(w->arena, markup_plain(w->arena, text), MOST_CELL_TEXT);
	lxw_error e = LXW_NO_ERROR;
	if (plain.n)
		e = w->library.worksheet_write_string(s->sheet, s->row, s->column, cstr(w->arena, plain), s->text);
	else if (s->text == w->wrapped)
		e = w->library.worksheet_write_blank(s->sheet, s->row, s->column, s->text);
	s->column++;
	s->error = s->error ? s->error : e;
}

void sheet_number(struct sheet *s, uint32_t n)
{
	struct workbook *w = s->book;
	lxw_error e = w->library.worksheet_write_number(s->sheet, s->row, s->column++, n, w->number);
	s->error = s->error ? s->error : e;
}

void sheet_end_row(struct sheet *s)
{
	s->row++;
	s->column = 0;
}
