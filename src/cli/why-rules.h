/* SPDX-License-Identifier: Apache-2.0 */
/* The half of `why` that asks a rule set instead of a plan. */
#pragma once

#include "cli/rules.h"

/* True when a file is an estate (by its ending), not a rule set. */
bool is_estate_path(const char *path);

/* portolan why RULES FROM TO PORT: two addresses and a port. */
enum status why_rules_alone(struct invocation *v);

/*
 * portolan why ESTATE FROM TO PORT --in RULES: the ends' first addresses at the
 * post of --at or --host.
 */
enum status why_rules(struct invocation *v, const struct plan *p, struct addrset from, struct addrset to,
		      unsigned protocol, uint16_t port);
