/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

static enum status run(struct invocation *call)
{
	const struct command *c = call->n_operands ? command_find(call->commands, str_of(call->operands[0])) : NULL;
	if (call->n_operands && !c) {
		diag_error(call->diag, NOWHERE, "there is no command \"%s\"", call->operands[0]);
		return STATUS_INPUT;
	}
	return show_help(call, c);
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
