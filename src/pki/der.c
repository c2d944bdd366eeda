/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/der.h"

#include <openssl/crypto.h>
#include <openssl/objects.h>

struct str der_taken(struct arena *a, unsigned char *der, int n)
{
	if (n <= 0)
		return NO_STR;
	struct str s = { arena_memdup(a, der, (size_t)n), (size_t)n };
	OPENSSL_clear_free(der, (size_t)n);
	return s;
}

X509 *der_certificate(struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	return d2i_X509(NULL, &p, (long)der.n);
}

bool oid_is(const ASN1_OBJECT *o, const char *dotted)
{
	char text[128];
	return o && OBJ_obj2txt(text, sizeof text, o, 1) > 0 && strcmp(text, dotted) == 0;
}
