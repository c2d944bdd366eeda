/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /metrics: what the front counted since its start, and how the clerk is, as Prometheus reads it (text format 0.0.4).
 *
 * It names no client and no account: labels are protocols, statuses and outcomes.
 */
#pragma once

#include "authority/front/exchange.h"
#include "authority/front/status.h"

enum { METERED_PROTOCOLS = 7, METERED_OUTCOMES = 5 };

struct front_counts {
	uint64_t answers[METERED_PROTOCOLS][N_STATUSES];        /* by protocol and HTTP status */
	uint64_t outcomes[METERED_PROTOCOLS][METERED_OUTCOMES]; /* by protocol and enum enrol_outcome */
	size_t connections;                                     /* now */
};

/* An answer of HTTP; protocol NULL: the request was of none. */
void metrics_answered(struct front_counts *counts, const struct web_protocol *protocol, unsigned status);

/* An answer of the clerk; those about certificates are counted. */
void metrics_told(struct front_counts *counts, const struct web_protocol *protocol, enum message_type type,
		  const void *message);
