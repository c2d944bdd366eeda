/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of Junos' reader share: the tree of a configuration
 * (junos-tree.c) and what it inherits (junos-groups.c), SRX policies
 * (junos-read.c) and firewall filters (junos-filter.c).
 */
#pragma once

#include "dialect/dialect.h"
#include "dialect/outline.h"

struct junos {
	struct arena *keep, *scratch;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	struct diag *diag;
	struct outline outline;
	struct outline_node *root;
	bool inherits;	/* apply-groups stands somewhere */
	size_t copied;	/* members of sets into others */
};

/* Set lines or curly braces, whichever the text has. */
bool junos_build(struct junos *x);

/*
 * Takes out what is inactive, except policies and terms, which are told of.  Behind
 * this a node's children count.
 */
void junos_forget_inactive(struct junos *x);

/* Puts in what apply-groups names. */
bool junos_inherit(struct junos *x);

struct outline_node *junos_add_path(struct junos *x, struct outline_node *at, const words *w, size_t from, struct loc loc,
				    struct str line);

/* The child, when it is there and active. */
const struct outline_node *junos_child(const struct junos *x, const struct outline_node *n, const char *word);
#define JUNOS(x, n, ...) \
	junos_path((x), (n), (const char *const[]){ __VA_ARGS__ }, ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))
const struct outline_node *junos_path(const struct junos *x, const struct outline_node *n, const char *const *path, size_t count);

/* The first word below a child: its value. */
struct str junos_value(const struct junos *x, const struct outline_node *n, const char *word);

/* Filters that are bound to interfaces, each as a chain of the bases in and out; false when there are none. */
bool junos_read_filters(struct junos *x);

bool junos_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret, struct diag *d);
