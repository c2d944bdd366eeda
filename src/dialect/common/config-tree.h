/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configurations that are trees of words: blocks in blocks, or whole paths on a
 * line.  Readers build one and then walk it, so that order in the file and the
 * way of writing no longer matter.
 */
#pragma once

#include "base/strmap.h"
#include "base/vec.h"
#include "dialect/common/lines.h"

struct outline_node {
	struct str word;
	struct loc at;
	struct str line;	/* where it was first said, for people */
	bool inactive;
	const struct outline_node *inherited;	/* from this group of the configuration; NULL: said here */
	bool gone;	/* deleted; inactive as well */
	struct outline_node *instead;	/* made under the same word after that */
	struct outline_node *parent;
	uint32_t number;	/* in the order of making; the key of its children */
	uint32_t place;		/* among its siblings, as they were made */
	struct outline_order *order;	/* of its children, when some were moved */
	VEC(struct outline_node *) children;
	VEC(struct str) values;
};

struct outline {
	struct arena *arena;
	struct strmap index;	/* "number word" -> node */
	struct outline_node *root;
	uint32_t n;
	bool has_changed;	/* something was deleted or moved */
	bool full;		/* there were more than MOST_OUTLINE_NODES, and some are not here */
};

enum { MOST_OUTLINE_DEPTH = 64, MOST_OUTLINE_NODES = 20000000 };

struct outline outline_new(struct arena *a);

/* The child of that word; made when it is not there, and the parent itself when it is full.  The word is copied. */
struct outline_node *outline_add(struct outline *o, struct outline_node *parent, struct str word, struct loc at, struct str line);
struct outline_node *outline_get(const struct outline *o, const struct outline_node *parent, struct str word);

/* False, with an error in d, when it is full: once all is read. */
bool outline_is_whole(const struct outline *o, const struct source *s, struct diag *d);

/*
 * Deleting and moving take no time: the lists of children are put right once, by
 * outline_sweep(), when all is read.  What is added under the word of a deleted node
 * is another node, behind its siblings.
 */
void outline_delete(struct outline *o, struct outline_node *n);
/* Puts a child before or behind another one of its list; NULL: before the first, or behind the last. */
void outline_move(struct outline *o, struct outline_node *list, const struct outline_node *what, const struct outline_node *where,
		  bool before);
void outline_sweep(struct outline *o);

/* Down a path of words, each in its own string; NULL at the first that is not there, or when the node is NULL. */
const struct outline_node *outline_path(const struct outline *o, const struct outline_node *n, const char *const *path,
					size_t count);
#define OUTLINE(o, n, ...) \
	outline_path((o), (n), (const char *const[]){ __VA_ARGS__ }, ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))

/* The only value, or the first; empty when there is none. */
struct str outline_value(const struct outline *o, const struct outline_node *n, const char *word);
