/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The map for Graphviz and other programs that read DOT: zones are clusters, an
 * edge is what one box needs of another.  "dot" draws some dozens of hosts well;
 * the SVG form draws hundreds.
 */
#include "report/map/words.h"
#include "report/plan/format.h"

/* A quoted string: only the escapes \n and \" are used. */
static void put_quoted(struct out *o, struct str s)
{
	out_char(o, '"');
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '"' || c == '\\')
			out_char(o, '\\');
		if (c == '\n')
			out_text(o, "\\n");
		else if ((unsigned char)c >= 0x20)
			out_char(o, c);
	}
	out_char(o, '"');
}

static void put_zone(struct out *o, struct arena *a, const struct map *m, size_t z)
{
	const struct map_zone *zone = &m->zones[z];
	out_printf(o, "\tsubgraph cluster_%zu {\n\t\tlabel=", z);
	put_quoted(o, str_printf(a, "%.*s\n%.*s", STR_ARG(zone->name), STR_ARG(zone->about)));
	out_text(o, "; style=\"rounded\"; color=\"#b9c4cf\";\n");
	for (size_t i = 0; i < zone->n; i++) {
		const struct map_box *b = &m->boxes[zone->boxes[i]];
		out_printf(o, "\t\tb%u [label=", zone->boxes[i]);
		put_quoted(o, str_printf(a, "%.*s\n%.*s", STR_ARG(box_text(a, b)), STR_ARG(b->about)));
		out_text(o, "];\n");
	}
	out_text(o, "\t}\n");
}

static void put_pair(struct out *o, struct arena *a, const struct map_pair *p)
{
	out_printf(o, "\tb%u -> b%u [tooltip=", p->from, p->to);
	put_quoted(o, bundle_text(a, p->bundle));
	out_text(o, "];\n");
}

static bool write_dot(struct out *o, const struct plan_report *r, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct map *m = map_make(a, r->plan);

	out_text(o, "digraph ");
	put_quoted(o, plan_estate(r->plan)->name.s);
	out_text(o, " {\n\trankdir=LR; fontname=\"sans-serif\";\n"
		    "\tnode [shape=box, style=\"rounded\", fontname=\"sans-serif\", fontsize=11];\n"
		    "\tedge [color=\"#55697d\", arrowsize=0.7];\n");
	for (size_t z = 0; z < m->n_zones; z++)
		put_zone(o, a, m, z);
	for (size_t i = 0; i < m->n_pairs; i++)
		put_pair(o, a, &m->pairs[i]);
	out_text(o, "}\n");
	return true;
}

const struct plan_format plan_format_dot = {
	.name = "dot",
	.whole = true,
	.title = "DOT, the map for Graphviz",
	.write = write_dot,
};
