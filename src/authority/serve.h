/* SPDX-License-Identifier: Apache-2.0 */
/* `ca serve`: binds, starts the processes, and waits for the end. */
#pragma once

#include "base/diag.h"

struct serve_options {
	const char *folder;
	const char *clock; /* of tests and rehearsals: a file that says what time it is; NULL: the system's */
	struct out *log;
};

/* True when it was told to end and did.  False after errors. */
bool authority_serve(struct arena *a, const struct serve_options *options, struct diag *d);
