/* SPDX-License-Identifier: Apache-2.0 */
#include "report/diff/words.h"

#include "base/out.h"
#include "base/vec.h"
#include "report/packets.h"

static struct str interface_name(struct str name)
{
	return name.n ? name : STR("any other");
}

struct str change_example(struct arena *a, const struct change *c)
{
	char packet[PACKET_TEXT];
	struct str interface = c->rpc_other ? STR(" as any other RPC interface") : interface_text(a, c->rpc_interface);
	return str_printf(a, "%s%.*s", packet_text(&c->before.witness, packet), STR_ARG(interface));
}

struct str change_ways(struct arena *a, const struct change *c)
{
	enum { A_FEW = 8 };
	CLEANUP(out_free) struct out list = out_memory(1 << 20);
	for (size_t i = 0; i < c->ways.n && i < A_FEW; i++)
		out_printf(&list, "%s%.*s to %.*s", i ? ", " : "from interface ",
			   STR_ARG(interface_name(c->ways.v[i].in)), STR_ARG(interface_name(c->ways.v[i].out)));
	if (c->ways.n > A_FEW)
		out_printf(&list, ", and %zu more", c->ways.n - A_FEW);
	return str_dup(a, out_view(&list));
}

struct str side_decides(struct arena *a, const struct shown *s)
{
	return s->by || s->chain ? decided_by(a, s) : NO_STR;
}

struct str effect_says(struct arena *a, const struct diff_report *r, const struct effect *e)
{
	const char *verb =
		r->comparison ? (e->stops ? "stops" : "starts") : (e->stops ? "is no longer needed" : "is needed");
	const char *by = r->comparison ? "for" : "by";
	struct str towards = e->towards.n ? str_printf(a, " towards %.*s", STR_ARG(e->towards)) : NO_STR;
	if (e->n_hosts == 1)
		return str_printf(a, "%.*s %s %s %.*s", STR_ARG(towards), verb, by, STR_ARG(e->host));
	return str_printf(a, "%.*s %s %s %zu hosts in %.*s", STR_ARG(towards), verb, by, e->n_hosts, STR_ARG(e->zone));
}

/* Changes of one item towards one endpoint, together. */
static int line_cmp(const void *left, const void *right)
{
	const struct flow_change *a = left, *b = right;
	int c = CMP(a->added, b->added);
	c = c ? c : str_cmp(a->to->name, b->to->name);
	c = c ? c : item_cmp(a->item, b->item);
	c = c ? c : str_cmp(a->from->zone_name, b->from->zone_name);
	return c ? c : str_cmp(a->from->name, b->from->name);
}

static bool same_line(const struct flow_change *a, const struct flow_change *b)
{
	return a->added == b->added && str_eq(a->to->name, b->to->name) && item_cmp(a->item, b->item) == 0 &&
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
static void show_moves(struct arena *a, const struct diff_report *r, flow_line_fn *show, void *ctx)
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
		struct str line = str_printf(a, "%.*s: %.*s is now %.*s, in %zu %s", STR_ARG(moves.v[i].old->name),
					     STR_ARG(region_addrs(a, moves.v[i].old->addresses)),
					     STR_ARG(region_addrs(a, moves.v[i].new->addresses)), j - i,
					     j - i == 1 ? "flow" : "flows");
		show(ctx, FLOW_MOVED, line, moves.v[i].new);
	}
}

void diff_flow_lines(struct arena *a, const struct diff_report *r, flow_line_fn *show, void *ctx)
{
	struct flow_change *changes = ARENA_ARRAY(a, struct flow_change, r->n_flows);
	char text[ITEM_TEXT];
	size_t n = 0;
	show_moves(a, r, show, ctx);
	for (size_t i = 0; i < r->n_flows; i++)
		if (!r->flows[i].moved)
			changes[n++] = r->flows[i];
	sort_items(changes, n, sizeof *changes, line_cmp);
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && same_line(&changes[i], &changes[j]); j++)
			;
		const struct flow_change *first = &changes[i];
		struct str from = j - i == 1
					  ? first->from->name
					  : str_printf(a, "%zu hosts in %.*s", j - i, STR_ARG(first->from->zone_name));
		struct str line = str_printf(a, "%.*s -> %.*s  %s", STR_ARG(from), STR_ARG(first->to->name),
					     item_text(first->item, text));
		show(ctx, first->added ? FLOW_ADDED : FLOW_REMOVED, line, first->from);
	}
}

enum { MOST_UNCERTAIN = 20 };

/* The lines of one side; returns how many there are. */
static size_t uncertain_lines_of(struct arena *a, const struct ruleset *rules, uncertain_fn *show, void *ctx)
{
	size_t n = 0;
	for (size_t i = 0; i < rules->unknown.n; i++, n++) {
		const struct unknown_line *u = &rules->unknown.v[i];
		if (n < MOST_UNCERTAIN)
			show(ctx, u->at,
			     str_printf(a, "not understood: %s:%u: %.*s (%s)", rules->source->name, u->at.line,
					STR_ARG(u->text), u->why));
	}
	for (size_t c = 0; c < rules->chains.n; c++)
		for (size_t i = 0; i < rules->chains.v[c].rules.n; i++) {
			const struct rule *rule = &rules->chains.v[c].rules.v[i];
			const char *why = rule->rpc ? rule->rpc_perhaps : rule->perhaps;
			if (!why || rule->match.never || rule->implicit || n++ >= MOST_UNCERTAIN)
				continue;
			show(ctx, rule->at,
			     str_printf(a, "uncertain: %s:%u: %.*s (it depends on %s)", rules->source->name,
					rule->at.line, STR_ARG(rule->text), why));
		}
	return n;
}

void diff_uncertain_lines(struct arena *a, const struct diff_report *r, uncertain_fn *show, void *ctx)
{
	for (size_t i = 0; r->comparison && !r->certain && i < ARRAY_LEN(r->rules); i++) {
		size_t n = r->rules[i] ? uncertain_lines_of(a, r->rules[i], show, ctx) : 0;
		if (n > MOST_UNCERTAIN)
			show(ctx, (struct loc){ .source = r->rules[i]->source },
			     str_printf(a, "and %zu more", n - MOST_UNCERTAIN));
	}
}

void diff_remarks(const struct diff_report *r, void (*show)(void *ctx, struct str line), void *ctx)
{
	if (r->comparison && r->comparison->by_names)
		show(ctx, STR("assumed: an interface has one name in both files"));
	if (!r->certain)
		show(ctx, STR("uncertain: a side has rules that were not understood, or whose match depends on what a "
			      "file does not state; what is shown is what may pass"));
}

const char *diff_same(const struct diff_report *r)
{
	return !r->certain     ? "no difference is known"
	       : r->comparison ? "the same packets pass"
			       : "the same flows are needed";
}
