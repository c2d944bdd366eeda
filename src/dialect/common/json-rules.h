/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by readers of JSON and YAML exports: members by name, values in the
 * many notations that tools use, and a list of the members that were not
 * understood.
 */
#pragma once

#include "base/vec.h"
#include "dialect/dialect.h"
#include "doc/yaml.h"

/* A value as text on one line, cut to a readable length. */
struct str node_text(struct arena *a, const struct node *n);

/* The text of a scalar member; empty when it is missing, null, or not a scalar. */
struct str node_str(const struct node *map, const char *key);

/* The same for two spellings of a key. */
const struct node *node_either(const struct node *map, const char *one, const char *other);

/* A member as a list: a scalar or map is a list of itself, null or a missing one is empty. */
struct node_list {
	const struct node *const *v;
	size_t n;
};
struct node_list node_list(struct arena *a, const struct node *n);

/*
 * Adds an unknown line for each member of a map that is not among the words of
 * `known` and has a value: null, "", [] and {} are none.
 */
void node_check_members(struct ruleset *r, const struct node *map, const char *known);

/* Adds an unknown line where a reply states that it is only a part: a token or a link to the next one. */
void node_check_whole(struct ruleset *r, const struct node *root);

/* Null, an empty text, list or map. */
bool node_says_nothing(const struct node *n);
