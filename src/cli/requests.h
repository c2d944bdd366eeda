/* SPDX-License-Identifier: Apache-2.0 */
/* What firewall teams are asked for: by the options --at, --against and --dialect. */
#pragma once

#include "cli/command.h"
#include "report/plan/format.h"

/*
 * A request for each firewall that the command is about.  False after an error: rules that are
 * understood in part have no difference.
 */
bool invocation_requests(struct invocation *call, const struct plan *p, const struct plan_request **ret, size_t *n);
