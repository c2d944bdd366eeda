/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html.h"

static void put_policy(struct out *o, const struct html_page *page)
{
	out_text(o, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src");
	for (size_t i = 0; i < HTML_MOST_STYLES && page->styles[i]; i++)
		out_printf(o, " '%s'", page->styles[i]->hash);
	if (page->script)
		out_printf(o, "; script-src '%s'", page->script->hash);
	out_text(o, "; base-uri 'none'; form-action 'none'\">\n");
}

void html_begin(struct out *o, const struct html_page *page)
{
	out_text(o, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	put_policy(o, page);
	out_text(o, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" "
		    "content=\"portolan " PORTOLAN_VERSION "\">\n");
	html_element(o, "title", NULL, page->title);
	/* the hash covers exactly the bytes between the tags */
	for (size_t i = 0; i < HTML_MOST_STYLES && page->styles[i]; i++) {
		out_text(o, "<style>");
		out_str(o, page->styles[i]->text);
		out_text(o, "</style>\n");
	}
	out_text(o, "</head>\n<body>\n");
}

void html_end(struct out *o, const struct html_page *page)
{
	if (page->script) {
		out_text(o, "<script>");
		out_str(o, page->script->text);
		out_text(o, "</script>\n");
	}
	out_text(o, "</body>\n</html>\n");
}

void html_data(struct out *o, const char *id, struct str json)
{
	out_printf(o, "<script type=\"application/json\" id=\"%s\">", id);
	/* in JSON these occur in strings only, where they can be escaped */
	for (size_t i = 0; i < json.n; i++) {
		if (json.p[i] == '<')
			out_text(o, "\\u003c");
		else if (json.p[i] == '>')
			out_text(o, "\\u003e");
		else if (json.p[i] == '&')
			out_text(o, "\\u0026");
		else
			out_char(o, json.p[i]);
	}
	out_text(o, "</script>\n");
}

void html_element(struct out *o, const char *tag, const char *class, struct str text)
{
	out_printf(o, "<%s%s%s%s>", tag, class ? " class=\"" : "", class ? class : "", class ? "\"" : "");
	put_markup(o, text);
	out_printf(o, "</%s>\n", tag);
}
