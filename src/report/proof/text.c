/* SPDX-License-Identifier: Apache-2.0 */
#include "report/columns.h"
#include "report/packets.h"
#include "report/plan/reasons.h"
#include "report/proof/blocks.h"
#include "report/proof/findings.h"
#include "report/proof/format.h"
#include "report/proof/words.h"

static void put_line(struct out *o, const struct proof_report *r, size_t indent, struct str text)
{
	put_wrapped(o, text, indent, r->width);
}

static struct str protocol_and_ports(struct arena *a, const struct bundle_item *it)
{
	char text[ITEM_TEXT];
	return str_dup(a, str_of(item_text(it, text)));
}

/* One line for each service; its purpose is in the right column. */
static void put_services(struct out *o, const struct proof_report *r, struct arena *a, const struct missing *missing,
			 size_t n)
{
	size_t ports = 0, names = 0;
	for (size_t i = 0; i < n; i++) {
		const struct bundle_item *it = missing_flow(&missing[i])->item;
		size_t p = protocol_and_ports(a, it).n, s = item_service(r->plan, it).n;
		ports = p > ports ? p : ports;
		names = s > names ? s : names;
	}
	for (size_t i = 0; i < n; i++) {
		const struct bundle_item *it = missing_flow(&missing[i])->item;
		CLEANUP(out_free) struct out text = out_memory(1 << 20);
		size_t hang = 6 + ports + 2 + names + 2;
		put_wrapped(&text, item_needed_for(a, it), hang, r->width);
		out_printf(o, "      %-*.*s  %-*.*s  ", (int)ports, STR_ARG(protocol_and_ports(a, it)), (int)names,
			   STR_ARG(item_service(r->plan, it)));
		out_str(o, str_skip(out_view(&text), hang));
	}
}

static void put_missing(struct out *o, const struct proof_report *r, struct arena *a, const struct proof *proof,
			const struct missing_block *b)
{
	const struct missing *missing = b->missing;
	const struct bundle_item *it = missing_flow(missing)->item;
	out_text(o, "  ");
	put_styled(o, r->colour, missing->condition ? STYLE_YELLOW : STYLE_RED, str_of(missing_title(missing)));
	out_printf(o, "  %.*s", STR_ARG(missing_block_ends(a, b)));
	if (b->run == 1)
		out_printf(o, "  %.*s%s%.*s", STR_ARG(protocol_and_ports(a, it)),
			   item_service(r->plan, it).n ? "  " : "", STR_ARG(item_service(r->plan, it)));
	out_text(o, missing->reply ? "  (the reply)\n" : "\n");
	if (b->run > 1)
		put_services(o, r, a, missing, b->run);
	put_line(o, r, 6,
		 str_printf(a, "%s%.*s", b->n > 1 ? "for example " : "", STR_ARG(missing_text(a, proof, missing))));
	put_line(o, r, 6, str_printf(a, "by %.*s", STR_ARG(decided_by(a, &missing->shown))));
	if (b->run == 1)
		put_line(o, r, 6, str_printf(a, "needed: %.*s", STR_ARG(item_needed_for(a, it))));
	put_line(o, r, 6, str_printf(a, "fix: %.*s", STR_ARG(missing_mend(a, proof, missing, b->n))));
}

static void put_all_missing(struct out *o, const struct proof_report *r, struct arena *a, const struct proof *proof)
{
	struct missing_block b;
	for (size_t i = 0; i < proof->n_missing; i += b.n) {
		b = missing_block_first(&proof->missing[i], proof->n_missing - i);
		put_missing(o, r, a, proof, &b);
	}
}

