/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dialect is the rule language of one firewall.
 *
 * To add one: write dialect/NAME/NAME.c, or dialect/NAME.c where one file is
 * enough, with its struct dialect at the end; add NAME to dialect/table.h, and put
 * examples into tests/golden/dialect-NAME/.  The round-trip, oracle, mutation and
 * fuzz tests find it through the table.  What dialects share is in dialect/common;
 * no dialect includes another one's header.
 *
 * What a dialect cannot express exactly is an error at emission, never a rule that
 * is a little too wide.  What a reader does not understand is added to the rule
 * set's list of unknown lines; it is never skipped.
 */
#pragma once

#include "flow/policy.h"
#include "flow/ruleset.h"

/*
 * A program of the host, for rules that are bound to one (windows).  A packet does not show the
 * program that it is for; its port does, where the catalogue knows which one listens.
 */
struct host_program {
	struct str path;                    /* "%SystemRoot%\\System32\\lsass.exe"; "System": the kernel */
	struct str name;                    /* for messages: "lsass.exe", "svchost.exe/EventLog" */
	const struct str *windows_services; /* that run in it */
	size_t n_windows_services;
	bool shared;               /* others do too: a rule must name one */
	struct portset listens[2]; /* TCP, UDP: ports of this host's services that are its own */
	struct portset owns[2];    /* and those that are its own where something listens at all */
	struct portset protocols;  /* without ports, as numbers: all of their packets are for it */
	bool rpc;                  /* some of the host's RPC services are its own */
	bool may_rpc;              /* it has RPC services, and whether this host uses them is unknown */
};

/* What an estate knows of a host whose own rules are read; zeroed: nothing. */
struct host_facts {
	const struct host_program *programs;
	size_t n_programs;
	struct addrset local_subnets, dns_servers, dhcp_servers; /* empty: unknown */
};

/* Options of a reader; zeroed: the defaults. */
struct read_options {
	const char *dialect_option; /* the option that selects another language, for messages; NULL: --dialect */
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
	 * Interfaces or zones behind which the estate has several of its zones: traffic
	 * between those zones enters and leaves by the same name.
	 */
	const struct str *shared;
	size_t n_shared;
	/* of a firewall of a language whose rules are at each host: addresses of hosts that have none */
	struct addrset outside;
	/*
	 * The ports that the host's RPC runtime assigns, where a keyword in its rules
	 * stands for them (windows: RPC); hi 0: unknown, so 49152-65535, which
	 * is the default of Windows.
	 */
	struct port_range rpc;
	struct host_facts host;
};

/* What a line of a file is to the lines around it; see dialect/reread.h. */
enum line_kind {
	LINE_CONTEXT,  /* anything: it must be read in its context */
	LINE_RULE,     /* rules at the place of the line, and nothing else */
	LINE_NUMBERED, /* rules at the place that their number gives, and nothing else */
	LINE_DISTURBS, /* changes rules of other lines: removes, replaces, inserts */
};

/* What loading a file does to what an earlier file of ours left on the device. */
enum dialect_loads {
	LOADS_REPLACES_ALL, /* everything that filters there is what the file says */
	LOADS_REPLACES_OWN, /* what an earlier file of ours left goes; what others wrote stays */
	LOADS_ADDS,         /* what the file does not name stays, also what was ours */
	N_LOADS,
};
extern const char *const dialect_loads_words[N_LOADS]; /* "replaces-all", ... */

/* How a file gets onto its device.  Commands of the platform, FILE being the file; NULL: there is none. */
struct dialect_loading {
	enum dialect_loads loads;
	const char *load; /* puts it into force */
	const char *keep; /* over a restart, where loading does not do that */
	const char *undo;
	const char *
		lands; /* where new rules come to stand among those of others, and what puts them first; NULL: first, or alone */
};

/* A change of a list that was read: rules that are put before one of its rules, or a rule that goes. */
struct patch_step {
	const struct chain *chain;
	const struct rule *at; /* before which; NULL: after the last.  Or which one goes */
	bool removes;          /* the rule goes, and there are no boxes */
	bool denies;           /* what is added denies */
	const struct flowbox *boxes;
	size_t n_boxes;
	struct str title; /* what it is for, a line */
};

struct dialect;
struct patch_request {
	const struct dialect *dialect;
	const struct ruleset *rules;
	struct str text;                /* that the rules were read from */
	const struct policy *place;     /* its name and zones; its relations do not matter */
	const struct patch_step *steps; /* in the order of the list */
	size_t n;
};

