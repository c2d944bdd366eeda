/* SPDX-License-Identifier: Apache-2.0 */
#include "report/diff/blocks.h"

#include "base/out.h"
#include "base/vec.h"

enum { MOST_TEXT = 1 << 26 };

/* What differs between two endpoints, of one kind. */
struct changed_pair {
	enum flow_line kind;
	const struct endpoint *from, *to;
	struct str what;
	size_t n_flows;
};

/* Several that have the same flows towards one. */
struct fan {
	const struct changed_pair *pairs;
	size_t n;
	struct str names; /* of all sources */
};

struct grouping {
	struct arena *arena;
	const struct diff_report *report;
	VEC(struct changed_pair) pairs;
	VEC(struct fan) fans;
	VEC(struct diff_block) blocks;
};

static int endpoint_cmp(const struct endpoint *a, const struct endpoint *b)
{
	int c = str_cmp(a->name, b->name);
	return c ? c : str_cmp(a->zone_name, b->zone_name);
}

static struct str item_named(struct arena *a, const struct catalogue *c, const struct bundle_item *it)
{
	char text[ITEM_TEXT];
	if (it->service == NO_SERVICE)
		return str_dup(a, str_of(item_text(it, text)));
	return str_printf(a, "%s (%.*s)", item_text(it, text), STR_ARG(c->services[it->service].id));
}

static struct str path_text(struct arena *a, const struct plan *p, const struct flow_change *f)
{
	CLEANUP(out_free) struct out o = out_memory(MOST_TEXT);
	for (size_t i = 0; i < f->n_crosses; i++)
		out_printf(&o, "%s%.*s", i ? ", " : "", STR_ARG(plan_estate(p)->firewalls[f->crosses[i]].name.s));
	return f->n_crosses ? str_dup(a, out_view(&o)) : STR("no firewall");
}

static enum flow_line kind_of(const struct flow_change *f)
{
	return f->elsewhere ? FLOW_PORTS : f->added ? FLOW_ADDED : FLOW_REMOVED;
}

static struct str change_says(struct grouping *g, const struct flow_change *f)
{
	const struct catalogue *c = plan_estate(g->report->plans[f->added])->catalogue;
	char text[ITEM_TEXT];
	if (!f->elsewhere)
		return item_named(g->arena, c, f->item);
	return str_printf(g->arena, "%.*s was %s", STR_ARG(item_named(g->arena, c, f->item)),
			  item_text(f->elsewhere->item, text));
}

/* The changes between two endpoints stand together; a pair for each kind of them. */
static void add_pairs(struct grouping *g, const struct flow_change *changes, size_t n)
{
	for (enum flow_line kind = FLOW_PORTS; kind <= FLOW_ADDED; kind++) {
		CLEANUP(out_free) struct out what = out_memory(MOST_TEXT);
		const struct flow_change *last = NULL;
		size_t flows = 0;
		for (size_t i = 0; i < n; i++) {
			/* what moved to other ports is told once, by the new flow */
			if (changes[i].moved || kind_of(&changes[i]) != kind ||
			    (kind == FLOW_PORTS && !changes[i].added))
				continue;
			last = &changes[i];
			out_printf(&what, "%s%.*s", flows++ ? "\n" : "", STR_ARG(change_says(g, last)));
		}
		if (last)
			*VEC_ADD(g->arena, &g->pairs) = (struct changed_pair){
				kind, last->from, last->to, str_dup(g->arena, out_view(&what)), flows,
			};
	}
}

static bool same_ends(const struct flow_change *a, const struct flow_change *b)
{
	return endpoint_cmp(a->from, b->from) == 0 && endpoint_cmp(a->to, b->to) == 0;
}

static void add_rerouted(struct grouping *g)
{
	const struct diff_report *r = g->report;
	for (size_t i = 0, end; i < r->n_rerouted; i = end) {
		const struct rerouted *first = &r->rerouted[i];
		for (end = i + 1; end < r->n_rerouted && same_ends(&first->new, &r->rerouted[end].new); end++)
			;
		struct str what = str_printf(g->arena, "by %.*s, was by %.*s",
					     STR_ARG(path_text(g->arena, r->plans[1], &first->new)),
					     STR_ARG(path_text(g->arena, r->plans[0], &first->old)));
		*VEC_ADD(g->arena, &g->pairs) =
			(struct changed_pair){ FLOW_REROUTED, first->new.from, first->new.to, what, end - i };
	}
}

static int pair_cmp(const void *left, const void *right)
{
	const struct changed_pair *a = left, *b = right;
	int c = CMP(a->kind, b->kind);
	c = c ? c : str_cmp(a->what, b->what);
	c = c ? c : endpoint_cmp(a->to, b->to);
	return c ? c : endpoint_cmp(a->from, b->from);
}

