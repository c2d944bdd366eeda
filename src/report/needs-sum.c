/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What two roles need of each other, summed up: a line for each service and port, single ports
 * before ranges, with the first reason and the number of documents behind it; how ports
 * are changed comes once, at the end.
 */
#include "base/vec.h"
#include "report/columns.h"
#include "report/needs.h"

typedef VEC(const struct need *) needs_vec;

static bool is_range(const struct need *n)
{
	return n->ports.kind == PORTS_DYNAMIC || n->ports.n != 1 || n->ports.v[0].lo != n->ports.v[0].hi;
}

static int line_cmp(const void *left, const void *right)
{
	const struct need *a = *(const struct need *const *)left, *b = *(const struct need *const *)right;
	int c = CMP(protocol_has_ports(a->protocol) && is_range(a), protocol_has_ports(b->protocol) && is_range(b));
	c = c ? c : CMP(a->protocol, b->protocol);
	c = c ? c : CMP(a->ports.n ? a->ports.v[0].lo : 0, b->ports.n ? b->ports.v[0].lo : 0);
	c = c ? c : str_cmp(a->ports.text, b->ports.text);
	c = c ? c : CMP(a->service, b->service);
	return c ? c : CMP((uintptr_t)a, (uintptr_t)b);
}

static bool same_line(const struct need *a, const struct need *b)
{
	return a->protocol == b->protocol && a->service == b->service && a->ports.kind == b->ports.kind &&
	       str_eq(need_ports(a), need_ports(b));
}

/* Within one forest or site, which is where two hosts are looked for first. */
static bool is_usual(const struct need *n)
{
	return n->scope != SCOPE_TRUST && n->scope != SCOPE_TRUSTED_SIDE && n->scope != SCOPE_TRUSTING_SIDE &&
	       n->scope != SCOPE_RELATED_SITES && n->administration != ADMINISTRATION_BOUNDED;
}

static size_t conditions_of(const struct need *n)
{
	return n->n_conditions + (is_usual(n) ? 0 : 100);
}

/* The need that depends on least. */
static const struct need *first_of(const struct need *const *line, size_t n)
{
	const struct need *best = line[0];
	for (size_t i = 1; i < n; i++)
		if (conditions_of(line[i]) < conditions_of(best))
			best = line[i];
	return best;
}

static size_t count_documents(const struct need *const *line, size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		bool known = false;
		for (size_t j = 0; j < i && !known; j++)
			known = line[j]->document == line[i]->document;
		count += !known;
	}
	return count;
}

static void put_line(struct columns *rows, struct arena *a, const struct need_list *l, const struct need *const *line,
		     size_t n)
{
	const struct catalogue *c = l->catalogue;
	const struct need *first = first_of(line, n);
	struct str condition = conditions_of(first) ? need_condition_text(a, c, first) : NO_STR, why = first->why;
	size_t documents = count_documents(line, n);
	struct str more = NO_STR;
	if (why.n && why.p[why.n - 1] == '.')
		why.n--;
	if (documents > 1)
		more = str_printf(a, " and %zu more document%s", documents - 1, documents == 2 ? "" : "s");
	if (condition.n)
		condition =
			str_printf(a, "; only if %.*s%s", STR_ARG(condition), n > 1 ? ", or otherwise (--all)" : "");
	struct str cells[] = {
		str_printf(a, "  %.*s %.*s", STR_ARG(need_protocol(a, first)), STR_ARG(need_ports(first))),
		c->services[first->service].id,
		str_printf(a, "%.*s%.*s (%.*s%.*s%s)", STR_ARG(why), STR_ARG(condition), STR_ARG(first->document->id),
			   STR_ARG(more), first->erratum ? ", erratum" : ""),
	};
	columns_row(rows, cells);
}

static void put_direction(struct out *o, const struct need_list *l, const struct role_set *from,
			  const struct role_set *to, struct str from_name, struct str to_name)
{
	static const char *const titles[] = { "", "", "" };
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(out_free) struct out text = out_memory(64 << 20);
	needs_vec needs = { 0 };
	for (size_t i = 0; i < l->n; i++)
		if (pair_opens(l->v[i], from, to))
			*VEC_ADD(a, &needs) = l->v[i];
	if (!needs.n)
		return;
	sort_items(needs.v, needs.n, sizeof *needs.v, line_cmp);
	out_text(o, o->n ? "\n" : "");
	put_styled(o, l->colour, STYLE_BOLD, str_printf(a, "%.*s -> %.*s\n", STR_ARG(from_name), STR_ARG(to_name)));
	struct columns *rows = columns_new(a, titles, ARRAY_LEN(titles), 2);
	for (size_t i = 0, n; i < needs.n; i += n) {
		for (n = 1; i + n < needs.n && same_line(needs.v[i], needs.v[i + n]); n++)
			;
		put_line(rows, a, l, needs.v + i, n);
	}
	columns_print(rows, &text, l->width, l->colour);
	/* without the line of empty titles */
	struct str lines = out_view(&text);
	out_str(o, str_skip(lines, str_find(lines, '\n') + 1));
}

static void put_changes(struct out *o, const struct need_list *l)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	VEC(struct str) said = { 0 };
	for (size_t i = 0; i < l->n; i++) {
		const struct need *n = l->v[i];
		struct str text = n->changeable ? need_change_text(a, l->catalogue, n) : NO_STR;
		if (!text.n)
			continue;
		struct str line =
			str_printf(a, "%.*s: %.*s", STR_ARG(l->catalogue->services[n->service].id), STR_ARG(text));
		bool known = false;
		for (size_t j = 0; j < said.n && !known; j++)
			known = str_eq(said.v[j], line);
		if (known)
			continue;
		if (!said.n) {
			out_char(o, '\n');
			put_styled(o, l->colour, STYLE_BOLD, STR("Ports that can be changed\n"));
		}
		*VEC_ADD(a, &said) = line;
		put_wrapped(o, line, 2, l->width);
	}
}

void needs_sum_text(struct out *o, const struct need_list *l)
{
	put_direction(o, l, l->one, l->other, l->one_name, l->other_name);
	if (l->one_name.p != l->other_name.p)
		put_direction(o, l, l->other, l->one, l->other_name, l->one_name);
	put_changes(o, l);
}
