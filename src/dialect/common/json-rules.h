/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What readers of JSON and YAML exports share: members by name, values in the
 * many ways that tools write them, and a list of the members that were not
 * understood.
 */
#pragma once

#include "base/vec.h"
#include "dialect/dialect.h"
#include "doc/yaml.h"

/* A value as text on one line, cut to a readable length. */
struct str node_text(struct arena *a, const struct node *n);

/* The text of a scalar member; empty when it is not there, null, or no scalar. */
struct str node_str(const struct node *map, const char *key);

/* The same for either of two spellings of a key. */
const struct node *node_either(const struct node *map, const char *one, const char *other);

/* A member as a list: a scalar or map is a list of itself, null and nothing an empty one. */
struct node_list {
	const struct node *const *v;
	size_t n;
};
struct node_list node_list(struct arena *a, const struct node *n);

/*
 * Adds an unknown line for each member of a map that is not among the words of
 * `known` and says something: null, "", [] and {} say nothing.
 */
void node_check_members(struct ruleset *r, const struct node *map, const char *known);

/* Adds an unknown line where an answer, or one of several, says that it is only a part: a token or a link for what comes next. */
void node_check_whole(struct ruleset *r, const struct node *root);

/* Null, an empty text, list or map. */
bool node_says_nothing(const struct node *n);
