/* SPDX-License-Identifier: Apache-2.0 */
/* Help text, from the commands' tables. */
#pragma once

#include "cli/command.h"

void help_overview(struct out *o, const struct command *const *commands);
void help_command(struct out *o, const struct command *c);

/* Prints the usage of a command, or the overview for NULL, to standard output. */
enum status show_help(struct invocation *call, const struct command *c);
