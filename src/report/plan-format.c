/* SPDX-License-Identifier: Apache-2.0 */
#include "report/plan-format.h"

#include "doc/json.h"
#include "report/columns.h"
#include "report/plan-formats.h"

#define DECLARE(name) extern const struct plan_format plan_format_##name;
PLAN_FORMATS(DECLARE)
#define ROW(name) &plan_format_##name,
const struct plan_format *const plan_formats[] = { PLAN_FORMATS(ROW) NULL };

const struct plan_format *plan_format_find(struct str name)
{
	for (size_t i = 0; plan_formats[i]; i++)
		if (str_is(name, plan_formats[i]->name))
			return plan_formats[i];
	return NULL;
}

void findings_json(struct json *j, const struct findings *f)
{
	json_list_lines(j);
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->v[i];
		json_object(j);
		json_put_text(j, "id", x->check->id);
		json_put_text(j, "level", level_names[x->check->level]);
		if (x->host.n)
			json_put_str(j, "host", x->host);
		json_put_text(j, "text", x->text);
		if (x->way_out)
			json_put_text(j, "way-out", x->way_out);
		if (x->at.source) {
			json_put_text(j, "file", x->at.source->name);
			json_put_u64(j, "line", x->at.line);
			json_put_u64(j, "column", x->at.column);
		}
		if (x->other.line) {
			json_key(j, "other");
			json_object(j);
			json_put_text(j, "text", x->other_text);
			json_put_text(j, "file", x->other.source->name);
			json_put_u64(j, "line", x->other.line);
			json_put_u64(j, "column", x->other.column);
			json_end(j);
		}
		json_put_text(j, "document", x->check->document);
		if (x->check->section)
			json_put_text(j, "section", x->check->section);
		if (x->check->line)
			json_put_u64(j, "document-line", x->check->line);
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
		const struct finding *x = &f->v[i];
		put_place(o, x->at);
		put_styled(o, colour, styles[x->check->level], str_of(level_names[x->check->level]));
		out_printf(o, ": %s [%s]\n", x->text, x->check->id);
		if (x->other.line) {
			out_text(o, "    ");
			put_place(o, x->other);
			out_printf(o, "%s\n", x->other_text);
		}
		if (x->way_out)
			put_wrapped(o, str_of(x->way_out), 4, width);
		out_printf(o, "    %s", x->check->document);
		if (x->check->section)
			out_printf(o, ", \"%s\"", x->check->section);
		if (x->check->line)
			out_printf(o, ", line %u", x->check->line);
		out_char(o, '\n');
	}
}

struct str endpoint_addresses_text(struct arena *a, const struct endpoint *e)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	char text[RANGE_TEXT];
	if (e->any)
		return STR("any");
	for (size_t i = 0; i < e->addresses.n; i++)
		out_printf(&o, "%s%s", i ? ", " : "", addr_range_text(&e->addresses.v[i], text));
	return str_dup(a, out_view(&o));
}

struct str plan_summary(struct arena *a, const struct plan *p)
{
	const struct estate *e = plan_estate(p);
	size_t hosts = 0, flows = plan_flow_count(p);
	for (size_t i = 0; i < e->n_hosts; i++)
		hosts += !e->hosts[i].implied;
	return str_printf(a, "%zu %s between %zu %s in %zu %s", flows, flows == 1 ? "flow" : "flows", hosts,
			  hosts == 1 ? "host" : "hosts", e->n_zones, e->n_zones == 1 ? "zone" : "zones");
}
