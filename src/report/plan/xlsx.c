/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as a workbook, to pass to firewall teams: the flows, their reasons with a
 * row each, the advice, and the documents.  Text is written as text, never as a
 * formula.
 */
#include <errno.h>

#include "base/file.h"
#include "report/markup.h"
#include "report/plan/format.h"
#include "report/plan/reasons.h"
#include "report/plan/table.h"
#include "report/findings.h"
#include "report/xlsx-library.h"

enum {
	MOST_TEXT = 32000,   /* Excel's limit of a cell is 32,767 characters */
	CREATED = 946684800, /* 2000-01-01: the output does not depend on the clock */
};

struct column {
	const char *title;
	double width; /* in characters */
};

struct sheet {
	lxw_worksheet *sheet;
	lxw_row_t row; /* the next */
	lxw_col_t column;
	lxw_error error; /* the first */
};

struct writer {
	struct xlsx_library library;
	const struct catalogue *catalogue;
	lxw_workbook *book;
	lxw_format *head, *text, *number;
	struct sheet flows, reasons, advice, documents;
	struct arena *arena; /* of a row */
};

static struct sheet begin_sheet(struct writer *w, const char *name, const struct column *columns, size_t n)
{
	struct sheet s = { .sheet = w->library.workbook_add_worksheet(w->book, name) };
	for (size_t i = 0; i < n; i++) {
		lxw_col_t c = (lxw_col_t)i;
		w->library.worksheet_set_column(s.sheet, c, c, columns[i].width, w->text);
		w->library.worksheet_write_string(s.sheet, 0, c, columns[i].title, w->head);
	}
	w->library.worksheet_freeze_panes(s.sheet, 1, 0);
	w->library.worksheet_repeat_rows(s.sheet, 0, 0);
	w->library.worksheet_set_landscape(s.sheet);
	w->library.worksheet_set_paper(s.sheet, 9); /* A4 */
	w->library.worksheet_fit_to_pages(s.sheet, 1, 0);
	s.row = 1;
	return s;
}

/* An empty sheet keeps the filter on its titles. */
static void end_sheet(struct writer *w, struct sheet *s, size_t n_columns)
{
	w->library.worksheet_autofilter(s->sheet, 0, 0, s->row - (s->row > 1), (lxw_col_t)(n_columns - 1));
}

static void put_text(struct writer *w, struct sheet *s, struct str text)
{
	struct str plain = shortened(w->arena, markup_plain(w->arena, text), MOST_TEXT);
	lxw_error e = LXW_NO_ERROR;
	if (plain.n)
		e = w->library.worksheet_write_string(s->sheet, s->row, s->column, cstr(w->arena, plain), w->text);
	s->column++;
	s->error = s->error ? s->error : e;
}

static void put_number(struct writer *w, struct sheet *s, uint32_t n)
{
	lxw_error e = w->library.worksheet_write_number(s->sheet, s->row, s->column++, n, w->number);
	s->error = s->error ? s->error : e;
}

/* A single port is a number, so that it sorts and compares as one; the rest is text. */
static void put_ports(struct writer *w, struct sheet *s, const struct bundle_item *it)
{
	char text[ITEM_PORTS];
	if (it->has_ports && it->ports.lo == it->ports.hi)
		put_number(w, s, it->ports.lo);
	else
		put_text(w, s, str_of(item_ports_text(it, text)));
}

static void put_line(struct writer *w, struct sheet *s, uint32_t line)
{
	if (line)
		put_number(w, s, line);
	else
		s->column++;
}

static void end_row(struct sheet *s)
{
	s->row++;
	s->column = 0;
}

