/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is missing from one endpoint to others for the same reason, on the same services: what every form for people
 * shows as one.
 */
#pragma once

#include "report/proof/report.h"

struct missing_block {
	const struct missing *missing; /* the services of one endpoint after the other */
	size_t n;
	size_t run; /* the services of each; n is a multiple */
};

/* The block that the list begins with; the list is not empty. */
struct missing_block missing_block_first(const struct missing *missing, size_t n);

/* "desktops -> dc1, dc2" */
struct str missing_block_ends(struct arena *a, const struct missing_block *b);

static inline const struct flow *missing_flow(const struct missing *m)
{
	return m->required->what;
}

/* "kerberos"; empty: by hand */
struct str item_service(const struct plan *p, const struct bundle_item *it);

/* Its first reason: "Tickets. (ad-ds-port-requirements)" */
struct str item_needed_for(struct arena *a, const struct bundle_item *it);
