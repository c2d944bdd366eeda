/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two forms of a PAN-OS configuration: set commands, and the XML that an
 * import takes.  Writers call for lists, entries and values; the form writes its syntax.
 */
#pragma once

#include "dialect/dialect.h"

struct pan_form {
	struct out *o;
	bool xml;
	/* the writer's position: "rulebase", "security rules", an entry of it, "protocol tcp" in that */
	const char *within, *list, *nest;
	struct str entry;
	bool in_line;   /* set: the entry's values continue on the current line */
	unsigned depth; /* XML: open elements */
};

/* Before and after everything; the XML form writes to the first virtual system. */
void pan_begin(struct pan_form *f);
void pan_end(struct pan_form *f);

/* A part with several lists in it. */
void pan_within(struct pan_form *f, const char *path);
void pan_within_end(struct pan_form *f);

/* Deletes an entry of the list, or a part of it: set lines only add.  XML has no word for it. */
void pan_delete(struct pan_form *f, struct str name, const char *part);

/* Puts an entry of the list before another.  XML has no word for it. */
void pan_move(struct pan_form *f, struct str name, struct str before);

/* Puts an entry of the list before all others.  In XML, as a comment: what to enter after the file is loaded. */
void pan_move_top(struct pan_form *f, struct str name);

void pan_list(struct pan_form *f, const char *path);
void pan_list_end(struct pan_form *f);
void pan_entry(struct pan_form *f, struct str name);
void pan_entry_end(struct pan_form *f);

/* What an earlier XML file left (removal.c). */
extern const struct dialect_removal paloalto_xml_removal;

/* The rest of this entry is below this path. */
void pan_nest(struct pan_form *f, const char *path);

/* Starts a new set line for the values that follow; no effect in XML. */
void pan_new_line(struct pan_form *f);

void pan_value(struct pan_form *f, const char *key, struct str value);
void pan_text(struct pan_form *f, const char *key, struct str value); /* in quotes; without " and \ */
void pan_members(struct pan_form *f, const char *key, const struct str *values, size_t n, bool quoted);

/* A comment, of one or more lines. */
void pan_comment(struct pan_form *f, struct str text);
