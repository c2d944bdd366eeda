/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PAN-OS configurations as a tree of words, from set commands or from the XML of
 * an export: an XML entry becomes its name, a member its text.
 */
#include "dialect/paloalto/paloalto.h"

#include <expat.h>

/* XML */

struct xml {
	struct pan *p;
	XML_Parser parser;
	struct config_node *at;
	unsigned depth;
	struct out text;
	bool leaf, refused;
};

static struct loc xml_place(struct xml *xml)
{
	return loc_line(xml->p->source, (uint32_t)XML_GetCurrentLineNumber(xml->parser));
}

static void on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct xml *xml = ctx;
	const char *word = name;
	if (++xml->depth > MOST_CONFIG_DEPTH || xml->refused) {
		xml->refused = true;
		return;
	}
	if (strcmp(name, "entry") == 0)
		for (size_t i = 0; attributes[i]; i += 2)
			if (strcmp(attributes[i], "name") == 0)
				word = attributes[i + 1];
	xml->text.n = 0;
	xml->leaf = true;
	/* a member is identified by its text, known at its end */
	if (strcmp(name, "member") != 0)
		xml->at = config_add(&xml->p->tree, xml->at, str_of(word), xml_place(xml),
				     str_of(arena_strdup(xml->p->keep, word)));
}

static void on_end(void *ctx, const XML_Char *name)
{
	struct xml *xml = ctx;
	bool member = strcmp(name, "member") == 0;
	struct str text = str_trim(out_view(&xml->text));
	xml->depth--;
	if (xml->refused)
		return;
	if (xml->leaf && text.n)
		config_add(&xml->p->tree, xml->at, text, xml_place(xml), xml->at->line);
	xml->leaf = false;
	xml->text.n = 0;
	if (!member && xml->at->parent)
		xml->at = xml->at->parent;
}

static void on_text(void *ctx, const XML_Char *s, int n)
{
	struct xml *xml = ctx;
	if (xml->text.n + (size_t)n < LONGEST_RULE_LINE)
		out_bytes(&xml->text, s, (size_t)n);
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
	struct xml *xml = ctx;
	xml->refused = true;
	XML_StopParser(xml->parser, XML_FALSE);
}

static bool build_xml(struct pan *p)
{
	struct str text = p->source->text;
	struct xml xml = { .p = p, .at = p->tree.root, .text = out_memory(2 * LONGEST_RULE_LINE) };
	xml.parser = XML_ParserCreate(NULL);
	if (!xml.parser)
		out_of_memory(text.n);
	XML_SetUserData(xml.parser, &xml);
	XML_SetElementHandler(xml.parser, on_start, on_end);
	XML_SetCharacterDataHandler(xml.parser, on_text);
	XML_SetStartDoctypeDeclHandler(xml.parser, on_doctype);
	bool ok = text.n <= MOST_RULES_BYTES && XML_Parse(xml.parser, text.p, (int)text.n, 1) == XML_STATUS_OK &&
		  !xml.refused;
	if (!ok)
		diag_error(p->diag, xml_place(&xml), "%s",
			   xml.refused ? "a document type, or nesting too deep, which no configuration has"
				       : XML_ErrorString(XML_GetErrorCode(xml.parser)));
	XML_ParserFree(xml.parser);
	out_free(&xml.text);
	return ok;
}

/* Set lines: one line may set several attributes of a rule or a service. */

static bool is_known_by(struct str word)
{
	return str_is(word, "ident-by-icmp-type") || str_is(word, "ident-by-icmp6-type");
}

/* The number of words up to the name that the attributes belong to. */
static size_t prefix_length(const words *w)
{
	for (size_t i = 1; i + 2 < w->n; i++) {
		if (is_known_by(w->v[i]) && str_is(w->v[i - 1], "default"))
			return i + 1;
		if (str_is(w->v[i], "rules") && str_is(w->v[i - 1], "security"))
			return i + 2;
		if (str_is(w->v[i], "service") && i + 4 < w->n && str_is(w->v[i + 2], "protocol"))
			return i + 4;
	}
	return 0;
}

