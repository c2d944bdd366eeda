/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a firewall team is asked for: a row for each of the few relations that a firewall has to permit, with what its
 * flows are needed for.  Flows of a relation that end on different days, or that different people answer for, are
 * different rows.  Against rules that are there, the rows are what has to change.
 *
 * A cell is several lines where there is more than one of a thing.
 */
#pragma once

#include "report/plan/format.h"

enum request_column {
	REQUEST_CHANGE,
	REQUEST_FROM,
	REQUEST_FROM_ADDRESSES,
	REQUEST_TO,
	REQUEST_TO_ADDRESSES,
	REQUEST_SERVICES,
	REQUEST_REASON,
	REQUEST_DOCUMENTS,
	REQUEST_OWNER,
	REQUEST_UNTIL,
	REQUEST_REMARK,
	REQUEST_RULE, /* as rules and `portolan why` name it; of what is withdrawn, where the rules have it */
	N_REQUEST_COLUMNS,
};

/* The hosts of a side that are too many for a cell, which then says how many there are. */
struct request_side {
	bool listed;
	struct id_set endpoints; /* as plan_endpoints() counts them */
};

struct request_row {
	struct str cells[N_REQUEST_COLUMNS];
	struct request_side from, to;
};

/* Shows the rows in the order of the rules; they are valid during the call. */
typedef void request_row_fn(void *ctx, const struct request_row *row);
void request_rows(const struct plan_report *r, const struct plan_request *q, request_row_fn *show, void *ctx);
