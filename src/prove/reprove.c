/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/reprove.h"

#include "base/vec.h"
#include "prove/prover.h"

enum {
	MOST_TOUCHED = 64,  /* boxes that the changed rules match */
	LEAST_RULES = 2000, /* this many may always be proved again, or a quarter of the list */
};

typedef VEC(struct flowbox) box_vec;

struct reprover {
	struct arena *arena; /* of the answer */
	struct arena *scratch;
	struct ruleset *rules;          /* as they are now */
	const struct proof_question *q; /* of the whole */
	bool replies;                   /* are proved again too */
	box_vec touched;                /* what the changed rules match */
	box_vec asked;                  /* that, and all of the rules whose findings must be proved again */
	/* what was found before: the current position of its rule */
	struct kept {
		struct rule_place place;
		bool has_rule, keep;
	} * missing, *surplus;
	VEC(struct required) part; /* the part of the flows that is proved again */
	VEC(uint32_t) part_of;     /* by part: its flow */
	/* the rules of the question, by chain, as numbers of the whole list's */
	struct ruleset few;
	uint32_t **numbers;
};

/* Boxes */

static bool ranges_meet(struct port_range left, struct port_range right)
{
	return left.lo <= right.hi && right.lo <= left.hi;
}

static bool terms_meet(const struct service_term *left, const struct service_term *right)
{
	return left->protocol_lo <= right->protocol_hi && right->protocol_lo <= left->protocol_hi &&
	       ranges_meet(left->port, right->port) && ranges_meet(left->sport, right->sport);
}

static bool services_meet(const struct flowbox *left, const struct flowbox *right)
{
	for (size_t i = 0; i < left->n_services; i++)
		for (size_t j = 0; j < right->n_services; j++)
			if (terms_meet(&left->services[i], &right->services[j]))
				return true;
	return false;
}

static bool boxes_meet(const struct flowbox *left, const struct flowbox *right)
{
	return services_meet(left, right) && addrset_overlaps(left->src, right->src) &&
	       addrset_overlaps(left->dst, right->dst);
}

static bool meets_any(const struct flowbox *box, const box_vec *boxes)
{
	for (size_t i = 0; i < boxes->n; i++)
		if (boxes_meet(box, &boxes->v[i]))
			return true;
	return false;
}

static bool packet_is_in(const struct packet *p, const box_vec *boxes)
{
	for (size_t i = 0; i < boxes->n; i++)
		if (flowbox_holds(&boxes->v[i], p))
			return true;
	return false;
}

/* The intersection of every pair of services that overlaps. */
static struct flowbox common(struct reprover *again, const struct flowbox *left, const struct flowbox *right)
{
	struct flowbox r = { .src = addrset_intersect(again->scratch, left->src, right->src),
			     .dst = addrset_intersect(again->scratch, left->dst, right->dst) };
	struct service_term *terms =
		ARENA_ARRAY(again->scratch, struct service_term, left->n_services * right->n_services);
	for (size_t i = 0; i < left->n_services; i++)
		for (size_t j = 0; j < right->n_services; j++) {
			const struct service_term *s = &left->services[i], *t = &right->services[j];
			if (terms_meet(s, t))
				terms[r.n_services++] = (struct service_term){
					MAX(s->protocol_lo, t->protocol_lo),
					MIN(s->protocol_hi, t->protocol_hi),
					{ MAX(s->sport.lo, t->sport.lo), MIN(s->sport.hi, t->sport.hi) },
					{ MAX(s->port.lo, t->port.lo), MIN(s->port.hi, t->port.hi) },
				};
		}
	r.services = terms;
	return r;
}

/* What the change affects, and what was found there */

static bool find_touched(struct reprover *again, const struct change_of_rules *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct splice *s = &c->v[i];
		if (again->touched.n + s->n_old + s->n_new > MOST_TOUCHED)
			return false;
		for (size_t n = 0; n < s->n_old + s->n_new; n++) {
			const struct rule *rule = n < s->n_old ? &again->rules->chains.v[s->chain].rules.v[s->at + n]
							       : &s->new[n - s->n_old];
			if (rule->match.never || rule->action == ACTION_NEXT)
				continue;
			struct flowbox box = match_box(again->scratch, &rule->match);
			*VEC_ADD(again->scratch, &again->touched) = *VEC_ADD(again->scratch, &again->asked) = box;
		}
	}
	return true;
}

