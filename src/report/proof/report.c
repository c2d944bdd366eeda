/* SPDX-License-Identifier: Apache-2.0 */
#include "report/proof/report.h"

enum { REGIONS_OF_A_LINE = 8 };

static bool same_line(const struct surplus *x, const struct surplus *y)
{
	const struct rule *r = x->shown.by, *s = y->shown.by;
	if (!r || !s || r->implicit || !r->at.line || x->shown.chain != y->shown.chain)
		return false;
	return r->at.source == s->at.source && r->at.line == s->at.line && r->at.column == s->at.column &&
	       (x->condition ? y->condition && strcmp(x->condition, y->condition) == 0 : !y->condition);
}

static void join(struct arena *a, struct surplus *x, const struct surplus *y)
{
	size_t n = MIN(x->n_regions + y->n_regions, (size_t)REGIONS_OF_A_LINE), room = n - MIN(n, x->n_regions);
	struct region *all = ARENA_ARRAY(a, struct region, x->n_regions + room);
	for (size_t i = 0; i < x->n_regions + room; i++)
		all[i] = i < x->n_regions ? x->regions[i] : y->regions[i - x->n_regions];
	x->more_regions |= y->more_regions || room < y->n_regions;
	x->regions = all;
	x->n_regions += room;
}

void proof_join_lines(struct arena *a, struct proof *p)
{
	struct surplus *v = ARENA_ARRAY(a, struct surplus, p->n_surplus);
	size_t n = 0;
	for (size_t i = 0; i < p->n_surplus; i++) {
		if (n && same_line(&v[n - 1], &p->surplus[i]))
			join(a, &v[n - 1], &p->surplus[i]);
		else
			v[n++] = p->surplus[i];
	}
	p->surplus = v;
	p->n_surplus = n;
}

void proof_report_finish(struct proof_report *r)
{
	r->verdict = VERDICT_HOLDS;
	for (size_t i = 0; i < r->n; i++)
		r->verdict = MAX(r->verdict, r->v[i].proof.verdict);
}
