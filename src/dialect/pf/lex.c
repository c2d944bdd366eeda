/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/pf/pf.h"

void pf_lexer_begin(struct pf_lexer *lexer)
{
	lexer->inputs[0] = (struct pf_input){ lexer->source->text, true };
	lexer->n_inputs = 1;
	lexer->line = 1;
	lexer->macros = strmap_new(lexer->arena);
	lexer->written_out = 0;
	lexer->trouble = NULL;
	pf_next(lexer);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || char_in(c, "_.:/-%*+@") ||
	       (unsigned char)c >= 0x80;
}

static struct pf_token take(struct pf_lexer *lexer, enum pf_kind kind, size_t n)
{
	struct pf_input *in = &lexer->inputs[lexer->n_inputs - 1];
	struct pf_token t = { kind, str_first(in->rest, n), loc_line(lexer->source, lexer->line) };
	in->rest = str_skip(in->rest, n);
	return t;
}

/* A backslash continues a comment on the next line (pf.conf(5)). */
static void skip_comment(struct pf_lexer *lexer, struct pf_input *in)
{
	for (;;) {
		size_t end = str_find(in->rest, '\n');
		if (end == SIZE_MAX) {
			in->rest = NO_STR;
			return;
		}
		bool more = in->rest.p[end - 1] == '\\';
		in->rest = str_skip(in->rest, more ? end + 1 : end);
		if (!more)
			return;
		lexer->line += in->in_file;
		if (in->rest.n && in->rest.p[0] == '\n')
			return;
	}
}

/* Blanks, commas, comments, and continued lines. */
static void skip_blanks(struct pf_lexer *lexer)
{
	struct pf_input *in = &lexer->inputs[lexer->n_inputs - 1];
	while (in->rest.n) {
		char c = in->rest.p[0];
		if (c == '\\') {
			size_t j = 1;
			while (j < in->rest.n &&
			       (in->rest.p[j] == '\r' || in->rest.p[j] == ' ' || in->rest.p[j] == '\t'))
				j++;
			if (j < in->rest.n && in->rest.p[j] == '\n') {
				lexer->line += in->in_file;
				in->rest = str_skip(in->rest, j + 1);
				continue;
			}
			in->rest = str_skip(in->rest, 1);
		} else if (c == '#') {
			skip_comment(lexer, in);
		} else if (c == ' ' || c == '\t' || c == '\r' || c == ',' || c == ';') {
			in->rest = str_skip(in->rest, 1);
		} else {
			return;
		}
	}
}

/* "<clients>", or "<clients:3>" as pfctl prints it */
static bool take_table(struct pf_lexer *lexer)
{
	struct str s = lexer->inputs[lexer->n_inputs - 1].rest;
	size_t n = 1;
	while (n < s.n && (is_word(s.p[n]) || s.p[n] == '$'))
		n++;
	if (n < 2 || n >= s.n || s.p[n] != '>' || (s.p[1] >= '0' && s.p[1] <= '9'))
		return false;
	lexer->token = take(lexer, PF_TABLE, n + 1);
	struct str name = { lexer->token.text.p + 1, n - 1 };
	size_t colon = str_find(name, ':');
	lexer->token.text = str_first(name, MIN(colon, name.n));
	return true;
}

static void take_string(struct pf_lexer *lexer)
{
	struct pf_input *in = &lexer->inputs[lexer->n_inputs - 1];
	char quote = in->rest.p[0];
	in->rest = str_skip(in->rest, 1);
	size_t n = 0;
	while (n < in->rest.n && in->rest.p[n] != quote)
		n++;
	if (n == in->rest.n && !lexer->unclosed)
		lexer->unclosed = lexer->line;
	lexer->token = take(lexer, PF_STRING, n);
	for (size_t i = 0; i < n && in->in_file; i++)
		lexer->line += lexer->token.text.p[i] == '\n';
	in->rest = str_skip(in->rest, 1);
}

/* True when the macro's text comes next. */
static bool write_out(struct pf_lexer *lexer)
{
	struct pf_input *in = &lexer->inputs[lexer->n_inputs - 1];
	size_t n = 1;
	while (n < in->rest.n && (is_word(in->rest.p[n]) && !char_in(in->rest.p[n], ".:/-%*+@")))
		n++;
	struct pf_token t = take(lexer, PF_WORD, n);
	const struct str *text = strmap_get(&lexer->macros, str_skip(t.text, 1));
	lexer->token = t;
	if (!text) {
		lexer->trouble = "a macro that is not defined";
		return false;
	}
	lexer->written_out += text->n;
	if (lexer->n_inputs > PF_MOST_MACRO_DEPTH ||
	    lexer->written_out > PF_MOST_MACRO_TEXT + PF_MOST_MACRO_GROWTH * lexer->source->text.n) {
		lexer->trouble = lexer->n_inputs > PF_MOST_MACRO_DEPTH
					 ? "macros that expand without end"
					 : "macros that expand to more than 256 times the file";
		return false;
	}
	lexer->inputs[lexer->n_inputs++] = (struct pf_input){ *text, false };
	return true;
}

void pf_next(struct pf_lexer *lexer)
{
	for (;;) {
		struct pf_input *in = &lexer->inputs[lexer->n_inputs - 1];
		skip_blanks(lexer);
		if (!in->rest.n && lexer->n_inputs > 1) {
			lexer->n_inputs--;
			continue;
		}
		if (!in->rest.n) {
			lexer->token = (struct pf_token){ PF_END, STR(""), loc_line(lexer->source, lexer->line) };
			return;
		}
		char c = in->rest.p[0];
		if (c == '$') {
			if (write_out(lexer))
				continue;
			return;
		}
		if (c == '\n') {
			lexer->token = take(lexer, PF_NEWLINE, 1);
			lexer->line += in->in_file;
			return;
		}
		if (c == '"' || c == '\'') {
			take_string(lexer);
			return;
		}
		if (c == '<' && take_table(lexer))
			return;
		size_t n = 0;
		while (n < in->rest.n && is_word(in->rest.p[n]) && !str_starts(str_skip(in->rest, n), "->"))
			n++;
		if (n) {
			lexer->token = take(lexer, PF_WORD, n);
			return;
		}
		static const char *const pairs[] = { "!=", "<=", ">=", "><", "<>", "->" };
		for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
			if (str_starts(in->rest, pairs[i])) {
				lexer->token = take(lexer, PF_PUNCT, 2);
				return;
			}
		lexer->token = take(lexer, PF_PUNCT, 1);
		return;
	}
}

bool pf_is(const struct pf_lexer *lexer, const char *text)
{
	return (lexer->token.kind == PF_WORD || lexer->token.kind == PF_PUNCT) && str_is(lexer->token.text, text);
}

bool pf_accept(struct pf_lexer *lexer, const char *text)
{
	if (!pf_is(lexer, text))
		return false;
	pf_next(lexer);
	return true;
}

bool pf_at_end(const struct pf_lexer *lexer)
{
	return lexer->token.kind == PF_END || lexer->token.kind == PF_NEWLINE || pf_is(lexer, "}");
}
