/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection for what many tasks ask of one server: its endpoint mapper, for all their interfaces.
 * The tasks wait for it, but not for long: where it is silent, slow or fails, each asks for itself,
 * and its verdict is its own.
 */
#include "base/vec.h"
#include "probe/engine-priv.h"

enum { PATIENCE = 250 }; /* milliseconds */

static void settle(struct survey *s)
{
	if (s->settled)
		return;
	s->settled = true;
	survey_drop(s);
	s->over(s);
}

static void attempt_over(struct attempt *at)
{
	settle(at->flight);
}

static void impatient(struct timer *t)
{
	settle((struct survey *)((char *)t - offsetof(struct survey, patience)));
}

void survey_add(struct survey *s, const struct rpc_interface *interface)
{
	s->n_tasks++;
	for (size_t i = 0; i < s->mapping.n; i++)
		if (rpc_same_syntax(&s->mapping.v[i].interface, &interface->syntax))
			return;
	*VEC_ADD(s->run->own, &s->mapping) = (struct rpc_mapped){ .interface = interface->syntax };
}

void survey_begin(struct survey *s)
{
	s->begun = true;
	s->task.probe = s->task.probe->survey;
	s->mapping.arena = s->run->own;
	s->patience.fire = impatient;
	s->arena = arena_new();
	s->attempt = (struct attempt){
		.run = s->run,
		.over = attempt_over,
		.flight = s,
		.task = &s->task,
		.arena = s->arena,
		.mapping = &s->mapping,
	};
	timer_set(&s->run->timers, &s->patience, s->run->now + PATIENCE * MILLISECOND);
	attempt_begin(&s->attempt);
}

void survey_drop(struct survey *s)
{
	timer_stop(&s->run->timers, &s->patience);
	if (s->begun && s->attempt.stage != STAGE_OVER)
		attempt_drop(&s->attempt);
}