static const struct column flow_columns[N_PLAN_COLUMNS] = {
	[COLUMN_ID] = { "id", 20 },
	[COLUMN_FROM] = { "from", 18 },
	[COLUMN_FROM_ZONE] = { "from zone", 14 },
	[COLUMN_FROM_ADDRESSES] = { "from addresses", 24 },
	[COLUMN_TO] = { "to", 18 },
	[COLUMN_TO_ZONE] = { "to zone", 14 },
	[COLUMN_TO_ADDRESSES] = { "to addresses", 24 },
	[COLUMN_PROTOCOL] = { "protocol", 10 },
	[COLUMN_PORTS] = { "ports", 13 },
	[COLUMN_SERVICE] = { "service", 20 },
	[COLUMN_CROSSES] = { "crosses", 16 },
	[COLUMN_WHY] = { "why", 70 },
	[COLUMN_DOCUMENTS] = { "documents", 70 },
};

static const struct column reason_columns[] = {
	{ "flow", 20 },      { "from", 18 },    { "to", 18 },        { "protocol", 10 }, { "ports", 13 },
	{ "from role", 26 }, { "to role", 26 }, { "why", 70 },       { "document", 28 }, { "section", 50 },
	{ "line", 8 },       { "erratum", 10 }, { "uncertain", 40 }, { "owner", 20 },    { "until", 12 },
};

static void put_reason(struct writer *w, const struct flow *f, const struct str *cells, const struct reason *r)
{
	struct sheet *s = &w->reasons;
	const struct need *n = r->need;

	put_text(w, s, cells[COLUMN_ID]);
	put_text(w, s, cells[COLUMN_FROM]);
	put_text(w, s, cells[COLUMN_TO]);
	put_text(w, s, cells[COLUMN_PROTOCOL]);
	put_ports(w, s, f->item);
	put_text(w, s, n ? role_text(w->catalogue, r->from_role) : NO_STR);
	put_text(w, s, n ? role_text(w->catalogue, r->to_role) : NO_STR);
	put_text(w, s, reason_why(r));
	put_text(w, s, n ? n->document->id : STR("by hand"));
	put_text(w, s, n ? n->section : STR("allow"));
	put_line(w, s, n ? n->line : r->hand->at.line);
	put_text(w, s, n && n->erratum ? str_of(erratum_names[n->erratum]) : NO_STR);
	put_text(w, s, n ? n->uncertain : NO_STR);
	put_text(w, s, n ? NO_STR : r->hand->owner.s);
	put_text(w, s, n ? NO_STR : r->hand->until.s);
	end_row(s);
}

static void put_flow(void *ctx, const struct flow *f, const struct str *cells)
{
	struct writer *w = ctx;
	struct sheet *s = &w->flows;
	w->arena = arena_new();
	for (size_t i = 0; i < N_PLAN_COLUMNS; i++) {
		if (i == COLUMN_PORTS)
			put_ports(w, s, f->item);
		else
			put_text(w, s, cells[i]);
	}
	end_row(s);
	for (size_t i = 0; i < f->item->n_reasons; i++)
		put_reason(w, f, cells, &f->item->reasons[i]);
	arena_free(w->arena);
}

static const struct column advice_columns[] = {
	{ "level", 10 }, { "host", 18 },  { "what", 80 },     { "remedy", 70 },  { "file", 30 },
	{ "line", 8 },   { "column", 8 }, { "document", 28 }, { "section", 50 }, { "check", 30 },
};

static void put_finding(struct writer *w, const struct finding *f)
{
	struct sheet *s = &w->advice;
	w->arena = arena_new();
	put_text(w, s, str_of(level_names[f->check->level]));
	put_text(w, s, f->host);
	put_text(w, s, str_of(f->text));
	put_text(w, s, str_of(f->way_out));
	put_text(w, s, f->at.source ? str_of(f->at.source->name) : NO_STR);
	put_line(w, s, f->at.line);
	put_line(w, s, f->at.column);
	struct cited c = cited_by(f);
	put_text(w, s, c.document);
	put_text(w, s, c.section);
	put_text(w, s, str_of(f->check->id));
	end_row(s);
	arena_free(w->arena);
}

static const struct column document_columns[] = { { "id", 30 }, { "title", 70 }, { "date", 12 }, { "source", 80 } };

