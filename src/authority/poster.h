/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What carries notices out of the courier, each a process of its own behind a link that keeps the bounds of packets: one notice at a time,
 * answered by one byte.
 */
#pragma once

#include "authority/post-url.h"
#include "authority/processes.h"

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

/* In a process that was forked: closes what is not its own link. */
void outlet_keep_only(int link);

/*
 * Resolves the address, reads what it trusts, and forks the process that posts.  It connects to nothing else, follows no redirection,
 * and reads the status alone.  The courier's end of the link; -1 after errors.
 */
int poster_start(struct arena *a, const struct courier_start *s, struct diag *d);
