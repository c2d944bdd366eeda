/* SPDX-License-Identifier: Apache-2.0 */
#include "report/findings.h"

#include "doc/json.h"
#include "report/columns.h"

struct cited cited_by(const struct finding *f)
{
	const struct check *c = f->check;
	if (f->need)
		return (struct cited){ f->need->document->id, f->need->section, f->need->line };
	return (struct cited){ str_of(c->document ? c->document : ""), str_of(c->section ? c->section : ""), c->line };
}

static void put_cited(struct out *o, const struct cited *c)
{
	out_str(o, c->document);
	if (c->section.n)
		out_printf(o, ", \"%.*s\"", STR_ARG(c->section));
	if (c->line)
		out_printf(o, ", line %u", c->line);
}

void findings_json(struct json *j, const struct findings *f)
{
	json_list_lines(j);
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *finding = &f->v[i];
		json_object(j);
		json_put_text(j, "id", finding->check->id);
		json_put_text(j, "level", level_names[finding->check->level]);
		json_put_some(j, "host", finding->host);
		json_put_text(j, "text", finding->text);
		if (finding->way_out)
			json_put_text(j, "way-out", finding->way_out);
		if (finding->at.source) {
			json_put_text(j, "file", finding->at.source->name);
			json_put_u64(j, "line", finding->at.line);
			json_put_u64(j, "column", finding->at.column);
		}
		if (finding->other.line) {
			json_key(j, "other");
			json_object(j);
			json_put_text(j, "text", finding->other_text);
			json_put_text(j, "file", finding->other.source->name);
			json_put_u64(j, "line", finding->other.line);
			json_put_u64(j, "column", finding->other.column);
			json_end(j);
		}
		struct cited c = cited_by(finding);
		json_put_some(j, "document", c.document);
		json_put_some(j, "section", c.section);
		if (c.line)
			json_put_u64(j, "document-line", c.line);
		json_end(j);
	}
	json_end(j);
}

static void put_place(struct out *o, struct loc at)
{
	if (at.line)
		out_printf(o, "%s:%u:%u: ", at.source->name, at.line, at.column);
	else if (at.source)
		out_printf(o, "%s: ", at.source->name);
}

void findings_text(struct out *o, const struct findings *f, unsigned width, bool colour)
{
	static const enum style styles[N_LEVELS] = {
		[LEVEL_NOTE] = STYLE_CYAN,
		[LEVEL_WARNING] = STYLE_YELLOW,
		[LEVEL_ERROR] = STYLE_RED,
	};
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *finding = &f->v[i];
		put_place(o, finding->at);
		put_styled(o, colour, styles[finding->check->level], str_of(level_names[finding->check->level]));
		out_printf(o, ": %s [%s]\n", finding->text, finding->check->id);
		if (finding->other.line) {
			out_text(o, "    ");
			put_place(o, finding->other);
			out_printf(o, "%s\n", finding->other_text);
		}
		if (finding->way_out)
			put_wrapped(o, str_of(finding->way_out), 4, width);
		struct cited c = cited_by(finding);
		if (!c.document.n)
			continue;
		out_text(o, "    ");
		put_cited(o, &c);
		out_char(o, '\n');
	}
}

struct str finding_citation(struct arena *a, const struct finding *f)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	struct cited c = cited_by(f);
	if (c.document.n)
		put_cited(&o, &c);
	return str_dup(a, out_view(&o));
}
