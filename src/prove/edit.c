/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One base chain of rules that permit or deny is edited; what stands in called
 * chains is left alone.  Missing flows that one rule stops are let through by one
 * rule before it.  A rule all of whose share is surplus goes; another gets rules
 * that refuse its surplus in front of it.
 */
#include "prove/edit.h"

#include "base/vec.h"

enum {
	MOST_EDITS = 200,
	LONG_LIST = 5000,
	MOST_TRIES_OF_LONG_LISTS = 8,
};

struct editor {
	struct arena *arena;
	const struct proof *proof;
	const struct chain *chain;
	VEC(struct edit) edits;
};

static const char *cannot(const struct proof *k)
{
	const struct ruleset *r = k->rules;
	if (k->verdict == VERDICT_UNPROVED)
		return "what is not proved cannot be mended";
	if (r->bases.n != 1)
		return "several rule lists judge a packet here; edits are for one";
	if (k->all_missing > k->n_missing || k->more_surplus)
		return "not every difference was worked out";
	for (size_t i = 0; i < k->n_missing; i++)
		if (k->missing[i].reply || k->missing[i].shown.chain != &r->chains.v[r->bases.v[0]])
			return "a flow is stopped in a called chain or on its way back";
	for (size_t i = 0; i < k->n_surplus; i++) {
		if (k->surplus[i].shown.chain != &r->chains.v[r->bases.v[0]])
			return "a called chain lets too much through";
		if (k->surplus[i].more_regions)
			return "what is too much is too intricate for edits";
	}
	return NULL;
}

static size_t place_of(const struct editor *e, const struct rule *r)
{
	return r ? (size_t)(r - e->chain->rules.v) : e->chain->rules.n;
}

/* A rule behind the one that stops the flow, which permits all of it: that one could move. */
static const struct rule *too_late(const struct editor *e, const struct missing *m)
{
	const struct flowbox *b = &m->required->box;
	for (size_t i = place_of(e, m->shown.by) + 1; i < e->chain->rules.n; i++) {
		const struct rule *r = &e->chain->rules.v[i];
		bool all = true;
		if (r->action != ACTION_PERMIT || r->perhaps || r->match.never || r->match.in.n || r->match.out.n ||
		    r->match.conversation == CONVERSATION_ESTABLISHED || (r->match.src && !addrset_within(b->src, *r->match.src)) ||
		    (r->match.dst && !addrset_within(b->dst, *r->match.dst)))
			continue;
		for (size_t k = 0; k < b->n_services && r->match.n_services; k++) {
			bool held = false;
			for (size_t s = 0; s < r->match.n_services; s++) {
				const struct service_term *t = &r->match.services[s], *u = &b->services[k];
				held |= t->protocol_lo <= u->protocol_lo && u->protocol_hi <= t->protocol_hi &&
					t->port.lo <= u->port.lo && u->port.hi <= t->port.hi && t->sport.lo <= u->sport.lo &&
					u->sport.hi <= t->sport.hi;
			}
			all &= held;
		}
		/* only a rule about exactly this: moving a wide one would open more */
		if (all && r->match.src && r->match.dst && addrset_equal(*r->match.src, b->src) && addrset_equal(*r->match.dst, b->dst))
			return r;
	}
	return NULL;
}

static void let_through(struct editor *e, const struct missing *m)
{
	const struct rule *late = m->shown.by ? too_late(e, m) : NULL;
	for (size_t i = 0; late && i < e->edits.n; i++)
		if (e->edits.v[i].kind == EDIT_MOVE && e->edits.v[i].rule == late)
			return;
	*VEC_ADD(e->arena, &e->edits) = (struct edit){
		.kind = late ? EDIT_MOVE : EDIT_INSERT,
		.at = m->shown.by,
		.rule = late,
		.boxes = &m->required->box,
		.n_boxes = 1,
		.required = m->required,
	};
}

static struct flowbox box_of(struct arena *a, const struct region *r)
{
	VEC(struct service_term) terms = { 0 };
	for (size_t p = 0; p < r->protocols.n; p++)
		for (size_t i = 0; i < r->ports.n; i++)
			for (size_t k = 0; k < r->sports.n; k++)
				*VEC_ADD(a, &terms) = (struct service_term){ (uint8_t)r->protocols.v[p].lo, (uint8_t)r->protocols.v[p].hi,
									     r->sports.v[k], r->ports.v[i] };
	return (struct flowbox){ r->src, r->dst, terms.v, terms.n };
}

static void stop(struct editor *e, const struct surplus *s)
{
	struct flowbox *boxes = ARENA_ARRAY(e->arena, struct flowbox, s->n_regions);
	for (size_t i = 0; i < s->n_regions; i++)
		boxes[i] = box_of(e->arena, &s->regions[i]);
	*VEC_ADD(e->arena, &e->edits) = (struct edit){
		.kind = EDIT_NARROW,
		.at = s->shown.by,
		.boxes = boxes,
		.n_boxes = s->n_regions,
	};
}

