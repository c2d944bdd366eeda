/* SPDX-License-Identifier: Apache-2.0 */
/* The key and the certificate of an authority, as they are made at its beginning and when it gets a new key. */
#pragma once

#include <openssl/x509.h>

#include "authority/create.h"
#include "pki/names.h"

/* In PKCS#8, mode 0600; encrypted where there is a password.  False after errors. */
bool root_write_key(struct arena *a, const char *path, EVP_PKEY *key, struct str password, struct diag *d);

/*
 * The certificate of an authority with this key.  issuer NULL: it signs itself, for ten years; else a link: the issuer, whose key is
 * signer, says that the new key is the authority's too, until its own end.  DER; empty with *why.
 */
struct root {
	struct subject_parts subject;
	EVP_PKEY *key;
	X509 *issuer;
	EVP_PKEY *signer;
	int64_t issuer_ends;
};
struct str root_made(struct arena *a, const struct root *r, struct str *why);
