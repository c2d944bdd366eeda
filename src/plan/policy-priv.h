/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files that make policies share: what is said of a relation, as a set
 * of numbers, so that relations which are joined say what both did.
 */
#pragma once

#include "base/out.h"
#include "plan/policy.h"

enum saying_kind {
	SAYS_DOCUMENT,	/* asks for it */
	SAYS_FROM,	/* a role at its source */
	SAYS_TO,
};

static inline uint32_t saying(enum saying_kind kind, uint16_t id)
{
	return (uint32_t)kind << 16 | id;
}

static inline enum saying_kind saying_kind(uint32_t s)
{
	return (enum saying_kind)(s >> 16);
}

enum { LONGEST_ABOUT = 64 << 20 };	/* bytes */

struct relation_said {
	struct id_set says;
	role_id src_named_by, dst_named_by;	/* the role that names a group; ROLE_ANY: none */
};

/* policy-text.c: fills in title, about and flow of a relation that has its groups, services and id.  scratch is used over and over. */
void relation_describe(struct arena *a, const struct plan *plan, const struct policy *p, const struct relation_made *made,
		       const struct relation_said *said, struct out *scratch, struct relation *r);
