/* SPDX-License-Identifier: Apache-2.0 */
/* Targets of address translation, as iptables and nftables write them. */
#pragma once

#include "dialect/common/match.h"
#include "flow/translate.h"

/*
 * "A", "A:P", "A:P-Q", "[A]:P", ":P", and "A:P-Q/B" of iptables: what it makes of the packets of a draft.
 * Ports go to one port, stay in a range that holds them, or are counted from the base B.  Anything else, such as
 * several addresses, is unknown; the reason is set.  The maps are in the draft's arena.
 */
struct translation translation_to(const struct draft_match *m, struct str target);

/* The destinations of a draft, one range in a prefix, with the first bits of another prefix. */
struct translation translation_of_prefix(const struct draft_match *m, struct str target);

extern const char translation_unknown[];
