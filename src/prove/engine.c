/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/engine.h"

enum {
	FIRST_RUNS = 40000000,
	RUNS_OF_A_RULE = 400,
	MOST_RUNS = 200000000, /* about three gigabytes */
	FIRST_STEPS = 2000000,
	STEPS_OF_A_RULE = 1000,
};

static const uint64_t MOST_STEPS = 4000000000;

const char *const engine_names[N_ENGINES] = {
	[ENGINE_AUTO] = "auto",
	[ENGINE_DIAGRAMS] = "diagrams",
	[ENGINE_SWEEP] = "sweep",
};

size_t effort_first_runs(const struct effort *e, size_t n)
{
	return e->runs ? e->runs : FIRST_RUNS + RUNS_OF_A_RULE * n;
}

size_t effort_most_runs(const struct effort *e)
{
	return e->runs ? e->runs : MOST_RUNS;
}

uint64_t effort_first_steps(const struct effort *e, size_t n)
{
	return e->steps ? e->steps : FIRST_STEPS + STEPS_OF_A_RULE * n;
}

uint64_t effort_steps(const struct effort *e)
{
	return e->steps ? e->steps : MOST_STEPS;
}
