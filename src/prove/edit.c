/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each difference is fixed in the chain that decides it.  Missing flows that one rule denies are
 * permitted by as few rules before it as products allow.  A rule that permits nothing but surplus
 * is removed; another gets rules before it that deny its surplus.
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
	const struct proof_question *q;
	VEC(struct edit) edits;
};

static const char *cannot(const struct proof *proof)
{
	const struct ruleset *r = proof->rules;
	if (proof->verdict == VERDICT_UNPROVED)
		return "what is not proved cannot be fixed";
	if (!r->bases.n)
		return "there is no rule list to fix";
	if (r->translations.n)
		return "addresses are translated, and an edit would matter for packets before and after it";
	if (proof->all_missing > proof->n_missing || proof->more_surplus)
		return "not every difference was computed";
	for (size_t i = 0; i < proof->n_missing; i++)
		if (proof->missing[i].reply || !proof->missing[i].shown.chain)
			return "the replies of a flow are denied";
	for (size_t i = 0; i < proof->n_surplus; i++)
		if (!proof->surplus[i].shown.chain || proof->surplus[i].more_regions)
			return "the surplus is too intricate for edits";
	return NULL;
}

static size_t place_of(const struct chain *c, const struct rule *r)
{
	return r ? (size_t)(r - c->rules.v) : c->rules.n;
}

/* A rule after the one that denies the flow, which permits all of it: that one could move. */
static const struct rule *too_late(const struct missing *m)
{
	const struct flowbox *b = required_widest(m->required);
	const struct chain *c = m->shown.chain;
	for (size_t i = place_of(c, m->shown.by) + 1; i < c->rules.n; i++) {
		const struct rule *r = &c->rules.v[i];
		bool all = true;
		if (r->action != ACTION_PERMIT || r->perhaps || r->match.in.n || r->match.out.n ||
		    !match_counts(&r->match, (struct reading){ 0 }) ||
		    (r->match.src && !addrset_within(b->src, *r->match.src)) ||
		    (r->match.dst && !addrset_within(b->dst, *r->match.dst)))
			continue;
		for (size_t j = 0; j < b->n_services && r->match.n_services; j++) {
			bool held = false;
			for (size_t s = 0; s < r->match.n_services; s++) {
				const struct service_term *t = &r->match.services[s], *u = &b->services[j];
				held |= t->protocol_lo <= u->protocol_lo && u->protocol_hi <= t->protocol_hi &&
					t->port.lo <= u->port.lo && u->port.hi <= t->port.hi &&
					t->sport.lo <= u->sport.lo && u->sport.hi <= t->sport.hi;
			}
			all &= held;
		}
		/* only a rule for exactly this: moving a wider one would open more */
		if (all && r->match.src && r->match.dst && addrset_equal(*r->match.src, b->src) &&
		    addrset_equal(*r->match.dst, b->dst))
			return r;
	}
	return NULL;
}

static void let_through(struct editor *e, const struct missing *m)
{
	const struct rule *late = m->shown.by ? too_late(m) : NULL;
	for (size_t i = 0; late && i < e->edits.n; i++)
		if (e->edits.v[i].kind == EDIT_MOVE && e->edits.v[i].rule == late)
			return;
	*VEC_ADD(e->arena, &e->edits) = (struct edit){
		.kind = late ? EDIT_MOVE : EDIT_INSERT,
		.chain = m->shown.chain,
		.at = m->shown.by,
		.rule = late,
		.boxes = required_widest(m->required),
		.n_boxes = 1,
		.required = m->required,
	};
}

/* Joins inserted rules of one position that agree in two of source, destination and services. */

static int term_cmp(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct service_term));
}

static bool same_services(const struct flowbox *left, const struct flowbox *right)
{
	return left->n_services == right->n_services &&
	       memcmp(left->services, right->services, left->n_services * sizeof *left->services) == 0;
}

static struct flowbox with_services(struct arena *a, const struct flowbox *left, const struct flowbox *right)
{
	struct service_term *terms = ARENA_ARRAY(a, struct service_term, left->n_services + right->n_services);
	size_t n = 0, all = left->n_services + right->n_services;
	memcpy(terms, left->services, left->n_services * sizeof *terms);
	memcpy(terms + left->n_services, right->services, right->n_services * sizeof *terms);
	sort_items(terms, all, sizeof *terms, term_cmp);
	for (size_t i = 0; i < all; i++)
		if (!n || term_cmp(&terms[n - 1], &terms[i]) != 0)
			terms[n++] = terms[i];
	return (struct flowbox){ left->src, left->dst, terms, n };
}

