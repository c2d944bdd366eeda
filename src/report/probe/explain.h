/* SPDX-License-Identifier: Apache-2.0 */
/* What the code of an error means here, and its likeliest causes by what was probed. */
#pragma once

#include "report/probe/words.h"

struct json;

struct likely_cause {
	const struct error_code *meaning;
	unsigned
		rank; /* 0: a flow fails, 1: one is not proved, 2: the flows work or there are none, 3: none begins here */
	bool has_task;
	size_t task; /* the result that shows it */
	struct str text;
};

/* The likeliest first, each result once. */
const struct likely_cause *likely_causes(struct arena *a, const struct probe_report *r, size_t *n);

void explain_write_text(struct out *o, struct arena *a, const struct probe_report *r);

/* The key "explain", or nothing where nothing is to be explained. */
void explain_write_json(struct json *j, struct arena *a, const struct probe_report *r);
