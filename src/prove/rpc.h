/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that name RPC interfaces (Junos' uuid).
 *
 * The endpoint mapper says at which port an interface is, the firewall reads its
 * answer, and from then on it knows of which interface a packet to that port is.
 * So a packet is asked about once for each interface that rules name, once as
 * of an interface that none names, and once as of no interface at all, of rules
 * that are left as they decide then: of each reading, the ordinary question.
 */
#pragma once

#include "base/vec.h"
#include "prove/prove.h"

/* An interface, by its UUID; RPC_OTHER: one that no rule names. */
#define RPC_OTHER NO_STR

/* The rules that are left for packets of an interface. */
struct ruleset *rules_of_rpc(struct arena *a, const struct ruleset *r, struct str interface);

/* The rule and chain of a rule set that one of its rules_of_rpc() or rules_without_rpc() is. */
void shown_in(const struct ruleset *whole, const struct ruleset *left, struct shown *s);

/* Packets of some boxes that may be of an interface, wherever the mapper puts it. */
struct flowbox *handed_out(struct arena *a, const struct flowbox *boxes, size_t n, size_t *ret_n);

/*
 * True when a flow has to pass as of the interface, of `named` that are told apart:
 * *uuid is it, or empty when the flow does not say.
 */
bool is_for_rpc(const struct required *r, struct str interface, const struct str *named, size_t n_named, struct str *uuid);
