/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An RPC client asks the endpoint mapper for a port and then connects to it.  Rules
 * that open the mapper between addresses where no rule opens any port that it
 * assigns have no use.
 */
#pragma once

#include "base/vec.h"
#include "prove/engine.h"
#include "prove/workspace.h"

struct mapper {
	struct box_id everything;
	set_id tcp, port;
	set_id *handed_out;
	size_t n_handed_out;
};

/* Adds its sets to a space that is not frozen yet. */
struct mapper mapper_add(struct arena *a, struct space *s, uint16_t port, const struct port_range *handed_out,
			 size_t n);

struct mapper_answer {
	VEC(const struct rule *) rules; /* that decide such packets, in order */
	bool unknown;                   /* neither engine finished */
};
struct mapper_answer mapper_ask(struct arena *a, const struct mapper *m, struct workspace *w, struct compiled *code,
				const struct ruleset *r, const struct effort *effort);
