/* SPDX-License-Identifier: Apache-2.0 */
/* The PKCS#10 of a request: its key, names, attributes and signature (RFC 2986). */
#include "pki/request-priv.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "pki/key.h"
#include "pki/der.h"

/* OIDs that OpenSSL has no number for (MS-WCCE 2.2.2.7). */
static const char oid_renewal[] = "1.3.6.1.4.1.311.13.1", oid_pair[] = "1.3.6.1.4.1.311.13.2.1",
		  oid_provider[] = "1.3.6.1.4.1.311.13.2.2", oid_system[] = "1.3.6.1.4.1.311.13.2.3",
		  oid_template_name[] = "1.3.6.1.4.1.311.20.2", oid_template[] = "1.3.6.1.4.1.311.21.7";

bool request_wrong(struct request_reading *r, enum hresult code, const char *text)
{
	*r->fault = (struct request_fault){ code, text };
	return false;
}

bool request_digest_ok(struct request_reading *r, int nid)
{
	switch (nid) {
	case NID_sha1:
		r->request->sha1 = true;
		return true;
	case NID_sha256:
	case NID_sha384:
	case NID_sha512:
		return true;
	default:
		return request_wrong(r, HR_INVALID_DATA, "a digest that is not SHA-1, SHA-256, SHA-384 or SHA-512");
	}
}

bool request_add_hint(struct request_reading *r, const struct template_hint *hint)
{
	if (r->request->n_hints == REQUEST_TEMPLATES_MAX)
		return request_wrong(r, HR_TEMPLATE_CONFLICT, "a template that is named too many times");
	r->request->hints[r->request->n_hints++] = *hint;
	return true;
}

bool request_take_pair(struct request_reading *r, struct str name, struct str value)
{
	/* Who asks is who authenticated; a request for somebody else is an enrolment agent's. */
	if (str_iis(name, "requestername"))
		return request_wrong(r, HR_ACCESS_DENIED, "a request on behalf of somebody else");
	if (!str_iis(name, "CertificateTemplate"))
		return true;
	return request_add_hint(r, &(struct template_hint){ .name = str_trim(value) });
}

static struct str utf8(struct arena *a, const ASN1_STRING *s)
{
	unsigned char *text = NULL;
	int n = ASN1_STRING_to_UTF8(&text, s);
	struct str copy = n >= 0 ? (struct str){ arena_memdup(a, text, (size_t)n), (size_t)n } : NO_STR;
	OPENSSL_free(text);
	return copy;
}

/* ENROLLMENT_NAME_VALUE_PAIR (MS-WCCE 2.2.2.7.10): two BMPStrings. */
static bool take_pair(struct request_reading *r, const ASN1_STRING *der)
{
	const unsigned char *p = ASN1_STRING_get0_data(der);
	STACK_OF(ASN1_TYPE) *pair = d2i_ASN1_SEQUENCE_ANY(NULL, &p, ASN1_STRING_length(der));
	struct str text[2] = { NO_STR, NO_STR };
	bool ok = pair && sk_ASN1_TYPE_num(pair) == 2;
	for (int i = 0; ok && i < 2; i++) {
		const ASN1_TYPE *t = sk_ASN1_TYPE_value(pair, i);
		ok = t->type == V_ASN1_BMPSTRING;
		text[i] = ok ? utf8(r->arena, t->value.asn1_string) : NO_STR;
		ok &= text[i].p != NULL;
	}
	sk_ASN1_TYPE_pop_free(pair, ASN1_TYPE_free);
	if (!ok)
		return request_wrong(r, HR_INVALID_DATA, "a name and value that are not two BMPStrings");
	return request_take_pair(r, text[0], text[1]);
}

static bool take_renewed(struct request_reading *r, const ASN1_STRING *der)
{
	const unsigned char *p = ASN1_STRING_get0_data(der);
	X509 *certificate = d2i_X509(NULL, &p, ASN1_STRING_length(der));
	bool ok = certificate && p == ASN1_STRING_get0_data(der) + ASN1_STRING_length(der) && !r->request->renewed.n;
	X509_free(certificate);
	if (!ok)
		return request_wrong(r, HR_BAD_RENEWAL_CERTIFICATE,
				     "a certificate to renew that is none, or given twice");
	r->request->renewed =
		(struct str){ arena_memdup(r->arena, ASN1_STRING_get0_data(der), (size_t)ASN1_STRING_length(der)),
			      (size_t)ASN1_STRING_length(der) };
	return true;
}

