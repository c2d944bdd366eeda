/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines and words of configuration files, with their places.
 */
#pragma once

#include "base/source.h"
#include "base/vec.h"

struct lines {
	const struct source *source;
	struct str rest;
	uint32_t number;	/* of the line that was read last */
};

struct lines lines_of(const struct source *s);

/*
 * The next line without its end (LF or CRLF); false behind the last.  A line that is
 * nothing but a pager's mark is empty, and one that was written over such a mark is
 * without it.
 */
bool lines_next(struct lines *l, struct str *line);

/* How much of the beginning of a line is a pager's mark ("--More--"); 0: there is none. */
size_t line_pager(struct str line);

/* The place of the current line, or of a word in it. */
struct loc lines_at(const struct lines *l);
struct loc lines_word_at(const struct lines *l, struct str line, struct str word);

/*
 * Words between blanks.  A word in double quotes is one word, without its
 * quotes; a backslash takes the next character as it is.  Missing quotes end
 * with the line.
 */
typedef VEC(struct str) words;
void words_split(struct arena *a, struct str line, words *ret);

/* True when a quote does not end with the line: an odd number of them, but for those behind a backslash. */
bool words_go_on(struct str line);

/* True when the line has these words at its beginning: "access-list % extended", % is any one word. */
bool words_begin(const words *w, const char *pattern);

/* Blanks at the beginning: how deep a line of IOS-like text is. */
size_t line_indent(struct str line);
