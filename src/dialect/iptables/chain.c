/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chains of iptables: which of them packets of the side that is asked for pass
 * through, and what their policies and the other family mean once all is read.
 */
#include "dialect/iptables/iptables.h"

bool ipt_is_on_the_way(const struct ipt *t, struct str name)
{
	if (t->options->part.n)
		return str_eq(name, t->options->part);
	switch (t->options->side) {
	case POLICY_INBOUND:
		return str_is(name, "PREROUTING") || str_is(name, "INPUT");
	case POLICY_OUTBOUND:
		return str_is(name, "OUTPUT") || str_is(name, "POSTROUTING");
	case POLICY_TRANSIT:
	case POLICY_BOTH: /* no reader is asked for it */
		break;
	}
	return str_is(name, "PREROUTING") || str_is(name, "FORWARD") || str_is(name, "POSTROUTING");
}

enum { CHAIN_KEY = 256 };

static struct str chain_key(const struct ipt *t, enum family f, struct str name, char key[CHAIN_KEY])
{
	snprintf(key, CHAIN_KEY, "%d %.*s %.*s", f, (int)MIN(t->table.n, 60), t->table.p ? t->table.p : "",
		 (int)MIN(name.n, 150), name.p ? name.p : "");
	return str_of(key);
}

struct ipt_chain *ipt_chain_of(struct ipt *t, struct str name)
{
	char key[CHAIN_KEY];
	struct ipt_chain *c = strmap_get(&t->chains, chain_key(t, t->family, name, key));
	if (!c) {
		c = ARENA_NEW(t->keep, struct ipt_chain);
		c->family = t->family;
		c->table = t->table;
		c->number = ruleset_chain(t->rules, str_dup(t->keep, name), lines_at(&t->lines));
		strmap_add(&t->chains, str_of(arena_strdup(t->keep, key)), c);
		*VEC_ADD(t->keep, &t->all_chains) = c;
	}
	return c;
}

/*
 * A base chain begins with a rule about the other family.  Both families' chains
 * of one name form one base, so that a packet is decided by a rule of its own
 * family: that rule jumps to the other's chain once it exists.
 */
static void let_other_family_pass(struct ipt *t, const struct ipt_chain *c)
{
	struct draft_match m = draft_match_new(t->keep);
	draft_family(&m, t->family == IPV6 ? IPV4 : IPV6);
	for (int i = 0; i < 2; i++) {
		struct rule *rule = ruleset_rule(t->rules, c->number, lines_at(&t->lines));
		draft_into(&m, rule);
		rule->action = i ? ACTION_DENY : ACTION_PERMIT;
		rule->match.never = i; /* until it becomes uncertain: doubt_missing_family() */
		rule->implicit = true;
		rule->text = STR("implicit: the other family is filtered elsewhere");
	}
}

struct ipt_chain *ipt_define_chain(struct ipt *t, struct str name)
{
	struct ipt_chain *c = ipt_chain_of(t, name);
	if (c->defined)
		return c;
	c->defined = true;
	t->rules->chains.v[c->number].at = lines_at(&t->lines);
	bool asked = t->options->part.n && str_eq(name, t->options->part) && str_is(t->table, "filter");
	if (!ipt_is_built_in(name) && !asked)
		return c;
	t->rules->chains.v[c->number].fallthrough = ACTION_PERMIT;
	if (!ipt_is_on_the_way(t, name) || str_is(t->table, "nat") || (t->options->part.n && !asked)) {
		c->ignored = true;
		return c;
	}
	t->filters[t->family] |= str_is(t->table, "filter");
	c->filters = str_is(t->table, "filter") && ipt_is_built_in(name);
	char key[CHAIN_KEY];
	struct ipt_chain *other = strmap_get(&t->chains, chain_key(t, t->family == IPV6 ? IPV4 : IPV6, name, key));
	if (other && other->defined && !other->entered_from) {
		struct rule *rule = &t->rules->chains.v[other->number].rules.v[0];
		rule->action = ACTION_CALL;
		rule->target = c->number;
		c->entered_from = other;
		return c;
	}
	*VEC_ADD(t->keep, &t->rules->bases) = c->number;
	let_other_family_pass(t, c);
	return c;
}

