/* SPDX-License-Identifier: Apache-2.0 */
/* Edits in words that hold for every dialect. */
#include "report/proof/format.h"

static bool same_kind(const struct service_term *x, const struct service_term *y)
{
	return x->protocol_lo == y->protocol_lo && x->protocol_hi == y->protocol_hi && x->sport.lo == y->sport.lo &&
	       x->sport.hi == y->sport.hi;
}

/* The services of a box that one text says exactly: of one protocol and the same source ports. */
static struct region region_of(struct arena *a, const struct flowbox *b, size_t first)
{
	const struct service_term *t = &b->services[first];
	struct port_range protocol = { t->protocol_lo, t->protocol_hi }, *ports = ARENA_ARRAY(a, struct port_range, b->n_services);
	size_t n = 0;
	for (size_t i = first; i < b->n_services; i++)
		if (same_kind(t, &b->services[i]))
			ports[n++] = b->services[i].port;
	return (struct region){ b->src, b->dst, portset_of(a, &protocol, 1), portset_of(a, &t->sport, 1), portset_of(a, ports, n) };
}

static struct str boxes_text(struct arena *a, const struct edit *e)
{
	struct str all = STR("");
	for (size_t i = 0; i < e->n_boxes; i++)
		for (size_t k = 0; k < e->boxes[i].n_services; k++) {
			const struct flowbox *b = &e->boxes[i];
			bool said = false;
			for (size_t before = 0; before < k && !said; before++)
				said = same_kind(&b->services[before], &b->services[k]);
			if (said)
				continue;
			struct region r = region_of(a, b, k);
			all = str_printf(a, "%.*s%s%.*s", STR_ARG(all), all.n ? "; " : "", STR_ARG(region_text(a, &r)));
		}
	return all;
}

struct str edit_text(struct arena *a, const struct edit *e)
{
	/* what the platform adds stands behind all that is written */
	bool before = e->at && e->at->at.line && !e->at->implicit;
	struct str where = before ? str_printf(a, "before line %u", e->at->at.line) :
			   e->chain->name.n ? str_printf(a, "at the end of %.*s", STR_ARG(e->chain->name)) :
					      STR("at the end");
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
