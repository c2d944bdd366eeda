/* SPDX-License-Identifier: Apache-2.0 */
/* The prover's questions, answered by the sweep. */
#include "prove/prover.h"
#include "prove/regions.h"
#include "prove/sweep/flat.h"
#include "prove/sweep/sweep.h"

/* The rules that apply in one reading, in order. */
struct list {
	struct flat_list flat;
	struct sweep_rule *rules;
	const struct chain *chain;
};

static bool flatten(struct prover *p, bool reply, struct list *ret)
{
	const struct ruleset *r = p->rules;
	struct reading reading = { .upper = true, .reply = reply };
	if (r->bases.n != 1 || compiled_has_perhaps(p->code))
		return false;
	*ret = (struct list){ .chain = &r->chains.v[r->bases.v[0]] };
	if (!flat_list_of(p->w.arena, p->code, r, r->bases.v[0], reading, &ret->flat))
		return false;
	ret->rules = ARENA_ARRAY(p->w.arena, struct sweep_rule, ret->flat.n);
	for (size_t i = 0; i < ret->flat.n; i++)
		ret->rules[i] = (struct sweep_rule){ ret->flat.boxes[i], ret->flat.actions[i] == ACTION_PERMIT };
	return true;
}

struct asked {
	struct prover *p;
	const struct list *list;
	const uint32_t *flows; /* by index of the question: the required flow; UINT32_MAX: only tolerated */
	bool reply;
};

static struct shown show_point(const struct asked *a, const struct sweep_finding *f)
{
	return (struct shown){
		.witness = space_packet(a->p->w.space, f->point),
		.by = f->rule < a->list->flat.n ? &a->list->chain->rules.v[a->list->flat.rules[f->rule]] : NULL,
		.chain = a->list->chain,
	};
}

static void take(void *ctx, const struct sweep_finding *f)
{
	const struct asked *a = ctx;
	struct prover *p = a->p;
	if (f->required != UINT32_MAX && a->flows[f->required] == UINT32_MAX)
		return; /* may be permitted and need not */
	if (f->required != UINT32_MAX) {
		const struct required *r = &p->q->required[a->flows[f->required]];
		if (is_helped(p, r)) {
			p->proof.helped += !a->reply;
			return;
		}
		p->proof.all_missing++;
		if (p->missing.n < p->most)
			*VEC_ADD(p->arena, &p->missing) = (struct missing){
				.required = r,
				.reply = a->reply,
				.shown = show_point(a, f),
			};
		return;
	}
	if (p->surplus.n >= p->most) {
		p->proof.more_surplus = true;
		return;
	}
	*VEC_ADD(p->arena, &p->surplus) = (struct surplus){
		.shown = show_point(a, f),
		.regions = region_of_point(p->arena, p->w.space, f->point),
		.n_regions = 1,
		.more_regions = true,
	};
}

static bool ask(struct prover *p, bool reply, uint64_t steps)
{
	struct list list;
	if (!flatten(p, reply, &list))
		return false;
	const struct box_id *boxes = reply ? p->replies : p->boxes;
	size_t n = 0, more = reply ? 0 : p->n_tolerated;
	struct box_id *asked = ARENA_ARRAY(p->w.arena, struct box_id, p->q->n_required + more);
	uint32_t *flows = ARENA_ARRAY(p->w.arena, uint32_t, p->q->n_required + more);
	for (size_t i = 0; i < p->q->n_required; i++) {
		asked[n] = boxes[i];
		flows[n++] = (uint32_t)i;
	}
	for (size_t i = 0; i < more; i++) {
		asked[n] = p->tolerated[i];
		flows[n++] = UINT32_MAX;
	}
	struct asked a = { p, &list, flows, reply };
	struct sweep_question q = {
		.workspace = &p->w,
		.rules = list.rules,
		.n_rules = list.flat.n,
		.permits_rest = list.chain->fallthrough == ACTION_PERMIT,
		.required = asked,
		.n_required = n,
		.judged = p->judged,
		.n_judged = reply ? 0 : p->q->n_judged,
		.only_missing = reply,
		.steps = steps,
	};
	return sweep(p->w.arena, &q, take, &a);
}

bool prove_by_sweep(struct prover *p, uint64_t steps)
{
	bool by_rules = !replies_are_free(p->rules);
	if (by_rules && p->rules->replies != REPLIES_TRACKED)
		return false;
	if (p->n_invalid) /* which of them pass where no first packet does is a difference of two lists */
		return false;
	if (!ask(p, false, steps) || (by_rules && !ask(p, true, steps)))
		return false;
	sort_items(p->missing.v, p->missing.n, sizeof *p->missing.v, missing_cmp);
	return true;
}
