/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output formats of proofs.
 *
 * To add one: write report/proof/NAME.c with a struct proof_format at its end
 * and add NAME to report/proof/formats.h.
 */
#pragma once

#include "base/out.h"
#include "report/proof/report.h"

struct proof_format {
	const char *name;
	const char *title;
	void (*write)(struct out *o, const struct proof_report *r);
};

extern const struct proof_format *const proof_formats[]; /* ends with NULL */
const struct proof_format *proof_format_find(struct str name);
