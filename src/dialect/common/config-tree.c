/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/config-tree.h"

#include "base/diag.h"
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

bool outline_is_whole(const struct outline *o, const struct source *s, struct diag *d)
{
	return !o->full || diag_error(d, (struct loc){ s, 0, 0, 0 }, "this configuration has more than %d words that are not the same",
				      MOST_OUTLINE_NODES);
}

struct outline_node *outline_add(struct outline *o, struct outline_node *parent, struct str word, struct loc at, struct str line)
{
	char key[SHORT_KEY];
	struct outline_node *n = outline_get(o, parent, word);
	if (n)
		return n;
	if (o->n == MOST_OUTLINE_NODES) {
		o->full = true;
		return parent;
	}
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
	n->place = (uint32_t)parent->children.n;
	*VEC_ADD(o->arena, &parent->children) = n;
	return n;
}

void outline_delete(struct outline *o, struct outline_node *n)
{
	n->gone = n->inactive = true;
	o->has_changed = true;
}

struct link {
	uint32_t before, behind;
};

/* The children as a ring by their places plus one; 0 stands between the last and the first. */
struct outline_order {
	VEC(struct link) links;
};

static void put_behind(struct outline_order *r, uint32_t what, uint32_t where)
{
	uint32_t next = r->links.v[where].behind;
	r->links.v[what] = (struct link){ where, next };
	r->links.v[where].behind = what;
	r->links.v[next].before = what;
}

/* With what was added since it was looked at last. */
static struct outline_order *order_of(struct outline *o, struct outline_node *list)
{
	if (!list->order) {
		list->order = ARENA_NEW(o->arena, struct outline_order);
		VEC_ADD(o->arena, &list->order->links);
	}
	struct outline_order *r = list->order;
	while (r->links.n <= list->children.n) {
		VEC_ADD(o->arena, &r->links);
		put_behind(r, (uint32_t)r->links.n - 1, r->links.v[0].before);
	}
	return r;
}

void outline_move(struct outline *o, struct outline_node *list, const struct outline_node *what, const struct outline_node *where,
		  bool before)
{
	if (what == where || what->parent != list || (where && where->parent != list))
		return;
	struct outline_order *r = order_of(o, list);
	uint32_t k = what->place + 1, at = where ? where->place + 1 : 0;
	struct link own = r->links.v[k];
	r->links.v[own.before].behind = own.behind;
	r->links.v[own.behind].before = own.before;
	/* before the ring's zero is behind the last one */
	bool ahead = where ? before : !before;
	put_behind(r, k, ahead ? r->links.v[at].before : at);
	o->has_changed = true;
}

static void put_in_order(struct outline *o, struct outline_node *n)
{
	const struct outline_order *r = order_of(o, n);
	struct outline_node **v = ARENA_ARRAY(o->arena, struct outline_node *, n->children.n);
	size_t k = 0;
	for (uint32_t i = r->links.v[0].behind; i; i = r->links.v[i].behind)
		v[k++] = n->children.v[i - 1];
	memcpy(n->children.v, v, k * sizeof *v);
	n->order = NULL;
}

static void sweep(struct outline *o, struct outline_node *n)
{
	size_t kept = 0;
	if (n->order)
		put_in_order(o, n);
	for (size_t i = 0; i < n->children.n; i++) {
		if (n->children.v[i]->gone)
			continue;
		n->children.v[kept] = n->children.v[i];
		n->children.v[kept]->place = (uint32_t)kept;
		sweep(o, n->children.v[kept++]);
	}
	n->children.n = kept;
}

void outline_sweep(struct outline *o)
{
	if (o->has_changed)
		sweep(o, o->root);
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
