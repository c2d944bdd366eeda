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

/*
 * Pairs of addresses that a vendor's configuration states: packets to `from` go to `to`.  A chain that translates,
 * made on first use, has a rule for each.
 */
struct translator {
	struct ruleset *rules;
	uint32_t chain;
	bool used;
};

struct stated_translation {
	struct interface_names in;          /* where packets enter; none: anywhere */
	struct interface_names out;         /* and leave, by their destination as sent */
	const struct addrset *src, *dst;    /* whose packets, and to whom; NULL: unknown, so any */
	const struct addrset *to;           /* as many addresses as dst, or one; NULL: unknown */
	bool same;                          /* no translation: an exemption */
	const struct service_term *service; /* NULL: every one */
	size_t n_services;                  /* 0: one, where there is a service */
	struct port_map port;
	bool port_said;
	bool only_names;
	bool both_ways; /* static: replies are translated as well; else first packets */
	bool source;    /* it is sources that are translated: src to `to` */
	const char *perhaps;
	struct loc at;
	struct str text;
};
/* The number of the translation, as a target has it; 0: of an exemption. */
uint32_t translator_add(struct translator *t, const struct stated_translation *s);
void translator_end(struct translator *t, const uint32_t *bases, size_t n_bases);
