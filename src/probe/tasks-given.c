/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/plain.h"
#include "probe/tasks.h"

/* Only a stand-in decides; a row without an exchange sends nothing that a stand-in could reply to. */
static bool needs_token(const struct probe_task *task)
{
	const struct probe *p = task->probe;
	bool ports = task->target.protocol == PROTO_TCP || task->target.protocol == PROTO_UDP;
	if (!p || !ports || (p->best != REASON_ACCEPTS && p->best != REASON_NEEDS_LISTENER))
		return false;
	return !p->start || p == &probe_plain_udp;
}

void probe_tasks_give(struct probe_tasks *tasks, const struct probe_given *given)
{
	for (size_t i = 0; i < tasks->n; i++) {
		struct probe_task *task = &tasks->tasks[i];
		bool radius = task->probe && str_is(str_of(task->probe->name), "radius");
		/* other protocols send what is in secret as it is: the community of SNMP */
		if (given->secret.n && radius)
			task->target.secret = given->secret;
		if (given->path.n)
			task->target.path = given->path;
		if (given->token.n && needs_token(task)) {
			task->probe = probe_find(STR("token"), task->target.protocol);
			task->target.token = given->token;
		}
	}
}
