/* SPDX-License-Identifier: Apache-2.0 */
/* A difference for a wiki or a merge request: an item for each change. */
#include "report/csv.h"
#include "report/diff/words.h"
#include "report/packets.h"

static void put_item(struct out *o, const char *label, struct str text)
{
	if (!text.n)
		return;
	out_text(o, label);
	markdown_text(o, text);
	out_char(o, '\n');
}

static void put_change(struct out *o, struct arena *a, const struct change *c, const char *title)
{
	for (size_t i = 0; i < c->n_regions; i++) {
		out_printf(o, "- **%s**: ", title);
		markdown_text(o, region_text(a, &c->regions[i]));
		out_char(o, '\n');
	}
	if (c->more_regions)
		out_text(o, "  - and more of it\n");
	put_item(o, "  - for example: ", change_example(a, c));
	put_item(o, "  - ", change_ways(a, c));
	put_item(o, "  - before: ", side_decides(a, &c->before));
	put_item(o, "  - after: ", side_decides(a, &c->after));
}

static void put_comparison(struct out *o, struct arena *a, const struct comparison *c)
{
	for (size_t i = 0; i < c->n_removed; i++)
		put_change(o, a, &c->removed[i], "no longer permitted");
	if (c->more_removed)
		out_text(o, "- and more that is no longer permitted\n");
	for (size_t i = 0; i < c->n_added; i++)
		put_change(o, a, &c->added[i], "permitted now");
	if (c->more_added)
		out_text(o, "- and more that is permitted now\n");
}

static void put_flow_line(void *ctx, enum flow_line kind, struct str line, struct str parts, const struct endpoint *at)
{
	static const char *const labels[N_FLOW_LINES] = {
		[FLOW_MOVED] = "- **moved**: ",
		[FLOW_PORTS] = "- **moved to other ports**: ",
		[FLOW_REMOVED] = "- **no longer needed**: ",
		[FLOW_ADDED] = "- **needed now**: ",
		[FLOW_REROUTED] = "- **moved to another path**: ",
	};
	(void)at;
	put_item(ctx, labels[kind], line);
	while (str_cut(&parts, '\n', &line))
		put_item(ctx, "  - ", line);
}

static void put_uncertain(void *ctx, struct loc at, struct str line)
{
	(void)at;
	put_item(ctx, "- ", line);
}

static void put_remark(void *ctx, struct str line)
{
	put_item(ctx, "\n", line);
}

void diff_markdown(struct out *o, const struct diff_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	put_item(o, "# Difference: ", str_printf(a, "%s to %s", r->old_name, r->new_name));
	out_char(o, '\n');
	for (size_t i = 0; i < r->n_effects; i++)
		put_item(o, "- ",
			 str_printf(a, "%.*s%.*s", STR_ARG(r->effects[i].function),
				    STR_ARG(effect_says(a, r, &r->effects[i]))));
	out_text(o, r->n_effects ? "\n" : "");
	if (r->comparison)
		put_comparison(o, a, r->comparison);
	else
		diff_flow_lines(a, r, put_flow_line, o);
	if (r->same)
		out_printf(o, "%s\n", diff_same(r));
	diff_remarks(r, put_remark, o);
	out_text(o, r->comparison && !r->certain ? "\n" : "");
	diff_uncertain_lines(a, r, put_uncertain, o);
}
