/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A match while a reader builds it: each condition narrows it.  It becomes the
 * struct match of a rule (flow/ruleset.h), in which protocol and ports are
 * products.
 */
#pragma once

#include "flow/ruleset.h"

struct draft_match {
	struct arena *arena;
	struct addrset src, dst;
	bool src_said, dst_said;
	struct portset protocols;     /* of 0-255; used as numbers */
	struct portset sports, ports; /* ports of protocols that have them */
	bool protocols_said, sports_said, ports_said;
	struct portset icmp_types, icmp_codes;
	bool icmp_said;
	struct interface_names in, out;
	enum conversation conversation;
	bool translated;
	bool never;
	bool unrouted;     /* only packets that no router has forwarded: a hop limit of 255 */
	bool some_invalid; /* of its invalid packets TCP flags select some, and not all */
	const char *perhaps;
};

typedef VEC(struct draft_match) draft_matches;

struct draft_match draft_match_new(struct arena *a);

/* Each narrows; a second one of the same kind means both. */
void draft_src(struct draft_match *m, struct addrset s, bool negated);
void draft_dst(struct draft_match *m, struct addrset s, bool negated);
void draft_family(struct draft_match *m, enum family f);
void draft_protocols(struct draft_match *m, struct portset numbers, bool negated);
void draft_protocol(struct draft_match *m, unsigned number);

/* Ports also narrow the protocols to those that have ports. */
void draft_sports(struct draft_match *m, struct portset s, bool negated);
void draft_ports(struct draft_match *m, struct portset s, bool negated);

/* Types and codes also narrow the protocols to ICMP (or ICMPv6, when `v6`). */
void draft_icmp(struct draft_match *m, bool v6, struct portset types, struct portset codes);

/* Neither the names of an earlier call nor these: both must hold, which is exact only for equal lists; else uncertain. */
void draft_in(struct draft_match *m, struct interface_names names);
void draft_out(struct draft_match *m, struct interface_names names);

/* Both sets must hold; draft_conversations() also takes the empty one. */
void draft_conversation(struct draft_match *m, enum conversation c);
void draft_conversations(struct draft_match *m, unsigned set);

/* Only packets whose destination is translated. */
void draft_translated(struct draft_match *m);

/*
 * Only packets that no router has forwarded.  Neighbour discovery (RFC 4861) is not a
 * connection that a proof is about; other packets of the same link may match it.
 */
void draft_unrouted(struct draft_match *m);

/*
 * True when it matches nothing but neighbour and router discovery, which is
 * link-local: no router forwards it, and routed packets are discarded (RFC 4861,
 * 7.1).  A filter on an interface must permit it all the same.
 */
bool draft_finds_neighbours(const struct draft_match *m);

/* Only the first reason is kept. */
void draft_perhaps(struct draft_match *m, const char *why);

/* The finished match; a draft that no packet can meet becomes `never`. */
struct match draft_match_done(const struct draft_match *m);

/* Which packets meet a condition on TCP flags. */
struct flags_met {
	bool opening, reply, later;  /* SYN; SYN and ACK; ACK */
	bool null, syn_fin, syn_rst; /* that connection tracking calls invalid */
};

/* Narrows the draft i to those; what is met in part becomes further drafts. */
void draft_flags(draft_matches *drafts, size_t i, struct arena *a, const struct flags_met *met);

/* A rule of the match: sets its match, and why it is uncertain. */
void draft_into(const struct draft_match *m, struct rule *r);

/* Once the rule has its action, and conditions on TCP flags select some of the invalid packets. */
void draft_settle(const struct draft_match *m, struct rule *r);

/* Sets of one. */
struct portset port_set(struct arena *a, uint16_t lo, uint16_t hi);
struct addrset range_set(struct arena *a, struct addr_range r);
struct portset all_port_set(void);
struct addrset everywhere_set(void);

/*
 * The addresses that agree with one in the bits that are set in a mask (of a wildcard: in
 * those that are clear); false: the families differ, or the mask has more holes
 * than the limit.
 */
bool masked_set(struct arena *a, struct addr at, struct addr mask, bool wildcard, struct addrset *ret);

/*
 * Why a match is uncertain that names something the file does not have: "address "dc1", which is not in this file".
 * The rule then stands for all that the name may be, and makes no other packet uncertain.
 */
const char *not_in_this_file(struct arena *a, const char *what, struct str name);
