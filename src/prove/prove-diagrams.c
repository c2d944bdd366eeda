/* SPDX-License-Identifier: Apache-2.0 */
/* The prover's questions, asked of diagrams. */
#include "prove/prover.h"
#include "prove/regions.h"

enum { REGIONS_OF_A_RULE = 8 }; /* shown of one rule's surplus */

static struct shown show(struct prover *p, const uint32_t point[N_DIMS], struct reading reading)
{
	uint32_t chain = UINT32_MAX;
	struct shown s = { .witness = space_packet(p->w.space, point) };
	s.by = compiled_blame(p->code, point, reading, &chain);
	if (chain != UINT32_MAX)
		s.chain = &p->rules->chains.v[chain];
	return s;
}

/* What a shown packet depends on: the rule that decides it, or one before that may return. */
static const char *condition_of(const struct prover *p, const struct shown *s, struct reading reading)
{
	const char *why = s->by ? compiled_perhaps(p->code, s->by) : NULL;
	const struct rule *doubt = why ? NULL : ruleset_may_return(p->rules, &s->witness, p->q->map, reading);
	if (doubt)
		why = compiled_perhaps(p->code, doubt);
	return why ? why : "an uncertain rule";
}

/* Each required flow that overlaps what is missing, with a packet of it. */
static void find_missing(struct prover *p, const struct box_id *ids, diagram lost, bool conditional, bool reply)
{
	struct reading reading = { .upper = !conditional, .reply = reply };
	if (lost == VALUE_NONE)
		return;
	for (size_t i = 0; i < p->q->n_required; i++) {
		uint32_t point[N_DIMS];
		const struct required *r = &p->q->required[i];
		diagram own = diagram_apply(p->w.m, OP_AND, lost, space_box(p->w.space, p->w.m, &ids[i], VALUE_PERMIT));
		if (!workspace_find(&p->w, own, point))
			continue;
		if (is_helped(p, r)) {
			p->proof.helped += !reply && !p->helped[i];
			p->helped[i] |= !reply;
			continue;
		}
		p->proof.all_missing++;
		if (p->missing.n >= p->most)
			continue;
		struct missing *m = VEC_ADD(p->arena, &p->missing);
		*m = (struct missing){ .required = r, .reply = reply, .shown = show(p, point, reading) };
		if (conditional) {
			/* what it depends on shows in the reading that permits */
			struct reading other = { .upper = true, .reply = reply };
			uint32_t chain;
			const struct rule *by = compiled_blame(p->code, point, other, &chain);
			const char *why = by ? compiled_perhaps(p->code, by) : NULL;
			m->condition = why ? why : condition_of(p, &m->shown, other);
		}
	}
}

/*
 * What the rule of a point decides within its own chain.  An uncertain rule, or one
 * in a called chain, may be responsible for more than that: then all of its match.
 */
static diagram rule_share(struct prover *p, const struct shown *s, const uint32_t point[N_DIMS], struct reading reading)
{
	if (!s->chain)
		return VALUE_PERMIT;
	uint32_t chain = (uint32_t)(s->chain - p->rules->chains.v);
	size_t rule = s->by ? (size_t)(s->by - s->chain->rules.v) : 0;
	diagram share = s->by ? compiled_rule_share(p->code, chain, rule, reading)
			      : compiled_chain_rest(p->code, chain, reading);
	if (diagram_at(p->w.m, share, point) != VALUE_PERMIT && s->by)
		share = compiled_rule_match(p->code, chain, rule);
	return diagram_at(p->w.m, share, point) == VALUE_PERMIT ? share : VALUE_PERMIT;
}

static void find_surplus(struct prover *p, diagram extra, bool conditional, bool invalid, diagram judged)
{
	struct reading reading = { .upper = conditional, .invalid = invalid };
	size_t n, room = p->most - MIN(p->most, p->surplus.n);
	bool more;
	const struct decided *parts = compiled_split(p->code, extra, reading, room, &n, &more);
	p->proof.more_surplus |= more;
	for (size_t i = 0; i < n; i++) {
		uint32_t point[N_DIMS];
		if (!workspace_find(&p->w, parts[i].set, point))
			continue;
		struct surplus *s = VEC_ADD(p->arena, &p->surplus);
		*s = (struct surplus){
			.shown = { space_packet(p->w.space, point), parts[i].by, &p->rules->chains.v[parts[i].chain] },
		};
		diagram match = rule_share(p, &s->shown, point, reading);
		diagram loose = workspace_loosely(&p->w, parts[i].set, diagram_apply(p->w.m, OP_AND, match, judged));
		s->regions = regions_of(p->arena, p->w.space, p->w.m, loose, REGIONS_OF_A_RULE, &s->n_regions,
					&s->more_regions);
		s->invalid = invalid;
		if (conditional)
			s->condition = condition_of(p, &s->shown, reading);
	}
}

