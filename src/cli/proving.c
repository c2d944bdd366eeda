/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/proving.h"

#include "base/vec.h"

struct ruleset *task_read(struct invocation *v, const struct task *t, const struct source *s)
{
	struct ruleset *r;
	return dialect_read(v->arena, t->dialect, s, &t->reading, &r, v->diag) ? r : NULL;
}

bool task_prove(struct invocation *v, const struct proving *p, const struct task *t, struct proof *ret)
{
	CLEANUP(out_free) struct out bytes = out_memory(MOST_QUESTION_BYTES);
	size_t first_remark = diag_count(v->diag);
	struct asked q;
	bool cached = proof_asked(v, p, t, &bytes, &q);
	if (cached && proof_find(v, p, t, &q, ret))
		return true;
	struct ruleset *r = task_read(v, t, t->source);
	if (!r)
		return false;
	*ret = prove(v->arena, r, &t->question);
	if (cached)
		proof_keep(v, p, t, &q, first_remark, ret);
	return true;
}

void task_proved(struct invocation *v, const struct proving *p, const struct task *t, const struct proof *proof,
		 struct proved *ret)
{
	*ret = (struct proved){
		.at = t->at,
		.name = place_name(p->plan, &t->at),
		.dialect = t->dialect->name,
		.path = t->path,
		.proof = *proof,
		.n_required = t->question.n_required,
	};
	if (option_given(v, "edits")) {
		struct edits *e = ARENA_NEW(v->arena, struct edits);
		*e = propose_edits(v->arena, &ret->proof, &t->question);
		ret->edits = e;
	}
	proof_join_lines(v->arena, &ret->proof);
}

static bool add_task(struct invocation *v, const struct plan *p, const struct place *at, const char *path, struct task *ret)
{
	const struct dialect *x = invocation_dialect(v, p, at);
	if (!x)
		return false;
	struct judged judged = plan_judged(v->arena, p, at);
	*ret = (struct task){
		.at = *at,
		.dialect = x,
		.path = path,
		.reading = place_reading(v->arena, p, at),
		.map = place_interfaces(v->arena, p, at),
		.question = {
			.map = &ret->map,
			.judged = judged.boxes,
			.n_judged = judged.n,
			.engine = option_engine(v),
			.most = option_given(v, "everything") ? 0 : MOST_DIFFERENCES,
		},
	};
	if (option(v, "part"))
		ret->reading.part = str_of(option(v, "part"));
	if (option(v, "profile"))
		ret->reading.profile = str_of(option(v, "profile"));
	ret->question.required = place_required(v->arena, p, at, &ret->question.n_required);
	return true;
}

bool proving_find(struct invocation *v, struct proving *ret)
{
	const struct estate *e = invocation_estate(v, 1);
	struct plan_options plan_options = { .as_documented = option_given(v, "as-documented") };
	const struct plan *p = e ? plan_make(v->arena, e, &plan_options, v->diag) : NULL;
	size_t n;

	*ret = (struct proving){ .plan = p };
	if (!p)
		return false;
	if (v->n_operands > 1) {
		struct place at;
		ret->tasks = ARENA_NEW(v->arena, struct task);
		ret->n = 1;
		return invocation_place(v, p, &at) && add_task(v, p, &at, v->operands[1], ret->tasks);
	}
	struct place *places = plan_places(v->arena, p, &n);
	ret->tasks = ARENA_ARRAY(v->arena, struct task, n);
	for (size_t i = 0; i < n; i++) {
		struct name config = places[i].firewall >= 0 ? e->firewalls[places[i].firewall].config :
							      e->hosts[places[i].host].firewall.config;
		if (config.s.p &&
		    !add_task(v, p, &places[i], beside(v->arena, v->operands[0], config.s), &ret->tasks[ret->n++]))
			return false;
	}
	if (!ret->n)
		return diag_error(v->diag, NOWHERE, "no firewall of the estate says config:; give a file, and --at FIREWALL");
	return true;
}
