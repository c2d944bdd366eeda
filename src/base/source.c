/* SPDX-License-Identifier: Apache-2.0 */
#include "base/source.h"

struct source *source_of_text(struct arena *a, const char *name, struct str text)
{
	struct source *s = ARENA_NEW(a, struct source);
	s->arena = a;
	s->name = name;
	s->text = text;
	return s;
}

static void index_lines(struct source *s)
{
	uint32_t n = 1;
	for (size_t i = 0; i < s->text.n; i++)
		n += s->text.p[i] == '\n';
	uint32_t *starts = ARENA_ARRAY(s->arena, uint32_t, n);
	n = 1;
	for (size_t i = 0; i < s->text.n; i++)
		if (s->text.p[i] == '\n')
			starts[n++] = (uint32_t)i + 1;
	s->line_starts = starts;
	s->n_lines = n;
}

struct str source_line(const struct source *s, uint32_t line)
{
	/* The index is a cache: the source stays the same to every caller. */
	if (!s->line_starts)
		index_lines((struct source *)s);
	if (line == 0 || line > s->n_lines)
		return NO_STR;
	struct str rest = str_skip(s->text, s->line_starts[line - 1]), text = rest;
	size_t end = str_find(rest, '\n');
	if (end != SIZE_MAX)
		text = str_first(rest, end);
	if (text.n && text.p[text.n - 1] == '\r')
		text.n--;
	return text;
}
