/* SPDX-License-Identifier: Apache-2.0 */
/* A proof for a wiki or a merge request. */
#include "report/csv.h"
#include "report/proof/findings.h"
#include "report/proof/format.h"

static struct str rule_place(struct arena *a, const struct proof_finding *f)
{
	if (f->at.line)
		return str_printf(a, "%s:%u: %.*s", f->at.source->name, f->at.line, STR_ARG(f->rule));
	return f->rule;
}

static bool is_difference(const struct proof_finding *f)
{
	return f->kind <= PROOF_SURPLUS_PERHAPS;
}

static void put_item(struct out *o, const char *label, struct str text)
{
	if (!text.n)
		return;
	out_printf(o, "  - %s", label);
	markdown_text(o, text);
	out_char(o, '\n');
}

/* An item for each service, or for each part of the packets. */
static void put_parts(struct out *o, struct str parts)
{
	struct str line;
	if (str_find(parts, '\n') == SIZE_MAX)
		return;
	while (str_cut(&parts, '\n', &line))
		put_item(o, "", line);
}

static void put_difference(struct out *o, struct arena *a, const struct proof_finding *f)
{
	out_printf(o, "- **%s**: ", proof_kinds[f->kind].title);
	markdown_text(o, f->title);
	out_char(o, '\n');
	put_parts(o, f->parts);
	put_item(o, f->n_flows > 1 ? "for example: " : "packet: ", f->witness);
	put_item(o, "by: ", rule_place(a, f));
	put_item(o, "forbidden: ", f->forbidden);
	put_item(o, "needed: ", f->cite.n ? str_printf(a, "%.*s (%.*s)", STR_ARG(f->why), STR_ARG(f->cite)) : f->why);
	put_item(o, "fix: ", f->mend);
}

static void put_differences(struct out *o, struct arena *a, const struct proof_finding *findings, size_t n)
{
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		if (!is_difference(&findings[i]))
			continue;
		out_text(o, any ? "" : "\n");
		any = true;
		put_difference(o, a, &findings[i]);
	}
}

static void put_remarks(struct out *o, struct arena *a, const struct proof_finding *findings, size_t n)
{
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		const struct proof_finding *f = &findings[i];
		if (is_difference(f))
			continue;
		out_text(o, any ? "- **" : "\n- **");
		any = true;
		out_text(o, proof_kinds[f->kind].title);
		out_text(o, "**: ");
		if (f->rule.n) {
			markdown_text(o, rule_place(a, f));
			out_text(o, ": ");
		}
		markdown_text(o, f->text);
		out_char(o, '\n');
	}
}

/* In a block of code whose fence is longer than any row of backticks in it. */
static void put_code(struct out *o, const char *title, struct str text)
{
	size_t fence = 3, run = 0;
	for (size_t i = 0; i < text.n; i++) {
		run = text.p[i] == '`' ? run + 1 : 0;
		fence = MAX(fence, run + 1);
	}
	out_printf(o, "\n%s\n\n", title);
	out_repeat(o, '`', fence);
	out_char(o, '\n');
	out_str(o, text);
	out_repeat(o, '`', fence);
	out_char(o, '\n');
}

static void put_patch(struct out *o, struct arena *a, const struct proof_patch *patch)
{
	if (patch->why_not) {
		out_text(o, "\nPatch: none; ");
		markdown_text(o, str_printf(a, "%s.", patch->why_not));
		out_char(o, '\n');
		return;
	}
	put_code(o, "Patch (proved: once it is pasted, the rules hold):", patch->apply);
	put_code(o, "Undo of the patch:", patch->undo);
}

static void put_path(struct out *o, const struct proof_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct comparison *c = &r->path->comparison;
	out_text(o, "\n## The whole path\n\nWhat passes every firewall on its path: ");
	markdown_text(o, path_counts(a, r));
	out_text(o, c->n_added ? ".\n\n" : ".\n");
	for (size_t i = 0; i < c->n_added; i++) {
		out_text(o, "- ");
		markdown_text(o, change_parts(a, &c->added[i]));
		out_char(o, '\n');
	}
}

static void write_markdown(struct out *o, const struct proof_report *r)
{
	out_printf(o, "# Proof: %s\n", verdict_names[r->verdict]);
	for (size_t i = 0; i < r->n; i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		const struct proved *p = &r->v[i];
		size_t n;
		const struct proof_finding *findings = proof_blocks(a, r, p, &n);
		out_text(o, "\n## ");
		markdown_text(o, p->name);
		out_printf(o, ": %s\n\n", verdict_names[p->proof.verdict]);
		markdown_text(o,
			      str_printf(a, "%s, %s: %zu %s against %zu %s; %.*s.", p->path, p->dialect,
					 p->proof.n_rules, p->proof.n_rules == 1 ? "rule" : "rules", p->n_required,
					 p->n_required == 1 ? "flow" : "flows", STR_ARG(proof_counts(a, &p->proof))));
		out_char(o, '\n');
		put_differences(o, a, findings, n);
		put_remarks(o, a, findings, n);
		if (p->patch)
			put_patch(o, a, p->patch);
	}
	if (r->path)
		put_path(o, r);
}

const struct proof_format proof_format_markdown = {
	.name = "markdown",
	.title = "Markdown",
	.write = write_markdown,
};
