/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/workspace.h"

#include <stdlib.h>

void question_begin(struct question *q, struct arena *a)
{
	*q = (struct question){ .arena = a, .space = space_new(a) };
	space_add_possible(q->space);
}

struct box_id *question_add(struct question *q, const struct flowbox *v, size_t n)
{
	struct box_id *ids = ARENA_ARRAY(q->arena, struct box_id, n);
	for (size_t i = 0; i < n; i++)
		ids[i] = space_add_box(q->space, &v[i]);
	return ids;
}

void question_freeze(struct question *q, const struct compiled *rules)
{
	uint32_t sizes[N_DIMS];
	space_freeze(q->space);
	for (int d = 0; d < N_DIMS; d++)
		sizes[d] = space_size(q->space, (enum dim)d);
	q->m = diagrams_new(q->arena, sizes);
	if (rules)
		diagrams_order(q->m, compiled_order(rules));
	q->possible = space_possible(q->space, q->m);
}

diagram question_union(struct question *q, const struct box_id *ids, size_t n)
{
	diagram *v = calloc(n + 1, sizeof *v);
	if (!v)
		out_of_memory(n * sizeof *v);
	for (size_t i = 0; i < n; i++)
		v[i] = space_box(q->space, q->m, &ids[i], VALUE_PERMIT);
	diagram all = diagram_fold(q->m, OP_OR, v, n);
	free(v);
	return all;
}

diagram question_universe(struct question *q, const struct box_id *ids, size_t n)
{
	return n ? diagram_apply(q->m, OP_AND, q->possible, question_union(q, ids, n)) : q->possible;
}

diagram question_loosely(struct question *q, diagram set, diagram within)
{
	return diagram_apply(q->m, OP_OR, set, diagram_apply(q->m, OP_MINUS, within, q->possible));
}

bool question_find(const struct question *q, diagram set, uint32_t point[N_DIMS])
{
	const struct {
		enum dim d;
		uint32_t coordinate;
	} wishes[] = { { DIM_PROTOCOL, space_port(q->space, DIM_PROTOCOL, PROTO_TCP) },
		       { DIM_PORT, space_port(q->space, DIM_PORT, 443) },
		       { DIM_SPORT, space_port(q->space, DIM_SPORT, 49152) } };
	if (!diagram_find(q->m, set, VALUE_PERMIT, point))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(wishes); i++) {
		uint32_t before = point[wishes[i].d];
		point[wishes[i].d] = wishes[i].coordinate;
		if (diagram_at(q->m, set, point) != VALUE_PERMIT)
			point[wishes[i].d] = before;
	}
	return true;
}
