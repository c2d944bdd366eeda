/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/withdraw.h"

#include "base/strmap.h"
#include "base/vec.h"

bool dialect_is_ours(struct str text)
{
	struct str line;
	return str_cut(&text, '\n', &line) && str_find_text(line, STR(", written by portolan")) != SIZE_MAX;
}

/* The next word of a line, quotes and all; false at its end. */
static bool next_word(struct str *rest, struct str *ret)
{
	while (rest->n && rest->p[0] == ' ')
		*rest = str_skip(*rest, 1);
	size_t n = 0;
	bool quoted = false;
	while (n < rest->n && (quoted || rest->p[n] != ' ')) {
		quoted ^= rest->p[n] == '"';
		n++;
	}
	*ret = str_first(*rest, n);
	*rest = str_skip(*rest, n);
	return n > 0;
}

/* The part of the line that is the path of such an object; empty: it is none. */
static struct str path_of(struct str line, const char *kind)
{
	struct str rest = line, wanted = str_of(kind), word, part;
	while (str_word(&wanted, &part))
		if (!next_word(&rest, &word) || (!str_is(part, "*") && !str_eq(word, part)))
			return NO_STR;
	return str_first(line, line.n - rest.n);
}

/* The objects that "set PATH ..." lines make, each once, in the order of the file. */
static struct owned_list owned_by_set_lines(struct arena *a, struct str text, const struct owned_kind *kinds, size_t n)
{
	struct strmap seen = strmap_new(a);
	VEC(struct owned) list = { 0 };
	struct str line;
	while (str_cut(&text, '\n', &line)) {
		line = str_trim(line);
		if (!str_starts(line, "set "))
			continue;
		for (size_t i = 0; i < n; i++) {
			struct str path = path_of(str_skip(line, strlen("set ")), kinds[i].path);
			if (!path.n)
				continue;
			if (strmap_add(&seen, path, a))
				*VEC_ADD(a, &list) = (struct owned){ .rank = kinds[i].rank, .path = path };
			break;
		}
	}
	return (struct owned_list){ list.v, list.n };
}

static struct str key_of(struct arena *a, const struct owned *o)
{
	return o->list.n ? str_printf(a, "%.*s\n%.*s", STR_ARG(o->list), STR_ARG(o->path)) : o->path;
}

struct owned_list owned_gone(struct arena *a, struct owned_list before, struct owned_list now)
{
	struct strmap there = strmap_new(a);
	VEC(struct owned) gone = { 0 };
	for (size_t i = 0; i < now.n; i++)
		strmap_add(&there, key_of(a, &now.v[i]), a);
	for (unsigned rank = 0; rank < WITHDRAW_RANKS; rank++)
		for (size_t i = 0; i < before.n; i++)
			if (before.v[i].rank == rank && !strmap_get(&there, key_of(a, &before.v[i])))
				*VEC_ADD(a, &gone) = before.v[i];
	return (struct owned_list){ gone.v, gone.n };
}

void withdraw_set_lines(struct arena *a, struct str before, struct str now, const struct owned_kind *kinds, size_t n,
			struct out *o)
{
	struct owned_list gone =
		owned_gone(a, owned_by_set_lines(a, before, kinds, n), owned_by_set_lines(a, now, kinds, n));
	for (size_t i = 0; i < gone.n; i++)
		out_printf(o, "delete %.*s\n", STR_ARG(gone.v[i].path));
}
