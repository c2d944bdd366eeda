/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule sets: ordered rules as a firewall has them, whatever its language.
 *
 * Only the readers of dialects create them.  Rules are in chains; a rule that
 * matches decides, calls another chain, goes to one, or returns.  A packet enters
 * at one or several base chains, all of which must permit it (nftables' hooks; the
 * network ACL and the security group of a machine).  Where a language orders rules
 * otherwise (last match, block over allow, priorities), its reader puts them into
 * this order.
 *
 * A match is a product of sets of any size: a rule of 200 subnets, four servers and
 * sixteen services is one rule.  What a reader understands only in part (a rate
 * limit, an application id, a name that it cannot resolve) is marked uncertain,
 * with its reason, and there are two readings: what may be permitted and what must
 * be.
 *
 * Packets here open conversations (flow/packet.h), so rules for established ones
 * match none of them.  Replies are a second question, asked where the platform does
 * not track conversations (enum replies).  Packets that connection tracking calls
 * invalid are a third: unsolicited ICMP errors and replies, and TCP packets that begin
 * nothing.
 */
#pragma once

#include "base/diag.h"
#include "base/vec.h"
#include "flow/packet.h"

enum action {
	ACTION_PERMIT,
	ACTION_DENY,
	ACTION_RETURN, /* to the calling chain; in a base chain: its default decides */
	ACTION_CALL,   /* the chain `target`, then on */
	ACTION_GOTO,   /* the chain `target`, and back to the caller of this one */
	ACTION_NEXT,   /* does not decide (a rule that logs or counts) */
	N_ACTIONS,
};

/*
 * Names of the interfaces or zones through which a packet must enter or leave; empty: any.
 * A name that ends in * stands for all that begin so.
 */
struct interface_names {
	const struct str *v;
	size_t n;
	bool negated;
	const struct addr_map *after; /* the packet's address is translated before it counts; NULL: as sent */
};

/*
 * Which packets a match applies to, as a set: the first packets of conversations, those
 * after them, and packets that connection tracking calls invalid.
 */
enum conversation {
	CONVERSATION_ANY,             /* all of them, as is CONVERSATION_ALL */
	CONVERSATION_OPENING = 1,     /* the first: ct state new, tcp flags syn */
	CONVERSATION_ESTABLISHED = 2, /* those after it: established, related */
	CONVERSATION_INVALID = 4,     /* ct state invalid; asked only where replies are tracked */
	CONVERSATION_ALL = 7,
};

/* What lets replies back. */
enum replies {
	REPLIES_FREE,    /* the platform is stateful: ASA, SRX, security groups ... */
	REPLIES_TRACKED, /* a rule for established conversations: nftables, iptables */
	REPLIES_BY_FLAG, /* stateless: TCP by its ACK flag, the rest by separate rules: IOS, Junos filters */
	REPLIES_BY_RULE, /* stateless: all by separate rules: network ACLs */
};

struct match {
	const struct addrset *src, *dst;     /* NULL: any, of both families */
	const struct service_term *services; /* none: any */
	size_t n_services;
	struct interface_names in, out;
	enum conversation conversation;
	bool translated; /* holds only packets whose destination is translated: never, until ruleset_translate() copies it */
	uint32_t by;  /* of such a match: the translation, as a target has it; 0: any */
	bool as_sent; /* holds only packets whose destination is not translated: ruleset_translate() does not copy it */
	bool never;   /* matches nothing that counts here: loopback, an empty set ... */
};

struct rule {
	struct match match;
	enum action action;
	/*
	 * Of a call or goto: its chain.  Of ACTION_NEXT in a chain that translates: the number of
	 * ruleset.translations, + 1; 0: none.
	 */
	uint32_t target;
	const char *perhaps; /* why the match is not certain; NULL: it is */
	/*
	 * Not 0: matches only conversations with one RPC interface, at the port that the
	 * endpoint mapper named: the number of ruleset.rpc_interfaces, + 1, or
	 * RPC_ANY_INTERFACE.  A packet by itself does not show it, so such a rule is uncertain;
	 * prove() and compare() ask interface by interface (prove/rpc.h).
	 */
	uint32_t rpc;
	const char *rpc_perhaps; /* why the match is not certain even when the interface is known; NULL: it is */
	struct str name;         /* of the rule in its language; may be empty */
	struct str comment;
	struct str text; /* as written, for reports */
	struct loc at;
	bool implicit;   /* not in the file: a default that the platform adds */
	uint32_t number; /* by which statements of the language change it, as the file says it; 0: none */
};

