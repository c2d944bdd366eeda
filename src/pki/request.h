/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate requests: PKCS#10 alone (RFC 2986), inside of PKCS#7 or CMS (RFC 5652), or inside of a CMC full
 * request (RFC 5272), as MS-WCCE 2.2.2.6 has them.
 *
 * The bytes decide which; labels are not trusted.  What a request asks for is read into named fields.
 * Nothing but these fields reaches the process that signs.
 */
#pragma once

#include "pki/hresult.h"
#include "pki/names.h"

enum {
	REQUEST_BYTES_MAX = 32 << 10,
	REQUEST_EXTENSIONS_MAX = 64,
	REQUEST_TEMPLATES_MAX = 8, /* ways to name a template in one request */
};

/* One way in which the request names its template.  Empty members: not said so. */
struct template_hint {
	struct str name;
	struct str oid;
	bool has_version;
	uint64_t major, minor;
};

struct cert_request {
	struct str csr;           /* the PKCS#10, DER, where it lies in the caller's bytes or in the arena */
	struct str key;           /* SubjectPublicKeyInfo, DER */
	struct str key_algorithm; /* "rsa", "p-256", "p-384", "p-521" */
	unsigned key_bits;
	struct subject_parts subject;
	struct alternatives alternatives;
	struct template_hint *hints;
	size_t n_hints;
	struct str renewed;  /* the certificate of attribute 1.3.6.1.4.1.311.13.1, DER; empty: a new request */
	bool renewed_signed; /* the signature of that certificate's key over the request was verified */
	bool sha1;           /* a signature of the request uses SHA-1 */
};

struct request_fault {
	enum hresult code;
	const char *text; /* for the log; a constant */
};

/*
 * Reads a request and verifies its proof of possession: the PKCS#10's own signature, or, for one signed
 * by a bare hash, the first signer of the CMS by the request's own key.  False with a fault.
 */
bool request_read(struct arena *a, struct str der, struct cert_request *ret, struct request_fault *fault);

/* Base64 with any white space between; false when it is something else, or longer than most bytes. */
bool base64_read(struct arena *a, struct str text, size_t most, struct str *ret);

/* On one line. */
struct str base64_made(struct arena *a, struct str bytes);
