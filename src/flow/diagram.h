/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multi-terminal decision diagrams over intervals (MTIDDs) of five fields: which
 * value (a member or not, permit, deny ...) each packet has.  Sources: Bryant, IEEE
 * Transactions on Computers C-35(8), 1986, for reduced ordered diagrams;
 * Christiansen and Fleury, Telecommunication Systems 27, 2004, for intervals and
 * several terminals in packet filters.
 *
 * A node tests one field and splits its coordinates (flow/space.h) into
 * runs, each with a child.  Neighbouring runs have different children, no node
 * has a single run, and equal nodes are one node; so two diagrams of one
 * manager are the same function exactly when they are the same number.  That
 * is what makes equality of flow sets one comparison.
 *
 * Nodes are never freed one by one: a manager lives for one question.
 */
#pragma once

#include "base/arena.h"

/* Fields, in the order in which they are tested unless diagrams_order() sets another. */
enum dim { DIM_PROTOCOL, DIM_PORT, DIM_DST, DIM_SRC, DIM_SPORT, N_DIMS };

typedef uint32_t diagram; /* a node, or a value below N_VALUES */

/* Values at the leaves. */
enum value {
	VALUE_NONE,   /* not a member; no rule matches */
	VALUE_PERMIT, /* a member; permitted */
	VALUE_DENY,
	VALUE_RETURN, /* back to the calling chain */
	VALUE_MAYBE,  /* back to the calling chain, or on to the next rule */
	N_VALUES,
};

/* A run of coordinates up to and including `last`; the first run begins at 0. */
struct run {
	uint32_t last;
	diagram child;
};

struct diagrams;

/* sizes: how many coordinates each field has.  Freed with the arena. */
struct diagrams *diagrams_new(struct arena *a, const uint32_t sizes[N_DIMS]);

/*
 * The order of the fields determines the size of diagrams; for a new manager only.
 * What functions take and give is by field, whatever the order.
 */
void diagrams_order(struct diagrams *m, const enum dim order[N_DIMS]);
enum dim diagrams_field(const struct diagrams *m, int place); /* the field at a place of the order */

/* Coordinates as sorted, disjoint runs {first, last} with gaps between. */
struct span {
	uint32_t first, last;
};
struct spans {
	const struct span *v;
	size_t n;
};

/* `inside` on the spans of one field, `outside` elsewhere; both test later fields only. */
diagram diagram_split(struct diagrams *m, enum dim d, struct spans s, diagram inside, diagram outside);

/*
 * Operations combine two diagrams value by value, by a table: table[left][right]
 * is the result where the first has left and the second has right.
 */
struct operation {
	uint8_t table[N_VALUES][N_VALUES];
};
enum op {
	OP_OR, /* of sets: a member of either */
	OP_AND,
	OP_MINUS,
	OP_FIRST,     /* of decisions: the first that matches, as far as uncertain ones may permit */
	OP_FIRST_LOW, /* the same, as far as they may deny */
	OP_CALL,      /* set, decision: the decision of a called chain where the set is; a return is not a match */
	OP_GOTO,      /* the same, and undecided packets return */
	OP_PERMITTED, /* set, decision: members that are permitted */
	OP_DENIED,    /* set, decision: members that are denied */
	OP_UNDECIDED, /* set, decision: members that no rule decides for certain */
	N_OPS,
};
diagram diagram_apply(struct diagrams *m, enum op op, diagram left, diagram right);

/* Combines many by halves, so that each step combines diagrams of similar size. */
diagram diagram_fold(struct diagrams *m, enum op op, const diagram *parts, size_t n);

/* Replaces each value by map[value]. */
diagram diagram_map(struct diagrams *m, diagram root, const uint8_t map[N_VALUES]);

/* The value at a point. */
enum value diagram_at(const struct diagrams *m, diagram root, const uint32_t point[N_DIMS]);

/*
 * The least point, in the manager's order, at which the diagram has that value; false when
 * there is none.
 */
bool diagram_find(const struct diagrams *m, diagram root, enum value value, uint32_t ret[N_DIMS]);

/*
 * Where some coordinate of the spans of a field is in a set, as a set that does not depend
 * on the field.
 */
diagram diagram_any(struct diagrams *m, diagram set, enum dim d, struct spans s);

/* A node, for callers that traverse diagrams.  False for a value. */
bool diagram_node(const struct diagrams *m, diagram root, enum dim *d, const struct run **runs, uint32_t *n);

/*
 * What a manager may take at most, in runs (eight bytes each, and about as much for
 * the nodes around them); 0: no limit.  Beyond it every operation returns
 * VALUE_NONE, and diagrams_exhausted() is true: results are invalid.
 */
void diagrams_limit(struct diagrams *m, size_t runs);
bool diagrams_exhausted(const struct diagrams *m);
size_t diagrams_runs(const struct diagrams *m); /* made so far */

uint32_t diagrams_size(const struct diagrams *m, enum dim d);
