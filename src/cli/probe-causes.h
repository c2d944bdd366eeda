/* SPDX-License-Identifier: Apache-2.0 */
/* Which rule of the estate's firewalls decides a flow that a probe found to fail. */
#pragma once

#include "cli/command.h"
#include "report/probe/format.h"

/*
 * Reads the rules of config: on the paths of what failed, and fills r->causes.  Rules that cannot be read are a
 * warning: the results of the probe stand without them.
 */
void probe_find_causes(struct invocation *call, struct probe_report *r);
