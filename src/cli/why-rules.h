/* SPDX-License-Identifier: Apache-2.0 */
/* The part of `why` that queries a rule set instead of a plan. */
#pragma once

#include "cli/rules.h"

/* One packet's protocol and port: tcp/443, 443 (TCP), icmp (echo), icmp/3/4 (type and code), gre, 47. */
struct asked_service {
	uint8_t protocol;
	uint16_t port;
	int type, code; /* of ICMP; type -1: echo */
};
bool asked_service_parse(struct invocation *call, struct str s, struct asked_service *ret);

/* portolan why RULES FROM TO PORT: two addresses and a port. */
enum status why_rules_alone(struct invocation *call);

/*
 * portolan why ESTATE FROM TO PORT --in RULES: the ends' first addresses at the
 * place of --at or --host.  A host that TO names, NULL if none, is asked for as the place publishes it.
 */
enum status why_rules(struct invocation *call, const struct plan *p, struct addrset from, struct addrset to,
		      const struct host *named, const struct asked_service *service);