static int edit_cmp(const void *x, const void *y)
{
	const struct edit *a = x, *b = y;
	int c = CMP(a->at == NULL, b->at == NULL);
	c = c ? c : CMP((uintptr_t)a->at, (uintptr_t)b->at);
	/* what is refused stands before what is let through there only if both are needed: they do not meet */
	return c ? c : CMP(a->kind, b->kind);
}

static void put_match(struct arena *a, struct rule *r, const struct flowbox *b)
{
	struct addrset *src = ARENA_NEW(a, struct addrset), *dst = ARENA_NEW(a, struct addrset);
	*src = b->src;
	*dst = b->dst;
	r->match = (struct match){ .src = src, .dst = dst, .services = b->services, .n_services = b->n_services };
}

static bool is_gone(const struct edit *v, size_t n, const struct rule *r)
{
	for (size_t i = 0; i < n; i++)
		if ((v[i].kind == EDIT_DELETE || v[i].kind == EDIT_MOVE) && v[i].rule == r)
			return true;
	return false;
}

/* The rule set with the edits made. */
static const struct ruleset *edited(struct editor *e)
{
	struct ruleset *r = ARENA_NEW(e->arena, struct ruleset);
	size_t base = e->proof->rules->bases.v[0], n = e->edits.n, next = 0;
	*r = *e->proof->rules;
	struct chain *chains = ARENA_ARRAY(e->arena, struct chain, r->chains.n);
	memcpy(chains, r->chains.v, r->chains.n * sizeof *chains);
	r->chains.v = chains;
	struct chain *c = &chains[base];
	c->rules.v = NULL;
	c->rules.n = c->rules.room = 0;
	for (size_t i = 0; i <= e->chain->rules.n; i++) {
		const struct rule *old = i < e->chain->rules.n ? &e->chain->rules.v[i] : NULL;
		for (; next < n && e->edits.v[next].at == old; next++) {
			const struct edit *x = &e->edits.v[next];
			if (x->kind == EDIT_DELETE)
				continue;
			if (x->kind == EDIT_MOVE) {
				*VEC_ADD(e->arena, &c->rules) = *x->rule;
				continue;
			}
			for (size_t k = 0; k < x->n_boxes; k++) {
				struct rule *made = VEC_ADD(e->arena, &c->rules);
				*made = (struct rule){ .action = x->kind == EDIT_INSERT ? ACTION_PERMIT : ACTION_DENY };
				put_match(e->arena, made, &x->boxes[k]);
			}
		}
		if (old && !is_gone(e->edits.v, n, old))
			*VEC_ADD(e->arena, &c->rules) = *old;
	}
	return r;
}

static bool mends(struct editor *e, const struct interface_map *map, const struct required *required, size_t n_required,
		  const struct flowbox *judged, size_t n_judged)
{
	struct prove_options few = { .most = 1 };
	CLEANUP(arena_freep) struct arena *own = arena_new();
	return prove(own, edited(e), map, required, n_required, judged, n_judged, &few).verdict == VERDICT_HOLDS;
}

/* Rules whose going alone would do: the same list without them is tried as one, then one by one. */
static void prefer_deleting(struct editor *e, const struct interface_map *map, const struct required *required,
			    size_t n_required, const struct flowbox *judged, size_t n_judged)
{
	/* each try is a proof of the whole list */
	size_t tries = e->proof->n_rules > LONG_LIST ? MOST_TRIES_OF_LONG_LISTS : MOST_EDITS;
	for (size_t i = 0; i < e->edits.n && tries; i++) {
		struct edit *x = &e->edits.v[i], narrow = *x;
		if (x->kind != EDIT_NARROW || !x->at)
			continue;
		tries--;
		*x = (struct edit){ .kind = EDIT_DELETE, .at = narrow.at, .rule = narrow.at };
		if (!mends(e, map, required, n_required, judged, n_judged))
			*x = narrow;
	}
}

struct edits propose_edits(struct arena *a, const struct proof *k, const struct interface_map *map,
			   const struct required *required, size_t n_required, const struct flowbox *judged, size_t n_judged)
{
	struct editor e = { .arena = a, .proof = k };
	struct edits r = { .why_not = cannot(k) };
	if (r.why_not || k->verdict == VERDICT_HOLDS)
		return r;
	e.chain = &k->rules->chains.v[k->rules->bases.v[0]];
	for (size_t i = 0; i < k->n_missing; i++)
		let_through(&e, &k->missing[i]);
	for (size_t i = 0; i < k->n_surplus; i++)
		stop(&e, &k->surplus[i]);
	if (e.edits.n > MOST_EDITS) {
		r.why_not = "too much is to be mended; emit writes the rules anew";
		return r;
	}
	sort_items(e.edits.v, e.edits.n, sizeof *e.edits.v, edit_cmp);
	r.proved = mends(&e, map, required, n_required, judged, n_judged);
	if (!r.proved) {
		r.why_not = "edits were tried, and the list with them does not hold";
		return r;
	}
	prefer_deleting(&e, map, required, n_required, judged, n_judged);
	r.v = e.edits.v;
	r.n = e.edits.n;
	return r;
}
