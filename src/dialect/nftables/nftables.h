/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of nftables' reader share: tokens (lex.c), sets (set.c), values and
 * verdicts (value.c), names (words.c), rules (rule.c) with what fields make of them (match.c),
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
	MOST_KEYS = 8,              /* components of a concatenation */
	MOST_READINGS = 32,         /* readings of one set, by different keys */
	MOST_DRAFTS = 1000000,      /* of one rule */
	MOST_EXPRESSION_DEPTH = 32, /* nested parentheses on the right of a "set" */
	MOST_DEFINED = 1000000,     /* words that definitions expand to, in the whole file */
};

enum { NO_TRANSPORT = -1, SEVERAL_TRANSPORTS = -2 };

enum token_kind { TOK_END, TOK_WORD, TOK_STRING, TOK_PUNCT, TOK_NEWLINE };

struct token {
	enum token_kind kind;
	struct str text;
	struct loc at;
};

/* The source of tokens: the file, or the text of a define. */
struct input {
	struct str rest;
	uint32_t line, column;
	bool in_file;
};

/* The field on the left side of a match. */
enum key {
	KEY_SADDR4,
	KEY_SADDR6,
	KEY_DADDR4,
	KEY_DADDR6,
	KEY_PROTOCOL,
	KEY_PROTOCOL6,
	KEY_L4PROTO,
	KEY_NFPROTO, /* the last: the family, under any of its names */
	KEY_SPORT,
	KEY_DPORT,
	KEY_ICMP_TYPE,
	KEY_ICMP_CODE,
	KEY_ICMP6_TYPE,
	KEY_ICMP6_CODE,
	KEY_IIF,
	KEY_OIF,
	KEY_CT_STATE,
	KEY_CT_STATUS,
	KEY_HOPS,
	KEY_TCP_FLAGS,
	KEY_OTHER, /* a known condition whose meaning is not modelled */
};

struct left {
	enum key key;
	uint8_t protocol; /* of ports: 0 is "th"; of other fields: the protocol of their header, or 0 */
	bool v4, v6;      /* of KEY_OTHER: a field of this header */
	bool nfproto;     /* of KEY_NFPROTO: "meta nfproto", and not "meta protocol" */
	bool way_back;    /* of KEY_OTHER: a check that the packet came from the direction of its sender */
	const char *what; /* of KEY_OTHER */
};

/* One value of a key: a component of a set element, or of a right side. */
struct value {
	bool is_addrs, is_words;
	struct addrset addrs;
	struct portset numbers;
	struct str word;
	bool perhaps;            /* a value that is not understood */
	const char *while_there; /* why it may be absent: an element that expires */
};

struct verdict {
	enum action action;
	struct str chain;
	struct loc at;
	bool perhaps; /* queue: a program decides */
};

struct element {
	struct value values[MOST_KEYS];
	size_t n;
	struct verdict verdict;
	bool has_verdict;
	bool is_rest; /* "*": matches what no other element does */
};

typedef VEC(struct element) element_vec;

/* The elements of a set, read by the keys that it is used with. */
struct nft_reading {
	struct left keys[MOST_KEYS];
	size_t n_keys;
	element_vec elements;
};

struct nft_set {
	struct str name;
	struct left keys[MOST_KEYS]; /* by its type; none: it is not stated, or its values are not modelled */
	size_t n_keys;
	bool interval, merges; /* flags interval; auto-merge */
	struct loc block_at;   /* line 0: it has no block */
	bool typed;            /* type or typeof is there */
	bool dynamic;          /* packets add elements */
	bool expires;          /* elements expire by default */
	bool unread;           /* elements in places where the reader cannot keep them */
	VEC(struct nft_reading) readings;
	/* elements as text, read once the key that they match is known */
	VEC(struct str) texts;
	VEC(struct loc) texts_at;
};

struct nft_chain {
	uint32_t number;
	bool defined, ignored;
	bool is_base;
	bool is_nat; /* destination translation, before the filter */
	struct str hook;
	int priority;
	bool translates;     /* source translation, after the filter: ignored unless it drops */
	bool untracked;      /* before connection tracking */
	const char *foreign; /* ignored, but what it drops does not reach the others: why */
	struct loc used_at;
	VEC(uint32_t) entries; /* by index, as nft counts: the first of its rules in the chain */
};

struct nft_define {
	struct str text;
	bool again; /* a second text under the same name: which one applies depends on the place */
};

struct nft {
	struct arena *arena; /* the arena of results: keep, or scratch while a rule is read */
	struct arena *keep, *scratch;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	struct diag *diag;
	struct input inputs[MOST_DEFINE_DEPTH + 1];
	size_t n_inputs;
	struct token token; /* the current token */
	bool first_pass;
	struct strmap defines; /* name -> struct nft_define */
	struct strmap sets;    /* "family table name" -> struct nft_set */
	struct strmap chains;  /* "family table name" -> struct nft_chain */
	struct strmap helpers; /* "family table name" -> what the ct helper follows, a struct str */
	VEC(struct nft_chain *) all_chains;
	VEC(struct nft_set *) all_sets;
	struct str family, table;
	struct str statement; /* text of the current line */
	struct loc statement_at;
	bool broken;  /* the rest of the statement cannot be read */
	bool cut_off; /* a block does not end */
	unsigned expression_depth;
	bool too_early;   /* inside a chain before connection tracking */
	size_t n_seen;    /* chains, sets and rules of this pass so far */
	size_t n_defined; /* words that came from definitions in this pass */
	bool too_much;    /* they exceeded the limit: nothing more is read */
	bool inside;      /* an anonymous chain */
	size_t moved;     /* rules, to insert others */
	/* of the rule that is read: the headers that its conditions imply, as nft(8) follows them */
	enum { NETWORK_ANY, NETWORK_IPV4, NETWORK_IPV6, NETWORK_BOTH } network;
	int transport; /* a protocol; NO_TRANSPORT, or of a set of several */
	bool refused;  /* the rule, and told so */
};

