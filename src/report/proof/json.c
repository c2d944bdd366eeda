/* SPDX-License-Identifier: Apache-2.0 */
/* portolan.proof/1. */
#include "doc/json.h"
#include "report/packets.h"
#include "report/plan/reasons.h"
#include "report/proof/format.h"
#include "report/proof/words.h"

static void put_missing(struct json *j, struct arena *a, const struct proof *p, const struct missing *m)
{
	char id[FLOW_ID];
	const struct flow *f = m->required->what;
	json_object(j);
	json_put_text(j, "flow", flow_id(f, id));
	json_put_str(j, "from", f->from->name);
	json_put_str(j, "to", f->to->name);
	if (m->reply)
		json_put_bool(j, "reply", true);
	json_witness(j, &m->shown.witness);
	json_translated(j, p->rules, m->shown.chain, &m->shown.witness);
	json_interface(j, m->rpc_interface);
	json_decided(j, &m->shown);
	if (m->condition)
		json_put_text(j, "condition", m->condition);
	json_put_str(j, "mend", missing_mend(a, p, m, 1));
	json_end(j);
}

static void put_surplus(struct json *j, struct arena *a, const struct plan *plan, const struct proof *p,
			const struct surplus *s)
{
	const struct hand_rule *forbidden = surplus_forbidden(a, plan, s);
	json_object(j);
	json_key(j, "box");
	json_region(j, a, &s->regions[0]);
	if (s->n_regions > 1) {
		json_key(j, "more-boxes");
		json_list(j);
		for (size_t i = 1; i < s->n_regions; i++)
			json_region(j, a, &s->regions[i]);
		json_end(j);
	}
	if (s->more_regions)
		json_put_bool(j, "further-boxes", true);
	json_witness(j, &s->shown.witness);
	json_translated(j, p->rules, s->shown.chain, &s->shown.witness);
	json_interface(j, s->rpc_interface);
	json_decided(j, &s->shown);
	if (s->condition)
		json_put_text(j, "condition", s->condition);
	if (s->invalid)
		json_put_bool(j, "invalid", true);
	if (forbidden) {
		json_key(j, "forbidden");
		json_object(j);
		json_put_str(j, "why", forbidden->why.s);
		json_put_text(j, "file", forbidden->at.source->name);
		json_put_u64(j, "line", forbidden->at.line);
		json_end(j);
	}
	json_put_str(j, "mend", surplus_mend(a, p, s));
	json_end(j);
}

static void put_unknown(struct json *j, const struct proved *p)
{
	const struct ruleset *r = p->proof.rules;
	json_key(j, "unknown");
	json_list(j);
	for (size_t i = 0; i < r->unknown.n; i++) {
		const struct unknown_line *u = &r->unknown.v[i];
		json_object(j);
		if (u->at.source)
			json_put_text(j, "file", u->at.source->name);
		if (u->at.line)
			json_put_u64(j, "line", u->at.line);
		json_put_str(j, "text", u->text);
		json_put_text(j, "why", u->why);
		json_end(j);
	}
	if (p->unjudged) {
		json_object(j);
		json_put_text(j, "why", p->proof.why_unproved);
		json_end(j);
	}
	json_end(j);
}

static void put_assumed(struct json *j, const struct ruleset *r)
{
	if (!r->assumed.n)
		return;
	json_key(j, "assumed");
	json_list(j);
	for (size_t i = 0; i < r->assumed.n; i++)
		json_str(j, str_of(r->assumed.v[i]));
	json_end(j);
}

static void put_edits(struct json *j, struct arena *a, const struct edits *e)
{
	json_key(j, "edits");
	json_object(j);
	json_put_bool(j, "proved", e->proved);
	if (e->why_not)
		json_put_text(j, "why-not", e->why_not);
	json_key(j, "edits");
	json_list_lines(j);
	for (size_t i = 0; i < e->n; i++)
		json_str(j, edit_text(a, &e->v[i]));
	json_end(j);
	json_end(j);
}

static void put_patch(struct json *j, const struct proof_patch *patch)
{
	json_key(j, "patch");
	json_object(j);
	json_put_bool(j, "proved", !patch->why_not);
	if (patch->why_not) {
		json_put_text(j, "why-not", patch->why_not);
	} else {
		json_put_str(j, "apply", patch->apply);
		json_put_str(j, "undo", patch->undo);
	}
	json_end(j);
}

