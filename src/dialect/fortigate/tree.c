/* SPDX-License-Identifier: Apache-2.0 */
/* FortiGate configurations as a tree: config ... edit ... set ... next ... end. */
#include "dialect/fortigate/fortigate.h"

/*
 * The values of a node by their words, from the first removal on:
 * one removal at a time from a group of thousands leaves holes, which are closed at the end.
 */
struct selection {
	struct config_node *node;
	struct strmap by_word; /* -> struct selected */
};

struct selected {
	size_t place;
	bool gone;
};

static const char hole[] = "";

static struct str node_key(const struct config_node *n)
{
	return (struct str){ (const char *)&n->number, sizeof n->number };
}

static void select_value(struct forti *f, struct selection *s, size_t place)
{
	struct str word = s->node->values.v[place];
	struct selected *selected = strmap_get(&s->by_word, word);
	if (!selected) {
		selected = ARENA_NEW(f->keep, struct selected);
		strmap_add(&s->by_word, word, selected);
	}
	*selected = (struct selected){ place, false };
}

static struct selection *selection_of(struct forti *f, struct config_node *n)
{
	struct selection *s = strmap_get(&f->selections, node_key(n));
	if (s)
		return s;
	s = ARENA_NEW(f->keep, struct selection);
	*s = (struct selection){ n, strmap_new(f->keep) };
	strmap_add(&f->selections, node_key(n), s);
	*VEC_ADD(f->keep, &f->all_selections) = s;
	for (size_t i = 0; i < n->values.n; i++)
		select_value(f, s, i);
	return s;
}

static void clear_values(struct forti *f, struct config_node *n)
{
	struct selection *s = f->all_selections.n ? strmap_get(&f->selections, node_key(n)) : NULL;
	n->values.n = 0;
	if (s)
		s->by_word = strmap_new(f->keep);
}

static void set_values(struct forti *f, struct config_node *n, const words *w, size_t from, bool append)
{
	if (!append)
		clear_values(f, n);
	struct selection *s = f->all_selections.n ? strmap_get(&f->selections, node_key(n)) : NULL;
	for (size_t i = from; i < w->n; i++) {
		*VEC_ADD(f->keep, &n->values) = str_dup(f->keep, w->v[i]);
		if (s)
			select_value(f, s, n->values.n - 1);
	}
}

static void remove_values(struct forti *f, struct config_node *n, const words *w)
{
	struct selection *s = selection_of(f, n);
	for (size_t i = 2; i < w->n; i++) {
		struct selected *selected = strmap_get(&s->by_word, w->v[i]);
		if (selected && !selected->gone)
			n->values.v[selected->place].p = hole;
		if (selected)
			selected->gone = true;
	}
}

static void close_holes(struct forti *f)
{
	for (size_t i = 0; i < f->all_selections.n; i++) {
		struct config_node *n = f->all_selections.v[i]->node;
		size_t kept = 0;
		for (size_t j = 0; j < n->values.n; j++)
			if (n->values.v[j].p != hole)
				n->values.v[kept++] = n->values.v[j];
		n->values.n = kept;
	}
}

/* Where the next statement belongs: a list (config), or an entry of one (edit). */
struct place {
	struct config_node *nodes[MOST_CONFIG_DEPTH + 1];
	bool entry[MOST_CONFIG_DEPTH + 1];
	size_t depth;
};

static void enter(struct place *at, struct config_node *n, bool entry)
{
	at->depth++;
	at->nodes[at->depth] = n;
	at->entry[at->depth] = entry;
}

/* `edit 0` takes the next free number, each time. */
static bool is_numbered(const struct config_node *list)
{
	return str_starts(list->word, "firewall policy") || str_starts(list->word, "firewall security-policy") ||
	       str_starts(list->word, "firewall acl");
}

/* "firewall policy": the words behind the first, by single blanks */
static struct str joined(struct arena *a, const words *w)
{
	CLEANUP(out_free) struct out o = out_memory(SIZE_MAX);
	for (size_t i = 1; i < w->n; i++) {
		if (i > 1)
			out_char(&o, ' ');
		out_str(&o, w->v[i]);
	}
	return str_dup(a, out_view(&o));
}

static void enter_line(struct forti *f, struct place *at, const words *w, struct loc loc, struct str line)
{
	struct config_node *here = at->nodes[at->depth];
	bool entry = str_is(w->v[0], "edit");
	struct str name = entry ? w->v[1] : joined(f->keep, w);
	if (entry && str_is(name, "0") && is_numbered(here))
		name = str_printf(f->keep, "0 in line %u", loc.line);
	enter(at, config_add(&f->tree, here, name, loc, line), entry);
}

