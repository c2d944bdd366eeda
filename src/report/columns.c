/* SPDX-License-Identifier: Apache-2.0 */
#include "report/columns.h"

#include "base/vec.h"

enum {
	GAP = 2,
	LEAST_PROSE = 24, /* in narrower terminals prose goes below */
	BELOW_INDENT = 4,
};

struct columns {
	struct arena *arena;
	const char *const *titles;
	size_t n, prose;
	VEC(const struct str *) rows;
};

struct columns *columns_new(struct arena *a, const char *const *titles, size_t n, size_t prose)
{
	struct columns *c = ARENA_NEW(a, struct columns);
	*c = (struct columns){ .arena = a, .titles = titles, .n = n, .prose = prose };
	return c;
}

void columns_row(struct columns *c, const struct str *cells)
{
	struct str *copy = ARENA_ARRAY(c->arena, struct str, c->n);
	memcpy(copy, cells, c->n * sizeof *copy);
	*VEC_ADD(c->arena, &c->rows) = copy;
}

static const char *const style_codes[] = {
	[STYLE_PLAIN] = "\033[0m",  [STYLE_BOLD] = "\033[1m",    [STYLE_DIM] = "\033[2m",   [STYLE_RED] = "\033[31m",
	[STYLE_GREEN] = "\033[32m", [STYLE_YELLOW] = "\033[33m", [STYLE_CYAN] = "\033[36m",
};

void put_style(struct out *o, bool colour, enum style s)
{
	if (colour)
		out_text(o, style_codes[s]);
}

void put_styled(struct out *o, bool colour, enum style s, struct str text)
{
	put_style(o, colour && s != STYLE_PLAIN, s);
	out_str(o, text);
	put_style(o, colour && s != STYLE_PLAIN, STYLE_PLAIN);
}

/* Takes the next line of at most `room` columns from the text, broken at a space if there is one. */
static struct str next_line(struct str *rest, size_t room)
{
	struct str text = str_trim(*rest);
	size_t fit = str_fit(text, room);
	if (fit >= text.n) {
		*rest = NO_STR;
		return text;
	}
	size_t cut = fit;
	while (cut && text.p[cut] != ' ')
		cut--;
	if (!cut)
		cut = fit ? fit : 1;
	struct str line = str_first(text, cut);
	*rest = str_skip(text, cut);
	return str_trim(line);
}

void put_wrapped(struct out *o, struct str text, size_t indent, unsigned width)
{
	size_t room = width > indent + 10 ? width - indent : width ? 10 : SIZE_MAX;
	while (text.n) {
		out_repeat(o, ' ', indent);
		out_str(o, next_line(&text, room));
		out_char(o, '\n');
	}
}

struct layout {
	size_t widths[16];
	bool below; /* prose is on its own lines */
};

static struct layout lay_out(const struct columns *c, unsigned width)
{
	struct layout l = { .below = false };
	size_t others = 0;

	assert(c->n <= ARRAY_LEN(l.widths));
	for (size_t j = 0; j < c->n; j++) {
		l.widths[j] = strlen(c->titles[j]);
		for (size_t i = 0; i < c->rows.n; i++)
			l.widths[j] = MAX(l.widths[j], str_width(c->rows.v[i][j]));
		if (j != c->prose)
			others += l.widths[j] + GAP;
	}
	if (width && others + l.widths[c->prose] > width) {
		l.below = others + LEAST_PROSE > width;
		l.widths[c->prose] = l.below ? 0 : width - others;
	}
	return l;
}

static void print_row(const struct columns *c, const struct layout *l, struct out *o, const struct str *cells,
		      unsigned width, bool colour, enum style style)
{
	struct str rest = cells[c->prose];
	bool first = true;

	while (first || (rest.n && !l->below)) {
		size_t pending = 0;
		put_style(o, colour && style != STYLE_PLAIN, style);
		for (size_t j = 0; j < c->n; j++) {
			struct str text = first ? cells[j] : NO_STR;
			if (j == c->prose) {
				if (l->below)
					continue;
				text = width ? next_line(&rest, l->widths[j]) : rest;
				if (!width)
					rest = NO_STR;
			}
			if (text.n) {
				out_repeat(o, ' ', pending);
				pending = 0;
				out_str(o, text);
			}
			size_t w = str_width(text);
			pending += (l->widths[j] > w ? l->widths[j] - w : 0) + GAP;
		}
		put_style(o, colour && style != STYLE_PLAIN, STYLE_PLAIN);
		out_char(o, '\n');
		first = false;
	}
	if (l->below && rest.n)
		put_wrapped(o, rest, BELOW_INDENT, width);
}

void columns_print(const struct columns *c, struct out *o, unsigned width, bool colour)
{
	struct layout l = lay_out(c, width);
	struct str titles[16];
	for (size_t j = 0; j < c->n; j++)
		titles[j] = str_of(c->titles[j]);
	print_row(c, &l, o, titles, width, colour, STYLE_BOLD);
	for (size_t i = 0; i < c->rows.n; i++)
		print_row(c, &l, o, c->rows.v[i], width, colour, STYLE_PLAIN);
}
