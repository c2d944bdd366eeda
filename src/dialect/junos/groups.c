/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration groups of Junos: the statements under `groups` are inherited where
 * apply-groups names the group, before anything else is read.
 *
 * A local statement takes precedence over an inherited one, groups of an inner level
 * over those of an outer one, and in one list the first.  Sets hold the
 * values of all.  Inherited members of an ordered list follow the local ones,
 * which is relied on where a group closes every pair of zones.
 * A wildcard matches existing statements and creates none.
 *
 * Where the documentation does not define the result of several groups, nothing is
 * guessed: an unknown line.
 */
#include "dialect/junos/junos.h"

struct inheritance {
	struct junos *junos;
	const struct config_node *groups, *group;
	bool too_many;
};

/* Counts the nodes visited or created; false when the limit is exceeded. */
static bool within_limits(struct inheritance *g)
{
	g->too_many |= ++g->junos->copied > MOST_MEMBERS;
	return !g->too_many;
}

static bool is_any_of(struct str word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(word, list[i]))
			return true;
	return false;
}
#define IS_ANY_OF(word, ...) \
	is_any_of((word), (const char *const[]){ __VA_ARGS__ }, ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))

static bool is_about_groups(struct str word)
{
	return IS_ANY_OF(word, "apply-groups", "apply-groups-except", "when");
}

static void unknown(struct inheritance *g, const struct config_node *n, const char *why)
{
	ruleset_unknown(g->junos->rules, n->at, n->line,
			"%s; read the output of \"show configuration | display inheritance\"", why);
}

/* Wildcards: "<*>", "<ge-*>", "<xe-0/0/[0-3]>" */

static bool is_wildcard(struct str word)
{
	enum { LONGEST_WILDCARD = 256 };
	return word.n > 2 && word.n <= LONGEST_WILDCARD && word.p[0] == '<' && word.p[word.n - 1] == '>';
}

/* The characters between [ and ], starting at the [; its length, 0 when it does not end. */
static size_t in_class(struct str p, char c, bool *ret)
{
	bool negated = p.n > 1 && (p.p[1] == '!' || p.p[1] == '^'), found = false;
	size_t i = negated ? 2 : 1;
	for (size_t first = i; i < p.n && (p.p[i] != ']' || i == first); i++) {
		bool range = i + 2 < p.n && p.p[i + 1] == '-' && p.p[i + 2] != ']';
		char hi = range ? p.p[i + 2] : p.p[i];
		found |= c >= p.p[i] && c <= hi;
		i += range ? 2 : 0;
	}
	*ret = found != negated;
	return i < p.n ? i + 1 : 0;
}

/* The length of the pattern that matches one character; 0: no match. */
static size_t step(struct str p, char c)
{
	bool in = false;
	size_t n = p.n && p.p[0] == '[' ? in_class(p, c, &in) : 0;
	if (n)
		return in ? n : 0;
	return p.n && (p.p[0] == '?' || p.p[0] == c) ? 1 : 0;
}

static bool meets(struct str pattern, struct str word)
{
	struct str p = str_first(str_skip(pattern, 1), pattern.n - 2), behind_star = NO_STR, from = word;
	bool star = false;
	while (word.n) {
		size_t n = p.n && p.p[0] == '*' ? 0 : step(p, word.p[0]);
		if (p.n && p.p[0] == '*') {
			star = true;
			behind_star = p = str_skip(p, 1);
			from = word;
		} else if (n) {
			p = str_skip(p, n);
			word = str_skip(word, 1);
		} else if (star) {
			/* the last star matches one more character */
			p = behind_star;
			word = from = str_skip(from, 1);
		} else {
			return false;
		}
	}
	while (p.n && p.p[0] == '*')
		p = str_skip(p, 1);
	return !p.n;
}

/* Merging */

/* Whether a statement here affects which packets pass; logging and counting do not. */
static bool decides(const struct config_node *n)
{
	if (IS_ANY_OF(n->word, "log", "count", "description"))
		return false;
	for (size_t i = 0; i < n->children.n; i++)
		if (decides(n->children.v[i]))
			return true;
	return !n->children.n;
}

/* One of these words states the action. */
static bool is_choice(const struct config_node *parent, struct str word)
{
	return IS_ANY_OF(parent->word, "then", "default-policy") &&
	       IS_ANY_OF(word, "permit", "deny", "reject", "accept", "discard", "next", "permit-all", "deny-all");
}

