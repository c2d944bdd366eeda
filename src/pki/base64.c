/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>

#include "pki/request.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

bool base64_read(struct arena *a, struct str text, size_t most, struct str *ret)
{
	char *digits = arena_alloc(a, text.n);
	size_t n = 0, padding = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (is_blank(text.p[i]))
			continue;
		padding += text.p[i] == '=';
		if (text.p[i] != '=' && (padding > 0 || !is_digit(text.p[i])))
			return false;
		digits[n++] = text.p[i];
	}
	if (n % 4 != 0 || padding > 2 || n / 4 * 3 > most + 2)
		return false;
	unsigned char *bytes = arena_alloc(a, n / 4 * 3);
	int made = n ? EVP_DecodeBlock(bytes, (const unsigned char *)digits, (int)n) : 0;
	*ret = (struct str){ (const char *)bytes, made < 0 ? 0 : (size_t)made - padding };
	return made >= 0 && ret->n <= most;
}

struct str base64_made(struct arena *a, struct str bytes)
{
	char *text = arena_alloc(a, (bytes.n + 2) / 3 * 4 + 1);
	int n = EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)bytes.p, (int)bytes.n);
	return (struct str){ text, (size_t)n };
}