/* Invalid packets that pass where no first packet does, and outside of what is needed. */
static void prove_invalid(struct prover *p, diagram allowed)
{
	struct reading upper = { .upper = true, .invalid = true }, lower = { .invalid = true };
	if (!p->n_invalid)
		return;
	diagram judged = workspace_union(&p->w, p->invalid, p->n_invalid);
	diagram asked = diagram_apply(p->w.m, OP_MINUS, diagram_apply(p->w.m, OP_AND, p->w.possible, judged), allowed);
	diagram may = diagram_apply(p->w.m, OP_AND, compiled_permitted(p->code, upper), asked);
	diagram must = diagram_apply(p->w.m, OP_AND, compiled_permitted(p->code, lower), asked);
	diagram opened = compiled_permitted(p->code, (struct reading){ .upper = true });
	diagram certainly = compiled_permitted(p->code, (struct reading){ 0 });
	find_surplus(p, diagram_apply(p->w.m, OP_MINUS, must, certainly), false, true, judged);
	diagram doubtful = diagram_apply(p->w.m, OP_MINUS, diagram_apply(p->w.m, OP_MINUS, may, must), opened);
	find_surplus(p, doubtful, true, true, judged);
}

static void prove_replies(struct prover *p)
{
	struct reading upper = { .upper = true, .reply = true }, lower = { .upper = false, .reply = true };
	if (replies_are_free(p->rules))
		return;
	diagram needed =
		diagram_apply(p->w.m, OP_AND, workspace_union(&p->w, p->replies, p->q->n_required), p->w.possible);
	diagram may = compiled_permitted(p->code, upper), must = compiled_permitted(p->code, lower);
	diagram lost = diagram_apply(p->w.m, OP_MINUS, needed, may);
	find_missing(p, p->replies, lost, false, true);
	diagram doubtful = diagram_apply(p->w.m, OP_MINUS, diagram_apply(p->w.m, OP_AND, needed, may), must);
	find_missing(p, p->replies, doubtful, true, true);
	if (p->rules->replies == REPLIES_BY_FLAG) {
		diagram back = workspace_union(&p->w, p->back, p->n_back);
		diagram any = diagram_apply(p->w.m, OP_AND, must, p->universe);
		uint32_t point[N_DIMS];
		p->proof.accepts_any_ack = workspace_find(&p->w, diagram_apply(p->w.m, OP_MINUS, any, back), point);
		if (p->proof.accepts_any_ack)
			p->proof.any_ack = space_packet(p->w.space, point);
	}
}

/* Replies that a stateless list cannot distinguish from first packets are not surplus. */
static diagram without_replies(struct prover *p, diagram extra)
{
	if (p->rules->replies != REPLIES_BY_FLAG && p->rules->replies != REPLIES_BY_RULE)
		return extra;
	diagram back = workspace_union(&p->w, p->back, p->n_back);
	if (p->rules->replies == REPLIES_BY_FLAG) {
		/* TCP has a flag for it */
		diagram tcp = diagram_split(p->w.m, DIM_PROTOCOL, space_spans(p->w.space, DIM_PROTOCOL, p->tcp),
					    VALUE_PERMIT, VALUE_NONE);
		back = diagram_apply(p->w.m, OP_MINUS, back, tcp);
	}
	return diagram_apply(p->w.m, OP_MINUS, extra, back);
}

bool prove_by_diagrams(struct prover *p, size_t runs)
{
	struct reading upper = { .upper = true }, lower = { .upper = false };

	diagrams_limit(p->w.m, runs);
	compile_make(p->code, p->w.m);
	diagram needed =
		diagram_apply(p->w.m, OP_AND, workspace_union(&p->w, p->boxes, p->q->n_required), p->w.possible);
	/* what is required is judged, whatever the zones */
	p->whole_judged = workspace_union(&p->w, p->judged, p->q->n_judged);
	p->universe = diagram_apply(p->w.m, OP_AND, p->w.possible, p->whole_judged);
	p->universe = diagram_apply(p->w.m, OP_OR, p->universe, needed);
	diagram may = diagram_apply(p->w.m, OP_AND, compiled_permitted(p->code, upper), p->universe);
	diagram must = diagram_apply(p->w.m, OP_AND, compiled_permitted(p->code, lower), p->universe);

	find_missing(p, p->boxes, diagram_apply(p->w.m, OP_MINUS, needed, may), false, false);
	find_missing(p, p->boxes, diagram_apply(p->w.m, OP_MINUS, diagram_apply(p->w.m, OP_AND, needed, may), must),
		     true, false);
	prove_replies(p);
	diagram allowed = diagram_apply(p->w.m, OP_OR, needed, workspace_union(&p->w, p->tolerated, p->n_tolerated));
	diagram extra = without_replies(p, diagram_apply(p->w.m, OP_MINUS, must, allowed));
	diagram perhaps = without_replies(p, diagram_apply(p->w.m, OP_MINUS, may, allowed));
	find_surplus(p, extra, false, false, p->whole_judged);
	find_surplus(p, diagram_apply(p->w.m, OP_MINUS, perhaps, must), true, false, p->whole_judged);
	prove_invalid(p, allowed);
	return !diagrams_exhausted(p->w.m);
}
