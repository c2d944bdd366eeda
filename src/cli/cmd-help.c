/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

static enum status run(struct invocation *call)
{
	struct out o = out_fd(1);
	const struct command *c = NULL;
	if (call->n_operands) {
		c = command_find(call->commands, str_of(call->operands[0]));
		if (!c)
			diag_error(call->diag, NOWHERE, "there is no command \"%s\"", call->operands[0]);
		else
			help_command(&o, c);
	} else {
		help_overview(&o, call->commands);
	}
	out_flush(&o);
	out_free(&o);
	return STATUS_WELL;
}

static const struct option_row options[] = { OPTIONS_END };

const struct command command_help = {
	.name = "help",
	.summary = "show the usage of a command",
	.arguments = "[COMMAND]",
	.about = "Lists the commands, or shows the usage of one.",
	.options = options,
	.most = 1,
	.run = run,
};
