/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/proving.h"

#include "base/vec.h"

enum { MOST_DIFFERENCES = 1000 };	/* of a whole way */

struct ruleset *task_read(struct invocation *v, const struct task *t, const struct source *s)
{
	struct ruleset *r;
	return dialect_read(v->arena, t->dialect, s, &t->reading, &r, v->diag) ? r : NULL;
}

void task_proved(struct invocation *v, const struct proving *p, const struct task *t, const struct proof *proof,
		 struct proved *ret)
{
	*ret = (struct proved){
		.at = t->at,
		.name = post_name(p->plan, &t->at),
		.dialect = t->dialect->name,
		.path = t->path,
		.proof = *proof,
		.n_required = t->n_required,
	};
	if (option_given(v, "edits")) {
		struct edits *e = ARENA_NEW(v->arena, struct edits);
		*e = propose_edits(v->arena, &ret->proof, &t->map, t->required, t->n_required, t->judged.boxes, t->judged.n);
		ret->edits = e;
	}
	proof_join_lines(v->arena, &ret->proof);
}

/* The flows that any of the posts sees, each once. */
struct way_collector {
	const struct plan *plan;
	const struct proved *v;
	size_t n;
	struct required_collector flows;
};

static void collect_way(void *ctx, const struct flow *f)
{
	struct way_collector *c = ctx;
	for (size_t i = 0; i < c->n; i++)
		if (post_sees(c->plan, &c->v[i].at, f)) {
			collect_required(&c->flows, f);
			return;
		}
}

static bool every_firewall_is_there(const struct plan *p, const struct proved *v, size_t n)
{
	size_t firewalls = 0;
	for (size_t i = 0; i < n; i++)
		firewalls += v[i].at.firewall >= 0;
	return firewalls == plan_estate(p)->n_firewalls;
}

/* True when the proof of some post has the flow as missing, or does not name all that is. */
static bool some_post_lacks(const struct proved *v, size_t n, const struct flow *f)
{
	char id[FLOW_ID], other[FLOW_ID];
	flow_id(f, id);
	for (size_t i = 0; i < n; i++) {
		const struct proof *p = &v[i].proof;
		for (size_t k = 0; k < p->n_missing; k++)
			if (strcmp(flow_id(p->missing[k].required->what, other), id) == 0)
				return true;
		if (p->all_missing > p->n_missing)
			return true;
	}
	return false;
}

static const struct proved_way *prove_way(struct invocation *v, const struct proving *all, const struct proved *proved)
{
	const struct plan *p = all->plan;
	size_t n = all->n;
	struct proved_way *way = ARENA_NEW(v->arena, struct proved_way);
	struct way_collector c = { p, proved, n, { .arena = v->arena, .plan = p } };
	struct filter *filters = ARENA_ARRAY(v->arena, struct filter, n);
	struct interface_map *maps = ARENA_ARRAY(v->arena, struct interface_map, n);
	VEC(struct flowbox) judged = { 0 };
	struct permits needed = { 0 }, passes = { .filters = filters, .n_filters = n };

	plan_each(p, collect_way, &c);
	struct flowbox *boxes = ARENA_ARRAY(v->arena, struct flowbox, c.flows.required.n);
	for (size_t i = 0; i < c.flows.required.n; i++)
		boxes[i] = *required_widest(&c.flows.required.v[i]);
	needed = (struct permits){ .boxes = boxes, .n_boxes = c.flows.required.n };
	for (size_t i = 0; i < n; i++) {
		struct judged j = plan_judged(v->arena, p, &proved[i].at);
		maps[i] = post_interfaces(v->arena, p, &proved[i].at);
		filters[i] = (struct filter){ rules_without_interfaces(v->arena, proved[i].proof.rules), &maps[i], j.boxes, j.n };
		for (size_t k = 0; k < j.n; k++)
			*VEC_ADD(v->arena, &judged) = j.boxes[k];
	}
	*way = (struct proved_way){
		.comparison = way_answer(v, all, &needed, &passes,
					 &(struct compare_options){
						 .judged = judged.v,
						 .n_judged = judged.n,
						 .required = c.flows.required.v,
						 .n_required = c.flows.required.n,
						 .most = option_given(v, "everything") ? 0 : MOST_DIFFERENCES,
					 }),
		.required = c.flows.required.v,
		.n_required = c.flows.required.n,
		.whole = every_firewall_is_there(p, proved, n),
	};
	if (way->comparison.gave_up) {
		diag_warn(v->diag, NOWHERE,
			  "the rules of all firewalls together overlap too much to be compared as one way; the proof of each stands");
		return NULL;
	}
	/* what firewalls open by themselves is in none of their rules */
	for (size_t i = 0; i < way->n_required; i++)
		if (way->comparison.loses[i] && way->required[i].helper != HELPER_NONE)
			way->comparison.loses[i] = some_post_lacks(proved, n, way->required[i].what);
	return way;
}

static bool add_task(struct invocation *v, const struct plan *p, const struct post *at, const char *path, struct task *ret)
{
	const struct dialect *x = invocation_dialect(v, p, at);
	if (!x)
		return false;
	*ret = (struct task){
		.at = *at,
		.dialect = x,
		.path = path,
		.reading = post_reading(v->arena, p, at),
		.options = { .most = option_given(v, "everything") ? 0 : 1000, .engine = option_engine(v) },
		.map = post_interfaces(v->arena, p, at),
		.judged = plan_judged(v->arena, p, at),
	};
	if (option(v, "part"))
		ret->reading.part = str_of(option(v, "part"));
	if (option(v, "profile"))
		ret->reading.profile = str_of(option(v, "profile"));
	ret->required = post_required(v->arena, p, at, &ret->n_required);
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
		struct post at;
		ret->tasks = ARENA_NEW(v->arena, struct task);
		ret->n = 1;
		return invocation_post(v, p, &at) && add_task(v, p, &at, v->operands[1], ret->tasks);
	}
	struct post *posts = plan_posts(v->arena, p, &n);
	ret->tasks = ARENA_ARRAY(v->arena, struct task, n);
	for (size_t i = 0; i < n; i++) {
		struct name config = posts[i].firewall >= 0 ? e->firewalls[posts[i].firewall].config :
							      e->hosts[posts[i].host].firewall.config;
		if (config.s.p &&
		    !add_task(v, p, &posts[i], beside(v->arena, v->operands[0], config.s), &ret->tasks[ret->n++]))
			return false;
	}
	if (!ret->n)
		return diag_error(v->diag, NOWHERE, "no firewall of the estate says config:; give a file, and --at FIREWALL");
	return true;
}

enum status proving_report(struct invocation *v, const struct proving *p, const struct proved *proved)
{
	struct proof_report r = { .plan = p->plan, .v = proved, .n = p->n, .width = v->width,
				  .colour = v->colour_out && !option_given(v, "output") };
	struct file f;
	if (p->n > 1)
		r.way = prove_way(v, p, proved);
	proof_report_finish(&r);
	if (!file_create(&f, v->arena, option(v, "output"), v->diag))
		return STATUS_MACHINE;
	proof_format_find(option_format(v))->write(&f.out, &r);
	if (!file_commit(&f, v->diag))
		return STATUS_MACHINE;
	return r.verdict == VERDICT_HOLDS ? STATUS_WELL : r.verdict == VERDICT_FAILS ? STATUS_NO : STATUS_INPUT;
}
