/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements of nftables that decide nothing.  Each is parsed to its own end, word
 * by word: what follows is a condition of the rule.
 */
#include "dialect/nftables/nftables.h"

void nft_perhaps_all(struct draft_rule *r, const char *why)
{
	for (size_t i = 0; i < r->drafts.n; i++)
		draft_perhaps(&r->drafts.v[i], why);
}

/* A number, in decimal digits or 0x with hexadecimal ones. */
static bool is_amount(struct str s)
{
	bool hex = str_starts(s, "0x");
	struct str digits = str_skip(s, hex ? 2 : 0);
	for (size_t i = 0; i < digits.n; i++)
		if (!strchr(hex ? "0123456789abcdefABCDEF" : "0123456789", digits.p[i]))
			return false;
	return digits.n > 0;
}

/* limit rate [over] 10 mbytes/second burst 5 packets; quota over 25 mbytes used 0 bytes; or a name. */
static void read_limit(struct nft *n)
{
	nft_next(n);
	if (nft_accept(n, "name")) {
		nft_next(n);
		return;
	}
	nft_accept(n, "rate");
	if (!nft_accept(n, "over"))
		nft_accept(n, "until");
	bool whole = str_find(n->token.text, '/') != SIZE_MAX;
	nft_next(n);
	if (!whole && !nft_at_end(n))
		nft_next(n);
	if (nft_accept(n, "burst") || nft_accept(n, "used")) {
		nft_next(n);
		if (nft_is(n, "packets") || nft_is(n, "bytes") || nft_is(n, "kbytes") || nft_is(n, "mbytes"))
			nft_next(n);
	}
}

/* log prefix "..." level info flags tcp sequence,options flags ip options group 1 */
static void read_log(struct nft *n)
{
	for (;;) {
		if (nft_accept(n, "prefix")) {
			n->broken |= n->token.kind != TOK_STRING && n->token.kind != TOK_WORD;
			nft_next(n);
		} else if (nft_accept(n, "level")) {
			n->broken |= !str_is_one_of(n->token.text, "emerg alert crit err warn notice info debug audit");
			nft_next(n);
		} else if (nft_accept(n, "group") || nft_accept(n, "snaplen") || nft_accept(n, "queue-threshold")) {
			n->broken |= !is_amount(n->token.text);
			nft_next(n);
		} else if (nft_accept(n, "flags")) {
			if (!nft_accept(n, "tcp"))
				nft_accept(n, "ip");
			do
				nft_next(n);
			while (nft_accept(n, ","));
		} else {
			return;
		}
	}
}

/* update @s { ip saddr limit rate 10/second }, meter m size 100 { ... }: matches only within the limit. */
static bool read_update(struct nft *n, struct draft_rule *r)
{
	bool limited = false;
	struct left l;
	unsigned depth = 0;
	while (!nft_at_end(n) && !nft_is(n, "{"))
		nft_next(n);
	if (!nft_is(n, "{"))
		return false;
	/* a packet without these fields is not added, and continues in the rule */
	depth++;
	nft_next(n);
	while (nft_read_left(n, &l)) {
		nft_imply(n, r, &l);
		limited |= l.key == KEY_OTHER;
		if (!nft_accept(n, "."))
			break;
	}
	while (depth && n->token.kind != TOK_END) {
		depth += nft_is(n, "{");
		depth -= nft_is(n, "}");
		limited |= nft_is(n, "limit") || nft_is(n, "ct") || nft_is(n, "quota");
		nft_next(n);
	}
	if (limited)
		nft_perhaps_all(r, "a rate limit");
	return true;
}

/*
 * The right side of a "set": numbers and fields with arithmetic between them, and
 * maps that turn a field into a number.
 */
