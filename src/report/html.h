/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the HTML reports share: one file that asks the network for nothing, and
 * whose Content-Security-Policy holds it to that: only the style and the script
 * that are named by their hashes count.
 */
#pragma once

#include "report/asset.h"
#include "report/markup.h"

enum { HTML_MOST_STYLES = 4 };

struct html_page {
	struct str title;
	const struct asset *styles[HTML_MOST_STYLES];	/* the rest: NULL */
	const struct asset *script;	/* NULL: none */
};

/* Up to and with <body>; and from what follows the content. */
void html_begin(struct out *o, const struct html_page *page);
void html_end(struct out *o, const struct html_page *page);

/* A block of JSON for the script, under an id; no text in it can end the block. */
void html_data(struct out *o, const char *id, struct str json);

/* <TAG CLASS...>text</TAG>; class may be NULL. */
void html_element(struct out *o, const char *tag, const char *class, struct str text);
