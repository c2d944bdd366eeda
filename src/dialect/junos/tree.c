/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Junos configurations as a tree of words, from `show configuration` (braces) or
 * `... | display set` (a path on each line).
 */
#include "dialect/junos/junos.h"

#include "dialect/dialect.h"

/*
 * True when nothing is left below it: a word whose values are all inactive has
 * no effect, except for policies, terms and actions.
 */
static bool forget_inactive(struct junos *junos, struct config_node *n)
{
	bool told = str_is(n->word, "policy") || str_is(n->word, "term"), stays = told || str_is(n->word, "then");
	size_t left = 0;
	for (size_t i = 0; i < n->children.n; i++) {
		struct config_node *c = n->children.v[i];
		if ((c->inactive && !told) || (!c->inactive && forget_inactive(junos, c) && !stays))
			config_delete(&junos->tree, c);
		else
			left++;
	}
	return n->children.n && !left;
}

void junos_forget_inactive(struct junos *junos)
{
	forget_inactive(junos, junos->tree.root);
	config_sweep(&junos->tree);
}

static struct config_node *add_path(struct junos *junos, struct config_node *at, const words *w, size_t from,
				    struct loc loc, struct str line)
{
	for (size_t i = from; i < w->n && !junos->inherits; i++)
		junos->inherits = str_is(w->v[i], "apply-groups");
	return config_add_path(&junos->tree, junos->rules, at, w, from, loc, line);
}

/* insert PATH policy P before policy Q */
static bool insert_line(struct junos *junos, const words *w)
{
	size_t at = 1;
	while (at < w->n && !str_is(w->v[at], "before") && !str_is(w->v[at], "after"))
		at++;
	if (at + 1 >= w->n)
		return false;
	struct config_node *what = config_find(&junos->tree, w, 1, at);
	struct config_node *where =
		what && what->parent ? config_get(&junos->tree, what->parent, w->v[w->n - 1]) : NULL;
	if (!where)
		return false;
	config_move(&junos->tree, what->parent, what, where, str_is(w->v[at], "before"));
	return true;
}

static bool set_line(struct junos *junos, const words *w, struct loc loc, struct str line)
{
	if (str_is(w->v[0], "set") && w->n > 1) {
		add_path(junos, junos->tree.root, w, 1, loc, line); /* an inactive node stays inactive */
		return true;
	}
	if (str_is(w->v[0], "deactivate") || str_is(w->v[0], "delete") || str_is(w->v[0], "activate")) {
		bool except = w->n > 2 && str_is(w->v[w->n - 1], "except") && !str_is(w->v[0], "delete");
		struct config_node *n = config_find(&junos->tree, w, 1, w->n - except);
		if (n && n != junos->tree.root && str_is(w->v[0], "delete"))
			config_delete(&junos->tree, n);
		else if (n && n != junos->tree.root)
			n->inactive = str_is(w->v[0], "deactivate");
		return true;
	}
	return str_is(w->v[0], "insert") && insert_line(junos, w);
}

/* Terminal text around a listing: "user@srx> show configuration | display set", "{primary:node0}", "[edit]". */
static bool is_of_terminal(struct str line)
{
	static const char *const commands[] = { "> show ", "# show ", "# run show ", "# show" };
	line = str_trim(line);
	if (str_starts(line, "{") || str_starts(line, "[edit"))
		return str_ends(line, "}") || str_ends(line, "]");
	size_t at = str_find(line, '@');
	if (at == SIZE_MAX || str_find(str_first(line, at), ' ') != SIZE_MAX)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (str_find_text(line, str_of(commands[i])) != SIZE_MAX)
			return true;
	return str_ends(line, ">") || str_ends(line, "#");
}

static bool build_set(struct junos *junos)
{
	struct lines l = lines_of(junos->source);
	struct str line;
	while (lines_next(&l, &line)) {
		words w = { 0 };
		junos->rules->n_lines++;
		arena_reset(junos->scratch);
		if (line.n > LONGEST_RULE_LINE)
			return diag_error(junos->diag, lines_at(&l), "this line is too long");
		words_split(junos->scratch, line, &w);
		if (!w.n || !w.v[0].n || w.v[0].p[0] == '#' || str_starts(w.v[0], "/*") || is_of_terminal(line))
			continue;
		if (!set_line(junos, &w, lines_at(&l), line))
			ruleset_unknown(junos->rules, lines_at(&l), line, "this is not a statement of a configuration");
	}
	config_sweep(&junos->tree);
	return true;
}

/* Braces */

struct braces {
	struct junos *junos;
	struct str rest;
	uint32_t line;
};

static struct str skip_white(struct str s)
{
	while (s.n && char_in(s.p[0], " \t\r\n"))
		s = str_skip(s, 1);
	return s;
}

/* The length of the part of a line that does not belong to the configuration. */
static size_t of_terminal(struct str line)
{
	size_t mark = line_pager(line);
	return mark ? mark : is_of_terminal(line) ? line.n : 0;
}

static void skip_blanks(struct braces *b)
{
	while (b->rest.n) {
		char c = b->rest.p[0];
		size_t end = 0;
		if (b->rest.p == b->junos->source->text.p || b->rest.p[-1] == '\n')
			end = of_terminal(str_first(b->rest, str_find(b->rest, '\n')));
		if (end) {
			; /* skipped below */
		} else if (c == '#' || (c == '/' && b->rest.n > 1 && b->rest.p[1] == '*')) {
			end = c == '#' ? str_find(b->rest, '\n') : str_find_text(b->rest, STR("*/"));
			end = end == SIZE_MAX ? b->rest.n : end + (c == '#' ? 0 : 2);
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			end = 1;
		} else {
			return;
		}
		for (size_t i = 0; i < end; i++)
			b->line += b->rest.p[i] == '\n';
		b->rest = str_skip(b->rest, end);
	}
}

