/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diag.h"

#include "base/suggest.h"
#include "base/vec.h"

struct item {
	struct diag_entry entry;
	bool is_note;
};

struct diag {
	struct arena *arena;
	VEC(struct item) items;
	size_t errors;
	bool machine;
	bool last_hidden; /* the last one was over the limit: hide its notes too */
	unsigned width;   /* of the terminal; 0: not known */
	bool quiet;       /* notes of their own are not printed */
};

struct diag *diag_new(struct arena *a)
{
	struct diag *d = ARENA_NEW(a, struct diag);
	d->arena = a;
	return d;
}

static void add(struct diag *d, enum diag_level level, bool is_note, struct loc at, const char *text)
{
	*VEC_ADD(d->arena, &d->items) = (struct item){ { level, at, text }, is_note };
}

static bool hidden(struct diag *d)
{
	d->last_hidden = d->errors > DIAG_MOST_SHOWN;
	return d->last_hidden;
}

bool diag_error(struct diag *d, struct loc at, const char *fmt, ...)
{
	d->errors++;
	if (hidden(d))
		return false;
	va_list ap;
	va_start(ap, fmt);
	add(d, DIAG_ERROR, false, at, arena_vprintf(d->arena, fmt, ap));
	va_end(ap);
	return false;
}

bool diag_machine(struct diag *d, int errnum, const char *fmt, ...)
{
	d->errors++;
	d->machine = true;
	if (hidden(d))
		return false;
	va_list ap;
	va_start(ap, fmt);
	const char *what = arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
	add(d, DIAG_ERROR, false, NOWHERE, errnum ? arena_printf(d->arena, "%s: %s", what, strerror(errnum)) : what);
	return false;
}

void diag_warn(struct diag *d, struct loc at, const char *fmt, ...)
{
	if (hidden(d))
		return;
	va_list ap;
	va_start(ap, fmt);
	add(d, DIAG_WARNING, false, at, arena_vprintf(d->arena, fmt, ap));
	va_end(ap);
}

void diag_say(struct diag *d, const char *fmt, ...)
{
	d->last_hidden = false;
	va_list ap;
	va_start(ap, fmt);
	add(d, DIAG_NOTE, false, NOWHERE, arena_vprintf(d->arena, fmt, ap));
	va_end(ap);
}

void diag_note(struct diag *d, struct loc at, const char *fmt, ...)
{
	if (d->last_hidden)
		return;
	va_list ap;
	va_start(ap, fmt);
	add(d, DIAG_NOTE, true, at, arena_vprintf(d->arena, fmt, ap));
	va_end(ap);
}

void diag_suggest(struct diag *d, struct str wrong, const struct str *words, size_t n)
{
	struct str close = suggest(wrong, words, n);
	if (close.p)
		diag_note(d, NOWHERE, "did you mean \"%.*s\"?", STR_ARG(close));
}

size_t diag_errors(const struct diag *d)
{
	return d->errors;
}

void diag_set_quiet(struct diag *d, bool quiet)
{
	d->quiet = quiet;
}

bool diag_machine_refused(const struct diag *d)
{
	return d->machine;
}

size_t diag_count(const struct diag *d)
{
	return d->items.n;
}

const struct diag_entry *diag_entry(const struct diag *d, size_t i)
{
	return &d->items.v[i].entry;
}

/*
 * A group is an entry and its notes.  Groups print by location, files in the order of their
 * first error.
 */
struct group {
	size_t first, n;
	size_t source_rank;
	uint32_t line, column;
};

static int group_cmp(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	int c = CMP(a->source_rank, b->source_rank);
	c = c ? c : CMP(a->line, b->line);
	c = c ? c : CMP(a->column, b->column);
	return c ? c : CMP(a->first, b->first);
}

static const char *const level_name[] = { "error", "warning", "note" };
static const char *const level_colour[] = { "\033[1;31m", "\033[1;35m", "\033[1;36m" };

/* Where the longest text begins that ends at the offset and is at most so wide.  No longer than the text itself. */
static size_t excerpt_start(struct str line, size_t offset, size_t width)
{
	size_t from = offset, wide = 0;
	while (from) {
		size_t start = from - 1;
		while (start && ((unsigned char)line.p[start] & 0xc0) == 0x80)
			start--;
		wide += str_width((struct str){ line.p + start, from - start });
		if (wide > width)
			break;
		from = start;
	}
	return from;
}

enum { GUTTER = 8, DOTS = 3, NARROWEST = 20 };

void diag_set_width(struct diag *d, unsigned columns)
{
	d->width = columns;
}

/* What an excerpt has for its text. */
static size_t excerpt_width(const struct diag *d)
{
	size_t columns = d->width ? d->width : 80;
	return MAX(columns, (size_t)(GUTTER + DOTS + NARROWEST)) - GUTTER;
}

