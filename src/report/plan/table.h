/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan as a table: CSV, Markdown and XLSX write it, a row a flow, with the same
 * titles and the same words.  Where columns of a row come from the same endpoint or
 * the same item as those of the previous row, their text is reused.
 */
#pragma once

#include "report/plan/format.h"

enum plan_column {
	COLUMN_ID,
	COLUMN_FROM,
	COLUMN_FROM_ZONE,
	COLUMN_FROM_ADDRESSES,
	COLUMN_TO,
	COLUMN_TO_ZONE,
	COLUMN_TO_ADDRESSES,
	COLUMN_PROTOCOL,
	COLUMN_PORTS,
	COLUMN_SERVICE,
	COLUMN_CROSSES,
	COLUMN_WHY,
	COLUMN_DOCUMENTS,
	N_PLAN_COLUMNS,
};

extern const char *const plan_column_titles[N_PLAN_COLUMNS];

/* Shows the rows in the plan's order; the cells are valid during the call. */
typedef void plan_row_fn(void *ctx, const struct flow *f, const struct str cells[N_PLAN_COLUMNS]);
void plan_table(const struct plan_report *r, plan_row_fn *show, void *ctx);
