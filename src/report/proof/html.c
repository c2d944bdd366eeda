/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A proof as one quiet page: the verdict, then each firewall with its
 * differences.  It contains no script.
 */
#include "report/html.h"
#include "report/packets.h"
#include "report/proof/findings.h"
#include "report/proof/format.h"

static const char *const verdict_classes[N_VERDICTS] = {
	[VERDICT_HOLDS] = "tag good",
	[VERDICT_FAILS] = "tag bad",
	[VERDICT_UNPROVED] = "tag warn",
};

static const char *const verdict_sentences[N_VERDICTS] = {
	[VERDICT_HOLDS] = "The rules let through all that the plan needs, and nothing else.",
	[VERDICT_FAILS] = "The rules and the plan differ.",
	[VERDICT_UNPROVED] = "Not everything was understood, so there is no verdict.",
};

static const char *const level_classes[N_LEVELS] = {
	[LEVEL_NOTE] = "tag",
	[LEVEL_WARNING] = "tag warn",
	[LEVEL_ERROR] = "tag bad",
};

static void put_fact(struct out *o, const char *label, const char *class, struct str s)
{
	if (!s.n)
		return;
	html_element(o, "dt", NULL, str_of(label));
	html_element(o, "dd", class, s);
}

static void put_finding(struct out *o, struct arena *a, const struct proof_finding *f)
{
	const struct proof_kind_row *kind = &proof_kinds[f->kind];
	struct str rule = f->rule;
	if (f->at.line)
		rule = str_printf(a, "%s:%u: %.*s", f->at.source->name, f->at.line, STR_ARG(rule));
	out_text(o, "<li class=\"card finding\">\n<p>");
	html_element(o, "span", level_classes[kind->level], str_of(kind->title));
	out_text(o, " ");
	/* a finding without a packet or rule is a sentence */
	html_element(o, "strong", NULL, f->witness.n || f->rule.n ? f->title : f->text);
	out_text(o, "</p>\n");
	if (!f->witness.n && !f->rule.n) {
		out_text(o, "</li>\n");
		return;
	}
	out_text(o, "<dl>\n");
	/* the sentence repeats the packet: print it only without one */
	if (!f->witness.n)
		put_fact(o, "Why", NULL, f->text);
	if (str_find(f->parts, '\n') != SIZE_MAX)
		put_fact(o, f->n_flows ? "Services" : "Packets", f->n_flows ? "parts" : "mono parts", f->parts);
	put_fact(o, f->n_flows > 1 ? "For example" : "Packet", "mono", f->witness);
	put_fact(o, f->witness.n ? "By" : "Line", "mono", rule);
	put_fact(o, "Forbidden", NULL, f->forbidden);
	put_fact(o, "Needed", NULL,
		 f->cite.n ? str_printf(a, "%.*s (%.*s)", STR_ARG(f->why), STR_ARG(f->cite)) : f->why);
	put_fact(o, "Fix", NULL, f->mend);
	out_text(o, "</dl>\n</li>\n");
}

static void put_patch(struct out *o, struct arena *a, const struct proof_patch *patch)
{
	if (patch->why_not) {
		html_element(o, "p", NULL, str_printf(a, "Patch: none; %s.", patch->why_not));
		return;
	}
	html_element(o, "h3", NULL, STR("Patch (proved: once it is pasted, the rules hold)"));
	html_element(o, "pre", "card mono", patch->apply);
	html_element(o, "h3", NULL, STR("Undo of the patch"));
	html_element(o, "pre", "card mono", patch->undo);
}