enum alike { ALIKE_ENDS, ALIKE_DESTINATION, ALIKE_SOURCE };

static bool join_boxes(struct arena *a, enum alike what, struct flowbox *left, const struct flowbox *right)
{
	bool src = addrset_equal(left->src, right->src), dst = addrset_equal(left->dst, right->dst);
	if (what == ALIKE_ENDS && src && dst)
		*left = with_services(a, left, right);
	else if (what == ALIKE_DESTINATION && dst && same_services(left, right))
		left->src = addrset_union(a, left->src, right->src);
	else if (what == ALIKE_SOURCE && src && same_services(left, right))
		left->dst = addrset_union(a, left->dst, right->dst);
	else
		return false;
	return true;
}

static void join_inserts(struct editor *e, enum alike what)
{
	size_t n = 0;
	for (size_t i = 0; i < e->edits.n; i++) {
		struct edit *left = &e->edits.v[i];
		bool joined = false;
		for (size_t j = 0; j < n && !joined && left->kind == EDIT_INSERT; j++) {
			struct edit *right = &e->edits.v[j];
			if (right->kind != EDIT_INSERT || right->at != left->at || right->chain != left->chain)
				continue;
			struct flowbox *box = ARENA_NEW(e->arena, struct flowbox);
			*box = right->boxes[0];
			joined = join_boxes(e->arena, what, box, &left->boxes[0]);
			if (joined)
				right->boxes = box;
		}
		if (!joined)
			e->edits.v[n++] = *left;
	}
	e->edits.n = n;
}

static struct flowbox box_of(struct arena *a, const struct region *r)
{
	VEC(struct service_term) terms = { 0 };
	for (size_t p = 0; p < r->protocols.n; p++)
		for (size_t i = 0; i < r->ports.n; i++)
			for (size_t j = 0; j < r->sports.n; j++)
				*VEC_ADD(a, &terms) = (struct service_term){ (uint8_t)r->protocols.v[p].lo,
									     (uint8_t)r->protocols.v[p].hi,
									     r->sports.v[j], r->ports.v[i] };
	return (struct flowbox){ r->src, r->dst, terms.v, terms.n };
}

static void stop(struct editor *e, const struct surplus *s)
{
	struct flowbox *boxes = ARENA_ARRAY(e->arena, struct flowbox, s->n_regions);
	for (size_t i = 0; i < s->n_regions; i++)
		boxes[i] = box_of(e->arena, &s->regions[i]);
	*VEC_ADD(e->arena, &e->edits) = (struct edit){
		.kind = EDIT_NARROW,
		.chain = s->shown.chain,
		.at = s->shown.by,
		.boxes = boxes,
		.n_boxes = s->n_regions,
	};
}

static int edit_cmp(const void *left, const void *right)
{
	const struct edit *a = left, *b = right;
	int c = CMP((uintptr_t)a->chain, (uintptr_t)b->chain);
	c = c ? c : CMP(a->at == NULL, b->at == NULL);
	c = c ? c : CMP((uintptr_t)a->at, (uintptr_t)b->at);
	/* denials precede permissions there only if both are needed: they do not overlap */
	return c ? c : CMP(a->kind, b->kind);
}

static void put_match(struct arena *a, struct rule *r, const struct flowbox *b)
{
	struct addrset *src = ARENA_NEW(a, struct addrset), *dst = ARENA_NEW(a, struct addrset);
	*src = b->src;
	*dst = b->dst;
	r->match = (struct match){ .src = src, .dst = dst, .services = b->services, .n_services = b->n_services };
}

static bool is_gone(const struct edit *edits, size_t n, const struct rule *r)
{
	for (size_t i = 0; i < n; i++)
		if ((edits[i].kind == EDIT_DELETE || edits[i].kind == EDIT_MOVE) && edits[i].rule == r)
			return true;
	return false;
}

static void put_edit(struct arena *a, struct chain *c, const struct edit *edit)
{
	if (edit->kind == EDIT_MOVE)
		*VEC_ADD(a, &c->rules) = *edit->rule;
	for (size_t j = 0; j < edit->n_boxes && (edit->kind == EDIT_INSERT || edit->kind == EDIT_NARROW); j++) {
		struct rule *made = VEC_ADD(a, &c->rules);
		*made = (struct rule){ .action = edit->kind == EDIT_INSERT ? ACTION_PERMIT : ACTION_DENY };
		put_match(a, made, &edit->boxes[j]);
	}
}

