/* SPDX-License-Identifier: Apache-2.0 */
/* A token, a secret and a path go where they are of use, and nowhere else. */
#include "probe/plain.h"
#include "probe/tasks.h"
#include "test.h"

static const struct probe_given given = {
	.token = STR_INIT("sixteen letters."),
	.secret = STR_INIT("shared"),
	.path = STR_INIT("/pki"),
};

static struct probe_task give(const struct probe *probe, uint8_t protocol)
{
	struct probe_task task = { .target = { .protocol = protocol, .port = 9 }, .probe = probe };
	struct probe_subject subject = { 0 };
	struct probe_tasks tasks = { &task, &subject, 1 };
	probe_tasks_give(&tasks, &given);
	return task;
}

static void the_token_is_sent_where_nothing_else_decides(void **state)
{
	const struct probe *token = probe_find(STR("token"), PROTO_UDP);
	size_t replaced = 0;
	assert_non_null(token);
	for (size_t i = 0; probes[i]; i++) {
		const struct probe *p = probes[i];
		struct probe_task task = give(p, PROTO_TCP);
		bool decides =
			p->start || p->tls_first || (p->best != REASON_ACCEPTS && p->best != REASON_NEEDS_LISTENER);
		assert_ptr_equal(task.probe, decides ? p : token);
		assert_int_equal(task.target.token.n, decides ? 0 : given.token.n);
		replaced += !decides;
	}
	assert_true(replaced > 20);
	assert_ptr_equal(give(&probe_plain_tcp, PROTO_TCP).probe, token);
	assert_ptr_equal(give(&probe_plain_udp, PROTO_UDP).probe, token);
}

static void what_has_no_ports_and_what_sends_nothing_gets_no_token(void **state)
{
	enum { ESP = 50 };
	const struct probe *esp = probe_find(STR("esp"), ESP);
	assert_ptr_equal(give(esp, ESP).probe, esp);
	assert_null(give(NULL, PROTO_TCP).probe);
}

static void the_secret_goes_to_radius_alone(void **state)
{
	size_t receivers = 0;
	for (size_t i = 0; probes[i]; i++) {
		bool has = give(probes[i], PROTO_UDP).target.secret.n > 0;
		assert_true(!has || strcmp(probes[i]->name, "radius") == 0);
		receivers += has;
	}
	assert_int_equal(receivers, 1);
}

static void nothing_changes_without_them(void **state)
{
	struct probe_task task = { .target = { .protocol = PROTO_UDP }, .probe = &probe_plain_udp };
	struct probe_subject subject = { 0 };
	struct probe_tasks tasks = { &task, &subject, 1 };
	probe_tasks_give(&tasks, &(struct probe_given){ 0 });
	assert_ptr_equal(task.probe, &probe_plain_udp);
	assert_int_equal(task.target.token.n + task.target.secret.n + task.target.path.n, 0);
}

RUN_TESTS(T(the_token_is_sent_where_nothing_else_decides), T(what_has_no_ports_and_what_sends_nothing_gets_no_token),
	  T(the_secret_goes_to_radius_alone), T(nothing_changes_without_them))
