/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flows that the estate both needs and forbids.  Those of a pair of hosts and a row of
 * forbid: are one error, which names all of them and shows both locations.
 */
#include "plan/plan-priv.h"
#include "plan/policy.h"

static bool any_overlap(const struct endpoint_set *sets, size_t n, struct addrset addresses)
{
	for (size_t i = 0; i < n; i++)
		if (addrset_overlaps(sets[i].addresses, addresses))
			return true;
	return false;
}

/* The flow has a packet that the row forbids; sources of packets do not matter to either. */
static bool matches(const struct service_term *terms, size_t n, const struct flow *f)
{
	struct service_term own[2];
	struct flowbox box = flow_box(f, own);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < box.n_services; j++)
			if (terms[i].protocol_lo <= own[j].protocol_hi && own[j].protocol_lo <= terms[i].protocol_hi &&
			    terms[i].port.lo <= own[j].port.hi && own[j].port.lo <= terms[i].port.hi)
				return true;
	return false;
}

struct checker {
	struct plan *plan;
	const struct hand_rule *rule;
	const bool *from, *to; /* by endpoint */
	const struct service_term *terms;
	size_t n_terms;
};

static struct loc place_of(const struct plan *p, const struct endpoint *e, const struct reason *r)
{
	if (r->hand)
		return r->hand->at;
	return e->host && !e->host->implied ? e->host->name.at : (struct loc){ p->estate->name.at.source, 0, 0, 0 };
}

static void note_reason(struct plan *p, const struct endpoint *to, const struct bundle_item *it)
{
	const struct reason *r = &it->reasons[0];
	char text[ITEM_TEXT];
	if (r->need)
		diag_note(p->diag, place_of(p, to, r), "%s is needed by %.*s, \"%.*s\": %.*s", item_text(it, text),
			  STR_ARG(r->need->document->id), STR_ARG(r->need->section), STR_ARG(r->need->why));
	else
		diag_note(p->diag, place_of(p, to, r), "%s is allowed by hand here", item_text(it, text));
}

/* One error for a pair, which names all of its flows; a note for each says who needs it. */
static void check_pair(void *ctx, const struct endpoint *from, const struct endpoint *to, const struct bundle *b)
{
	struct checker *checker = ctx;
	struct plan *p = checker->plan;
	CLEANUP(out_free) struct out list = out_memory(1 << 16);
	char text[ITEM_TEXT];
	bool needed = false;

	if (!checker->from[from - p->endpoints] || !checker->to[to - p->endpoints])
		return;
	for (size_t i = 0; i < b->n; i++)
		if (matches(checker->terms, checker->n_terms, &(struct flow){ from, to, &b->items[i], NULL, 0 }))
			out_printf(&list, "%s%s", list.n ? ", " : "", item_text(&b->items[i], text));
	if (!list.n)
		return;
	diag_error(p->diag, checker->rule->at, "this forbids what \"%.*s\" needs of \"%.*s\": %.*s",
		   STR_ARG(from->name), STR_ARG(to->name), STR_ARG(out_view(&list)));
	for (size_t i = 0; i < b->n; i++)
		if (matches(checker->terms, checker->n_terms, &(struct flow){ from, to, &b->items[i], NULL, 0 })) {
			note_reason(p, to, &b->items[i]);
			needed |= b->items[i].reasons[0].need != NULL;
		}
	if (needed)
		diag_note(p->diag, NOWHERE,
			  "to do without: decline: [ { from: %.*s, to: %.*s, service: ..., why: ..., owner: ... } ]",
			  STR_ARG(yaml_name(p->arena, from->name)), STR_ARG(yaml_name(p->arena, to->name)));
}

void plan_check_forbidden(struct plan *p)
{
	const struct estate *e = p->estate;
	for (size_t i = 0; i < e->n_forbid; i++) {
		const struct hand_rule *r = &e->forbid[i];
		bool *from = ARENA_ARRAY(p->arena, bool, p->n_endpoints),
		     *to = ARENA_ARRAY(p->arena, bool, p->n_endpoints);
		for (size_t j = 0; j < p->n_endpoints; j++) {
			from[j] = any_overlap(r->from, r->n_from, p->endpoints[j].addresses);
			to[j] = any_overlap(r->to, r->n_to, p->endpoints[j].addresses);
		}
		struct checker c = { .plan = p, .rule = r, .from = from, .to = to };
		c.terms = hand_terms(p->arena, r, &c.n_terms);
		plan_each_pair(p, check_pair, &c);
	}
}