static void put_surplus(struct out *o, const struct proof_report *r, struct arena *a, const struct proof *proof,
			const struct surplus *s)
{
	out_text(o, "  ");
	put_styled(o, r->colour, s->condition ? STYLE_YELLOW : STYLE_RED, str_of(surplus_title(s)));
	for (size_t i = 0; i < s->n_regions; i++) {
		struct str line = region_text(a, &s->regions[i]);
		if (i == 0)
			out_printf(o, "  %.*s\n", STR_ARG(line));
		else
			put_line(o, r, 11, line);
	}
	if (s->more_regions)
		put_line(o, r, 11, STR("and more"));
	put_line(o, r, 6, surplus_text(a, proof, s));
	put_line(o, r, 6, str_printf(a, "by %.*s", STR_ARG(decided_by(a, &s->shown))));
	const struct hand_rule *forbidden = surplus_forbidden(a, r->plan, s);
	if (forbidden)
		put_line(o, r, 6, forbidden_text(a, forbidden));
	put_line(o, r, 6, str_printf(a, "fix: %.*s", STR_ARG(surplus_mend(a, proof, s))));
}

static void put_edits(struct out *o, const struct proof_report *r, struct arena *a, const struct edits *e)
{
	if (e->why_not) {
		put_line(o, r, 2, str_printf(a, "edits: none; %s", e->why_not));
		return;
	}
	if (e->n)
		put_line(o, r, 2, STR("edits (proved: with all of them the rules hold):"));
	for (size_t i = 0; i < e->n; i++)
		put_line(o, r, 4, edit_text(a, &e->v[i]));
}

/* Its lines are as they are pasted. */
static void put_patch(struct out *o, const struct proof_report *r, struct arena *a, const struct proof_patch *patch)
{
	if (patch->why_not) {
		put_line(o, r, 2, str_printf(a, "patch: none; %s", patch->why_not));
		return;
	}
	put_line(o, r, 2, STR("patch (proved: once it is pasted, the rules hold):"));
	out_str(o, patch->apply);
	put_line(o, r, 2, STR("undo of the patch:"));
	out_str(o, patch->undo);
}

static void put_firewall(struct out *o, const struct proof_report *r, const struct proved *p)
{
	static const enum style styles[N_VERDICTS] = {
		[VERDICT_HOLDS] = STYLE_GREEN,
		[VERDICT_FAILS] = STYLE_RED,
		[VERDICT_UNPROVED] = STYLE_YELLOW,
	};
	const struct proof *proof = &p->proof;
	struct arena *a = arena_new();

	put_styled(o, r->colour, STYLE_BOLD, p->name);
	out_text(o, ": ");
	put_styled(o, r->colour, styles[proof->verdict], str_of(verdict_names[proof->verdict]));
	if (proof->n_missing || proof->n_surplus)
		out_printf(o, ": %.*s", STR_ARG(proof_counts(a, proof)));
	out_printf(o, "  (%s, %s: %zu %s; %zu %s)\n", p->path, p->dialect, proof->n_rules,
		   proof->n_rules == 1 ? "rule" : "rules", p->n_required, p->n_required == 1 ? "flow" : "flows");
	if (proof->why_unproved)
		put_line(o, r, 2, str_printf(a, "unproved: %s", proof->why_unproved));
	for (size_t i = 0; i < proof->rules->unknown.n && i < 50; i++) {
		const struct unknown_line *u = &proof->rules->unknown.v[i];
		struct str line =
			u->at.line ? str_printf(a, "%s:%u: %.*s (%s)", p->path, u->at.line, STR_ARG(u->text), u->why)
				   : str_printf(a, "%s: %s", p->path, u->why);
		put_line(o, r, 2, str_printf(a, "not understood: %.*s", STR_ARG(line)));
	}
	if (proof->rules->unknown.n > 50)
		out_printf(o, "  and %zu more lines that were not understood\n", proof->rules->unknown.n - 50);
	for (size_t i = 0; i < proof->rules->assumed.n; i++)
		put_line(o, r, 2, str_printf(a, "assumed: %s", proof->rules->assumed.v[i]));
	put_all_missing(o, r, a, proof);
	if (proof->all_missing > proof->n_missing)
		out_printf(o, "  and %zu more missing\n", proof->all_missing - proof->n_missing);
	for (size_t i = 0; i < proof->n_surplus; i++)
		put_surplus(o, r, a, proof, &proof->surplus[i]);
	if (proof->more_surplus)
		out_text(o, "  and more surplus; --everything shows all\n");
	if (p->edits)
		put_edits(o, r, a, p->edits);
	if (p->patch)
		put_patch(o, r, a, p->patch);
	if (proof->by_rpc_interface) {
		const struct ruleset *rules = proof->rules;
		bool programs = rules->rpc_interfaces.n && interface_is_program(rules->rpc_interfaces.v[0]);
		put_line(o, r, 2,
			 str_printf(a, "note: %zu %s let through by %s, at the ports that the endpoint mapper names",
				    proof->by_rpc_interface, proof->by_rpc_interface == 1 ? "flow is" : "flows are",
				    programs ? "the program of the RPC service" : "RPC interface"));
	}
	for (size_t i = 0; i < p->n_tolerated; i++)
		put_line(o, r, 2, str_printf(a, "tolerated: %.*s", STR_ARG(hand_text(a, p->tolerated[i].row))));
	if (proof->helped)
		put_line(o, r, 2,
			 str_printf(a, "note: %zu %s by the firewall itself, which inspects TFTP or RPC, not by a rule",
				    proof->helped, proof->helped == 1 ? "flow is opened" : "flows are opened"));
	const struct rule *invalid = ruleset_accepts_invalid(proof->rules);
	if (invalid)
		put_line(o, r, 2,
			 str_printf(a,
				    "warning: line %u accepts packets that connection tracking calls invalid "
				    "(accepts-invalid)",
				    invalid->at.line));
	if (ruleset_lacks_icmp_errors(proof->rules))
		put_line(o, r, 2,
			 STR("warning: no rule permits ICMP errors, so packets that are too large for a path are lost "
			     "without a word (no-icmp-errors)"));
	if (proof->accepts_any_ack)
		put_line(o, r, 2,
			 STR("note: TCP packets that are not the first of a conversation pass more widely than any "
			     "reply needs; such a list is stateless"));
	arena_free(a);
}

