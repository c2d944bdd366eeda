/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan probe: does it work on the wire, from this machine?
 */
#include "cli/probe-run.h"

static enum status run(struct invocation *call)
{
	return probe_run(call, option(call, "explain"), option(call, "prometheus-listen"));
}

static const struct option_row options[] = {
	PROBE_OPTIONS,
	{ "prometheus-listen", 0, "PLACE", NULL, "answer /probe?target=HOST&module=SERVICE at PORT or ADDRESS:PORT" },
	{ "explain", 0, "CODE", NULL, "only the flows that an error or an event stands for, and the likeliest cause" },
	OPTIONS_END,
};

const struct command command_probe = {
	.name = "probe",
	.summary = "test on the wire whether the right services reply to this machine",
	.arguments = "ESTATE.yaml..., or HOST SERVICE...",
	.about = "Runs the flows of a plan that begin at this machine, each with a small harmless request of its "
		 "protocol, and states whether the right service replies and, if not, where the packet stops. Without "
		 "an estate, SERVICE is the name of a service, or a port such as tcp/8080.",
	.options = options,
	.least = 1,
	.most = 100,
	.run = run,
};
