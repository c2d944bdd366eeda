/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configurations that are trees of words: nested blocks, or whole paths on a
 * line.  Readers build the tree and then walk it, so that the order in the file and the
 * notation no longer matter.
 */
#pragma once

#include "base/strmap.h"
#include "base/vec.h"
#include "dialect/common/lines.h"
#include "flow/ruleset.h"

struct config_node {
	struct str word;
	struct loc at;
	struct str line; /* where it first occurred, for messages */
	bool inactive;
	const struct config_node *inherited; /* inherited from this configuration group; NULL: a local statement */
	bool gone;                           /* deleted; inactive as well */
	struct config_node *instead;         /* created again under the same word after that */
	struct config_node *parent;
	uint32_t number;            /* in order of creation; the key of its children */
	uint32_t place;             /* index among its siblings, in order of creation */
	struct config_order *order; /* of its children, when some were moved */
	VEC(struct config_node *) children;
	VEC(struct str) values; /* of FortiGate's `set`; elsewhere the values of a word are its children */
};

struct config_tree {
	struct arena *arena;
	struct strmap index; /* "number word" -> node */
	struct config_node *root;
	uint32_t n;
	bool has_changed; /* something was deleted or moved */
	bool full;        /* there were more than MOST_CONFIG_NODES, and some are not here */
};

enum { MOST_CONFIG_DEPTH = 64, MOST_CONFIG_NODES = 20000000 };

struct config_tree config_tree_new(struct arena *a);

/* The child of that word; created when missing, and the parent itself when the tree is full.  The word is copied. */
struct config_node *config_add(struct config_tree *tree, struct config_node *parent, struct str word, struct loc at,
			       struct str line);
struct config_node *config_get(const struct config_tree *tree, const struct config_node *parent, struct str word);

/* False, with an error in d, when it is full; check after reading. */
bool config_is_whole(const struct config_tree *tree, const struct source *s, struct diag *d);

/*
 * Deleting and moving take no time: the lists of children are put right once, by
 * config_sweep(), when all is read.  What is added under the word of a deleted node
 * is another node, behind its siblings.
 */
void config_delete(struct config_tree *tree, struct config_node *n);
/* Moves a child before or after another one of its list; NULL: before the first, or after the last. */
void config_move(struct config_tree *tree, struct config_node *list, const struct config_node *what,
		 const struct config_node *where, bool before);
void config_sweep(struct config_tree *tree);

/* The child of that word, when it is there and active; NULL also when the node is NULL. */
const struct config_node *config_child(const struct config_tree *tree, const struct config_node *n, const char *word);

/* Down a path of words, each in its own string; NULL at the first that is not there or not active. */
const struct config_node *config_path(const struct config_tree *tree, const struct config_node *n,
				      const char *const *path, size_t count);
#define CONFIG(tree, n, ...)                                           \
	config_path((tree), (n), (const char *const[]){ __VA_ARGS__ }, \
		    ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))

/* The first word below a child: its value.  Empty when there is none. */
struct str config_value(const struct config_tree *tree, const struct config_node *n, const char *word);

/*
 * Set lines: the words from `from` on as a path below a node, which is made where it
 * is not there; [ a b ] are several ends of it.  Returns its end.  A line with too
 * many words is an unknown one.
 */
struct config_node *config_add_path(struct config_tree *tree, struct ruleset *rules, struct config_node *at,
				    const words *w, size_t from, struct loc loc, struct str line);

/* The node at the end of the words from `from` up to `to`, from the root on, active or not; NULL: there is none. */
struct config_node *config_find(const struct config_tree *tree, const words *w, size_t from, size_t to);
