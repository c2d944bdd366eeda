/* SPDX-License-Identifier: Apache-2.0 */
/* portolan FILE, without a command: what the file is, and what can be asked of it. */
#pragma once

#include "cli/command.h"

/* True when there is such a file or folder. */
bool can_describe(const char *path);
enum status describe(struct invocation *call, const char *path);