struct chain {
	struct str name;
	struct loc at;
	VEC(struct rule) rules;
	enum action fallthrough; /* of a base chain: its policy; else ACTION_RETURN */
	struct loc policy_at;    /* where the policy is set; line 0: nowhere */
	bool aside;              /* it translates, or ruleset_translate() made it: its rules do not count as such */
	uint32_t translation;    /* of a copy: what its packets are subject to, + 1; 0: nothing */
};

/* Ports one to one, or all to a single one. */
struct port_map {
	struct port_range from, to;
};

/* What becomes of the packets that a rule translates; flow/translate.h. */
struct translation {
	const struct addr_map *src, *dst; /* NULL: unchanged */
	struct port_map port;             /* destination ports, where port_said */
	bool port_said;
	bool only_names;     /* rules compare addresses as sent, and interfaces or zones as they are behind it */
	const char *unknown; /* why the result is unknown; NULL: it is known */
	/* Why rules that compare sources, or source ports, are uncertain behind it; NULL: they are not. */
	const char *vague_src, *vague_sports;
};

/* A rule that is inactive: disabled or expired. */
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

/* What an interface or zone name stands for, where the file itself states it. */
struct interface_addresses {
	struct str name;
	struct addrset addresses;
};

/* An interface that belongs to a name which the file uses for several; empty: unknown ones do. */
struct interface_member {
	struct str group, member;
};

struct ruleset {
	struct arena *arena;
	const struct source *source;
	const char *dialect;
	VEC(struct chain) chains;
	VEC(uint32_t) bases; /* chains that a packet must pass, all of them */
	enum replies replies;
	const char *order; /* what orders rules, if not their place in the file; a clause */
	VEC(struct unknown_line) unknown;
	VEC(struct idle_rule) idle;
	VEC(const char *) assumed; /* not in the file, but assumed; sentences without a full stop */
	VEC(struct interface_addresses) interfaces;
	VEC(struct interface_member) members;
	VEC(struct str) rpc_interfaces;          /* that rules name, by UUID in lower case */
	bool rpc_named;                          /* some rule is of an RPC interface, or of any */
	size_t n_lines, n_understood, n_ignored; /* of the source, for the reader's account */
	VEC(struct translation) translations;
	struct match_pool *pool;    /* sets of matches, each once; see ruleset_keep() */
	size_t n_made;              /* rules that were ever requested */
	struct rule *spare;         /* returned beyond the limit */
	const char *too_much;       /* what exceeded its limit; NULL: nothing */
	bool helps_tftp, helps_rpc; /* opens the ports that these protocols negotiate */
};

enum {
	MOST_RULES = 4000000, /* and as many that do not count */
	MOST_CHAINS = 1000000,
	MOST_UNKNOWN = 1000000,
	MOST_CHAIN_DEPTH = 64,
};

/* The name `group` stands for the interface `member`, or, where it is empty, for unknown ones. */
void ruleset_member(struct ruleset *r, struct str group, struct str member);

struct ruleset *ruleset_new(struct arena *a, const struct source *s, const char *dialect);
uint32_t ruleset_chain(struct ruleset *r, struct str name, struct loc at);   /* makes one; its number */
int ruleset_find_chain(const struct ruleset *r, struct str name);            /* -1: none */
struct rule *ruleset_rule(struct ruleset *r, uint32_t chain, struct loc at); /* appends a zeroed rule */

/*
 * Copies what a match points to into the rule set's arena, equal sets once, so
 * that a reader may work in an arena that it resets after each rule.
 */
void ruleset_keep(struct ruleset *r, struct match *m);

void ruleset_unknown(struct ruleset *r, struct loc at, struct str text, const char *why, ...) PRINTF(4, 5);

/*
 * A rule of which only the conditions are understood: what it does to the packets that its
 * match contains is unknown, and it does nothing to others.  It is an uncertain permit followed
 * by an uncertain deny, of one text and place, so no packet of the match has a certain answer
 * unless an earlier rule decides it.  The match is kept (ruleset_keep()).
 */
void ruleset_doubt(struct ruleset *r, uint32_t chain, const struct match *m, struct loc at, struct str text,
		   const char *why);

/*
 * A line that the platform's own loader refuses: nothing of the file is in force, so no packet has a
 * certain answer.  why completes the sentence "the loader refuses this file: ...".
 */
void ruleset_refused(struct ruleset *r, struct loc at, struct str text, const char *why, ...) PRINTF(4, 5);

