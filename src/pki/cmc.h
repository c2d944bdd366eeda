/* SPDX-License-Identifier: Apache-2.0 */
/* CMC full PKI responses (RFC 5272 3.2.2; MS-WCCE 2.2.2.8), and certificates without a signature in a PKCS#7. */
#pragma once

#include <openssl/x509.h>

#include "base/str.h"

enum cmc_status { CMC_ISSUED = 0, CMC_FAILED = 2, CMC_PENDING = 3 };

struct cmc_answer {
	enum cmc_status status;
	const char *text;    /* "Issued" */
	uint64_t request_id; /* CMC_PENDING: the pendToken */
	int64_t now;
	X509 *leaf;         /* CMC_ISSUED */
	X509 *const *chain; /* the authority first */
	size_t n_chain;
};

/* Signed by the authority; empty with *why. */
struct str cmc_answer_made(struct arena *a, const struct cmc_answer *answer, EVP_PKEY *key, const EVP_MD *md,
			   struct str *why);

/* Certificates only (RFC 7030 4.1.3; a degenerate SignedData). */
struct str certificates_only(struct arena *a, const struct str *ders, size_t n);

/* The certificates in a CMS; false when it is none. */
bool certificates_in(struct arena *a, struct str der, struct str **ret, size_t *n);
