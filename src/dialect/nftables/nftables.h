/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of nftables' reader share: tokens (lex.c), sets, values and
 * verdicts (value.c), rules (rule.c) with what fields make of them (match.c),
 * flags of TCP (flags.c) and statements that decide nothing (statement.c), and
 * all around them (read.c).
 */
#pragma once

#include "base/strmap.h"
#include "dialect/common/lines.h"
#include "dialect/common/match.h"
#include "dialect/dialect.h"

enum {
	MOST_DEFINE_DEPTH = 16,
	MOST_KEYS = 8,		/* of a concatenation */
	MOST_READINGS = 32,	/* of one set, by different keys */
	MOST_DRAFTS = 1000000,	/* of one rule */
	MOST_EXPRESSION_DEPTH = 32,	/* brackets on the right of a "set" */
};


enum token_kind { TOK_END, TOK_WORD, TOK_STRING, TOK_PUNCT, TOK_NEWLINE };

struct token {
	enum token_kind kind;
	struct str text;
	struct loc at;
};

/* Where tokens come from: the file, or the text of a define. */
struct input {
	struct str rest;
	uint32_t line, column;
	bool in_file;
};

/* What the left side of a match looks at. */
enum key {
	KEY_SADDR4, KEY_SADDR6, KEY_DADDR4, KEY_DADDR6,
	KEY_PROTOCOL, KEY_PROTOCOL6, KEY_L4PROTO, KEY_NFPROTO,	/* the last: the family, by any of its names */
	KEY_SPORT, KEY_DPORT,
	KEY_ICMP_TYPE, KEY_ICMP_CODE, KEY_ICMP6_TYPE, KEY_ICMP6_CODE,
	KEY_IIF, KEY_OIF,
	KEY_CT_STATE, KEY_CT_STATUS,
	KEY_HOPS,
	KEY_TCP_FLAGS,
	KEY_OTHER,	/* known to be a condition; what it means is not modelled */
};

struct left {
	enum key key;
	uint8_t protocol;	/* of ports: 0 is "th"; of other fields: whose header it is, 0: not one of those */
	bool v4, v6;		/* of KEY_OTHER: a field of this header */
	bool way_back;		/* of KEY_OTHER: whether the sender is where the packet came from */
	const char *what;	/* of KEY_OTHER */
};

/* One value of a key: what a set's component or a right side says. */
struct value {
	bool is_addrs, is_words;
	struct addrset addrs;
	struct portset numbers;
	struct str word;
	bool perhaps;	/* a value that is not understood */
	const char *while_there;	/* why it may be gone: an element that expires */
};

struct verdict {
	enum action action;
	struct str chain;
	struct loc at;
	bool perhaps;	/* queue: somebody else decides */
};

struct element {
	struct value values[MOST_KEYS];
	size_t n;
	struct verdict verdict;
	bool has_verdict;
	bool is_rest;	/* "*": what no other element holds */
};

typedef VEC(struct element) element_vec;

/* A set's elements as the keys read them that it is used with. */
struct nft_reading {
	struct left keys[MOST_KEYS];
	size_t n_keys;
	element_vec elements;
};

struct nft_set {
	struct str name;
	bool dynamic;	/* packets add to it */
	bool expires;	/* elements have a time to live unless they say another */
	bool unread;	/* elements that are not where the reader can keep them */
	VEC(struct nft_reading) readings;
	/* elements in the text, to be read when the key that they meet is known */
	VEC(struct str) texts;
	VEC(struct loc) texts_at;
};

struct nft_chain {
	uint32_t number;
	bool defined, ignored;
	bool is_base;
	bool translates;	/* sources, behind the filter: ignored but for what it drops */
	bool untracked;		/* stands before conversations are looked up */
	const char *foreign;	/* ignored, but what it drops never comes to the others: why */
	struct loc used_at;
};

struct nft_define {
	struct str text;
	bool again;	/* a second text under the name: which one counts depends on the place */
};

