/* SPDX-License-Identifier: Apache-2.0 */
/* What would be sent: a heading for each machine, and the first packet to each port. */
#include "probe/engine.h"
#include "report/probe/lines.h"

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
		lines_put_padded(o, probe_port(a, r, i), PROTOCOL_WIDTH);
	else
		out_str(o, probe_port(a, r, i));
	out_printf(o, "%.*s%s%.*s\n", STR_ARG(lines_service(a, s)), s->flow.n ? "  " : "", STR_ARG(s->flow));
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
	size_t *order = lines_sorted(a, r);
	put_styled(o, r->colour, STYLE_BOLD, str_shown(a, r->estate.n ? r->estate : STR("probe")));
	out_printf(o, ": %zu %s; nothing is sent\n", r->tasks->n, r->tasks->n == 1 ? "probe" : "probes");
	for (size_t i = 0; i < r->tasks->n; i++) {
		if (i == 0 || !lines_same_machine(r->tasks, order[i - 1], order[i]))
			lines_put_heading(o, line, r, order[i]);
		put_dry(o, line, r, order[i]);
		arena_reset(line);
	}
	if (r->tasks->n) {
		out_char(o, '\n');
		put_repetitions(o, r);
	}
}
