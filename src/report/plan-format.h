/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms in which a plan is shown.
 *
 * To add one: write report/plan-NAME.c with a struct plan_format at its end
 * and add NAME to report/plan-formats.h; --format, help and the tests find it.
 */
#pragma once

#include "base/out.h"
#include "lint/lint.h"

struct plan_report {
	const struct plan *plan;
	struct findings advice;
	unsigned width;	/* of the terminal; 0: none */
	bool colour;
};

struct plan_format {
	const char *name;
	const char *title;
	bool binary;	/* not for a terminal */

	/* False after an error in d. */
	bool (*write)(struct out *o, const struct plan_report *r, struct diag *d);
};

extern const struct plan_format *const plan_formats[];	/* ends with NULL */
const struct plan_format *plan_format_find(struct str name);

/* Findings as a JSON list, and as text: what lint prints too. */
struct json;
void reason_json(struct json *j, const struct catalogue *c, const struct reason *r);
void findings_json(struct json *j, const struct findings *f);
void findings_text(struct out *o, const struct findings *f, unsigned width, bool colour);

/* "10.1.0.10, 10.1.0.11", or "any": an end's addresses for people. */
struct str endpoint_addresses_text(struct arena *a, const struct endpoint *e);

/* "desktops (clients) -> dc1 (servers), by inside": a line. */
void flow_pair_text(struct out *o, bool colour, const struct estate *e, const struct flow *f);

/* "12 flows between 3 hosts in 2 zones" */
struct str plan_summary(struct arena *a, const struct plan *p);
