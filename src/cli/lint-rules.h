/* SPDX-License-Identifier: Apache-2.0 */
/* The part of `lint` that checks a rule set instead of an estate. */
#pragma once

#include "cli/rules.h"

/* portolan lint RULES. */
enum status lint_rules(struct invocation *call);
