/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan prove: what is really there against what is needed.
 */
#include "base/vec.h"
#include "cli/rules.h"
#include "report/proof-format.h"

/* What is proved: a post and the file of its rules. */
struct task {
	struct post at;
	const struct dialect *dialect;
	const char *path;
};

static enum engine engine_option(const struct invocation *v)
{
	const char *name = option(v, "engine");
	for (int e = 0; name && e < N_ENGINES; e++)
		if (strcmp(name, engine_names[e]) == 0)
			return (enum engine)e;
	return ENGINE_AUTO;
}

static bool prove_one(struct invocation *v, const struct plan *p, const struct task *t, struct proved *ret)
{
	struct read_options o = { .side = t->at.side };
	if (option(v, "part"))
		o.part = str_of(option(v, "part"));
	if (option(v, "profile"))
		o.profile = str_of(option(v, "profile"));
	const struct ruleset *r = invocation_rules(v, t->path, t->dialect, &o);
	if (!r)
		return false;
	size_t n;
	const struct required *required = post_required(v->arena, p, &t->at, &n);
	struct judged judged = plan_judged(v->arena, p, &t->at);
	struct interface_map map = post_interfaces(v->arena, p, &t->at);
	struct prove_options options = { .most = option_given(v, "everything") ? 0 : 1000, .engine = engine_option(v) };
	*ret = (struct proved){
		.at = t->at,
		.name = post_name(p, &t->at),
		.dialect = t->dialect->name,
		.path = t->path,
		.proof = prove(v->arena, r, &map, required, n, judged.boxes, judged.n, &options),
		.n_required = n,
	};
	return true;
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

static const struct proved_way *prove_way(struct invocation *v, const struct plan *p, const struct proved *proved, size_t n)
{
	struct proved_way *way = ARENA_NEW(v->arena, struct proved_way);
	struct way_collector c = { p, proved, n, { .arena = v->arena, .plan = p } };
	struct filter *filters = ARENA_ARRAY(v->arena, struct filter, n);
	struct interface_map *maps = ARENA_ARRAY(v->arena, struct interface_map, n);
	VEC(struct flowbox) judged = { 0 };
	struct permits needed = { 0 }, passes = { .filters = filters, .n_filters = n };

	plan_each(p, collect_way, &c);
	struct flowbox *boxes = ARENA_ARRAY(v->arena, struct flowbox, c.flows.required.n);
	for (size_t i = 0; i < c.flows.required.n; i++)
		boxes[i] = c.flows.required.v[i].box;
	needed = (struct permits){ .boxes = boxes, .n_boxes = c.flows.required.n };
	for (size_t i = 0; i < n; i++) {
		struct judged j = plan_judged(v->arena, p, &proved[i].at);
		maps[i] = post_interfaces(v->arena, p, &proved[i].at);
		filters[i] = (struct filter){ proved[i].proof.rules, &maps[i], j.boxes, j.n };
		for (size_t k = 0; k < j.n; k++)
			*VEC_ADD(v->arena, &judged) = j.boxes[k];
	}
	*way = (struct proved_way){
		.comparison = compare(v->arena, &needed, &passes, judged.v, judged.n, c.flows.required.v,
				      c.flows.required.n, option_given(v, "everything") ? SIZE_MAX : 1000),
		.required = c.flows.required.v,
		.n_required = c.flows.required.n,
		.whole = every_firewall_is_there(p, proved, n),
	};
	return way;
}

typedef VEC(struct task) task_vec;

static bool add_task(struct invocation *v, const struct plan *p, const struct post *at, const char *path,
		     task_vec *tasks)
{
	const struct dialect *x = invocation_dialect(v, p, at);
	if (!x)
		return false;
	*VEC_ADD(v->arena, tasks) = (struct task){ *at, x, path };
	return true;
}

static enum status run(struct invocation *v)
{
	task_vec tasks = { 0 };
	const struct estate *e = invocation_estate(v, 1);
	struct plan_options plan_options = { .as_documented = option_given(v, "as-documented") };
	const struct plan *p = e ? plan_make(v->arena, e, &plan_options, v->diag) : NULL;
	if (!p)
		return STATUS_INPUT;
	if (v->n_operands > 1) {
		struct post at;
		if (!invocation_post(v, p, &at) || !add_task(v, p, &at, v->operands[1], &tasks))
			return STATUS_INPUT;
	} else {
		size_t n;
		struct post *posts = plan_posts(v->arena, p, &n);
		for (size_t i = 0; i < n; i++) {
			struct name config = posts[i].firewall >= 0 ? e->firewalls[posts[i].firewall].config :
								      e->hosts[posts[i].host].firewall.config;
			if (config.s.p &&
			    !add_task(v, p, &posts[i], beside(v->arena, v->operands[0], config.s), &tasks))
				return STATUS_INPUT;
		}
		if (!tasks.n) {
			diag_error(v->diag, NOWHERE, "no firewall of the estate says config:; give a file, and --at FIREWALL");
			return STATUS_INPUT;
		}
	}
	struct proof_report r = { .plan = p, .width = v->width, .colour = v->colour_out && !option_given(v, "output") };
	struct proved *proved = ARENA_ARRAY(v->arena, struct proved, tasks.n);
	bool ok = true;
	for (size_t i = 0; i < tasks.n; i++)
		ok &= prove_one(v, p, &tasks.v[i], &proved[r.n]) && ++r.n;
	if (!ok)
		return STATUS_INPUT;
	r.v = proved;
	if (r.n > 1)
		r.way = prove_way(v, p, proved, r.n);
	proof_report_finish(&r);

	struct file f;
	if (!file_create(&f, v->arena, option(v, "output"), v->diag))
		return STATUS_MACHINE;
	proof_format_find(option_format(v))->write(&f.out, &r);
	file_commit(&f, v->diag);
	return r.verdict == VERDICT_HOLDS ? STATUS_WELL : r.verdict == VERDICT_FAILS ? STATUS_NO : STATUS_INPUT;
}

static const struct option_row options[] = {
	{ "at", 0, "FIREWALL", NULL, "the firewall whose rules FILE holds" },
	{ "host", 0, "HOST", NULL, "the host whose own rules FILE holds" },
	{ "side", 0, "SIDE", "in out", "of a host: what comes in or what goes out" },
	{ "dialect", 0, "NAME", NULL, "another dialect than the estate says" },
	{ "part", 0, "NAME", NULL, "the chain, hook or access list that filters" },
	{ "profile", 0, "NAME", NULL, "the profile that is active (Windows)" },
	{ "everything", 0, NULL, NULL, "every difference, not the first thousand" },
	{ "engine", 0, "NAME", "auto diagrams sweep", "how it is computed; the answers are the same" },
	OPTION_FORMAT("text json sarif junit markdown html"),
	OPTION_OUTPUT,
	OPTION_AS_DOCUMENTED,
	OPTION_CATALOGUE,
	OPTIONS_END,
};

const struct command command_prove = {
	.name = "prove",
	.summary = "whether rules let through all that is needed, and nothing else",
	.arguments = "ESTATE.yaml [RULES]",
	.about = "Compares what a firewall's rules permit with what the plan needs there, for every packet. Each "
		 "difference comes with a packet that shows it and the rule that decides it. Without RULES, every firewall "
		 "and host of the estate that says config: is proved.",
	.options = options,
	.least = 1,
	.most = 2,
	.run = run,
};
