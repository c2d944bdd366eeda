/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan plan: the flows of an estate.
 */
#include "cli/estate.h"
#include "report/plan/format.h"

static enum status run(struct invocation *call)
{
	const struct plan_format *format = plan_format_find(option_format(call));
	const struct plan *plan = invocation_plan(call);
	struct file f;

	if (!plan)
		return STATUS_INPUT;
	if (format->binary && !option_given(call, "output") && call->width) {
		diag_error(call->diag, NOWHERE, "%s is not for a terminal; use -o FILE", format->title);
		return STATUS_INPUT;
	}
	struct plan_report r = {
		.plan = plan,
		.advice = lint(call->arena, plan, STR("")),
		.width = call->width,
		.colour = call->colour_out && !option_given(call, "output"),
	};
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	if (!format->write(&f.out, &r, call->diag)) {
		file_abandon(&f);
		return STATUS_INPUT;
	}
	file_commit(&f, call->diag);
	return r.advice.counts[LEVEL_ERROR] ? STATUS_NO : STATUS_WELL;
}

static const struct option_row options[] = {
	OPTION_FORMAT("text json csv xlsx markdown html svg dot"),
	OPTION_OUTPUT,
	OPTION_AS_DOCUMENTED,
	OPTION_CATALOGUE,
	OPTIONS_END,
};

const struct command command_plan = {
	.name = "plan",
	.summary = "list every flow that an estate needs, with its reasons",
	.arguments = "ESTATE.yaml...",
	.about = "Computes the exact flows of an estate: from which host to which, on which protocol and ports, why, "
		 "which "
		 "document requires it, and which firewalls it crosses. Several files are merged, the later "
		 "over the earlier.",
	.options = options,
	.least = 1,
	.most = 100,
	.run = run,
};
