/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/tasks.h"

/* Nothing should reply.  A refusal of the target passed the firewall, and so did a connection. */
static enum probe_judgement judge_nothing(const struct probe_result *r)
{
	switch (r->reason) {
	case REASON_DROPPED:
	case REASON_REJECTED:
	case REASON_NO_ANSWER:
	case REASON_NEEDS_LISTENER:
		return PROBE_WELL;
	default:
		return reason_state(r->reason) == STATE_UNKNOWN ? PROBE_UNPROVED : PROBE_FAILS;
	}
}

enum probe_judgement probe_judge(const struct probe_task *task, const struct probe_subject *subject,
				 const struct probe_result *result, bool strict)
{
	enum probe_reason reason = result->reason, best = task->probe ? task->probe->best : REASON_NEEDS_LISTENER;
	if (subject->nothing)
		return judge_nothing(result);
	switch (reason_state(reason)) {
	case STATE_SERVING:
		return PROBE_WELL;
	case STATE_OPEN:
		if (reason_state(best) == STATE_SERVING || strict)
			return PROBE_UNPROVED;
		return PROBE_WELL;
	case STATE_WRONG:
	case STATE_CLOSED:
	case STATE_FILTERED:
		return PROBE_FAILS;
	case STATE_UNKNOWN:
	case N_STATES:
		break;
	}
	return reason == best && !strict ? PROBE_WELL : PROBE_UNPROVED;
}
