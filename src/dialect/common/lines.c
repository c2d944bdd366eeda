/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/lines.h"

struct lines lines_of(const struct source *s)
{
	return (struct lines){ .source = s, .rest = s->text };
}

/* The text after a pager's prompt that was erased with backspaces and overwritten. */
static struct str visible(struct str line)
{
	size_t column = 0, from = 0;
	for (size_t i = 0; i < line.n; i++) {
		column = line.p[i] == '\b' ? column - (column > 0) : column + 1;
		if (line.p[i] == '\b' && !column)
			from = i + 1;
	}
	return str_skip(line, from);
}

size_t line_pager(struct str line)
{
	static const char *const begin[] = { "--More--", "<--- More --->", "---(more" };
	size_t blanks = line_indent(line), n;
	struct str s = str_skip(line, blanks);
	for (size_t i = 0; i < ARRAY_LEN(begin); i++) {
		if (!str_starts(s, begin[i]))
			continue;
		n = strlen(begin[i]);
		while (i == 2 && n < s.n && s.p[n - 1] != ')')
			n++;
		for (; i == 2 && n < s.n && s.p[n] == '-'; n++)
			;
		return blanks + n;
	}
	return 0;
}

bool lines_next(struct lines *l, struct str *line)
{
	if (!l->rest.p || !l->rest.n)
		return false;
	size_t end = str_find(l->rest, '\n');
	*line = end == SIZE_MAX ? l->rest : str_first(l->rest, end);
	l->rest = end == SIZE_MAX ? NO_STR : str_skip(l->rest, end + 1);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	l->number++;
	if (line->n && memchr(line->p, '\b', line->n))
		*line = visible(*line);
	size_t mark = line_pager(*line);
	if (mark && !str_trim(str_skip(*line, mark)).n)
		line->n = 0;
	return true;
}

struct loc lines_at(const struct lines *l)
{
	return loc_line(l->source, l->number);
}

struct loc lines_word_at(const struct lines *l, struct str line, struct str word)
{
	if (word.p < line.p || word.p > line.p + line.n)
		return lines_at(l); /* a word with escapes is copied */
	size_t before = (size_t)(word.p - line.p);
	return (struct loc){ l->source, l->number, (uint32_t)str_width(str_first(line, before)) + 1, (uint32_t)word.n };
}

static struct str quoted(struct arena *a, struct str *rest)
{
	struct str s = str_skip(*rest, 1);
	size_t n = 0;
	bool escapes = false;
	while (n < s.n && s.p[n] != '"') {
		if (s.p[n] == '\\' && n + 1 < s.n) {
			escapes = true;
			n++;
		}
		n++;
	}
	struct str word = str_first(s, n);
	*rest = str_skip(s, n + 1);
	if (!escapes)
		return word;
	char *copy = arena_alloc(a, word.n + 1);
	size_t j = 0;
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\\' && i + 1 < word.n)
			i++;
		copy[j++] = word.p[i];
	}
	return (struct str){ copy, j };
}

void words_split(struct arena *a, struct str line, words *ret)
{
	struct str word;
	ret->n = 0;
	for (;;) {
		line = str_trim(line);
		if (!line.n)
			return;
		if (line.p[0] == '"')
			*VEC_ADD(a, ret) = quoted(a, &line);
		else if (str_word(&line, &word))
			*VEC_ADD(a, ret) = word;
	}
}

bool words_go_on(struct str line)
{
	bool open = false;
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '\\')
			i++;
		else if (line.p[i] == '"')
			open = !open;
	}
	return open;
}

bool words_begin(const words *w, const char *pattern)
{
	struct str rest = str_of(pattern), want;
	size_t i = 0;
	while (str_word(&rest, &want)) {
		if (i >= w->n || (!str_is(want, "%") && !str_eq(w->v[i], want)))
			return false;
		i++;
	}
	return true;
}

size_t line_indent(struct str line)
{
	size_t n = 0;
	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return n;
}
