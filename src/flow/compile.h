/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule set as diagrams: what it permits, in both readings, and which rule
 * decides a packet.
 *
 * The algorithm is divide and conquer over an associative operation, "first match":
 * the rules of a chain are combined by halves, as in parallel prefix computation
 * (Ladner and Fischer, JACM 27(4), 1980), so similar rules meet early and the work
 * depends on their content, not on the square of their number.  The halves are
 * kept: to find the rule that decides a packet, walk down from the whole to the
 * half that matches.
 */
#pragma once

#include "flow/ruleset.h"
#include "flow/space.h"

struct compiled;

/* First: adds the rule set's sets to a space that is not frozen yet. */
struct compiled *compile_add(struct arena *a, struct space *s, const struct ruleset *r,
			     const struct interface_map *map);

/*
 * The field order in which the diagrams of a long list are likely smallest, tried on a
 * sample of its rules; in the frozen space.  A short list has the default order.
 */
const enum dim *compiled_order(const struct compiled *c);

/* Then: gives it the diagrams' manager.  Diagrams are made on first use. */
void compile_make(struct compiled *c, struct diagrams *m);

/* The packets that may (upper) or must be permitted, as a set; the same when no rule is uncertain. */
diagram compiled_permitted(struct compiled *c, struct reading reading);

/*
 * The rule that decides the packet of a point: NULL when the policy of *chain does.
 * A call is followed into its chain.
 */
const struct rule *compiled_blame(struct compiled *c, const uint32_t point[N_DIMS], struct reading reading,
				  uint32_t *chain);

/*
 * Partitions a set by what decides its packets, as compiled_blame() would for each:
 * disjoint parts, a rule or policy once, in the order in which rules are tried.
 * Beyond `most` parts it stops, with *more; a part of a called chain may then lack
 * what comes to it by a later call.  Nothing when there is no base chain.
 */
struct decided {
	const struct rule *by; /* NULL: a policy */
	uint32_t chain;
	diagram set;
};
struct decided *compiled_split(struct compiled *c, diagram set, struct reading reading, size_t most, size_t *n,
			       bool *more);

/* The first packets of conversations that a rule matches, whatever rules precede it; a set. */
diagram compiled_rule_match(const struct compiled *c, uint32_t chain, size_t rule);

/*
 * The packets that a rule decides: its match without what the rules before it in
 * its chain decide.  Decisions before the chain is entered are ignored.
 */
diagram compiled_rule_share(struct compiled *c, uint32_t chain, size_t rule, struct reading reading);

/* The packets that no rule of a chain decides. */
diagram compiled_chain_rest(struct compiled *c, uint32_t chain, struct reading reading);

/* The box of a rule's match; NULL when it matches nothing. */
const struct box_id *compiled_rule_box(const struct compiled *c, uint32_t chain, size_t rule);

/* What one rule decides by itself, calls included: a decision. */
diagram compiled_rule_decision(struct compiled *c, uint32_t chain, size_t rule, struct reading reading);

/* True when some rule is uncertain, or an interface's addresses are unknown. */
bool compiled_has_perhaps(const struct compiled *c);

/* Why the rule is uncertain; NULL when it is not. */
const char *compiled_perhaps(const struct compiled *c, const struct rule *rule);
const char *compiled_rule_perhaps(const struct compiled *c, uint32_t chain, size_t rule);
