/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/prove.h"

#include "prove/prover.h"
#include "prove/regions.h"

const char *const verdict_names[N_VERDICTS] = {
	[VERDICT_HOLDS] = "holds",
	[VERDICT_FAILS] = "fails",
	[VERDICT_UNPROVED] = "unproved",
};

enum { REGIONS_OF_A_RULE = 8 };	/* shown of one rule's surplus */

struct flowbox reply_box(const struct flowbox *b, struct port_range client_ports, struct service_term *terms)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n_services; i++) {
		struct service_term t = b->services[i];
		if (protocol_is_icmp(t.protocol_lo)) {
			/* an echo is answered by an echo reply (RFC 792; RFC 4443, 4.2) */
			uint16_t answer = t.protocol_lo == PROTO_ICMP ? 0 : 129;
			uint16_t question = t.protocol_lo == PROTO_ICMP ? 8 : 128;
			if (question < t.port.lo || question > t.port.hi)
				continue;
			t.port = (struct port_range){ answer, answer };
		} else if (protocol_has_ports(t.protocol_lo)) {
			/* to the ports that the request may come from */
			struct port_range server = t.port, from = { MAX(client_ports.lo, t.sport.lo), MIN(client_ports.hi, t.sport.hi) };
			t.port = from.lo <= from.hi ? from : t.sport;
			t.sport = server;
		}
		terms[n++] = t;
	}
	return (struct flowbox){ b->dst, b->src, terms, n };
}

struct flowbox answers_box(const struct required *r, bool from_any_port, struct service_term *terms)
{
	struct flowbox back = reply_box(required_widest(r), ALL_PORTS, terms);
	for (size_t i = 0; i < back.n_services && from_any_port; i++)
		if (protocol_has_ports(terms[i].protocol_lo))
			terms[i].sport = ALL_PORTS;
	return back;
}

/* A base chain that begins with letting every reply through, as most lists with a memory do. */
static bool begins_with_replies(const struct chain *c)
{
	const struct reading reply = { .reply = true };
	for (size_t i = 0; i < c->rules.n; i++) {
		const struct match *m = &c->rules.v[i].match;
		if (!match_counts(m, reply) || m->never || c->rules.v[i].action == ACTION_NEXT)
			continue;
		return c->rules.v[i].action == ACTION_PERMIT && !c->rules.v[i].perhaps && !m->src && !m->dst &&
		       !m->n_services && !m->in.n && !m->out.n;
	}
	return c->fallthrough == ACTION_PERMIT;
}

bool replies_are_free(const struct ruleset *r)
{
	bool all = r->bases.n > 0;
	for (size_t i = 0; i < r->bases.n; i++)
		all &= begins_with_replies(&r->chains.v[r->bases.v[i]]);
	return r->replies == REPLIES_FREE || (r->replies == REPLIES_TRACKED && all);
}

static void add_sets(struct prover *p)
{
	bool by_rules = !replies_are_free(p->rules);
	struct port_range tcp = { PROTO_TCP, PROTO_TCP };
	p->tcp = space_add_ports(p->w.space, DIM_PROTOCOL, &tcp, 1);
	p->boxes = ARENA_ARRAY(p->arena, struct box_id, p->q->n_required);
	p->tolerated = ARENA_ARRAY(p->arena, struct box_id, p->q->n_required);
	p->replies = ARENA_ARRAY(p->arena, struct box_id, p->q->n_required);
	p->back = ARENA_ARRAY(p->arena, struct box_id, p->q->n_required);
	for (size_t i = 0; i < p->q->n_required; i++) {
		const struct required *r = &p->q->required[i];
		struct service_term terms[8];
		assert(r->box.n_services <= ARRAY_LEN(terms));
		p->boxes[i] = space_add_box(p->w.space, &r->box);
		if (r->tolerated.n_services)
			p->tolerated[p->n_tolerated++] = space_add_box(p->w.space, &r->tolerated);
		if (!by_rules)
			continue;
		struct flowbox reply = reply_box(&r->box, r->client_ports, terms);
		p->replies[i] = space_add_box(p->w.space, &reply);
		if (p->rules->replies == REPLIES_TRACKED)
			continue;	/* a list with a memory tells replies from first packets */
		/* what is tolerated on the way back */
		reply = answers_box(r, p->rules->replies == REPLIES_BY_RULE, terms);
		p->back[i] = space_add_box(p->w.space, &reply);
	}
}

