/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/proving.h"

#include "base/vec.h"
#include "prove/arrive.h"

struct ruleset *task_read(struct invocation *call, const struct task *t, const struct source *s)
{
	struct ruleset *r;
	if (!dialect_read(call->arena, t->dialect, s, &t->reading, &r, call->diag))
		return NULL;
	interfaces_settle(&t->map, r);
	rules_must_arrive(r, &t->question);
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
		.required = t->question.required,
		.n_required = t->question.n_required,
		.unjudged = !t->question.n_judged && !t->question.n_required,
	};
	ret->tolerated = plan_tolerated(call->arena, p->plan, &t->at, &ret->n_tolerated);
	if (ret->unjudged)
		proof_unjudged(&ret->proof);
	if (p->options.edits && !ret->unjudged) {
		struct edits *e = ARENA_NEW(call->arena, struct edits);
		*e = propose_edits(call->arena, &ret->proof, &t->question);
		ret->edits = e;
	}
	proof_join_lines(call->arena, &ret->proof);
}

/* By the text, as lint does. */
static const struct dialect *guess_dialect(struct invocation *call, const char *path, const struct source **ret)
{
	struct source *s = source_read(call->arena, path, MOST_RULES_BYTES, call->diag);
	const struct dialect *dialect = s ? dialect_guess(s->text) : NULL;
	if (s && !dialect)
		diag_error(call->diag, (struct loc){ s, 0, 0, 0 },
			   "this does not look like a rule set; use --dialect NAME");
	*ret = s;
	return dialect;
}

bool task_make(struct invocation *call, const struct plan *p, const struct place *at, const char *path,
	       const struct proving_options *o, struct task *ret)
{
	const struct source *source = NULL;
	const struct dialect *dialect = o->dialect || place_states_dialect(p, at)
						? place_dialect(call, p, at, o->dialect)
						: guess_dialect(call, path, &source);
	if (!dialect)
		return false;
	struct place settled = *at;
	at = &settled;
	place_speaks(p, &settled, dialect);
	struct judged judged = plan_judged(call->arena, p, at);
	*ret = (struct task){
		.at = settled,
		.dialect = dialect,
		.path = path,
		.source = source,
		.reading = place_reading(call->arena, p, at),
		.map = place_interfaces(call->arena, p, at),
		.question = {
			.map = &ret->map,
			.judged = judged.boxes,
			.n_judged = judged.n,
			.engine = o->engine,
			.most = o->everything ? 0 : MOST_DIFFERENCES,
		},
	};
	if (o->part)
		ret->reading.part = str_of(o->part);
	if (o->profile)
		ret->reading.profile = str_of(o->profile);
	ret->question.required = place_required(call->arena, p, at, &ret->question.n_required);
	ret->question.tolerated = place_tolerated(call->arena, p, at, dialect, &ret->question.n_tolerated);
	return true;
}

const char *place_config(struct arena *a, const struct plan *p, const struct place *at)
{
	const struct estate *e = plan_estate(p);
	struct name config = at->firewall >= 0 ? e->firewalls[at->firewall].config : e->hosts[at->host].firewall.config;
	return config.s.p ? beside(a, config.at.source->name, config.s) : NULL;
}

size_t count_proved_estates(const struct invocation *call)
{
	/* whatever its name, the first is one */
	return 1 + count_estate_operands(call, 1);
}

bool wants_patch(const struct invocation *call)
{
	return option_given(call, "patch") || str_is(option_format(call), "patch");
}

bool proving_find(struct invocation *call, struct proving *ret)
{
	size_t n_files = count_proved_estates(call), n;
	if (call->n_operands > n_files + 1)
		return diag_error(call->diag, NOWHERE,
				  "\"%s\" is not a file of the estate; rules are one file, the last",
				  call->operands[n_files]);
	const struct plan *p = plan_of_files(call, call->operands, n_files);

	*ret = (struct proving){ .plan = p,
				 .options = { .dialect = option(call, "dialect"),
					      .part = option(call, "part"),
					      .profile = option(call, "profile"),
					      .everything = option_given(call, "everything"),
					      .edits = option_given(call, "edits"),
					      .patch = wants_patch(call),
					      .engine = option_engine(call) } };
	if (!p)
		return false;
	if (call->n_operands > n_files) {
		struct place at;
		ret->tasks = ARENA_NEW(call->arena, struct task);
		ret->n = 1;
		return invocation_place(call, p, &at) &&
		       task_make(call, p, &at, call->operands[n_files], &ret->options, ret->tasks);
	}
	struct place *places = plan_places(call->arena, p, &n);
	ret->tasks = ARENA_ARRAY(call->arena, struct task, n);
	for (size_t i = 0; i < n; i++) {
		const char *config = place_config(call->arena, p, &places[i]);
		if (config && !task_make(call, p, &places[i], config, &ret->options, &ret->tasks[ret->n++]))
			return false;
	}
	if (!ret->n)
		return diag_error(call->diag, NOWHERE,
				  "no firewall of the estate has config:; give a file, and --at FIREWALL");
	return true;
}
