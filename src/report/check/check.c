/* SPDX-License-Identifier: Apache-2.0 */
#include "report/check/check.h"

bool check_counts(const struct check_finding *f)
{
	return f->weight != WEIGHT_NONE && (!f->accepted || f->overdue);
}

/* As a proof is judged: what is certain comes before what is uncertain, and no verdict before both. */
unsigned check_part_status(const struct check_part *p)
{
	bool found[N_WEIGHTS] = { false };
	for (size_t i = 0; i < p->n; i++)
		if (check_counts(&p->v[i]))
			found[p->v[i].weight] = true;
	unsigned status = found[WEIGHT_INPUT] ? 2 : found[WEIGHT_NO] ? 1 : found[WEIGHT_UNCERTAIN] ? 2 : 0;
	return MAX(status, p->status);
}

unsigned check_status(const struct check_report *r)
{
	unsigned worst = 0;
	for (size_t i = 0; i < r->n; i++)
		worst = MAX(worst, check_part_status(&r->v[i]));
	return worst;
}

/* Something counts when nobody accepts it. */
static bool is_accepted(const struct check_part *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].weight != WEIGHT_NONE && p->v[i].accepted && !p->v[i].overdue)
			return true;
	return false;
}

const char *check_word(const struct check_part *p)
{
	switch (check_part_status(p)) {
	case 0:
		return p->kind == PART_WITHOUT_RULES ? "no rules"
		       : is_accepted(p)              ? "accepted"
		       : p->kind == PART_ESTATE      ? "planned"
						     : "holds";
	case 1:
		return "fails";
	case 2:
		return p->kind == PART_ESTATE ? "not planned" : "unproved";
	default:
		return "cannot be read";
	}
}

static struct str counted(struct arena *a, size_t n, const char *one, const char *many)
{
	return str_printf(a, "%zu %s", n, n == 1 ? one : many);
}

struct str check_sum(struct arena *a, const struct check_report *r)
{
	size_t kinds[N_PART_KINDS] = { 0 }, counting = 0, accepted = 0, unread = 0;
	for (size_t i = 0; i < r->n; i++) {
		kinds[r->v[i].kind]++;
		unread += r->v[i].status != 0;
		for (size_t j = 0; j < r->v[i].n; j++) {
			const struct check_finding *f = &r->v[i].v[j];
			counting += check_counts(f);
			accepted += f->accepted && !f->overdue;
		}
	}
	struct str without =
		kinds[PART_WITHOUT_RULES] ? str_printf(a, ", %zu without rules", kinds[PART_WITHOUT_RULES]) : NO_STR;
	struct str unreadable = unread ? str_printf(a, ", %zu not read", unread) : NO_STR;
	struct str estates = counted(a, kinds[PART_ESTATE], "estate", "estates"),
		   rules = counted(a, kinds[PART_RULES], "rule file", "rule files"),
		   findings = counted(a, counting, "finding", "findings");
	return str_printf(a, "%.*s, %.*s%.*s: %.*s, %zu accepted%.*s", STR_ARG(estates), STR_ARG(rules),
			  STR_ARG(without), STR_ARG(findings), accepted, STR_ARG(unreadable));
}
