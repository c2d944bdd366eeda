/* SPDX-License-Identifier: Apache-2.0 */
/* The effect of rules, seen from where a line stands on painted lists. */
#include "prove/effect.h"
#include "prove/sweep/paint.h"

struct effect_painter {
	const struct flat_list *list;
	struct rule_effect *found; /* by rule */
	uint32_t *next[2];         /* by leaf: the next one, itself or later, that a rule permits, or denies */
};

/* The rules that decide leaves are effective, and needed where the next would decide otherwise. */
static void look_at_leaves(struct effect_painter *o, const struct canvas *c)
{
	uint32_t none = (uint32_t)o->list->n, next[2] = { c->to + 1, c->to + 1 };
	for (uint32_t leaf = c->to + 1; leaf-- > c->from;) {
		uint32_t first = c->first[0][leaf], second = c->second[0][leaf];
		if (first < none) {
			struct rule_effect *s = &o->found[o->list->rules[first]];
			s->alive = true;
			s->needed |= o->list->actions[first] != o->list->actions[second];
			if (o->list->actions[first] != ACTION_RETURN)
				next[o->list->actions[first] == ACTION_DENY] = leaf;
		}
		for (int j = 0; j < 2; j++)
			o->next[j][leaf] = next[j];
	}
}

static void look_against(struct effect_painter *o, const struct canvas *c, uint32_t i, struct span leaves)
{
	struct rule_effect *s = &o->found[o->list->rules[i]];
	if (s->against != NO_RULE)
		return;
	uint32_t other = o->next[o->list->actions[i] == ACTION_PERMIT][leaves.first];
	/* the rule that decides a leaf of this one precedes it */
	if (other <= leaves.last)
		s->against = o->list->rules[c->first[0][other]];
}

static void name_covers(struct effect_painter *o, const struct canvas *c, uint32_t i, struct span leaves)
{
	struct rule_effect *s = &o->found[o->list->rules[i]];
	for (uint32_t leaf = leaves.first; leaf <= leaves.last && s->n_over < MOST_OVER; leaf++) {
		uint32_t by = o->list->rules[c->first[0][leaf]];
		bool known = false;
		for (uint8_t j = 0; j < s->n_over; j++)
			known |= s->over[j] == by;
		if (!known)
			s->over[s->n_over++] = by;
	}
}

static void show(void *ctx, const struct canvas *c)
{
	struct effect_painter *o = ctx;
	look_at_leaves(o, c);
	for (size_t j = canvas_next(c, 0); j < c->plane->n; j = canvas_next(c, j + 1)) {
		const struct placed *p = &c->plane->v[j];
		struct rule_effect *s = &o->found[o->list->rules[p->box]];
		bool first_seen = !s->counts;
		s->counts = true;
		for (size_t i = 0; i < p->dst.n; i++) {
			struct span leaves = { MAX(p->dst.v[i].first, c->from), MIN(p->dst.v[i].last, c->to) };
			if (leaves.first > leaves.last)
				continue;
			look_against(o, c, p->box, leaves);
			if (first_seen && !s->alive)
				name_covers(o, c, p->box, leaves);
		}
	}
}

struct rule_effect *effects_by_painting(const struct effect_question *q, const struct flat_list *flat, uint64_t steps)
{
	const struct chain *c = &q->rules->chains.v[q->chain];
	struct painted_list list = { .boxes = flat->boxes, .n = flat->n };
	struct painting painting = { .workspace = q->w, .lists = &list, .n_lists = 1, .seconds = true, .steps = steps };
	struct effect_painter o = { .list = flat, .found = ARENA_ARRAY(q->arena, struct rule_effect, c->rules.n) };

	for (size_t i = 0; i < c->rules.n; i++)
		o.found[i].against = NO_RULE;
	for (int j = 0; j < 2; j++)
		o.next[j] = ARENA_ARRAY(q->arena, uint32_t, space_size(q->w->space, DIM_DST));
	if (!paint(q->arena, &painting, show, &o))
		return NULL;
	for (size_t i = 0; i < c->rules.n; i++)
		if (c->rules.v[i].action == ACTION_RETURN)
			o.found[i] = (struct rule_effect){ .against = NO_RULE };
	return o.found;
}
