/* SPDX-License-Identifier: Apache-2.0 */
/* The text format of Prometheus: what a result becomes there. */
#include "probe/plain.h"
#include "report/probe/format.h"
#include "test.h"

static const struct evidence valid[] = { { "tls", STR_INIT("TLSv1.3") },
					 { "certificate-not-after", STR_INIT("2027-01-31T12:00:00Z") } };
static const struct evidence broken[] = { { "certificate-not-after", STR_INIT("unreadable") } };

/* The text of one result. */
static struct str text_of(struct out *o, struct str host, const struct probe_result *result, bool no_times)
{
	struct probe_task task = { .target = { .address = { IPV4, 0x7f000001 }, .protocol = PROTO_TCP, .port = 443 },
				   .probe = &probe_plain_tcp };
	struct probe_subject subject = { .flow = STR("f-1"), .host = host };
	struct probe_tasks tasks = { &task, &subject, 1 };
	struct probe_report r = { .tasks = &tasks, .results = result, .no_times = no_times };
	probe_format_find(STR("prometheus"))->write(o, &r);
	return out_view(o);
}

static void a_certificate_ends_at_a_second(void **state)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	struct probe_result found = { .reason = REASON_PROVEN, .evidence = valid, .n_evidence = ARRAY_LEN(valid) };
	struct str text = text_of(&o, STR("web"), &found, true);
	assert_contains(text, "\nprobe_ssl_earliest_cert_expiry{flow=\"f-1\",host=\"web\",address=\"127.0.0.1\","
			      "protocol=\"tcp\",port=\"443\",expected=\"serve\"} 1801396800\n");
	assert_contains(text, "expected=\"serve\"} 1\n");
	assert_contains(text, "state=\"serving\",reason=\"proven\",judgement=\"works\"");
}

static void an_end_that_cannot_be_read_is_left_out(void **state)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	struct probe_result found = { .reason = REASON_PROVEN, .evidence = broken, .n_evidence = ARRAY_LEN(broken) };
	assert_true(str_find_text(text_of(&o, STR("web"), &found, true), STR("expiry")) == SIZE_MAX);
}

static void names_are_escaped(void **state)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	struct probe_result found = { .reason = REASON_DROPPED };
	assert_contains(text_of(&o, STR("a\"b\\c\nd"), &found, true), "host=\"a\\\"b\\\\c\\\\x0ad\",");
}

static void durations_have_milliseconds_unless_times_are_left_out(void **state)
{
	CLEANUP(out_free) struct out with = out_memory(1 << 16), without = out_memory(1 << 16);
	struct probe_result found = { .reason = REASON_DROPPED, .milliseconds = 3007 };
	assert_contains(text_of(&with, STR("web"), &found, false), "expected=\"serve\"} 3.007\n");
	assert_true(str_find_text(text_of(&without, STR("web"), &found, true), STR("seconds{")) == SIZE_MAX);
}

RUN_TESTS(T(a_certificate_ends_at_a_second), T(an_end_that_cannot_be_read_is_left_out), T(names_are_escaped),
	  T(durations_have_milliseconds_unless_times_are_left_out))