static void check_chains(struct ipt *t)
{
	for (size_t i = 0; i < t->all_chains.n; i++) {
		const struct ipt_chain *c = t->all_chains.v[i];
		if (c->used_at.line && !c->defined && !t->rules->chains.v[c->number].rules.n)
			ruleset_unknown(t->rules, c->used_at, c->used_text,
					"\"%.*s\" is not a chain here, nor a known target",
					STR_ARG(t->rules->chains.v[c->number].name));
	}
}

/* Policies keep their value where no statement sets them. */
static void check_policies(struct ipt *t)
{
	for (size_t i = 0; i < t->all_chains.n; i++) {
		const struct ipt_chain *c = t->all_chains.v[i];
		const struct chain *chain = &t->rules->chains.v[c->number];
		if (c->filters && !chain->policy_at.line)
			ruleset_unknown(t->rules, chain->at, chain->name, "the policy of this chain is not stated");
	}
}

/* A file of one family does not state how the other is filtered: that is unknown. */
static void doubt_missing_family(struct ipt *t)
{
	if (t->filters[IPV4] == t->filters[IPV6])
		return;
	for (size_t i = 0; i < t->rules->bases.n; i++) {
		struct rule *rule = t->rules->chains.v[t->rules->bases.v[i]].rules.v;
		rule[1].match.never = false; /* else the policy would be read as one for both families */
		rule->perhaps = t->filters[IPV4] ? "IPv6 has separate rules (ip6tables), which are not in this file"
						 : "IPv4 has separate rules (iptables), which are not in this file";
	}
}

/* A base chain that another chain jumps to still has its own policy: packets that return from it meet that. */
static void write_policies(struct ipt *t)
{
	for (size_t i = 0; i < t->all_chains.n; i++) {
		const struct ipt_chain *c = t->all_chains.v[i];
		const struct chain *chain = &t->rules->chains.v[c->number];
		if (!c->entered_from)
			continue;
		struct rule *rule = &t->rules->chains.v[c->entered_from->number].rules.v[1];
		rule->at = chain->policy_at.line ? chain->policy_at : chain->at;
		rule->action = chain->fallthrough;
		rule->match.never = false;
		rule->text = str_printf(t->keep, "implicit: the policy of %.*s for %s", STR_ARG(chain->name),
					c->family == IPV6 ? "IPv6" : "IPv4");
	}
}

/* Filtering is decided in the table filter; it is read last, in the kernel's order. */
static void put_filter_last(struct ipt *t)
{
	uint32_t *order = ARENA_ARRAY(t->keep, uint32_t, t->rules->bases.n);
	size_t n = 0;
	for (int last = 0; last < 2; last++)
		for (size_t i = 0; i < t->rules->bases.n; i++) {
			uint32_t c = t->rules->bases.v[i];
			bool filters = false;
			for (int f = IPV4; f <= IPV6; f++) {
				char key[CHAIN_KEY];
				t->table = STR("filter");
				struct ipt_chain *chain = strmap_get(
					&t->chains, chain_key(t, (enum family)f, t->rules->chains.v[c].name, key));
				filters |= chain && chain->number == c;
			}
			if (filters == last)
				order[n++] = c;
		}
	if (n)
		memcpy(t->rules->bases.v, order, n * sizeof *order);
}

/* As iptables -L --line-numbers shows them, and -I and -D take them. */
static void number_rules(struct ipt *t)
{
	for (size_t i = 0; i < t->all_chains.n; i++) {
		const struct ipt_chain *c = t->all_chains.v[i];
		struct chain *chain = &t->rules->chains.v[c->number];
		for (size_t j = 0; j < c->entries.n; j++) {
			size_t end = j + 1 < c->entries.n ? c->entries.v[j + 1] : chain->rules.n;
			for (size_t at = c->entries.v[j]; at < end; at++)
				chain->rules.v[at].number = (uint32_t)j + 1;
		}
	}
}

void ipt_finish_chains(struct ipt *t)
{
	number_rules(t);
	check_chains(t);
	check_policies(t);
	doubt_missing_family(t);
	write_policies(t);
	put_filter_last(t);
	ipt_translate(t);
}
