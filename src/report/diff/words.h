/* SPDX-License-Identifier: Apache-2.0 */
/* What the forms of a difference say in the same words. */
#pragma once

#include "report/diff/blocks.h"

/* Of a change: a packet of it, the interfaces that it is about (empty: all), and what decides on a side (empty: a plan). */
struct str change_example(struct arena *a, const struct change *c);
struct str change_ways(struct arena *a, const struct change *c);
struct str side_decides(struct arena *a, const struct shown *s);

/* What becomes of a function, after its name: " towards dc1 stops for 3 hosts in clients". */
struct str effect_says(struct arena *a, const struct diff_report *r, const struct effect *e);

/* Flows of two plans, a block after the other; parts: several services, a line each, or empty. */
typedef void flow_line_fn(void *ctx, enum flow_line kind, struct str line, struct str parts, const struct endpoint *at);
void diff_flow_lines(struct arena *a, const struct diff_report *r, flow_line_fn *show, void *ctx);

/* The lines that make a comparison uncertain: "not understood: acl:7: ..." */
typedef void uncertain_fn(void *ctx, struct loc at, struct str text);
void diff_uncertain_lines(struct arena *a, const struct diff_report *r, uncertain_fn *show, void *ctx);

/* What holds of the whole: what was assumed, that it is uncertain; a line each. */
void diff_remarks(const struct diff_report *r, void (*show)(void *ctx, struct str line), void *ctx);

/* Where there is no difference: "the same packets pass". */
const char *diff_same(const struct diff_report *r);