/* `next` ends an entry, `end` a list and the entry that is open in it. */
static bool leave_line(struct place *at, bool list)
{
	if (!at->depth || (!list && !at->entry[at->depth]))
		return list;
	at->depth -= list && at->entry[at->depth] && at->depth > 1 ? 2 : 1;
	return true;
}

static bool build_line(struct forti *f, struct place *at, const words *w, struct loc loc, struct str line)
{
	struct config_node *here = at->nodes[at->depth];
	struct str first = w->v[0];
	if ((str_is(first, "config") || str_is(first, "edit")) && w->n > 1) {
		enter_line(f, at, w, loc, line);
	} else if (str_is(first, "next") || str_is(first, "end")) {
		return leave_line(at, str_is(first, "end"));
	} else if ((str_is(first, "set") || str_is(first, "append") || str_is(first, "select")) && w->n > 1) {
		struct config_node *n = config_add(&f->tree, here, w->v[1], loc, line);
		/* select: replaces the values by these */
		set_values(f, n, w, 2, str_is(first, "append"));
	} else if (str_is(first, "unset") && w->n > 1) {
		clear_values(f, config_add(&f->tree, here, w->v[1], loc, line));
	} else if (str_is(first, "unselect") && w->n > 2) {
		remove_values(f, config_add(&f->tree, here, w->v[1], loc, line), w);
	} else if (str_is(first, "move") && w->n > 3) {
		struct config_node *what = config_get(&f->tree, here, w->v[1]),
				   *where = config_get(&f->tree, here, w->v[3]);
		if (!what || !where)
			return false;
		config_move(&f->tree, here, what, where, str_is(w->v[2], "before"));
	} else if (str_is(first, "delete") && w->n > 1) {
		struct config_node *n = config_get(&f->tree, here, w->v[1]);
		if (n)
			config_delete(&f->tree, n);
	} else if (str_is(first, "purge")) {
		for (size_t i = 0; i < here->children.n; i++)
			config_delete(&f->tree, here->children.v[i]);
	} else {
		return str_is(first, "abort");
	}
	return true;
}

/* At the root, at the root of a virtual domain, and in the lists that are read. */
static bool is_read_here(const struct config_node *n)
{
	if (!n->parent || str_is(n->word, "global") || str_is(n->word, "vdom") || str_is(n->parent->word, "vdom"))
		return true;
	for (; n->parent; n = n->parent)
		if (str_starts(n->word, "firewall "))
			return true;
	return false;
}

/* "fgt (root) # show firewall policy", as a terminal shows it. */
static bool is_prompt(const words *w)
{
	for (size_t i = 1; i < w->n && i < 4; i++)
		if (str_is(w->v[i], "#"))
			return i + 1 == w->n || str_is(w->v[i + 1], "show") || str_is(w->v[i + 1], "get") ||
			       str_is(w->v[i + 1], "exit");
	return false;
}

bool forti_build(struct forti *f)
{
	struct lines l = lines_of(f->source);
	struct place at = { .nodes = { f->tree.root } };
	struct str line;
	while (lines_next(&l, &line)) {
		words w = { 0 };
		struct loc loc = lines_at(&l);
		struct str begin = line;
		f->rules->n_lines++;
		bool more = line.n <= LONGEST_RULE_LINE && words_go_on(line);
		arena_reset(f->scratch);
		words_split(f->scratch, begin, &w);
		while (more && lines_next(&l, &line))
			more = !words_go_on(line);
		if (!w.n || !w.v[0].n || w.v[0].p[0] == '#' || is_prompt(&w))
			continue;
		if (at.depth == MOST_CONFIG_DEPTH && (str_is(w.v[0], "config") || str_is(w.v[0], "edit")))
			return diag_error(f->diag, loc, "blocks are nested more than %d deep", MOST_CONFIG_DEPTH);
		if (!build_line(f, &at, &w, loc, begin) && is_read_here(at.nodes[at.depth]))
			ruleset_unknown(f->rules, loc, begin, "this is not a statement of a configuration");
	}
	if (at.depth)
		return diag_error(f->diag, at.nodes[at.depth]->at,
				  "this block does not end; the file may be truncated");
	config_sweep(&f->tree);
	close_holes(f);
	return true;
}
