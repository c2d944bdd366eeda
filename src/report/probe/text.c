/* SPDX-License-Identifier: Apache-2.0 */
/* The results as text: a heading for each machine, a line for each probe and one for what was found. */
#include "report/columns.h"
#include "report/probe/explain.h"

enum { TEXT_INDENT = 6, PROTOCOL_WIDTH = 11 };

static const enum style styles[N_STATES] = {
	[STATE_SERVING] = STYLE_GREEN, [STATE_OPEN] = STYLE_CYAN,    [STATE_WRONG] = STYLE_RED,
	[STATE_CLOSED] = STYLE_RED,    [STATE_FILTERED] = STYLE_RED, [STATE_UNKNOWN] = STYLE_YELLOW,
};

/* By machine, then by port. */
static int compare(const void *left, const void *right, void *ctx)
{
	const struct probe_tasks *tasks = ctx;
	size_t a = *(const size_t *)left, b = *(const size_t *)right;
	const struct target *at = &tasks->tasks[a].target, *bt = &tasks->tasks[b].target;
	int c = CMP(tasks->subjects[a].nothing, tasks->subjects[b].nothing);
	c = c ? c : str_cmp(tasks->subjects[a].host, tasks->subjects[b].host);
	c = c ? c : CMP(at->address.family, bt->address.family);
	c = c ? c : CMP(at->address.n, bt->address.n);
	c = c ? c : CMP(at->protocol, bt->protocol);
	c = c ? c : CMP(at->port, bt->port);
	return c ? c : CMP(a, b);
}

static size_t *sorted(struct arena *a, const struct probe_report *r)
{
	size_t *order = ARENA_ARRAY(a, size_t, r->tasks->n);
	for (size_t i = 0; i < r->tasks->n; i++)
		order[i] = i;
	if (r->tasks->n > 1)
		qsort_r(order, r->tasks->n, sizeof *order, compare, (void *)(uintptr_t)r->tasks);
	return order;
}

static bool same_machine(const struct probe_tasks *t, size_t a, size_t b)
{
	return str_eq(t->subjects[a].host, t->subjects[b].host) && t->subjects[a].nothing == t->subjects[b].nothing &&
	       t->tasks[a].target.address.family == t->tasks[b].target.address.family &&
	       t->tasks[a].target.address.n == t->tasks[b].target.address.n;
}

static void put_heading(struct out *o, struct arena *a, const struct probe_report *r, size_t i)
{
	const struct probe_subject *s = &r->tasks->subjects[i];
	struct str address = probe_address(a, r, i);
	out_char(o, '\n');
	put_styled(o, r->colour, STYLE_BOLD, str_shown(a, s->host));
	if (address.n && !str_eq(address, s->host))
		out_printf(o, " (%.*s)", STR_ARG(address));
	if (s->nothing)
		out_text(o, ", where nothing should reply");
	out_char(o, '\n');
}

static void put_padded(struct out *o, struct str s, size_t width)
{
	size_t n = str_width(s);
	out_str(o, s);
	out_repeat(o, ' ', n < width ? width - n : 0);
	out_text(o, "  ");
}

static struct str service_text(struct arena *a, const struct probe_subject *s)
{
	if (!s->interface.n)
		return s->service;
	return str_printf(a, "%.*s %.*s", STR_ARG(s->service), STR_ARG(s->interface));
}

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
	put_padded(o, str_of(state_name(state)), STATE_WIDTH);
	put_style(o, r->colour, STYLE_PLAIN);
	put_padded(o, probe_port(a, r, i), PROTOCOL_WIDTH);
	if (service_width)
		put_padded(o, service_text(a, s), service_width);
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
	size_t *order = sorted(a, r), width = 0;
	for (size_t i = 0; i < r->tasks->n; i++)
		width = MAX(width, str_width(service_text(a, &r->tasks->subjects[i])));
	if (r->explained)
		explain_write_text(o, a, r);
	if (r->explained && !r->plan)
		return;
	put_summary(o, a, r);
	for (size_t i = 0; i < r->tasks->n; i++) {
		if (i == 0 || !same_machine(r->tasks, order[i - 1], order[i]))
			put_heading(o, line, r, order[i]);
		put_result(o, line, r, order[i], width);
		arena_reset(line);
	}
}

const struct probe_format probe_format_text = {
	.name = "text",
	.title = "plain text",
	.write = write_text,
};

/* Sixteen bytes a line, as hexadecimal numbers. */
static void put_hex(struct out *o, struct str bytes)
{
	enum { A_LINE = 16 };
	for (size_t i = 0; i < bytes.n; i += A_LINE) {
		out_printf(o, "      %04zx ", i);
		for (size_t j = i; j < MIN(bytes.n, i + A_LINE); j++)
			out_printf(o, " %02x", (uint8_t)bytes.p[j]);
		out_char(o, '\n');
	}
}

static void put_dry(struct out *o, struct arena *a, const struct probe_report *r, size_t i)
{
	const struct probe_task *task = &r->tasks->tasks[i];
	const struct probe_subject *s = &r->tasks->subjects[i];
	bool tcp = task->target.protocol == PROTO_TCP;
	out_text(o, "  ");
	if (s->service.n)
		put_padded(o, probe_port(a, r, i), PROTOCOL_WIDTH);
	else
		out_str(o, probe_port(a, r, i));
	out_printf(o, "%.*s%s%.*s\n", STR_ARG(service_text(a, s)), s->flow.n ? "  " : "", STR_ARG(s->flow));
	if (!task->probe) {
		put_wrapped(o, str_printf(a, "nothing is sent: %.*s", STR_ARG(task->preset_text)), TEXT_INDENT,
			    r->width);
		return;
	}
	struct str first = engine_first_packet(a, task);
	bool tls = task->probe->tls_first || task->target.tls;
	const char *what = tls ? "begins with a TLS handshake" : first.n ? "sends first:" : "sends nothing";
	put_wrapped(o, str_printf(a, "%s%s", tcp ? "connects, and " : "", what), TEXT_INDENT, r->width);
	put_hex(o, first);
	if (task->probe->follows)
		put_wrapped(o, str_printf(a, "may follow: %s", task->probe->follows), TEXT_INDENT, r->width);
}

/* What the engine does by itself. */
static void put_repetitions(struct out *o, const struct probe_report *r)
{
	put_wrapped(o,
		    STR("Without a reply, a datagram is sent again, and a connection that takes data is tried again "
			"with small "
			"segments; one that is reset at the first data is tried without data. Where nothing comes back "
			"at all, "
			"packets with a growing TTL look for the last hop that replies."),
		    0, r->width);
}

void probe_write_dry(struct out *o, const struct probe_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(arena_freep) struct arena *line = arena_new();
	size_t *order = sorted(a, r);
	put_styled(o, r->colour, STYLE_BOLD, str_shown(a, r->estate.n ? r->estate : STR("probe")));
	out_printf(o, ": %zu %s; nothing is sent\n", r->tasks->n, r->tasks->n == 1 ? "probe" : "probes");
	for (size_t i = 0; i < r->tasks->n; i++) {
		if (i == 0 || !same_machine(r->tasks, order[i - 1], order[i]))
			put_heading(o, line, r, order[i]);
		put_dry(o, line, r, order[i]);
		arena_reset(line);
	}
	if (r->tasks->n) {
		out_char(o, '\n');
		put_repetitions(o, r);
	}
}
