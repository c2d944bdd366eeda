/* SPDX-License-Identifier: Apache-2.0 */
/* What an error code means: for portolan diagnose without an estate, and for the probes that explain one. */
#pragma once

#include "cli/command.h"
#include "report/probe/format.h"

/* The meanings of a code.  False after an error. */
bool probe_code_find(struct invocation *call, const struct catalogue *c, const char *code, struct probe_explained *ret);

/* Says what a code means, without an estate, and sends nothing. */
enum status probe_explain_only(struct invocation *call, const char *code);
