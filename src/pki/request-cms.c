/* SPDX-License-Identifier: Apache-2.0 */
/* Requests inside of a CMS: PKCS#7 around PKCS#10, and CMC full requests (RFC 5272 3.2.1). */
#include <openssl/asn1t.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "pki/der.h"
#include "pki/key.h"
#include "pki/request-priv.h"

enum { SIGNERS_MAX = 2, CERTIFICATES_MAX = 16, CONTROLS_MAX = 32 };

/* OIDs that OpenSSL has no number for. */
static const char oid_registration[] = "1.3.6.1.5.5.7.7.18", oid_cmc_attributes[] = "1.3.6.1.4.1.311.10.10.1";

/* PKIData (RFC 5272 3.2.1). */
typedef struct {
	ASN1_INTEGER *id;
	ASN1_OBJECT *type;
	STACK_OF(ASN1_TYPE) * values;
} CONTROL;
DEFINE_STACK_OF(CONTROL)
ASN1_SEQUENCE(CONTROL) = { ASN1_SIMPLE(CONTROL, id, ASN1_INTEGER), ASN1_SIMPLE(CONTROL, type, ASN1_OBJECT),
			   ASN1_SET_OF(CONTROL, values, ASN1_ANY) } static_ASN1_SEQUENCE_END(CONTROL)

	typedef struct {
	ASN1_INTEGER *id;
	X509_REQ *csr;
} TAGGED_CSR;
ASN1_SEQUENCE(TAGGED_CSR) = { ASN1_SIMPLE(TAGGED_CSR, id, ASN1_INTEGER),
			      ASN1_SIMPLE(TAGGED_CSR, csr, X509_REQ) } static_ASN1_SEQUENCE_END(TAGGED_CSR)

	typedef struct {
	int type;
	union {
		TAGGED_CSR *csr;
	} d;
} TAGGED_REQUEST;
DEFINE_STACK_OF(TAGGED_REQUEST)
ASN1_CHOICE(TAGGED_REQUEST) = { ASN1_IMP(TAGGED_REQUEST, d.csr, TAGGED_CSR, 0) } static_ASN1_CHOICE_END(TAGGED_REQUEST)

	typedef struct {
	STACK_OF(CONTROL) * controls;
	STACK_OF(TAGGED_REQUEST) * requests;
	STACK_OF(ASN1_TYPE) * contents, *others;
} PKI_DATA;
ASN1_SEQUENCE(PKI_DATA) = { ASN1_SEQUENCE_OF(PKI_DATA, controls, CONTROL),
			    ASN1_SEQUENCE_OF(PKI_DATA, requests, TAGGED_REQUEST),
			    ASN1_SEQUENCE_OF(PKI_DATA, contents, ASN1_ANY),
			    ASN1_SEQUENCE_OF(PKI_DATA, others, ASN1_ANY) } static_ASN1_SEQUENCE_END(PKI_DATA)

	/* CMC attributes of one body part (MS-WCCE 2.2.2.6.3 and 2.2.2.7). */
	typedef struct {
	ASN1_INTEGER *reference;
	STACK_OF(ASN1_INTEGER) * parts;
	STACK_OF(X509_ATTRIBUTE) * attributes;
} CMC_ATTRIBUTES;
ASN1_SEQUENCE(CMC_ATTRIBUTES) = { ASN1_SIMPLE(CMC_ATTRIBUTES, reference, ASN1_INTEGER),
				  ASN1_SEQUENCE_OF(CMC_ATTRIBUTES, parts, ASN1_INTEGER),
				  ASN1_SET_OF(CMC_ATTRIBUTES, attributes,
					      X509_ATTRIBUTE) } static_ASN1_SEQUENCE_END(CMC_ATTRIBUTES)

	static bool take_cmc_attributes(struct request_reading * r, const ASN1_TYPE *value)
{
	CMC_ATTRIBUTES *extra = NULL;
	bool ok = value->type == V_ASN1_SEQUENCE;
	if (ok) {
		const unsigned char *p = ASN1_STRING_get0_data(value->value.sequence);
		extra = (CMC_ATTRIBUTES *)ASN1_item_d2i(NULL, &p, ASN1_STRING_length(value->value.sequence),
							ASN1_ITEM_rptr(CMC_ATTRIBUTES));
	}
	ok = extra && sk_X509_ATTRIBUTE_num(extra->attributes) <= CONTROLS_MAX;
	if (!ok)
		request_wrong(r, HR_INVALID_DATA, "CMC attributes that are malformed or too many");
	for (int i = 0; ok && i < sk_X509_ATTRIBUTE_num(extra->attributes); i++)
		ok = request_take_attribute(r, sk_X509_ATTRIBUTE_value(extra->attributes, i));
	ASN1_item_free((ASN1_VALUE *)extra, ASN1_ITEM_rptr(CMC_ATTRIBUTES));
	return ok;
}

