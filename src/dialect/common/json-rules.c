/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/common/json-rules.h"

enum { LONGEST_TEXT = 240 };

static void put_node(struct out *o, const struct node *n)
{
	if (o->n > LONGEST_TEXT)
		return;
	if (n->kind == NODE_SCALAR) {
		if (!n->plain)
			out_char(o, '"');
		for (size_t i = 0; i < n->text.n && o->n <= LONGEST_TEXT; i++)
			out_char(o, (unsigned char)n->text.p[i] < 0x20 ? ' ' : n->text.p[i]);
		if (!n->plain)
			out_char(o, '"');
		return;
	}
	out_char(o, n->kind == NODE_LIST ? '[' : '{');
	bool any = false;
	for (size_t i = 0; i < n->n && o->n <= LONGEST_TEXT; i++) {
		const struct node *value = n->kind == NODE_LIST ? n->items[i] : n->pairs[i].value;
		if (n->kind == NODE_MAP && node_says_nothing(value))
			continue;
		if (any)
			out_text(o, ", ");
		any = true;
		if (n->kind == NODE_MAP)
			out_printf(o, "%.*s: ", STR_ARG(str_first(n->pairs[i].key->text, 64)));
		put_node(o, value);
	}
	out_char(o, n->kind == NODE_LIST ? ']' : '}');
}

struct str node_text(struct arena *a, const struct node *n)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	put_node(&o, n);
	struct str s = out_view(&o);
	if (s.n <= LONGEST_TEXT)
		return str_dup(a, s);
	size_t cut = LONGEST_TEXT;
	while (cut && ((unsigned char)s.p[cut] & 0xc0) == 0x80)
		cut--;
	return str_printf(a, "%.*s...", (int)cut, s.p);
}

struct str node_str(const struct node *map, const char *key)
{
	const struct node *n = node_get(map, key);
	return n && n->kind == NODE_SCALAR && !node_is_null(n) ? n->text : NO_STR;
}

const struct node *node_either(const struct node *map, const char *one, const char *other)
{
	const struct node *n = node_get(map, one);
	return n ? n : node_get(map, other);
}

bool node_says_nothing(const struct node *n)
{
	return n->kind == NODE_SCALAR ? node_is_null(n) || !n->text.n : n->n == 0;
}

struct node_list node_list(struct arena *a, const struct node *n)
{
	if (!n || node_says_nothing(n))
		return (struct node_list){ 0 };
	if (n->kind == NODE_LIST)
		return (struct node_list){ n->items, n->n };
	const struct node **nodes = ARENA_ARRAY(a, const struct node *, 1);
	nodes[0] = n;
	return (struct node_list){ nodes, 1 };
}

void node_check_members(struct ruleset *r, const struct node *map, const char *known)
{
	for (size_t i = 0; map->kind == NODE_MAP && i < map->n; i++) {
		const struct pair *p = &map->pairs[i];
		if (str_is_one_of(p->key->text, known) || node_says_nothing(p->value))
			continue;
		struct str text = str_printf(r->arena, "%.*s: %.*s", STR_ARG(str_first(p->key->text, 64)),
					     STR_ARG(node_text(r->arena, p->value)));
		ruleset_unknown(r, p->key->at, text, "the meaning of \"%.*s\" here is unknown",
				STR_ARG(str_first(p->key->text, 64)));
	}
}

void node_check_whole(struct ruleset *r, const struct node *root)
{
	static const char *const tokens[] = { "NextToken", "nextToken",      "nextPageToken",
					      "nextLink",  "odata.nextLink", "@odata.nextLink",
					      "Marker",    "continue",       "remainingItemCount" };
	const struct node *maps[] = { root, node_get(root, "metadata") };
	/* texts hold several values, one after another */
	for (size_t i = 0; root->kind == NODE_LIST && i < root->n; i++)
		if (root->items[i]->kind == NODE_MAP)
			node_check_whole(r, root->items[i]);
	for (size_t i = 0; i < ARRAY_LEN(maps); i++)
		for (size_t j = 0; j < ARRAY_LEN(tokens); j++) {
			const struct node *n = node_get(maps[i], tokens[j]);
			if (n && !node_says_nothing(n))
				ruleset_unknown(r, n->at, str_of(tokens[j]), "this is one part of a longer reply");
		}
}
