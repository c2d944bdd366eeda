/* SPDX-License-Identifier: Apache-2.0 */
#include "soap/xml.h"

#include <expat.h>

#include "base/vec.h"
#include "soap/namespaces.h"

enum { SEPARATOR = '\n' }; /* between namespace and name: no URI has it */

struct open {
	struct xml *node;
	struct xml **end; /* where its next child goes */
	VEC(char) text;
};

struct reading {
	struct arena *arena;
	XML_Parser parser;
	struct xml *root;
	struct open stack[XML_DEPTH_MAX];
	size_t depth, elements;
	const char *why;
};

static void stop(struct reading *r, const char *why)
{
	if (!r->why)
		r->why = why;
	XML_StopParser(r->parser, XML_FALSE);
}

/* "URI\nname" or "name". */
static void split(struct arena *a, const char *joined, const char **ns, const char **name)
{
	const char *at = strchr(joined, SEPARATOR);
	*ns = at ? arena_memdup(a, joined, (size_t)(at - joined)) : "";
	*name = arena_strdup(a, at ? at + 1 : joined);
}

static void add_attributes(struct reading *r, struct xml *node, const char **attributes)
{
	size_t n = 0;
	while (attributes[2 * n])
		n++;
	if (n > XML_ATTRIBUTES_MAX) {
		stop(r, "too many attributes");
		return;
	}
	node->attributes = ARENA_ARRAY(r->arena, struct xml_attribute, n);
	node->n_attributes = n;
	for (size_t i = 0; i < n; i++) {
		split(r->arena, attributes[2 * i], &node->attributes[i].ns, &node->attributes[i].name);
		node->attributes[i].value = str_dup(r->arena, str_of(attributes[2 * i + 1]));
	}
}

static void on_start(void *ctx, const char *name, const char **attributes)
{
	struct reading *r = ctx;
	if (r->depth == XML_DEPTH_MAX || r->elements == XML_ELEMENTS_MAX) {
		stop(r, r->depth == XML_DEPTH_MAX ? "elements too deep" : "too many elements");
		return;
	}
	struct xml *node = ARENA_NEW(r->arena, struct xml);
	split(r->arena, name, &node->ns, &node->name);
	add_attributes(r, node, attributes);
	if (r->depth == 0) {
		r->root = node;
	} else {
		struct open *parent = &r->stack[r->depth - 1];
		*parent->end = node;
		parent->end = &node->next;
	}
	r->stack[r->depth] = (struct open){ .node = node, .end = &node->first };
	r->depth++;
	r->elements++;
}

static void on_end(void *ctx, const char *name)
{
	struct reading *r = ctx;
	if (r->depth == 0)
		return;
	struct open *o = &r->stack[--r->depth];
	o->node->text = (struct str){ o->text.v ? o->text.v : "", o->text.n };
}

static void on_text(void *ctx, const char *p, int n)
{
	struct reading *r = ctx;
	if (r->depth == 0)
		return;
	struct open *o = &r->stack[r->depth - 1];
	for (int i = 0; i < n; i++)
		*VEC_ADD(r->arena, &o->text) = p[i];
}

static void on_doctype(void *ctx, const char *name, const char *system, const char *public, int internal)
{
	stop(ctx, "a document type declaration");
}

static void on_instruction(void *ctx, const char *target, const char *data)
{
	stop(ctx, "a processing instruction");
}

struct xml *xml_read(struct arena *a, struct str bytes, const char **why)
{
	static const char separator[] = { SEPARATOR, '\0' };
	struct reading r = { .arena = a, .parser = XML_ParserCreateNS("UTF-8", separator[0]) };
	if (!r.parser)
		out_of_memory(bytes.n);
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	XML_SetProcessingInstructionHandler(r.parser, on_instruction);
	bool ok = bytes.n <= INT32_MAX && XML_Parse(r.parser, bytes.p, (int)bytes.n, true) == XML_STATUS_OK && !r.why;
	if (!ok)
		*why = r.why ? r.why : XML_ErrorString(XML_GetErrorCode(r.parser));
	XML_ParserFree(r.parser);
	return ok ? r.root : NULL;
}

bool xml_is(const struct xml *node, const char *ns, const char *name)
{
	return node && strcmp(node->name, name) == 0 && strcmp(node->ns, ns) == 0;
}

static struct xml *from(struct xml *node, const char *ns, const char *name)
{
	while (node && !xml_is(node, ns, name))
		node = node->next;
	return node;
}

struct xml *xml_child(const struct xml *node, const char *ns, const char *name)
{
	return node ? from(node->first, ns, name) : NULL;
}

struct xml *xml_next(const struct xml *after, const char *ns, const char *name)
{
	return from(after->next, ns, name);
}

struct xml *xml_only(const struct xml *node, const char *ns, const char *name, bool *twice)
{
	struct xml *found = xml_child(node, ns, name);
	if (!found || !xml_next(found, ns, name))
		return found;
	*twice = true;
	return NULL;
}

struct str xml_attribute(const struct xml *node, const char *ns, const char *name)
{
	for (size_t i = 0; node && i < node->n_attributes; i++)
		if (strcmp(node->attributes[i].name, name) == 0 && strcmp(node->attributes[i].ns, ns) == 0)
			return node->attributes[i].value;
	return NO_STR;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str xml_text(const struct xml *node)
{
	struct str s = node ? node->text : STR("");
	while (s.n > 0 && is_blank(s.p[0]))
		s = str_skip(s, 1);
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool xml_is_nil(const struct xml *node)
{
	struct str nil = xml_attribute(node, NS_XSI, "nil");
	return str_is(nil, "true") || str_is(nil, "1");
}

void xml_escape(struct out *o, struct str s)
{
	if (!str_is_utf8(s)) {
		out_text(o, "\xef\xbf\xbd");
		return;
	}
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '<':
			out_text(o, "&lt;");
			break;
		case '>':
			out_text(o, "&gt;");
			break;
		case '&':
			out_text(o, "&amp;");
			break;
		case '"':
			out_text(o, "&quot;");
			break;
		case '\t':
		case '\n':
			out_char(o, s.p[i]);
			break;
		case '\r':
			out_text(o, "&#13;");
			break;
		default:
			if ((unsigned char)s.p[i] < 0x20)
				out_text(o, "\xef\xbf\xbd");
			else
				out_char(o, s.p[i]);
		}
	}
}
