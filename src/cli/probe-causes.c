/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/probe-causes.h"

#include "cli/deciders.h"

/* Each costs the length of a rule set. */
enum { MOST_LOOKED_FOR = 10000 };

/* A packet was sent, and a rule may be why it failed. */
static bool is_asked(const struct probe_report *r, size_t i)
{
	const struct probe_subject *subject = &r->tasks->subjects[i];
	const struct probe_task *task = &r->tasks->tasks[i];
	enum probe_reason reason = r->results[i].reason;
	if (!subject->source || subject->no_address || !task->probe ||
	    probe_judge(task, subject, &r->results[i], r->strict) == PROBE_WELL)
		return false;
	if (subject->nothing)
		return reason_state(reason) != STATE_UNKNOWN;
	switch (reason_state(reason)) {
	case STATE_CLOSED: /* a firewall may refuse in the target's name */
	case STATE_FILTERED:
		return true;
	case STATE_UNKNOWN:
		return reason == REASON_NO_ANSWER || reason == REASON_UNREACHABLE || reason == REASON_NEEDS_LISTENER;
	default:
		return false;
	}
}

/* The packet that the probe sent first.  False: the own address is not known. */
static bool describe(const struct probe_report *r, size_t i, struct decided_flow *ret)
{
	const struct probe_subject *subject = &r->tasks->subjects[i];
	const struct probe_task *task = &r->tasks->tasks[i];
	const struct target *t = &task->target;
	struct addrset own = addrset_part(subject->source->addresses, t->address.family);
	if (!task->has_source && !own.n)
		return false;
	*ret = (struct decided_flow){
		.from = subject->source,
		.to = subject->target,
		.source = task->has_source ? t->source : (struct addr){ t->address.family, own.v[0].lo },
		.destination = t->address,
		.protocol = t->protocol,
		.port = r->results[i].port,
		.permitted = subject->nothing,
	};
	return true;
}

void probe_find_causes(struct invocation *call, struct probe_report *r)
{
	size_t looked_for = 0;
	struct deciders *d = deciders_new(call, r->plan);
	struct probe_causes *causes = ARENA_ARRAY(call->arena, struct probe_causes, r->tasks->n);
	struct decided_flow flow;
	for (size_t i = 0; i < r->tasks->n; i++)
		if (is_asked(r, i) && describe(r, i, &flow) && looked_for++ < MOST_LOOKED_FOR)
			causes[i] = deciders_of(d, &flow);
	if (looked_for > MOST_LOOKED_FOR)
		diag_warn(call->diag, NOWHERE, "%zu flows fail; the causes of the first %d are looked for", looked_for,
			  MOST_LOOKED_FOR);
	r->causes = causes;
}
