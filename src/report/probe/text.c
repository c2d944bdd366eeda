/* SPDX-License-Identifier: Apache-2.0 */
/* The results as text: a heading for each machine, a line for each probe and one for what was found. */
#include "report/probe/lines.h"

static const enum style styles[N_STATES] = {
	[STATE_SERVING] = STYLE_GREEN, [STATE_OPEN] = STYLE_CYAN,    [STATE_WRONG] = STYLE_RED,
	[STATE_CLOSED] = STYLE_RED,    [STATE_FILTERED] = STYLE_RED, [STATE_UNKNOWN] = STYLE_YELLOW,
};

static void put_causes(struct out *o, struct arena *a, const struct probe_report *r, size_t i)
{
	for (size_t c = 0; r->causes && c < r->causes[i].n; c++) {
		const struct probe_cause *cause = &r->causes[i].v[c];
		put_wrapped(o, str_printf(a, "cause: %.*s", STR_ARG(cause_text(a, cause))), TEXT_INDENT, r->width);
		if (cause->rule.n && !r->redact)
			put_wrapped(o, str_shown(a, cause->rule), TEXT_INDENT + 2, r->width);
	}
}

static void put_result(struct out *o, struct arena *a, const struct probe_report *r, size_t i, size_t service_width)
{
	enum { STATE_WIDTH = 8 };
	const struct probe_result *found = &r->results[i];
	const struct probe_subject *s = &r->tasks->subjects[i];
	enum state state = reason_state(found->reason);
	bool bad = probe_judge_at(r, i) == PROBE_FAILS;
	out_text(o, "  ");
	put_style(o, r->colour, s->nothing ? (bad ? STYLE_RED : STYLE_GREEN) : styles[state]);
	lines_put_padded(o, str_of(state_name(state)), STATE_WIDTH);
	put_style(o, r->colour, STYLE_PLAIN);
	lines_put_padded(o, probe_port(a, r, i), PROTOCOL_WIDTH);
	if (service_width)
		lines_put_padded(o, lines_service(a, s), service_width);
	out_text(o, reason_name(found->reason));
	if (found->stand_in)
		out_text(o, ", by a stand-in");
	out_char(o, '\n');
	put_wrapped(o, probe_text(a, r, i), TEXT_INDENT, r->width);
	for (const struct advice_found *advice = found->advice; advice; advice = advice->next)
		put_wrapped(o,
			    str_printf(a, "%s: %.*s", advice_names[advice->level],
				       STR_ARG(r->redact ? str_of(advice->id) : str_shown(a, advice->text))),
			    TEXT_INDENT, r->width);
	put_causes(o, a, r, i);
}

static void put_summary(struct out *o, struct arena *a, const struct probe_report *r)
{
	size_t counts[N_STATES] = { 0 }, quiet = 0, failed = 0;
	const char *separator = " ";
	for (size_t i = 0; i < r->tasks->n; i++) {
		if (!r->tasks->subjects[i].nothing)
			counts[reason_state(r->results[i].reason)]++;
		else if (probe_judge_at(r, i) == PROBE_FAILS)
			failed++;
		else
			quiet++;
	}
	put_styled(o, r->colour, STYLE_BOLD, str_shown(a, r->estate.n ? r->estate : STR("probe")));
	if (r->host.n) {
		out_printf(o, ", from %.*s", STR_ARG(r->host));
		if (r->address.n && !r->redact)
			out_printf(o, " (%.*s)", STR_ARG(r->address));
		if (r->assumed)
			out_text(o, ", as assumed");
	}
	out_printf(o, ": %s;", probe_verdicts[probe_report_verdict(r)]);
	for (enum state state = 0; state < N_STATES; state++)
		if (counts[state]) {
			out_printf(o, "%s%zu %s", separator, counts[state], state_name(state));
			separator = ", ";
		}
	if (quiet + failed) {
		out_printf(o, "%sof %zu that should not reply %zu %s", separator, quiet + failed, failed,
			   failed == 1 ? "does" : "do");
		separator = ", ";
	}
	if (r->tasks->n == 0)
		out_text(o, " nothing to probe");
	out_char(o, '\n');
}

static void write_text(struct out *o, const struct probe_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(arena_freep) struct arena *line = arena_new();
	size_t *order = lines_sorted(a, r), width = 0;
	for (size_t i = 0; i < r->tasks->n; i++)
		width = MAX(width, str_width(lines_service(a, &r->tasks->subjects[i])));
	if (r->explained)
		explain_write_text(o, a, r);
	if (r->explained && !r->plan)
		return;
	put_summary(o, a, r);
	for (size_t i = 0; i < r->tasks->n; i++) {
		if (i == 0 || !lines_same_machine(r->tasks, order[i - 1], order[i]))
			lines_put_heading(o, line, r, order[i]);
		put_result(o, line, r, order[i], width);
		arena_reset(line);
	}
}

const struct probe_format probe_format_text = {
	.name = "text",
	.title = "plain text",
	.write = write_text,
};
