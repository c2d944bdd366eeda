/* SPDX-License-Identifier: Apache-2.0 */
/* The map alone, as a picture. */
#include "report/map/svg.h"
#include "report/plan/format.h"

static bool write_svg(struct out *o, const struct plan_report *r, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct map *m = map_make(a, r->plan);
	if (!map_place(a, m))
		return diag_error(d, NOWHERE,
				  "the map would have %zu boxes and %zu lines: too many to be readable; "
				  "the html report lists them",
				  m->n_boxes, m->n_pairs);
	put_map(o, m, true);
	return true;
}

const struct plan_format plan_format_svg = {
	.name = "svg",
	.whole = true,
	.title = "SVG, the map alone",
	.write = write_svg,
};
