/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flows to published hosts: it is not enough that the rules permit their packets, the translation
 * has to take them to the host.
 */
#pragma once

#include "prove/prove.h"

/* Some flow of the question has to be translated. */
bool asks_arrival(const struct proof_question *q);

/*
 * Makes the rules deny each required packet whose translation does not make of it what the flow
 * says (required.arrives), or that none translates.  Packets that no flow requires keep their decision.
 */
void rules_must_arrive(struct ruleset *r, const struct proof_question *q);

/* True of the rules that are added. */
bool rule_wants_arrival(const struct rule *r);
