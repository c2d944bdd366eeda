/* SPDX-License-Identifier: Apache-2.0 */
/* How tasks are made, of a plan and of words. */
#pragma once

#include "base/vec.h"
#include "probe/tasks.h"

struct task_list {
	struct arena *arena;
	VEC(struct probe_task) tasks;
	VEC(struct probe_subject) subjects;
	bool too_many;
};

void tasks_add(struct task_list *list, const struct probe_task *task, const struct probe_subject *subject);

/* Sorts them by flow, address and port. */
void tasks_finish(struct task_list *list, struct probe_tasks *ret);