static void put_firewall(struct out *o, const struct proof_report *r, const struct proved *p, size_t number)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct proof *proof = &p->proof;
	size_t n;
	const struct proof_finding *findings = proof_blocks(a, r, p, &n);

	out_printf(o, "<section id=\"w%zu\">\n<div class=\"bar\"><h2>", number);
	put_markup(o, p->name);
	out_text(o, "</h2>");
	html_element(o, "span", verdict_classes[proof->verdict], str_of(verdict_names[proof->verdict]));
	out_text(o, "</div>\n");
	html_element(o, "p", "quiet",
		     str_printf(a, "%s, %s: %zu %s against %zu %s; %.*s", p->path, p->dialect, proof->n_rules,
				proof->n_rules == 1 ? "rule" : "rules", p->n_required,
				p->n_required == 1 ? "flow" : "flows", STR_ARG(proof_counts(a, proof))));
	if (n)
		out_text(o, "<ul class=\"cards\">\n");
	for (size_t i = 0; i < n; i++)
		put_finding(o, a, &findings[i]);
	if (n)
		out_text(o, "</ul>\n");
	if (p->patch)
		put_patch(o, a, p->patch);
	out_text(o, "</section>\n");
}

/* What passes every firewall on its path, and is not needed. */
static void put_path(struct out *o, const struct proof_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct comparison *c = &r->path->comparison;

	out_text(o, "<section>\n<div class=\"bar\"><h2>The whole path</h2></div>\n");
	html_element(o, "p", "quiet", path_counts(a, r));
	if (c->n_added)
		out_text(o, "<ul class=\"cards\">\n");
	for (size_t i = 0; i < c->n_added; i++) {
		const struct shown *s = &c->added[i].after;
		out_text(o, "<li class=\"card\">\n<p>");
		html_element(o, "span", "tag bad", STR("passes every firewall and is not needed"));
		out_text(o, "</p>\n");
		html_element(o, "p", "mono parts", change_parts(a, &c->added[i]));
		html_element(o, "p", "quiet",
			     str_printf(a, "%.*s: %.*s", STR_ARG(r->v[c->added[i].after_filter].name),
					STR_ARG(decided_by(a, s))));
		out_text(o, "</li>\n");
	}
	out_text(o, c->n_added ? "</ul>\n</section>\n" : "</section>\n");
}

static void put_overview(struct out *o, const struct proof_report *r)
{
	out_text(
		o,
		"<section class=\"overview\"><table>\n<thead><tr><th scope=\"col\">Firewall</th><th "
		"scope=\"col\">Verdict</th>"
		"<th scope=\"col\">Missing</th><th scope=\"col\">Surplus</th><th scope=\"col\">Not understood</th></tr>"
		"</thead>\n<tbody>\n");
	for (size_t i = 0; i < r->n; i++) {
		const struct proof *proof = &r->v[i].proof;
		out_printf(o, "<tr><th scope=\"row\"><a href=\"#w%zu\">", i);
		put_markup(o, r->v[i].name);
		out_text(o, "</a></th><td>");
		html_element(o, "span", verdict_classes[proof->verdict], str_of(verdict_names[proof->verdict]));
		out_printf(o, "</td><td>%zu</td><td>%zu%s</td><td>%zu</td></tr>\n", proof->all_missing,
			   proof->n_surplus, proof->more_surplus ? "+" : "", proof->rules->unknown.n);
	}
	out_text(o, "</tbody></table></section>\n");
}

static void write_html(struct out *o, const struct proof_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct str estate = plan_estate(r->plan)->name.s;
	const struct html_page page = {
		.title = str_printf(a, "%.*s: proof, %s", STR_ARG(estate), verdict_names[r->verdict]),
		.styles = { &asset_page_css, &asset_proof_css },
	};
	html_begin(o, &page);
	out_text(o, "<header class=\"top\"><div>\n");
	html_element(o, "h1", NULL, estate);
	out_text(o, "<p>");
	html_element(o, "span", verdict_classes[r->verdict], str_of(verdict_names[r->verdict]));
	out_char(o, ' ');
	put_markup_text(o, verdict_sentences[r->verdict]);
	out_text(o, "</p>\n</div></header>\n<main>\n");
	if (r->n > 1)
		put_overview(o, r);
	for (size_t i = 0; i < r->n; i++)
		put_firewall(o, r, &r->v[i], i);
	if (r->path)
		put_path(o, r);
	out_text(o, "</main>\n");
	html_end(o, &page);
}

const struct proof_format proof_format_html = {
	.name = "html",
	.title = "HTML, one file",
	.write = write_html,
};
