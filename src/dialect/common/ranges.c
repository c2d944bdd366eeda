/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/ranges.h"

bool range_add(struct arena *a, struct str text, range_vec *to)
{
	struct addr_range r;
	enum range_parse p = addr_range_parse(str_trim(text), &r);
	if (p != RANGE_OK && p != RANGE_HOST_BITS)
		return false;
	*VEC_ADD(a, to) = r;
	return true;
}

void range_add_all(struct arena *a, range_vec *to)
{
	*VEC_ADD(a, to) = addr_range_all(IPV4);
	*VEC_ADD(a, to) = addr_range_all(IPV6);
}

struct addrset range_vec_set(struct arena *a, const range_vec *ranges)
{
	return ranges->n ? addrset_of(a, ranges->v, ranges->n) : NO_ADDRS;
}
