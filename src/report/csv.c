/* SPDX-License-Identifier: Apache-2.0 */
#include "report/csv.h"

static bool needs_quotes(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (char_in(s.p[i], ",\"\n\r"))
			return true;
	return s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' ');
}

void csv_row(struct out *o, const struct str *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str s = cells[i];
		/* "-" alone is the mark for "no port" */
		bool formula = s.n > 1 && char_in(s.p[0], "=+-@\t\r\n");
		bool quoted = needs_quotes(s);
		if (i)
			out_char(o, ',');
		if (quoted)
			out_char(o, '"');
		if (formula)
			out_char(o, '\'');
		for (size_t j = 0; j < s.n; j++) {
			if (s.p[j] == '"')
				out_char(o, '"');
			out_char(o, s.p[j]);
		}
		if (quoted)
			out_char(o, '"');
	}
	out_char(o, '\n');
}

void markdown_text(struct out *o, struct str s)
{
	for (size_t j = 0; j < s.n; j++) {
		char c = s.p[j];
		if (char_in(c, "|\\<*_`[&"))
			out_char(o, '\\');
		out_char(o, c == '\n' || c == '\r' ? ' ' : c);
	}
}

void markdown_row(struct out *o, const struct str *cells, size_t n)
{
	out_char(o, '|');
	for (size_t i = 0; i < n; i++) {
		out_char(o, ' ');
		markdown_text(o, cells[i]);
		out_text(o, " |");
	}
	out_char(o, '\n');
}

void markdown_rule(struct out *o, size_t n)
{
	out_char(o, '|');
	while (n--)
		out_text(o, " --- |");
	out_char(o, '\n');
}
