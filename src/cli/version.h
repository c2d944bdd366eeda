/* SPDX-License-Identifier: Apache-2.0 */
/* portolan --version [-v]: what this program is made of. */
#pragma once

#include "cli/command.h"

/* The arguments are those after --version. */
enum status version(struct invocation *call, int argc, char **argv);
