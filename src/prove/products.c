/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/products.h"

#include "base/vec.h"
#include "prove/regions.h"
#include "prove/workspace.h"

static int by_place(const void *left, const void *right)
{
	const struct rule_products *a = left, *b = right;
	if (!a->rule || !b->rule)
		return CMP(a->rule == NULL, b->rule == NULL);
	int c = CMP(a->rule->at.line, b->rule->at.line);
	return c ? c : CMP(a->rule->at.column, b->rule->at.column);
}

/* Protocols whose two numbers mean the same kind of thing. */
static int kind_of(unsigned protocol)
{
	return protocol == PROTO_ICMP ? 1 : protocol == PROTO_ICMP6 ? 2 : protocol_has_ports(protocol) ? 3 : 0;
}

/* Some protocols of one kind, on a product of source and destination ports. */
static void add_terms(struct arena *a, term_vec *terms, unsigned lo, unsigned hi, const struct region *r)
{
	bool numbers = kind_of(lo) != 0;
	if (!numbers && !(portset_holds(r->ports, 0) && portset_holds(r->sports, 0)))
		return;
	for (size_t i = 0; i < (numbers ? r->ports.n : 1); i++)
		for (size_t j = 0; j < (numbers ? r->sports.n : 1); j++) {
			struct port_range port = numbers ? r->ports.v[i] : ALL_PORTS;
			struct port_range sport = numbers ? r->sports.v[j] : ALL_PORTS;
			if (protocol_is_icmp(lo) && (port.lo > 255 || sport.lo > 255))
				continue;
			*VEC_ADD(a, terms) = (struct service_term){ (uint8_t)lo, (uint8_t)hi, sport, port };
		}
}

static struct flowbox box_of_region(struct arena *a, const struct region *r)
{
	term_vec terms = { 0 };
	bool all = portset_is_all(r->ports) && portset_is_all(r->sports);
	for (size_t i = 0; i < r->protocols.n; i++) {
		unsigned lo = r->protocols.v[i].lo, end = r->protocols.v[i].hi;
		if (all) {
			*VEC_ADD(a, &terms) = (struct service_term){ (uint8_t)lo, (uint8_t)end, ALL_PORTS, ALL_PORTS };
			continue;
		}
		while (lo <= end) {
			unsigned hi = lo;
			while (hi < end && !protocol_is_icmp(lo) && kind_of(hi + 1) == kind_of(lo))
				hi++;
			add_terms(a, &terms, lo, hi, r);
			lo = hi + 1;
		}
	}
	return (struct flowbox){ r->src, r->dst, terms.v, terms.n };
}

static void take_regions(struct arena *a, struct rule_products *share, const struct region *regions, size_t n)
{
	struct flowbox *boxes = ARENA_ARRAY(a, struct flowbox, n);
	for (size_t i = 0; i < n; i++) {
		boxes[share->n] = box_of_region(a, &regions[i]);
		share->n += boxes[share->n].n_services > 0;
	}
	share->boxes = boxes;
}

static void take_whole(struct arena *a, struct rule_products *share)
{
	struct flowbox *box = ARENA_NEW(a, struct flowbox);
	*box = match_box(a, &share->rule->match);
	share->boxes = box;
	share->n = 1;
}

struct products products_of(struct arena *a, const struct ruleset *r, const struct interface_map *map,
			    const struct flowbox *judged, size_t n_judged, size_t most)
{
	struct products e = { 0 };
	struct workspace w;
	VEC(struct rule_products) products = { 0 };
	uint32_t point[N_DIMS], chain;
	struct reading upper = { .upper = true }, lower = { .upper = false };

	workspace_begin(&w, a);
	struct box_id *ids = workspace_add(&w, judged, n_judged);
	struct compiled *code = compile_add(a, w.space, r, map);
	workspace_freeze(&w, code);
	compile_make(code, w.m);
	diagram universe = workspace_universe(&w, ids, n_judged);
	/* Packets that cannot exist are kept, since excluding them only makes more boxes. */
	diagram asked = n_judged ? workspace_union(&w, ids, n_judged) : VALUE_PERMIT;
	diagram all = diagram_apply(w.m, OP_AND, asked, compiled_permitted(code, upper));
	diagram left = diagram_apply(w.m, OP_AND, universe, all);
	e.uncertain = r->unknown.n || left != diagram_apply(w.m, OP_AND, universe, compiled_permitted(code, lower));
	if (e.uncertain)
		return e;
	while (diagram_find(w.m, left, VALUE_PERMIT, point)) {
		struct rule_products *share = VEC_ADD(a, &products);
		chain = UINT32_MAX;
		share->rule = compiled_blame(code, point, upper, &chain);
		diagram said = asked;
		bool product =
			share->rule && (share->rule->action == ACTION_PERMIT || share->rule->action == ACTION_DENY);
		if (product)
			said = diagram_apply(
				w.m, OP_AND, asked,
				compiled_rule_match(code, chain, (size_t)(share->rule - r->chains.v[chain].rules.v)));
		/* as much of the rule as passes at all, not only its share: fewer and larger parts */
		diagram own = diagram_apply(w.m, OP_AND, said, all);
		left = diagram_apply(w.m, OP_MINUS, left, own);
		share->whole =
			product && !n_judged && own == said && !share->rule->match.in.n && !share->rule->match.out.n;
		if (share->whole) {
			take_whole(a, share);
		} else {
			size_t n;
			bool more;
			const struct region *regions = regions_of(a, w.space, w.m, own, most, &n, &more);
			take_regions(a, share, regions, n);
			e.too_many |= more;
		}
	}
	if (products.n)
		sort_items(products.v, products.n, sizeof *products.v, by_place);
	e.v = products.v;
	e.n = products.n;
	return e;
}
