/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/json-tree.h"

#include "base/strmap.h"
#include "base/vec.h"

struct parser {
	struct arena *arena;
	const struct source *source;
	struct diag *diag;
	const char *p, *end;
	const char *line_start;
	uint32_t line;
	size_t behind;       /* UTF-8 continuation bytes since line_start: columns count characters */
	const char *counted; /* the position up to which `behind` counts */
	unsigned depth;
	size_t nodes;
};

static struct loc place(struct parser *j, const char *from)
{
	for (; j->counted < from; j->counted++)
		j->behind += ((unsigned char)*j->counted & 0xc0) == 0x80;
	return (struct loc){ j->source, j->line, (uint32_t)((size_t)(from - j->line_start) - j->behind) + 1, 1 };
}

static void skip_blanks(struct parser *j)
{
	for (; j->p < j->end; j->p++) {
		if (*j->p == '\n') {
			j->line++;
			j->line_start = j->counted = j->p + 1;
			j->behind = 0;
		} else if (*j->p != ' ' && *j->p != '\t' && *j->p != '\r') {
			return;
		}
	}
}

static struct node *node_new(struct parser *j, enum node_kind kind)
{
	struct node *n = ARENA_NEW(j->arena, struct node);
	n->kind = kind;
	n->size = 1;
	n->at = place(j, j->p);
	j->nodes++;
	return n;
}

static bool four_digits(const char *p, const char *end, uint32_t *ret)
{
	*ret = 0;
	if (end - p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(p[i]);
		if (digit < 0)
			return false;
		*ret = *ret << 4 | (uint32_t)digit;
	}
	return true;
}

/* One escape, after its backslash; an escape is never shorter than the bytes that it decodes to. */
static bool take_escape(const char **from, const char *end, char **to)
{
	static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *p = *from;
	const char *known = p < end && *p ? strchr(letters, *p) : NULL;
	uint32_t c, low;
	if (known) {
		*(*to)++ = values[known - letters];
		*from = p + 1;
		return true;
	}
	if (p == end || *p != 'u' || !four_digits(p + 1, end, &c))
		return false;
	p += 5;
	if (c >= 0xd800 && c < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' && four_digits(p + 2, end, &low) &&
	    low >= 0xdc00 && low < 0xe000) {
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		p += 6;
	}
	*to += utf8_of(c == 0 || (c >= 0xd800 && c < 0xe000) ? 0xfffd : c, *to);
	*from = p;
	return true;
}

static const struct node *take_string(struct parser *j)
{
	struct node *n = node_new(j, NODE_SCALAR);
	const char *from = j->p + 1, *p = from;
	bool escapes = false;
	while (p < j->end && *p != '"' && (unsigned char)*p >= 0x20) {
		escapes |= *p == '\\';
		p += *p == '\\' && p + 1 < j->end ? 2 : 1;
	}
	if (p >= j->end || *p != '"') {
		diag_error(j->diag, n->at,
			   p < j->end ? "a string may not contain a line end or another control character"
				      : "this string does not end");
		return NULL;
	}
	n->text = (struct str){ from, (size_t)(p - from) };
	n->at.length = (uint32_t)MIN(n->text.n + 2, (size_t)200);
	j->p = p + 1;
	if (!escapes)
		return n;
	char *copy = arena_alloc(j->arena, n->text.n + 1), *to = copy;
	while (from < p) {
		const char *at = from;
		if (*from != '\\') {
			*to++ = *from++;
		} else if (from++, !take_escape(&from, p, &to)) {
			diag_error(j->diag, place(j, at), "this is not a JSON escape");
			return NULL;
		}
	}
	n->text = (struct str){ copy, (size_t)(to - copy) };
	return n;
}

static bool is_number(struct str s)
{
	size_t i = s.n && s.p[0] == '-', digits = 0;
	for (; i < s.n; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			digits++;
		else if (!char_in(s.p[i], ".eE+-"))
			return false;
	}
	return digits > 0;
}

static const struct node *take_word(struct parser *j)
{
	struct node *n = node_new(j, NODE_SCALAR);
	const char *from = j->p;
	while (j->p < j->end && *j->p && !char_in(*j->p, " \t\r\n,:[]{}\""))
		j->p++;
	n->text = (struct str){ from, (size_t)(j->p - from) };
	n->plain = true;
	n->at.length = (uint32_t)MIN(n->text.n, (size_t)200);
	if (str_is(n->text, "true") || str_is(n->text, "false") || str_is(n->text, "null") || is_number(n->text))
		return n;
	diag_error(j->diag, n->at,
		   j->p == j->end && !n->text.n ? "the input ends where a value is expected"
						: "this is not a JSON value");
	return NULL;
}

static const struct node *take_value(struct parser *j);

