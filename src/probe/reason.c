/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/reason.h"

static const struct {
	const char *name;
	enum state state;
	const char *text;
} reasons[N_REASONS] = {
#define X(constant, name, state, text) [REASON_##constant] = { name, STATE_##state, text },
	REASONS(X)
#undef X
};

const char *state_name(enum state s)
{
	static const char *const names[N_STATES] = {
		[STATE_SERVING] = "serving", [STATE_OPEN] = "open",         [STATE_WRONG] = "wrong",
		[STATE_CLOSED] = "closed",   [STATE_FILTERED] = "filtered", [STATE_UNKNOWN] = "unknown",
	};
	return names[s];
}

const char *reason_name(enum probe_reason r)
{
	return reasons[r].name;
}

const char *reason_text(enum probe_reason r)
{
	return reasons[r].text;
}

enum state reason_state(enum probe_reason r)
{
	return reasons[r].state;
}
