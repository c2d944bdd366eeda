/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change of a rule set: in some chains, some rules replace others.  All other
 * rules keep their content and their order.
 *
 * A packet that no rule of a change matches is decided as before, by the same
 * rule.  That is what proving again rests on (prove/reprove.h).
 */
#pragma once

#include "flow/ruleset.h"

struct splice {
	uint32_t chain;
	size_t at; /* the first rule that is replaced, or the rule to insert before */
	size_t n_old;
	const struct rule *new;
	size_t n_new;
};

struct change_of_rules {
	const struct splice *v; /* at most one for each chain */
	size_t n;
	/* the new text of the rules, and the offset of what follows `line` in it */
	const struct source *source;
	uint32_t line;
	int32_t lines_more;
	ptrdiff_t counted_more, understood_more, ignored_more; /* in the reader's account */
};

/* The position of a rule, whatever moves. */
struct rule_place {
	uint32_t chain;
	size_t rule;
};

/* The place of one of the set's own rules. */
struct rule_place rule_place_of(const struct ruleset *r, const struct rule *rule);

/* Its position after the change; false when it was replaced. */
bool rule_place_moved(const struct change_of_rules *c, struct rule_place *place);

/* Applies the change.  Pointers to rules of the changed chains are invalid afterwards. */
void change_apply(struct ruleset *r, const struct change_of_rules *c);