/* What stands between members: true when another one follows. */
static bool another(struct parser *j, const struct node *n, char close, bool *ok)
{
	skip_blanks(j);
	if (j->p < j->end && *j->p == close) {
		j->p++;
		return false;
	}
	if (j->p < j->end && *j->p == ',') {
		j->p++;
		skip_blanks(j);
		return true;
	}
	*ok = false;
	if (j->p == j->end) {
		diag_error(j->diag, place(j, j->p), "the input ends inside %s; it is truncated",
			   close == ']' ? "a list" : "an object");
		diag_note(j->diag, n->at, "which begins here");
	} else {
		diag_error(j->diag, place(j, j->p), "a comma or a %c is missing before this", close);
	}
	return false;
}

static bool begins_empty(struct parser *j, char close)
{
	j->p++;
	skip_blanks(j);
	if (j->p == j->end || *j->p != close)
		return false;
	j->p++;
	return true;
}

static const struct node *take_list(struct parser *j)
{
	struct node *n = node_new(j, NODE_LIST);
	VEC(const struct node *) items = { 0 };
	bool ok = true;
	if (begins_empty(j, ']'))
		return n;
	do {
		const struct node *item = take_value(j);
		if (!item)
			return NULL;
		*VEC_ADD(j->arena, &items) = item;
	} while (another(j, n, ']', &ok));
	n->items = items.v;
	n->n = items.n;
	return ok ? n : NULL;
}

/* A few keys are compared pairwise; many go through a map. */
static bool keys_differ(struct parser *j, const struct pair *pairs, size_t n)
{
	enum { FEW = 24 };
	struct strmap seen = strmap_new(j->arena);
	for (size_t i = 0; i < n; i++) {
		const struct pair *other = NULL;
		if (n > FEW)
			other = strmap_add(&seen, pairs[i].key->text, (void *)&pairs[i])
					? NULL
					: strmap_get(&seen, pairs[i].key->text);
		for (size_t m = 0; n <= FEW && m < i && !other; m++)
			other = str_eq(pairs[i].key->text, pairs[m].key->text) ? &pairs[m] : NULL;
		if (!other)
			continue;
		diag_error(j->diag, pairs[i].key->at, "duplicate key \"%.*s\"",
			   STR_ARG(str_first(pairs[i].key->text, 200)));
		diag_note(j->diag, other->key->at, "the other one is here");
		return false;
	}
	return true;
}

static const struct node *take_object(struct parser *j)
{
	struct node *n = node_new(j, NODE_MAP);
	VEC(struct pair) pairs = { 0 };
	bool ok = true;
	if (begins_empty(j, '}'))
		return n;
	do {
		if (j->p == j->end || *j->p != '"') {
			diag_error(j->diag, place(j, j->p),
				   j->p == j->end ? "the input ends inside an object; it is truncated"
						  : "a key in quotes is missing here");
			return NULL;
		}
		struct pair pair = { .key = take_string(j) };
		skip_blanks(j);
		if (!pair.key)
			return NULL;
		if (j->p == j->end || *j->p != ':') {
			diag_error(j->diag, place(j, j->p), "a colon is missing after the key");
			return NULL;
		}
		j->p++;
		pair.value = take_value(j);
		if (!pair.value)
			return NULL;
		*VEC_ADD(j->arena, &pairs) = pair;
	} while (another(j, n, '}', &ok));
	n->pairs = pairs.v;
	n->n = pairs.n;
	return ok && keys_differ(j, pairs.v, pairs.n) ? n : NULL;
}

static const struct node *take_value(struct parser *j)
{
	const struct node *n = NULL;
	skip_blanks(j);
	if (j->nodes > JSON_MOST_NODES) {
		diag_error(j->diag, place(j, j->p), "there are more than %d values", JSON_MOST_NODES);
		return NULL;
	}
	if (j->depth == JSON_MOST_NESTING) {
		diag_error(j->diag, place(j, j->p), "this is nested more than %d deep", JSON_MOST_NESTING);
		return NULL;
	}
	j->depth++;
	if (j->p < j->end && *j->p == '{')
		n = take_object(j);
	else if (j->p < j->end && *j->p == '[')
		n = take_list(j);
	else if (j->p < j->end && *j->p == '"')
		n = take_string(j);
	else
		n = take_word(j);
	j->depth--;
	return n;
}

const struct node *json_parse(struct arena *a, const struct source *s, struct diag *d)
{
	const char *begin = s->text.n ? s->text.p : "";
	struct parser j = { .arena = a,
			    .source = s,
			    .diag = d,
			    .p = begin,
			    .end = begin + s->text.n,
			    .line_start = begin,
			    .counted = begin,
			    .line = 1 };
	VEC(const struct node *) values = { 0 };
	struct node *all = node_new(&j, NODE_LIST);
	if (s->text.n > JSON_MOST_BYTES) {
		diag_error(d, (struct loc){ s, 0, 0, 0 }, "this is larger than %d MB", JSON_MOST_BYTES >> 20);
		return NULL;
	}
	do {
		const struct node *n = take_value(&j);
		if (!n)
			return NULL;
		*VEC_ADD(a, &values) = n;
		skip_blanks(&j);
	} while (j.p < j.end);
	all->items = values.v;
	all->n = values.n;
	return all;
}
