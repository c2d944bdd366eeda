/* SPDX-License-Identifier: Apache-2.0 */
/* A sheet for each firewall with what its team is asked for (request.h), and one of the hosts that no cell holds. */
#pragma once

#include "report/plan/format.h"
#include "report/workbook.h"

enum { MOST_REQUEST_SHEETS = 200 }; /* each is a temporary file while it is written */

/* The first error of a cell, or none. */
lxw_error write_request_sheets(struct workbook *w, const struct plan_report *r);