static bool take_requested(struct request_reading *r, const ASN1_STRING *der)
{
	const unsigned char *p = ASN1_STRING_get0_data(der);
	X509_EXTENSIONS *list = d2i_X509_EXTENSIONS(NULL, &p, ASN1_STRING_length(der));
	bool ok = list != NULL;
	for (X509_EXTENSION *e; ok && (e = sk_X509_EXTENSION_shift(list)) != NULL;) {
		ok = r->extensions.n < REQUEST_EXTENSIONS_MAX;
		if (ok)
			r->extensions.v[r->extensions.n++] = e;
		else
			X509_EXTENSION_free(e);
	}
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	return ok || request_wrong(r, HR_INVALID_DATA, "requested extensions that are malformed or too many");
}

bool request_take_attribute(struct request_reading *r, X509_ATTRIBUTE *attribute)
{
	const ASN1_OBJECT *type = X509_ATTRIBUTE_get0_object(attribute);
	int nid = OBJ_obj2nid(type), n = X509_ATTRIBUTE_count(attribute);
	bool (*take)(struct request_reading *, const ASN1_STRING *) = NULL;
	if (nid == NID_ext_req || nid == NID_ms_ext_req)
		take = take_requested;
	else if (oid_is(type, oid_pair))
		take = take_pair;
	else if (oid_is(type, oid_renewal))
		take = take_renewed;
	if ((oid_is(type, oid_provider) || oid_is(type, oid_system) || take == take_renewed) && n != 1)
		return request_wrong(r, HR_INVALID_DATA, "an attribute with several values that may have one");
	for (int i = 0; take && i < n; i++) {
		const ASN1_TYPE *t = X509_ATTRIBUTE_get0_type(attribute, i);
		if (!t || t->type != V_ASN1_SEQUENCE)
			return request_wrong(r, HR_INVALID_DATA, "an attribute whose value is not a sequence");
		if (!take(r, t->value.sequence))
			return false;
	}
	return true;
}

/* 1.3.6.1.4.1.311.21.7 (MS-WCCE 2.2.2.7.7.2): SEQUENCE { OID, major, minor }. */
static bool take_template(struct request_reading *r, const ASN1_STRING *der)
{
	const unsigned char *p = ASN1_STRING_get0_data(der);
	STACK_OF(ASN1_TYPE) *parts = d2i_ASN1_SEQUENCE_ANY(NULL, &p, ASN1_STRING_length(der));
	struct template_hint hint = { 0 };
	uint64_t version[2] = { 0 };
	char oid[128];
	int n = parts ? sk_ASN1_TYPE_num(parts) : 0;
	bool ok = n >= 1 && n <= 3 && sk_ASN1_TYPE_value(parts, 0)->type == V_ASN1_OBJECT &&
		  OBJ_obj2txt(oid, sizeof oid, sk_ASN1_TYPE_value(parts, 0)->value.object, 1) > 0;
	for (int i = 1; ok && i < n; i++) {
		const ASN1_TYPE *t = sk_ASN1_TYPE_value(parts, i);
		ok = t->type == V_ASN1_INTEGER && ASN1_INTEGER_get_uint64(&version[i - 1], t->value.integer) == 1 &&
		     version[i - 1] <= UINT32_MAX;
		hint.has_version = true;
	}
	sk_ASN1_TYPE_pop_free(parts, ASN1_TYPE_free);
	if (!ok)
		return request_wrong(r, HR_INVALID_DATA, "a template extension that is malformed");
	hint.oid = str_dup(r->arena, str_of(oid));
	hint.major = version[0];
	hint.minor = version[1];
	return request_add_hint(r, &hint);
}

/* 1.3.6.1.4.1.311.20.2: the template's name, a BMPString; some clients send UTF-8. */
static bool take_template_name(struct request_reading *r, const ASN1_STRING *der)
{
	const unsigned char *p = ASN1_STRING_get0_data(der);
	ASN1_TYPE *t = d2i_ASN1_TYPE(NULL, &p, ASN1_STRING_length(der));
	struct str name = NO_STR;
	if (t && (t->type == V_ASN1_BMPSTRING || t->type == V_ASN1_UTF8STRING || t->type == V_ASN1_PRINTABLESTRING))
		name = utf8(r->arena, t->value.asn1_string);
	ASN1_TYPE_free(t);
	if (!name.p || name.n == 0 || name.n > NAME_VALUE_MAX)
		return request_wrong(r, HR_INVALID_DATA, "a template name that is not text");
	return request_add_hint(r, &(struct template_hint){ .name = name });
}