/* Quotes the line with a caret below; a long line is cut to the part around the location. */
static void print_excerpt(struct out *to, struct loc at, bool colour, enum diag_level level, size_t width)
{
	struct str line = source_line(at.source, at.line);
	size_t before = 0;

	if (at.column == 0)
		return;
	/*
 * Columns are characters: find the byte, and print tabs as one space so that the
 * caret lines up.
 */
	struct str rest = line;
	for (uint32_t i = 1; i < at.column && rest.n; i++) {
		size_t n = 1;
		while (n < rest.n && ((unsigned char)rest.p[n] & 0xc0) == 0x80)
			n++;
		rest = str_skip(rest, n);
	}
	size_t offset = line.n - rest.n;
	size_t from = str_width(line) > width ? excerpt_start(line, offset, width / 2) : 0;
	struct str shown = str_skip(line, from);
	shown = str_first(shown, str_fit(shown, from ? width - DOTS : width));
	before = str_width(str_skip(str_first(line, offset), from));

	out_printf(to, "%5u | %s", at.line, from ? "..." : "");
	for (size_t i = 0; i < shown.n; i++) {
		unsigned char c = (unsigned char)shown.p[i];
		out_char(to, c < 0x20 || c == 0x7f ? ' ' : (char)c);
	}
	out_text(to, "\n      | ");
	out_repeat(to, ' ', before + (from ? DOTS : 0));
	if (colour)
		out_text(to, level_colour[level]);
	out_char(to, '^');
	size_t room = str_width(shown) > before ? str_width(shown) - before : 1;
	if (at.length > 1)
		out_repeat(to, '~', MIN((size_t)at.length, room) - 1);
	if (colour)
		out_text(to, "\033[0m");
	out_char(to, '\n');
}

static void print_place(struct out *to, struct loc at)
{
	if (!at.source)
		out_text(to, "portolan: ");
	else if (!at.line)
		out_printf(to, "%s: ", at.source->name);
	else if (!at.column)
		out_printf(to, "%s:%u: ", at.source->name, at.line);
	else
		out_printf(to, "%s:%u:%u: ", at.source->name, at.line, at.column);
}

/* Text that may quote the user's bytes: control characters must not reach a terminal. */
static void print_safely(struct out *to, const char *s)
{
	for (; *s; s++)
		out_char(to, (unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
}

static void print_entry(struct out *to, const struct item *item, bool colour, size_t width)
{
	const struct diag_entry *e = &item->entry;
	if (item->is_note && !e->at.source) {
		out_text(to, "      = ");
		print_safely(to, e->text);
		out_char(to, '\n');
		return;
	}
	if (colour)
		out_text(to, "\033[1m");
	print_place(to, e->at);
	if (colour)
		out_text(to, level_colour[e->level]);
	out_printf(to, "%s: ", level_name[e->level]);
	if (colour)
		out_text(to, "\033[0m");
	print_safely(to, e->text);
	out_char(to, '\n');
	if (e->at.source && e->at.line)
		print_excerpt(to, e->at, colour, e->level, width);
}

/* A note of its own. */
static bool is_said(const struct item *item)
{
	return item->entry.level == DIAG_NOTE && !item->is_note;
}

void diag_print(const struct diag *d, struct out *to, bool colour)
{
	struct arena *a = arena_new();
	struct group *groups = ARENA_ARRAY(a, struct group, d->items.n);
	const struct source **sources = ARENA_ARRAY(a, const struct source *, d->items.n + 1);
	size_t n = 0, n_sources = 0;

	for (size_t i = 0; i < d->items.n; i++) {
		const struct item *item = &d->items.v[i];
		if (item->is_note && n) {
			groups[n - 1].n++;
			continue;
		}
		size_t rank = 0;
		while (rank < n_sources && sources[rank] != item->entry.at.source)
			rank++;
		if (rank == n_sources)
			sources[n_sources++] = item->entry.at.source;
		groups[n++] = (struct group){ i, 1, rank, item->entry.at.line, item->entry.at.column };
	}
	sort_items(groups, n, sizeof *groups, group_cmp);
	for (size_t g = 0; g < n; g++)
		for (size_t i = d->quiet && is_said(&d->items.v[groups[g].first]) ? groups[g].n : 0; i < groups[g].n;
		     i++)
			print_entry(to, &d->items.v[groups[g].first + i], colour, excerpt_width(d));
	if (d->errors > DIAG_MOST_SHOWN)
		out_printf(to, "portolan: %zu more errors are not shown\n", d->errors - DIAG_MOST_SHOWN);
	arena_free(a);
}