static void put_firewall(struct json *j, const struct plan *plan, const struct proved *p)
{
	struct arena *a = arena_new();
	json_object_lines(j);
	json_put_str(j, "name", p->name);
	json_put_text(j, "dialect", p->dialect);
	json_put_text(j, "config", p->path);
	json_put_text(j, "verdict", verdict_names[p->proof.verdict]);
	json_put_u64(j, "rules", p->proof.n_rules);
	json_put_u64(j, "flows", p->n_required);
	if (p->proof.why_unproved)
		json_put_text(j, "why-unproved", p->proof.why_unproved);
	json_key(j, "missing");
	json_list_lines(j);
	for (size_t i = 0; i < p->proof.n_missing; i++)
		put_missing(j, a, &p->proof, &p->proof.missing[i]);
	json_end(j);
	if (p->proof.all_missing > p->proof.n_missing)
		json_put_u64(j, "all-missing", p->proof.all_missing);
	json_key(j, "surplus");
	json_list_lines(j);
	for (size_t i = 0; i < p->proof.n_surplus; i++)
		put_surplus(j, a, plan, &p->proof, &p->proof.surplus[i]);
	json_end(j);
	if (p->proof.more_surplus)
		json_put_bool(j, "more-surplus", true);
	if (p->n_tolerated) {
		json_key(j, "tolerated");
		json_list_lines(j);
		for (size_t i = 0; i < p->n_tolerated; i++)
			hand_json(j, p->tolerated[i].row);
		json_end(j);
	}
	if (p->proof.by_rpc_interface)
		json_put_u64(j, "by-rpc-interface", p->proof.by_rpc_interface);
	if (p->proof.helped)
		json_put_u64(j, "helped", p->proof.helped);
	if (p->proof.accepts_any_ack)
		json_put_bool(j, "accepts-any-ack", true);
	if (ruleset_accepts_invalid(p->proof.rules))
		json_put_bool(j, "accepts-invalid", true);
	if (ruleset_lacks_icmp_errors(p->proof.rules))
		json_put_bool(j, "no-icmp-errors", true);
	if (p->edits)
		put_edits(j, a, p->edits);
	if (p->patch)
		put_patch(j, p->patch);
	put_unknown(j, p);
	put_assumed(j, p->proof.rules);
	json_end(j);
	arena_free(a);
}

static void put_path(struct json *j, const struct proof_report *r, const struct proved_path *w)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	char id[FLOW_ID];
	json_key(j, "whole-way");
	json_object_lines(j);
	json_put_bool(j, "all-firewalls", w->whole);
	json_put_bool(j, "certain", !w->comparison.uncertain);
	json_put_u64(j, "flows", w->n_required);
	json_key(j, "missing");
	json_list_lines(j);
	for (size_t i = 0; i < w->n_required; i++)
		if (w->comparison.loses[i])
			json_text(j, flow_id(w->required[i].what, id));
	json_end(j);
	json_key(j, "surplus");
	json_list_lines(j);
	for (size_t i = 0; i < w->comparison.n_added; i++) {
		const struct change *c = &w->comparison.added[i];
		json_object(j);
		json_key(j, "boxes");
		json_list(j);
		for (size_t region = 0; region < c->n_regions; region++)
			json_region(j, a, &c->regions[region]);
		json_end(j);
		if (c->more_regions)
			json_put_bool(j, "further-boxes", true);
		json_witness(j, &c->after.witness);
		json_put_str(j, "firewall", r->v[c->after_filter].name);
		json_decided(j, &c->after);
		json_end(j);
	}
	json_end(j);
	if (w->comparison.more_added)
		json_put_bool(j, "more-surplus", true);
	json_end(j);
}

static void write_json(struct out *o, const struct proof_report *r)
{
	struct json j = json_to(o);
	json_object_lines(&j);
	json_put_text(&j, "format", "portolan.proof/1");
	json_put_text(&j, "verdict", verdict_names[r->verdict]);
	json_key(&j, "firewalls");
	json_list(&j);
	for (size_t i = 0; i < r->n; i++)
		put_firewall(&j, r->plan, &r->v[i]);
	json_end(&j);
	if (r->path)
		put_path(&j, r, r->path);
	json_end(&j);
	out_char(o, '\n');
}

const struct proof_format proof_format_json = {
	.name = "json",
	.title = "JSON, portolan.proof/1",
	.write = write_json,
};
