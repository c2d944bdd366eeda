/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Common parts of the HTML reports: one file that loads nothing from the network,
 * which its Content-Security-Policy enforces: only the style and the script whose
 * hashes it lists are used.
 */
#pragma once

#include "report/asset.h"
#include "report/markup.h"

enum { HTML_MOST_STYLES = 4 };

struct html_page {
	struct str title;
	const struct asset *styles[HTML_MOST_STYLES]; /* the rest: NULL */
	const struct asset *script;                   /* NULL: none */
};

/* Up to and including <body>; and everything after the content. */
void html_begin(struct out *o, const struct html_page *page);
void html_end(struct out *o, const struct html_page *page);

/* A block of JSON for the script, under an id; no text in it can end the block. */
void html_data(struct out *o, const char *id, struct str json);

/* <TAG CLASS...>text</TAG>; class may be NULL. */
void html_element(struct out *o, const char *tag, const char *class, struct str text);
