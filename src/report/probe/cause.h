/* SPDX-License-Identifier: Apache-2.0 */
/* What decides a flow that failed: a rule of a firewall on its path, or the default of its rules. */
#pragma once

#include "base/str.h"

struct probe_cause {
	struct str place;     /* the firewall, or the host whose own rules they are */
	const char *decision; /* "denies" ... */
	const char *file;
	uint32_t line;   /* 0: none */
	struct str rule; /* as written; empty: no rule matches */
};

struct probe_causes {
	const struct probe_cause *v;
	size_t n;
};