/* Attributes that are a branch, rather than one word and its value. */
static bool is_branch(struct str word)
{
	return str_is_one_of(word, "profile-setting option qos target override");
}

static void set_line(struct pan *p, const words *w, struct loc loc, struct str line)
{
	size_t prefix = prefix_length(w);
	struct config_node *at = p->tree.root;
	if (!prefix || prefix >= w->n) {
		config_add_path(&p->tree, p->rules, at, w, 1, loc, line);
		return;
	}
	words head = { w->v, prefix, prefix };
	at = config_add_path(&p->tree, p->rules, at, &head, 1, loc, line);
	for (size_t i = prefix; i < w->n;) {
		size_t end = i + 2;
		if (is_branch(w->v[i])) {
			/* the words do not show where it ends */
			if (i > prefix)
				ruleset_unknown(p->rules, loc, line, "\"%.*s\" must be on a line of its own",
						STR_ARG(w->v[i]));
			end = w->n;
		} else if (i + 1 < w->n && str_is(w->v[i + 1], "[")) {
			while (end < w->n && !str_is(w->v[end - 1], "]"))
				end++;
		}
		words one = { w->v, MIN(end, w->n), MIN(end, w->n) };
		config_add_path(&p->tree, p->rules, at, &one, i, loc, line);
		i = end;
	}
}

/* delete PATH; move PATH before NAME, after NAME, top or bottom. */
static bool change_line(struct pan *p, const words *w)
{
	bool ends = str_is(w->v[w->n - 1], "top") || str_is(w->v[w->n - 1], "bottom"), before;
	if (str_is(w->v[0], "delete") && w->n > 1) {
		struct config_node *n = config_find(&p->tree, w, 1, w->n);
		if (n)
			config_delete(&p->tree, n);
		return true;
	}
	if (!str_is(w->v[0], "move") || w->n < 4)
		return false;
	size_t at = w->n - (ends ? 1 : 2);
	struct config_node *what = config_find(&p->tree, w, 1, at), *where = NULL;
	if (!what || what == p->tree.root)
		return false;
	before = str_is(w->v[at], "top") || str_is(w->v[at], "before");
	if (!ends && !before && !str_is(w->v[at], "after"))
		return false;
	if (!ends)
		where = config_get(&p->tree, what->parent, w->v[at + 1]);
	if (!ends && !where)
		return false;
	config_move(&p->tree, what->parent, what, where, before);
	return true;
}

static bool build_set(struct pan *p)
{
	struct lines l = lines_of(p->source);
	struct str line;
	while (lines_next(&l, &line)) {
		words w = { 0 };
		struct loc at = lines_at(&l);
		struct str first = line, more;
		p->rules->n_lines++;
		arena_reset(p->scratch);
		/* a quoted description may span several lines */
		bool comment = str_starts(str_trim(line), "#");
		for (bool open = !comment && words_go_on(line);
		     open && line.n <= LONGEST_RULE_LINE && lines_next(&l, &more);) {
			line.n = (size_t)(more.p + more.n - line.p);
			open ^= words_go_on(more);
		}
		if (line.n > LONGEST_RULE_LINE)
			return diag_error(p->diag, lines_at(&l), "this line is too long");
		words_split(p->scratch, line, &w);
		line = first;
		if (!w.n || !w.v[0].n || w.v[0].p[0] == '#')
			continue;
		if (str_is(w.v[0], "set") && w.n > 1)
			set_line(p, &w, at, line);
		else if (!change_line(p, &w))
			ruleset_unknown(p->rules, at, line, "this is not a set command");
	}
	config_sweep(&p->tree);
	return true;
}

bool pan_build(struct pan *p)
{
	return str_starts(str_trim(p->source->text), "<") ? build_xml(p) : build_set(p);
}
