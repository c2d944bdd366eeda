/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/table.h"

#define DECLARE(name) extern const struct command command_##name;
COMMANDS(DECLARE)
#define ROW(name) &command_##name,
const struct command *const commands[] = { COMMANDS(ROW) NULL };
