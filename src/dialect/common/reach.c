/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/reach.h"

static void give_reason(const char **vague, const char *why)
{
	if (!*vague)
		*vague = why;
}

void named_addresses_doubt(struct arena *a, struct named_addresses *to, const char *why)
{
	named_addresses_may_be(a, to, everywhere_set(), why);
}

void named_addresses_may_be(struct arena *a, struct named_addresses *to, struct addrset s, const char *why)
{
	for (size_t i = 0; i < s.n; i++)
		*VEC_ADD(a, &to->more) = s.v[i];
	give_reason(&to->vague, why);
}

void named_services_doubt(struct arena *a, struct named_services *to, const char *why)
{
	named_services_may_be(a, to, ANY_SERVICE, why);
}

void named_services_may_be(struct arena *a, struct named_services *to, struct service_term term, const char *why)
{
	*VEC_ADD(a, &to->more) = term;
	give_reason(&to->vague, why);
}

struct partial_set named_addresses_set(struct arena *a, const struct named_addresses *n, struct addrset all,
				       bool negated)
{
	struct addrset sure = range_vec_set(a, &n->sure), most = sure;
	if (n->vague)
		most = addrset_union(a, sure, range_vec_set(a, &n->more));
	if (!negated)
		return (struct partial_set){ sure, most };
	struct addrset rest = addrset_minus(a, all, most);
	return (struct partial_set){ rest, n->vague ? addrset_minus(a, all, sure) : rest };
}

struct partial_reach partial_reach(struct arena *a, struct partial_set src, struct partial_set dst,
				   const struct named_services *services, const char *vague)
{
	struct partial_reach r = { .sure = { src.sure, dst.sure, services->sure },
				   .most = { src.most, dst.most, services->sure },
				   .vague = vague ? vague : services->vague };
	if (!services->vague)
		return r;
	r.most.terms = (term_vec){ 0 };
	for (size_t i = 0; i < services->sure.n; i++)
		*VEC_ADD(a, &r.most.terms) = services->sure.v[i];
	for (size_t i = 0; i < services->more.n; i++)
		*VEC_ADD(a, &r.most.terms) = services->more.v[i];
	return r;
}

struct match reach_match(const struct reach *r)
{
	return (struct match){ .src = &r->src,
			       .dst = &r->dst,
			       .services = r->terms.v,
			       .n_services = r->terms.n,
			       .never = !r->src.n || !r->dst.n || !r->terms.n };
}
