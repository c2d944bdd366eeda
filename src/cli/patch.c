/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mend of rules in their own language: edits as statements.  What is written is read as the device would run it,
 * after the rules that are there, and proved; with the undo after that, the rules have to be those of before.  What does
 * not pass both is not shown.
 */
#include "base/vec.h"
#include "cli/proving.h"

/* Text after text, as one source.  The texts' own line ends stay. */
static const struct source *joined(struct arena *a, const char *name, struct str before, struct str after)
{
	bool ended = !before.n || before.p[before.n - 1] == '\n';
	return source_of_text(a, name, str_printf(a, "%.*s%s%.*s", STR_ARG(before), ended ? "" : "\n", STR_ARG(after)));
}

const struct source *task_with(struct invocation *call, const struct source *rules, const char *path)
{
	const struct source *patch = source_read(call->arena, path, MOST_RULES_BYTES, call->diag);
	if (!patch)
		return NULL;
	return joined(call->arena, arena_printf(call->arena, "%s + %s", rules->name, path), rules->text, patch->text);
}

/* The rules of a task with other text; NULL when they cannot be read.  Nothing is reported. */
static const struct ruleset *read_quietly(struct invocation *call, struct task *t, const struct source *s)
{
	struct invocation quiet = *call;
	quiet.diag = diag_new(call->arena);
	return task_read(&quiet, t, s);
}

static bool holds_with(struct invocation *call, const struct task *t, struct str patch)
{
	struct task own = *t;
	own.question.map = &own.map;
	own.question.most = 1; /* one difference is enough to refuse */
	const struct ruleset *r = read_quietly(call, &own, joined(call->arena, t->path, t->source->text, patch));
	return r && prove(call->arena, r, &own.question).verdict == VERDICT_HOLDS;
}

static bool same_after(struct invocation *call, const struct task *t, const struct ruleset *old, struct str patch,
		       struct str undo)
{
	struct task own = *t;
	struct str both = str_printf(call->arena, "%.*s%.*s", STR_ARG(patch), STR_ARG(undo));
	const struct ruleset *new = read_quietly(call, &own, joined(call->arena, t->path, t->source->text, both));
	if (!new)
		return false;
	struct filter before = { .rules = old, .map = &own.map }, after = { .rules = new, .map = &own.map };
	struct permits left = { .filters = &before, .n_filters = 1 }, right = { .filters = &after, .n_filters = 1 };
	struct compare_options o = { .judged = t->question.judged, .n_judged = t->question.n_judged, .most = 1 };
	struct comparison c = compare(call->arena, &left, &right, &o);
	return c.equal && !c.gave_up;
}

static struct str title_of(struct arena *a, const struct edit *e)
{
	const struct flow *f = e->required ? e->required->what : NULL;
	if (!f)
		return STR("not needed");
	return str_printf(a, "%.*s to %.*s", STR_ARG(f->from->name), STR_ARG(f->to->name));
}

/* A rule that comes too late is permitted again at its place: then the later one is of no effect. */
static struct patch_step step_of(struct arena *a, const struct edit *e)
{
	struct patch_step step = { .chain = e->chain, .at = e->at, .title = title_of(a, e) };
	if (e->kind == EDIT_DELETE) {
		step.at = e->rule;
		step.removes = true;
		return step;
	}
	step.denies = e->kind == EDIT_NARROW;
	step.boxes = e->boxes;
	step.n_boxes = e->n_boxes;
	return step;
}

/* Of a language whose files replace all that is there, the whole file is the only patch. */
static const char *why_no_patch(struct invocation *call, const struct dialect *dialect)
{
	bool whole = dialect->loading && dialect->loading->loads == LOADS_REPLACES_ALL;
	return arena_printf(call->arena,
			    whole ? "rules of %s are loaded as a whole; portolan emit writes all of them"
				  : "portolan writes none in %s; portolan emit writes new rules",
			    dialect->name);
}

/* Why there is none; NULL: it is in ret. */
static const char *write_patch(struct invocation *call, const struct proving *p, const struct task *t,
			       const struct proof *proof, const struct edits *edits, struct proof_patch *ret)
{
	CLEANUP(out_free) struct out apply = out_memory(MOST_RULES_BYTES), undo = out_memory(MOST_RULES_BYTES);
	VEC(struct patch_step) steps = { 0 };
	if (!t->dialect->patch)
		return why_no_patch(call, t->dialect);
	ret->comment = t->dialect->patch->comment;
	struct edits e = edits ? *edits : propose_edits(call->arena, proof, &t->question);
	if (e.why_not)
		return e.why_not;
	for (size_t i = 0; i < e.n; i++)
		*VEC_ADD(call->arena, &steps) = step_of(call->arena, &e.v[i]);
	struct patch_request q = {
		.dialect = t->dialect,
		.rules = proof->rules,
		.text = t->source->text,
		.place = plan_policy(call->arena, p->plan, &t->at, (struct policy_options){ 0 }),
		.steps = steps.v,
		.n = steps.n,
	};
	const char *why = t->dialect->patch->write(call->arena, &q, &apply, &undo);
	if (why)
		return why;
	ret->apply = str_dup(call->arena, out_view(&apply));
	ret->undo = str_dup(call->arena, out_view(&undo));
	if (!holds_with(call, t, ret->apply))
		return "statements were tried, but the rules with them do not hold";
	if (!same_after(call, t, proof->rules, ret->apply, ret->undo))
		return "statements were tried, but their undo does not give the rules of before";
	return NULL;
}

const struct proof_patch *task_patch(struct invocation *call, const struct proving *p, const struct task *t,
				     const struct proof *proof, const struct edits *edits)
{
	struct proof_patch *ret = ARENA_NEW(call->arena, struct proof_patch);
	bool judged = t->question.n_judged || t->question.n_required;
	if (!judged || proof->verdict == VERDICT_HOLDS)
		return NULL;
	ret->why_not = write_patch(call, p, t, proof, edits, ret);
	return ret;
}
