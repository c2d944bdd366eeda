/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan probe --prometheus-listen: the multi-target pattern of Prometheus.
 *
 * /probe?target=HOST&module=SERVICE runs the planned flows from this machine to that host on that service, and no
 * others: what the plan does not have is refused with 400, so nobody can have another address asked.  Each question
 * runs in a process of its own; those that ask the same at the same time share it.
 */
#pragma once

#include "cli/command.h"
#include "report/probe/format.h"

/* Where --prometheus-listen listens: PORT (of the loopback address), ADDRESS:PORT, [ADDRESS]:PORT. */
struct scrape_place {
	struct addr address;
	uint16_t port;
};
bool scrape_place_parse(struct str s, struct scrape_place *ret);

/* Answers until an interrupt.  r has the plan and all its tasks.  False after an error. */
bool scrape_serve(struct invocation *call, const struct scrape_place *at, const struct probe_report *r,
		  const struct engine_options *options);
