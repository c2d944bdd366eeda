/* SPDX-License-Identifier: Apache-2.0 */
/* The prover's questions, asked of the sweep. */
#include "prove/prove-priv.h"
#include "prove/sweep.h"

/* A flat list for one reading: the rules that count there, in order. */
struct list {
	VEC(struct sweep_rule) rules;
	VEC(const struct rule *) written;
	const struct chain *chain;
};

static bool flatten(struct prover *p, bool reply, struct list *ret)
{
	const struct ruleset *r = p->rules;
	struct reading reading = { .upper = true, .reply = reply };
	if (r->bases.n != 1 || compiled_has_perhaps(p->code))
		return false;
	uint32_t base = r->bases.v[0];
	*ret = (struct list){ .chain = &r->chains.v[base] };
	for (size_t i = 0; i < ret->chain->rules.n; i++) {
		const struct rule *rule = &ret->chain->rules.v[i];
		const struct box_id *box = compiled_rule_box(p->code, base, i);
		if (!box || !match_counts(&rule->match, reading))
			continue;
		if (rule->action != ACTION_PERMIT && rule->action != ACTION_DENY)
			return false;
		*VEC_ADD(p->q.arena, &ret->rules) = (struct sweep_rule){ box, rule->action == ACTION_PERMIT };
		*VEC_ADD(p->q.arena, &ret->written) = rule;
	}
	return true;
}

struct asked {
	struct prover *p;
	const struct list *list;
	const uint32_t *flows;	/* by index of the question: the required flow; UINT32_MAX: only tolerated */
	bool reply;
};

static struct shown show_point(const struct asked *a, const struct sweep_finding *f)
{
	return (struct shown){
		.witness = space_packet(a->p->q.space, f->point),
		.by = f->rule < a->list->written.n ? a->list->written.v[f->rule] : NULL,
		.chain = a->list->chain,
	};
}

/* The packets that nothing tells apart from the witness: all of them are surplus with it. */
static const struct region *region_of(struct prover *p, const uint32_t point[N_DIMS])
{
	struct region *r = ARENA_NEW(p->arena, struct region);
	struct span at[N_DIMS];
	for (int d = 0; d < N_DIMS; d++)
		at[d] = (struct span){ point[d], point[d] };
	*r = (struct region){
		.src = space_addrs(p->arena, p->q.space, DIM_SRC, at[DIM_SRC]),
		.dst = space_addrs(p->arena, p->q.space, DIM_DST, at[DIM_DST]),
		.protocols = space_ports(p->arena, p->q.space, DIM_PROTOCOL, at[DIM_PROTOCOL]),
		.sports = space_ports(p->arena, p->q.space, DIM_SPORT, at[DIM_SPORT]),
		.ports = space_ports(p->arena, p->q.space, DIM_PORT, at[DIM_PORT]),
	};
	return r;
}

static void take(void *ctx, const struct sweep_finding *f)
{
	const struct asked *a = ctx;
	struct prover *p = a->p;
	if (f->required != UINT32_MAX && a->flows[f->required] == UINT32_MAX)
		return;	/* may be permitted and need not */
	if (f->required != UINT32_MAX) {
		const struct required *r = &p->required[a->flows[f->required]];
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
		.regions = region_of(p, f->point),
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
	struct box_id *asked = ARENA_ARRAY(p->q.arena, struct box_id, p->n_required + more);
	uint32_t *flows = ARENA_ARRAY(p->q.arena, uint32_t, p->n_required + more);
	for (size_t i = 0; i < p->n_required; i++) {
		asked[n] = boxes[i];
		flows[n++] = (uint32_t)i;
	}
	for (size_t i = 0; i < more; i++) {
		asked[n] = p->tolerated[i];
		flows[n++] = UINT32_MAX;
	}
	struct asked a = { p, &list, flows, reply };
	struct sweep_question q = {
		.question = &p->q,
		.rules = list.rules.v,
		.n_rules = list.rules.n,
		.permits_rest = list.chain->fallthrough == ACTION_PERMIT,
		.required = asked,
		.n_required = n,
		.judged = p->judged,
		.n_judged = reply ? 0 : p->n_judged,
		.only_missing = reply,
		.steps = steps,
	};
	return sweep(p->q.arena, &q, take, &a);
}

static int missing_cmp(const void *x, const void *y)
{
	const struct missing *a = x, *b = y;
	int c = CMP(a->reply, b->reply);
	return c ? c : CMP((uintptr_t)a->required, (uintptr_t)b->required);
}

bool prove_by_sweep(struct prover *p, uint64_t steps)
{
	bool by_rules = !replies_are_free(p->rules);
	if (by_rules && p->rules->replies != REPLIES_TRACKED)
		return false;
	if (!ask(p, false, steps) || (by_rules && !ask(p, true, steps)))
		return false;
	sort_items(p->missing.v, p->missing.n, sizeof *p->missing.v, missing_cmp);
	return true;
}
