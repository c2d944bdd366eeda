/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of nftables: words, strings, punctuation and line ends, with defines expanded. */
#include "dialect/nftables/nftables.h"

static bool is_word_char(char c)
{
	return (unsigned char)c > 0x20 && !char_in(c, "{},;\"=!<>()|&#\\");
}

static void advance(struct input *in, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (in->rest.p[i] == '\n') {
			in->line++;
			in->column = 1;
		} else {
			in->column++;
		}
	}
	in->rest = str_skip(in->rest, n);
}

static void skip_blanks(struct input *in)
{
	for (;;) {
		if (in->rest.n && (in->rest.p[0] == ' ' || in->rest.p[0] == '\t' || in->rest.p[0] == '\r')) {
			advance(in, 1);
		} else if (in->rest.n >= 2 && in->rest.p[0] == '\\' && in->rest.p[1] == '\n') {
			advance(in, 2);
		} else if (in->rest.n && in->rest.p[0] == '#') {
			size_t end = str_find(in->rest, '\n');
			advance(in, end == SIZE_MAX ? in->rest.n : end);
		} else {
			return;
		}
	}
}

static void take(struct nft *n, enum token_kind kind, size_t length)
{
	struct input *in = &n->inputs[n->n_inputs - 1];
	uint32_t line = in->in_file ? in->line : n->token.at.line;
	uint32_t column = in->in_file ? in->column : n->token.at.column;
	n->token = (struct token){ kind, str_first(in->rest, length), { n->source, line, column, (uint32_t)length } };
	advance(in, length);
}

static void open_define(struct nft *n, struct str name)
{
	const struct nft_define *define = strmap_get(&n->defines, name);
	if (!define || n->n_inputs > MOST_DEFINE_DEPTH) {
		n->broken = true;
		n->token.kind = TOK_WORD;
		return;
	}
	n->inputs[n->n_inputs++] = (struct input){ define->text, 0, 0, false };
	nft_next(n);
}

/* Definitions that name each other expand exponentially. */
static void count_defined(struct nft *n)
{
	if (n->too_much || n->n_defined++ < MOST_DEFINED)
		return;
	diag_error(n->diag, n->token.at, "definitions expand to more than %d words here", MOST_DEFINED);
	n->too_much = n->cut_off = true;
}

void nft_next(struct nft *n)
{
	if (n->n_inputs > 1)
		count_defined(n);
	if (n->too_much) {
		n->token.kind = TOK_END;
		n->token.text = NO_STR;
		return;
	}
	for (;;) {
		struct input *in = &n->inputs[n->n_inputs - 1];
		skip_blanks(in);
		if (in->rest.n)
			break;
		if (n->n_inputs == 1) {
			n->token = (struct token){ TOK_END, NO_STR, { n->source, in->line, in->column, 0 } };
			return;
		}
		n->n_inputs--;
	}
	struct input *in = &n->inputs[n->n_inputs - 1];
	char c = in->rest.p[0];
	if (c == '\n') {
		take(n, TOK_NEWLINE, 1);
		return;
	}
	if (c == '"') {
		size_t end = str_find(str_skip(in->rest, 1), '"');
		size_t length = end == SIZE_MAX ? in->rest.n : end + 2;
		take(n, TOK_STRING, length);
		n->token.text = str_first(str_skip(n->token.text, 1), length - (end == SIZE_MAX ? 1 : 2));
		return;
	}
	if (!is_word_char(c)) {
		size_t length = 1;
		if (in->rest.n > 1 && in->rest.p[1] == '=' && char_in(c, "=!<>"))
			length = 2;
		take(n, TOK_PUNCT, length);
		return;
	}
	size_t length = 1;
	while (length < in->rest.n && is_word_char(in->rest.p[length]))
		length++;
	take(n, TOK_WORD, length);
	if (n->token.text.n > 1 && n->token.text.p[0] == '$')
		open_define(n, str_skip(n->token.text, 1));
}

bool nft_is(const struct nft *n, const char *text)
{
	/* the first letter decides most comparisons */
	return n->token.text.n && n->token.text.p[0] == text[0] && n->token.kind != TOK_STRING &&
	       n->token.kind != TOK_END && str_is(n->token.text, text);
}

bool nft_accept(struct nft *n, const char *text)
{
	if (!nft_is(n, text))
		return false;
	nft_next(n);
	return true;
}

bool nft_at_end(const struct nft *n)
{
	return n->token.kind == TOK_END || n->token.kind == TOK_NEWLINE || nft_is(n, ";") || nft_is(n, "}");
}

void nft_skip_newlines(struct nft *n)
{
	while (n->token.kind == TOK_NEWLINE || nft_is(n, ";"))
		nft_next(n);
}

/* Skips to the end of the statement, over blocks on the way. */
void nft_skip_statement(struct nft *n)
{
	unsigned depth = 0;
	while (n->token.kind != TOK_END) {
		if (depth == 0 && nft_at_end(n))
			return;
		if (nft_is(n, "{"))
			depth++;
		else if (nft_is(n, "}"))
			depth--;
		nft_next(n);
	}
}

void nft_skip_block(struct nft *n)
{
	unsigned depth = 0;
	do {
		depth += nft_is(n, "{");
		depth -= nft_is(n, "}");
		nft_next(n);
	} while (depth && n->token.kind != TOK_END);
}

struct str nft_line_text(struct nft *n, uint32_t line)
{
	return str_trim(source_line(n->source, line));
}

void nft_unknown(struct nft *n, struct loc at, const char *why)
{
	if (!n->first_pass)
		ruleset_unknown(n->rules, at, nft_line_text(n, at.line), "%s", why);
}

void nft_refuse(struct nft *n, const char *why, ...)
{
	va_list ap;
	if (n->refused)
		return;
	va_start(ap, why);
	ruleset_refused(n->rules, n->statement_at, n->statement, "%s", arena_vprintf(n->keep, why, ap));
	va_end(ap);
	n->refused = true;
}

void nft_refuse_at(struct nft *n, struct loc at, const char *why)
{
	if (!n->first_pass)
		ruleset_refused(n->rules, at, nft_line_text(n, at.line), "%s", why);
}

struct str nft_full_name(struct nft *n, struct str name)
{
	return str_printf(n->arena, "%.*s %.*s %.*s", STR_ARG(n->family), STR_ARG(n->table), STR_ARG(name));
}
