/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lint-rules.h"

#include "cli/known.h"
#include "report/audit-report.h"

typedef void audit_write_fn(struct out *o, const struct audit_report *r);

static audit_write_fn *audit_writer(struct str format)
{
	return str_is(format, "json")       ? audit_json
	       : str_is(format, "sarif")    ? audit_sarif
	       : str_is(format, "markdown") ? audit_markdown
					    : audit_text;
}

enum status lint_rules(struct invocation *call)
{
	struct rules_context at;
	bool ok = true;
	struct file f;
	const struct dialect *dialect = dialect_option(call, "dialect", &ok);

	if (!ok || !invocation_context(call, &at))
		return STATUS_INPUT;
	struct read_options o = invocation_reading(call, &at);
	const struct ruleset *r = invocation_rules(call, call->operands[0], dialect, &o, at.known_map);
	const struct catalogue *c = r ? invocation_catalogue(call) : NULL;
	if (!c)
		return STATUS_INPUT;
	struct audit_options known = known_ports(call->arena, c);
	known.effort.engine = option_engine(call);
	struct audit_report report = {
		.rules = r,
		.audit = audit(call->arena, r, at.known_map, &known),
		.path = call->operands[0],
		.width = call->width,
		.colour = call->colour_out && !option_given(call, "output"),
	};
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	audit_writer(option_format(call))(&f.out, &report);
	if (!file_commit(&f, call->diag))
		return STATUS_MACHINE;
	if (report.audit.order_unknown)
		diag_error(call->diag, NOWHERE,
			   "the rules overlap so much that the effect of their order was not determined");
	if (report.audit.mapper_unknown)
		diag_error(call->diag, NOWHERE,
			   "the rules overlap so much that the check of the RPC endpoint mapper did not finish");
	if (r->unknown.n || report.audit.order_unknown || report.audit.mapper_unknown)
		return STATUS_INPUT;
	return audit_warnings(&report.audit) && option_given(call, "strict") ? STATUS_NO : STATUS_WELL;
}
