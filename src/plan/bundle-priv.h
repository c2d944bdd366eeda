/* SPDX-License-Identifier: Apache-2.0 */
/* What one group needs of another: collected in a draft, and kept as a bundle, of which equal ones are stored once. */
#pragma once

#include "plan/plan-priv.h"

struct draft_item {
	struct bundle_item item;
	VEC(struct reason) reasons;
};

/* What one group needs of another, under construction. */
struct draft {
	uint32_t group;
	VEC(struct draft_item) items;
};

struct bundler {
	struct strmap known;
	struct out key; /* of a bundle, during its lookup */
};

struct bundler bundler_new(struct arena *a);
void bundler_free(struct bundler *b);

/* Adds an item, or another reason to the same one, in memory of the draft's own life. */
void draft_add(struct arena *scratch, struct draft *d, const struct bundle_item *item, const struct reason *r);

/*
 * The service that names a flow when its reasons name several: the one whose default port it
 * is, else the first.
 */
service_id draft_service(const struct catalogue *c, const struct draft_item *d);

/* The bundle of a draft, whose items and reasons are sorted. */
const struct bundle *bundle_of(struct plan *p, struct bundler *b, struct draft *d);
