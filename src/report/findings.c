/* SPDX-License-Identifier: Apache-2.0 */
#include "report/findings.h"

#include "base/hash.h"
#include "report/columns.h"
#include "report/csv.h"
#include "report/sarif.h"

struct cited cited_by(const struct finding *f)
{
	const struct check *c = f->check;
	if (f->need)
		return (struct cited){ f->need->document->id, f->need->section, f->need->line };
	if (f->uncited)
		return (struct cited){ STR(""), STR(""), 0 };
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

/* SARIF */

/* "https://..." from "Microsoft, learn.microsoft.com/..."; empty: a document is somewhere else. */
static struct str document_uri(struct arena *a, const struct catalogue *c, const char *id)
{
	struct str part, address = NO_STR;
	for (size_t i = 0; id && i < c->n_documents; i++) {
		struct str rest = str_is(c->documents[i].id, id) ? c->documents[i].source : NO_STR;
		while (str_cut(&rest, ',', &part)) {
			struct str word = str_trim(part);
			size_t slash = str_find(word, '/');
			if (slash != SIZE_MAX && str_find(str_first(word, slash), '.') != SIZE_MAX &&
			    str_find(word, ' ') == SIZE_MAX)
				address = word;
		}
	}
	return address.n ? str_printf(a, "https://%.*s", STR_ARG(address)) : NO_STR;
}

void checks_sarif(struct json *j, const struct catalogue *c)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	for (size_t i = 0; checks[i]; i++) {
		const struct check *check = checks[i];
		struct cited cited = cited_by(&(struct finding){ .check = check });
		CLEANUP(out_free) struct out help = out_memory(1 << 16);
		out_text(&help, cited.document.n ? "" : "portolan-lint(1) explains the checks.");
		if (cited.document.n)
			put_cited(&help, &cited);
		sarif_rule(j, &(struct sarif_kind){ check->id, check->id, check->about, check->level, out_view(&help),
						    document_uri(a, c, check->document) });
	}
}

/* What is wrong, and what to do. */
static struct str sentence(struct arena *a, const struct finding *f)
{
	return f->way_out ? str_printf(a, "%s; %s", f->text, f->way_out) : str_of(f->text);
}

/* Stable as long as the same is wrong with the same host. */
static struct str fingerprint(struct arena *a, const struct finding *f)
{
	return str_printf(a, "%s/%.*s/%016llx", f->check->id, STR_ARG(f->host),
			  (unsigned long long)hash64(f->text, strlen(f->text)));
}

static void put_related(struct json *j, const struct finding *f)
{
	json_key(j, "relatedLocations");
	json_list(j);
	json_object(j);
	sarif_physical(j, f->other, NO_STR);
	sarif_message(j, "message", str_of(f->other_text));
	json_end(j);
	json_end(j);
}

void findings_sarif(struct json *j, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		const struct finding *finding = &f->v[i];
		json_object(j);
		json_put_text(j, "ruleId", finding->check->id);
		json_put_text(j, "level", level_names[finding->check->level]);
		sarif_message(j, "message", sentence(a, finding));
		if (finding->at.source)
			sarif_location(j, finding->at, NO_STR, finding->host);
		if (finding->other.line)
			put_related(j, finding);
		sarif_fingerprint(j, fingerprint(a, finding));
		json_key(j, "properties");
		json_object(j);
		json_put_some(j, "host", finding->host);
		json_put_some(j, "document", finding_citation(a, finding));
		json_end(j);
		json_end(j);
	}
}

void findings_sarif_log(struct out *o, const struct catalogue *c, const struct findings *f)
{
	struct json j = sarif_begin(o);
	checks_sarif(&j, c);
	sarif_results(&j, true);
	findings_sarif(&j, f);
	sarif_end_results(&j);
	sarif_end(&j);
}

/* Markdown */

void findings_markdown(struct out *o, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		const struct finding *finding = &f->v[i];
		CLEANUP(out_free) struct out at = out_memory(1 << 16);
		struct str cited = finding_citation(a, finding);
		if (finding->at.line)
			out_printf(&at, "%s:%u:%u", finding->at.source->name, finding->at.line, finding->at.column);
		else if (finding->at.source)
			out_text(&at, finding->at.source->name);
		out_printf(o, "- **%s**: ", level_names[finding->check->level]);
		markdown_text(o, sentence(a, finding));
		out_text(o, " (");
		markdown_text(o, cited);
		out_text(o, cited.n && at.n ? "; " : "");
		markdown_text(o, out_view(&at));
		out_text(o, ")\n");
	}
}
