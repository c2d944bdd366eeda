/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Differences between two things that permit packets or need them: two rule
 * sets, two estates, or one of each.
 */
#pragma once

#include "plan/plan.h"
#include "prove/compare.h"

/* Flows of two plans. */
struct flow_change {
	const struct endpoint *from, *to;
	const struct bundle_item *item;
	bool added;
	bool moved;                          /* the same flow is on the other side, with other addresses */
	const struct flow_change *elsewhere; /* on the other side its service is at other ports: that flow; else NULL */
	const uint16_t *crosses;             /* firewalls of its plan */
	size_t n_crosses;
};

/* A flow of both plans that crosses other firewalls; no difference of what is needed. */
struct rerouted {
	struct flow_change old, new;
};

/* A service or a function of Windows that loses or gains flows, for the hosts of one zone. */
struct effect {
	struct str function;
	bool stops;         /* else: starts */
	struct str towards; /* where it stops towards some endpoints only: those; else empty */
	struct str zone;
	struct str host; /* if it is one */
	size_t n_hosts;
};

struct diff_report {
	const char *old_name, *new_name;
	/* of rules: what permits what; NULL: both sides are estates */
	const struct comparison *comparison;
	const struct ruleset *rules[2]; /* of the sides that are rules */
	/* of estates: flows by their endpoints and ports; removed ones are of the first plan, added ones of the second */
	const struct plan *plans[2];
	const struct flow_change *flows;
	size_t n_flows;
	const struct rerouted *rerouted;
	size_t n_rerouted;
	const struct effect *effects;
	size_t n_effects;
	bool same, certain;
	unsigned width;
	bool colour;
};

struct flow_changes {
	const struct flow_change *v;
	size_t n;
};

/*
 * The effects of the changes, in the order of functions and zones.  A function is a
 * section of a document that names functions, or else a service.
 *
 * Of rules: the needed flows that lost or gained packets, and those that did not; a
 * function stops when it loses any, and only towards some endpoints where it keeps all
 * of its flows to others.  Of plans: all flows of both; a function stops when a host has
 * no flow of it any longer.
 */
struct effect *effects_of_rules(struct arena *a, const struct catalogue *c, const struct flow_changes *changes,
				const struct flow_changes *kept, size_t *n_effects);
struct effect *effects_of_plans(struct arena *a, const struct catalogue *c, const struct flow_changes *old,
				const struct flow_changes *new, const struct flow_changes *changes, size_t *n_effects);

void diff_text(struct out *o, const struct diff_report *r);
void diff_json(struct out *o, const struct diff_report *r); /* portolan.diff/1 */
void diff_markdown(struct out *o, const struct diff_report *r);
void diff_sarif(struct out *o, const struct diff_report *r);
