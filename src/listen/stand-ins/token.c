/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services without an exchange that a probe could make: connections are accepted and stay open, and a question
 * with the token of this listener is answered with the source address that was seen.  The first bytes of anything
 * else are only logged.
 */
#include "listen/stand-in.h"
#include "wire/token.h"

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	uint8_t nonce[TOKEN_NONCE], address[16] = { 0 };
	struct str token = s->planned->token;
	bool stream = s->planned->protocol == PROTO_TCP;
	if (stream && n < TOKEN_QUESTION && n >= 4 && memcmp(p, "PTLN", 4) == 0)
		return 0;
	if (token.n == 0 || !token_read_question((struct str){ (const char *)p, n }, token, nonce)) {
		s->heard = stream ? "bytes" : "a datagram";
		return n;
	}
	u128 value = s->peer.n;
	for (size_t i = 16; i-- > 0; value >>= 8)
		address[i] = (uint8_t)value;
	token_put_answer(session_send(s), token, nonce, s->peer.family == IPV6, address, s->peer_port);
	s->heard = "a probe with the token";
	return n;
}

const struct stand_in stand_in_token = {
	.name = "token",
	.input = input,
};

/* TLS alone: the certificate is the proof. */
const struct stand_in stand_in_tls = {
	.name = "tls",
	.tls_first = true,
	.input = input,
};
