/* SPDX-License-Identifier: Apache-2.0 */
/* Checks on who administers what. */
#include "lint/checks.h"
#include "lint/common.h"

static bool is_administration(const struct bundle *b)
{
	for (size_t i = 0; i < b->n; i++)
		for (size_t r = 0; r < b->items[i].n_reasons; r++)
			if (b->items[i].reasons[r].need && b->items[i].reasons[r].need->administration)
				return true;
	return false;
}

/* Every management workstation administers everything, as the documents have it. */
static void administration_not_bounded(struct linting *l)
{
	const struct plan *p = l->plan;
	size_t n, n_endpoints;
	const struct plan_link *links = plan_links(p, &n);
	const struct endpoint *endpoints = plan_endpoints(p, &n_endpoints);
	for (size_t i = 0; i < n && !l->estate->bounds_administration; i++) {
		const struct host *h = endpoints[plan_group(p, links[i].from).endpoints[0]].host;
		if (!h || !is_administration(links[i].bundle))
			continue;
		struct finding *f =
			lint_report(l, &check_administration_not_bounded, h, h->name.at,
				    "\"%.*s\" administers every server that a document names, and nothing else",
				    STR_ARG(h->name.s));
		lint_way_out(
			l, f,
			"write administers: [HOST, ZONE, ROLE or tier-N] there, or tier: at it and at its servers");
		return;
	}
}

const struct check check_administration_not_bounded = {
	.id = "administration-not-bounded",
	.level = LEVEL_NOTE,
	.about = "A management workstation administers, and no host says its tier or what it administers.",
	.rules = "87",
	.run = administration_not_bounded,
};
