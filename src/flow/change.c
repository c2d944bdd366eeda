/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/change.h"

struct rule_place rule_place_of(const struct ruleset *r, const struct rule *rule)
{
	uint32_t c = 0;
	while (c < r->chains.n) {
		uintptr_t begin = (uintptr_t)r->chains.v[c].rules.v, at = (uintptr_t)rule;
		if (at >= begin && at < begin + r->chains.v[c].rules.n * sizeof *rule)
			break;
		c++;
	}
	assert(c < r->chains.n);
	return (struct rule_place){ c, (size_t)(rule - r->chains.v[c].rules.v) };
}

bool rule_place_moved(const struct change_of_rules *c, struct rule_place *place)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct splice *s = &c->v[i];
		if (s->chain != place->chain || place->rule < s->at)
			continue;
		if (place->rule < s->at + s->n_old)
			return false;
		place->rule += s->n_new;
		place->rule -= s->n_old;
	}
	return true;
}

static void splice_chain(struct ruleset *r, const struct splice *s)
{
	struct chain *chain = &r->chains.v[s->chain];
	size_t after = chain->rules.n - s->at - s->n_old, n = s->at + s->n_new + after;
	assert(s->at + s->n_old <= chain->rules.n);
	while (chain->rules.n < n)
		VEC_ADD(r->arena, &chain->rules);
	if (after)
		memmove(&chain->rules.v[s->at + s->n_new], &chain->rules.v[s->at + s->n_old],
			after * sizeof(struct rule));
	if (s->n_new)
		memcpy(&chain->rules.v[s->at], s->new, s->n_new * sizeof(struct rule));
	chain->rules.n = n;
}

static void move_loc(const struct change_of_rules *c, struct loc *at)
{
	if (!at->source)
		return;
	at->source = c->source;
	if (at->line > c->line)
		at->line += (uint32_t)c->lines_more;
}

void change_apply(struct ruleset *r, const struct change_of_rules *c)
{
	for (size_t i = 0; i < r->chains.n; i++) {
		struct chain *chain = &r->chains.v[i];
		move_loc(c, &chain->at);
		move_loc(c, &chain->policy_at);
		for (size_t j = 0; j < chain->rules.n; j++)
			move_loc(c, &chain->rules.v[j].at);
	}
	for (size_t i = 0; i < r->unknown.n; i++)
		move_loc(c, &r->unknown.v[i].at);
	for (size_t i = 0; i < r->idle.n; i++)
		move_loc(c, &r->idle.v[i].at);
	/* new rules have their location already */
	for (size_t i = 0; i < c->n; i++)
		splice_chain(r, &c->v[i]);
	r->source = c->source;
	r->n_lines += (size_t)c->counted_more;
	r->n_understood += (size_t)c->understood_more;
	r->n_ignored += (size_t)c->ignored_more;
}