static struct kept keep(struct reprover *again, const struct change_of_rules *c, const struct shown *s)
{
	struct kept r = { .has_rule = s->by != NULL, .keep = true };
	if (s->by) {
		r.place = rule_place_of(again->rules, s->by);
		r.keep = rule_place_moved(c, &r.place);
	} else if (s->chain) {
		r.place.chain = (uint32_t)(s->chain - again->rules->chains.v);
	}
	return r;
}

/*
 * A missing flow stays missing while its packet is unaffected.  Of a rule that lets
 * surplus through, the whole match is proved again when the change overlaps it.
 */
static bool sort_out(struct reprover *again, const struct proof *old, const struct change_of_rules *c)
{
	again->missing = ARENA_ARRAY(again->scratch, struct kept, old->n_missing);
	again->surplus = ARENA_ARRAY(again->scratch, struct kept, old->n_surplus);
	for (size_t i = 0; i < old->n_missing; i++) {
		again->missing[i] = keep(again, c, &old->missing[i].shown);
		again->missing[i].keep &= !packet_is_in(&old->missing[i].shown.witness, &again->touched);
	}
	for (size_t i = 0; i < old->n_surplus; i++) {
		const struct shown *s = &old->surplus[i].shown;
		again->surplus[i] = keep(again, c, s);
		if (!s->by && again->touched.n)
			return false; /* a policy lets nearly everything through */
		if (!again->surplus[i].keep || !s->by)
			continue;
		struct flowbox box = match_box(again->scratch, &s->by->match);
		if (!meets_any(&box, &again->touched))
			continue;
		again->surplus[i].keep = false;
		*VEC_ADD(again->scratch, &again->asked) = box;
	}
	return true;
}

/* The flows */

static bool was_missing(const struct reprover *again, const struct proof *old, const struct required *r, bool kept)
{
	for (size_t i = 0; i < old->n_missing; i++)
		if (old->missing[i].required == r && again->missing[i].keep == kept)
			return true;
	return false;
}

static void add_part(struct reprover *again, const struct required *r, const struct flowbox *box)
{
	struct required part = *r;
	part.box = *box;
	part.tolerated.src = box->src;
	part.tolerated.dst = box->dst;
	*VEC_ADD(again->scratch, &again->part) = part;
	*VEC_ADD(again->scratch, &again->part_of) = (uint32_t)(r - again->q->required);
}

/* Its replies, from any port and to any port, overlap the question. */
static bool reply_meets(const struct reprover *again, const struct required *r)
{
	struct service_term *terms = ARENA_ARRAY(again->scratch, struct service_term, required_widest(r)->n_services);
	struct flowbox back = answers_box(r, true, terms);
	return meets_any(&back, &again->asked);
}

/*
 * A flow that was missing by a packet that the change affects is proved again as a
 * whole; so is every flow where replies matter.  Of the others, the overlapping
 * part.
 */
static void find_parts(struct reprover *again, const struct proof *old)
{
	for (size_t i = 0; i < again->q->n_required; i++) {
		const struct required *r = &again->q->required[i];
		bool meets = meets_any(required_widest(r), &again->asked), whole = again->replies;
		if (!meets && !(again->replies && reply_meets(again, r)))
			continue;
		if (whole || was_missing(again, old, r, false)) {
			add_part(again, r, &r->box);
			continue;
		}
		for (size_t n = 0; n < again->asked.n; n++) {
			const struct flowbox *box = &again->asked.v[n];
			if (!boxes_meet(required_widest(r), box))
				continue;
			struct flowbox part = { addrset_intersect(again->scratch, r->box.src, box->src),
						addrset_intersect(again->scratch, r->box.dst, box->dst),
						r->box.services, r->box.n_services };
			add_part(again, r, &part);
		}
	}
}

/* The rules */

/* The bounding box of some boxes: so that a rule is compared once. */
struct hull {
	struct addrset src, dst;
	VEC(struct service_term) services;
};

static void hull_add(struct reprover *again, struct hull *h, const struct flowbox *b)
{
	h->src = addrset_union(again->scratch, h->src, b->src);
	h->dst = addrset_union(again->scratch, h->dst, b->dst);
	for (size_t i = 0; i < b->n_services; i++) {
		bool known = false;
		for (size_t n = 0; n < h->services.n && !known; n++)
			known = memcmp(&h->services.v[n], &b->services[i], sizeof b->services[i]) == 0;
		if (!known)
			*VEC_ADD(again->scratch, &h->services) = b->services[i];
	}
}

