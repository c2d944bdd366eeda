/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The choice of the engine, and its limits.
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
	ENGINE_AUTO, /* diagrams, and the sweep when they grow too large */
	ENGINE_DIAGRAMS,
	ENGINE_SWEEP, /* where possible; else diagrams */
	N_ENGINES,
};
extern const char *const engine_names[N_ENGINES];

/* Zeroes: the defaults. */
struct effort {
	enum engine engine;
	size_t runs;    /* that diagrams may take, eight bytes each and about as much around them */
	uint64_t steps; /* that a sweep may take, some nanoseconds each */
};

/*
 * The limit of diagrams where another engine can take over, for so many rules and flows; and
 * where none can.
 */
size_t effort_first_runs(const struct effort *e, size_t n);
size_t effort_most_runs(const struct effort *e);

/* The limit of a sweep before diagrams are tried, for so many rules; and as the last resort. */
uint64_t effort_first_steps(const struct effort *e, size_t n);
uint64_t effort_steps(const struct effort *e);
