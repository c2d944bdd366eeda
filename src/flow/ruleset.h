/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule sets: ordered rules as a firewall has them, whatever its language.
 *
 * A dialect's reader fills one in; nobody else makes them.  Rules stand in
 * chains; a rule that matches decides, calls another chain, goes to one, or
 * returns.  A packet enters at one or several base chains, all of which must
 * permit it (nftables' hooks; the network ACL and the security group of a
 * machine).  What a language orders otherwise (last match, block over allow,
 * priorities) its reader puts into this order.
 *
 * A match is a product of sets, as large as it likes: a rule about 200 subnets,
 * four servers and sixteen services is one rule.  What a reader understands
 * only in part (a rate limit, an application id, a name that it cannot
 * resolve) is marked perhaps, with its reason, and makes two readings: what may
 * be permitted and what must be.
 *
 * Packets here open conversations (flow/packet.h), so rules for established
 * ones match none of them.  What becomes of replies is a second question, asked
 * where the platform does not answer it by itself (enum replies).
 */
#pragma once

#include "base/diag.h"
#include "base/vec.h"
#include "flow/packet.h"

enum action {
	ACTION_PERMIT,
	ACTION_DENY,
	ACTION_RETURN,	/* to the calling chain; in a base chain: its default decides */
	ACTION_CALL,	/* the chain `target`, then on */
	ACTION_GOTO,	/* the chain `target`, and back to the caller of this one */
	ACTION_NEXT,	/* decides nothing (a rule that logs or counts) */
	N_ACTIONS,
};

/* Names of interfaces or zones that a packet must come in or go out by; empty: any. */
struct interface_names {
	const struct str *v;
	size_t n;
	bool negated;
};

/* Which packets of a conversation a match looks at. */
enum conversation {
	CONVERSATION_ANY,
	CONVERSATION_OPENING,		/* only the first: ct state new, tcp flags syn */
	CONVERSATION_ESTABLISHED,	/* only those after it: established, related */
};

/* What lets replies back. */
enum replies {
	REPLIES_FREE,		/* the platform tracks conversations: ASA, SRX, security groups ... */
	REPLIES_TRACKED,	/* a rule for established conversations does: nftables, iptables */
	REPLIES_BY_FLAG,	/* TCP by its ACK flag, the rest by rules of their own: IOS, Junos filters */
	REPLIES_BY_RULE,	/* all by rules of their own: network ACLs */
};

struct match {
	const struct addrset *src, *dst;	/* NULL: any, of both families */
	const struct service_term *services;	/* none: any */
	size_t n_services;
	struct interface_names in, out;
	enum conversation conversation;
	bool never;	/* matches nothing that counts here: invalid, loopback, an empty set ... */
};

struct rule {
	struct match match;
	enum action action;
	uint32_t target;	/* chain, of a call or goto */
	const char *perhaps;	/* why the match is not certain; NULL: it is */
	/*
	 * Not 0: matches only conversations with one RPC interface, at the port that the
	 * endpoint mapper named: the number of ruleset.rpc_interfaces, + 1, or
	 * RPC_ANY_INTERFACE.  A packet by itself does not show it, so such a rule is perhaps;
	 * prove() and compare() ask interface by interface (prove/rpc.h).
	 */
	uint32_t rpc;
	const char *rpc_perhaps;	/* why the match is not certain even when the interface is known; NULL: it is */
	struct str name;	/* of the rule in its language; may be empty */
	struct str comment;
	struct str text;	/* as written, for people */
	struct loc at;
	bool implicit;		/* not written: a default that the platform adds */
};

struct chain {
	struct str name;
	struct loc at;
	VEC(struct rule) rules;
	enum action fallthrough;	/* of a base chain: its policy; else ACTION_RETURN */
	struct loc policy_at;		/* where the policy is said; line 0: nowhere */
};

/* A rule that is there but does not count: disabled, inactive, expired. */
struct idle_rule {
	struct str text;
	struct loc at;
	const char *why;
};

/* Something that the reader did not understand. */
struct unknown_line {
	struct str text;
	struct loc at;
	const char *why;
};

