/* SPDX-License-Identifier: Apache-2.0 */
#include "report/check/format.h"
#include "report/columns.h"

static void put_some(struct out *o, const struct check_report *r, const char *label, struct str text)
{
	if (!text.n)
		return;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	put_wrapped(o, str_printf(a, "%s%.*s", label, STR_ARG(text)), 6, r->width);
}

static void put_finding(struct out *o, const struct check_report *r, const struct check_finding *f)
{
	static const enum style styles[N_LEVELS] = {
		[LEVEL_NOTE] = STYLE_CYAN,
		[LEVEL_WARNING] = STYLE_YELLOW,
		[LEVEL_ERROR] = STYLE_RED,
	};
	out_text(o, "    ");
	if (f->line)
		out_printf(o, "%.*s:%u: ", STR_ARG(f->file), f->line);
	put_styled(o, r->colour, styles[f->level], str_of(level_names[f->level]));
	out_printf(o, ": %.*s: %.*s%s%.*s\n", STR_ARG(f->kind), STR_ARG(f->title), f->title.n ? ": " : "",
		   STR_ARG(f->text));
	put_some(o, r, "packet: ", f->witness);
	put_some(o, r, "decided by: ", f->rule);
	put_some(o, r, "needed: ", f->needed);
	put_some(o, r, "document: ", f->document);
	put_some(o, r, "fix: ", f->mend);
	put_some(o, r, "id: ", f->id);
	if (f->overdue)
		out_printf(o, "      was accepted until %.*s by %.*s, which is over\n", STR_ARG(f->accepted->until),
			   STR_ARG(f->accepted->owner));
}

/* A line, and below it what a reader said and what was found and is accepted by nobody. */
static void put_part(struct out *o, const struct check_report *r, const struct check_part *p)
{
	static const enum style styles[] = { STYLE_GREEN, STYLE_RED, STYLE_YELLOW, STYLE_RED };
	unsigned status = check_part_status(p);
	out_text(o, p->kind == PART_ESTATE ? "" : "  ");
	put_styled(o, r->colour, styles[MIN(status, 3u)], str_of(check_word(p)));
	out_printf(o, "  %.*s", STR_ARG(p->kind == PART_ESTATE ? p->estate : p->name));
	if (p->kind == PART_ESTATE && p->name.n)
		out_printf(o, " (%.*s)", STR_ARG(p->name));
	if (p->file.n)
		out_printf(o, ", %.*s", STR_ARG(p->file));
	if (p->dialect.n)
		out_printf(o, " (%.*s)", STR_ARG(p->dialect));
	out_printf(o, "%s%.*s\n", p->summary.n ? ": " : "", STR_ARG(p->summary));
	struct str rest = p->messages, line;
	while (str_cut(&rest, '\n', &line))
		out_printf(o, line.n ? "    %.*s\n" : "%.*s\n", STR_ARG(line));
	for (size_t i = 0; i < p->n; i++)
		if (!p->v[i].accepted || p->v[i].overdue)
			put_finding(o, r, &p->v[i]);
}

static void put_accepted(struct out *o, const struct check_report *r)
{
	bool any = false;
	for (size_t i = 0; i < r->n; i++)
		for (size_t j = 0; j < r->v[i].n; j++) {
			const struct check_finding *f = &r->v[i].v[j];
			if (!f->accepted || f->overdue)
				continue;
			if (!any)
				out_text(o, "\naccepted:\n");
			any = true;
			out_printf(o, "  %.*s: %.*s: %.*s\n", STR_ARG(f->id), STR_ARG(f->title), STR_ARG(f->text));
			out_printf(o, "      until %.*s, %.*s: %.*s\n", STR_ARG(f->accepted->until),
				   STR_ARG(f->accepted->owner), STR_ARG(f->accepted->why));
		}
}

static void write_text(struct out *o, const struct check_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	for (size_t i = 0; i < r->n; i++)
		put_part(o, r, &r->v[i]);
	put_accepted(o, r);
	out_printf(o, "\n%.*s\n", STR_ARG(check_sum(a, r)));
}

const struct check_format check_format_text = { .name = "text", .write = write_text };
