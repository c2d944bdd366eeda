/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address translation, resolved in the coordinates of the packet as sent.
 *
 * A reader puts the rules that translate into chains, as it puts those that filter: a rule of
 * ACTION_NEXT whose target is a translation translates what it matches and ends the chain; a
 * permit ends it without translation, and a deny drops the packet.  Calls, returns and uncertain
 * matches mean what they mean elsewhere.
 *
 * ruleset_translate() then rewrites the rule set: a base chain that sees translated packets gets a
 * chain before it that dispatches them to copies of its rules, one for each translation, whose
 * matches are the preimages of the rules' own.  So the engines, and all who ask about packets,
 * know packets as they were sent and nothing else.
 */
#pragma once

#include "flow/ruleset.h"

enum {
	MOST_TRANSLATED_RULES = 1000000, /* copies */
	MOST_TRANSLATION_WORK = 20000000 /* rules that are tried for one */
};

/* The target of a rule that translates; what the maps point to is copied. */
uint32_t ruleset_translation(struct ruleset *r, struct translation t);

/*
 * Puts the chains `before`, in their order, before base chains (numbers in r->bases).  The first
 * chain that translates a packet decides its translation; where all let it pass, the base chain
 * sees it as sent.  Beyond the limits a translation has unknown effect.
 */
void ruleset_translate(struct ruleset *r, const uint32_t *before, size_t n_before, const uint32_t *bases,
		       size_t n_bases);

/* The packet as the rules of a chain see it; false: as it was sent, or nothing is known of it.  NULL: no chain. */
bool packet_translated(const struct ruleset *r, const struct chain *chain, const struct packet *sent,
		       struct packet *ret);
