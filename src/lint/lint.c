/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/lint.h"

#include "base/vec.h"
#include "lint/checks.h"

const char *const level_names[N_LEVELS] = {
	[LEVEL_NOTE] = "note",
	[LEVEL_WARNING] = "warning",
	[LEVEL_ERROR] = "error",
};

#define ROW(name) &check_##name,
const struct check *const checks[] = { CHECKS(ROW) NULL };

struct linting {
	struct arena *arena;
	const struct plan *plan;
	struct str today;
	VEC(struct finding *) found;
};

const struct plan *linting_plan(const struct linting *l)
{
	return l->plan;
}

const struct estate *linting_estate(const struct linting *l)
{
	return plan_estate(l->plan);
}

struct arena *linting_arena(struct linting *l)
{
	return l->arena;
}

struct str linting_today(const struct linting *l)
{
	return l->today;
}

struct finding *lint_report(struct linting *l, const struct check *c, const struct host *h, struct loc at,
			    const char *text, ...)
{
	struct finding *f = ARENA_NEW(l->arena, struct finding);
	va_list ap;
	va_start(ap, text);
	*f = (struct finding){
		.check = c,
		.host = h ? h->name.s : STR(""),
		.text = arena_vprintf(l->arena, text, ap),
		.at = at,
	};
	va_end(ap);
	*VEC_ADD(l->arena, &l->found) = f;
	return f;
}

void lint_way_out(struct linting *l, struct finding *f, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	f->way_out = arena_vprintf(l->arena, fmt, ap);
	va_end(ap);
}

void lint_other(struct linting *l, struct finding *f, struct loc at, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	f->other = at;
	f->other_text = arena_vprintf(l->arena, fmt, ap);
	va_end(ap);
}

static const char *source_name(const struct finding *f)
{
	return f->at.source ? f->at.source->name : "";
}

static int by_place(const void *x, const void *y)
{
	const struct finding *a = *(const struct finding *const *)x, *b = *(const struct finding *const *)y;
	int c = strcmp(source_name(a), source_name(b));
	c = c ? c : CMP(a->at.line, b->at.line);
	c = c ? c : CMP(a->at.column, b->at.column);
	c = c ? c : strcmp(a->check->id, b->check->id);
	return c ? c : strcmp(a->text, b->text);
}

struct findings lint(struct arena *a, const struct plan *p, struct str today)
{
	struct linting l = { .arena = a, .plan = p, .today = today };
	struct findings ret = { 0 };

	for (size_t i = 0; checks[i]; i++)
		checks[i]->run(&l);
	if (l.found.n)
		sort_items(l.found.v, l.found.n, sizeof *l.found.v, by_place);
	struct finding *v = ARENA_ARRAY(a, struct finding, l.found.n);
	for (size_t i = 0; i < l.found.n; i++) {
		v[i] = *l.found.v[i];
		ret.counts[v[i].check->level]++;
	}
	ret.v = v;
	ret.n = l.found.n;
	return ret;
}