static struct shown show(struct prover *p, const uint32_t point[N_DIMS], struct reading reading)
{
	uint32_t chain = UINT32_MAX;
	struct shown s = { .witness = space_packet(p->w.space, point) };
	s.by = compiled_blame(p->code, point, reading, &chain);
	if (chain != UINT32_MAX)
		s.chain = &p->rules->chains.v[chain];
	return s;
}

bool is_helped(const struct prover *p, const struct required *r)
{
	return (r->helper == HELPER_TFTP && p->rules->helps_tftp) || (r->helper == HELPER_RPC && p->rules->helps_rpc);
}

static const char *condition_of(const struct prover *p, const struct shown *s)
{
	const char *why = s->by ? compiled_perhaps(p->code, s->by) : NULL;
	return why ? why : "a rule that is not certain";
}

/* Each required flow that meets what is missing, with a packet of it. */
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
			/* what it hangs on shows in the reading that permits */
			struct reading other = { .upper = true, .reply = reply };
			uint32_t chain;
			const struct rule *by = compiled_blame(p->code, point, other, &chain);
			const char *why = by ? compiled_perhaps(p->code, by) : NULL;
			m->condition = why ? why : condition_of(p, &m->shown);
		}
	}
}

/*
 * What the rule of a point decides, as far as its own chain is concerned.  A rule
 * that is perhaps, or in a called chain, may be blamed for more than that: then all
 * of its match.
 */
static diagram rule_share(struct prover *p, const struct shown *s, const uint32_t point[N_DIMS], struct reading reading)
{
	if (!s->chain)
		return VALUE_PERMIT;
	uint32_t chain = (uint32_t)(s->chain - p->rules->chains.v);
	size_t rule = s->by ? (size_t)(s->by - s->chain->rules.v) : 0;
	diagram share = s->by ? compiled_rule_share(p->code, chain, rule, reading) : compiled_chain_rest(p->code, chain, reading);
	if (diagram_at(p->w.m, share, point) != VALUE_PERMIT && s->by)
		share = compiled_rule_match(p->code, chain, rule);
	return diagram_at(p->w.m, share, point) == VALUE_PERMIT ? share : VALUE_PERMIT;
}

static void find_surplus(struct prover *p, diagram extra, bool conditional)
{
	struct reading reading = { .upper = conditional };
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
		diagram loose = workspace_loosely(&p->w, parts[i].set, diagram_apply(p->w.m, OP_AND, match, p->whole_judged));
		s->regions = regions_of(p->arena, p->w.space, p->w.m, loose, REGIONS_OF_A_RULE,
					&s->n_regions, &s->more_regions);
		if (conditional)
			s->condition = condition_of(p, &s->shown);
	}
}

static void prove_replies(struct prover *p)
{
	struct reading upper = { .upper = true, .reply = true }, lower = { .upper = false, .reply = true };
	if (replies_are_free(p->rules))
		return;
	diagram needed = diagram_apply(p->w.m, OP_AND, workspace_union(&p->w, p->replies, p->q->n_required), p->w.possible);
	diagram may = compiled_permitted(p->code, upper), must = compiled_permitted(p->code, lower);
	diagram lost = diagram_apply(p->w.m, OP_MINUS, needed, may);
	find_missing(p, p->replies, lost, false, true);
	diagram doubtful = diagram_apply(p->w.m, OP_MINUS, diagram_apply(p->w.m, OP_AND, needed, may), must);
	find_missing(p, p->replies, doubtful, true, true);
	if (p->rules->replies == REPLIES_BY_FLAG) {
		diagram back = workspace_union(&p->w, p->back, p->q->n_required);
		diagram any = diagram_apply(p->w.m, OP_AND, must, p->universe);
		uint32_t point[N_DIMS];
		p->proof.accepts_any_ack = workspace_find(&p->w, diagram_apply(p->w.m, OP_MINUS, any, back), point);
		if (p->proof.accepts_any_ack)
			p->proof.any_ack = space_packet(p->w.space, point);
	}
}

/* Replies that a list without a memory cannot tell from first packets are no surplus. */
static diagram without_replies(struct prover *p, diagram extra)
{
	if (p->rules->replies != REPLIES_BY_FLAG && p->rules->replies != REPLIES_BY_RULE)
		return extra;
	diagram back = workspace_union(&p->w, p->back, p->q->n_required);
	if (p->rules->replies == REPLIES_BY_FLAG) {
		/* TCP has a flag for it */
		diagram tcp = diagram_split(p->w.m, DIM_PROTOCOL, space_spans(p->w.space, DIM_PROTOCOL, p->tcp),
					    VALUE_PERMIT, VALUE_NONE);
		back = diagram_apply(p->w.m, OP_MINUS, back, tcp);
	}
	return diagram_apply(p->w.m, OP_MINUS, extra, back);
}

