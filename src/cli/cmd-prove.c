/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan prove: what is really there against what is needed.
 */
#include <time.h>

#include "base/hash.h"
#include "base/vec.h"
#include "cli/rules.h"
#include "report/proof-format.h"

enum { WATCH_MILLISECONDS = 150 };

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
	struct read_options o = post_reading(p, &t->at);
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
	if (option_given(v, "edits")) {
		struct edits *e = ARENA_NEW(v->arena, struct edits);
		*e = propose_edits(v->arena, &ret->proof, &map, required, n, judged.boxes, judged.n);
		ret->edits = e;
	}
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

/* What is proved of an estate: its plan, and the posts with their rules. */
struct proving {
	const struct plan *plan;
	task_vec tasks;
};

static bool find_tasks(struct invocation *v, struct proving *ret)
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
		return invocation_post(v, p, &at) && add_task(v, p, &at, v->operands[1], &ret->tasks);
	}
	struct post *posts = plan_posts(v->arena, p, &n);
	for (size_t i = 0; i < n; i++) {
		struct name config = posts[i].firewall >= 0 ? e->firewalls[posts[i].firewall].config :
							      e->hosts[posts[i].host].firewall.config;
		if (config.s.p && !add_task(v, p, &posts[i], beside(v->arena, v->operands[0], config.s), &ret->tasks))
			return false;
	}
	if (!ret->tasks.n)
		return diag_error(v->diag, NOWHERE, "no firewall of the estate says config:; give a file, and --at FIREWALL");
	return true;
}

static enum status write_report(struct invocation *v, const struct plan *p, const struct proved *proved, size_t n)
{
	struct proof_report r = { .plan = p, .v = proved, .n = n, .width = v->width,
				  .colour = v->colour_out && !option_given(v, "output") };
	struct file f;
	if (n > 1)
		r.way = prove_way(v, p, proved, n);
	proof_report_finish(&r);
	if (!file_create(&f, v->arena, option(v, "output"), v->diag))
		return STATUS_MACHINE;
	proof_format_find(option_format(v))->write(&f.out, &r);
	if (!file_commit(&f, v->diag))
		return STATUS_MACHINE;
	return r.verdict == VERDICT_HOLDS ? STATUS_WELL : r.verdict == VERDICT_FAILS ? STATUS_NO : STATUS_INPUT;
}

/* Watching: the plan is kept until the estate changes, a proof until its rules do. */

/* A call of its own, with the options of another. */
static struct invocation within(const struct invocation *v, struct arena *a)
{
	struct invocation w = *v;
	w.arena = a;
	w.diag = diag_new(a);
	return w;
}

static void print_diagnostics(const struct invocation *v)
{
	struct out err = out_fd(2);
	diag_print(v->diag, &err, v->colour_err);
	out_flush(&err);
	out_free(&err);
}

/* The content of a file as a number; 0 when it cannot be read now. */
static uint64_t content_of(const char *path)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct source *s = source_read(a, path, MOST_RULES_BYTES, diag_new(a));
	return s ? hash64(s->text.p, s->text.n) | 1 : 0;
}

struct watched {
	struct arena *arena;
	uint64_t content;
	struct proved proved;
	bool ok;
};

static bool refresh(struct invocation *v, const struct proving *p, size_t i, struct watched *w)
{
	uint64_t now = content_of(p->tasks.v[i].path);
	if (w->arena && w->content == now)
		return false;
	arena_free(w->arena);
	*w = (struct watched){ .arena = arena_new(), .content = now };
	struct invocation own = within(v, w->arena);
	w->ok = prove_one(&own, p->plan, &p->tasks.v[i], &w->proved);
	print_diagnostics(&own);
	return true;
}

/* As long as the estate stays what it is. */
static void watch_estate(const struct invocation *v)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct invocation own = within(v, a);
	struct proving p;
	uint64_t content = content_of(v->operands[0]);
	bool found = find_tasks(&own, &p);
	print_diagnostics(&own);
	struct watched *w = ARENA_ARRAY(a, struct watched, found ? p.tasks.n : 0);
	struct proved *all = ARENA_ARRAY(a, struct proved, found ? p.tasks.n : 0);
	while (content_of(v->operands[0]) == content) {
		bool changed = false, ok = found;
		for (size_t i = 0; found && i < p.tasks.n; i++) {
			changed |= refresh(&own, &p, i, &w[i]);
			ok &= w[i].ok;
			all[i] = w[i].proved;
		}
		if (changed && ok) {
			CLEANUP(arena_freep) struct arena *shown = arena_new();
			struct invocation once = within(v, shown);
			write_report(&once, p.plan, all, p.tasks.n);
			print_diagnostics(&once);
			fflush(stdout);
		}
		nanosleep(&(struct timespec){ .tv_nsec = WATCH_MILLISECONDS * 1000000L }, NULL);
	}
	for (size_t i = 0; found && i < p.tasks.n; i++)
		arena_free(w[i].arena);
}

static enum status run(struct invocation *v)
{
	struct proving p;
	size_t n = 0;
	bool ok = true;

	while (option_given(v, "watch"))
		watch_estate(v);
	if (!find_tasks(v, &p))
		return STATUS_INPUT;
	struct proved *proved = ARENA_ARRAY(v->arena, struct proved, p.tasks.n);
	for (size_t i = 0; i < p.tasks.n; i++)
		ok &= prove_one(v, p.plan, &p.tasks.v[i], &proved[n]) && ++n;
	return ok ? write_report(v, p.plan, proved, n) : STATUS_INPUT;
}

static const struct option_row options[] = {
	{ "at", 0, "FIREWALL", NULL, "the firewall whose rules FILE holds" },
	{ "host", 0, "HOST", NULL, "the host whose own rules FILE holds" },
	{ "side", 0, "SIDE", "in out", "of a host: what comes in or what goes out" },
	{ "dialect", 0, "NAME", NULL, "another dialect than the estate says" },
	{ "part", 0, "NAME", NULL, "the chain, hook or access list that filters" },
	{ "profile", 0, "NAME", NULL, "the profile that is active (Windows)" },
	{ "everything", 0, NULL, NULL, "every difference, not the first thousand" },
	{ "edits", 0, NULL, NULL, "also the edits that mend the rules, proved before they are shown" },
	{ "watch", 0, NULL, NULL, "prove again whenever the estate or a rule file changes, until interrupted" },
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
