/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines and words of configuration files, with their locations.
 */
#pragma once

#include "base/source.h"
#include "base/vec.h"

struct lines {
	const struct source *source;
	struct str rest;
	uint32_t number; /* of the line that was read last */
};

struct lines lines_of(const struct source *s);

/*
 * The next line without its end (LF or CRLF); false at the end of the text.  A line that is
 * nothing but a pager's prompt is empty, and one that overwrote such a prompt is
 * returned without it.
 */
bool lines_next(struct lines *l, struct str *line);

/* Length of a pager's prompt ("--More--") at the beginning of a line; 0: there is none. */
size_t line_pager(struct str line);

/* The location of the current line, or of a word in it. */
struct loc lines_at(const struct lines *l);
struct loc lines_word_at(const struct lines *l, struct str line, struct str word);

/*
 * Words between blanks.  A word in double quotes is one word, without its
 * quotes; a backslash escapes the next character.  A missing quote ends
 * with the line.
 */
typedef VEC(struct str) words;
void words_split(struct arena *a, struct str line, words *ret);

/* True when a quote does not end with the line: an odd number of them, but for those behind a backslash. */
bool words_go_on(struct str line);

/* True when the line begins with these words: "access-list % extended", % is any one word. */
bool words_begin(const words *w, const char *pattern);

/* Blanks at the beginning: the nesting depth of a line of IOS-like text. */
size_t line_indent(struct str line);
