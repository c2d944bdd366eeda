/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vec.h"
#include "report/columns.h"
#include "report/diff/diff.h"
#include "report/packets.h"

static void put_sign(struct out *o, const struct diff_report *r, bool added)
{
	put_styled(o, r->colour, added ? STYLE_GREEN : STYLE_RED, added ? STR("+ ") : STR("- "));
}

static void put_decision(struct out *o, struct arena *a, const struct diff_report *r, const char *side,
			 const struct shown *s)
{
	if (s->by || s->chain)
		put_wrapped(o, str_printf(a, "%s: %.*s", side, STR_ARG(decided_by(a, s))), 6, r->width);
}

static struct str interface_name(struct str name)
{
	return name.n ? name : STR("any other");
}

static void put_ways(struct out *o, struct arena *a, const struct diff_report *r, const struct change *c)
{
	enum { A_FEW = 8 };
	CLEANUP(out_free) struct out list = out_memory(1 << 20);
	for (size_t i = 0; i < c->ways.n && i < A_FEW; i++)
		out_printf(&list, "%s%.*s to %.*s", i ? ", " : "from interface ",
			   STR_ARG(interface_name(c->ways.v[i].in)), STR_ARG(interface_name(c->ways.v[i].out)));
	if (c->ways.n > A_FEW)
		out_printf(&list, ", and %zu more", c->ways.n - A_FEW);
	put_wrapped(o, str_dup(a, out_view(&list)), 6, r->width);
}

static void put_change(struct out *o, struct arena *a, const struct diff_report *r, const struct change *c, bool added)
{
	char packet[PACKET_TEXT];
	for (size_t i = 0; i < c->n_regions; i++) {
		put_sign(o, r, added);
		out_printf(o, "%.*s\n", STR_ARG(region_text(a, &c->regions[i])));
	}
	if (c->more_regions)
		out_text(o, "  and more of it\n");
	struct str interface = c->rpc_other ? STR(" as any other RPC interface") : interface_text(a, c->rpc_interface);
	put_wrapped(o, str_printf(a, "for example %s%.*s", packet_text(&c->before.witness, packet), STR_ARG(interface)),
		    6, r->width);
	if (c->ways.n)
		put_ways(o, a, r, c);
	put_decision(o, a, r, "before", &c->before);
	put_decision(o, a, r, "after", &c->after);
}

static void put_comparison(struct out *o, struct arena *a, const struct diff_report *r)
{
	const struct comparison *c = r->comparison;
	for (size_t i = 0; i < c->n_removed; i++)
		put_change(o, a, r, &c->removed[i], false);
	if (c->more_removed)
		out_text(o, "and more that is no longer permitted\n");
	for (size_t i = 0; i < c->n_added; i++)
		put_change(o, a, r, &c->added[i], true);
	if (c->more_added)
		out_text(o, "and more that is permitted now\n");
}

/* Changes of one item towards one endpoint, together. */
static int line_cmp(const void *left, const void *right)
{
	const struct flow_change *a = left, *b = right;
	int c = CMP(a->added, b->added);
	c = c ? c : str_cmp(a->to->name, b->to->name);
	c = c ? c : CMP(a->item->protocol, b->item->protocol);
	c = c ? c : CMP(a->item->ports.lo, b->item->ports.lo);
	c = c ? c : CMP(a->item->ports.hi, b->item->ports.hi);
	c = c ? c : str_cmp(a->from->zone_name, b->from->zone_name);
	return c ? c : str_cmp(a->from->name, b->from->name);
}

static bool same_line(const struct flow_change *a, const struct flow_change *b)
{
	return a->added == b->added && str_eq(a->to->name, b->to->name) && a->item->protocol == b->item->protocol &&
	       a->item->ports.lo == b->item->ports.lo && a->item->ports.hi == b->item->ports.hi &&
	       str_eq(a->from->zone_name, b->from->zone_name);
}

/* An endpoint whose addresses have changed. */
struct move {
	const struct endpoint *old, *new;
};
typedef VEC(struct move) move_vec;

static void add_move(struct arena *a, move_vec *moves, const struct endpoint *old, const struct endpoint *new)
{
	if (!addrset_equal(old->addresses, new->addresses))
		*VEC_ADD(a, moves) = (struct move){ old, new };
}

static int move_cmp(const void *left, const void *right)
{
	const struct move *a = left, *b = right;
	return str_cmp(a->old->name, b->old->name);
}

