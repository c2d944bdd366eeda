/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/arrive.h"

#include "base/vec.h"
#include "flow/translate.h"

#define RULE_NAME "published"

bool rule_wants_arrival(const struct rule *r)
{
	return r->implicit && str_is(r->name, RULE_NAME);
}

bool asks_arrival(const struct proof_question *q)
{
	for (size_t i = 0; i < q->n_required; i++)
		if (q->required[i].arrives.n_services)
			return true;
	return false;
}

struct demand {
	struct ruleset *r;
	const struct proof_question *q;
	struct arena *scratch;
	bool *seen; /* by chain */
	size_t added;
	VEC(struct match) wrong; /* of the chain that is looked at */
};

static struct addr moved_addr(const struct translation *t, struct addr a)
{
	return t && t->dst ? addr_mapped(t->dst, a) : a;
}

/* The part of a range of ports that becomes other ports than `to`, which are as many. */
static void add_wrong_ports(struct demand *d, const struct translation *t, const struct service_term *term,
			    struct port_range to, term_vec *ret)
{
	const struct port_map *map = t && t->port_said && protocol_has_ports(term->protocol_lo) ? &t->port : NULL;
	for (uint32_t lo = term->port.lo, hi; lo <= term->port.hi; lo = hi + 1) {
		bool in = map && lo >= map->from.lo && lo <= map->from.hi;
		uint16_t wanted = (uint16_t)(to.lo + (lo - term->port.lo)), got = (uint16_t)lo;
		hi = term->port.hi;
		if (in)
			hi = MIN(hi, map->from.hi);
		else if (map && lo < map->from.lo)
			hi = MIN(hi, (uint32_t)map->from.lo - 1);
		bool one = in && map->to.lo == map->to.hi;
		if (in)
			got = one ? map->to.lo : (uint16_t)(map->to.lo + (lo - map->from.lo));
		/* all ports to a single one: at most one of them is as it should be */
		if (one && hi > lo)
			hi = lo < map->to.lo && map->to.lo <= hi ? (uint32_t)map->to.lo - 1
			     : lo == map->to.lo                  ? lo
								 : hi;
		if (got == wanted && (!one || lo == hi))
			continue;
		struct service_term wrong = *term;
		wrong.port = (struct port_range){ (uint16_t)lo, (uint16_t)hi };
		*VEC_ADD(d->scratch, ret) = wrong;
	}
}

static void add_wrong(struct demand *d, const struct flowbox *box, struct addrset dst, const struct service_term *terms,
		      size_t n)
{
	struct addrset *sets = ARENA_ARRAY(d->r->arena, struct addrset, 2);
	struct service_term *copy = ARENA_ARRAY(d->r->arena, struct service_term, n);
	if (!dst.n || !n)
		return;
	memcpy(copy, terms, n * sizeof *copy);
	sets[0] = box->src;
	sets[1] = dst;
	*VEC_ADD(d->scratch, &d->wrong) = (struct match){ .src = &sets[0],
							  .dst = &sets[1],
							  .services = copy,
							  .n_services = n,
							  .conversation = CONVERSATION_OPENING };
}

/* What of a flow does not arrive as it should when the translation is applied; NULL: when none is. */
static void find_wrong(struct demand *d, const struct translation *t, const struct required *req)
{
	VEC(struct addr_range) stray = { 0 }, right = { 0 };
	term_vec terms = { 0 };
	/* single addresses: estate-published.c */
	for (size_t i = 0; i < req->box.dst.n; i++) {
		struct addr_range r = req->box.dst.v[i];
		for (u128 n = r.lo;; n++) {
			struct addr a = { r.family, n };
			bool arrives = addrset_holds(req->arrives.dst, moved_addr(t, a));
			if (arrives)
				*VEC_ADD(d->scratch, &right) = addr_range_of(a);
			else
				*VEC_ADD(d->scratch, &stray) = addr_range_of(a);
			if (n == r.hi)
				break;
		}
	}
	for (size_t i = 0; i < req->box.n_services; i++)
		add_wrong_ports(d, t, &req->box.services[i], req->arrives.services[i].port, &terms);
	add_wrong(d, &req->box, addrset_of(d->r->arena, stray.v, stray.n), req->box.services, req->box.n_services);
	add_wrong(d, &req->box, addrset_of(d->r->arena, right.v, right.n), terms.v, terms.n);
}

/* The rules that deny what arrives wrongly come before all others of the chain. */
static void demand_in(struct demand *d, uint32_t chain)
{
	const struct chain *c = &d->r->chains.v[chain];
	const struct translation *t = c->translation ? &d->r->translations.v[c->translation - 1] : NULL;
	d->wrong.n = 0;
	for (size_t i = 0; i < d->q->n_required && d->added + d->wrong.n < MOST_TRANSLATED_RULES; i++)
		if (d->q->required[i].arrives.n_services)
			find_wrong(d, t, &d->q->required[i]);
	size_t n = d->wrong.n, old = c->rules.n;
	if (!n)
		return;
	d->added += n;
	for (size_t i = 0; i < n; i++)
		ruleset_rule(d->r, chain, NOWHERE);
	struct rule *rules = d->r->chains.v[chain].rules.v;
	if (d->r->chains.v[chain].rules.n != old + n)
		return; /* too many rules: ruleset_check() reports it */
	memmove(rules + n, rules, old * sizeof *rules);
	for (size_t i = 0; i < n; i++)
		rules[i] = (struct rule){
			.match = d->wrong.v[i],
			.action = ACTION_DENY,
			.implicit = true,
			.name = STR(RULE_NAME),
			.text = t ? STR("implicit: the translation does not lead to the published host")
				  : STR("implicit: nothing translates the published address to the host"),
		};
}

/* Chains that ruleset_translate() made lead to copies, which are translated, and to the chain as it was written. */
static void demand_behind(struct demand *d, uint32_t chain, unsigned depth)
{
	if (d->seen[chain] || depth > MOST_CHAIN_DEPTH)
		return;
	d->seen[chain] = true;
	if (d->r->chains.v[chain].translation || !d->r->chains.v[chain].aside) {
		demand_in(d, chain);
		return;
	}
	for (size_t i = 0; i < d->r->chains.v[chain].rules.n; i++) {
		const struct rule *rule = &d->r->chains.v[chain].rules.v[i];
		if (rule->action == ACTION_CALL || rule->action == ACTION_GOTO)
			demand_behind(d, rule->target, depth + 1);
	}
}

void rules_must_arrive(struct ruleset *r, const struct proof_question *q)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new();
	struct demand d = { .r = r, .q = q, .scratch = scratch };
	bool translates = false;
	if (!asks_arrival(q))
		return;
	d.seen = ARENA_ARRAY(scratch, bool, r->chains.n);
	for (size_t i = 0; i < r->bases.n; i++)
		translates |= r->chains.v[r->bases.v[i]].aside;
	/* where some chains see translated packets, the others are before the translation */
	for (size_t i = 0; i < r->bases.n; i++)
		if (!translates || r->chains.v[r->bases.v[i]].aside)
			demand_behind(&d, r->bases.v[i], 0);
	if (d.added >= MOST_TRANSLATED_RULES)
		ruleset_unknown(r, NOWHERE, NO_STR, "there are too many translations for so many published flows");
}
