/* SPDX-License-Identifier: Apache-2.0 */
/* JUnit XML: a suite of all probes; a failure is what fails, an error what is not proved. */
#include "report/markup.h"
#include "report/probe/words.h"

static void put_case(struct out *o, struct arena *a, const struct probe_report *r, size_t i)
{
	const struct probe_subject *s = &r->tasks->subjects[i];
	const struct probe_result *found = &r->results[i];
	enum probe_judgement judged = probe_judge_at(r, i);
	struct str port = probe_port(a, r, i), address = probe_address(a, r, i);
	out_text(o, "    <testcase");
	put_attribute(o, "classname", s->host);
	put_attribute(o, "name",
		      str_printf(a, "%.*s%s%.*s%s%.*s%s%.*s%s", STR_ARG(port), s->service.n ? " " : "",
				 STR_ARG(s->service), s->interface.n ? " " : "", STR_ARG(s->interface),
				 address.n ? " at " : "", STR_ARG(address), s->nothing ? " does not reply" : ""));
	if (!r->no_times)
		out_printf(o, " time=\"%u.%03u\"", found->milliseconds / 1000, found->milliseconds % 1000);
	if (judged == PROBE_WELL) {
		out_text(o, "/>\n");
		return;
	}
	const char *element = judged == PROBE_FAILS ? "failure" : "error";
	out_printf(o, ">\n      <%s", element);
	put_attribute(o, "type", str_of(reason_name(found->reason)));
	put_attribute(o, "message", probe_text(a, r, i));
	out_text(o, "/>\n    </testcase>\n");
}

static void write_junit(struct out *o, const struct probe_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	size_t failures = 0, errors = 0;
	for (size_t i = 0; i < r->tasks->n; i++) {
		failures += probe_judge_at(r, i) == PROBE_FAILS;
		errors += probe_judge_at(r, i) == PROBE_UNPROVED;
	}
	out_printf(o,
		   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"portolan probe\" tests=\"%zu\" "
		   "failures=\"%zu\" errors=\"%zu\">\n  <testsuite",
		   r->tasks->n, failures, errors);
	put_attribute(o, "name", r->estate.n ? r->estate : STR("portolan probe"));
	out_printf(o, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\">\n", r->tasks->n, failures, errors);
	for (size_t i = 0; i < r->tasks->n; i++) {
		put_case(o, a, r, i);
		arena_reset(a);
	}
	out_text(o, "  </testsuite>\n</testsuites>\n");
}

const struct probe_format probe_format_junit = {
	.name = "junit",
	.title = "JUnit XML",
	.write = write_junit,
};
