/* SPDX-License-Identifier: Apache-2.0 */
/* portolan.probe/1, as one object and as a line for each result. */
#include "doc/json.h"
#include "report/probe/explain.h"

static void put_place(struct json *j, struct arena *a, const struct probe_report *r, size_t i)
{
	const struct probe_place *where = &r->results[i].where;
	struct str who = probe_where(a, r, i), icmp = icmp_text(a, &r->results[i]);
	if (!where->hop && !who.n && !icmp.n)
		return;
	json_key(j, "where");
	json_object(j);
	if (where->hop)
		json_put_u64(j, "hop", where->hop);
	if (who.n)
		json_put_str(j, r->redact ? "host" : "address", who);
	json_put_some(j, "icmp", icmp);
	json_end(j);
}

/* A key once: the first value counts. */
static void put_evidence(struct json *j, struct arena *a, const struct probe_result *r)
{
	json_key(j, "evidence");
	json_object(j);
	for (size_t i = 0; i < r->n_evidence; i++) {
		bool again = false;
		for (size_t before = 0; before < i; before++)
			again |= strcmp(r->evidence[before].key, r->evidence[i].key) == 0;
		if (!again)
			json_put_str(j, r->evidence[i].key, str_shown(a, r->evidence[i].value));
	}
	json_end(j);
}

static void put_advice(struct json *j, struct arena *a, const struct probe_report *r, size_t i)
{
	json_key(j, "advice");
	json_list(j);
	for (const struct advice_found *advice = r->results[i].advice; advice; advice = advice->next) {
		json_object(j);
		json_put_text(j, "id", advice->id);
		json_put_text(j, "level", advice_names[advice->level]);
		if (!r->redact)
			json_put_str(j, "text", str_shown(a, advice->text));
		json_end(j);
	}
	json_end(j);
}

static void put_causes(struct json *j, struct arena *a, const struct probe_report *r, size_t i)
{
	json_key(j, "causes");
	json_list(j);
	for (size_t c = 0; r->causes && c < r->causes[i].n; c++) {
		const struct probe_cause *cause = &r->causes[i].v[c];
		json_object(j);
		json_put_str(j, "text", cause_text(a, cause));
		json_put_str(j, "flow", r->tasks->subjects[i].flow);
		json_put_str(j, "place", cause->place);
		json_put_text(j, "file", cause->file);
		if (cause->line)
			json_put_u64(j, "line", cause->line);
		/* a rule names addresses */
		if (cause->rule.n && !r->redact)
			json_put_str(j, "rule", str_shown(a, cause->rule));
		json_end(j);
	}
	json_end(j);
}

static void put_subject(struct json *j, struct arena *a, const struct probe_report *r, size_t i)
{
	const struct probe_subject *s = &r->tasks->subjects[i];
	const struct probe_task *task = &r->tasks->tasks[i];
	char proto[PROTOCOL_TEXT];
	json_put_some(j, "flow", s->flow);
	if (r->several)
		json_put_str(j, "from", s->from);
	json_key(j, "to");
	json_object(j);
	json_put_str(j, "host", s->host);
	struct str address = probe_address(a, r, i);
	json_put_some(j, "address", address);
	json_end(j);
	json_put_text(j, "protocol", probe_protocol(task, proto));
	if (protocol_has_ports(task->target.protocol))
		json_put_u64(j, "port", r->results[i].port);
	json_put_some(j, "service", s->service);
	json_put_some(j, "interface", s->interface);
	json_put_text(j, "expected", s->nothing ? "nothing" : "serve");
}

static void put_result(struct json *j, struct arena *a, const struct probe_report *r, size_t i)
{
	const struct probe_result *found = &r->results[i];
	json_object(j);
	put_subject(j, a, r, i);
	json_put_text(j, "state", state_name(reason_state(found->reason)));
	json_put_text(j, "reason", reason_name(found->reason));
	json_put_str(j, "text", probe_text(a, r, i));
	json_put_bool(j, "stand-in", found->stand_in);
	put_place(j, a, r, i);
	if (!r->no_times) {
		json_put_u64(j, "milliseconds", found->milliseconds);
		json_put_u64(j, "packets", found->packets);
		if (found->has_clock)
			json_put_i64(j, "clock-offset-milliseconds", found->clock_offset);
	}
	if (!r->redact)
		put_evidence(j, a, found);
	put_advice(j, a, r, i);
	put_causes(j, a, r, i);
	json_end(j);
}

static void write_json(struct out *o, const struct probe_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct json j = json_to(o);
	json_object_lines(&j);
	json_put_text(&j, "format", "portolan.probe/1");
	json_put_some(&j, "estate", r->estate);
	json_key(&j, "from");
	json_object(&j);
	json_put_some(&j, "host", r->host);
	if (r->address.n && !r->redact)
		json_put_str(&j, "address", r->address);
	json_put_bool(&j, "assumed", r->assumed);
	json_end(&j);
	/* a code without an estate is explained, and nothing is judged */
	if (r->plan || !r->explained)
		json_put_text(&j, "verdict", probe_verdicts[probe_report_verdict(r)]);
	explain_write_json(&j, a, r);
	json_key(&j, "results");
	json_list_lines(&j);
	for (size_t i = 0; i < r->tasks->n; i++) {
		put_result(&j, a, r, i);
		arena_reset(a);
	}
	json_end(&j);
	json_end(&j);
	out_char(o, '\n');
}

static void write_lines(struct out *o, const struct probe_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	for (size_t i = 0; i < r->tasks->n; i++) {
		struct json j = json_to(o);
		put_result(&j, a, r, i);
		out_char(o, '\n');
		arena_reset(a);
	}
}

const struct probe_format probe_format_json = {
	.name = "json",
	.title = "JSON, portolan.probe/1",
	.write = write_json,
};

const struct probe_format probe_format_jsonl = {
	.name = "jsonl",
	.title = "the results of portolan.probe/1, one a line",
	.write = write_lines,
};
