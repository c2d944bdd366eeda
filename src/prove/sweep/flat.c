/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/sweep/flat.h"

enum action chain_rest(const struct ruleset *r, uint32_t chain)
{
	for (size_t i = 0; i < r->bases.n; i++)
		if (r->bases.v[i] == chain)
			return r->chains.v[chain].fallthrough == ACTION_PERMIT ? ACTION_PERMIT : ACTION_DENY;
	return ACTION_RETURN;
}

bool flat_list_of(struct arena *a, const struct compiled *code, const struct ruleset *r, uint32_t chain,
		  struct reading reading, struct flat_list *ret)
{
	const struct chain *c = &r->chains.v[chain];
	*ret = (struct flat_list){
		.boxes = ARENA_ARRAY(a, const struct box_id *, c->rules.n),
		.rules = ARENA_ARRAY(a, uint32_t, c->rules.n),
		.actions = ARENA_ARRAY(a, enum action, c->rules.n + 1),
	};
	for (size_t i = 0; i < c->rules.n; i++) {
		const struct rule *rule = &c->rules.v[i];
		const struct box_id *box = compiled_rule_box(code, chain, i);
		if (!box || !match_counts(&rule->match, reading))
			continue;
		bool decides = rule->action == ACTION_PERMIT || rule->action == ACTION_DENY;
		if ((!decides && rule->action != ACTION_RETURN) || compiled_rule_perhaps(code, chain, i))
			return false;
		ret->boxes[ret->n] = box;
		ret->rules[ret->n] = (uint32_t)i;
		ret->actions[ret->n++] = decides ? rule->action : chain_rest(r, chain);
	}
	ret->actions[ret->n] = chain_rest(r, chain);
	return true;
}
