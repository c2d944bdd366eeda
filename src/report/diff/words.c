/* SPDX-License-Identifier: Apache-2.0 */
#include "report/diff/words.h"

#include "base/out.h"
#include "base/strmap.h"
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

/* An endpoint whose addresses have changed, with flows that are otherwise as they were. */
struct move {
	const struct endpoint *old, *new;
	size_t n_flows;
};
typedef VEC(struct move) move_vec;

/* A host is one in every zone; of a zone or an address of allow: each part of it is another. */
static struct str key_of(struct arena *a, const struct endpoint *e)
{
	return e->host ? e->name : str_printf(a, "%.*s\n%.*s", STR_ARG(e->name), STR_ARG(e->zone_name));
}

static void add_move(struct arena *a, move_vec *moves, const struct strmap *before, const struct endpoint *new,
		     bool counts)
{
	const struct endpoint *old = strmap_get(before, key_of(a, new));
	if (old && !addrset_equal(old->addresses, new->addresses))
		*VEC_ADD(a, moves) = (struct move){ old, new, counts };
}

static int move_cmp(const void *left, const void *right)
{
	const struct move *a = left, *b = right;
	return str_cmp(a->old->name, b->old->name);
}

/* Of an endpoint with other addresses every flow is a change; one line for each endpoint reports all of them. */
static void show_moves(struct arena *a, const struct diff_report *r, flow_line_fn *show, void *ctx)
{
	struct strmap before = strmap_new(a);
	move_vec moves = { 0 };
	for (size_t i = 0; i < r->n_flows; i++)
		if (!r->flows[i].added) {
			strmap_add(&before, key_of(a, r->flows[i].from), (void *)r->flows[i].from);
			strmap_add(&before, key_of(a, r->flows[i].to), (void *)r->flows[i].to);
		}
	for (size_t i = 0; i < r->n_flows; i++)
		if (r->flows[i].added) {
			bool counts = r->flows[i].moved || r->flows[i].elsewhere;
			add_move(a, &moves, &before, r->flows[i].from, counts);
			add_move(a, &moves, &before, r->flows[i].to, counts);
		}
	sort_items(moves.v, moves.n, sizeof *moves.v, move_cmp);
	for (size_t i = 0, j; i < moves.n; i = j) {
		size_t n = moves.v[i].n_flows;
		for (j = i + 1; j < moves.n && move_cmp(&moves.v[i], &moves.v[j]) == 0; j++)
			n += moves.v[j].n_flows;
		struct str line = str_printf(a, "%.*s: %.*s is now %.*s", STR_ARG(moves.v[i].old->name),
					     STR_ARG(region_addrs(a, moves.v[i].old->addresses)),
					     STR_ARG(region_addrs(a, moves.v[i].new->addresses)));
		if (n)
			line = str_printf(a, "%.*s, in %zu %s", STR_ARG(line), n, n == 1 ? "flow" : "flows");
		show(ctx, FLOW_MOVED, line, NO_STR, moves.v[i].new);
	}
}

void diff_flow_lines(struct arena *a, const struct diff_report *r, flow_line_fn *show, void *ctx)
{
	size_t n;
	const struct diff_block *blocks = diff_blocks(a, r, &n);
	show_moves(a, r, show, ctx);
	for (size_t i = 0; i < n; i++) {
		const struct diff_block *b = &blocks[i];
		size_t pairs = b->n_from * b->n_to, services = 1;
		struct str line = diff_block_ends(a, b), rest = b->what, one;
		while (b->kind != FLOW_REROUTED && str_cut(&rest, '\n', &one))
			services += rest.n > 0;
		if (services == 1)
			line = str_printf(a, "%.*s  %.*s", STR_ARG(line), STR_ARG(b->what));
		else
			line = str_printf(a, "%.*s: %zu services", STR_ARG(line), services);
		if (pairs > 1 || (b->kind == FLOW_REROUTED && b->n_flows > 1))
			line = str_printf(a, "%.*s, %zu flows", STR_ARG(line), b->n_flows);
		show(ctx, b->kind, line, services == 1 ? NO_STR : b->what, b->from[0]);
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
