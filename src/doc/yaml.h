/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML as a tree in which every value keeps its location.
 *
 * YAML 1.2 with the core schema's idea of scalars (10.3): `no` and `12:30` are
 * text; only true/false are booleans and only null, ~ and nothing are null.
 * The caller decides what a scalar means (doc/fields.h).
 *
 * Anchors and aliases work: an alias is the same node again, so the tree is
 * really a graph without cycles; its unfolded size is limited.  Refused, each
 * with a reason: duplicate keys, keys that are not scalars, merge keys (<<),
 * tags, several documents in a file.
 */
#pragma once

#include "base/diag.h"

/* Limits on untrusted input; exceeding one is an error at its location. */
enum {
	YAML_MOST_BYTES = 256 << 20,
	YAML_MOST_DEPTH = 64,
	YAML_LONGEST_SCALAR = 64 << 10,
	YAML_MOST_NODES = 20 << 20, /* aliases unfolded */
};

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	bool plain;    /* a scalar without quotes: may be null, a boolean, a number */
	uint32_t size; /* its nodes, itself included, aliases expanded */
	struct loc at;
	struct str text; /* of a scalar */
	size_t n;        /* of items or pairs */
	union {
		const struct node *const *items;
		const struct pair *pairs; /* in the order of the file */
	};
};

struct pair {
	const struct node *key, *value; /* the key is a scalar */
};

/*
 * Reads one document.  NULL after adding errors to d.  An empty file is an
 * empty map.
 */
const struct node *yaml_parse(struct arena *a, const struct source *s, struct diag *d);

/* Reads any number of documents, as a list. */
const struct node *yaml_parse_several(struct arena *a, const struct source *s, struct diag *d);

bool node_is_null(const struct node *n);

/* A name as it is written in a file: in quotes where its letters alone would be read as nothing. */
struct str yaml_name(struct arena *a, struct str name);
bool node_bool(const struct node *n, bool *ret);

/* The value of a key, or NULL; n may be NULL. */
const struct node *node_get(const struct node *map, const char *key);

/*
 * The later document over the earlier: maps join key by key, everything else
 * is replaced.
 */
const struct node *node_overlay(struct arena *a, const struct node *under, const struct node *over);

/* "a list", "a map", "text": what a node is, for messages. */
const char *node_what(const struct node *n);
