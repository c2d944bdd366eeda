/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of an authority, counted from the oldest, which is 0.  Each has its files and its own list of revoked certificates:
 *
 *  key 0   ca.key (or what the configuration names), ca.pem       NAME.crl     NAME.crt
 *  key 1   ca-1.key, ca-1.pem                                     NAME-1.crl   NAME-1.crt
 *
 * The last one signs certificates; those before it sign lists and OCSP responses about what they issued, until they expire.  The
 * .pem of a key is written last: without it the key is not there.
 */
#pragma once

#include <openssl/x509.h>

#include "base/diag.h"

enum {
	AUTHORITY_KEYS_MAX = 4,
	AUTHORITY_CHAIN_MAX = 8, /* of each key: itself, and two certificates for each key before it */
};

enum authority_key_kind { MAKE_RSA_2048, MAKE_RSA_3072, MAKE_P256, MAKE_P384, N_MAKE_KEYS };
extern const char *const authority_key_kinds[N_MAKE_KEYS];

size_t authority_keys(const char *folder); /* how many; 0: ca.pem is not there yet */

/* A file of a key, beside the configuration: ending ".pem" is "FOLDER/ca.pem", "FOLDER/ca-1.pem". */
const char *authority_key_file(struct arena *a, const char *folder, size_t key, const char *ending);

/* A number of the store that each key has: "crl-made" of the first, "crl-made-1" of the next. */
const char *authority_key_number(struct arena *a, const char *name, size_t key);

/* "http://host/NAME.crl" of a key: "http://host/NAME-1.crl". */
struct str authority_key_url(struct arena *a, struct str url, size_t key);

/* Which key a name after that of the authority means: "" is 0, "-1" is 1.  False: none. */
bool authority_key_named(struct str after, size_t *ret);

/*
 * The certificates of a key, its own first, then the chain to its root; freed with the arena.  After a new key that is: signed by the
 * key before it, and the certificates of that one.  NULL after errors.
 */
X509 *const *authority_chain_of(struct arena *a, const char *folder, size_t key, size_t *n, struct diag *d);

/* Those of the key that signs certificates. */
X509 *const *authority_chain(struct arena *a, const char *folder, size_t *n, struct diag *d);
X509 *authority_certificate(struct arena *a, const char *folder, struct diag *d);

/* In a chain: the second certificate is the first one's key again, signed by the key before it. */
bool authority_chain_has_link(X509 *first, X509 *second);
