/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/csv-table.h"

struct csv csv_of(struct arena *a, const struct source *s)
{
	struct csv c = { .source = s, .arena = a, .rest = s->text, .separator = ',', .line = 1 };
	size_t counts[3] = { 0 };
	bool quoted = false;
	/* Excel's "sep=;" line */
	if (str_istarts(c.rest, "sep=") && c.rest.n > 5) {
		c.separator = c.rest.p[4];
		size_t end = str_find(c.rest, '\n');
		c.rest = end == SIZE_MAX ? NO_STR : str_skip(c.rest, end + 1);
		c.line = 2;
		return c;
	}
	for (size_t i = 0; i < c.rest.n && c.rest.p[i] != '\n'; i++) {
		quoted ^= c.rest.p[i] == '"';
		if (!quoted) {
			counts[0] += c.rest.p[i] == ',';
			counts[1] += c.rest.p[i] == ';';
			counts[2] += c.rest.p[i] == '\t';
		}
	}
	if (counts[1] > counts[0])
		c.separator = ';';
	if (counts[2] > counts[0] && counts[2] > counts[1])
		c.separator = '\t';
	return c;
}

/* A quoted cell; *rest is after its closing quote. */
static bool take_quoted(struct csv *c, struct str *rest, struct str *cell, struct diag *d)
{
	uint32_t begin = c->line;
	size_t i = 1, doubled = 0;
	for (; i < rest->n; i++) {
		c->line += rest->p[i] == '\n';
		if (rest->p[i] != '"')
			continue;
		if (i + 1 < rest->n && rest->p[i + 1] == '"') {
			doubled++;
			i++;
			continue;
		}
		break;
	}
	if (i >= rest->n)
		return diag_error(d, loc_line(c->source, begin), "a quoted cell does not end");
	*cell = (struct str){ rest->p + 1, i - 1 };
	*rest = str_skip(*rest, i + 1);
	if (doubled) {
		char *copy = arena_alloc(c->arena, cell->n + 1);
		size_t n = 0;
		for (size_t j = 0; j < cell->n; j++) {
			copy[n++] = cell->p[j];
			j += cell->p[j] == '"';
		}
		*cell = (struct str){ copy, n };
	}
	return true;
}

static bool take_row(struct csv *c, struct diag *d)
{
	const char *begin = c->rest.p;
	struct str rest = c->rest;
	bool more = true;
	c->row_line = c->line;
	c->n = 0;
	while (more) {
		struct str cell = NO_STR;
		if (c->n == MOST_CSV_COLUMNS)
			return diag_error(d, loc_line(c->source, c->row_line), "a row has more than %d cells",
					  MOST_CSV_COLUMNS);
		if (rest.n && rest.p[0] == '"') {
			if (!take_quoted(c, &rest, &cell, d))
				return false;
		} else {
			size_t n = 0;
			while (n < rest.n && rest.p[n] != c->separator && rest.p[n] != '\n')
				n++;
			cell = str_first(rest, n);
			rest = str_skip(rest, n);
		}
		/* text between the closing quote and the separator is an error */
		while (rest.n && rest.p[0] != c->separator && rest.p[0] != '\n') {
			if (rest.p[0] != ' ' && rest.p[0] != '\r')
				return diag_error(d, loc_line(c->source, c->line),
						  "text after the closing quote of a cell");
			rest = str_skip(rest, 1);
		}
		if (cell.n > CSV_LONGEST_CELL)
			return diag_error(d, loc_line(c->source, c->row_line), "a cell is larger than %d MB",
					  CSV_LONGEST_CELL >> 20);
		c->cells[c->n++] = str_trim(cell);
		more = rest.n && rest.p[0] == c->separator;
		if (more)
			rest = str_skip(rest, 1);
	}
	c->row = str_trim((struct str){ begin, (size_t)(rest.n ? rest.p - begin : c->rest.p + c->rest.n - begin) });
	if (rest.n) {
		c->line++;
		rest = str_skip(rest, 1);
	}
	c->rest = rest;
	return true;
}

bool csv_next(struct csv *c, struct diag *d)
{
	while (c->rest.n) {
		bool empty = true;
		if (!take_row(c, d))
			return false;
		for (size_t i = 0; i < c->n; i++)
			empty &= c->cells[i].n == 0;
		/* PowerShell's Export-Csv begins with the type of the objects */
		if (!empty && !str_starts(c->cells[0], "#TYPE"))
			return true;
	}
	return false;
}

struct str csv_plain_name(struct arena *a, struct str name)
{
	char *p = arena_alloc(a, name.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < name.n; i++) {
		char c = ascii_lower(name.p[i]);
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '#')
			p[n++] = c;
	}
	return (struct str){ p, n };
}
