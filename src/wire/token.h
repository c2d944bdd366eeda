/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What portolan probe says to portolan listen where a protocol has no exchange of its own: a token that both
 * were started with, and back the source address that the listener saw, which shows address translation.
 *
 *	question  "PTLN" 01  16 bytes: the first of HMAC-SHA-256(token, "question" nonce)  16 bytes: nonce
 *	answer    "PTLN" 02  16 bytes: the first of HMAC-SHA-256(token, "answer" nonce)  family (4 or 6)  16 bytes: address  2 bytes: port
 */
#pragma once

#include "wire/bytes.h"

enum { TOKEN_NONCE = 16, TOKEN_QUESTION = 4 + 1 + 16 + TOKEN_NONCE, TOKEN_ANSWER = 4 + 1 + 16 + 1 + 16 + 2 };

void token_put_question(struct buffer *to, struct str token, const uint8_t nonce[TOKEN_NONCE]);

/* True when it is a question with this token; the nonce goes to the answer. */
bool token_read_question(struct str bytes, struct str token, uint8_t nonce[TOKEN_NONCE]);
void token_put_answer(struct buffer *to, struct str token, const uint8_t nonce[TOKEN_NONCE], bool ipv6,
		      const uint8_t address[16], uint16_t port);

struct token_answer {
	bool genuine; /* made with the token, for this question */
	bool ipv6;
	uint8_t address[16]; /* IPv4: the last four bytes */
	uint16_t port;
};
bool token_read_answer(struct str bytes, struct str token, const uint8_t nonce[TOKEN_NONCE], struct token_answer *ret);