static bool read_operand(struct nft *n, struct draft_rule *r)
{
	struct left l;
	if (nft_accept(n, "(")) {
		bool ok = ++n->expression_depth <= MOST_EXPRESSION_DEPTH && nft_read_expression(n, r) &&
			  nft_accept(n, ")");
		n->expression_depth--;
		return ok;
	}
	if (nft_read_left(n, &l)) {
		nft_imply(n, r, &l);
		while (nft_accept(n, ".")) {
			if (!nft_read_left(n, &l))
				return false;
			nft_imply(n, r, &l);
		}
		if (!nft_accept(n, "map"))
			return true;
		nft_perhaps_all(r, "the value of a map");
		if (nft_is(n, "{"))
			nft_skip_block(n);
		else
			nft_next(n); /* @name */
		return true;
	}
	if (n->token.kind != TOK_WORD && n->token.kind != TOK_STRING)
		return false;
	nft_next(n);
	return true;
}

bool nft_read_expression(struct nft *n, struct draft_rule *r)
{
	static const char *const operators[] = { "&", "|", "^", "<", ">", "and", "or", "xor", "lshift", "rshift", "," };
	for (;;) {
		bool more = false;
		if (!read_operand(n, r))
			return false;
		for (size_t i = 0; i < ARRAY_LEN(operators) && !more; i++)
			if (nft_accept(n, operators[i])) {
				more = true;
				/* << and >> are two tokens */
				if (!nft_accept(n, "<"))
					nft_accept(n, ">");
			}
		if (!more)
			return true;
	}
}

/* dup to 10.0.0.9 device "eth1" */
static bool read_dup(struct nft *n, struct draft_rule *r)
{
	if (nft_accept(n, "to") && !nft_read_expression(n, r))
		return false;
	if (nft_accept(n, "device"))
		nft_next(n);
	return true;
}

/* flow add @f: established connections are offloaded. */
static bool read_flow(struct nft *n)
{
	if (!nft_accept(n, "add") && !nft_accept(n, "offload"))
		return false;
	nft_next(n);
	return true;
}

/* notrack: states are known neither for the packets that it is applied to nor for the replies to them. */
static void add_untracked(struct nft *n, const struct draft_rule *r)
{
	static const char why[] = "whether a connection is tracked, which a rule turns off";
	for (size_t i = 0; i < r->drafts.n; i++) {
		struct match m = draft_match_done(&r->drafts.v[i]), back = match_of_replies(n->arena, &m);
		ruleset_doubt(n->rules, r->chain, &m, n->statement_at, n->statement, why);
		ruleset_doubt(n->rules, r->chain, &back, n->statement_at, n->statement, why);
	}
}

bool nft_read_idle_statement(struct nft *n, struct draft_rule *r)
{
	if (nft_accept(n, "counter")) {
		if (nft_accept(n, "name"))
			nft_next(n);
		while (nft_accept(n, "packets") || nft_accept(n, "bytes")) {
			n->broken |= !is_amount(n->token.text);
			nft_next(n);
		}
		return true;
	}
	if (nft_accept(n, "comment")) {
		r->comment = str_dup(n->keep, n->token.text);
		nft_next(n);
		n->broken |= !nft_at_end(n); /* it is the last */
		return true;
	}
	if (nft_is(n, "limit") || nft_is(n, "quota")) {
		nft_perhaps_all(r, nft_is(n, "limit") ? "a rate limit" : "a quota");
		read_limit(n);
		return true;
	}
	if (nft_accept(n, "log")) {
		read_log(n);
		return true;
	}
	if (nft_accept(n, "last")) {
		if (nft_accept(n, "used"))
			nft_next(n);
		return true;
	}
	if (nft_accept(n, "notrack")) {
		add_untracked(n, r);
		return true;
	}
	if (nft_is(n, "update") || nft_is(n, "add") || nft_is(n, "delete") || nft_is(n, "meter"))
		return read_update(n, r);
	if (nft_accept(n, "dup"))
		return read_dup(n, r);
	return nft_accept(n, "flow") && read_flow(n);
}
