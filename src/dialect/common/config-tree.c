/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/config-tree.h"

#include "base/diag.h"
#include "base/hash.h"

struct config_tree config_tree_new(struct arena *a)
{
	struct config_tree tree = { .arena = a, .index = strmap_new(a), .root = ARENA_NEW(a, struct config_node) };
	return tree;
}

enum { SHORT_KEY = 200 };

/* Long words are looked up by their prefix and a hash of the whole. */
static struct str key_of(const struct config_node *parent, struct str word, char key[SHORT_KEY])
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

struct config_node *config_get(const struct config_tree *tree, const struct config_node *parent, struct str word)
{
	char key[SHORT_KEY];
	struct config_node *n = parent ? strmap_get(&tree->index, key_of(parent, word, key)) : NULL;
	if (n && n->instead)
		n = n->instead;
	return n && !n->gone ? n : NULL;
}

bool config_is_whole(const struct config_tree *tree, const struct source *s, struct diag *d)
{
	return !tree->full || diag_error(d, (struct loc){ s, 0, 0, 0 },
					 "this configuration has more than %d distinct words", MOST_CONFIG_NODES);
}

struct config_node *config_add(struct config_tree *tree, struct config_node *parent, struct str word, struct loc at,
			       struct str line)
{
	char key[SHORT_KEY];
	struct config_node *n = config_get(tree, parent, word);
	if (n)
		return n;
	if (tree->n == MOST_CONFIG_NODES) {
		tree->full = true;
		return parent;
	}
	n = ARENA_NEW(tree->arena, struct config_node);
	n->word = str_dup(tree->arena, word);
	n->at = at;
	n->line = line;
	n->parent = parent;
	n->number = ++tree->n;
	struct config_node *first = strmap_get(&tree->index, key_of(parent, word, key));
	if (first)
		first->instead = n;
	else
		strmap_add(&tree->index, str_dup(tree->arena, key_of(parent, word, key)), n);
	n->place = (uint32_t)parent->children.n;
	*VEC_ADD(tree->arena, &parent->children) = n;
	return n;
}

void config_delete(struct config_tree *tree, struct config_node *n)
{
	n->gone = n->inactive = true;
	tree->has_changed = true;
}

struct link {
	uint32_t before, behind;
};

/* The children as a doubly linked ring of their indices plus one; 0 is between the last and the first. */
struct config_order {
	VEC(struct link) links;
};

static void put_behind(struct config_order *r, uint32_t what, uint32_t where)
{
	uint32_t next = r->links.v[where].behind;
	r->links.v[what] = (struct link){ where, next };
	r->links.v[where].behind = what;
	r->links.v[next].before = what;
}

/* Includes the children that were added since the last call. */
static struct config_order *order_of(struct config_tree *tree, struct config_node *list)
{
	if (!list->order) {
		list->order = ARENA_NEW(tree->arena, struct config_order);
		VEC_ADD(tree->arena, &list->order->links);
	}
	struct config_order *r = list->order;
	while (r->links.n <= list->children.n) {
		VEC_ADD(tree->arena, &r->links);
		put_behind(r, (uint32_t)r->links.n - 1, r->links.v[0].before);
	}
	return r;
}

void config_move(struct config_tree *tree, struct config_node *list, const struct config_node *what,
		 const struct config_node *where, bool before)
{
	if (what == where || what->parent != list || (where && where->parent != list))
		return;
	struct config_order *r = order_of(tree, list);
	uint32_t from = what->place + 1, at = where ? where->place + 1 : 0;
	struct link own = r->links.v[from];
	r->links.v[own.before].behind = own.behind;
	r->links.v[own.behind].before = own.before;
	/* before the ring's zero means after the last one */
	bool ahead = where ? before : !before;
	put_behind(r, from, ahead ? r->links.v[at].before : at);
	tree->has_changed = true;
}

static void put_in_order(struct config_tree *tree, struct config_node *n)
{
	const struct config_order *r = order_of(tree, n);
	struct config_node **nodes = ARENA_ARRAY(tree->arena, struct config_node *, n->children.n);
	size_t j = 0;
	for (uint32_t i = r->links.v[0].behind; i; i = r->links.v[i].behind)
		nodes[j++] = n->children.v[i - 1];
	memcpy(n->children.v, nodes, j * sizeof *nodes);
	n->order = NULL;
}

static void sweep(struct config_tree *tree, struct config_node *n)
{
	size_t kept = 0;
	if (n->order)
		put_in_order(tree, n);
	for (size_t i = 0; i < n->children.n; i++) {
		if (n->children.v[i]->gone)
			continue;
		n->children.v[kept] = n->children.v[i];
		n->children.v[kept]->place = (uint32_t)kept;
		sweep(tree, n->children.v[kept++]);
	}
	n->children.n = kept;
}

void config_sweep(struct config_tree *tree)
{
	if (tree->has_changed)
		sweep(tree, tree->root);
}

const struct config_node *config_child(const struct config_tree *tree, const struct config_node *n, const char *word)
{
	const struct config_node *c = config_get(tree, n, str_of(word));
	return c && !c->inactive ? c : NULL;
}

const struct config_node *config_path(const struct config_tree *tree, const struct config_node *n,
				      const char *const *path, size_t count)
{
	for (size_t i = 0; i < count && n; i++)
		n = config_child(tree, n, path[i]);
	return n;
}

struct str config_value(const struct config_tree *tree, const struct config_node *n, const char *word)
{
	const struct config_node *c = config_child(tree, n, word);
	return c && c->children.n ? c->children.v[0]->word : NO_STR;
}

struct config_node *config_add_path(struct config_tree *tree, struct ruleset *rules, struct config_node *at,
				    const words *w, size_t from, struct loc loc, struct str line)
{
	bool list = false;
	struct config_node *parent = at;
	size_t depth = 0;
	for (size_t i = from; i < w->n; i++) {
		if (!list && depth++ > MOST_CONFIG_DEPTH * 4) {
			ruleset_unknown(rules, loc, line, "this line has more words than any statement");
			break;
		}
		if (str_is(w->v[i], "[")) {
			list = true;
			parent = at;
			continue;
		}
		if (str_is(w->v[i], "]")) {
			list = false;
			continue;
		}
		at = config_add(tree, list ? parent : at, w->v[i], loc, line);
	}
	return at;
}

struct config_node *config_find(const struct config_tree *tree, const words *w, size_t from, size_t to)
{
	struct config_node *at = tree->root;
	for (size_t i = from; i < to && at; i++)
		at = config_get(tree, at, w->v[i]);
	return at;
}
