/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificate requests of the client. */
#pragma once

#include <openssl/x509.h>

#include "pki/names.h"

enum enrol_key { ENROL_RSA_2048, ENROL_RSA_3072, ENROL_RSA_4096, ENROL_P256, ENROL_P384, ENROL_P521, N_ENROL_KEYS };
extern const char *const enrol_key_words[N_ENROL_KEYS];

struct csr_wish {
	struct subject_parts subject;
	struct alternatives alternatives;
	struct str template_name; /* 1.3.6.1.4.1.311.20.2; empty: none */
	struct str template_oid;  /* 1.3.6.1.4.1.311.21.7; empty: none */
	uint64_t major, minor;
	X509 *renewed; /* 1.3.6.1.4.1.311.13.1; NULL: a new request */
};

/* The PKCS#10, DER; empty when OpenSSL refuses. */
struct str csr_made(struct arena *a, const struct csr_wish *wish, EVP_PKEY *key);

/* Around it a CMS that the old certificate's key signs (MS-WCCE 2.2.2.6.2); empty when OpenSSL refuses. */
struct str csr_signed(struct arena *a, struct str csr, X509 *old, EVP_PKEY *old_key);