static bool take_alternatives(struct request_reading *r, X509_EXTENSION *e)
{
	GENERAL_NAMES *names = X509V3_EXT_d2i(e);
	const char *why = !names                       ? "alternative names that are malformed"
			  : r->request->alternatives.n ? "alternative names that are given twice"
						       : alternatives_of(r->arena, names, &r->request->alternatives);
	GENERAL_NAMES_free(names);
	return !why || request_wrong(r, HR_BAD_REQUEST_SUBJECT, why);
}

bool request_take_extensions(struct request_reading *r)
{
	/* What is not named here is the authority's to decide, and is not looked at. */
	for (size_t i = 0; i < r->extensions.n; i++) {
		X509_EXTENSION *e = r->extensions.v[i];
		const ASN1_OBJECT *type = X509_EXTENSION_get_object(e);
		const ASN1_STRING *value = X509_EXTENSION_get_data(e);
		bool ok = true;
		if (OBJ_obj2nid(type) == NID_subject_alt_name)
			ok = take_alternatives(r, e);
		else if (oid_is(type, oid_template_name))
			ok = take_template_name(r, value);
		else if (oid_is(type, oid_template))
			ok = take_template(r, value);
		if (!ok)
			return false;
	}
	return true;
}

/* The signature algorithm is a digest alone: proof is in the CMS around (MS-WCCE 2.2.2.6.1). */
static bool check_null_signature(struct request_reading *r, int digest)
{
	const ASN1_BIT_STRING *signature;
	const EVP_MD *md = EVP_get_digestbynid(digest);
	unsigned char made[EVP_MAX_MD_SIZE], *tbs = NULL;
	unsigned length = 0;
	X509_REQ_get0_signature(r->csr, &signature, NULL);
	int n = i2d_re_X509_REQ_tbs(r->csr, &tbs);
	bool ok = n > 0 && md && EVP_Digest(tbs, (size_t)n, made, &length, md, NULL) == 1 &&
		  ASN1_STRING_length(signature) == (int)length &&
		  memcmp(ASN1_STRING_get0_data(signature), made, length) == 0;
	OPENSSL_free(tbs);
	r->null_signed = true;
	return ok || request_wrong(r, HR_BAD_SIGNATURE, "a request whose digest does not fit");
}

static bool check_signature(struct request_reading *r, EVP_PKEY *key)
{
	int nid = X509_REQ_get_signature_nid(r->csr), digest = NID_undef, of_key;
	if (EVP_get_digestbynid(nid) && OBJ_find_sigid_algs(nid, NULL, NULL) == 0)
		return request_digest_ok(r, nid) && check_null_signature(r, nid);
	if (nid == NID_rsassaPss)
		return X509_REQ_verify(r->csr, key) == 1 ||
		       request_wrong(r, HR_BAD_SIGNATURE, "a request that its own key did not sign");
	if (OBJ_find_sigid_algs(nid, &digest, &of_key) != 1)
		return request_wrong(r, HR_BAD_SIGNATURE, "a request whose signature algorithm is not known");
	if (!request_digest_ok(r, digest))
		return false;
	return X509_REQ_verify(r->csr, key) == 1 ||
	       request_wrong(r, HR_BAD_SIGNATURE, "a request that its own key did not sign");
}

bool request_read_csr(struct request_reading *r, struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	r->csr = d2i_X509_REQ(NULL, &p, (long)der.n);
	if (!r->csr || p != (const unsigned char *)der.p + der.n)
		return request_wrong(r, HR_INVALID_DATA, "a request that is not PKCS#10");
	r->request->csr = der;
	EVP_PKEY *key = X509_REQ_get0_pubkey(r->csr);
	const char *why =
		key ? key_read(r->arena, key, &r->request->key, &r->request->key_algorithm, &r->request->key_bits)
		    : "a public key that is not known";
	if (why)
		return request_wrong(r, HR_KEY_LENGTH, why);
	why = subject_of(r->arena, X509_REQ_get_subject_name(r->csr), &r->request->subject);
	if (why)
		return request_wrong(r, HR_BAD_REQUEST_SUBJECT, why);
	int n = X509_REQ_get_attr_count(r->csr);
	if (n > REQUEST_EXTENSIONS_MAX)
		return request_wrong(r, HR_INVALID_DATA, "too many attributes");
	for (int i = 0; i < n; i++)
		if (!request_take_attribute(r, X509_REQ_get_attr(r->csr, i)))
			return false;
	return check_signature(r, key);
}
