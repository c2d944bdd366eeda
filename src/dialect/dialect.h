/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dialect is one firewall's way of writing rules.
 *
 * To add one: write dialect/NAME/NAME.c, or dialect/NAME.c where one file is
 * enough, with its struct dialect at the end; add NAME to dialect/table.h, and put
 * examples into tests/golden/dialect-NAME/.  The round-trip, oracle, mutation and
 * fuzz tests find it through the table.  What dialects share is in dialect/common;
 * no dialect includes another one's header.
 *
 * What a dialect cannot say exactly is an error at emission, never a rule that
 * is a little too wide.  What a reader does not understand goes into the rule
 * set's list of unknown lines, never aside.
 */
#pragma once

#include "flow/policy.h"
#include "flow/ruleset.h"

/* What a caller may want of a reader; zeroed: the usual. */
struct read_options {
	const char *dialect_option;	/* by which another language is said, for messages; NULL: --dialect */
	/*
	 * The part of the file that filters: a chain or hook (iptables: FORWARD, INPUT or
	 * OUTPUT; nftables: forward ...), an access list's name, a virtual firewall.
	 * Empty: transit traffic, and all that is bound to an interface.
	 */
	struct str part;
	enum policy_side side;
	/* Host firewalls: the profile that is active (windows: Domain, Private, Public). */
	struct str profile;
	/*
	 * Interfaces or zones behind which the estate has several of its zones: what goes
	 * between those comes and leaves by the same name.
	 */
	const struct str *shared;
	size_t n_shared;
	/*
	 * The ports that the host's RPC runtime hands out, where a word in its rules
	 * stands for them (windows: RPC); hi 0: nobody knows, so 49152-65535, which
	 * is what Windows has unless it is told otherwise.
	 */
	struct port_range rpc;
};

/* What a line of a file is to the lines around it; see dialect/reread.h. */
enum line_kind {
	LINE_CONTEXT,	/* anything: it has to be read */
	LINE_RULE,	/* rules that stand where the line stands, and nothing else */
	LINE_NUMBERED,	/* rules that stand where their number says, and nothing else */
	LINE_DISTURBS,	/* changes rules of other lines: takes away, replaces, inserts */
};

struct dialect {
	const char *name;	/* as typed: --dialect nftables */
	const char *title;	/* as shown: "nftables, Linux 5.2 and later" */
	const char *ending;	/* of files: "nft" */

	/*
	 * Writes the policy; callers use dialect_emit(), which has looked at `cannot`
	 * already.  What the dialect cannot say exactly beyond that is an error in d; it
	 * is never widened, narrowed or left out.  A policy without zones is written for
	 * all interfaces.  NULL: it can only be read.
	 */
	bool (*emit)(const struct policy *p, struct out *out, struct diag *d);

	/*
	 * Reads rules.  False after an error in d: a broken file, not a strange one.
	 * NULL: it can only be written.
	 */
	bool (*parse)(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		      struct diag *d);

	/* How much a text looks like this dialect: 0 not at all, 100 certainly.  Looks at the beginning only. */
	unsigned (*resembles)(struct str text);

	/*
	 * What a line by itself can be taken for, without its end and white space around it.
	 * A line that may be two things is context.  NULL: all lines are.
	 */
	enum line_kind (*line_kind)(struct str line);

	bool for_hosts;		/* writes hosts' own firewalls (POLICY_INBOUND, POLICY_OUTBOUND) */
	bool for_transit;	/* writes firewalls between zones */
	bool names_interfaces;	/* writes RPC by interface (RPC_BY_INTERFACE) */
	bool inspects_rpc;	/* writes that the firewall reads RPC (RPC_BY_INSPECTION) */

	/* What the language has no words for: emitting it is an error. */
	unsigned cannot;

	/*
	 * Rules that one relation of many hosts and many TCP and UDP services takes, with
	 * what the platform needs around it; the tests hold emission to it.
	 */
	unsigned rules_of_a_relation;

	/*
	 * What one list of the platform takes; 0: as many as there are.  dialect_emit()
	 * writes larger relations as several, and cuts names.
	 */
	unsigned most_addresses;	/* prefixes of one side */
	unsigned most_services;		/* ranges of ports, types and protocols */
	unsigned longest_name;		/* of groups and services; 0: the emitter sees to it */

	/*
	 * True for a name of a group, or of a list of services, that would mean something
	 * else: to the language, or among the names that the emitter makes.  dialect_emit()
	 * calls it otherwise.  NULL: there are none.
	 */
	bool (*means_other)(struct str name, bool services);
};

enum {
	CANNOT_ICMP = 1 << 0,		/* single ICMP types */
	CANNOT_OTHER = 1 << 1,		/* protocols besides TCP, UDP and ICMP */
	CANNOT_IPV6 = 1 << 2,
	CANNOT_ICMP_CODES = 1 << 3,	/* single ICMP codes */
	CANNOT_WHOLE_ICMP = 1 << 4,	/* all of ICMP, or all of ICMPv6 */
	CANNOT_ANY = 1 << 5,		/* every protocol at once */
	CANNOT_SOURCE_PORTS = 1 << 6,
	CANNOT_PROTOCOL_RANGES = 1 << 7,	/* dialect_emit() writes their numbers one by one */
};

extern const struct dialect *const dialects[];	/* in the order that people see; ends with NULL */
const struct dialect *dialect_find(struct str name);

/* The dialect that a text looks most like; NULL when it looks like none. */
const struct dialect *dialect_guess(struct str text);

/*
 * Writes a policy.  An error in d, with nothing written, when the dialect has no
 * words for one of its services.
 */
bool dialect_emit(const struct dialect *dialect, const struct policy *p, struct out *out, struct diag *d);

/*
 * Reads with a dialect, whatever the encoding: UTF-16, with its byte order mark or without, and
 * UTF-8 with one are converted, CRLF and lone CR are line ends.  Adds an error
 * that names the likelier dialect when the text is clearly another's.
 */
bool dialect_read(struct arena *a, const struct dialect *dialect, const struct source *s, const struct read_options *o,
		  struct ruleset **ret, struct diag *d);

/* What a stranger's file may ask for. */
enum {
	MOST_RULES_BYTES = 512 << 20,
	LONGEST_RULE_LINE = 1 << 20,
	MOST_GROUP_DEPTH = 32,
	MOST_MEMBERS = 4000000,
};
