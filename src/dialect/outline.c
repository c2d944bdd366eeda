/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/outline.h"

#include "base/hash.h"

struct outline outline_new(struct arena *a)
{
	struct outline o = { .arena = a, .index = strmap_new(a), .root = ARENA_NEW(a, struct outline_node) };
	return o;
}

enum { SHORT_KEY = 200 };

/* Long words are looked up by their beginning and a hash of the whole. */
static struct str key_of(const struct outline_node *parent, struct str word, char key[SHORT_KEY])
{
	size_t n = MIN(word.n, (size_t)120), used = sizeof parent->number;
	memcpy(key, &parent->number, used);
	if (n)
		memcpy(key + used, word.p, n);
	used += n;
	if (word.n > n) {
		uint64_t h = hash64(word.p, word.n);
		memcpy(key + used, &h, sizeof h);
		used += sizeof h;
	}
	return (struct str){ key, used };
}

struct outline_node *outline_get(const struct outline *o, const struct outline_node *parent, struct str word)
{
	char key[SHORT_KEY];
	struct outline_node *n = parent ? strmap_get(&o->index, key_of(parent, word, key)) : NULL;
	if (n && n->instead)
		n = n->instead;
	return n && !n->gone ? n : NULL;
}

struct outline_node *outline_add(struct outline *o, struct outline_node *parent, struct str word, struct loc at, struct str line)
{
	char key[SHORT_KEY];
	struct outline_node *n = outline_get(o, parent, word);
	if (n)
		return n;
	n = ARENA_NEW(o->arena, struct outline_node);
	n->word = str_dup(o->arena, word);
	n->at = at;
	n->line = line;
	n->parent = parent;
	n->number = ++o->n;
	struct outline_node *first = strmap_get(&o->index, key_of(parent, word, key));
	if (first)
		first->instead = n;
	else
		strmap_add(&o->index, str_dup(o->arena, key_of(parent, word, key)), n);
	*VEC_ADD(o->arena, &parent->children) = n;
	return n;
}

void outline_delete(struct outline *o, struct outline_node *n)
{
	n->gone = n->inactive = true;
	o->has_gone = true;
}

static void sweep(struct outline_node *n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n->children.n; i++) {
		if (n->children.v[i]->gone)
			continue;
		n->children.v[kept++] = n->children.v[i];
		sweep(n->children.v[i]);
	}
	n->children.n = kept;
}

void outline_sweep(struct outline *o)
{
	if (o->has_gone)
		sweep(o->root);
}

const struct outline_node *outline_path(const struct outline *o, const struct outline_node *n, const char *const *path,
					size_t count)
{
	for (size_t i = 0; i < count && n; i++)
		n = outline_get(o, n, str_of(path[i]));
	return n;
}

struct str outline_value(const struct outline *o, const struct outline_node *n, const char *word)
{
	const struct outline_node *v = outline_get(o, n, str_of(word));
	return v && v->values.n ? v->values.v[0] : NO_STR;
}

void outline_move(struct outline_node *list, const struct outline_node *what, const struct outline_node *where, bool before)
{
	size_t from = SIZE_MAX, to = SIZE_MAX;
	for (size_t i = 0; i < list->children.n; i++)
		if (list->children.v[i] == what)
			from = i;
	if (from == SIZE_MAX || what == where)
		return;
	memmove(&list->children.v[from], &list->children.v[from + 1], (list->children.n - from - 1) * sizeof *list->children.v);
	for (size_t i = 0; i + 1 < list->children.n; i++)
		if (list->children.v[i] == where)
			to = before ? i : i + 1;
	if (to == SIZE_MAX)
		to = list->children.n - 1;
	memmove(&list->children.v[to + 1], &list->children.v[to], (list->children.n - 1 - to) * sizeof *list->children.v);
	list->children.v[to] = (struct outline_node *)what;
}