/* "Name=Value&Name=Value" in an octet string; some write it as UTF-16. */
static bool take_registration(struct request_reading *r, const ASN1_TYPE *value)
{
	struct str pair, name;
	if (value->type != V_ASN1_OCTET_STRING)
		return request_wrong(r, HR_INVALID_DATA, "registration information that is not an octet string");
	struct str text = { (const char *)ASN1_STRING_get0_data(value->value.octet_string),
			    (size_t)ASN1_STRING_length(value->value.octet_string) };
	if (text.n > 1 && text.n % 2 == 0 && text.p[1] == '\0') {
		char *utf8 = arena_alloc(r->arena, 2 * text.n + 4), *end = utf8;
		uint32_t letter;
		for (size_t at = 0; at < text.n; end += utf8_of(letter, end))
			at += utf16_letter(text.p + at, text.n - at, false, &letter);
		text = (struct str){ utf8, (size_t)(end - utf8) };
	}
	text = str_dup(r->arena, text);
	while (str_cut(&text, '&', &pair)) {
		str_cut(&pair, '=', &name);
		if (!request_take_pair(r, name, pair))
			return false;
	}
	return true;
}

static bool take_control(struct request_reading *r, const CONTROL *control)
{
	for (int i = 0; i < sk_ASN1_TYPE_num(control->values); i++) {
		const ASN1_TYPE *value = sk_ASN1_TYPE_value(control->values, i);
		if (oid_is(control->type, oid_registration) && !take_registration(r, value))
			return false;
		if (oid_is(control->type, oid_cmc_attributes) && !take_cmc_attributes(r, value))
			return false;
	}
	return true;
}

static struct str csr_der(struct arena *a, X509_REQ *csr)
{
	unsigned char *der = NULL;
	int n = i2d_X509_REQ(csr, &der);
	return der_taken(a, der, n);
}

static bool take_data(struct request_reading *r, const PKI_DATA *data)
{
	if (sk_TAGGED_REQUEST_num(data->requests) != 1)
		return request_wrong(r, HR_INVALID_DATA, "a CMC request that does not hold exactly one PKCS#10");
	if (sk_ASN1_TYPE_num(data->contents) > 0 || sk_ASN1_TYPE_num(data->others) > 0)
		return request_wrong(r, HR_INVALID_DATA, "a CMC request with other messages inside");
	if (sk_CONTROL_num(data->controls) > CONTROLS_MAX)
		return request_wrong(r, HR_INVALID_DATA, "a CMC request of too many controls");
	struct str der = csr_der(r->arena, sk_TAGGED_REQUEST_value(data->requests, 0)->d.csr->csr);
	if (!der.p || !request_read_csr(r, der))
		return der.p ? false : request_wrong(r, HR_INVALID_DATA, "a PKCS#10 that cannot be encoded");
	for (int i = 0; i < sk_CONTROL_num(data->controls); i++)
		if (!take_control(r, sk_CONTROL_value(data->controls, i)))
			return false;
	return true;
}