/* A statement with a single value: the local value hides the inherited one. */
static bool has_one_value(const struct config_node *n)
{
	struct str parent = n->parent ? n->parent->word : NO_STR;
	return str_is(parent, "address") || (IS_ANY_OF(n->word, "input", "output") && str_is(parent, "filter"));
}

/* True when an existing statement hides this one; unsure when both are of the same group. */
static bool is_hidden(struct inheritance *g, const struct config_node *target, const struct config_node *what)
{
	const struct config_node *by = NULL;
	for (size_t i = 0; !by && has_one_value(target) && i < target->children.n; i++)
		if (!str_is(target->children.v[i]->word, "description"))
			by = target->children.v[i];
	for (size_t i = 0; !by && is_choice(target, what->word) && i < target->children.n; i++)
		if (is_choice(target, target->children.v[i]->word))
			by = target->children.v[i];
	if (by && by->inherited == g->group)
		unknown(g, what, "a group sets one statement to two values");
	return by;
}

static bool is_excepted(const struct inheritance *g, const struct config_node *n)
{
	const struct config_node *except = config_child(&g->junos->tree, n, "apply-groups-except"),
				 *name = config_get(&g->junos->tree, except, g->group->word);
	return name && !name->inactive;
}

static void join(struct inheritance *g, struct config_node *target, const struct config_node *source);

static void join_new(struct inheritance *g, struct config_node *target, const struct config_node *source)
{
	const struct config_node *last = target->children.n ? target->children.v[target->children.n - 1] : NULL;
	bool ordered = IS_ANY_OF(target->word, "policy", "term", "input-list", "output-list");
	if (ordered && last && last->inherited && last->inherited != g->group)
		unknown(g, source, "two groups add to one list, whose order matters");
	if (!within_limits(g))
		return;
	struct config_node *n = config_add(&g->junos->tree, target, source->word, source->at, source->line);
	n->inherited = g->group;
	join(g, n, source);
}

static void join_wildcard(struct inheritance *g, struct config_node *target, const struct config_node *source)
{
	bool told = false;
	for (size_t i = 0; i < target->children.n && within_limits(g); i++) {
		struct config_node *n = target->children.v[i];
		if (is_about_groups(n->word) || !meets(source->word, n->word) || is_excepted(g, n))
			continue;
		if (!n->inherited) {
			join(g, n, source);
		} else if (!told) {
			told = true;
			if (decides(source))
				unknown(g, source, "a wildcard that may match statements of another group");
		}
	}
}

/* Merges everything below source into target. */
static void join(struct inheritance *g, struct config_node *target, const struct config_node *source)
{
	bool was_empty = !target->children.n;
	if (target->inactive && !source->inactive)
		unknown(g, source, "a group with an inactive statement");
	for (size_t i = 0; i < source->children.n && !g->too_many; i++) {
		const struct config_node *c = source->children.v[i];
		struct config_node *n = config_get(&g->junos->tree, target, c->word);
		if (c->inactive || is_wildcard(c->word))
			continue;
		if (is_about_groups(c->word))
			unknown(g, c, "a nested group");
		else if (n && !is_excepted(g, n))
			join(g, n, c);
		else if (!n && ((was_empty && !is_choice(target, c->word)) || !is_hidden(g, target, c)))
			join_new(g, target, c);
	}
	for (size_t i = 0; i < source->children.n && !g->too_many; i++)
		if (!source->children.v[i]->inactive && is_wildcard(source->children.v[i]->word))
			join_wildcard(g, target, source->children.v[i]);
}

/* Where */

/* The parts of a configuration that a reader uses. */
static bool is_read(struct str word)
{
	return IS_ANY_OF(word, "security", "applications", "firewall", "policy-options", "interfaces");
}

static bool speaks_of_filters(const struct config_node *n)
{
	for (size_t i = 0; i < n->children.n; i++)
		if (str_is(n->children.v[i]->word, "filter") || speaks_of_filters(n->children.v[i]))
			return true;
	return false;
}

/* Of a group that applies in some places only: whether it matters here at all. */
static bool matters(const struct config_node *group)
{
	for (size_t i = 0; i < group->children.n; i++) {
		const struct config_node *c = group->children.v[i];
		if (str_is(c->word, "interfaces") ? speaks_of_filters(c) : is_read(c->word))
			return true;
	}
	return false;
}

typedef VEC(const struct config_node *) node_list;