void ruleset_idle(struct ruleset *r, struct loc at, struct str text, const char *why);

/*
 * A first rule that is not written: packets to these addresses, or from them, do not meet the chain.  None: nothing is
 * added.  The set is kept.
 */
void ruleset_unfiltered(struct ruleset *r, uint32_t chain, const struct addrset *hosts, bool to);

/* A copy whose chains and rules are its own; what they refer to is shared. */
struct ruleset *ruleset_copy(struct arena *a, const struct ruleset *r);

size_t ruleset_size(const struct ruleset *r); /* rules as they were written, without implicit ones */

/*
 * False, with errors in d, when a call has no target chain, forms a loop or nests
 * too deep, or when a limit was exceeded.
 */
bool ruleset_check(const struct ruleset *r, struct diag *d);

/*
* A question about a packet: as the first of a conversation, as a reply or as an invalid one;
* and how uncertain matches count.
*/
struct reading {
	bool upper; /* uncertain rules permit and do not deny; else the opposite */
	bool reply;
	bool invalid; /* a packet that connection tracking calls invalid; not a reply */
};

/* How packets' interfaces follow from their addresses, at one firewall. */
struct interface_map {
	/* The addresses that may be behind a name; false when unknown. */
	bool (*addresses)(void *ctx, struct str name, struct addrset *ret);
	void *ctx;
	/* Those of them that are behind one of these names and behind no other; NULL: all. */
	struct addrset (*certain)(void *ctx, const struct str *names, size_t n);
};

/*
 * What a rule asks of a packet's interface: it holds for `certain`, and may hold for `possible`,
 * which contains the former.
 */
struct interface_reach {
	struct addrset certain, possible;
	const char *why; /* the sets differ; NULL: they do not */
	bool partly;     /* the names are some of the interfaces of a zone, and not all */
};
struct interface_reach interface_reach(struct arena *a, const struct interface_map *map,
				       const struct interface_names *names);

/*
 * True when two rules of a chain differ in the names of one interface alone.  A packet enters by one
 * interface, so such neighbours are one rule of all their names, whichever of them the packet uses.
 */
bool rules_differ_in_names(const struct rule *one, const struct rule *other, bool in);

/*
 * The naive evaluator, never optimised: the oracle of the tests.  What the rule set
 * decides of one packet in a reading, and the rule that decides (NULL: the policy
 * of the chain).  Of several base chains the first that denies decides; where all
 * permit, the last in which a rule does.
 */
enum action ruleset_decide(const struct ruleset *r, const struct packet *p, const struct interface_map *map,
			   struct reading reading, const struct rule **by, uint32_t *by_chain);

/* The first uncertain rule by which the packet may return from a chain before it is decided; NULL: there is none. */
const struct rule *ruleset_may_return(const struct ruleset *r, const struct packet *p, const struct interface_map *map,
				      struct reading reading);

/* The addresses and services of a match, whatever its interfaces. */
struct flowbox match_box(struct arena *a, const struct match *m);

/* The match of the replies to what a match contains: its two sides are exchanged. */
struct match match_of_replies(struct arena *a, const struct match *m);

/* True when a match can hold in the reading at all. */
bool match_counts(const struct match *m, struct reading reading);

/* The packets that a match applies to, as a set that is never zero. */
static inline unsigned match_conversations(const struct match *m)
{
	return m->conversation ? (unsigned)m->conversation : CONVERSATION_ALL;
}

/* It permits packets that connection tracking calls invalid, and its text selects them. */
bool rule_accepts_invalid(const struct rule *r);
const struct rule *ruleset_accepts_invalid(
	const struct ruleset *r); /* the first such rule, where it matters; or NULL */

/*
 * Of a stateless list: no rule permits the ICMP errors by which hosts find the size of packets that a path takes
 * (RFC 1191; RFC 8201), in a family of which it permits anything.
 */
bool ruleset_lacks_icmp_errors(const struct ruleset *r);

/*
 * True when the rules may let through an invalid packet whose addresses and service a first packet
 * is not let through with: only then is it a question of its own.
 */
bool ruleset_tells_invalid(const struct ruleset *r);

/*
 * True when the match of a chain's rule, among its neighbours, contains the packet; with an
 * unknown interface name it is true, and the result is uncertain.
 */
bool rule_holds(const struct chain *c, size_t rule, const struct packet *p, const struct interface_map *map,
		struct reading reading, bool *perhaps);
