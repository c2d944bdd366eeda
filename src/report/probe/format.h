/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a probe found, for people and for programs.
 *
 * To add a format: write report/probe/NAME.c with a struct probe_format at its end and add NAME to
 * report/probe/formats.h.
 */
#pragma once

#include "base/out.h"
#include "probe/tasks.h"
#include "report/probe/cause.h"

struct probe_report {
	struct str estate;        /* empty: none */
	const struct plan *plan;  /* NULL: none */
	struct str host, address; /* this machine; empty: not known */
	bool assumed;             /* --as */
	bool several;             /* it is several hosts of the estate */
	const struct probe_tasks *tasks;
	const struct probe_result *results;
	const struct probe_causes *causes; /* by task; NULL: none were looked for */
	bool strict, no_times, redact;
	unsigned width; /* 0: no terminal */
	bool colour;
};

enum probe_judgement probe_report_verdict(const struct probe_report *r);
extern const char *const probe_verdicts[]; /* by enum probe_judgement: "works" ... */

struct probe_format {
	const char *name, *title;
	void (*write)(struct out *o, const struct probe_report *r);
};

extern const struct probe_format *const probe_formats[]; /* ends with NULL */
const struct probe_format *probe_format_find(struct str name);

/* The flows and the first packet of each; for --dry-run. */
void probe_write_dry(struct out *o, const struct probe_report *r);
