/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output formats of a check.
 *
 * To add one: write report/check/NAME.c with a struct check_format at its end
 * and add NAME to report/check/formats.h.
 */
#pragma once

#include "base/out.h"
#include "report/check/check.h"

struct check_format {
	const char *name;
	void (*write)(struct out *o, const struct check_report *r);
};

extern const struct check_format *const check_formats[]; /* ends with NULL */
const struct check_format *check_format_find(struct str name);
