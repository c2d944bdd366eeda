/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What carries notices out of the courier, each a process of its own behind a link that keeps the bounds of packets: one notice at a time,
 * answered by one byte.
 */
#pragma once

#include "base/diag.h"

enum outlet_result {
	OUTLET_WELL,
	OUTLET_FAILED,
	OUTLET_LATE,
	OUTLET_NOT_STARTED,
	OUTLET_REFUSED,
	OUTLET_MOVED,
	N_OUTLET_RESULTS
};

/* bytes of JSON; less than a pipe holds, so that a writer never waits for a reader */
enum { NOTICE_MAX = 16 << 10 };

/* Both run in the process of the outlet. */
struct outlet_work {
	const char *name; /* "the poster" */
	bool (*confine)(void *ctx, struct diag *d);
	enum outlet_result (*take)(void *ctx, const char *notice, size_t n);
	void *ctx;
};

/* Forks the process.  The courier's end of the link, which does not block; -1 after errors. */
int outlet_start(const struct outlet_work *work, struct diag *d);
