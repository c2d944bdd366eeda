/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/compare.h"

#include "prove/comparer.h"

static bool names_interfaces(const struct permits *p)
{
	bool any = false;
	for (size_t i = 0; i < p->n_filters; i++)
		any |= p->filters[i].rules->rpc_named;
	return any;
}

struct comparison compare(struct arena *a, const struct permits *old, const struct permits *new,
			  const struct compare_options *options)
{
	/* a plan's RPC needs are not in its boxes: beside them, rules of interfaces are uncertain */
	bool by_rpc_interface = old->n_filters && new->n_filters && (names_interfaces(old) || names_interfaces(new));
	return (by_rpc_interface ? compare_by_rpc : compare_packets)(a, old, new, options);
}