static bool read_data(struct request_reading *r, struct str content)
{
	const unsigned char *p = (const unsigned char *)content.p;
	PKI_DATA *data = (PKI_DATA *)ASN1_item_d2i(NULL, &p, (long)content.n, ASN1_ITEM_rptr(PKI_DATA));
	bool ok = data && p == (const unsigned char *)content.p + content.n;
	ok = ok ? take_data(r, data) : request_wrong(r, HR_INVALID_DATA, "a CMC request that is malformed");
	ASN1_item_free((ASN1_VALUE *)data, ASN1_ITEM_rptr(PKI_DATA));
	return ok;
}

/* Verifies one signer by a certificate's key: over its attributes where it has them, and over the content. */
static bool verify_signer(CMS_ContentInfo *cms, CMS_SignerInfo *signer, X509 *certificate)
{
	char rest[4096];
	BIO *chain = CMS_dataInit(cms, NULL);
	bool ok = chain != NULL;
	while (ok && BIO_read(chain, rest, sizeof rest) > 0)
		;
	CMS_SignerInfo_set1_signer_cert(signer, certificate);
	if (ok && CMS_signed_get_attr_count(signer) >= 0)
		ok = CMS_SignerInfo_verify(signer) == 1;
	ok = ok && CMS_SignerInfo_verify_content(signer, chain) == 1;
	BIO_free_all(chain);
	return ok;
}

/* A certificate that is nothing but a holder of the request's key. */
static bool verify_by_request(struct request_reading *r, CMS_ContentInfo *cms, CMS_SignerInfo *signer)
{
	X509 *holder = X509_new();
	bool ok = holder && X509_set_pubkey(holder, X509_REQ_get0_pubkey(r->csr)) == 1 &&
		  verify_signer(cms, signer, holder);
	X509_free(holder);
	return ok;
}

/* The signer is named by the SHA-1 of the request's key (RFC 5280 4.2.1.2, method 1), or by the identifier that it asks for. */
static bool is_request_key(struct request_reading *r, CMS_SignerInfo *signer)
{
	ASN1_OCTET_STRING *id = NULL;
	unsigned char hash[SHA_DIGEST_LENGTH];
	X509_PUBKEY *key = X509_REQ_get_X509_PUBKEY(r->csr);
	const unsigned char *bits;
	int n;
	if (CMS_SignerInfo_get0_signer_id(signer, &id, NULL, NULL) != 1 || !id)
		return false;
	if (X509_PUBKEY_get0_param(NULL, &bits, &n, NULL, key) == 1 && SHA1(bits, (size_t)n, hash) &&
	    ASN1_STRING_length(id) == (int)sizeof hash && memcmp(ASN1_STRING_get0_data(id), hash, sizeof hash) == 0)
		return true;
	for (size_t i = 0; i < r->extensions.n; i++) {
		if (OBJ_obj2nid(X509_EXTENSION_get_object(r->extensions.v[i])) != NID_subject_key_identifier)
			continue;
		ASN1_OCTET_STRING *asked = X509V3_EXT_d2i(r->extensions.v[i]);
		bool same = asked && ASN1_OCTET_STRING_cmp(asked, id) == 0;
		ASN1_OCTET_STRING_free(asked);
		if (same)
			return true;
	}
	return false;
}

static X509 *certificate_of_renewal(struct request_reading *r, STACK_OF(X509) * certificates)
{
	for (int i = 0; i < sk_X509_num(certificates); i++) {
		unsigned char *der = NULL;
		int n = i2d_X509(sk_X509_value(certificates, i), &der);
		bool same = n > 0 && str_eq(r->request->renewed, (struct str){ (const char *)der, (size_t)n });
		OPENSSL_free(der);
		if (same)
			return sk_X509_value(certificates, i);
	}
	return NULL;
}