/* A word, or one of { } ; [ ]; empty at the end. */
static struct str next_token(struct braces *b)
{
	skip_blanks(b);
	struct str s = b->rest;
	size_t n = 0;
	if (!s.n)
		return NO_STR;
	if (char_in(s.p[0], "{};[]")) {
		b->rest = str_skip(s, 1);
		return str_first(s, 1);
	}
	if (s.p[0] == '"') {
		for (n = 1; n < s.n && s.p[n] != '"'; n++) {
			n += s.p[n] == '\\';
			b->line += n < s.n && s.p[n] == '\n';
		}
		n = MIN(n, s.n);
		b->rest = str_skip(s, n + 1);
		return str_skip(str_first(s, n), 1);
	}
	/* a wildcard may contain brackets: <ge-0/0/[0-3]> */
	const char *ends = s.p[0] == '<' ? "{}; \t\r\n" : "{};[] \t\r\n";
	while (n < s.n && s.p[n] && !strchr(ends, s.p[n]))
		n++;
	n = MAX(n, (size_t)1);
	b->rest = str_skip(s, n);
	return str_first(s, n);
}

/* The text of a line, for messages; of a very long one the part from there on. */
static struct str line_of(struct junos *junos, const char *at)
{
	enum { MOST_SHOWN = 200 };
	struct str text = junos->source->text;
	size_t here = (size_t)(at - text.p), from = here, to = here;
	while (from > 0 && text.p[from - 1] != '\n' && here - from < MOST_SHOWN)
		from--;
	if (from > 0 && text.p[from - 1] != '\n')
		from = here;
	while (to < text.n && text.p[to] != '\n' && to - from < MOST_SHOWN)
		to++;
	return str_trim(str_first(str_skip(text, from), to - from));
}

/*
 * The node of a statement's words that becomes inactive with it: "term t
 * protocol tcp" is about t, "10.0.0.0/8 except" about the prefix, [ a b ] about all of it.
 */
static struct config_node *statement_of(struct config_node *n, const struct config_node *around, const words *w)
{
	size_t about = w->n - 1;
	if (str_is(w->v[w->n - 1], "]"))
		return n->parent == around ? n : n->parent;
	if (str_is(w->v[0], "from-zone") && w->n > 3)
		about = 3;
	else if (str_is(w->v[w->n - 1], "except") && w->n == 2)
		about = 0;
	else if (w->n > 2)
		about = 1;
	/* brackets make one node of several words; the words around belong to another statement */
	for (size_t i = w->n - 1; i > about && n->parent != around; i--)
		n = n->parent;
	return n;
}

static bool build_braces(struct junos *junos)
{
	struct braces b = { .junos = junos, .rest = junos->source->text, .line = 1 };
	struct config_node *at = junos->tree.root, *stack[MOST_CONFIG_DEPTH];
	uint32_t lines[MOST_CONFIG_DEPTH];
	size_t depth = 0;
	words w = { 0 };
	bool inactive = false;
	struct str line = NO_STR;
	uint32_t number = 1;
	for (struct str t; (t = next_token(&b)).n || b.rest.n;) {
		bool ends = str_is(t, ";") || str_is(t, "{");
		if (str_is(t, "}")) {
			if (!depth)
				return diag_error(junos->diag, loc_line(junos->source, b.line), "unmatched }");
			at = stack[--depth];
			w.n = 0;
			continue;
		}
		if (!ends) {
			if (!w.n) {
				number = b.line;
				line = line_of(junos, t.p ? t.p : b.rest.p);
			}
			if (str_is(t, "inactive:"))
				inactive = true;
			else if (!str_is(t, "protect:") && !str_is(t, "replace:"))
				*VEC_ADD(junos->scratch, &w) = t;
			if (w.n > MOST_MEMBERS)
				return diag_error(junos->diag, loc_line(junos->source, number),
						  "a statement has more than %d words", MOST_MEMBERS);
			continue;
		}
		if (str_is(t, "{") && depth == MOST_CONFIG_DEPTH)
			return diag_error(junos->diag, loc_line(junos->source, b.line),
					  "blocks are nested more than %d deep", MOST_CONFIG_DEPTH);
		struct config_node *n = add_path(junos, at, &w, 0, loc_line(junos->source, number), line);
		if (inactive && n != at)
			statement_of(n, at, &w)->inactive = true;
		inactive = false;
		w.n = 0;
		if (str_is(t, "{") && str_starts(skip_white(b.rest), "/* OMITTED */"))
			ruleset_unknown(junos->rules, loc_line(junos->source, number), line,
					"the listing omits what is here");
		if (str_is(t, "{")) {
			lines[depth] = b.line;
			stack[depth++] = at;
			at = n;
		}
	}
	junos->rules->n_lines = b.line;
	if (depth)
		return diag_error(junos->diag, loc_line(junos->source, lines[depth - 1]),
				  "this block does not end; the file may be truncated");
	return true;
}

bool junos_build(struct junos *junos)
{
	struct lines l = lines_of(junos->source);
	struct str line;
	junos->tree = config_tree_new(junos->keep);
	while (lines_next(&l, &line)) {
		line = str_trim(line);
		if (!line.n || line.p[0] == '#' || str_starts(line, "/*") || str_starts(line, "*") ||
		    is_of_terminal(line))
			continue;
		if (str_starts(line, "set ") || str_starts(line, "deactivate ") || str_starts(line, "delete "))
			return build_set(junos);
		if (str_find(line, '{') != SIZE_MAX || str_ends(line, ";"))
			return build_braces(junos);
	}
	return build_set(junos);
}
