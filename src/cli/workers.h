/* SPDX-License-Identifier: Apache-2.0 */
/* Work that is divided among processes: each job writes bytes, and the caller gets them in the order of the jobs. */
#pragma once

#include "base/diag.h"

enum { MOST_WORKERS = 64, MOST_RESULT_BYTES = 1 << 30 };

struct work {
	size_t n; /* jobs */
	void (*job)(void *ctx, size_t i, struct out *result);
	void *ctx;
	const char *what;   /* "rule files", for the progress on a terminal */
	unsigned n_workers; /* 0: one for each processor */
};

/* The results, in the arena.  A process that ends early is an error in d. */
bool work_divide(struct arena *a, const struct work *w, struct diag *d, struct str *results);

/* The same in this process, one job after the other. */
bool work_alone(struct arena *a, const struct work *w, struct diag *d, struct str *results);