/*
 * Writes the statements of a patch, to be pasted after what is there, and those that undo it.  NULL, or why there is no
 * patch, a clause.  Callers read and prove what was written before anybody sees it.
 */
struct patch_writer {
	const char *comment; /* the beginning of a line that is a comment: "# " */
	const char *(*write)(struct arena *a, const struct patch_request *q, struct out *apply, struct out *undo);
};

/* What the platform has to be told and no plan knows; lists end with a NULL key. */
struct dialect_setting {
	const char *key;
	const char *about;   /* a line, for messages */
	const char *also;    /* characters of its value besides letters and digits */
	const char *choices; /* "lines groups": the allowed values; NULL: any of these characters */
	unsigned longest;    /* bytes of a value */
	/*
	 * What is written where it is not given: a word that the platform refuses, so that nothing is invented and nothing
	 * loaded until it is replaced; NULL: nothing.
	 */
	const char *stands_for_it;
};

/*
 * Of a language that adds and whose files cannot remove: writes the commands of the platform that remove what an earlier
 * file of ours made and the new one does not.  False, with errors in d at the place, when the earlier file is not ours or
 * has names that we do not give.
 */
struct dialect_removal {
	bool (*write)(struct arena *a, const struct source *before, const struct source *now, struct out *o,
		      struct diag *d);
	const char *when; /* "before": the commands are run before the new file is loaded, or "after" */
};

struct dialect {
	const char *name;   /* as typed: --dialect nftables */
	const char *title;  /* as shown: "nftables, Linux 5.2 and later" */
	const char *ending; /* of files: "nft" */

	/*
	 * Writes the policy; callers use dialect_emit(), which has checked `cannot`
	 * already.  What else the dialect cannot express exactly is an error in d; it
	 * is never widened, narrowed or left out.  A policy without zones is written for
	 * all interfaces.  NULL: the dialect can only be read.
	 */
	bool (*emit)(const struct policy *p, struct out *out, struct diag *d);

	/*
	 * Reads rules.  False after an error in d: the file is malformed, not just unfamiliar.
	 * NULL: the dialect can only be written.
	 */
	bool (*parse)(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		      struct diag *d);

	/* How much a text looks like this dialect, 0 (not at all) to 100 (certainly), judged by its beginning. */
	unsigned (*resembles)(struct str text);

	/*
	 * The kind of a single line, without its line end and surrounding white space.
	 * A line that may be of two kinds is context.  NULL: all lines are.
	 */
	enum line_kind (*line_kind)(struct str line);

	const struct dialect_loading *loading; /* of one that writes */
	bool has_no_comments;                  /* its files cannot say how they are loaded */

	/*
	 * Of a language that adds: writes the statements that remove what an earlier file of ours made and the new one does
	 * not.  NULL: loading removes it, or it is not known how (LOADS_ADDS).
	 */
	void (*withdraw)(struct arena *a, struct str before, struct str now, struct out *o);
	const struct dialect_removal *removal; /* in place of withdraw: commands in a file of their own */

	const struct dialect_setting *settings; /* NULL: there are none */

	const struct patch_writer *patch; /* NULL: the language has no statements that change a list in place */

	bool for_hosts;    /* writes hosts' own firewalls (POLICY_INBOUND, POLICY_OUTBOUND) */
	bool for_transit;  /* writes firewalls between zones */
	bool at_each_host; /* of those: rules are at each host behind them, and filter what passes inside a zone, too */
	bool only_incoming;    /* of those: only what a host receives */
	bool one_list;         /* of hosts: one list, file or group has both sides; writes POLICY_BOTH */
	bool replies_open;     /* of hosts: rules for the replies to what one side opens let the other side open, too */
	bool both_directions;  /* of hosts: the same rules filter what they open, and deny what no rule permits */
	bool logs_denials;     /* its rules, or its default, can log what nothing permits */
	bool names_interfaces; /* writes RPC by interface (RPC_BY_INTERFACE) */
	bool inspects_rpc;     /* writes rules whose RPC ports the firewall opens by inspection (RPC_BY_INSPECTION) */

	/* BESIDE_*: what rules of this platform have to permit although no flow of a plan is it. */
	unsigned beside;

	/* What the language does not support: emitting it is an error. */
	unsigned cannot;

	/*
	 * The most rules that one relation of many hosts and many TCP and UDP services takes,
	 * with those that the platform needs around it; the tests hold emission to it.
	 */
	unsigned rules_of_a_relation;

