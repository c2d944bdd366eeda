/* SPDX-License-Identifier: Apache-2.0 */
#include "report/columns.h"
#include "report/proof-format.h"

static void put_line(struct out *o, const struct proof_report *r, size_t indent, struct str text)
{
	put_wrapped(o, text, indent, r->width);
}

static void put_missing(struct out *o, const struct proof_report *r, struct arena *a, const struct proof *k,
			const struct missing *m)
{
	const struct flow *f = m->required->what;
	const struct catalogue *c = plan_estate(r->plan)->catalogue;
	char ports[PORT_TEXT], proto[PROTOCOL_TEXT];
	const struct bundle_item *it = f->item;

	out_text(o, "  ");
	put_styled(o, r->colour, m->condition ? STYLE_YELLOW : STYLE_RED,
		   m->condition ? STR("conditional") : STR("missing"));
	out_printf(o, "  %.*s -> %.*s  %s%s%s", STR_ARG(f->from->name), STR_ARG(f->to->name),
		   protocol_text(it->protocol, proto), it->has_ports ? " " : "",
		   it->has_ports ? port_range_text(it->ports, ports) : "");
	if (it->service != NO_SERVICE)
		out_printf(o, "  %.*s", STR_ARG(c->services[it->service].id));
	out_text(o, m->reply ? "  (the way back)\n" : "\n");
	put_line(o, r, 6, missing_text(a, m));
	put_line(o, r, 6, str_printf(a, "by %.*s", STR_ARG(decided_by(a, &m->shown))));
	if (it->reasons[0].need)
		put_line(o, r, 6, str_printf(a, "needed: %.*s (%.*s)", STR_ARG(it->reasons[0].need->why),
					     STR_ARG(it->reasons[0].need->document->id)));
	put_line(o, r, 6, str_printf(a, "mend: %.*s", STR_ARG(missing_mend(a, k, m))));
}

static void put_surplus(struct out *o, const struct proof_report *r, struct arena *a, const struct surplus *s)
{
	out_text(o, "  ");
	put_styled(o, r->colour, s->condition ? STYLE_YELLOW : STYLE_RED,
		   s->condition ? STR("possible surplus") : STR("surplus"));
	for (size_t i = 0; i < s->n_regions; i++) {
		struct str line = region_text(a, &s->regions[i]);
		if (i == 0)
			out_printf(o, "  %.*s\n", STR_ARG(line));
		else
			put_line(o, r, 11, line);
	}
	if (s->more_regions)
		put_line(o, r, 11, STR("and more"));
	put_line(o, r, 6, surplus_text(a, s));
	put_line(o, r, 6, str_printf(a, "by %.*s", STR_ARG(decided_by(a, &s->shown))));
	put_line(o, r, 6, str_printf(a, "mend: %.*s", STR_ARG(surplus_mend(a, s))));
}

static void put_edits(struct out *o, const struct proof_report *r, struct arena *a, const struct edits *e)
{
	if (e->why_not) {
		put_line(o, r, 2, str_printf(a, "edits: none; %s", e->why_not));
		return;
	}
	if (e->n)
		put_line(o, r, 2, STR("edits (with all of them the rules were proved to hold):"));
	for (size_t i = 0; i < e->n; i++)
		put_line(o, r, 4, edit_text(a, &e->v[i]));
}

static void put_firewall(struct out *o, const struct proof_report *r, const struct proved *p)
{
	static const enum style styles[N_VERDICTS] = {
		[VERDICT_HOLDS] = STYLE_GREEN,
		[VERDICT_FAILS] = STYLE_RED,
		[VERDICT_UNPROVED] = STYLE_YELLOW,
	};
	const struct proof *k = &p->proof;
	struct arena *a = arena_new();

	put_styled(o, r->colour, STYLE_BOLD, p->name);
	out_text(o, ": ");
	put_styled(o, r->colour, styles[k->verdict], str_of(verdict_names[k->verdict]));
	out_printf(o, "  (%s, %s: %zu %s; %zu %s)\n", p->path, p->dialect, k->n_rules,
		   k->n_rules == 1 ? "rule" : "rules", p->n_required, p->n_required == 1 ? "flow" : "flows");
	if (k->why_unproved)
		put_line(o, r, 2, str_printf(a, "unproved: %s", k->why_unproved));
	for (size_t i = 0; i < k->rules->unknown.n && i < 50; i++) {
		const struct unknown_line *u = &k->rules->unknown.v[i];
		put_line(o, r, 2, str_printf(a, "not understood: %s:%u: %.*s (%s)", p->path, u->at.line, STR_ARG(u->text), u->why));
	}
	if (k->rules->unknown.n > 50)
		out_printf(o, "  and %zu more lines that were not understood\n", k->rules->unknown.n - 50);
	for (size_t i = 0; i < k->n_missing; i++)
		put_missing(o, r, a, k, &k->missing[i]);
	if (k->all_missing > k->n_missing)
		out_printf(o, "  and %zu more missing\n", k->all_missing - k->n_missing);
	for (size_t i = 0; i < k->n_surplus; i++)
		put_surplus(o, r, a, &k->surplus[i]);
	if (k->more_surplus)
		out_text(o, "  and more surplus; --everything shows all\n");
	if (p->edits)
		put_edits(o, r, a, p->edits);
	if (k->helped)
		put_line(o, r, 2, str_printf(a, "note: %zu %s by no rule but by the firewall itself, which follows TFTP or RPC",
					     k->helped, k->helped == 1 ? "flow is opened" : "flows are opened"));
	if (k->accepts_any_ack)
		put_line(o, r, 2, STR("note: TCP packets that are not the first of a conversation pass more widely than any "
				      "answer needs; such a list has no memory"));
	arena_free(a);
}

/* What passes every firewall on its way, and what does not. */
static void put_way(struct out *o, const struct proof_report *r, const struct proved_way *w)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	size_t lost = 0;
	for (size_t i = 0; i < w->n_required; i++)
		lost += w->comparison.loses[i];
	put_styled(o, r->colour, STYLE_BOLD, STR("the whole way"));
	out_printf(o, ": over %zu firewalls%s, %zu of %zu flows pass%s\n", r->n, w->whole ? "" : " (not all of the estate's)",
		   w->n_required - lost, w->n_required, w->comparison.uncertain ? " or may pass" : "");
	for (size_t i = 0; i < w->comparison.n_added; i++) {
		const struct change *c = &w->comparison.added[i];
		for (size_t k = 0; k < c->n_regions; k++) {
			out_text(o, "  ");
			put_styled(o, r->colour, STYLE_RED, STR("surplus"));
			out_printf(o, "  %.*s\n", STR_ARG(region_text(a, &c->regions[k])));
		}
		if (c->more_regions)
			put_line(o, r, 11, STR("and more"));
		put_line(o, r, 6, str_printf(a, "passes every firewall on its way; %.*s by %.*s",
					     STR_ARG(r->v[c->after_filter].name), STR_ARG(decided_by(a, &c->after))));
	}
	if (w->comparison.more_added)
		out_text(o, "  and more surplus; --everything shows all\n");
	if (!w->comparison.n_added)
		out_text(o, "  nothing passes the whole way that is not needed\n");
}

static void write_text(struct out *o, const struct proof_report *r)
{
	for (size_t i = 0; i < r->n; i++)
		put_firewall(o, r, &r->v[i]);
	if (r->way)
		put_way(o, r, r->way);
}

const struct proof_format proof_format_text = {
	.name = "text",
	.title = "text for people",
	.write = write_text,
};
