/* SPDX-License-Identifier: Apache-2.0 */
#include "report/proof/blocks.h"

#include "base/out.h"
#include "report/plan/reasons.h"

/* True of what is missing from the same endpoint for the same reason. */
static bool alike(const struct missing *a, const struct missing *b)
{
	return missing_flow(a)->from == missing_flow(b)->from && a->reply == b->reply && a->condition == b->condition &&
	       a->shown.by == b->shown.by && a->shown.chain == b->shown.chain;
}

/* The number of leading entries between the same two endpoints. */
static size_t same_ends(const struct missing *missing, size_t n)
{
	size_t end = 1;
	while (end < n && alike(missing, &missing[end]) && missing_flow(&missing[end])->to == missing_flow(missing)->to)
		end++;
	return end;
}

/*
 * The number of leading entries that list the same services of one endpoint after the other,
 * `run` of each.
 */
static size_t same_services(const struct missing *missing, size_t n, size_t run)
{
	size_t end = run;
	while (end < n && alike(missing, &missing[end]) && same_ends(missing + end, n - end) == run) {
		for (size_t i = 0; i < run; i++) {
			const struct bundle_item *a = missing_flow(&missing[i])->item,
						 *b = missing_flow(&missing[end + i])->item;
			if (item_cmp(a, b) != 0 || a->service != b->service)
				return end;
		}
		end += run;
	}
	return end;
}

struct missing_block missing_block_first(const struct missing *missing, size_t n)
{
	size_t run = same_ends(missing, n);
	return (struct missing_block){ missing, same_services(missing, n, run), run };
}

struct str missing_block_ends(struct arena *a, const struct missing_block *b)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 24);
	const struct flow *first = missing_flow(b->missing);
	out_printf(&o, "%.*s -> %.*s", STR_ARG(first->from->name), STR_ARG(first->to->name));
	for (size_t i = b->run; i < b->n; i += b->run)
		out_printf(&o, ", %.*s", STR_ARG(missing_flow(&b->missing[i])->to->name));
	return str_dup(a, out_view(&o));
}

struct str item_service(const struct plan *p, const struct bundle_item *it)
{
	return it->service == NO_SERVICE ? NO_STR : plan_estate(p)->catalogue->services[it->service].id;
}

struct str item_needed_for(struct arena *a, const struct bundle_item *it)
{
	const struct reason *why = &it->reasons[0];
	if (!why->need)
		return reason_why(why);
	return str_printf(a, "%.*s (%.*s)", STR_ARG(why->need->why), STR_ARG(why->need->document->id));
}
