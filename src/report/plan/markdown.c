/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan for a wiki or a change request: a section for each host that opens
 * conversations, a table of them, then the advice.
 */
#include "report/csv.h"
#include "report/findings.h"
#include "report/plan/format.h"
#include "report/plan/reasons.h"
#include "report/plan/table.h"
#include "report/plan/words.h"

struct writer {
	struct out *out;
	const struct endpoint *from;
	bool declined; /* its heading is written */
};

static void put_heading(struct writer *w, const struct flow *f, const struct str *cells)
{
	static const char *const titles[] = { "To",      "Zone", "Addresses", "Protocol", "Ports",
					      "Service", "By",   "Why",       "Documents" };
	struct str row[ARRAY_LEN(titles)];
	struct out *o = w->out;

	out_text(o, "\n## ");
	markdown_text(o, f->from->name);
	out_text(o, "\n\nZone ");
	markdown_text(o, f->from->zone_name);
	out_text(o, ", ");
	markdown_text(o, cells[COLUMN_FROM_ADDRESSES]);
	out_text(o, "\n\n");
	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		row[i] = str_of(titles[i]);
	markdown_row(o, row, ARRAY_LEN(titles));
	markdown_rule(o, ARRAY_LEN(titles));
	w->from = f->from;
}

static void put_row(void *ctx, const struct flow *f, const struct str *cells)
{
	struct writer *w = ctx;
	if (f->from != w->from)
		put_heading(w, f, cells);
	const struct str row[] = {
		cells[COLUMN_TO],       cells[COLUMN_TO_ZONE], cells[COLUMN_TO_ADDRESSES],
		cells[COLUMN_PROTOCOL], cells[COLUMN_PORTS],   cells[COLUMN_SERVICE],
		cells[COLUMN_CROSSES],  cells[COLUMN_WHY],     cells[COLUMN_DOCUMENTS],
	};
	markdown_row(w->out, row, ARRAY_LEN(row));
}

static void put_declined(void *ctx, struct str line)
{
	struct writer *w = ctx;
	if (!w->declined)
		out_text(w->out, "\n## Declined\n\n");
	w->declined = true;
	out_text(w->out, "- ");
	markdown_text(w->out, line);
	out_char(w->out, '\n');
}

static bool write_markdown(struct out *o, const struct plan_report *r, struct diag *d)
{
	struct writer w = { .out = o };
	CLEANUP(arena_freep) struct arena *a = arena_new();
	out_text(o, "# Flows of ");
	markdown_text(o, plan_estate(r->plan)->name.s);
	out_printf(o, "\n\n%.*s.\n", STR_ARG(plan_summary(a, r->plan)));
	plan_table(r, put_row, &w);
	if (r->choice)
		return true;
	const struct estate *e = plan_estate(r->plan);
	declined_texts(r->plan, put_declined, &w);
	if (e->n_tolerate)
		out_text(o, "\n## Tolerated\n\n");
	for (size_t i = 0; i < e->n_tolerate; i++) {
		out_text(o, "- ");
		markdown_text(o, hand_text(a, &e->tolerate[i]));
		out_char(o, '\n');
	}
	if (r->advice.n)
		out_text(o, "\n## Advice\n\n");
	findings_markdown(o, &r->advice);
	return true;
}

const struct plan_format plan_format_markdown = {
	.name = "markdown",
	.title = "Markdown, a table a host",
	.write = write_markdown,
};
