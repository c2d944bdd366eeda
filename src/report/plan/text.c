/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as text: a heading for each pair of hosts, a line for each flow,
 * the advice and a summary at the end.
 */
#include "report/columns.h"
#include "report/findings.h"
#include "report/plan/format.h"
#include "report/plan/reasons.h"
#include "report/plan/words.h"

struct writer {
	struct out *out;
	const struct plan_report *report;
	const struct endpoint *from, *to; /* of the heading */
	struct arena *arena;              /* for one pair at a time */
	struct columns *rows;
	bool declined; /* its heading is written */
};

static const char *const titles[] = { "", "", "", "" };

static void put_rows(struct writer *w)
{
	if (!w->rows)
		return;
	CLEANUP(out_free) struct out o = out_memory(64 << 20);
	columns_print(w->rows, &o, w->report->width, w->report->colour);
	/* without the line of empty titles */
	struct str text = out_view(&o);
	out_str(w->out, str_skip(text, str_find(text, '\n') + 1));
	arena_free(w->arena);
	w->arena = NULL;
	w->rows = NULL;
}

static void put_heading(struct writer *w, const struct flow *f)
{
	const struct estate *e = plan_estate(w->report->plan);
	struct out *o = w->out;
	bool colour = w->report->colour;

	put_rows(w);
	out_char(o, '\n');
	flow_pair_text(o, colour, e, f);
	w->from = f->from;
	w->to = f->to;
	w->arena = arena_new();
	w->rows = columns_new(w->arena, titles, ARRAY_LEN(titles), 3);
}

static struct str reason_text(struct arena *a, const struct reason *r)
{
	if (!r->need)
		return str_printf(a, "by hand: %.*s (%.*s)", STR_ARG(r->hand->why.s), STR_ARG(r->hand->owner.s));
	if (r->need->line)
		return str_printf(a, "%.*s%s \"%.*s\" line %u", STR_ARG(r->need->document->id),
				  r->need->erratum ? " (erratum)" : "", STR_ARG(r->need->section), r->need->line);
	return str_printf(a, "%.*s%s \"%.*s\"", STR_ARG(r->need->document->id), r->need->erratum ? " (erratum)" : "",
			  STR_ARG(r->need->section));
}

static void put_flow(void *ctx, const struct flow *f)
{
	struct writer *w = ctx;
	const struct catalogue *c = plan_estate(w->report->plan)->catalogue;
	const struct bundle_item *it = f->item;
	char text[ITEM_PORTS], proto[PROTOCOL_TEXT];

	if (f->from != w->from || f->to != w->to)
		put_heading(w, f);
	struct arena *a = w->arena;
	struct str why = reason_text(a, &it->reasons[0]);
	if (it->n_reasons > 1)
		why = str_printf(a, "%.*s, and %zu more", STR_ARG(why), it->n_reasons - 1);
	struct str cells[] = {
		str_printf(a, "  %s", protocol_text(it->protocol, proto)),
		str_dup(a, str_of(item_ports_text(it, text))),
		it->service == NO_SERVICE ? STR("by hand") : c->services[it->service].id,
		why,
	};
	columns_row(w->rows, cells);
}

static void put_declined(void *ctx, struct str line)
{
	struct writer *w = ctx;
	if (!w->declined) {
		out_char(w->out, '\n');
		put_styled(w->out, w->report->colour, STYLE_BOLD, STR("Declined\n"));
	}
	w->declined = true;
	put_wrapped(w->out, line, 2, w->report->width);
}

static bool write_text(struct out *o, const struct plan_report *r, struct diag *d)
{
	struct writer w = { .out = o, .report = r };
	CLEANUP(arena_freep) struct arena *a = arena_new();

	put_styled(o, r->colour, STYLE_BOLD, plan_estate(r->plan)->name.s);
	out_text(o, ": ");
	out_str(o, plan_summary(a, r->plan));
	out_char(o, '\n');
	plan_each(r->plan, put_flow, &w);
	put_rows(&w);
	const struct estate *e = plan_estate(r->plan);
	declined_texts(r->plan, put_declined, &w);
	if (e->n_tolerate) {
		out_char(o, '\n');
		put_styled(o, r->colour, STYLE_BOLD, STR("Tolerated\n"));
	}
	for (size_t i = 0; i < e->n_tolerate; i++)
		put_wrapped(o, hand_text(a, &e->tolerate[i]), 2, r->width);
	if (r->advice.n) {
		out_char(o, '\n');
		put_styled(o, r->colour, STYLE_BOLD, STR("Advice\n"));
		findings_text(o, &r->advice, r->width, r->colour);
	}
	return true;
}

const struct plan_format plan_format_text = {
	.name = "text",
	.title = "plain text",
	.write = write_text,
};
