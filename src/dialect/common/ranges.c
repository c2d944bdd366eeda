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

struct addrset range_vec_set(struct arena *a, const range_vec *ranges)
{
	return ranges->n ? addrset_of(a, ranges->v, ranges->n) : NO_ADDRS;
}