static void make_fans(struct grouping *g)
{
	sort_items(g->pairs.v, g->pairs.n, sizeof *g->pairs.v, pair_cmp);
	for (size_t i = 0, end; i < g->pairs.n; i = end) {
		const struct changed_pair *first = &g->pairs.v[i];
		CLEANUP(out_free) struct out names = out_memory(MOST_TEXT);
		for (end = i;
		     end < g->pairs.n && g->pairs.v[end].kind == first->kind &&
		     str_eq(g->pairs.v[end].what, first->what) && endpoint_cmp(g->pairs.v[end].to, first->to) == 0;
		     end++)
			out_printf(&names, "%.*s\t%.*s\n", STR_ARG(g->pairs.v[end].from->name),
				   STR_ARG(g->pairs.v[end].from->zone_name));
		*VEC_ADD(g->arena, &g->fans) = (struct fan){ first, end - i, str_dup(g->arena, out_view(&names)) };
	}
}

/* Fans of one block stand together, in the order of where they go. */
static int fan_cmp(const void *left, const void *right)
{
	const struct fan *a = left, *b = right;
	int c = CMP(a->pairs->kind, b->pairs->kind);
	c = c ? c : str_cmp(a->pairs->what, b->pairs->what);
	c = c ? c : str_cmp(a->names, b->names);
	return c ? c : endpoint_cmp(a->pairs->to, b->pairs->to);
}

static void add_block(struct grouping *g, const struct fan *fans, size_t n)
{
	const struct endpoint **from = ARENA_ARRAY(g->arena, const struct endpoint *, fans->n),
			      **to = ARENA_ARRAY(g->arena, const struct endpoint *, n);
	struct diff_block *b = VEC_ADD(g->arena, &g->blocks);
	*b = (struct diff_block){ fans->pairs->kind, from, to, fans->n, n, fans->pairs->what, 0 };
	for (size_t i = 0; i < fans->n; i++)
		from[i] = fans->pairs[i].from;
	for (size_t i = 0; i < n; i++) {
		to[i] = fans[i].pairs->to;
		for (size_t j = 0; j < fans[i].n; j++)
			b->n_flows += fans[i].pairs[j].n_flows;
	}
}

static void make_blocks(struct grouping *g)
{
	sort_items(g->fans.v, g->fans.n, sizeof *g->fans.v, fan_cmp);
	for (size_t i = 0, end; i < g->fans.n; i = end) {
		const struct fan *first = &g->fans.v[i];
		for (end = i + 1; end < g->fans.n && g->fans.v[end].pairs->kind == first->pairs->kind &&
				  str_eq(g->fans.v[end].pairs->what, first->pairs->what) &&
				  str_eq(g->fans.v[end].names, first->names);
		     end++)
			;
		add_block(g, first, end - i);
	}
}

static int block_cmp(const void *left, const void *right)
{
	const struct diff_block *a = left, *b = right;
	int c = CMP(a->kind, b->kind);
	c = c ? c : endpoint_cmp(a->from[0], b->from[0]);
	c = c ? c : endpoint_cmp(a->to[0], b->to[0]);
	return c ? c : str_cmp(a->what, b->what);
}

struct diff_block *diff_blocks(struct arena *a, const struct diff_report *r, size_t *n)
{
	struct grouping g = { .arena = a, .report = r };
	for (size_t i = 0, end; i < r->n_flows; i = end) {
		for (end = i + 1; end < r->n_flows && same_ends(&r->flows[i], &r->flows[end]); end++)
			;
		add_pairs(&g, &r->flows[i], end - i);
	}
	add_rerouted(&g);
	make_fans(&g);
	make_blocks(&g);
	sort_items(g.blocks.v, g.blocks.n, sizeof *g.blocks.v, block_cmp);
	*n = g.blocks.n;
	return g.blocks.v;
}

static int zone_cmp(const void *left, const void *right)
{
	return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

static void put_ends(struct out *o, struct arena *a, const struct endpoint *const *ends, size_t n)
{
	enum { A_FEW = 3 };
	struct str *zones = ARENA_ARRAY(a, struct str, n);
	for (size_t i = 0; i < n; i++) {
		zones[i] = ends[i]->zone_name;
		if (n <= A_FEW)
			out_printf(o, "%s%.*s", i ? ", " : "", STR_ARG(ends[i]->name));
	}
	if (n <= A_FEW)
		return;
	sort_items(zones, n, sizeof *zones, zone_cmp);
	out_printf(o, "%zu hosts in %.*s", n, STR_ARG(zones[0]));
	for (size_t i = 1; i < n; i++)
		if (!str_eq(zones[i], zones[i - 1]))
			out_printf(o, ", %.*s", STR_ARG(zones[i]));
}

struct str diff_block_ends(struct arena *a, const struct diff_block *b)
{
	CLEANUP(out_free) struct out o = out_memory(MOST_TEXT);
	put_ends(&o, a, b->from, b->n_from);
	out_text(&o, " -> ");
	put_ends(&o, a, b->to, b->n_to);
	return str_dup(a, out_view(&o));
}