/* RPC: a rule of every interface; and how many interfaces rules may name. */
#define RPC_ANY_INTERFACE UINT32_MAX
enum { MOST_RPC_INTERFACES = 256 };

/* What an interface or zone name stands for, where the file itself says it. */
struct interface_addresses {
	struct str name;
	struct addrset addresses;
};

struct ruleset {
	struct arena *arena;
	const struct source *source;
	const char *dialect;
	VEC(struct chain) chains;
	VEC(uint32_t) bases;		/* chains that a packet must pass, all of them */
	enum replies replies;
	const char *order;		/* what decides which rule is first, where that is not its place in the file; a clause */
	VEC(struct unknown_line) unknown;
	VEC(struct idle_rule) idle;
	VEC(const char *) assumed;	/* what the file does not say and is taken for granted; sentences without their stop */
	VEC(struct interface_addresses) interfaces;
	VEC(struct str) rpc_interfaces;	/* that rules name, by UUID in small letters */
	bool rpc_named;			/* some rule is of an RPC interface, or of any */
	size_t n_lines, n_understood, n_ignored;	/* of the source, for the reader's account */
	struct match_pool *pool;	/* sets of matches, each once; see ruleset_keep() */
	size_t n_made;			/* rules that were ever asked for */
	struct rule *spare;		/* is given out behind the most that may be */
	const char *too_much;		/* of what there is more; NULL: of nothing */
	bool helps_tftp, helps_rpc;	/* opens what these protocols negotiate */
};

enum {
	MOST_RULES = 4000000,		/* and as many that do not count */
	MOST_CHAINS = 1000000,
	MOST_UNKNOWN = 1000000,
	MOST_CHAIN_DEPTH = 64,
};

struct ruleset *ruleset_new(struct arena *a, const struct source *s, const char *dialect);
uint32_t ruleset_chain(struct ruleset *r, struct str name, struct loc at);	/* makes one; its number */
int ruleset_find_chain(const struct ruleset *r, struct str name);		/* -1: none */
struct rule *ruleset_rule(struct ruleset *r, uint32_t chain, struct loc at);	/* appends a zeroed rule */

/*
 * Copies what a match points to into the rule set's arena, equal sets once, so
 * that a reader may work in an arena that it resets after each rule.
 */
void ruleset_keep(struct ruleset *r, struct match *m);

void ruleset_unknown(struct ruleset *r, struct loc at, struct str text, const char *why, ...) PRINTF(4, 5);
void ruleset_idle(struct ruleset *r, struct loc at, struct str text, const char *why);

size_t ruleset_size(const struct ruleset *r);	/* rules as they were written, without implicit ones */

/*
 * False, with errors in d, when a call goes to no chain, goes round in a circle
 * or nests too deep, or when there was more of something than may be.
 */
bool ruleset_check(const struct ruleset *r, struct diag *d);

/* What is asked about a packet: as the first of a conversation or as a reply; and what a perhaps counts for. */
struct reading {
	bool upper;	/* perhaps permits, and denies not; else the reverse */
	bool reply;
};

/* How packets' interfaces follow from their addresses, at one firewall. */
struct interface_map {
	/* The addresses behind a name; false when nobody knows. */
	bool (*addresses)(void *ctx, struct str name, struct addrset *ret);
	void *ctx;
};

/*
 * The short evaluator that nobody optimises: the oracle of the tests.  What the
 * rule set decides of one packet in a reading, and the rule that decides (NULL:
 * the policy of the chain).  Of several base chains the first that refuses decides;
 * where all permit, the last in which a rule does.
 */
enum action ruleset_decide(const struct ruleset *r, const struct packet *p, const struct interface_map *map,
			   struct reading reading, const struct rule **by, uint32_t *by_chain);

/* What a match says of addresses and services, wherever its packets come in and go out. */
struct flowbox match_box(struct arena *a, const struct match *m);

/* True when a match can hold in the reading at all. */
bool match_counts(const struct match *m, struct reading reading);

/* True when a match holds the packet; with an unknown interface name, *perhaps is set and it is true. */
bool match_holds(const struct match *m, const struct packet *p, const struct interface_map *map,
		 struct reading reading, bool *perhaps);
