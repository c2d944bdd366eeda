/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of portolan listen alone, where a protocol has no exchange of its own and both sides were started
 * with one token.  A real server would get bytes that it does not understand, so nothing is asked without the token.
 */
#include "probe/probe.h"
#include "wire/token.h"

static void start(struct exchange *ex)
{
	token_put_question(exchange_send(ex), ex->target->token, ex->random);
}

/* The address that the listener saw: another one than ours shows a translation. */
static void compare_source(struct exchange *ex, const struct token_answer *found)
{
	const struct target *t = ex->target;
	struct addr seen = { found->ipv6 ? IPV6 : IPV4, 0 };
	char buf[ADDR_TEXT];
	for (size_t i = found->ipv6 ? 0 : 12; i < 16; i++)
		seen.n = seen.n << 8 | found->address[i];
	exchange_evidence(ex, "seen-source", str_of(addr_text(seen, buf)));
	if (t->source.n && (t->source.family != seen.family || t->source.n != seen.n))
		exchange_advice(ex, "source-is-translated", ADVICE_NOTE, "the listener sees this machine as %s",
				addr_text(seen, buf));
}

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct token_answer found;
	if (ex->target->protocol == PROTO_TCP && n < TOKEN_ANSWER && memcmp(p, "PTLN", MIN(n, (size_t)4)) == 0)
		return 0;
	if (!token_read_answer((struct str){ (const char *)p, n }, ex->target->token, ex->random, &found)) {
		exchange_foreign(ex, p, n);
	} else if (!found.genuine) {
		exchange_done(ex, REASON_OTHER_IDENTITY, "portolan listen replies, but with another token");
	} else {
		ex->stand_in = true;
		compare_source(ex, &found);
		exchange_done(ex, REASON_PROVEN, "portolan listen replies with the token");
	}
	return n;
}

const struct probe probe_token = {
	.name = "token",
	.title = "portolan listen",
	.best = REASON_PROVEN,
	.start = start,
	.input = input,
};
