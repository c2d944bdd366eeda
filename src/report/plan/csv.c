/* SPDX-License-Identifier: Apache-2.0 */
/* The flows as CSV: a row a flow, the columns of table.h.  The advice is not in it. */
#include "report/csv.h"
#include "report/plan/format.h"
#include "report/plan/table.h"

static void put_row(void *ctx, const struct flow *f, const struct str *cells)
{
	csv_row(ctx, cells, N_PLAN_COLUMNS);
}

static bool write_csv(struct out *o, const struct plan_report *r, struct diag *d)
{
	struct str titles[N_PLAN_COLUMNS];
	for (size_t i = 0; i < N_PLAN_COLUMNS; i++)
		titles[i] = str_of(plan_column_titles[i]);
	csv_row(o, titles, N_PLAN_COLUMNS);
	plan_table(r, put_row, o);
	return true;
}

const struct plan_format plan_format_csv = {
	.name = "csv",
	.title = "CSV, a row a flow",
	.write = write_csv,
};
