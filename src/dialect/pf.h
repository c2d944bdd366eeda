/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of pf: its words (pf-lex.c), its reader (pf-read.c), its writer (pf.c). */
#pragma once

#include "base/strmap.h"
#include "base/vec.h"
#include "dialect/dialect.h"

enum {
	PF_MOST_MACRO_DEPTH = 16,
	PF_MOST_ANCHOR_DEPTH = 16,
	PF_LONGEST_MACRO = 1 << 20,
};

enum pf_kind { PF_END, PF_NEWLINE, PF_WORD, PF_STRING, PF_TABLE, PF_PUNCT };

struct pf_token {
	enum pf_kind kind;
	struct str text;	/* of a table: its name */
	struct loc at;
};

struct pf_input {
	struct str rest;
	bool in_file;
};

/* Where words come from: the file, and the macros that are being written out. */
struct pf_lexer {
	struct arena *arena;
	const struct source *source;
	struct pf_input inputs[PF_MOST_MACRO_DEPTH + 1];
	size_t n_inputs;
	uint32_t line;
	struct pf_token token;	/* the one that is looked at */
	struct strmap macros;	/* name -> struct str */
	size_t written_out;	/* bytes of macros */
	const char *trouble;	/* a macro that cannot be written out */
};

void pf_lexer_begin(struct pf_lexer *x);
void pf_next(struct pf_lexer *x);
bool pf_is(const struct pf_lexer *x, const char *text);	/* not for strings in quotes */
bool pf_accept(struct pf_lexer *x, const char *text);
bool pf_at_end(const struct pf_lexer *x);	/* of a statement */

bool pf_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret, struct diag *d);
