/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "wire/token.h"

enum { MAC = 16, QUESTION = 1, ANSWER = 2 };
static const char magic[4] = { 'P', 'T', 'L', 'N' };

/* Zeros where OpenSSL refuses: nothing is genuine then, because the other side has a MAC. */
static void make_mac(struct str token, const char *what, const uint8_t nonce[TOKEN_NONCE], uint8_t ret[MAC])
{
	uint8_t text[16 + TOKEN_NONCE] = { 0 }, mac[EVP_MAX_MD_SIZE] = { 0 };
	size_t n = MIN(strlen(what), (size_t)16);
	unsigned size = sizeof mac;
	memcpy(text, what, n);
	memcpy(text + 16, nonce, TOKEN_NONCE);
	HMAC(EVP_sha256(), token.n ? token.p : "", (int)token.n, text, sizeof text, mac, &size);
	memcpy(ret, mac, MAC);
}

void token_put_question(struct buffer *to, struct str token, const uint8_t nonce[TOKEN_NONCE])
{
	uint8_t mac[MAC];
	make_mac(token, "question", nonce, mac);
	put_bytes(to, magic, sizeof magic);
	put_u8(to, QUESTION);
	put_bytes(to, mac, MAC);
	put_bytes(to, nonce, TOKEN_NONCE);
}

static bool begins(struct cursor *c, uint8_t kind)
{
	struct str first = get_bytes(c, sizeof magic);
	return get_u8(c) == kind && !c->bad && memcmp(first.p, magic, sizeof magic) == 0;
}

bool token_read_question(struct str bytes, struct str token, uint8_t nonce[TOKEN_NONCE])
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	uint8_t mac[MAC];
	if (!begins(&c, QUESTION))
		return false;
	struct str said = get_bytes(&c, MAC), number = get_bytes(&c, TOKEN_NONCE);
	if (c.bad)
		return false;
	memcpy(nonce, number.p, TOKEN_NONCE);
	make_mac(token, "question", nonce, mac);
	return CRYPTO_memcmp(mac, said.p, MAC) == 0;
}

void token_put_answer(struct buffer *to, struct str token, const uint8_t nonce[TOKEN_NONCE], bool ipv6,
		      const uint8_t address[16], uint16_t port)
{
	uint8_t mac[MAC];
	make_mac(token, "answer", nonce, mac);
	put_bytes(to, magic, sizeof magic);
	put_u8(to, ANSWER);
	put_bytes(to, mac, MAC);
	put_u8(to, ipv6 ? 6 : 4);
	put_bytes(to, address, 16);
	put_be16(to, port);
}

bool token_read_answer(struct str bytes, struct str token, const uint8_t nonce[TOKEN_NONCE], struct token_answer *ret)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	uint8_t mac[MAC];
	*ret = (struct token_answer){ 0 };
	if (!begins(&c, ANSWER))
		return false;
	struct str said = get_bytes(&c, MAC);
	ret->ipv6 = get_u8(&c) == 6;
	struct str address = get_bytes(&c, 16);
	ret->port = get_be16(&c);
	if (c.bad)
		return false;
	memcpy(ret->address, address.p, 16);
	make_mac(token, "answer", nonce, mac);
	ret->genuine = CRYPTO_memcmp(mac, said.p, MAC) == 0;
	return true;
}
