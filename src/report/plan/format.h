/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output formats of a plan.
 *
 * To add one: write report/plan/NAME.c with a struct plan_format at its end
 * and add NAME to report/plan/formats.h; --format, help and the tests find it.
 */
#pragma once

#include "base/out.h"
#include "lint/lint.h"

struct plan_report {
	const struct plan *plan;
	struct findings advice;
	unsigned width; /* of the terminal; 0: none */
	bool colour;
};

struct plan_format {
	const char *name;
	const char *title;
	bool binary; /* not for a terminal */

	/* False after an error in d. */
	bool (*write)(struct out *o, const struct plan_report *r, struct diag *d);
};

extern const struct plan_format *const plan_formats[]; /* ends with NULL */
const struct plan_format *plan_format_find(struct str name);
