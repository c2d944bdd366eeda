/* SPDX-License-Identifier: Apache-2.0 */
/* Which hosts of an estate this machine is, and what is probed from there. */
#pragma once

#include "cli/command.h"
#include "report/probe/format.h"

/* By the options --from, --as, --to, --service ...; fills in who asks.  False after errors. */
bool probe_tasks_from_here(struct invocation *call, struct probe_report *r, struct probe_tasks *ret);
