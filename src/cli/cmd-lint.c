/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lint-rules.h"
#include "doc/json.h"
#include "report/columns.h"
#include "report/csv.h"
#include "report/findings.h"

static void write_json(struct out *o, const struct estate *e, const struct findings *f)
{
	struct json j = json_to(o);
	json_object(&j);
	json_put_text(&j, "format", "portolan.lint/1");
	json_put_str(&j, "estate", e->name.s);
	json_key(&j, "findings");
	findings_json(&j, f);
	json_end(&j);
	out_char(o, '\n');
}

static void write_text(struct invocation *call, struct out *o, const struct findings *f)
{
	findings_text(o, f, call->width, call->colour_out && !option_given(call, "output"));
	if (f->n)
		out_printf(o, "%zu %s, %zu %s, %zu %s\n", f->counts[LEVEL_ERROR],
			   f->counts[LEVEL_ERROR] == 1 ? "error" : "errors", f->counts[LEVEL_WARNING],
			   f->counts[LEVEL_WARNING] == 1 ? "warning" : "warnings", f->counts[LEVEL_NOTE],
			   f->counts[LEVEL_NOTE] == 1 ? "note" : "notes");
	else
		out_text(o, "no findings\n");
}

static void write_markdown(struct out *o, const struct estate *e, const struct findings *f)
{
	out_text(o, "# Lint: ");
	markdown_text(o, e->name.s);
	out_text(o, f->n ? "\n\n" : "\n\nno findings\n");
	findings_markdown(o, f);
}

static void write_findings(struct invocation *call, struct out *o, const struct estate *e, const struct findings *f)
{
	struct str format = option_format(call);
	if (str_is(format, "json"))
		write_json(o, e, f);
	else if (str_is(format, "sarif"))
		findings_sarif_log(o, e->catalogue, f);
	else if (str_is(format, "markdown"))
		write_markdown(o, e, f);
	else
		write_text(call, o, f);
}

static enum status lint_estate(struct invocation *call)
{
	const struct plan *plan = invocation_plan(call);
	struct file file;

	if (!plan)
		return STATUS_INPUT;
	struct str today = option(call, "on") ? str_of(option(call, "on")) : STR("");
	struct findings f = lint(call->arena, plan, today);
	if (!file_create(&file, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	write_findings(call, &file.out, plan_estate(plan), &f);
	file_commit(&file, call->diag);
	return f.counts[LEVEL_ERROR] || (option_given(call, "strict") && f.counts[LEVEL_WARNING]) ? STATUS_NO
												  : STATUS_WELL;
}

/* Lists the checks, for users and for the test of docs/rules.md. */
static enum status list_checks(struct invocation *call)
{
	static const char *const titles[] = { "check", "level", "rules", "what it means" };
	struct columns *c = columns_new(call->arena, titles, ARRAY_LEN(titles), 3);
	struct file file;
	if (!file_create(&file, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	for (size_t i = 0; checks[i]; i++) {
		const struct check *check = checks[i];
		struct str cells[] = { str_of(check->id), str_of(level_names[check->level]), str_of(check->rules),
				       str_of(check->about) };
		columns_row(c, cells);
	}
	columns_print(c, &file.out, call->width, call->colour_out && !option_given(call, "output"));
	return file_commit(&file, call->diag) ? STATUS_WELL : STATUS_MACHINE;
}

static enum status run(struct invocation *call)
{
	if (option_given(call, "list"))
		return list_checks(call);
	if (!call->n_operands) {
		diag_error(call->diag, NOWHERE, "lint checks estate files or a rule set; name one, or use --list");
		return STATUS_INPUT;
	}
	return call->n_operands == 1 && !is_estate_operand(call, 0, "dialect") ? lint_rules(call) : lint_estate(call);
}

static const struct option_row options[] = {
	OPTION_FORMAT("text json sarif markdown"),
	OPTION_OUTPUT,
	{ "list", 0, NULL, NULL, "list the checks on estates, with the rules of the documents that they enforce" },
	{ "on", 0, "YYYY-MM-DD", NULL, "the date for expiry checks; without it expiry is not checked" },
	{ "strict", 0, NULL, NULL, "exit with status 1 on warnings too" },
	{ "dialect", 0, "NAME", NULL, "of rules: their language; guessed by default" },
	{ "part", 0, "NAME", NULL, "of rules: the chain, hook or access list that filters" },
	{ "estate", 0, "FILE...", NULL, "of rules: an estate with the addresses behind interfaces" },
	{ "at", 0, "FIREWALL", NULL, "of rules: the firewall of the estate whose rules they are" },
	{ "host", 0, "HOST", NULL, "of rules: the host whose own rules they are" },
	{ "side", 0, "SIDE", "in out", "of a host's rules: what comes in or what goes out" },
	OPTION_ENGINE,
	OPTION_AS_DOCUMENTED,
	OPTION_CATALOGUE,
	OPTIONS_END,
};

const struct command command_lint = {
	.name = "lint",
	.summary = "find mistakes in an estate, or in rules",
	.arguments = "ESTATE.yaml...|RULES",
	.about = "Checks an estate against the rules of the documents: ports that must follow each other, listeners "
		 "that "
		 "collide, settings that conflict. Each finding states the remedy and cites the document. Of a rule "
		 "set it reports "
		 "which rules are shadowed or redundant, depend on their order, open everything, or contradict "
		 "their names.",
	.options = options,
	.least = 0,
	.most = 100,
	.run = run,
};
