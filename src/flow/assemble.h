/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy from products of another source than a plan: rules to be written in
 * another language.
 */
#pragma once

#include "flow/policy.h"

struct policy_part {
	struct addrset src, dst;
	const struct service_term *services; /* at least one */
	size_t n_services;
	struct str about; /* for a comment */
};

/* Names a service ("ldap"); empty: it has no name. */
typedef struct str (*service_namer)(void *ctx, const struct service_term *t);

/*
 * One relation for each part, in their order; equal sets share a group.  Zones
 * are not set: a caller who knows them adds them.
 */
struct policy *policy_assemble(struct arena *a, struct str name, const struct policy_part *parts, size_t n,
			       service_namer namer, void *ctx);