	/*
	 * Limits of one list of the platform; 0: none.  dialect_emit()
	 * splits larger relations into several, and shortens names.
	 */
	unsigned most_addresses; /* prefixes of one side */
	unsigned most_services;  /* ranges of ports, types and protocols */
	unsigned longest_name;   /* of names of groups and services; 0: the emitter handles it */

	/* Characters of interface and zone names besides letters and digits; NULL: any, escaped, or rules name none. */
	const char *interface_chars;

	/*
	 * True for a name of a group, or of a list of services, that is reserved: by the
	 * language, or by the names that the emitter makes.  dialect_emit()
	 * renames it.  NULL: none is reserved.
	 */
	bool (*means_other)(struct str name, bool services);
};

enum {
	CANNOT_ICMP = 1 << 0,  /* single ICMP types */
	CANNOT_OTHER = 1 << 1, /* protocols besides TCP, UDP, ICMP, ESP and AH */
	CANNOT_IPV6 = 1 << 2,
	CANNOT_ICMP_CODES = 1 << 3, /* single ICMP codes */
	CANNOT_WHOLE_ICMP = 1 << 4, /* all of ICMP, or all of ICMPv6 */
	CANNOT_ANY = 1 << 5,        /* every protocol at once */
	CANNOT_SOURCE_PORTS = 1 << 6,
	CANNOT_PROTOCOL_RANGES = 1 << 7, /* dialect_emit() writes the protocol numbers one by one */
	CANNOT_IPSEC = 1 << 8,           /* ESP and AH */
};

enum {
	BESIDE_NEIGHBOURS =
		1
		<< 0, /* of a host: neighbour and router discovery, where the reader does not know them by a hop limit */
	BESIDE_LINK = 1 << 1,        /* of a host: multicast listeners, DHCPv6 */
	BESIDE_DHCP = 1 << 2,        /* of a host: DHCP, where clients do not get past the filter */
	BESIDE_ICMP_ERRORS = 1 << 3, /* where they are not part of the conversation that they report on */
	BESIDE_RELAY = 1 << 4,       /* of a router: the broadcasts of DHCP clients */
};

/*
 * The packets of the dialect's `beside` on one side.  They may pass and need not; what they are in an
 * estate's plan is required all the same.
 */
const struct flowbox *dialect_beside(struct arena *a, const struct dialect *dialect, enum policy_side side, size_t *n);

extern const struct dialect *const dialects[]; /* in the order of listings; ends with NULL */
const struct dialect *dialect_find(struct str name);

/* The dialect that a text looks most like; NULL when it looks like none of them. */
const struct dialect *dialect_guess(struct str text);

/* False, with errors in d, when the language has no words for a service of the policy, or for IPv6. */
bool dialect_can_say(const struct dialect *dialect, const struct policy *p, struct diag *d);

/* False when the language has no words for it. */
bool dialect_can_say_service(const struct dialect *dialect, const struct service_term *t);

/*
 * The same policy with all of ICMP where it has single types or codes that the language cannot
 * express; the policy itself when there are none.  It lets through more than was asked for.
 */
const struct policy *dialect_widen_icmp(struct arena *a, const struct dialect *dialect, const struct policy *p);

/*
 * Writes a policy.  An error in d, with nothing written, when the dialect cannot
 * express one of its services.
 */
bool dialect_emit(const struct dialect *dialect, const struct policy *p, struct out *out, struct diag *d);

/*
 * Reads with a dialect, in any encoding: UTF-16, with its byte order mark or without, and
 * UTF-8 with one are converted; CRLF and lone CR are line ends.  Adds an error
 * that names the likelier dialect when the text clearly belongs to another.
 */
bool dialect_read(struct arena *a, const struct dialect *dialect, const struct source *s, const struct read_options *o,
		  struct ruleset **ret, struct diag *d);

/* "loading it replaces all rules that are there; load: ...; undo: ..." */
struct str dialect_loading_text(struct arena *a, const struct dialect_loading *loading);

/* True when the text begins with the header of a file that portolan wrote. */
bool dialect_is_ours(struct str text);

/* Limits on what an untrusted file may ask for. */
enum {
	MOST_RULES_BYTES = 512 << 20,
	LONGEST_RULE_LINE = 1 << 20,
	MOST_GROUP_DEPTH = 32,
	MOST_MEMBERS = 4000000,
};
