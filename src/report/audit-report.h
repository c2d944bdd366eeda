/* SPDX-License-Identifier: Apache-2.0 */
/* The findings in a rule set (prove/audit.h). */
#pragma once

#include "base/out.h"
#include "prove/audit.h"

struct audit_report {
	const struct ruleset *rules;
	struct audit audit;
	const char *path;
	unsigned width;
	bool colour;
};

size_t audit_warnings(const struct audit *a);
void audit_text(struct out *o, const struct audit_report *r);
void audit_json(struct out *o, const struct audit_report *r); /* portolan.lint/1 */
void audit_markdown(struct out *o, const struct audit_report *r);
void audit_sarif(struct out *o, const struct audit_report *r);
