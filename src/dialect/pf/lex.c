/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/pf/pf.h"

void pf_lexer_begin(struct pf_lexer *x)
{
	x->inputs[0] = (struct pf_input){ x->source->text, true };
	x->n_inputs = 1;
	x->line = 1;
	x->macros = strmap_new(x->arena);
	x->written_out = 0;
	x->trouble = NULL;
	pf_next(x);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("_.:/-%*+@", c)) ||
	       (unsigned char)c >= 0x80;
}

static struct pf_token take(struct pf_lexer *x, enum pf_kind kind, size_t n)
{
	struct pf_input *in = &x->inputs[x->n_inputs - 1];
	struct pf_token t = { kind, str_first(in->rest, n), loc_line(x->source, x->line) };
	in->rest = str_skip(in->rest, n);
	return t;
}

/* A comment goes on in the next line behind a backslash (pf.conf(5)). */
static void skip_comment(struct pf_lexer *x, struct pf_input *in)
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
		x->line += in->in_file;
		if (in->rest.n && in->rest.p[0] == '\n')
			return;
	}
}

/* Blanks, commas, comments, and line ends behind a backslash. */
static void skip_blanks(struct pf_lexer *x)
{
	struct pf_input *in = &x->inputs[x->n_inputs - 1];
	while (in->rest.n) {
		char c = in->rest.p[0];
		if (c == '\\') {
			size_t k = 1;
			while (k < in->rest.n && (in->rest.p[k] == '\r' || in->rest.p[k] == ' ' || in->rest.p[k] == '\t'))
				k++;
			if (k < in->rest.n && in->rest.p[k] == '\n') {
				x->line += in->in_file;
				in->rest = str_skip(in->rest, k + 1);
				continue;
			}
			in->rest = str_skip(in->rest, 1);
		} else if (c == '#') {
			skip_comment(x, in);
		} else if (c == ' ' || c == '\t' || c == '\r' || c == ',' || c == ';') {
			in->rest = str_skip(in->rest, 1);
		} else {
			return;
		}
	}
}

/* "<clients>", as pfctl shows it also "<clients:3>" */
static bool take_table(struct pf_lexer *x)
{
	struct str s = x->inputs[x->n_inputs - 1].rest;
	size_t n = 1;
	while (n < s.n && (is_word(s.p[n]) || s.p[n] == '$'))
		n++;
	if (n < 2 || n >= s.n || s.p[n] != '>' || (s.p[1] >= '0' && s.p[1] <= '9'))
		return false;
	x->token = take(x, PF_TABLE, n + 1);
	struct str name = { x->token.text.p + 1, n - 1 };
	size_t colon = str_find(name, ':');
	x->token.text = str_first(name, MIN(colon, name.n));
	return true;
}

static void take_string(struct pf_lexer *x)
{
	struct pf_input *in = &x->inputs[x->n_inputs - 1];
	char quote = in->rest.p[0];
	in->rest = str_skip(in->rest, 1);
	size_t n = 0;
	while (n < in->rest.n && in->rest.p[n] != quote)
		n++;
	if (n == in->rest.n && !x->unclosed)
		x->unclosed = x->line;
	x->token = take(x, PF_STRING, n);
	for (size_t i = 0; i < n && in->in_file; i++)
		x->line += x->token.text.p[i] == '\n';
	in->rest = str_skip(in->rest, 1);
}

/* True when the macro's text comes next. */
static bool write_out(struct pf_lexer *x)
{
	struct pf_input *in = &x->inputs[x->n_inputs - 1];
	size_t n = 1;
	while (n < in->rest.n && (is_word(in->rest.p[n]) && !strchr(".:/-%*+@", in->rest.p[n])))
		n++;
	struct pf_token t = take(x, PF_WORD, n);
	const struct str *text = strmap_get(&x->macros, str_skip(t.text, 1));
	x->token = t;
	if (!text) {
		x->trouble = "a macro that is not defined";
		return false;
	}
	x->written_out += text->n;
	if (x->n_inputs > PF_MOST_MACRO_DEPTH ||
	    x->written_out > PF_MOST_MACRO_TEXT + PF_MOST_MACRO_GROWTH * x->source->text.n) {
		x->trouble = x->n_inputs > PF_MOST_MACRO_DEPTH ? "macros of macros without end" :
								 "macros that write out more than 256 times the file";
		return false;
	}
	x->inputs[x->n_inputs++] = (struct pf_input){ *text, false };
	return true;
}

void pf_next(struct pf_lexer *x)
{
	for (;;) {
		struct pf_input *in = &x->inputs[x->n_inputs - 1];
		skip_blanks(x);
		if (!in->rest.n && x->n_inputs > 1) {
			x->n_inputs--;
			continue;
		}
		if (!in->rest.n) {
			x->token = (struct pf_token){ PF_END, STR(""), loc_line(x->source, x->line) };
			return;
		}
		char c = in->rest.p[0];
		if (c == '$') {
			if (write_out(x))
				continue;
			return;
		}
		if (c == '\n') {
			x->token = take(x, PF_NEWLINE, 1);
			x->line += in->in_file;
			return;
		}
		if (c == '"' || c == '\'') {
			take_string(x);
			return;
		}
		if (c == '<' && take_table(x))
			return;
		size_t n = 0;
		while (n < in->rest.n && is_word(in->rest.p[n]))
			n++;
		if (n) {
			x->token = take(x, PF_WORD, n);
			return;
		}
		static const char *const pairs[] = { "!=", "<=", ">=", "><", "<>" };
		for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
			if (str_starts(in->rest, pairs[i])) {
				x->token = take(x, PF_PUNCT, 2);
				return;
			}
		x->token = take(x, PF_PUNCT, 1);
		return;
	}
}

bool pf_is(const struct pf_lexer *x, const char *text)
{
	return (x->token.kind == PF_WORD || x->token.kind == PF_PUNCT) && str_is(x->token.text, text);
}

bool pf_accept(struct pf_lexer *x, const char *text)
{
	if (!pf_is(x, text))
		return false;
	pf_next(x);
	return true;
}

bool pf_at_end(const struct pf_lexer *x)
{
	return x->token.kind == PF_END || x->token.kind == PF_NEWLINE || pf_is(x, "}");
}
