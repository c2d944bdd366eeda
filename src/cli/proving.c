/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/proving.h"

#include "base/vec.h"

struct ruleset *task_read(struct invocation *call, const struct task *t, const struct source *s)
{
	struct ruleset *r;
	if (!dialect_read(call->arena, t->dialect, s, &t->reading, &r, call->diag))
		return NULL;
	interfaces_settle(&t->map, r);
	return r;
}

bool task_prove(struct invocation *call, const struct proving *p, const struct task *t, struct proof *ret)
{
	CLEANUP(out_free) struct out bytes = out_memory(MOST_QUESTION_BYTES);
	size_t first_remark = diag_count(call->diag);
	struct asked q;
	bool cached = proof_asked(call, p, t, &bytes, &q);
	if (cached && proof_find(call, p, t, &q, ret)) {
		interfaces_settle(&t->map, (struct ruleset *)ret->rules); /* they were just made */
		return true;
	}
	struct ruleset *r = task_read(call, t, t->source);
	if (!r)
		return false;
	*ret = prove(call->arena, r, &t->question);
	if (cached)
		proof_keep(call, p, t, &q, first_remark, ret);
	return true;
}

void task_proved(struct invocation *call, const struct proving *p, const struct task *t, const struct proof *proof,
		 struct proved *ret)
{
	*ret = (struct proved){
		.at = t->at,
		.name = place_name(p->plan, &t->at),
		.dialect = t->dialect->name,
		.path = t->path,
		.proof = *proof,
		.n_required = t->question.n_required,
		.unjudged = !t->question.n_judged && !t->question.n_required,
	};
	if (ret->unjudged)
		proof_unjudged(&ret->proof);
	if (option_given(call, "edits") && !ret->unjudged) {
		struct edits *e = ARENA_NEW(call->arena, struct edits);
		*e = propose_edits(call->arena, &ret->proof, &t->question);
		ret->edits = e;
	}
	proof_join_lines(call->arena, &ret->proof);
}

static bool add_task(struct invocation *call, const struct plan *p, const struct place *at, const char *path,
		     struct task *ret)
{
	const struct dialect *dialect = invocation_dialect(call, p, at);
	if (!dialect)
		return false;
	struct judged judged = plan_judged(call->arena, p, at);
	*ret = (struct task){
		.at = *at,
		.dialect = dialect,
		.path = path,
		.reading = place_reading(call->arena, p, at),
		.map = place_interfaces(call->arena, p, at),
		.question = {
			.map = &ret->map,
			.judged = judged.boxes,
			.n_judged = judged.n,
			.engine = option_engine(call),
			.most = option_given(call, "everything") ? 0 : MOST_DIFFERENCES,
		},
	};
	if (option(call, "part"))
		ret->reading.part = str_of(option(call, "part"));
	if (option(call, "profile"))
		ret->reading.profile = str_of(option(call, "profile"));
	ret->question.required = place_required(call->arena, p, at, &ret->question.n_required);
	return true;
}

bool proving_find(struct invocation *call, struct proving *ret)
{
	const struct estate *e = invocation_estate(call, 1);
	struct plan_options plan_options = { .as_documented = option_given(call, "as-documented") };
	const struct plan *p = e ? plan_make(call->arena, e, &plan_options, call->diag) : NULL;
	size_t n;

	*ret = (struct proving){ .plan = p };
	if (!p)
		return false;
	if (call->n_operands > 1) {
		struct place at;
		ret->tasks = ARENA_NEW(call->arena, struct task);
		ret->n = 1;
		return invocation_place(call, p, &at) && add_task(call, p, &at, call->operands[1], ret->tasks);
	}
	struct place *places = plan_places(call->arena, p, &n);
	ret->tasks = ARENA_ARRAY(call->arena, struct task, n);
	for (size_t i = 0; i < n; i++) {
		struct name config = places[i].firewall >= 0 ? e->firewalls[places[i].firewall].config
							     : e->hosts[places[i].host].firewall.config;
		if (config.s.p && !add_task(call, p, &places[i], beside(call->arena, call->operands[0], config.s),
					    &ret->tasks[ret->n++]))
			return false;
	}
	if (!ret->n)
		return diag_error(call->diag, NOWHERE,
				  "no firewall of the estate has config:; give a file, and --at FIREWALL");
	return true;
}
