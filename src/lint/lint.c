/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/lint.h"

#include "lint/checks.h"
#include "lint/common.h"

const char *const level_names[N_LEVELS] = {
	[LEVEL_NOTE] = "note",
	[LEVEL_WARNING] = "warning",
	[LEVEL_ERROR] = "error",
};

#define ROW(name) &check_##name,
const struct check *const checks[] = { CHECKS(ROW) NULL };

static const char *source_name(const struct finding *f)
{
	return f->at.source ? f->at.source->name : "";
}

static int by_place(const void *left, const void *right)
{
	const struct finding *a = *(const struct finding *const *)left, *b = *(const struct finding *const *)right;
	int c = strcmp(source_name(a), source_name(b));
	c = c ? c : CMP(a->at.line, b->at.line);
	c = c ? c : CMP(a->at.column, b->at.column);
	c = c ? c : strcmp(a->check->id, b->check->id);
	return c ? c : strcmp(a->text, b->text);
}

struct findings lint(struct arena *a, const struct plan *p, struct str today)
{
	struct linting l = { .arena = a, .plan = p, .estate = plan_estate(p), .today = today };
	struct findings ret = { 0 };

	for (size_t i = 0; checks[i]; i++)
		checks[i]->run(&l);
	if (l.found.n)
		sort_items(l.found.v, l.found.n, sizeof *l.found.v, by_place);
	struct finding *findings = ARENA_ARRAY(a, struct finding, l.found.n);
	for (size_t i = 0; i < l.found.n; i++) {
		findings[i] = *l.found.v[i];
		ret.counts[findings[i].check->level]++;
	}
	ret.v = findings;
	ret.n = l.found.n;
	return ret;
}