static bool hull_meets(const struct hull *h, const struct match *m)
{
	bool meets = !m->n_services;
	if (m->never || (m->src && !addrset_overlaps(*m->src, h->src)) ||
	    (m->dst && !addrset_overlaps(*m->dst, h->dst)))
		return false;
	for (size_t i = 0; i < m->n_services && !meets; i++)
		for (size_t n = 0; n < h->services.n && !meets; n++)
			meets = terms_meet(&m->services[i], &h->services.v[n]);
	return meets;
}

/* The rules that overlap the question, in their chains.  False when there are too many. */
static bool find_few(struct reprover *again, size_t n_rules)
{
	struct hull there = { NO_ADDRS, NO_ADDRS, { 0 } }, back = { NO_ADDRS, NO_ADDRS, { 0 } };
	size_t most = MAX((size_t)LEAST_RULES, n_rules / 4), n = 0;
	const struct ruleset *r = again->rules;

	for (size_t i = 0; i < again->asked.n; i++)
		hull_add(again, &there, &again->asked.v[i]);
	for (size_t i = 0; i < again->part.n; i++) {
		hull_add(again, &there, required_widest(&again->part.v[i]));
		if (again->replies) {
			struct service_term *terms = ARENA_ARRAY(again->scratch, struct service_term,
								 required_widest(&again->part.v[i])->n_services);
			struct flowbox box = answers_box(&again->part.v[i], false, terms);
			hull_add(again, &back, &box);
		}
	}
	again->few = *r;
	memset(&again->few.chains, 0, sizeof again->few.chains);
	again->numbers = ARENA_ARRAY(again->scratch, uint32_t *, r->chains.n);
	for (size_t c = 0; c < r->chains.n; c++) {
		const struct chain *all = &r->chains.v[c];
		struct chain *chain = VEC_ADD(again->scratch, &again->few.chains);
		*chain = *all;
		memset(&chain->rules, 0, sizeof chain->rules);
		VEC(uint32_t) numbers = { 0 };
		for (size_t i = 0; i < all->rules.n; i++) {
			const struct rule *rule = &all->rules.v[i];
			if (!hull_meets(&there, &rule->match) && !(again->replies && hull_meets(&back, &rule->match)))
				continue;
			if (++n > most)
				return false;
			*VEC_ADD(again->scratch, &chain->rules) = *rule;
			*VEC_ADD(again->scratch, &numbers) = (uint32_t)i;
		}
		again->numbers[c] = numbers.v;
	}
	return true;
}

static const struct rule *in_whole(const struct reprover *again, struct rule_place p)
{
	return &again->rules->chains.v[p.chain].rules.v[p.rule];
}

/* Maps a rule and chain of the question to those of the whole list. */
static void translate(const struct reprover *again, struct shown *s)
{
	if (!s->chain)
		return;
	size_t c = (size_t)(s->chain - again->few.chains.v);
	if (s->by)
		s->by = in_whole(again,
				 (struct rule_place){ (uint32_t)c, again->numbers[c][s->by - s->chain->rules.v] });
	s->chain = &again->rules->chains.v[c];
}

static void move_kept(const struct reprover *again, const struct kept *place, struct shown *s)
{
	if (s->chain)
		s->chain = &again->rules->chains.v[place->place.chain];
	if (place->has_rule)
		s->by = in_whole(again, place->place);
}

/* The results */

static struct proof ask(struct reprover *again)
{
	box_vec judged = { 0 };
	for (size_t i = 0; i < again->asked.n; i++)
		for (size_t n = 0; n < again->q->n_judged; n++)
			if (boxes_meet(&again->asked.v[i], &again->q->judged[n]))
				*VEC_ADD(again->scratch, &judged) =
					common(again, &again->asked.v[i], &again->q->judged[n]);
	struct proof_question part = { .map = again->q->map,
				       .required = again->part.v,
				       .n_required = again->part.n,
				       .tolerated = again->q->tolerated,
				       .n_tolerated = again->q->n_tolerated,
				       .judged = judged.v,
				       .n_judged = judged.n,
				       .engine = again->q->engine };
	return prove(again->arena, &again->few, &part);
}

static bool has_missing(const struct missing *missing, size_t n, const struct missing *m)
{
	for (size_t i = 0; i < n; i++)
		if (missing[i].required == m->required && missing[i].reply == m->reply &&
		    !missing[i].condition == !m->condition)
			return true;
	return false;
}

