/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan check: everything in a folder, for people and for CI.
 */
#include "base/strmap.h"
#include "base/system.h"
#include "base/build-id.h"
#include "cli/check-work.h"
#include "cli/progress.h"
#include "report/check/format.h"

/* --cache, or the folder for caches of the user; NULL: none is used. */
static const char *cache_path(struct invocation *call)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	if (option_given(call, "no-cache"))
		return NULL;
	if (option_given(call, "cache"))
		return option(call, "cache");
	if (!base || base[0] != '/') {
		if (!home || home[0] != '/')
			return NULL;
		base = arena_printf(call->arena, "%s/.cache", home);
	}
	system_make_folder(base, 0700);
	return arena_printf(call->arena, "%s/portolan", base);
}

/* A cache that was not asked for may be missing; one that was asked for has to be usable. */
static bool open_cache(struct invocation *call, struct cache *c)
{
	CLEANUP(out_free) struct out id = out_memory(1 << 16);
	const char *path = cache_path(call);
	*c = (struct cache){ .folder = -1 };
	if (!path || !build_id(&id))
		return true;
	if (option_given(call, "cache"))
		return cache_open(c, path, call->diag);
	struct diag *unsaid = diag_new(call->arena);
	if (!cache_open(c, path, unsaid))
		*c = (struct cache){ .folder = -1 };
	return true;
}

static void accept_finding(struct invocation *call, struct check_finding *f, struct acceptance *accepted)
{
	const char *on = option(call, "on");
	accepted->used = true;
	if (f->open_ended) {
		diag_warn(call->diag, accepted->at, "\"%.*s\" cannot be accepted: its id does not say how much it is",
			  STR_ARG(f->id));
		return;
	}
	f->accepted = accepted;
	f->overdue = on && str_cmp(accepted->until, str_of(on)) < 0;
}

/* Each row accepts the one finding that has its id. */
static void accept_findings(struct invocation *call, struct check_report *r)
{
	struct strmap rows = strmap_new(call->arena);
	for (size_t i = 0; i < r->n_accepted; i++)
		if (!strmap_add(&rows, r->accepted[i].id, &r->accepted[i]))
			diag_warn(call->diag, r->accepted[i].at, "\"%.*s\" is accepted twice",
				  STR_ARG(r->accepted[i].id));
	for (size_t i = 0; i < r->n; i++)
		for (size_t j = 0; j < r->v[i].n; j++) {
			struct acceptance *row = strmap_get(&rows, r->v[i].v[j].id);
			if (row)
				accept_finding(call, &r->v[i].v[j], row);
		}
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].status)
			return; /* what was not read may have it */
	for (size_t i = 0; i < r->n_accepted; i++)
		if (!r->accepted[i].used)
			diag_warn(call->diag, r->accepted[i].at, "\"%.*s\" is accepted and not found; remove it",
				  STR_ARG(r->accepted[i].id));
}

static enum status run(struct invocation *call)
{
	CLEANUP(cache_close) struct cache cache = { .folder = -1 };
	const char *folder = call->n_operands ? call->operands[0] : ".", *on = option(call, "on");
	struct checked_folder found;
	struct check_report report = { .width = call->width,
				       .colour = call->colour_out && !option_given(call, "output"),
				       .strict = option_given(call, "strict") };
	struct file f;

	if (on && !str_is_date(str_of(on))) {
		diag_error(call->diag, NOWHERE, "--on \"%s\" is not a date YYYY-MM-DD", on);
		return STATUS_INPUT;
	}
	progress_begin(call);
	if (!checked_folder_read(call->arena, folder, call->diag, &found) || !open_cache(call, &cache))
		return STATUS_INPUT;
	report.accepted = found.accepted;
	report.n_accepted = found.n_accepted;
	if (!check_work(call, &found, &cache, &report))
		return STATUS_MACHINE;
	accept_findings(call, &report);
	progress_end();
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	check_format_find(option_format(call))->write(&f.out, &report);
	if (!file_commit(&f, call->diag))
		return STATUS_MACHINE;
	return (enum status)check_status(&report);
}

static const struct option_row options[] = {
	{ "on", 0, "YYYY-MM-DD", NULL, "the date for expiry checks; what was accepted until an earlier day fails" },
	{ "strict", 0, NULL, NULL, "warnings of lint fail too" },
	{ "jobs", 'j', "N", NULL, "the number of processes; default: one for each processor" },
	{ "cache", 0, "DIR", NULL, "where answers are kept; default: $XDG_CACHE_HOME/portolan or ~/.cache/portolan" },
	{ "no-cache", 0, NULL, NULL, "keep nothing, and use nothing that was kept" },
	OPTION_FORMAT("text json sarif junit"),
	OPTION_OUTPUT,
	OPTION_AS_DOCUMENTED,
	OPTION_CATALOGUE,
	OPTIONS_END,
};

const struct command command_check = {
	.name = "check",
	.summary = "plan, lint and prove everything in a folder",
	.arguments = "[DIR]",
	.about = "Reads portolan.yaml of the folder, or finds its estates; plans and lints each, and proves the rules "
		 "of "
		 "every firewall and host that has some, with one exit status: the worst. Findings that portolan.yaml "
		 "accepts, with a reason, an owner and a date, are listed and do not fail. What did not change since "
		 "the "
		 "last run is not proved again.",
	.options = options,
	.least = 0,
	.most = 1,
	.run = run,
};
