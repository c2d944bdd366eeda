/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML as a small tree, by expat.
 *
 * UTF-8 alone; a DOCTYPE ends the reading, so there are no entities but the five of XML.  Depth, elements, attributes and bytes
 * have limits.  Names are compared by namespace and local name; prefixes mean nothing.
 */
#pragma once

#include "base/out.h"

enum {
	XML_DEPTH_MAX = 32,
	XML_ELEMENTS_MAX = 2000,
	XML_ATTRIBUTES_MAX = 32, /* of an element */
};

struct xml_attribute {
	const char *ns; /* "": none */
	const char *name;
	struct str value;
};

struct xml {
	const char *ns; /* "": none */
	const char *name;
	struct xml_attribute *attributes;
	size_t n_attributes;
	struct str text;          /* the character data of the element itself, joined */
	struct xml *first, *next; /* child; sibling */
};

/* The root; NULL with *why, a constant or expat's words. */
struct xml *xml_read(struct arena *a, struct str bytes, const char **why);

bool xml_is(const struct xml *node, const char *ns, const char *name);

/* The first child of that name, or the next one after `after`; NULL: none.  node may be NULL. */
struct xml *xml_child(const struct xml *node, const char *ns, const char *name);
struct xml *xml_next(const struct xml *after, const char *ns, const char *name);

/* The only child of that name.  NULL when it is absent, and when there are several: then *twice. */
struct xml *xml_only(const struct xml *node, const char *ns, const char *name, bool *twice);

/* Of an attribute; p == NULL: absent. */
struct str xml_attribute(const struct xml *node, const char *ns, const char *name);

/* Without white space at both ends; empty when node is NULL. */
struct str xml_text(const struct xml *node);

/* xsi:nil="true" (XML Schema 1, 2.6.2). */
bool xml_is_nil(const struct xml *node);

/* Text and attribute values, escaped.  What XML cannot hold is U+FFFD. */
void xml_escape(struct out *o, struct str s);