static void merge_missing(struct reprover *again, const struct proof *old, const struct proof *now, struct proof *ret)
{
	VEC(struct missing) all = { 0 };
	for (size_t i = 0; i < old->n_missing; i++)
		if (again->missing[i].keep) {
			struct missing *m = VEC_ADD(again->arena, &all);
			*m = old->missing[i];
			move_kept(again, &again->missing[i], &m->shown);
		}
	for (size_t i = 0; i < now->n_missing; i++) {
		struct missing m = now->missing[i];
		m.required = &again->q->required[again->part_of.v[m.required - again->part.v]];
		translate(again, &m.shown);
		if (!has_missing(all.v, all.n, &m))
			*VEC_ADD(again->arena, &all) = m;
	}
	sort_items(all.v, all.n, sizeof *all.v, missing_cmp);
	ret->missing = all.v;
	ret->n_missing = ret->all_missing = all.n;
}

static bool is_kept_rule(const struct reprover *again, const struct proof *old, const struct rule *rule)
{
	for (size_t i = 0; i < old->n_surplus; i++)
		if (again->surplus[i].keep && again->surplus[i].has_rule &&
		    in_whole(again, again->surplus[i].place) == rule)
			return true;
	return false;
}

static void merge_surplus(struct reprover *again, const struct proof *old, const struct proof *now, struct proof *ret)
{
	VEC(struct surplus) all = { 0 };
	for (size_t i = 0; i < old->n_surplus; i++)
		if (again->surplus[i].keep) {
			struct surplus *s = VEC_ADD(again->arena, &all);
			*s = old->surplus[i];
			move_kept(again, &again->surplus[i], &s->shown);
		}
	size_t n_kept = all.n;
	for (size_t i = 0; i < now->n_surplus; i++) {
		struct surplus s = now->surplus[i];
		translate(again, &s.shown);
		/* of a rule that the change does not overlap, only a part was in question */
		if (n_kept && s.shown.by && is_kept_rule(again, old, s.shown.by))
			continue;
		*VEC_ADD(again->arena, &all) = s;
	}
	sort_items(all.v, all.n, sizeof *all.v, surplus_cmp);
	ret->surplus = all.v;
	ret->n_surplus = all.n;
}

/* What must stay unchanged for a partial proof to suffice. */
static bool is_whole(const struct reprover *again, const struct proof *old)
{
	return old->n_missing == old->all_missing && !old->more_surplus && old->rules->bases.n && !old->undecided &&
	       !old->helped && !old->rules->rpc_named && !ruleset_tells_invalid(old->rules) &&
	       !ruleset_tells_invalid(again->rules) &&
	       !(old->accepts_any_ack && packet_is_in(&old->any_ack, &again->touched));
}

/* Such a rule is certain or not by its neighbours, which may change. */
static bool names_part_of_zone(struct arena *a, const struct rule *rules, size_t n, const struct interface_map *map)
{
	for (size_t i = 0; i < n; i++) {
		const struct match *m = &rules[i].match;
		if ((m->in.n && interface_reach(a, map, &m->in).partly) ||
		    (m->out.n && interface_reach(a, map, &m->out).partly))
			return true;
	}
	return false;
}

static bool some_rule_names_part_of_zone(const struct reprover *again, const struct change_of_rules *change)
{
	const struct ruleset *r = again->rules;
	bool some = false;
	if (!again->q->map || !again->q->map->certain)
		return false;
	for (size_t c = 0; c < r->chains.n && !some; c++)
		some = names_part_of_zone(again->scratch, r->chains.v[c].rules.v, r->chains.v[c].rules.n,
					  again->q->map);
	for (size_t i = 0; i < change->n && !some; i++)
		some = names_part_of_zone(again->scratch, change->v[i].new, change->v[i].n_new, again->q->map);
	return some;
}

bool reprove(struct arena *a, const struct proof *old, struct ruleset *r, const struct change_of_rules *change,
	     const struct proof_question *q, struct proof *ret)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	struct reprover again = { .arena = a, .scratch = scratch, .rules = r, .q = q };
	bool free_before = replies_are_free(r);
	bool possible = !some_rule_names_part_of_zone(&again, change) && find_touched(&again, change) &&
			is_whole(&again, old) && sort_out(&again, old, change);

	change_apply(r, change);
	again.replies = !replies_are_free(r);
	if (!possible || free_before == again.replies)
		return false;
	*ret = *old;
	find_parts(&again, old);
	if (!find_few(&again, old->n_rules))
		return false;
	struct proof now = ask(&again);
	if (now.undecided || now.helped || (now.accepts_any_ack && !old->accepts_any_ack))
		return false;
	ret->n_rules = ruleset_size(r);
	merge_missing(&again, old, &now, ret);
	merge_surplus(&again, old, &now, ret);
	if (q->most && (ret->n_missing > q->most || ret->n_surplus > q->most))
		return false;
	proof_judge(ret);
	return true;
}
