/* SPDX-License-Identifier: Apache-2.0 */
/* The Online Certificate Status Protocol (RFC 6960), for one issuer. */
#pragma once

#include <openssl/x509.h>

#include "base/str.h"

enum {
	OCSP_REQUEST_MAX = 4 << 10,
	OCSP_SINGLES_MAX = 16,
	OCSP_NONCE_MAX = 64, /* bytes of the extension's value (RFC 8954 says 32 at most) */
};

/* One certificate that is asked about. */
struct ocsp_asked {
	struct str id;     /* CertID, DER */
	bool ours;         /* its issuer is the one that was given */
	struct str serial; /* without leading zeros */
};

struct ocsp_request {
	struct ocsp_asked *v;
	size_t n;
	struct str nonce; /* the extension's value; empty: none */
};

/* NULL, or what is wrong with the request. */
const char *ocsp_request_read(struct arena *a, struct str der, X509 *issuer, struct ocsp_request *ret);

struct ocsp_told {
	struct str id;   /* as it was asked */
	uint64_t status; /* V_OCSP_CERTSTATUS_GOOD ... */
	int64_t at;      /* REVOKED: since when */
	uint64_t reason; /* REVOKED: CRLReason */
};

struct ocsp_fields {
	const struct ocsp_told *v;
	size_t n;
	struct str nonce;
	int64_t now, next;
};

/* A response of the issuer itself; DER, empty with *why. */
struct str ocsp_made(struct arena *a, const struct ocsp_fields *f, X509 *issuer, EVP_PKEY *key, const EVP_MD *md,
		     struct str *why);

/* What a client asks about one certificate, and whether the answer says that it is good: NULL, or what is wrong. */
struct str ocsp_question(struct arena *a, X509 *c, X509 *issuer);
const char *ocsp_answer_refused(struct str der, X509 *c, X509 *issuer);

/* A response without content: OCSP_RESPONSE_STATUS_MALFORMEDREQUEST, TRYLATER ... */
struct str ocsp_refused(struct arena *a, int status);
