/* SPDX-License-Identifier: Apache-2.0 */
/* portolan --version [-v]: what this program is made of. */
#pragma once

#include "cli/command.h"

/* The commit that the program is built from; "unknown" without git. */
extern const char portolan_commit[];

/* The arguments are those after --version. */
enum status version(struct invocation *call, int argc, char **argv);
