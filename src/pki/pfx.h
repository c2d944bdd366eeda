/* SPDX-License-Identifier: Apache-2.0 */
/* A key with its certificates in one file (PKCS#12, RFC 7292), as another authority exports it. */
#pragma once

#include <openssl/x509.h>

#include "base/str.h"

enum { PFX_FILE_MAX = 256 << 10, PFX_CHAIN_MAX = 8 };

struct pfx {
	EVP_PKEY *key;              /* freed with the arena, as the certificates are */
	X509 *chain[PFX_CHAIN_MAX]; /* that of the key first, each signed by the next */
	size_t n;
	size_t left; /* certificates that are not in the chain */
};

/*
 * NULL, or what is wrong: the password, an algorithm that OpenSSL's default provider does not have, no key, or another certificate
 * than the key's.
 */
const char *pfx_read(struct arena *a, struct str der, const char *password, struct pfx *ret);
