/* SPDX-License-Identifier: Apache-2.0 */
/* The last rule that matches decides, unless one is quick; here the first does. */
#include "dialect/pf/pf.h"

/* The order in which rules are evaluated. */
enum pf_turn { TURN_SKIP, TURN_QUICK, TURN_LAST };

static enum pf_turn turn_of(const struct pf_rule *r)
{
	return r->skips ? TURN_SKIP : r->quick ? TURN_QUICK : TURN_LAST;
}

uint32_t pf_chain(struct pf *pf, bool in)
{
	uint32_t chain = ruleset_chain(pf->rules, in ? STR("in") : STR("out"), (struct loc){ pf->source, 0, 0, 0 });
	pf->rules->chains.v[chain].fallthrough = ACTION_PERMIT;
	pf->ordered.n = 0;
	/* an interface that is skipped is skipped everywhere in the file */
	for (enum pf_turn turn = TURN_SKIP; turn <= TURN_LAST; turn++)
		for (size_t i = 0; i < pf->all.n; i++) {
			const struct pf_rule *r = &pf->all.v[turn == TURN_LAST ? pf->all.n - 1 - i : i];
			if (turn_of(r) != turn || !(in ? r->in : r->out))
				continue;
			struct rule *to = ruleset_rule(pf->rules, chain, r->rule.at);
			*to = r->rule;
			*VEC_ADD(pf->arena, &pf->ordered) = r;
			/* a rule for both directions is written once, and counted once */
			to->implicit = !in && r->in && pf->options->side == POLICY_TRANSIT;
			if (in)
				to->match.in = r->on;
			else
				to->match.out = r->on;
		}
	return chain;
}
