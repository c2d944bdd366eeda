/* SPDX-License-Identifier: Apache-2.0 */
#include "report/audit-report.h"

#include "base/hash.h"
#include "report/columns.h"
#include "report/csv.h"
#include "report/sarif.h"

enum { MOST_SHOWN = 50 };

size_t audit_warnings(const struct audit *a)
{
	size_t n = 0;
	for (size_t i = 0; i < a->n; i++)
		n += audit_rows[a->v[i].kind].warning;
	return n;
}

static struct loc place_of(const struct audit_finding *f)
{
	return f->rule ? f->rule->at : f->idle ? f->idle->at : NOWHERE;
}

static struct str text_of(const struct audit_finding *f)
{
	return f->rule ? f->rule->text : f->idle ? f->idle->text : NO_STR;
}

static void put_rule(struct out *o, struct loc at, struct str text)
{
	if (at.line)
		out_printf(o, "      line %u: ", at.line);
	else
		out_text(o, "      ");
	out_printf(o, "%.*s\n", STR_ARG(text));
}

static void put_finding(struct out *o, const struct audit_report *r, struct arena *a, const struct audit_finding *f)
{
	const struct audit_row *row = &audit_rows[f->kind];
	struct loc at = place_of(f);
	if (at.line)
		out_printf(o, "%s:%u: ", r->path, at.line);
	else
		out_printf(o, "%s: ", r->path);
	put_styled(o, r->colour, row->warning ? STYLE_YELLOW : STYLE_CYAN, row->warning ? STR("warning") : STR("note"));
	out_printf(o, ": %s [%s]\n", f->text, row->id);
	if (text_of(f).n)
		put_wrapped(o, str_printf(a, "%.*s", STR_ARG(text_of(f))), 6, r->width);
	for (size_t i = 0; i < f->n_others; i++)
		put_rule(o, f->others[i]->at, f->others[i]->text);
}

void audit_text(struct out *o, const struct audit_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	size_t warnings = audit_warnings(&r->audit), notes = r->audit.n - warnings, rules = ruleset_size(r->rules);
	for (size_t i = 0; i < r->rules->unknown.n && i < MOST_SHOWN; i++) {
		const struct unknown_line *u = &r->rules->unknown.v[i];
		if (u->at.line)
			out_printf(o, "%s:%u: not understood: %.*s (%s)\n", r->path, u->at.line, STR_ARG(u->text),
				   u->why);
		else
			out_printf(o, "%s: not understood: %s\n", r->path, u->why);
	}
	if (r->rules->unknown.n > MOST_SHOWN)
		out_printf(o, "and %zu more lines that were not understood\n", r->rules->unknown.n - MOST_SHOWN);
	for (size_t i = 0; i < r->rules->assumed.n; i++)
		out_printf(o, "%s: assumed: %s\n", r->path, r->rules->assumed.v[i]);
	for (size_t i = 0; i < r->audit.n; i++)
		put_finding(o, r, a, &r->audit.v[i]);
	out_printf(o, "%zu %s of %s: ", rules, rules == 1 ? "rule" : "rules", r->rules->dialect);
	if (!r->audit.n)
		out_printf(o, "no findings in %s\n", r->rules->unknown.n ? "what was understood" : "them");
	else
		out_printf(o, "%zu %s, %zu %s\n", warnings, warnings == 1 ? "warning" : "warnings", notes,
			   notes == 1 ? "note" : "notes");
}

static void put_place(struct json *j, struct loc at, struct str text)
{
	if (at.source)
		json_put_text(j, "file", at.source->name);
	if (at.line)
		json_put_u64(j, "line", at.line);
	if (text.p)
		json_put_str(j, "rule", text);
}

