/* SPDX-License-Identifier: Apache-2.0 */
/* What emitters share: headers, comments, names within a platform's limits. */
#pragma once

#include "dialect/dialect.h"

/*
 * The text of a comment, a name or a quote: one line, in which hidden characters (controls, marks
 * that turn the direction of writing) are written in letters, as str_shown() does.
 */
struct str text_visible(struct arena *a, struct str s);

/* The policy with all its free texts made visible; relations and groups are made in the arena. */
void text_make_visible(struct arena *a, struct policy *p);

/* Comment lines that state what the file is, for which firewall, and what loading it does. */
void text_header(struct out *o, const char *prefix, const struct policy *p, const char *what,
		 const struct dialect_loading *loading);

/* Text as comment lines of at most 100 bytes; empty text writes nothing. */
void text_comment_lines(struct out *o, const char *prefix, struct str text);

/*
 * "ID: TEXT" cut to a number of bytes, at a word's end: part of an id or name could
 * be another.  Without the bytes in `without`, where parentheses become brackets,
 * and without control characters.
 */
void text_put_limited(struct out *o, size_t most, const char *without, struct str id, struct str text);

/*
 * The comment of a rule about its relation: "ID: TITLE; FLOW", as much of it as
 * there is room for.  The id is omitted where it is the rule's name.
 */
void text_put_title(struct out *o, size_t most, const char *without, struct str id, const struct relation *r);

/* True when the text about a relation begins with its id; that of a foreign rule may be anything. */
bool relation_says_id(const struct relation *r);

/*
 * The whole text about a relation, with its id, for languages that have no other
 * place for it.  Its services, which the rule itself states, are omitted before
 * anything else is cut.
 */
struct str text_about(struct arena *a, size_t most, const struct relation *r);

/*
 * A name within a platform's rules: bytes other than letters, digits and those in
 * `also` become `instead`; longer ones are cut and end in a hash of the whole.
 */
struct str text_name(struct arena *a, struct str name, const char *also, char instead, size_t longest);

/*
 * Numbers that rules keep when others are added or removed: derived from a name,
 * where the order of the rules does not matter.  When many of the numbers are
 * needed, they are counted up instead, in tens where there is room.
 */
struct kept_numbers {
	bool *taken; /* NULL: counted up */
	uint32_t lo, n, step, next;
};
struct kept_numbers kept_numbers_new(struct arena *a, uint32_t lo, uint32_t hi, size_t wanted);
uint32_t kept_number(struct kept_numbers *numbers, struct str name);
