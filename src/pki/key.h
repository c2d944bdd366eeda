/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys that may be certified: RSA of 2048 to 8192 bits, and the three curves of NIST by their names. */
#pragma once

#include <openssl/evp.h>

#include "base/str.h"

/* Its SubjectPublicKeyInfo, its kind ("rsa", "p-256", "p-384", "p-521") and its bits.  NULL, or why it may not be certified. */
const char *key_read(struct arena *a, EVP_PKEY *key, struct str *spki, struct str *algorithm, unsigned *bits);

/* NULL, or why nobody should have this key certified; a constant. */
const char *key_weak(EVP_PKEY *key);

/* A new one: "rsa-" and its bits, or a curve as above.  NULL when OpenSSL refuses.  The caller frees. */
EVP_PKEY *key_made(const char *kind);

/* The private key as PKCS#8, PEM, not encrypted; empty when it cannot be.  The caller wipes it. */
struct str key_pem(struct arena *a, EVP_PKEY *key);

/* Back from a SubjectPublicKeyInfo; NULL when it is none.  The caller frees. */
EVP_PKEY *key_of(struct str spki);