/* Flows that moved are in pairs: one line for each endpoint reports all of them. */
static void put_moves(struct out *o, struct arena *a, const struct diff_report *r)
{
	move_vec moves = { 0 };
	for (size_t i = 0; i + 1 < r->n_flows; i++)
		if (r->flows[i].moved && !r->flows[i].added) {
			add_move(a, &moves, r->flows[i].from, r->flows[i + 1].from);
			add_move(a, &moves, r->flows[i].to, r->flows[i + 1].to);
		}
	sort_items(moves.v, moves.n, sizeof *moves.v, move_cmp);
	for (size_t i = 0, j; i < moves.n; i = j) {
		for (j = i + 1; j < moves.n && move_cmp(&moves.v[i], &moves.v[j]) == 0; j++)
			;
		put_styled(o, r->colour, STYLE_YELLOW, STR("~ "));
		out_printf(o, "%.*s: %.*s is now %.*s, in %zu %s\n", STR_ARG(moves.v[i].old->name),
			   STR_ARG(region_addrs(a, moves.v[i].old->addresses)),
			   STR_ARG(region_addrs(a, moves.v[i].new->addresses)), j - i, j - i == 1 ? "flow" : "flows");
	}
}

static void put_flows(struct out *o, struct arena *a, const struct diff_report *r)
{
	struct flow_change *changes = ARENA_ARRAY(a, struct flow_change, r->n_flows);
	char text[ITEM_TEXT];
	size_t n = 0;
	for (size_t i = 0; i < r->n_flows; i++)
		if (!r->flows[i].moved)
			changes[n++] = r->flows[i];
	sort_items(changes, n, sizeof *changes, line_cmp);
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && same_line(&changes[i], &changes[j]); j++)
			;
		const struct bundle_item *it = changes[i].item;
		put_sign(o, r, changes[i].added);
		if (j - i == 1)
			out_printf(o, "%.*s", STR_ARG(changes[i].from->name));
		else
			out_printf(o, "%zu hosts in %.*s", j - i, STR_ARG(changes[i].from->zone_name));
		out_printf(o, " -> %.*s  %s\n", STR_ARG(changes[i].to->name), item_text(it, text));
	}
}

static void put_effect(struct out *o, const struct diff_report *r, const struct effect *e)
{
	const char *verb =
		r->comparison ? (e->stops ? "stops" : "starts") : (e->stops ? "is no longer needed" : "is needed");
	const char *by = r->comparison ? "for" : "by";
	put_styled(o, r->colour, STYLE_BOLD, e->function);
	if (e->towards.n)
		out_printf(o, " towards %.*s", STR_ARG(e->towards));
	if (e->n_hosts == 1)
		out_printf(o, " %s %s %.*s\n", verb, by, STR_ARG(e->host));
	else
		out_printf(o, " %s %s %zu hosts in %.*s\n", verb, by, e->n_hosts, STR_ARG(e->zone));
}

/* The lines that make a comparison uncertain. */
static void put_uncertain(struct out *o, struct arena *a, const struct diff_report *r, const struct ruleset *rules)
{
	enum { MOST_SHOWN = 20 };
	size_t n = 0;
	for (size_t i = 0; rules && i < rules->unknown.n; i++, n++) {
		const struct unknown_line *u = &rules->unknown.v[i];
		if (n < MOST_SHOWN)
			put_wrapped(o,
				    str_printf(a, "not understood: %s:%u: %.*s (%s)", rules->source->name, u->at.line,
					       STR_ARG(u->text), u->why),
				    2, r->width);
	}
	for (size_t c = 0; rules && c < rules->chains.n; c++)
		for (size_t i = 0; i < rules->chains.v[c].rules.n; i++) {
			const struct rule *rule = &rules->chains.v[c].rules.v[i];
			const char *why = rule->rpc ? rule->rpc_perhaps : rule->perhaps;
			if (!why || rule->match.never || rule->implicit || n++ >= MOST_SHOWN)
				continue;
			put_wrapped(o,
				    str_printf(a, "uncertain: %s:%u: %.*s (it depends on %s)", rules->source->name,
					       rule->at.line, STR_ARG(rule->text), why),
				    2, r->width);
		}
	if (n > MOST_SHOWN)
		out_printf(o, "  and %zu more\n", n - MOST_SHOWN);
}

void diff_text(struct out *o, const struct diff_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	for (size_t i = 0; i < r->n_effects; i++)
		put_effect(o, r, &r->effects[i]);
	if (r->n_effects)
		out_char(o, '\n');
	if (r->comparison) {
		put_comparison(o, a, r);
	} else {
		put_moves(o, a, r);
		put_flows(o, a, r);
	}
	if (r->comparison && r->comparison->by_names)
		put_wrapped(o, STR("assumed: an interface has one name in both files"), 0, r->width);
	if (!r->certain)
		put_wrapped(o,
			    STR("uncertain: a side has rules that were not understood, or whose match depends on what "
				"a file "
				"does not state; what is shown is what may pass"),
			    0, r->width);
	if (r->comparison && !r->certain)
		for (size_t side = 0; side < ARRAY_LEN(r->rules); side++)
			put_uncertain(o, a, r, r->rules[side]);
	if (r->same && !r->certain)
		out_text(o, "no difference is known\n");
	else if (r->same)
		out_text(o, r->comparison ? "the same packets pass\n" : "the same flows are needed\n");
}
