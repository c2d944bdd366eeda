/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lint-rules.h"

#include "cli/known.h"
#include "report/audit-report.h"

enum status lint_rules(struct invocation *v)
{
	struct rules_context at;
	bool ok = true;
	struct file f;
	const struct dialect *x = dialect_option(v, "dialect", &ok);

	if (!ok || !invocation_context(v, &at))
		return STATUS_INPUT;
	struct read_options o = invocation_reading(v, &at);
	const struct ruleset *r = invocation_rules(v, v->operands[0], x, &o);
	const struct catalogue *c = r ? invocation_catalogue(v) : NULL;
	if (!c)
		return STATUS_INPUT;
	struct audit_options known = known_ports(v->arena, c);
	known.effort.engine = option_engine(v);
	struct audit_report report = {
		.rules = r,
		.audit = audit(v->arena, r, at.known_map, &known),
		.path = v->operands[0],
		.width = v->width,
		.colour = v->colour_out && !option_given(v, "output"),
	};
	if (!file_create(&f, v->arena, option(v, "output"), v->diag))
		return STATUS_MACHINE;
	if (str_is(option_format(v), "json"))
		audit_json(&f.out, &report);
	else
		audit_text(&f.out, &report);
	if (!file_commit(&f, v->diag))
		return STATUS_MACHINE;
	if (report.audit.order_unknown)
		diag_error(v->diag, NOWHERE,
			   "the rules overlap so much that what their order does was not found out");
	if (report.audit.mapper_unknown)
		diag_error(v->diag, NOWHERE,
			   "the rules overlap so much that whether the RPC endpoint mapper is open alone was not found out");
	if (r->unknown.n || report.audit.order_unknown || report.audit.mapper_unknown)
		return STATUS_INPUT;
	return audit_warnings(&report.audit) && option_given(v, "strict") ? STATUS_NO : STATUS_WELL;
}