/* What passes every firewall on its path, and what does not. */
static void put_path(struct out *o, const struct proof_report *r, const struct proved_path *w)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	size_t lost = 0;
	for (size_t i = 0; i < w->n_required; i++)
		lost += w->comparison.loses[i];
	put_styled(o, r->colour, STYLE_BOLD, STR("the whole path"));
	out_printf(o, ": over %zu firewalls%s, %zu of %zu flows pass%s\n", r->n,
		   w->whole ? "" : " (not all of the estate's)", w->n_required - lost, w->n_required,
		   w->comparison.uncertain ? " or may pass" : "");
	for (size_t i = 0; i < w->comparison.n_added; i++) {
		const struct change *c = &w->comparison.added[i];
		for (size_t j = 0; j < c->n_regions; j++) {
			out_text(o, "  ");
			put_styled(o, r->colour, STYLE_RED, STR("surplus"));
			out_printf(o, "  %.*s\n", STR_ARG(region_text(a, &c->regions[j])));
		}
		if (c->more_regions)
			put_line(o, r, 11, STR("and more"));
		put_line(o, r, 6,
			 str_printf(a, "passes every firewall on its path; %.*s by %.*s",
				    STR_ARG(r->v[c->after_filter].name), STR_ARG(decided_by(a, &c->after))));
	}
	if (w->comparison.more_added)
		out_text(o, "  and more surplus; --everything shows all\n");
	if (!w->comparison.n_added)
		out_text(o, "  nothing passes the whole path that is not needed\n");
}

static void write_text(struct out *o, const struct proof_report *r)
{
	for (size_t i = 0; i < r->n; i++)
		put_firewall(o, r, &r->v[i]);
	if (r->path)
		put_path(o, r, r->path);
}

const struct proof_format proof_format_text = {
	.name = "text",
	.title = "plain text",
	.write = write_text,
};
