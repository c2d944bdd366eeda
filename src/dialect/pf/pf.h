/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of pf: words (lex.c), values (value.c), rules (read.c), and the writer (pf.c). */
#pragma once

#include "base/strmap.h"
#include "base/vec.h"
#include "dialect/common/ranges.h"
#include "dialect/common/match.h"
#include "dialect/dialect.h"
#include "flow/translate.h"

enum {
	PF_MOST_MACRO_DEPTH = 16,
	/* bytes that the macros of a file may expand to: a constant, and a multiple of its length */
	PF_MOST_MACRO_TEXT = 1 << 20,
	PF_MOST_MACRO_GROWTH = 256,
	PF_MOST_ANCHOR_DEPTH = 16,
	PF_LONGEST_MACRO = 1 << 20,
};

enum pf_kind { PF_END, PF_NEWLINE, PF_WORD, PF_STRING, PF_TABLE, PF_PUNCT };

struct pf_token {
	enum pf_kind kind;
	struct str text; /* of a table: its name */
	struct loc at;
};

struct pf_input {
	struct str rest;
	bool in_file;
};

/* The source of words: the file, and the macros that are being expanded. */
struct pf_lexer {
	struct arena *arena;
	const struct source *source;
	struct pf_input inputs[PF_MOST_MACRO_DEPTH + 1];
	size_t n_inputs;
	uint32_t line;
	struct pf_token token; /* the current token */
	struct strmap macros;  /* name -> struct str */
	size_t written_out;    /* bytes of macros */
	const char *trouble;   /* a macro that cannot be expanded */
	uint32_t unclosed;     /* the line of an unterminated string; 0: none */
};

void pf_lexer_begin(struct pf_lexer *lexer);
void pf_next(struct pf_lexer *lexer);
bool pf_is(const struct pf_lexer *lexer, const char *text); /* not for quoted strings */
bool pf_accept(struct pf_lexer *lexer, const char *text);
bool pf_at_end(const struct pf_lexer *lexer); /* of a statement */

struct pf_table {
	range_vec in, out; /* entries, and exceptions to them */
	struct addrset set;
	bool joined;
	const char *perhaps; /* entries that the file does not contain */
	bool vague;          /* some of these may be exceptions: nothing is certain */
};

/* What a rule translates: sources, destinations, both ways, or something else. */
enum pf_translation { PF_NO_TRANSLATION, PF_NAT, PF_RDR, PF_BINAT, PF_OTHER };

struct pf_target {
	enum pf_translation kind;
	bool known; /* `to` is its address or network */
	struct addr_range to;
	struct str port; /* empty: as it is */
	bool static_port;
};

/* One rule for one or both directions. */
struct pf_rule {
	struct rule rule;
	bool in, out, quick;
	bool skips; /* not filtered at all: set skip */
	struct interface_names on;
	bool redirects; /* a pass rule that translates what it decides, where packets enter */
	struct translation made;
};

/* A match rule that translates, or a nat, rdr or binat line. */
struct pf_step {
	struct pf_rule rule;
	bool source;  /* of packets that leave; else the destination of those that enter */
	bool matches; /* a match rule: the rules after it see what it made */
	bool exempt;  /* no nat, no rdr */
	size_t at;    /* the number of rules before it that filter */
	struct translation made;
};

struct pf {
	struct arena *arena;
	const struct source *source;
	const struct read_options *options;
	uint32_t text_line; /* whose text was asked for last: many rules may be on one line */
	struct str text;
	struct ruleset *rules;
	struct diag *diag;
	struct pf_lexer lexer;
	struct strmap tables;
	struct strmap groups; /* of interfaces, that were named */
	bool first_pass;
	unsigned depth;
	VEC(struct pf_rule) all;
	size_t n_filtering; /* of them, so far */
	VEC(struct pf_step) steps;
	VEC(const struct pf_rule *) ordered; /* the rules of the last chain that was made */
};

/* A side of a rule: certain addresses, those that there may be beside them, and why there may be any. */
struct pf_end {
	bool any, never;
	range_vec ranges, more;
	const char *perhaps;
};

/* Ports of a list, merged into one set once all are read. */
struct pf_ports {
	bool said;
	VEC(struct port_range) ranges;
};

/* A type of ICMP with its code, or with ANY_CODE. */
struct icmp_pair {
	uint16_t type, code;
};

/* A rule while it is read. */
struct pf_draft {
	struct draft_match m;
	struct pf_end src, dst;
	struct pf_ports sports, ports;
	struct pf_rule r;
	VEC(struct icmp_pair) icmp;
	uint32_t line;
	const char *trouble; /* why it is not understood */
	struct pf_target target;
	bool exempt, passes; /* of FreeBSD's translations: no, pass */
	bool diverts;
	bool anywhere; /* one of its interfaces is "any" */
};

/* Statements and lists. */
struct str pf_line_text(struct pf *pf, uint32_t line);
void pf_unknown(struct pf *pf, uint32_t line, const char *why); /* in the second pass */
void pf_trouble(struct pf_draft *draft, const char *why);       /* only the first reason is kept */
void pf_skip_statement(struct pf *pf);
void pf_skip_newlines(struct pf *pf);
void pf_skip_parentheses(struct pf *pf);
/* Calls for each member of a list in braces, or once for a single value. */
void pf_each_member(struct pf *pf, struct pf_draft *draft, void (*take)(struct pf *pf, struct pf_draft *draft));

/* Tables and macros. */
struct pf_table *pf_find_table(struct pf *pf, struct str name);
bool pf_table_address(struct pf *pf, struct str name, struct addr_range *ret); /* of a table that has only one */
void pf_read_table(struct pf *pf);
void pf_read_macro(struct pf *pf, struct str name);

/* Values, one at a time. */
void pf_take_interface(struct pf *pf, struct pf_draft *draft);
/* A list with "any" interface applies to all; a list of the loopback alone matches no packet of a proof. */
void pf_settle_interfaces(struct pf_draft *draft);
void pf_take_protocol(struct pf *pf, struct pf_draft *draft);
void pf_take_src(struct pf *pf, struct pf_draft *draft);
void pf_take_dst(struct pf *pf, struct pf_draft *draft);
void pf_take_sport(struct pf *pf, struct pf_draft *draft);
void pf_take_port(struct pf *pf, struct pf_draft *draft);
void pf_take_icmp4(struct pf *pf, struct pf_draft *draft);
void pf_take_icmp6(struct pf *pf, struct pf_draft *draft);

/* (em0), <table>, { list } or an address, with a port and options. */
void pf_read_target(struct pf *pf, struct pf_target *t);
/* rdr-to, nat-to, binat-to, af-to: the current token; translate.c */
void pf_take_translation(struct pf *pf, struct pf_draft *draft);
/* The rules from the given one on are what a draft that translates was read as, and become steps. */
void pf_add_steps(struct pf *pf, const struct pf_draft *draft, size_t first, bool matches);
/* A rule of a draft that passes and translates. */
void pf_set_target(struct pf *pf, const struct pf_draft *draft, struct pf_rule *r);
/* Puts translation before the rules; NULL: there is no such chain. */
void pf_translate(struct pf *pf, const uint32_t *in, const uint32_t *out);
/* The rules of one direction in the order of first match. */
uint32_t pf_chain(struct pf *pf, bool in);

bool pf_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
	      struct diag *d);
