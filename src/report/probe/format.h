/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a probe found, for people and for programs.
 *
 * To add a format: write report/probe/NAME.c with a struct probe_format at its end and add NAME to
 * report/probe/formats.h.
 */
#pragma once

#include "base/out.h"
#include "model/error-code.h"
#include "probe/tasks.h"
#include "report/probe/cause.h"

/* A code of an error that the probe is to explain. */
struct probe_explained {
	struct str code; /* as it was given */
	const struct catalogue *catalogue;
	const struct error_code *const *meanings;
	size_t n;
};

struct probe_report {
	struct str estate;        /* empty: none */
	const struct plan *plan;  /* NULL: none */
	struct str host, address; /* this machine; empty: not known */
	bool assumed;             /* --as */
	bool several;             /* it is several hosts of the estate */
	const struct probe_tasks *tasks;
	const struct probe_result *results;
	const struct probe_causes *causes;       /* by task; NULL: none were looked for */
	const struct probe_explained *explained; /* NULL: nothing is to be explained */
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

/*
 * The results as an answer to one scrape of Prometheus: success, duration and the end of certificates are one sample each, without
 * labels, as the blackbox exporter has them; each result has its state with its labels.
 */
void probe_write_scrape(struct out *o, const struct probe_report *r);

/* The flows and the first packet of each; for --dry-run. */
void probe_write_dry(struct out *o, const struct probe_report *r);
