/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenSSL encoded, in an arena; and what it decodes and compares. */
#pragma once

#include <openssl/x509.h>

#include "base/str.h"

/* Copies the n bytes that an i2d function allocated, and wipes and frees them.  Not set when n is not positive. */
struct str der_taken(struct arena *a, unsigned char *der, int n);

/* A certificate; NULL when it is none.  The caller frees. */
X509 *der_certificate(struct str der);

/* Whether an object identifier is that of the dotted text; for those that OpenSSL has no number for. */
bool oid_is(const ASN1_OBJECT *o, const char *dotted);