struct nft {
	struct arena *arena;	/* where things are made: keep, or scratch while a rule is read */
	struct arena *keep, *scratch;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	struct diag *diag;
	struct input inputs[MOST_DEFINE_DEPTH + 1];
	size_t n_inputs;
	struct token token;	/* the one that is looked at */
	bool first_pass;
	struct strmap defines;	/* name -> struct nft_define */
	struct strmap sets;	/* "family table name" -> struct nft_set */
	struct strmap chains;	/* "family table name" -> struct nft_chain */
	struct strmap helpers;	/* "family table name" -> what the ct helper follows, a struct str */
	VEC(struct nft_chain *) all_chains;
	struct str family, table;
	struct str statement;	/* text of the line that is being read */
	struct loc statement_at;
	bool broken;		/* the statement cannot be read on */
	bool cut_off;		/* a block does not end */
	bool translates;	/* destinations, anywhere in the file */
	bool untracked_told;
	unsigned expression_depth;
	bool too_early;		/* in a chain before conversations are looked up */
	size_t n_seen;		/* chains, sets and rules of this pass so far */
};

struct draft_rule {
	draft_matches drafts;
	uint32_t chain;
	struct str comment;
	bool decided;
	struct verdict verdict;
};

/* Tokens.  n->token is the one that is looked at. */
void nft_next(struct nft *n);
bool nft_is(const struct nft *n, const char *text);	/* not for strings in quotes */
bool nft_accept(struct nft *n, const char *text);	/* goes on when it is */
bool nft_at_end(const struct nft *n);			/* of a statement */
void nft_skip_newlines(struct nft *n);
void nft_skip_statement(struct nft *n);			/* over blocks on the way */
void nft_skip_block(struct nft *n);			/* from its { to behind its } */
struct str nft_line_text(struct nft *n, uint32_t line);
void nft_unknown(struct nft *n, struct loc at, const char *why);	/* in the second pass */
struct str nft_full_name(struct nft *n, struct str name);	/* "family table name" */

/* Sets and values. */
struct nft_set *nft_find_set(struct nft *n, struct str name, bool make);
void nft_keep_elements(struct nft *n, struct nft_set *s);
void nft_read_set_block(struct nft *n, struct nft_set *s);
bool nft_read_value(struct nft *n, const struct left *l, struct value *value);
struct value nft_value_of_all(struct nft *n, const struct left *l);
bool nft_read_verdict(struct nft *n, struct verdict *verdict);	/* of a rule, or of an element */
bool nft_read_element(struct nft *n, const struct left *keys, size_t n_keys, struct element *e);
bool nft_read_elements(struct nft *n, const struct left *keys, size_t n_keys, element_vec *ret);
bool nft_set_elements(struct nft *n, struct nft_set *s, const struct left *keys, size_t n_keys, element_vec *ret);
bool nft_read_left(struct nft *n, struct left *l);

/* Statements that decide nothing; false when none is looked at. */
bool nft_read_idle_statement(struct nft *n, struct draft_rule *r);
bool nft_read_expression(struct nft *n, struct draft_rule *r);	/* the right side of a "set"; false: not understood */
void nft_perhaps_all(struct draft_rule *r, const char *why);

/* What stands behind "tcp flags". */
bool nft_read_tcp_flags(struct nft *n, struct draft_rule *r);

/* Fields and what they hold: a value, all elements of a set of one component as one value, numbers. */
void nft_apply_value(struct nft *n, struct draft_match *m, const struct left *l, const struct value *value, bool negated);
void nft_apply_elements(struct nft *n, struct draft_match *m, const struct left *l, const element_vec *e, bool negated);
void nft_apply_numbers(struct nft *n, struct draft_match *m, const struct left *l, struct portset s, bool negated);
void nft_imply(struct nft *n, struct draft_rule *r, const struct left *l);	/* who looks at a field wants its header */

/* Rules and chains. */
struct nft_chain *nft_chain_of(struct nft *n, struct str name, struct loc at);
void nft_read_rule(struct nft *n, const struct nft_chain *chain);

bool nftables_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		    struct diag *d);
