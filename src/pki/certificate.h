/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates: made from named fields, and read.
 *
 * Whoever makes one decides every extension from a profile; no field is DER of the requester but the public key, which is
 * decoded and encoded again.
 */
#pragma once

#include "pki/names.h"

enum { SERIAL_BYTES = 16 };

/* What a template says of every certificate under it. */
struct certificate_profile {
	bool authority;         /* basicConstraints CA:TRUE */
	int path_length;        /* of an authority; -1: none */
	uint64_t usages;        /* bits as X509v3 KeyUsage has them (KU_DIGITAL_SIGNATURE ...) */
	const struct str *ekus; /* dotted */
	size_t n_ekus;
	bool application_policies; /* 1.3.6.1.4.1.311.21.10, equal to the EKUs */
	struct str template_name;  /* 1.3.6.1.4.1.311.20.2, for schema 1; empty: none */
	struct str template_oid;   /* 1.3.6.1.4.1.311.21.7; empty: none */
	uint64_t major, minor;
	const struct str *crl, *aia, *ocsp; /* addresses */
	size_t n_crl, n_aia, n_ocsp;
	bool ocsp_no_check;
	struct str sid; /* of the account, "S-1-5-..."; 1.3.6.1.4.1.311.25.2; empty: none */
};

struct certificate_fields {
	struct str serial; /* SERIAL_BYTES, positive */
	struct str key;    /* SubjectPublicKeyInfo, DER */
	struct subject_parts subject;
	struct alternatives alternatives;
	int64_t not_before, not_after; /* seconds since 1970 */
};

/*
 * Makes and signs a certificate.  issuer: NULL: a self-signed root, whose key signs.  The DER; empty with *why.
 */
struct str certificate_made(struct arena *a, const struct certificate_profile *p, const struct certificate_fields *f,
			    X509 *issuer, EVP_PKEY *key, const EVP_MD *md, struct str *why);

/* A certificate, read. */
struct certificate {
	X509 *x509; /* freed with the arena */
	struct str der;
	struct str serial, key;
	struct subject_parts subject;
	struct alternatives alternatives;
	int64_t not_before, not_after;
	struct str template_name, template_oid;
	uint64_t major, minor;
	bool client_auth; /* its EKUs allow client authentication */
	bool may_sign;    /* its key usage allows signatures */
};

/* NULL, or what is wrong with it. */
const char *certificate_read(struct arena *a, struct str der, struct certificate *ret);

struct str certificate_der(struct arena *a, const X509 *c);
struct str certificate_pem(struct arena *a, const X509 *c);
struct str sha256_hex(struct arena *a, struct str bytes);
