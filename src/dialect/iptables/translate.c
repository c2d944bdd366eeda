/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translation of destinations (iptables-extensions(8): DNAT, REDIRECT, NETMAP): what a target makes
 * of a packet, and which chains see it.  The table nat is passed by the first packets of connections.
 * Sources are translated behind the filter.
 */
#include "dialect/iptables/iptables.h"

#include "dialect/common/translations.h"

/* The word after an option of the target; empty: it is not there. */
static struct str value_of(const struct ipt_rule *r, const char *option)
{
	const words *w = &r->t->words;
	for (size_t i = 0; i + 1 < w->n; i++)
		if (str_is(w->v[i], option))
			return w->v[i + 1];
	return NO_STR;
}

bool ipt_translation(const struct ipt_rule *r, const struct draft_match *m, struct translation *ret)
{
	bool random = str_find_text(r->t->line, STR("--random")) != SIZE_MAX;
	*ret = (struct translation){ .unknown = translation_unknown };
	if (str_is(r->target, "DNAT") && !random)
		*ret = translation_to(m, value_of(r, "--to-destination"));
	else if (str_is(r->target, "NETMAP"))
		*ret = translation_of_prefix(m, value_of(r, "--to"));
	return str_is_one_of(r->target, "DNAT NETMAP REDIRECT");
}

/* True for a built-in chain that packets pass after their destination is translated. */
static bool follows(const struct ipt *t, const struct ipt_chain *c, bool outbound)
{
	struct str name = t->rules->chains.v[c->number].name;
	bool filters = str_is_one_of(c->table, "filter security");
	if (!ipt_is_built_in(name))
		return filters;
	if (str_is(name, "OUTPUT"))
		return outbound && filters;
	return !str_is(name, "PREROUTING") && !str_is(c->table, "nat");
}

/* The table nat translates packets of the side that is asked for in one chain of each family. */
void ipt_translate(struct ipt *t)
{
	bool outbound = t->options->part.n ? str_is(t->options->part, "OUTPUT") : t->options->side == POLICY_OUTBOUND;
	const char *name = outbound ? "OUTPUT" : "PREROUTING";
	VEC(uint32_t) before = { 0 }, bases = { 0 };
	for (size_t i = 0; i < t->all_chains.n; i++) {
		const struct ipt_chain *c = t->all_chains.v[i];
		if (str_is(c->table, "nat") && str_is(t->rules->chains.v[c->number].name, name))
			*VEC_ADD(t->keep, &before) = c->number;
		if (follows(t, c, outbound))
			*VEC_ADD(t->keep, &bases) = c->number;
	}
	ruleset_translate(t->rules, before.v, before.n, bases.v, bases.n);
}