static void put_documents(struct writer *w, const struct estate *e)
{
	struct sheet *s = &w->documents;
	w->arena = arena_new();
	for (size_t i = 0; i < w->catalogue->n_documents; i++) {
		const struct document *d = &w->catalogue->documents[i];
		if (!e->documents[i])
			continue;
		put_text(w, s, d->id);
		put_text(w, s, d->title);
		put_text(w, s, d->date);
		put_text(w, s, d->source);
		end_row(s);
	}
	arena_free(w->arena);
}

static void count_reasons(void *ctx, const struct flow *f)
{
	*(size_t *)ctx += f->item->n_reasons;
}

static void make_formats(struct writer *w)
{
	w->head = w->library.workbook_add_format(w->book);
	w->library.format_set_bold(w->head);
	w->library.format_set_bg_color(w->head, 0xe8edf2);
	w->library.format_set_bottom(w->head, LXW_BORDER_THIN);
	w->text = w->library.workbook_add_format(w->book);
	w->library.format_set_align(w->text, LXW_ALIGN_VERTICAL_TOP);
	w->number = w->library.workbook_add_format(w->book);
	w->library.format_set_num_format(w->number, "0");
	w->library.format_set_align(w->number, LXW_ALIGN_LEFT);
	w->library.format_set_align(w->number, LXW_ALIGN_VERTICAL_TOP);
}

static lxw_error write_book(struct writer *w, const struct plan_report *r, const char *path)
{
	/* a sheet is not kept in memory: rows are written once, in order */
	lxw_workbook_options options = { .constant_memory = LXW_TRUE };
	char title[] = "Flows";
	lxw_doc_properties about = { .title = title, .created = CREATED };
	w->book = w->library.workbook_new_opt(path, &options);
	if (!w->book)
		return LXW_ERROR_CREATING_XLSX_FILE;
	w->library.workbook_set_properties(w->book, &about);
	make_formats(w);
	w->flows = begin_sheet(w, "Flows", flow_columns, ARRAY_LEN(flow_columns));
	w->reasons = begin_sheet(w, "Reasons", reason_columns, ARRAY_LEN(reason_columns));
	w->advice = begin_sheet(w, "Advice", advice_columns, ARRAY_LEN(advice_columns));
	w->documents = begin_sheet(w, "Documents", document_columns, ARRAY_LEN(document_columns));
	plan_table(r->plan, put_flow, w);
	for (size_t i = 0; i < r->advice.n; i++)
		put_finding(w, &r->advice.v[i]);
	put_documents(w, plan_estate(r->plan));
	end_sheet(w, &w->flows, ARRAY_LEN(flow_columns));
	end_sheet(w, &w->reasons, ARRAY_LEN(reason_columns));
	end_sheet(w, &w->advice, ARRAY_LEN(advice_columns));
	end_sheet(w, &w->documents, ARRAY_LEN(document_columns));
	lxw_error cells = w->flows.error ? w->flows.error : w->reasons.error ? w->reasons.error : w->advice.error;
	lxw_error closing = w->library.workbook_close(w->book);
	return cells ? cells : closing;
}

static bool write_xlsx(struct out *o, const struct plan_report *r, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct writer w = { .catalogue = plan_estate(r->plan)->catalogue };
	size_t n_reasons = 0;

	plan_each(r->plan, count_reasons, &n_reasons);
	if (MAX(n_reasons, plan_flow_count(r->plan)) >= LXW_ROW_MAX)
		return diag_error(
			d, NOWHERE,
			"a sheet is limited to %d rows, and the plan has %zu flows with %zu reasons; use --format csv",
			LXW_ROW_MAX, plan_flow_count(r->plan), n_reasons);
	const char *path = file_temporary(a, d);
	if (!path)
		return false;
	if (!xlsx_open(&w.library, d))
		return false;
	lxw_error e = write_book(&w, r, path);
	bool ok = !e || diag_machine(d, EIO, "cannot make the workbook: %s", w.library.lxw_strerror(e));
	xlsx_close(&w.library);
	return ok && file_copy(o, path, d);
}

const struct plan_format plan_format_xlsx = {
	.name = "xlsx",
	.title = "XLSX, a workbook",
	.binary = true,
	.write = write_xlsx,
};
