/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of revoked certificates (RFC 5280 5). */
#pragma once

#include <openssl/x509.h>

#include "base/str.h"

enum { CRL_ENTRIES_MAX = 1000000 };

struct crl_entry {
	struct str serial;
	int64_t at;
	uint64_t reason; /* CRLReason; 0 is not written */
};

struct crl_fields {
	uint64_t number;
	int64_t now, next; /* thisUpdate, nextUpdate */
	const struct crl_entry *entries;
	size_t n;
};

/* Signed by the issuer's key; DER, empty with *why. */
struct str crl_made(struct arena *a, const struct crl_fields *f, X509 *issuer, EVP_PKEY *key, const EVP_MD *md,
		    struct str *why);

/*
 * A list of the issuer, read: number, times, and entries in the arena.  NULL, or what is wrong with it: another signer, a delta or a part of a
 * list, more than CRL_ENTRIES_MAX entries, a number beyond 63 bits.
 */
const char *crl_read(struct arena *a, struct str der, X509 *issuer, struct crl_fields *ret);

/* Whether it is a list of the issuer that holds at that time; NULL, or what is wrong. */
const char *crl_refused(struct str der, X509 *issuer, int64_t now);

/* Reasons that an operator may give, by CRLReason: "key-compromise" for 1; NULL between them. */
enum { N_REVOCATION_REASONS = 11 };
extern const char *const revocation_reasons[N_REVOCATION_REASONS];
