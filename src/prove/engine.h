/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which engine answers, and how much it may take.
 *
 * Diagrams (flow/diagram.h) answer everything and are usually the faster.  Where
 * rules overlap so much that diagrams grow too large, a line that moves over flat
 * lists of certain rules answers: the sweep (prove/sweep/sweep.h) proofs, the painter
 * (prove/sweep/paint.h) audits and comparisons.  They find the same flows and rules; the
 * packets that they show may differ.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum engine {
	ENGINE_AUTO,		/* diagrams, and the sweep when they grow too large */
	ENGINE_DIAGRAMS,
	ENGINE_SWEEP,		/* where it can; else diagrams */
	N_ENGINES,
};
extern const char *const engine_names[N_ENGINES];

/* Zeroes: as usual. */
struct effort {
	enum engine engine;
	size_t runs;		/* that diagrams may take, eight bytes each and about as much around them */
	uint64_t steps;		/* that a line may take, some nanoseconds each */
};

/* What diagrams may take where another engine can answer, for so many rules and flows; and where none can. */
size_t effort_first_runs(const struct effort *e, size_t n);
size_t effort_most_runs(const struct effort *e);

/* What a line may take before diagrams are tried, for so many rules; and in the end. */
uint64_t effort_first_steps(const struct effort *e, size_t n);
uint64_t effort_steps(const struct effort *e);
