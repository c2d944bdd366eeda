/* SPDX-License-Identifier: Apache-2.0 */
/* What portolan.exe does not do: it plans, writes and proves, and leaves the wire to portolan on Linux. */
#include "cli/probe-run.h"

static const struct option_row no_options[] = { OPTIONS_END };

#define ABSENT(word, what)                                                                            \
	const struct command command_##word = {                                                       \
		.name = #word,                                                                        \
		.summary = what " (on Linux)",                                                        \
		.arguments = "",                                                                      \
		.about = "portolan.exe does not have this command: " what " with portolan on Linux.", \
		.options = no_options,                                                                \
		.least = 0,                                                                           \
		.most = 0,                                                                            \
		.run = NULL,                                                                          \
	};

ABSENT(probe, "probe flows on the wire")
ABSENT(listen, "listen in place of servers")
ABSENT(ca, "run a certification authority")
ABSENT(enrol, "enrol certificates")

enum status probe_run(struct invocation *call, const char *code, const char *place)
{
	diag_error(call->diag, NOWHERE, "portolan.exe sends nothing; leave out the estate, or use portolan on Linux");
	return STATUS_INPUT;
}
