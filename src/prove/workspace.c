/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/workspace.h"

#include <stdlib.h>

void workspace_begin(struct workspace *w, struct arena *a)
{
	*w = (struct workspace){ .arena = a, .space = space_new(a) };
	space_add_possible(w->space);
}

struct box_id *workspace_add(struct workspace *w, const struct flowbox *boxes, size_t n)
{
	struct box_id *ids = ARENA_ARRAY(w->arena, struct box_id, n);
	for (size_t i = 0; i < n; i++)
		ids[i] = space_add_box(w->space, &boxes[i]);
	return ids;
}

void workspace_freeze(struct workspace *w, const struct compiled *rules)
{
	uint32_t sizes[N_DIMS];
	space_freeze(w->space);
	for (int d = 0; d < N_DIMS; d++)
		sizes[d] = space_size(w->space, (enum dim)d);
	w->m = diagrams_new(w->arena, sizes);
	if (rules)
		diagrams_order(w->m, compiled_order(rules));
	w->possible = space_possible(w->space, w->m);
}

diagram workspace_union(struct workspace *w, const struct box_id *ids, size_t n)
{
	diagram *parts = calloc(n + 1, sizeof *parts);
	if (!parts)
		out_of_memory(n * sizeof *parts);
	for (size_t i = 0; i < n; i++)
		parts[i] = space_box(w->space, w->m, &ids[i], VALUE_PERMIT);
	diagram all = diagram_fold(w->m, OP_OR, parts, n);
	free(parts);
	return all;
}

diagram workspace_universe(struct workspace *w, const struct box_id *ids, size_t n)
{
	return n ? diagram_apply(w->m, OP_AND, w->possible, workspace_union(w, ids, n)) : w->possible;
}

diagram workspace_loosely(struct workspace *w, diagram set, diagram within)
{
	return diagram_apply(w->m, OP_OR, set, diagram_apply(w->m, OP_MINUS, within, w->possible));
}

bool workspace_find(const struct workspace *w, diagram set, uint32_t point[N_DIMS])
{
	const struct {
		enum dim d;
		uint32_t coordinate;
	} wishes[] = { { DIM_PROTOCOL, space_port(w->space, DIM_PROTOCOL, PROTO_TCP) },
		       { DIM_PORT, space_port(w->space, DIM_PORT, 443) },
		       { DIM_SPORT, space_port(w->space, DIM_SPORT, 49152) } };
	if (!diagram_find(w->m, set, VALUE_PERMIT, point))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(wishes); i++) {
		uint32_t before = point[wishes[i].d];
		point[wishes[i].d] = wishes[i].coordinate;
		if (diagram_at(w->m, set, point) != VALUE_PERMIT)
			point[wishes[i].d] = before;
	}
	return true;
}
