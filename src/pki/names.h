/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of a certificate: its subject, and what its subjectAltName says (RFC 5280 4.1.2.6, 4.2.1.6).
 *
 * Between processes a subject travels as these fields and not as DER, so that whoever signs writes the DER itself.
 */
#pragma once

#include <openssl/x509v3.h>

#include "base/str.h"

enum {
	SUBJECT_PARTS_MAX = 32,
	ALTERNATIVES_MAX = 64,
	NAME_VALUE_MAX = 1024, /* bytes of one part or name */
};

/* One attribute of a subject, such as CN=web1.  Each is an RDN of its own; multi-valued RDNs are refused. */
struct subject_part {
	struct str oid;   /* dotted: "2.5.4.3" */
	struct str value; /* UTF-8 */
};

enum alternative_kind {
	ALTERNATIVE_DNS,
	ALTERNATIVE_EMAIL,
	ALTERNATIVE_URI,
	ALTERNATIVE_IP,    /* 4 or 16 bytes */
	ALTERNATIVE_UPN,   /* otherName 1.3.6.1.4.1.311.20.2.3, UTF-8: a logon identity */
	ALTERNATIVE_OTHER, /* anything else: its DER as a GeneralName; never issued */
	N_ALTERNATIVES,
};
extern const char *const alternative_words[N_ALTERNATIVES]; /* "dns", "email", ... */

struct alternative {
	uint64_t kind; /* enum alternative_kind */
	struct str value;
};

struct subject_parts {
	struct subject_part *v;
	size_t n;
};

struct alternatives {
	struct alternative *v;
	size_t n;
};

/* The parts of a subject, in order.  NULL, or what is wrong with it. */
const char *subject_of(struct arena *a, const X509_NAME *name, struct subject_parts *ret);
const char *alternatives_of(struct arena *a, const GENERAL_NAMES *names, struct alternatives *ret);

/* Back to OpenSSL's; NULL when a value does not fit its attribute (a country of three letters).  The caller frees. */
X509_NAME *subject_made(const struct subject_parts *s);
GENERAL_NAMES *alternatives_made(const struct alternatives *s);

/* Order and spelling of values count; case of DNS names and e-mail domains does not. */
bool subject_eq(const struct subject_parts *a, const struct subject_parts *b);
bool alternatives_eq(const struct alternatives *a, const struct alternatives *b); /* as sets */

/* "CN=web1,O=Contoso" (RFC 4514, but in the order of the certificate), and "dns:web1.contoso.com"; for people. */
struct str subject_text(struct arena *a, const struct subject_parts *s);
struct str alternative_text(struct arena *a, const struct alternative *s);

/* A DNS name of letters, digits and hyphens (RFC 1123 2.1; IDNA as A-labels), of at most 253 bytes; wildcard: one "*." in front is allowed. */
bool dns_name_ok(struct str s, bool wildcard);

/* The name is the suffix itself or ends in "." and it, in any case. */
bool dns_name_below(struct str name, struct str suffix);
