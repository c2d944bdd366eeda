/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>

#include "pki/request-priv.h"

/* A CMS begins with its type's OID, a PKCS#10 with a sequence. */
static bool is_cms(struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	long length;
	int tag, class;
	return !(ASN1_get_object(&p, &length, &tag, &class, (long)der.n) & 0x80) && tag == V_ASN1_SEQUENCE &&
	       p < (const unsigned char *)der.p + der.n && *p == V_ASN1_OBJECT;
}

bool request_read(struct arena *a, struct str der, struct cert_request *ret, struct request_fault *fault)
{
	struct request_reading r = { .arena = a, .request = ret, .fault = fault };
	*ret = (struct cert_request){ .hints = ARENA_ARRAY(a, struct template_hint, REQUEST_TEMPLATES_MAX) };
	*fault = (struct request_fault){ 0 };
	bool ok;
	if (der.n == 0 || der.n > REQUEST_BYTES_MAX)
		ok = request_wrong(&r, HR_INVALID_DATA, "a request that is empty or too long");
	else if (is_cms(der))
		ok = request_read_cms(&r, der);
	else
		ok = request_read_csr(&r, der);
	if (ok && !is_cms(der) && r.null_signed)
		ok = request_wrong(&r, HR_BAD_SIGNATURE, "a request that nothing proves");
	ok = ok && request_take_extensions(&r);
	for (size_t i = 0; i < r.extensions.n; i++)
		X509_EXTENSION_free(r.extensions.v[i]);
	X509_REQ_free(r.csr);
	ERR_clear_error();
	return ok;
}
