/* SPDX-License-Identifier: Apache-2.0 */
/* Edits in words that hold for every dialect. */
#include "report/proof-format.h"

static struct region region_of(struct arena *a, const struct flowbox *b)
{
	struct region r = { .src = b->src, .dst = b->dst };
	struct port_range *v[3];
	for (int i = 0; i < 3; i++)
		v[i] = ARENA_ARRAY(a, struct port_range, b->n_services);
	for (size_t i = 0; i < b->n_services; i++) {
		v[0][i] = (struct port_range){ b->services[i].protocol_lo, b->services[i].protocol_hi };
		v[1][i] = b->services[i].port;
		v[2][i] = b->services[i].sport;
	}
	r.protocols = portset_of(a, v[0], b->n_services);
	r.ports = portset_of(a, v[1], b->n_services);
	r.sports = portset_of(a, v[2], b->n_services);
	return r;
}

static struct str boxes_text(struct arena *a, const struct edit *e)
{
	struct str all = STR("");
	for (size_t i = 0; i < e->n_boxes; i++) {
		struct region r = region_of(a, &e->boxes[i]);
		all = str_printf(a, "%.*s%s%.*s", STR_ARG(all), i ? "; " : "", STR_ARG(region_text(a, &r)));
	}
	return all;
}

struct str edit_text(struct arena *a, const struct edit *e)
{
	struct str where = e->at && e->at->at.line ? str_printf(a, "before line %u", e->at->at.line) : STR("at the end");
	switch (e->kind) {
	case EDIT_INSERT:
		return str_printf(a, "%.*s: permit %.*s", STR_ARG(where), STR_ARG(boxes_text(a, e)));
	case EDIT_DELETE:
		return str_printf(a, "take away line %u: %.*s", e->rule->at.line, STR_ARG(e->rule->text));
	case EDIT_MOVE:
		return str_printf(a, "%.*s: move line %u there: %.*s", STR_ARG(where), e->rule->at.line, STR_ARG(e->rule->text));
	case EDIT_NARROW:
		return str_printf(a, "%.*s: refuse %.*s", STR_ARG(where), STR_ARG(boxes_text(a, e)));
	}
	return STR("");
}
