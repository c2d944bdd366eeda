/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule matches whose names are not all known: a group with a member that the file does not have, a name that
 * only the firewall resolves.
 *
 * Such a rule becomes two.  The first is certain, and is for what the known names stand for; the second, behind it, is
 * uncertain, and is for all that the names may stand for.  So a packet has an uncertain answer only where a name that
 * is not known may add it.
 */
#pragma once

#include "dialect/common/match.h"
#include "dialect/common/ranges.h"

/* The addresses of a list of names: those that it stands for, and those that it may stand for beside them. */
struct named_addresses {
	range_vec sure, more;
	const char *vague; /* why there may be more; NULL: there are not */
};

/* The same of services. */
struct named_services {
	term_vec sure, more;
	const char *vague;
};

/* A name that may be any address or any service, or one of these; the first reason is kept. */
void named_addresses_doubt(struct arena *a, struct named_addresses *to, const char *why);
void named_addresses_may_be(struct arena *a, struct named_addresses *to, struct addrset s, const char *why);
void named_services_doubt(struct arena *a, struct named_services *to, const char *why);
void named_services_may_be(struct arena *a, struct named_services *to, struct service_term term, const char *why);

/* A set of which a part is certain. */
struct partial_set {
	struct addrset sure, most;
};

/* Negated: all but these.  What may be among them is then not certain, and what is, is not possible. */
struct partial_set named_addresses_set(struct arena *a, const struct named_addresses *n, struct addrset all,
				       bool negated);

/* Addresses and services that one rule matches; empty sets match nothing. */
struct reach {
	struct addrset src, dst;
	term_vec terms;
};

/* What a rule matches for certain, and at most. */
struct partial_reach {
	struct reach sure, most;
	const char *vague; /* why they differ; NULL: they do not */
};

/* vague: why the addresses of a side are; NULL: they are not. */
struct partial_reach partial_reach(struct arena *a, struct partial_set src, struct partial_set dst,
				   const struct named_services *services, const char *vague);

/* Its match, without interfaces.  The match refers to the reach. */
struct match reach_match(const struct reach *r);

/* The rule has a certain part that is a rule of its own. */
static inline bool reach_is_split(const struct partial_reach *r)
{
	return r->vague && r->sure.src.n && r->sure.dst.n && r->sure.terms.n;
}
