/* SPDX-License-Identifier: Apache-2.0 */
#include "report/csv.h"

static bool needs_quotes(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(",\"\n\r", s.p[i]))
			return true;
	return s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' ');
}

void csv_row(struct out *o, const struct str *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str s = cells[i];
		/* "-" alone is our own mark for "no port" */
		bool formula = s.n > 1 && strchr("=+-@\t", s.p[0]);
		bool quoted = needs_quotes(s);
		if (i)
			out_char(o, ',');
		if (quoted)
			out_char(o, '"');
		if (formula)
			out_char(o, '\'');
		for (size_t k = 0; k < s.n; k++) {
			if (s.p[k] == '"')
				out_char(o, '"');
			out_char(o, s.p[k]);
		}
		if (quoted)
			out_char(o, '"');
	}
	out_char(o, '\n');
}

void markdown_row(struct out *o, const struct str *cells, size_t n)
{
	out_char(o, '|');
	for (size_t i = 0; i < n; i++) {
		out_char(o, ' ');
		for (size_t k = 0; k < cells[i].n; k++) {
			char c = cells[i].p[k];
			if (c == '|' || c == '\\' || c == '<' || c == '*' || c == '_' || c == '`')
				out_char(o, '\\');
			out_char(o, c == '\n' ? ' ' : c);
		}
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
