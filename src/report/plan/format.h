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
#include "plan/policy.h"
#include "prove/prove.h"

/* The flows that are shown: those that fit every member that is set. */
struct plan_choice {
	const bool *from, *to; /* by endpoint, as plan_endpoints() counts them; NULL: any */
	const bool *zones;     /* by zone, of either side; NULL: any */
	int firewall;          /* that they cross; -1: any */
	int service;           /* that a reason names; -1: any */
};

/* What one firewall has to be told. */
struct plan_request {
	struct place at;
	const char *against;       /* a file of rules that are there: only the difference is asked for; NULL: all */
	const struct proof *proof; /* of them, with every difference; required[].what is a struct flow */
};

struct plan_report {
	const struct plan *plan;
	const struct plan_choice *choice; /* NULL: all flows */
	struct findings advice;
	const struct plan_request *requests; /* for the formats that are asked for them */
	size_t n_requests;
	unsigned width; /* of the terminal; 0: none */
	bool colour;
};

/* Shows the flows of a report, in the plan's order. */
void plan_report_each(const struct plan_report *r, void (*show)(void *ctx, const struct flow *f), void *ctx);
bool plan_report_chooses(const struct plan_report *r, const struct flow *f);
size_t plan_report_count(const struct plan_report *r);

/* A line for each pair of zones with flows: how many, of how many services, over which firewalls. */
void plan_report_summary(struct out *o, const struct plan_report *r);

struct plan_format {
	const char *name;
	const char *title;
	bool binary; /* not for a terminal */
	bool whole;  /* of all flows only: it takes no choice */
	bool asks;   /* has the requests */

	/* False after an error in d. */
	bool (*write)(struct out *o, const struct plan_report *r, struct diag *d);
};

extern const struct plan_format *const plan_formats[]; /* ends with NULL */
const struct plan_format *plan_format_find(struct str name);
