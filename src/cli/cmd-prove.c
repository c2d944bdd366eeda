/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan prove: what the rules permit against what is needed.
 */
#include "base/build-id.h"
#include "cli/progress.h"
#include "cli/proving.h"

static bool open_cache(struct invocation *call, struct cache *c)
{
	CLEANUP(out_free) struct out id = out_memory(1 << 16);
	const char *path = option(call, "cache");
	*c = (struct cache){ .folder = -1 };
	if (!path)
		return true;
	if (build_id(&id))
		return cache_open(c, path, call->diag);
	diag_warn(call->diag, NOWHERE,
		  "\"%s\" is not used: this program or one of its libraries was linked without a "
		  "build id, so its results cannot be distinguished from another's",
		  path);
	return true;
}

static enum status run(struct invocation *call)
{
	CLEANUP(cache_close) struct cache cache = { .folder = -1 };
	struct proving p;
	bool ok = true;

	if (option_given(call, "watch") && option_given(call, "cache")) {
		diag_error(call->diag, NOWHERE, "--watch keeps proofs itself; --cache is for runs that end");
		return STATUS_INPUT;
	}
	if (option_given(call, "watch") && (wants_patch(call) || option_given(call, "with"))) {
		diag_error(call->diag, NOWHERE, "--patch and --with are for proofs that end; leave out --watch");
		return STATUS_INPUT;
	}
	if (option_given(call, "watch"))
		prove_watching(call);
	progress_begin(call);
	if (!proving_find(call, &p) || !open_cache(call, &cache))
		return STATUS_INPUT;
	if (option(call, "with") && p.n > 1) {
		diag_error(call->diag, NOWHERE,
			   "--with is for the rules of one place; give their file, and --at FIREWALL");
		return STATUS_INPUT;
	}
	p.cache = cache.folder >= 0 ? &cache : NULL;
	struct proved *proved = ARENA_ARRAY(call->arena, struct proved, p.n);
	for (size_t i = 0; i < p.n; i++) {
		struct task *t = &p.tasks[i];
		progress_count(i, p.n, "places");
		struct proof proof;
		if (!t->source)
			t->source = source_read(call->arena, t->path, MOST_RULES_BYTES, call->diag);
		if (t->source && option(call, "with"))
			t->source = task_with(call, t->source, option(call, "with"));
		if (!t->source || !task_prove(call, &p, t, &proof)) {
			ok = false;
			continue;
		}
		task_proved(call, &p, t, &proof, &proved[i]);
		if (p.options.patch)
			proved[i].patch = task_patch(call, &p, t, &proof, proved[i].edits);
	}
	return ok ? proving_report(call, &p, proved) : STATUS_INPUT;
}

static const struct option_row options[] = {
	{ "at", 0, "FIREWALL", NULL, "the firewall whose rules FILE holds" },
	{ "host", 0, "HOST", NULL, "the host whose own rules FILE holds" },
	{ "side", 0, "SIDE", "in out", "of a host: what comes in or what goes out" },
	{ "dialect", 0, "NAME", NULL, "a dialect other than the estate's" },
	{ "part", 0, "NAME", NULL, "the chain, hook or access list that filters" },
	{ "profile", 0, "NAME", NULL, "the profile that is active (Windows)" },
	{ "everything", 0, NULL, NULL, "every difference, not the first thousand" },
	{ "edits", 0, NULL, NULL, "also show edits that fix the rules, proved before they are shown" },
	{ "patch", 0, NULL, NULL, "also show statements to paste that fix the rules, and their undo, proved before" },
	{ "with", 0, "PATCH", NULL, "the rules as they are once PATCH was pasted after them" },
	{ "cache", 0, "DIR", NULL, "keep proofs in a folder, and prove only what is not in it" },
	{ "watch", 0, NULL, NULL, "prove again whenever the estate or a rule file changes, until interrupted" },
	OPTION_ENGINE,
	OPTION_FORMAT("text json sarif junit markdown html patch"),
	OPTION_OUTPUT,
	OPTION_AS_DOCUMENTED,
	OPTION_CATALOGUE,
	OPTIONS_END,
};

const struct command command_prove = {
	.name = "prove",
	.summary = "prove that rules permit all that is needed, and nothing else",
	.arguments = "ESTATE.yaml... [RULES]",
	.about = "Compares what a firewall's rules permit with what the plan needs there, for every packet. Each "
		 "difference comes with a packet that shows it and the rule that decides it. Without RULES, every "
		 "firewall "
		 "and host of the estate with config: is proved.",
	.options = options,
	.least = 1,
	.most = 100,
	.run = run,
};
