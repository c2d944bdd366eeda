/* SPDX-License-Identifier: Apache-2.0 */
#include "report/columns.h"
#include "report/diff/diff.h"
#include "report/diff/words.h"
#include "report/packets.h"

static void put_sign(struct out *o, const struct diff_report *r, bool added)
{
	put_styled(o, r->colour, added ? STYLE_GREEN : STYLE_RED, added ? STR("+ ") : STR("- "));
}

static void put_decision(struct out *o, struct arena *a, const struct diff_report *r, const char *side,
			 const struct shown *s)
{
	struct str decides = side_decides(a, s);
	if (decides.n)
		put_wrapped(o, str_printf(a, "%s: %.*s", side, STR_ARG(decides)), 6, r->width);
}

static void put_change(struct out *o, struct arena *a, const struct diff_report *r, const struct change *c, bool added)
{
	for (size_t i = 0; i < c->n_regions; i++) {
		put_sign(o, r, added);
		out_printf(o, "%.*s\n", STR_ARG(region_text(a, &c->regions[i])));
	}
	if (c->more_regions)
		out_text(o, "  and more of it\n");
	put_wrapped(o, str_printf(a, "for example %.*s", STR_ARG(change_example(a, c))), 6, r->width);
	if (c->ways.n)
		put_wrapped(o, change_ways(a, c), 6, r->width);
	put_decision(o, a, r, "before", &c->before);
	put_decision(o, a, r, "after", &c->after);
}

static void put_comparison(struct out *o, struct arena *a, const struct diff_report *r)
{
	const struct comparison *c = r->comparison;
	for (size_t i = 0; i < c->n_removed; i++)
		put_change(o, a, r, &c->removed[i], false);
	if (c->more_removed)
		out_text(o, "and more that is no longer permitted\n");
	for (size_t i = 0; i < c->n_added; i++)
		put_change(o, a, r, &c->added[i], true);
	if (c->more_added)
		out_text(o, "and more that is permitted now\n");
}

struct text_writer {
	struct out *out;
	const struct diff_report *report;
};

static void put_flow_line(void *ctx, enum flow_line kind, struct str line, struct str parts, const struct endpoint *at)
{
	static const char *const signs[N_FLOW_LINES] = { "~ ", "~ ", "- ", "+ ", "moved to another path: " };
	static const enum style styles[N_FLOW_LINES] = { STYLE_YELLOW, STYLE_YELLOW, STYLE_RED, STYLE_GREEN,
							 STYLE_DIM };
	const struct text_writer *w = ctx;
	(void)at;
	put_styled(w->out, w->report->colour, styles[kind], str_of(signs[kind]));
	out_printf(w->out, "%.*s\n", STR_ARG(line));
	while (str_cut(&parts, '\n', &line))
		out_printf(w->out, "      %.*s\n", STR_ARG(line));
}

static void put_uncertain(void *ctx, struct loc at, struct str line)
{
	const struct text_writer *w = ctx;
	(void)at;
	put_wrapped(w->out, line, 2, w->report->width);
}

static void put_remark(void *ctx, struct str line)
{
	const struct text_writer *w = ctx;
	put_wrapped(w->out, line, 0, w->report->width);
}

void diff_text(struct out *o, const struct diff_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct text_writer w = { o, r };
	for (size_t i = 0; i < r->n_effects; i++) {
		put_styled(o, r->colour, STYLE_BOLD, r->effects[i].function);
		out_printf(o, "%.*s\n", STR_ARG(effect_says(a, r, &r->effects[i])));
	}
	if (r->n_effects)
		out_char(o, '\n');
	if (r->comparison)
		put_comparison(o, a, r);
	else
		diff_flow_lines(a, r, put_flow_line, &w);
	diff_remarks(r, put_remark, &w);
	diff_uncertain_lines(a, r, put_uncertain, &w);
	if (r->same)
		out_printf(o, "%s\n", diff_same(r));
}