/* The statements of a group at the place of a node: several parts, where wildcards are on the way. */
static node_list parts_at(struct inheritance *g, const struct config_node *place)
{
	node_list parts = { 0 }, up = { 0 };
	if (!place->parent) {
		*VEC_ADD(g->junos->scratch, &parts) = g->group;
		return parts;
	}
	up = parts_at(g, place->parent);
	for (int wild = 0; wild < 2; wild++)
		for (size_t i = 0; i < up.n; i++)
			for (size_t j = 0; j < up.v[i]->children.n && within_limits(g); j++) {
				const struct config_node *c = up.v[i]->children.v[j];
				if (!c->inactive && (wild ? is_wildcard(c->word) && meets(c->word, place->word)
							  : str_eq(c->word, place->word)))
					*VEC_ADD(g->junos->scratch, &parts) = c;
			}
	return parts;
}

static void apply(struct inheritance *g, struct config_node *place)
{
	const struct config_node *nested = config_child(&g->junos->tree, g->group, "apply-groups");
	if (nested)
		unknown(g, nested, "a nested group");
	if (!place->parent) {
		for (size_t i = 0; i < g->group->children.n; i++) {
			const struct config_node *c = g->group->children.v[i];
			struct config_node *n = config_get(&g->junos->tree, place, c->word);
			if (!is_read(c->word) || c->inactive)
				continue;
			n = n ? n : config_add(&g->junos->tree, place, c->word, c->at, c->line);
			if (!is_excepted(g, n))
				join(g, n, c);
		}
		return;
	}
	arena_reset(g->junos->scratch);
	node_list parts = parts_at(g, place);
	for (size_t i = 0; i < parts.n; i++)
		join(g, place, parts.v[i]);
}

/* Groups for one node of a cluster: "${node}" is node0 or node1. */
static bool is_of_one_machine(struct str name)
{
	return IS_ANY_OF(name, "re0", "re1", "node0", "node1", "member0", "member1", "${node}");
}

static void apply_named(struct inheritance *g, struct config_node *place, const struct config_node *name)
{
	static const char *const machines[] = { "node0", "node1" };
	g->group = config_get(&g->junos->tree, g->groups, name->word);
	if (g->group && g->group->inactive)
		return;
	if (is_of_one_machine(name->word)) {
		bool any = place->parent || (g->group && matters(g->group));
		for (size_t i = 0; !any && str_is(name->word, "${node}") && i < ARRAY_LEN(machines); i++) {
			const struct config_node *n = config_get(&g->junos->tree, g->groups, str_of(machines[i]));
			any |= n && matters(n);
		}
		if (any)
			unknown(g, name, "a group for one node of several");
	} else if (!g->group) {
		unknown(g, name, "there is no such group in this file");
	} else if (!config_child(&g->junos->tree, g->group, "when")) {
		apply(g, place);
	} else if (matters(g->group)) {
		unknown(g, name, "a group that applies at certain times only");
	}
}

/* Inner levels first. */
static void visit(struct inheritance *g, struct config_node *n)
{
	size_t count = n->children.n; /* without statements inherited in the meantime */
	for (size_t i = 0; i < count && !g->too_many; i++) {
		struct config_node *c = n->children.v[i];
		if (!c->inactive && !is_about_groups(c->word) && (n->parent || is_read(c->word)))
			visit(g, c);
	}
	const struct config_node *names = config_child(&g->junos->tree, n, "apply-groups");
	for (size_t i = 0; names && i < names->children.n && !g->too_many; i++)
		if (!names->children.v[i]->inactive)
			apply_named(g, n, names->children.v[i]);
}

/* Merged groups are removed, so that no reader takes one for a name. */
static void forget(struct config_node *n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n->children.n; i++) {
		struct config_node *c = n->children.v[i];
		if (IS_ANY_OF(c->word, "apply-groups", "apply-groups-except"))
			continue;
		forget(c);
		n->children.v[kept++] = c;
	}
	n->children.n = kept;
}

bool junos_inherit(struct junos *junos)
{
	struct inheritance g = { .junos = junos, .groups = config_child(&junos->tree, junos->tree.root, "groups") };
	if (!junos->inherits)
		return true;
	visit(&g, junos->tree.root);
	forget(junos->tree.root);
	junos->copied = 0;
	return !g.too_many || diag_error(junos->diag, (struct loc){ junos->source, 0, 0, 0 },
					 "groups expand this configuration too far");
}
