/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as a workbook, to pass to firewall teams: a request for each firewall, then the
 * flows, their reasons with a row each, the advice, and the documents.
 */
#include <errno.h>

#include "base/file.h"
#include "report/plan/format.h"
#include "report/plan/reasons.h"
#include "report/plan/request-sheets.h"
#include "report/plan/table.h"
#include "report/findings.h"
#include "report/workbook.h"

struct writer {
	struct workbook book;
	const struct catalogue *catalogue;
	struct sheet flows, reasons, advice, documents;
};

/* A single port is a number, so that it sorts and compares as one; the rest is text. */
static void put_ports(struct sheet *s, const struct bundle_item *it)
{
	char text[ITEM_PORTS];
	if (it->has_ports && it->ports.lo == it->ports.hi)
		sheet_number(s, it->ports.lo);
	else
		sheet_text(s, str_of(item_ports_text(it, text)));
}

static void put_line(struct sheet *s, uint32_t line)
{
	if (line)
		sheet_number(s, line);
	else
		s->column++;
}

static const struct sheet_column flow_columns[N_PLAN_COLUMNS] = {
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

static const struct sheet_column reason_columns[] = {
	{ "flow", 20 },      { "from", 18 },    { "to", 18 },        { "protocol", 10 }, { "ports", 13 },
	{ "from role", 26 }, { "to role", 26 }, { "why", 70 },       { "document", 28 }, { "section", 50 },
	{ "line", 8 },       { "erratum", 10 }, { "uncertain", 40 }, { "owner", 20 },    { "until", 12 },
};

static void put_reason(struct writer *w, const struct flow *f, const struct str *cells, const struct reason *r)
{
	struct sheet *s = &w->reasons;
	const struct need *n = r->need;

	sheet_text(s, cells[COLUMN_ID]);
	sheet_text(s, cells[COLUMN_FROM]);
	sheet_text(s, cells[COLUMN_TO]);
	sheet_text(s, cells[COLUMN_PROTOCOL]);
	put_ports(s, f->item);
	sheet_text(s, n ? role_text(w->catalogue, r->from_role) : NO_STR);
	sheet_text(s, n ? role_text(w->catalogue, r->to_role) : NO_STR);
	sheet_text(s, reason_why(r));
	sheet_text(s, n ? n->document->id : STR("by hand"));
	sheet_text(s, n ? n->section : STR("allow"));
	put_line(s, n ? n->line : r->hand->at.line);
	sheet_text(s, n && n->erratum ? str_of(erratum_names[n->erratum]) : NO_STR);
	sheet_text(s, n ? n->uncertain : NO_STR);
	sheet_text(s, n ? NO_STR : r->hand->owner.s);
	sheet_text(s, n ? NO_STR : r->hand->until.s);
	sheet_end_row(s);
}

static void put_flow(void *ctx, const struct flow *f, const struct str *cells)
{
	struct writer *w = ctx;
	struct sheet *s = &w->flows;
	w->book.arena = arena_new();
	for (size_t i = 0; i < N_PLAN_COLUMNS; i++) {
		if (i == COLUMN_PORTS)
			put_ports(s, f->item);
		else
			sheet_text(s, cells[i]);
	}
	sheet_end_row(s);
	for (size_t i = 0; i < f->item->n_reasons; i++)
		put_reason(w, f, cells, &f->item->reasons[i]);
	arena_free(w->book.arena);
}

static const struct sheet_column advice_columns[] = {
	{ "level", 10 }, { "host", 18 },  { "what", 80 },     { "remedy", 70 },  { "file", 30 },
	{ "line", 8 },   { "column", 8 }, { "document", 28 }, { "section", 50 }, { "check", 30 },
};

static void put_finding(struct writer *w, const struct finding *f)
{
	struct sheet *s = &w->advice;
	w->book.arena = arena_new();
	sheet_text(s, str_of(level_names[f->check->level]));
	sheet_text(s, f->host);
	sheet_text(s, str_of(f->text));
	sheet_text(s, str_of(f->way_out));
	sheet_text(s, f->at.source ? str_of(f->at.source->name) : NO_STR);
	put_line(s, f->at.line);
	put_line(s, f->at.column);
	struct cited c = cited_by(f);
	sheet_text(s, c.document);
	sheet_text(s, c.section);
	sheet_text(s, str_of(f->check->id));
	sheet_end_row(s);
	arena_free(w->book.arena);
}

static const struct sheet_column document_columns[] = {
	{ "id", 30 }, { "title", 70 }, { "date", 12 }, { "source", 80 }
};

static void put_documents(struct writer *w, const struct estate *e)
{
	struct sheet *s = &w->documents;
	w->book.arena = arena_new();
	for (size_t i = 0; i < w->catalogue->n_documents; i++) {
		const struct document *d = &w->catalogue->documents[i];
		if (!e->documents[i])
			continue;
		sheet_text(s, d->id);
		sheet_text(s, d->title);
		sheet_text(s, d->date);
		sheet_text(s, d->source);
		sheet_end_row(s);
	}
	arena_free(w->book.arena);
}

static void count_reasons(void *ctx, const struct flow *f)
{
	*(size_t *)ctx += f->item->n_reasons;
}

static lxw_error write_book(struct writer *w, const struct plan_report *r, const char *path)
{
	struct sheet *const sheets[] = { &w->flows, &w->reasons, &w->advice, &w->documents };
	if (!workbook_begin(&w->book, path, "Flows"))
		return LXW_ERROR_CREATING_XLSX_FILE;
	lxw_error cells = write_request_sheets(&w->book, r);
	w->flows = sheet_begin(&w->book, SHEET_LISTS, "Flows", flow_columns, ARRAY_LEN(flow_columns));
	w->reasons = sheet_begin(&w->book, SHEET_LISTS, "Reasons", reason_columns, ARRAY_LEN(reason_columns));
	w->advice = sheet_begin(&w->book, SHEET_LISTS, "Advice", advice_columns, ARRAY_LEN(advice_columns));
	w->documents = sheet_begin(&w->book, SHEET_LISTS, "Documents", document_columns, ARRAY_LEN(document_columns));
	plan_table(r, put_flow, w);
	for (size_t i = 0; i < r->advice.n; i++)
		put_finding(w, &r->advice.v[i]);
	put_documents(w, plan_estate(r->plan));
	for (size_t i = 0; i < ARRAY_LEN(sheets); i++) {
		sheet_end(sheets[i]);
		cells = cells ? cells : sheets[i]->error;
	}
	lxw_error closing = workbook_end(&w->book);
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
	if (r->n_requests > MOST_REQUEST_SHEETS)
		return diag_error(d, NOWHERE, "a workbook has at most %d firewalls, and there are %zu; use --at",
				  MOST_REQUEST_SHEETS, r->n_requests);
	const char *path = file_temporary(a, d);
	if (!path)
		return false;
	if (!xlsx_open(&w.book.library, d))
		return false;
	lxw_error e = write_book(&w, r, path);
	bool ok = !e || diag_machine(d, EIO, "cannot make the workbook: %s", w.book.library.lxw_strerror(e));
	xlsx_close(&w.book.library);
	return ok && file_copy(o, path, d);
}

const struct plan_format plan_format_xlsx = {
	.name = "xlsx",
	.title = "XLSX, a workbook",
	.binary = true,
	.asks = true,
	.write = write_xlsx,
};
