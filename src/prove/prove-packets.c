/* SPDX-License-Identifier: Apache-2.0 */
/* A question in its workspace, and the engines in their order (prove/engine.h). */
#include "prove/prover.h"

/* The replies that may pass where a list cannot distinguish them from first packets. */
static void add_back(struct prover *p, const struct required *r)
{
	if (p->rules->replies == REPLIES_TRACKED)
		return; /* a stateful list distinguishes them */
	struct service_term *terms = ARENA_ARRAY(p->arena, struct service_term, required_widest(r)->n_services);
	struct flowbox reply = answers_box(r, p->rules->replies == REPLIES_BY_RULE, terms);
	p->back[p->n_back++] = space_add_box(p->w.space, &reply);
}

static void add_sets(struct prover *p)
{
	bool by_rules = !replies_are_free(p->rules);
	p->n_invalid = 0;
	if (ruleset_tells_invalid(p->rules)) {
		p->invalid = ARENA_ARRAY(p->arena, struct box_id, p->q->n_judged);
		for (size_t i = 0; i < p->q->n_judged; i++) {
			struct flowbox b = invalid_box(p->arena, &p->q->judged[i]);
			if (b.n_services)
				p->invalid[p->n_invalid++] = space_add_box(p->w.space, &b);
		}
	}
	struct port_range tcp = { PROTO_TCP, PROTO_TCP };
	p->tcp = space_add_ports(p->w.space, DIM_PROTOCOL, &tcp, 1);
	p->boxes = ARENA_ARRAY(p->arena, struct box_id, p->q->n_required);
	p->tolerated = ARENA_ARRAY(p->arena, struct box_id, p->q->n_required + p->q->n_tolerated);
	p->replies = ARENA_ARRAY(p->arena, struct box_id, p->q->n_required);
	p->back = ARENA_ARRAY(p->arena, struct box_id, p->q->n_required + p->q->n_tolerated);
	p->n_back = 0;
	for (size_t i = 0; i < p->q->n_required; i++) {
		const struct required *r = &p->q->required[i];
		p->boxes[i] = space_add_box(p->w.space, &r->box);
		if (r->tolerated.n_services)
			p->tolerated[p->n_tolerated++] = space_add_box(p->w.space, &r->tolerated);
		if (!by_rules)
			continue;
		struct service_term *terms =
			ARENA_ARRAY(p->arena, struct service_term, MAX(r->box.n_services, r->tolerated.n_services));
		struct flowbox reply = reply_box(r->arrives.n_services ? &r->arrives : &r->box, r->client_ports, terms);
		p->replies[i] = space_add_box(p->w.space, &reply);
		add_back(p, r);
	}
	for (size_t i = 0; i < p->q->n_tolerated; i++) {
		p->tolerated[p->n_tolerated++] = space_add_box(p->w.space, &p->q->tolerated[i]);
		if (by_rules)
			add_back(p, &(struct required){ .box = p->q->tolerated[i] });
	}
}

/*
 * Runs one engine; its memory is freed afterwards.  runs: of diagrams; 0: any.  False when
 * it could not finish.
 */
static bool ask(struct prover *p, const struct effort *e, enum engine engine, size_t runs)
{
	CLEANUP(arena_freep) struct arena *own = arena_new();
	p->missing.n = p->surplus.n = p->n_tolerated = 0;
	p->proof.all_missing = p->proof.helped = 0;
	p->helped = ARENA_ARRAY(own, bool, p->q->n_required);
	p->proof.more_surplus = p->proof.accepts_any_ack = false;
	p->proof.engine = engine;
	workspace_begin(&p->w, own);
	p->judged = workspace_add(&p->w, p->q->judged, p->q->n_judged);
	add_sets(p);
	p->code = compile_add(own, p->w.space, p->rules, p->q->map);
	workspace_freeze(&p->w, engine == ENGINE_SWEEP ? NULL : p->code);
	return engine == ENGINE_SWEEP ? prove_by_sweep(p, effort_steps(e)) : prove_by_diagrams(p, runs);
}

struct proof prove_packets(struct arena *a, const struct ruleset *r, const struct proof_question *q)
{
	struct prover *p = ARENA_NEW(a, struct prover);

	*p = (struct prover){
		.arena = a,
		.rules = r,
		.q = q,
		.most = q->most ? q->most : SIZE_MAX,
		.proof = { .rules = r, .n_rules = ruleset_size(r) },
	};
	bool answered;
	const struct effort usual = { 0 };
	size_t most = effort_most_runs(&usual);
	if (q->engine == ENGINE_AUTO)
		answered =
			ask(p, &usual, ENGINE_DIAGRAMS, effort_first_runs(&usual, p->proof.n_rules + q->n_required)) ||
			ask(p, &usual, ENGINE_SWEEP, 0) || ask(p, &usual, ENGINE_DIAGRAMS, most);
	else if (q->engine == ENGINE_SWEEP)
		answered = ask(p, &usual, ENGINE_SWEEP, 0) || ask(p, &usual, ENGINE_DIAGRAMS, most);
	else
		answered = ask(p, &usual, ENGINE_DIAGRAMS, 0);
	sort_items(p->surplus.v, p->surplus.n, sizeof *p->surplus.v, surplus_cmp);
	p->proof.missing = p->missing.v;
	p->proof.n_missing = p->missing.n;
	p->proof.surplus = p->surplus.v;
	p->proof.n_surplus = p->surplus.n;
	proof_judge(&p->proof);
	if (!answered)
		proof_give_up(&p->proof);
	return p->proof;
}
