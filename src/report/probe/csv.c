/* SPDX-License-Identifier: Apache-2.0 */
/* A row for each result. */
#include "report/csv.h"
#include "report/probe/words.h"

static const struct str titles[] = {
	STR_INIT("flow"),   STR_INIT("from"),      STR_INIT("host"),      STR_INIT("address"),  STR_INIT("protocol"),
	STR_INIT("port"),   STR_INIT("service"),   STR_INIT("interface"), STR_INIT("expected"), STR_INIT("state"),
	STR_INIT("reason"), STR_INIT("judgement"), STR_INIT("where"),     STR_INIT("icmp"),     STR_INIT("text"),
};

static void write_csv(struct out *o, const struct probe_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	char proto[PROTOCOL_TEXT];
	csv_row(o, titles, ARRAY_LEN(titles));
	for (size_t i = 0; i < r->tasks->n; i++) {
		const struct probe_subject *s = &r->tasks->subjects[i];
		const struct probe_task *task = &r->tasks->tasks[i];
		bool ports = protocol_has_ports(task->target.protocol);
		struct str cells[] = {
			s->flow,
			s->from,
			s->host,
			probe_address(a, r, i),
			str_of(probe_protocol(task, proto)),
			ports ? str_printf(a, "%u", r->results[i].port) : NO_STR,
			s->service,
			s->interface,
			s->nothing ? STR("nothing") : STR("serve"),
			str_of(state_name(reason_state(r->results[i].reason))),
			str_of(reason_name(r->results[i].reason)),
			str_of(probe_verdicts[probe_judge_at(r, i)]),
			probe_where(a, r, i),
			icmp_text(a, &r->results[i]),
			probe_text(a, r, i),
		};
		csv_row(o, cells, ARRAY_LEN(cells));
		arena_reset(a);
	}
}

const struct probe_format probe_format_csv = {
	.name = "csv",
	.title = "CSV, a row for each result",
	.write = write_csv,
};