const struct ruleset *edited_rules(struct arena *a, const struct ruleset *r, const struct edit *edits, size_t n)
{
	struct ruleset *ret = ARENA_NEW(a, struct ruleset);
	size_t next = 0;
	*ret = *r;
	memset(&ret->chains, 0, sizeof ret->chains);
	for (size_t i = 0; i < r->chains.n; i++) {
		const struct chain *old = &r->chains.v[i];
		struct chain *c = VEC_ADD(a, &ret->chains);
		*c = *old;
		if (next == n || edits[next].chain != old)
			continue;
		memset(&c->rules, 0, sizeof c->rules);
		for (size_t j = 0; j <= old->rules.n; j++) {
			const struct rule *rule = j < old->rules.n ? &old->rules.v[j] : NULL;
			for (; next < n && edits[next].chain == old && edits[next].at == rule; next++)
				put_edit(a, c, &edits[next]);
			if (rule && !is_gone(edits, n, rule))
				*VEC_ADD(a, &c->rules) = *rule;
		}
	}
	assert(next == n);
	return ret;
}

static bool mends(const struct editor *e)
{
	CLEANUP(arena_freep) struct arena *own = arena_new();
	const struct ruleset *edited = edited_rules(own, e->proof->rules, e->edits.v, e->edits.n);
	struct proof_question q = *e->q;
	q.engine = ENGINE_AUTO;
	q.most = 1; /* one difference is enough to refuse */
	return prove(own, edited, &q).verdict == VERDICT_HOLDS;
}

/* Rules whose removal alone suffices: the list is tried without all of them, then one by one. */
static void prefer_deleting(struct editor *e)
{
	/* each attempt is a proof of the whole list */
	size_t tries = e->proof->n_rules > LONG_LIST ? MOST_TRIES_OF_LONG_LISTS : MOST_EDITS;
	for (size_t i = 0; i < e->edits.n && tries; i++) {
		struct edit *edit = &e->edits.v[i], narrow = *edit;
		if (edit->kind != EDIT_NARROW || !edit->at || edit->at->implicit)
			continue;
		tries--;
		*edit = (struct edit){ .kind = EDIT_DELETE, .chain = narrow.chain, .at = narrow.at, .rule = narrow.at };
		if (!mends(e))
			*edit = narrow;
	}
}

/* A rule that has to stand before another, where a place before it means nothing. */
static bool needs_a_place(const struct editor *e)
{
	bool needs = false;
	for (size_t i = 0; i < e->edits.n; i++) {
		const struct edit *edit = &e->edits.v[i];
		needs |= edit->kind == EDIT_MOVE || edit->kind == EDIT_NARROW ||
			 (edit->kind == EDIT_INSERT && edit->at && !edit->at->implicit);
	}
	return needs;
}

struct edits propose_edits(struct arena *a, const struct proof *proof, const struct proof_question *q)
{
	struct editor e = { .arena = a, .proof = proof, .q = q };
	struct edits r = { .why_not = cannot(proof) };
	if (r.why_not || proof->verdict == VERDICT_HOLDS)
		return r;
	for (size_t i = 0; i < proof->n_missing; i++)
		let_through(&e, &proof->missing[i]);
	for (int what = ALIKE_ENDS; what <= ALIKE_SOURCE; what++)
		join_inserts(&e, (enum alike)what);
	for (size_t i = 0; i < proof->n_surplus; i++)
		stop(&e, &proof->surplus[i]);
	if (e.edits.n > MOST_EDITS) {
		r.why_not = "there is too much to fix; emit writes new rules";
		return r;
	}
	sort_items(e.edits.v, e.edits.n, sizeof *e.edits.v, edit_cmp);
	r.proved = mends(&e);
	if (!r.proved) {
		r.why_not = "edits were tried, but the rules with them do not hold";
		return r;
	}
	prefer_deleting(&e);
	if (proof->rules->order && needs_a_place(&e)) {
		r.proved = false;
		r.why_not = arena_printf(a, "a rule would have to precede another, and here %s", proof->rules->order);
		return r;
	}
	r.v = e.edits.v;
	r.n = e.edits.n;
	return r;
}
