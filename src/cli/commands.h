/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All commands, in the order that people see; ends with NULL.  A command that
 * needs the list has it in its invocation.
 */
#pragma once

#include "cli/command.h"

extern const struct command *const commands[];
