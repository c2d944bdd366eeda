/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of the request reader share. */
#pragma once

#include <openssl/x509.h>

#include "pki/request.h"

struct request_reading {
	struct arena *arena;
	struct cert_request *request;
	struct request_fault *fault;
	struct extension_list {
		X509_EXTENSION *v[REQUEST_EXTENSIONS_MAX];
		size_t n;
	} extensions; /* requested, of all attributes; freed at the end */
	X509_REQ *csr;
	bool null_signed;
};

/* Always false. */
bool request_wrong(struct request_reading *r, enum hresult code, const char *text);

/* The PKCS#10 itself: key, subject, attributes, signature. */
bool request_read_csr(struct request_reading *r, struct str der);

/* One attribute of the PKCS#10 or of a CMC control. */
bool request_take_attribute(struct request_reading *r, X509_ATTRIBUTE *attribute);

bool request_add_hint(struct request_reading *r, const struct template_hint *hint);

/* "CertificateTemplate" and such. */
bool request_take_pair(struct request_reading *r, struct str name, struct str value);

/* The names and template that the requested extensions say, when all of them are known. */
bool request_take_extensions(struct request_reading *r);

/* The CMS around a PKCS#10. */
bool request_read_cms(struct request_reading *r, struct str der);

/* Digests that signatures of requests may use; SHA-1 is remembered. */
bool request_digest_ok(struct request_reading *r, int nid);