static bool check_algorithms(struct request_reading *r, STACK_OF(CMS_SignerInfo) * signers)
{
	for (int i = 0; i < sk_CMS_SignerInfo_num(signers); i++) {
		X509_ALGOR *digest;
		const ASN1_OBJECT *type;
		CMS_SignerInfo_get0_algs(sk_CMS_SignerInfo_value(signers, i), NULL, NULL, &digest, NULL);
		X509_ALGOR_get0(&type, NULL, NULL, digest);
		if (!request_digest_ok(r, OBJ_obj2nid(type)))
			return false;
	}
	return true;
}

/*
 * The signers of a renewal: the old certificate, and in CMC before it the request's own key.  Of a new request: its own key.
 * Nobody else may sign: a signature of somebody else would be an enrolment agent's.
 */
static bool check_signers(struct request_reading *r, CMS_ContentInfo *cms)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
	STACK_OF(X509) *certificates = CMS_get1_certs(cms);
	X509 *renewed = r->request->renewed.n ? certificate_of_renewal(r, certificates) : NULL;
	int n = sk_CMS_SignerInfo_num(signers);
	bool proven = false, by_renewed = false, ok = true;
	if (n < 1)
		ok = request_wrong(r, HR_NO_SIGNER, "a CMS that nobody signed");
	else if (n > SIGNERS_MAX || sk_X509_num(certificates) > CERTIFICATES_MAX)
		ok = request_wrong(r, HR_INVALID_DATA, "a CMS of too many signers or certificates");
	else if (r->request->renewed.n && !renewed)
		ok = request_wrong(r, HR_BAD_RENEWAL_CERTIFICATE, "a renewal without the certificate that it renews");
	ok = ok && check_algorithms(r, signers);
	for (int i = 0; ok && i < n; i++) {
		CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(signers, i);
		if (is_request_key(r, signer))
			ok = proven = verify_by_request(r, cms, signer);
		else if (renewed && CMS_SignerInfo_cert_cmp(signer, renewed) == 0)
			ok = by_renewed = verify_signer(cms, signer, renewed);
		else
			ok = request_wrong(
				r, renewed ? HR_BAD_RENEWAL_CERTIFICATE : HR_ACCESS_DENIED,
				"a signer that is neither the request's key nor the certificate that it renews");
		if (!ok && !r->fault->text)
			request_wrong(r, HR_BAD_SIGNATURE, "a CMS whose signature does not fit");
	}
	sk_X509_pop_free(certificates, X509_free);
	if (ok && renewed && !by_renewed)
		ok = request_wrong(r, HR_BAD_RENEWAL_CERTIFICATE, "a renewal that the old certificate did not sign");
	if (ok && r->null_signed && !proven)
		ok = request_wrong(r, HR_BAD_SIGNATURE, "a request that its own key did not sign");
	r->request->renewed_signed = ok && by_renewed;
	return ok;
}

bool request_read_cms(struct request_reading *r, struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)der.n);
	ASN1_OCTET_STRING **content = NULL;
	bool ok =
		cms && p == (const unsigned char *)der.p + der.n && OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed;
	content = ok ? CMS_get0_content(cms) : NULL;
	if (!content || !*content) {
		ok = request_wrong(r, HR_INVALID_DATA, "a CMS that is not signed data with its content");
	} else {
		struct str inside = str_dup(r->arena, (struct str){ (const char *)ASN1_STRING_get0_data(*content),
								    (size_t)ASN1_STRING_length(*content) });
		switch (OBJ_obj2nid(CMS_get0_eContentType(cms))) {
		case NID_pkcs7_data:
			ok = request_read_csr(r, inside);
			break;
		case NID_id_cct_PKIData:
			ok = read_data(r, inside);
			break;
		default:
			ok = request_wrong(r, HR_INVALID_DATA, "a CMS whose content is neither PKCS#10 nor CMC");
		}
		ok = ok && check_signers(r, cms);
	}
	CMS_ContentInfo_free(cms);
	return ok;
}
