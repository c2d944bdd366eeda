/* SPDX-License-Identifier: Apache-2.0 */
/* What an estate knows of one host that its own firewall's rules may be bound to. */
#pragma once

#include "dialect/dialect.h"
#include "flow/ruleset-pack.h"
#include "plan/policy.h"

struct host_facts host_facts(struct arena *a, const struct plan *p, int host);

/*
 * The programs that listen for a flow of RPC, by the names that a reader gives to them; none
 * when one of its reasons leaves it open.
 */
const struct str *flow_rpc_programs(struct arena *a, const struct catalogue *c, const struct bundle_item *it,
				    size_t *n);

void pack_host_facts(struct packer *packer, const struct host_facts *facts);
