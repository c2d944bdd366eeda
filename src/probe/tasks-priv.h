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

/* TLS comes before its application protocol, which does not say so. */
bool service_is_tls(const struct service *s);

/* A name with dots is a DNS name; what follows its first dot, with a dot in it, is its domain. */
void target_name(struct target *t, struct str name);

void target_interface(struct target *t, const struct interface *from);