int missing_cmp(const void *x, const void *y)
{
	const struct missing *a = x, *b = y;
	int c = CMP(a->reply, b->reply);
	c = c ? c : CMP(a->condition != NULL, b->condition != NULL);
	return c ? c : CMP((uintptr_t)a->required, (uintptr_t)b->required);
}

int surplus_cmp(const void *x, const void *y)
{
	const struct surplus *a = x, *b = y;
	int c = CMP(a->condition != NULL, b->condition != NULL);
	c = c ? c : CMP(a->shown.by == NULL, b->shown.by == NULL);
	/* chains stand in one array; where the rules of each are is memory's affair, and no order */
	c = c ? c : CMP((uintptr_t)a->shown.chain, (uintptr_t)b->shown.chain);
	return c ? c : CMP((uintptr_t)a->shown.by, (uintptr_t)b->shown.by);
}

void proof_judge(struct proof *proof)
{
	bool certain = false, doubtful = proof->more_surplus;
	for (size_t i = 0; i < proof->n_missing; i++) {
		certain |= !proof->missing[i].condition;
		doubtful |= proof->missing[i].condition != NULL;
	}
	for (size_t i = 0; i < proof->n_surplus; i++) {
		certain |= !proof->surplus[i].condition;
		doubtful |= proof->surplus[i].condition != NULL;
	}
	proof->why_unproved = NULL;
	if (proof->rules->unknown.n)
		proof->why_unproved = "there are lines that were not understood";
	else if (!proof->rules->bases.n)
		proof->why_unproved = "no rule list was found";
	else if (!certain && doubtful)
		proof->why_unproved = "it hangs on rules whose match is not certain";
	proof->verdict = proof->why_unproved ? VERDICT_UNPROVED : certain ? VERDICT_FAILS : VERDICT_HOLDS;
}

void proof_give_up(struct proof *proof)
{
	proof->undecided = true;
	proof->why_unproved = "the rules overlap so much that neither engine came to an end";
	proof->verdict = VERDICT_UNPROVED;
}

static bool by_diagrams(struct prover *p, size_t runs)
{
	struct reading upper = { .upper = true }, lower = { .upper = false };

	diagrams_limit(p->w.m, runs);
	compile_make(p->code, p->w.m);
	diagram needed = diagram_apply(p->w.m, OP_AND, workspace_union(&p->w, p->boxes, p->q->n_required), p->w.possible);
	/* what is required is judged, whatever the zones say */
	p->whole_judged = workspace_union(&p->w, p->judged, p->q->n_judged);
	p->universe = diagram_apply(p->w.m, OP_AND, p->w.possible, p->whole_judged);
	p->universe = diagram_apply(p->w.m, OP_OR, p->universe, needed);
	diagram may = diagram_apply(p->w.m, OP_AND, compiled_permitted(p->code, upper), p->universe);
	diagram must = diagram_apply(p->w.m, OP_AND, compiled_permitted(p->code, lower), p->universe);

	find_missing(p, p->boxes, diagram_apply(p->w.m, OP_MINUS, needed, may), false, false);
	find_missing(p, p->boxes, diagram_apply(p->w.m, OP_MINUS, diagram_apply(p->w.m, OP_AND, needed, may), must), true,
		     false);
	prove_replies(p);
	diagram allowed = diagram_apply(p->w.m, OP_OR, needed, workspace_union(&p->w, p->tolerated, p->n_tolerated));
	diagram extra = without_replies(p, diagram_apply(p->w.m, OP_MINUS, must, allowed));
	diagram perhaps = without_replies(p, diagram_apply(p->w.m, OP_MINUS, may, allowed));
	find_surplus(p, extra, false);
	find_surplus(p, diagram_apply(p->w.m, OP_MINUS, perhaps, must), true);
	return !diagrams_exhausted(p->w.m);
}

/* Asks one engine; what it needs is forgotten behind it.  runs: of diagrams; 0: any.  False when it could not answer. */
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
	return engine == ENGINE_SWEEP ? prove_by_sweep(p, effort_steps(e)) : by_diagrams(p, runs);
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
		answered = ask(p, &usual, ENGINE_DIAGRAMS, effort_first_runs(&usual, p->proof.n_rules + q->n_required)) ||
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

struct proof prove(struct arena *a, const struct ruleset *r, const struct proof_question *q)
{
	return (r->rpc_named ? prove_by_rpc : prove_packets)(a, r, q);
}
