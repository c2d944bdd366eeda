/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text format of Prometheus, 0.0.4, for the collector of text files.  The names are those that people know from
 * the blackbox exporter where the meaning is the same.
 */
#include <time.h>

#include "base/system.h"
#include "base/strmap.h"
#include "report/probe/words.h"

struct metrics {
	struct out *out;
	struct arena *arena;
	const struct probe_report *report;
	struct str *labels; /* by task */
};

static struct str escaped(struct arena *a, struct str s)
{
	s = str_shown(a, s);
	char *p = arena_alloc(a, 2 * s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			p[n++] = '\\';
		p[n++] = s.p[i];
	}
	return (struct str){ p, n };
}

static struct str with_label(struct arena *a, struct str labels, const char *name, struct str value)
{
	if (!value.n)
		return labels;
	return str_printf(a, "%.*s%s%s=\"%.*s\"", STR_ARG(labels), labels.n ? "," : "", name,
			  STR_ARG(escaped(a, value)));
}

static struct str labels_of(struct arena *a, const struct probe_report *r, size_t i)
{
	const struct probe_subject *s = &r->tasks->subjects[i];
	const struct probe_task *task = &r->tasks->tasks[i];
	char proto[PROTOCOL_TEXT];
	struct str labels = with_label(a, NO_STR, "flow", s->flow);
	labels = with_label(a, labels, "from", s->from);
	labels = with_label(a, labels, "host", s->host);
	labels = with_label(a, labels, "address", probe_address(a, r, i));
	labels = with_label(a, labels, "protocol", str_of(probe_protocol(task, proto)));
	/* the planned port: it stays the same when the port of the result does not */
	if (protocol_has_ports(task->target.protocol))
		labels = with_label(a, labels, "port", str_printf(a, "%u", task->target.port));
	labels = with_label(a, labels, "service", s->service);
	labels = with_label(a, labels, "interface", s->interface);
	return with_label(a, labels, "expected", s->nothing ? STR("nothing") : STR("serve"));
}

/* Two samples with the same labels make the whole file invalid. */
static void name_all(struct metrics *m)
{
	struct strmap seen = strmap_new(m->arena);
	for (size_t i = 0; i < m->report->tasks->n; i++) {
		struct str base = labels_of(m->arena, m->report, i);
		size_t *count = strmap_get(&seen, base);
		m->labels[i] = base;
		if (!count) {
			count = ARENA_NEW(m->arena, size_t);
			strmap_add(&seen, base, count);
		} else {
			m->labels[i] = with_label(m->arena, base, "again", str_printf(m->arena, "%zu", *count));
		}
		++*count;
	}
}

static void put_head(struct metrics *m, const char *name, const char *help)
{
	out_printf(m->out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void put_success(struct metrics *m)
{
	put_head(m, "probe_success", "Whether the result is what the plan expects.");
	for (size_t i = 0; i < m->report->tasks->n; i++)
		out_printf(m->out, "probe_success{%.*s} %d\n", STR_ARG(m->labels[i]),
			   probe_judge_at(m->report, i) == PROBE_WELL);
}

static void put_state(struct metrics *m)
{
	put_head(m, "portolan_probe_state", "The state and the reason that a probe found, always 1.");
	for (size_t i = 0; i < m->report->tasks->n; i++) {
		const struct probe_result *found = &m->report->results[i];
		out_printf(m->out,
			   "portolan_probe_state{%.*s,state=\"%s\",reason=\"%s\",judgement=\"%s\",stand_in=\"%s\"} 1\n",
			   STR_ARG(m->labels[i]), state_name(reason_state(found->reason)), reason_name(found->reason),
			   probe_verdicts[probe_judge_at(m->report, i)], found->stand_in ? "true" : "false");
	}
}

static void put_durations(struct metrics *m)
{
	put_head(m, "probe_duration_seconds", "How long a probe took.");
	for (size_t i = 0; i < m->report->tasks->n; i++) {
		unsigned milliseconds = m->report->results[i].milliseconds;
		out_printf(m->out, "probe_duration_seconds{%.*s} %u.%03u\n", STR_ARG(m->labels[i]), milliseconds / 1000,
			   milliseconds % 1000);
	}
}

/* "2026-01-31T12:00:00Z" as seconds since 1970. */
static bool read_time(const char *text, int64_t *ret)
{
	struct tm when = { 0 };
	int end = 0;
	int n = sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &when.tm_year, &when.tm_mon, &when.tm_mday, &when.tm_hour,
		       &when.tm_min, &when.tm_sec, &end);
	if (n != 6 || !end || text[end])
		return false;
	when.tm_year -= 1900;
	when.tm_mon--;
	*ret = (int64_t)timegm(&when);
	return true;
}

/* The end of the certificate, as tls_judge() writes it. */
static bool expiry_of(struct arena *a, const struct probe_result *r, int64_t *ret)
{
	for (size_t i = 0; i < r->n_evidence; i++) {
		if (strcmp(r->evidence[i].key, "certificate-not-after") != 0)
			continue;
		return read_time(cstr(a, r->evidence[i].value), ret);
	}
	return false;
}

static void put_expiries(struct metrics *m)
{
	bool any = false;
	for (size_t i = 0; i < m->report->tasks->n; i++) {
		int64_t expiry;
		if (!expiry_of(m->arena, &m->report->results[i], &expiry))
			continue;
		if (!any)
			put_head(m, "probe_ssl_earliest_cert_expiry",
				 "When the certificate of the server ends, in seconds since 1970.");
		any = true;
		out_printf(m->out, "probe_ssl_earliest_cert_expiry{%.*s} %lld\n", STR_ARG(m->labels[i]),
			   (long long)expiry);
	}
}

void probe_write_scrape(struct out *o, const struct probe_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct metrics m = { o, a, r, ARENA_ARRAY(a, struct str, r->tasks->n) };
	unsigned longest = 0;
	int64_t earliest = INT64_MAX, expiry;
	name_all(&m);
	for (size_t i = 0; i < r->tasks->n; i++) {
		longest = MAX(longest, r->results[i].milliseconds);
		if (expiry_of(a, &r->results[i], &expiry))
			earliest = MIN(earliest, expiry);
	}
	put_head(&m, "probe_success", "Whether every result is what the plan expects.");
	out_printf(o, "probe_success %d\n", probe_report_verdict(r) == PROBE_WELL);
	put_head(&m, "probe_duration_seconds", "How long the probe took.");
	out_printf(o, "probe_duration_seconds %u.%03u\n", longest / 1000, longest % 1000);
	if (earliest != INT64_MAX) {
		put_head(&m, "probe_ssl_earliest_cert_expiry",
			 "When the first certificate ends, in seconds since 1970.");
		out_printf(o, "probe_ssl_earliest_cert_expiry %lld\n", (long long)earliest);
	}
	put_state(&m);
}

static void write_prometheus(struct out *o, const struct probe_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct metrics m = { o, a, r, ARENA_ARRAY(a, struct str, r->tasks->n) };
	name_all(&m);
	if (!r->tasks->n)
		return;
	put_success(&m);
	put_state(&m);
	if (!r->no_times)
		put_durations(&m);
	put_expiries(&m);
}

const struct probe_format probe_format_prometheus = {
	.name = "prometheus",
	.title = "the text format of Prometheus",
	.write = write_prometheus,
};