struct draft_rule {
	draft_matches drafts;
	uint32_t chain;
	struct str comment;
	bool decided;
	struct verdict verdict;
	struct str target; /* where it translates destinations to: "10.0.0.1:80" */
	bool translates;
};

/* Tokens.  n->token is the current one. */
void nft_next(struct nft *n);
bool nft_is(const struct nft *n, const char *text); /* not for quoted strings */
bool nft_accept(struct nft *n, const char *text);   /* consumes it when it is */
bool nft_at_end(const struct nft *n);               /* of a statement */
void nft_skip_newlines(struct nft *n);
void nft_skip_statement(struct nft *n); /* over blocks on the way */
void nft_skip_block(struct nft *n);     /* from its { to after its } */
struct str nft_line_text(struct nft *n, uint32_t line);
void nft_unknown(struct nft *n, struct loc at, const char *why);   /* in the second pass */
void nft_refuse(struct nft *n, const char *why, ...) PRINTF(2, 3); /* the current rule; once */
void nft_refuse_at(struct nft *n, struct loc at, const char *why); /* the line of at; in the second pass */
struct str nft_full_name(struct nft *n, struct str name);          /* "family table name" */
void nft_check_name(struct nft *n, const struct token *name);      /* of a table, chain or set that is made */

/* Sets and values. */
struct nft_set *nft_find_set(struct nft *n, struct str name, bool make);
void nft_keep_elements(struct nft *n, struct nft_set *s);
void nft_read_set_block(struct nft *n, struct nft_set *s);
void nft_check_set(struct nft *n, struct nft_set *s); /* once the file is read */
bool nft_read_value(struct nft *n, const struct left *l, struct value *value);
struct value nft_value_of_all(struct nft *n, const struct left *l);
bool nft_read_verdict(struct nft *n, struct verdict *verdict); /* of a rule, or of an element */
bool nft_read_element(struct nft *n, const struct left *keys, size_t n_keys, struct element *e);
bool nft_read_elements(struct nft *n, const struct left *keys, size_t n_keys, element_vec *ret);
bool nft_set_elements(struct nft *n, struct nft_set *s, const struct left *keys, size_t n_keys, element_vec *ret);
bool nft_read_left(struct nft *n, struct left *l);
bool nft_read_anonymous(struct nft *n, struct verdict *verdict); /* jump { ... }; the current token is { */

/* Statements that decide nothing; false when the current token begins none. */
bool nft_read_idle_statement(struct nft *n, struct draft_rule *r);
bool nft_read_expression(struct nft *n, struct draft_rule *r); /* the right side of a "set"; false: not understood */
void nft_perhaps_all(struct draft_rule *r, const char *why);

/* Fields that are sets of bits (flags.c). */
struct bit_test {
	unsigned mask, value;
	bool any; /* any bit of value is set; else the value under the mask is value */
	bool negated;
};

enum { STATE_INVALID = 1, STATE_ESTABLISHED = 2, STATE_NEW = 8, STATUS_DNAT = 32 };

static inline bool nft_is_bits(enum key key)
{
	return key == KEY_TCP_FLAGS || key == KEY_CT_STATE || key == KEY_CT_STATUS;
}

bool nft_bits(enum key key, struct str text, unsigned *ret); /* "syn | ack", "0x12" */
bool nft_bits_meet(const struct bit_test *f, unsigned bits);
unsigned nft_states(const struct nft *n, const struct bit_test *f); /* the conversations that meet it */
bool nft_read_bits(struct nft *n, struct draft_rule *r, const struct left *l, const char *operator); /* ==, != or "" */

/* Fields and their contents: a value, all elements of a one-component set as one value, numbers. */
void nft_apply_value(struct nft *n, struct draft_match *m, const struct left *l, const struct value *value,
		     bool negated);
/* Every draft becomes two where elements may be absent: a certain one, and an uncertain one. */
void nft_apply_elements(struct nft *n, draft_matches *drafts, const struct left *l, const element_vec *e, bool negated);
void nft_apply_numbers(struct nft *n, struct draft_match *m, const struct left *l, struct portset s, bool negated);
void nft_imply(struct nft *n, struct draft_rule *r, const struct left *l); /* a match on a field implies its header */

/* Rules and chains. */
struct nft_chain *nft_chain_of(struct nft *n, struct str name, struct loc at);
void nft_read_rule(struct nft *n, struct nft_chain *chain);

/* Rules by their index (place.c).  The rule that is read next gets an index, at most the number of rules. */
void nft_insert_rule(struct nft *n, struct nft_chain *chain, uint32_t index, struct loc at);
bool nft_flush_chain(struct nft *n);  /* after "flush"; false, and nothing is read: it is not one that can be emptied */
void nft_number_rules(struct nft *n); /* once the file is read */

/* Writing: the sets of a policy, and the rules of a relation in the families that are true. */
void nft_put_sets(struct out *o, struct arena *a, const struct policy *p);
void nft_put_relation(struct out *o, struct arena *a, const struct policy *p, const struct relation *r,
		      const bool families[2]);
extern const struct patch_writer nftables_patch;

bool nftables_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		    struct diag *d);
