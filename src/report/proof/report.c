/* SPDX-License-Identifier: Apache-2.0 */
#include "report/proof/report.h"

enum { REGIONS_OF_A_LINE = 8 };

static bool same_line(const struct surplus *left, const struct surplus *right)
{
	const struct rule *r = left->shown.by, *s = right->shown.by;
	if (!r || !s || r->implicit || !r->at.line || left->shown.chain != right->shown.chain)
		return false;
	return r->at.source == s->at.source && r->at.line == s->at.line && r->at.column == s->at.column &&
	       (left->condition ? right->condition && strcmp(left->condition, right->condition) == 0
				: !right->condition);
}

static void join(struct arena *a, struct surplus *into, const struct surplus *from)
{
	size_t n = MIN(into->n_regions + from->n_regions, (size_t)REGIONS_OF_A_LINE),
	       room = n - MIN(n, into->n_regions);
	struct region *all = ARENA_ARRAY(a, struct region, into->n_regions + room);
	for (size_t i = 0; i < into->n_regions + room; i++)
		all[i] = i < into->n_regions ? into->regions[i] : from->regions[i - into->n_regions];
	into->more_regions |= from->more_regions || room < from->n_regions;
	into->regions = all;
	into->n_regions += room;
}

void proof_join_lines(struct arena *a, struct proof *p)
{
	struct surplus *joined = ARENA_ARRAY(a, struct surplus, p->n_surplus);
	size_t n = 0;
	for (size_t i = 0; i < p->n_surplus; i++) {
		if (n && same_line(&joined[n - 1], &p->surplus[i]))
			join(a, &joined[n - 1], &p->surplus[i]);
		else
			joined[n++] = p->surplus[i];
	}
	p->surplus = joined;
	p->n_surplus = n;
}

void proof_report_finish(struct proof_report *r)
{
	bool any = false;
	r->verdict = VERDICT_HOLDS;
	for (size_t i = 0; i < r->n; i++) {
		if (r->v[i].unjudged)
			continue;
		r->verdict = MAX(r->verdict, r->v[i].proof.verdict);
		any = true;
	}
	if (!any)
		r->verdict = VERDICT_UNPROVED;
}
