/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan diagnose: what an error code means here; probe --explain by its other name.
 */
#include "cli/estate.h"
#include "cli/explain.h"
#include "cli/probe-run.h"

static enum status run(struct invocation *call)
{
	struct invocation probing = *call;
	const char *code = call->operands[0];
	struct str format = option_format(call);
	probing.operands++;
	probing.n_operands--;
	if (is_estate_path(code)) {
		diag_error(call->diag, NOWHERE, "\"%s\" is an estate; the code comes first", code);
		return STATUS_INPUT;
	}
	if (probing.n_operands && !is_estate_path(probing.operands[0]))
		diag_error(call->diag, NOWHERE, "\"%s\" is not an estate (a file that ends in .yaml)",
			   probing.operands[0]);
	if (!probing.n_operands && !str_is(format, "text") && !str_is(format, "json"))
		diag_error(call->diag, NOWHERE, "--format %.*s needs an estate", STR_ARG(format));
	if (diag_errors(call->diag))
		return STATUS_INPUT;
	return probing.n_operands ? probe_run(&probing, code, NULL) : probe_explain_only(&probing, code);
}

static const struct option_row options[] = {
	PROBE_OPTIONS,
	OPTIONS_END,
};

const struct command command_diagnose = {
	.name = "diagnose",
	.summary = "what an error code or event means here: which flows it stands for, and whether they work",
	.arguments = "CODE [ESTATE.yaml...]",
	.about = "Explains a code that Windows reports, such as 0x800706ba, 1722, event 5719 or "
		 "WS_E_ENDPOINT_NOT_FOUND: what it means, which flows it stands for, and when it is not a closed port. "
		 "With an estate, probes those flows from this machine and lists the likeliest causes in order.",
	.options = options,
	.least = 1,
	.most = 100,
	.run = run,
};
