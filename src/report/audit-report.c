/* SPDX-License-Identifier: Apache-2.0 */
#include "report/audit-report.h"

#include "doc/json.h"
#include "report/columns.h"

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
