/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that name RPC interfaces (Junos' uuid).
 *
 * The endpoint mapper replies with the port of an interface, the firewall reads the
 * reply, and from then on it knows the interface of a packet to that port.  So
 * there is one question for each interface that rules name, one for an interface
 * that none names, and one for no interface at all, each to the rules that apply
 * then: in each case the ordinary question.
 */
#pragma once

#include "base/vec.h"
#include "prove/prove.h"

/* An interface, by its UUID; RPC_OTHER: one that no rule names. */
#define RPC_OTHER NO_STR

/* The rules that apply to packets of an interface. */
struct ruleset *rules_of_rpc(struct arena *a, const struct ruleset *r, struct str interface);

/* The rule and chain of a rule set that one of its rules_of_rpc() or rules_without_rpc() is. */
void shown_in(const struct ruleset *whole, const struct ruleset *left, struct shown *s);

/* Packets of some boxes that may be of an interface, at any port that the mapper assigns. */
struct flowbox *handed_out(struct arena *a, const struct flowbox *boxes, size_t n, size_t *ret_n);

/*
 * True when a flow must pass as of the interface, one of the `named` ones that are
 * distinguished: *uuid is set to it, or empty when the flow names none.
 */
bool is_for_rpc(const struct required *r, struct str interface, const struct str *named, size_t n_named,
		struct str *uuid);
