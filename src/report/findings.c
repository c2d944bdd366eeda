/* SPDX-License-Identifier: Apache-2.0 */
#include "report/findings.h"

#include "doc/json.h"
#include "report/columns.h"

void findings_json(struct json *j, const struct findings *f)
{
	json_list_lines(j);
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *finding = &f->v[i];
		json_object(j);
		json_put_text(j, "id", finding->check->id);
		json_put_text(j, "level", level_names[finding->check->level]);
		if (finding->host.n)
			json_put_str(j, "host", finding->host);
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
		json_put_text(j, "document", finding->check->document);
		if (finding->check->section)
			json_put_text(j, "section", finding->check->section);
		if (finding->check->line)
			json_put_u64(j, "document-line", finding->check->line);
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
		out_printf(o, "    %s", finding->check->document);
		if (finding->check->section)
			out_printf(o, ", \"%s\"", finding->check->section);
		if (finding->check->line)
			out_printf(o, ", line %u", finding->check->line);
		out_char(o, '\n');
	}
}

struct str finding_citation(struct arena *a, const struct finding *f)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	out_text(&o, f->check->document);
	if (f->check->section)
		out_printf(&o, ", \"%s\"", f->check->section);
	if (f->check->line)
		out_printf(&o, ", line %u", f->check->line);
	return str_dup(a, out_view(&o));
}
