/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan as a table: what CSV, Markdown and XLSX write, a row a flow, with
 * the same titles and the same words.  Where columns of a row come from the same
 * end or the same item as those of the row before, their text is not made anew.
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
void plan_table(const struct plan *p, plan_row_fn *show, void *ctx);

/* "AD DS port requirements, "Section", line 12": a reason's citation; for one by hand, who answers for it. */
struct str reason_citation(struct arena *a, const struct reason *r);
struct str reason_why(const struct reason *r);

/* "file:line:column", or empty. */
struct str place_text(struct arena *a, struct loc at);
/* "cep-ces-custom-port, "Scenario", line 38": which document says what a finding says. */
struct str finding_citation(struct arena *a, const struct finding *f);
