/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of iptables' reader share: sections and commands (read.c),
 * chains (chain.c), rules (rule.c, draft.c) with their conditions (match.c),
 * what the loader refuses (loader.c), and ipsets (set.c).
 */
#pragma once

#include "base/strmap.h"
#include "dialect/common/lines.h"
#include "dialect/common/match.h"
#include "dialect/dialect.h"

enum {
	MOST_DIMENSIONS = 3,        /* of an ipset */
	MOST_IPSET_DRAFTS = 100000, /* of one rule */
	MOST_MOVED = 1 << 26,       /* rules that make room for inserted ones, over the whole file */
};

enum ipset_dimension { DIMENSION_ADDRESS, DIMENSION_PORT, DIMENSION_OTHER };

struct ipset_element {
	struct addr_range first, second; /* addresses, in order */
	uint16_t protocol;               /* of a port */
	struct port_range port;
	bool except;  /* nomatch */
	bool expires; /* may be absent */
};

/* Elements that differ only in their first address.  Of one address, those that stay are the first group. */
struct ipset_group {
	struct addrset first, second;
	uint16_t protocol;
	struct port_range port;
	bool expires;
};

extern const char ipset_expires[];

struct ipset {
	struct str name;
	enum ipset_dimension dimensions[MOST_DIMENSIONS];
	size_t n_dimensions;
	const char *uncertain;  /* why its content differs from what the file states */
	bool created, comments; /* its elements may have a comment */
	bool expires;           /* elements that do not say otherwise */
	VEC(struct ipset_element) elements;
	VEC(struct str) members; /* of a list:set */
	bool is_list, prepared;
	VEC(struct ipset_group) groups;
};

struct ipt_chain {
	uint32_t number;
	enum family family;
	struct str table;
	bool defined, ignored;
	VEC(uint32_t) entries; /* by number, from 0 on: the first of its rules in the chain */
	bool filters;          /* a built-in chain that filters the requested side */
	const struct ipt_chain
		*entered_from; /* the chain of the same name of the other family, when it is a base; or NULL */
	struct loc used_at;
	struct str used_text;
};

struct ipt {
	struct arena *keep, *scratch; /* scratch is reset after each line */
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	struct diag *diag;
	struct lines lines;
	struct str line;
	words words; /* of the line; in scratch */
	enum family family;
	struct str table;
	struct loc table_at;  /* of a table whose COMMIT is missing so far; line 0: none is open */
	struct strmap chains; /* "4 filter FORWARD" -> struct ipt_chain */
	VEC(struct ipt_chain *) all_chains;
	struct strmap sets;   /* name -> struct ipset */
	struct strmap tables; /* "4 filter": tables that have begun */
	size_t moved;         /* rules, to insert or delete others */
	bool filters[2];      /* families in which a chain filters the requested side */
};

/* ipset: a line of `ipset save`; its first `skip` words are ignored. */
void ipset_read(struct ipt *t, size_t skip);
void ipset_make_uncertain(struct ipt *t, struct str name, const char *why);

/* The set, with its groups built; NULL: the file does not have it. */
struct ipset *ipset_find(struct ipt *t, struct str name);

/* A rule: words from `from` on, after -A CHAIN. */
/* words[from - 1] is the chain.  Where the rule does not count, it is only looked at for what the loader refuses. */
void ipt_read_rule(struct ipt *t, struct ipt_chain *chain, size_t from, bool counts);

/* Chains. */
bool ipt_is_built_in(struct str name);
bool ipt_is_on_the_way(const struct ipt *t, struct str name);   /* of the side that is asked for; a built-in chain */
struct ipt_chain *ipt_chain_of(struct ipt *t, struct str name); /* made where it is not known */
struct ipt_chain *ipt_define_chain(struct ipt *t, struct str name);
void ipt_finish_chains(struct ipt *t); /* once all is read */

/* A rule that is being read. */
struct ipt_rule {
	struct ipt *t;
	struct arena *arena;
	draft_matches drafts;
	size_t i;     /* the current word */
	bool negated; /* preceded by !, or followed by it as in old files */
	struct str option;
	struct str module; /* of the last -m */
	struct str target, comment;
	bool jumps, goes;
	bool other_family;   /* -4 in IPv6, or -6 in IPv4: the rule is left out */
	bool routing;        /* matches only packets with a routing header */
	const char *odd;     /* why the rule is not understood */
	const char *refused; /* why iptables-restore does not load it */
	struct str odd_word; /* that either is about */
	unsigned protocol;   /* of -p; ANY_PROTOCOL: not given */
	bool protocol_negated;
	bool reset;              /* --reject-with tcp-reset */
	struct str of_protocol;  /* the module that -p loads with its first option; may be empty */
	VEC(struct str) modules; /* loaded so far */
	bool bare;               /* the module that was named last has no option so far */
	uint32_t options_seen;   /* by row of loader.c's table: of the rule, and of the module that was named last */
};

#define EACH_DRAFT(r, m) for (struct draft_match *m = (r)->drafts.v; m < (r)->drafts.v + (r)->drafts.n; m++)

void ipt_perhaps(struct ipt_rule *r, const char *why);
void ipt_never(struct ipt_rule *r);
void ipt_odd(struct ipt_rule *r, struct str word, const char *why); /* only the first reason is kept */

/* The word after the option; empty at the end of the line.  Consumes "!" on the way. */
struct str ipt_argument(struct ipt_rule *r);

/* What iptables-restore refuses (loader.c); only the first reason is kept. */
void ipt_refuse(struct ipt_rule *r, struct str word, const char *why);
void ipt_load_module(struct ipt_rule *r, struct str name);
void ipt_check_option(struct ipt_rule *r);
void ipt_check_ports(struct ipt_rule *r, struct str list);
bool ipt_is_refused(struct ipt_rule *r, struct str chain); /* once all options are read */
bool ipt_table_has(struct str table, struct str chain);    /* false for a built-in chain of another table */

/* Translation of destinations: what a target makes of the packets of a draft; false: the target is another one. */
bool ipt_translation(const struct ipt_rule *r, const struct draft_match *m, struct translation *ret);
void ipt_translate(struct ipt *t); /* once all is read */

/* A known condition, with its arguments; false when the option is not one. */
bool ipt_take_condition(struct ipt_rule *r);

bool iptables_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		    struct diag *d);