void audit_json(struct out *o, const struct audit_report *r)
{
	struct json j = json_to(o);
	json_object_lines(&j);
	json_put_text(&j, "format", "portolan.lint/1");
	json_put_text(&j, "rules", r->path);
	json_put_text(&j, "dialect", r->rules->dialect);
	json_put_u64(&j, "count", ruleset_size(r->rules));
	if (r->audit.order_unknown || r->audit.mapper_unknown)
		json_put_bool(&j, "gave-up", true);
	json_key(&j, "findings");
	json_list_lines(&j);
	for (size_t i = 0; i < r->audit.n; i++) {
		const struct audit_finding *f = &r->audit.v[i];
		json_object(&j);
		json_put_text(&j, "id", audit_rows[f->kind].id);
		json_put_text(&j, "level", audit_rows[f->kind].warning ? "warning" : "note");
		json_put_text(&j, "text", f->text);
		put_place(&j, place_of(f), text_of(f));
		if (f->n_others) {
			json_key(&j, "others");
			json_list(&j);
			for (size_t other = 0; other < f->n_others; other++) {
				json_object(&j);
				put_place(&j, f->others[other]->at, f->others[other]->text);
				json_end(&j);
			}
			json_end(&j);
		}
		json_end(&j);
	}
	json_end(&j);
	json_key(&j, "unknown");
	json_list_lines(&j);
	for (size_t i = 0; i < r->rules->unknown.n; i++) {
		const struct unknown_line *u = &r->rules->unknown.v[i];
		json_object(&j);
		put_place(&j, u->at, u->text);
		json_put_text(&j, "why", u->why);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	out_char(o, '\n');
}

/* Markdown */

static void put_sub_item(struct out *o, struct loc at, struct str text)
{
	if (!text.n)
		return;
	out_text(o, "  - ");
	if (at.line)
		out_printf(o, "line %u: ", at.line);
	markdown_text(o, text);
	out_char(o, '\n');
}

void audit_markdown(struct out *o, const struct audit_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	out_text(o, "# Lint: ");
	markdown_text(o, str_of(r->path));
	out_text(o, "\n\n");
	for (size_t i = 0; i < r->rules->unknown.n; i++) {
		const struct unknown_line *u = &r->rules->unknown.v[i];
		out_text(o, "- **not understood**: ");
		markdown_text(o, str_of(u->why));
		out_char(o, '\n');
		put_sub_item(o, u->at, u->text);
	}
	for (size_t i = 0; i < r->rules->assumed.n; i++) {
		out_text(o, "- **assumed**: ");
		markdown_text(o, str_of(r->rules->assumed.v[i]));
		out_char(o, '\n');
	}
	for (size_t i = 0; i < r->audit.n; i++) {
		const struct audit_finding *f = &r->audit.v[i];
		out_printf(o, "- **%s**: ", audit_rows[f->kind].warning ? "warning" : "note");
		markdown_text(o, str_printf(a, "%s (%s)", f->text, audit_rows[f->kind].id));
		out_char(o, '\n');
		put_sub_item(o, place_of(f), text_of(f));
		for (size_t other = 0; other < f->n_others; other++)
			put_sub_item(o, f->others[other]->at, f->others[other]->text);
	}
	if (!r->audit.n)
		out_printf(o, "no findings%s\n", r->rules->unknown.n ? " in what was understood" : "");
}

/* SARIF */

static const struct sarif_kind not_understood = { "not-understood",
						  "not understood",
						  "A line of the rules was not understood.",
						  LEVEL_ERROR,
						  STR_INIT("portolan-lint(1) explains the findings about rules."),
						  { 0 } };

static void begin_result(struct json *j, const char *id, enum level level, struct str message)
{
	json_object(j);
	json_put_text(j, "ruleId", id);
	json_put_text(j, "level", level_names[level]);
	sarif_message(j, "message", message);
}

static void put_fingerprint(struct json *j, struct arena *a, const char *id, struct str of)
{
	sarif_fingerprint(j, str_printf(a, "%s/%016llx", id, (unsigned long long)hash64(of.p, of.n)));
}

static void put_others(struct json *j, const struct audit_finding *f)
{
	json_key(j, "relatedLocations");
	json_list(j);
	for (size_t i = 0; i < f->n_others; i++) {
		if (!f->others[i]->at.source)
			continue;
		json_object(j);
		sarif_physical(j, f->others[i]->at, f->others[i]->text);
		sarif_message(j, "message", f->others[i]->text);
		json_end(j);
	}
	json_end(j);
}

/* A finding of no rule is of the file. */
static struct loc place_or_file(const struct audit_report *r, struct loc at)
{
	return at.source ? at : (struct loc){ .source = r->rules->source };
}

static void put_audited(struct json *j, struct arena *a, const struct audit_report *r, const struct audit_finding *f)
{
	const struct audit_row *row = &audit_rows[f->kind];
	begin_result(j, row->id, row->warning ? LEVEL_WARNING : LEVEL_NOTE, str_of(f->text));
	sarif_location(j, place_or_file(r, place_of(f)), text_of(f), NO_STR);
	put_others(j, f);
	put_fingerprint(j, a, row->id, str_printf(a, "%.*s\n%s", STR_ARG(text_of(f)), f->text));
	json_end(j);
}

void audit_sarif(struct out *o, const struct audit_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct json j = sarif_begin(o);
	for (size_t i = 0; i < N_AUDIT_KINDS; i++)
		sarif_rule(&j, &(struct sarif_kind){ audit_rows[i].id, audit_rows[i].id, audit_rows[i].about,
						     audit_rows[i].warning ? LEVEL_WARNING : LEVEL_NOTE,
						     not_understood.help, NO_STR });
	sarif_rule(&j, &not_understood);
	sarif_results(&j, !r->rules->unknown.n && !r->audit.order_unknown && !r->audit.mapper_unknown);
	for (size_t i = 0; i < r->rules->unknown.n; i++) {
		const struct unknown_line *u = &r->rules->unknown.v[i];
		begin_result(&j, not_understood.id, LEVEL_ERROR, str_of(u->why));
		sarif_location(&j, place_or_file(r, u->at), u->text, NO_STR);
		put_fingerprint(&j, a, not_understood.id, u->text);
		json_end(&j);
	}
	for (size_t i = 0; i < r->audit.n; i++)
		put_audited(&j, a, r, &r->audit.v[i]);
	sarif_end_results(&j);
	sarif_end(&j);
}
