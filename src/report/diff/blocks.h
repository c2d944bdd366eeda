/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flows of two plans that differ, in blocks: all flows of a block have the same services, each of its hosts on the one
 * side with each on the other.  What every form for people shows as one.
 */
#pragma once

#include "report/diff/diff.h"

enum flow_line {
	FLOW_MOVED,    /* the addresses of a host */
	FLOW_PORTS,    /* the ports of services */
	FLOW_REMOVED,  /* no longer needed */
	FLOW_ADDED,    /* needed now */
	FLOW_REROUTED, /* needed as before, over other firewalls: for information */
	N_FLOW_LINES
};

struct diff_block {
	enum flow_line kind;
	const struct endpoint *const *from, *const *to; /* sorted by name */
	size_t n_from, n_to;
	struct str what; /* what each pair has in common, a line each: "tcp 88 (kerberos)" */
	size_t n_flows;
};

/* All that are not about addresses, by kind and name. */
struct diff_block *diff_blocks(struct arena *a, const struct diff_report *r, size_t *n);

/* "desktops, files1 -> dc1": a few by name, more by number and zone. */
struct str diff_block_ends(struct arena *a, const struct diff_block *b);
