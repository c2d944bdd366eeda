/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/ocsp.h"

#include <openssl/ocsp.h>

#include "pki/der.h"

static struct str der_of_id(struct arena *a, OCSP_CERTID *id)
{
	unsigned char *p = NULL;
	int n = i2d_OCSP_CERTID(id, &p);
	return der_taken(a, p, n);
}

/* The issuer's hashes, by the algorithm that the request uses. */
static bool is_of(OCSP_CERTID *id, X509 *issuer)
{
	ASN1_OBJECT *algorithm;
	OCSP_id_get0_info(NULL, &algorithm, NULL, NULL, id);
	int nid = OBJ_obj2nid(algorithm);
	if (nid != NID_sha1 && nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512)
		return false;
	OCSP_CERTID *own = OCSP_cert_to_id(EVP_get_digestbynid(nid), NULL, issuer);
	bool same = own && OCSP_id_issuer_cmp(id, own) == 0;
	OCSP_CERTID_free(own);
	return same;
}

enum { OCSP_ID_MAX = 512 }; /* two hashes and a serial number take less */

static const char *read_one(struct arena *a, OCSP_REQUEST *r, int i, X509 *issuer, struct ocsp_asked *ret)
{
	OCSP_CERTID *id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(r, i));
	ASN1_INTEGER *serial;
	OCSP_id_get0_info(NULL, NULL, NULL, &serial, id);
	ret->id = der_of_id(a, id);
	if (!ret->id.n || ret->id.n > OCSP_ID_MAX)
		return "an identifier is malformed";
	ret->ours = is_of(id, issuer) && ASN1_STRING_type(serial) == V_ASN1_INTEGER;
	ret->serial = str_dup(
		a, (struct str){ (const char *)ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial) });
	return NULL;
}

static const char *read_all(struct arena *a, OCSP_REQUEST *r, X509 *issuer, struct ocsp_request *ret)
{
	int n = OCSP_request_onereq_count(r);
	if (n < 1 || n > OCSP_SINGLES_MAX)
		return "it asks about no certificate or about too many";
	ret->v = ARENA_ARRAY(a, struct ocsp_asked, (size_t)n);
	for (int i = 0; i < n; i++) {
		const char *wrong = read_one(a, r, i, issuer, &ret->v[ret->n++]);
		if (wrong)
			return wrong;
	}
	int at = OCSP_REQUEST_get_ext_by_NID(r, NID_id_pkix_OCSP_Nonce, -1);
	if (at >= 0) {
		const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(OCSP_REQUEST_get_ext(r, at));
		if (ASN1_STRING_length(value) > OCSP_NONCE_MAX)
			return "its nonce is too long";
		ret->nonce = str_dup(a, (struct str){ (const char *)ASN1_STRING_get0_data(value),
						      (size_t)ASN1_STRING_length(value) });
	}
	return NULL;
}

const char *ocsp_request_read(struct arena *a, struct str der, X509 *issuer, struct ocsp_request *ret)
{
	const unsigned char *p = (const unsigned char *)der.p;
	*ret = (struct ocsp_request){ 0 };
	if (der.n == 0 || der.n > OCSP_REQUEST_MAX)
		return "it is empty or too long";
	OCSP_REQUEST *r = d2i_OCSP_REQUEST(NULL, &p, (long)der.n);
	if (!r)
		return "it is not an OCSP request";
	const char *wrong = p == (const unsigned char *)der.p + der.n ? read_all(a, r, issuer, ret)
								      : "something follows the request";
	OCSP_REQUEST_free(r);
	return wrong;
}

/* Of certificates of other issuers nothing is known here, whatever the caller says. */
static bool add_one(OCSP_BASICRESP *to, const struct ocsp_told *told, X509 *issuer, ASN1_TIME *now, ASN1_TIME *next)
{
	const unsigned char *p = (const unsigned char *)told->id.p;
	OCSP_CERTID *id = d2i_OCSP_CERTID(NULL, &p, (long)told->id.n);
	ASN1_TIME *at = NULL;
	bool revoked = told->status == V_OCSP_CERTSTATUS_REVOKED;
	if (revoked)
		at = ASN1_TIME_set(NULL, told->at);
	/* RFC 5280 5.3.1: no reason rather than "unspecified" */
	int reason = told->reason ? (int)told->reason : OCSP_REVOKED_STATUS_NOSTATUS;
	bool ok = id && (!revoked || at) && told->status <= V_OCSP_CERTSTATUS_UNKNOWN &&
		  (told->status == V_OCSP_CERTSTATUS_UNKNOWN || is_of(id, issuer)) &&
		  OCSP_basic_add1_status(to, id, (int)told->status, reason, at, now, next);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(at);
	return ok;
}

static bool add_nonce(OCSP_BASICRESP *to, struct str nonce)
{
	if (!nonce.n)
		return true;
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e = NULL;
	if (value && ASN1_OCTET_STRING_set(value, (const unsigned char *)nonce.p, (int)nonce.n))
		e = X509_EXTENSION_create_by_NID(NULL, NID_id_pkix_OCSP_Nonce, 0, value);
	bool ok = e && OCSP_BASICRESP_add_ext(to, e, -1);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(value);
	return ok;
}

static struct str der_of(struct arena *a, OCSP_RESPONSE *r)
{
	unsigned char *p = NULL;
	int n = r ? i2d_OCSP_RESPONSE(r, &p) : 0;
	return der_taken(a, p, n);
}

struct str ocsp_made(struct arena *a, const struct ocsp_fields *f, X509 *issuer, EVP_PKEY *key, const EVP_MD *md,
		     struct str *why)
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_RESPONSE *r = NULL;
	ASN1_TIME *now = ASN1_TIME_set(NULL, f->now), *next = ASN1_TIME_set(NULL, f->next);
	bool ok = basic && now && next && f->n && f->n <= OCSP_SINGLES_MAX && f->now < f->next;
	for (size_t i = 0; ok && i < f->n; i++)
		ok = add_one(basic, &f->v[i], issuer, now, next);
	/* the issuer itself answers: its certificate is known to whoever asks */
	ok = ok && add_nonce(basic, f->nonce) &&
	     OCSP_basic_sign(basic, issuer, key, md, NULL, OCSP_NOCERTS | OCSP_RESPID_KEY);
	if (ok)
		r = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	struct str der = der_of(a, r);
	if (!der.n)
		*why = STR("the OCSP response cannot be made");
	OCSP_RESPONSE_free(r);
	OCSP_BASICRESP_free(basic);
	ASN1_TIME_free(now);
	ASN1_TIME_free(next);
	return der;
}

struct str ocsp_refused(struct arena *a, int status)
{
	OCSP_RESPONSE *r = OCSP_response_create(status, NULL);
	struct str der = der_of(a, r);
	OCSP_RESPONSE_free(r);
	return der;
}

struct str ocsp_question(struct arena *a, X509 *c, X509 *issuer)
{
	OCSP_REQUEST *r = OCSP_REQUEST_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), c, issuer);
	unsigned char *p = NULL;
	struct str der = NO_STR;
	if (r && id && OCSP_request_add0_id(r, id)) {
		int n = i2d_OCSP_REQUEST(r, &p);
		der = der_taken(a, p, n);
	} else {
		OCSP_CERTID_free(id);
	}
	OCSP_REQUEST_free(r);
	return der;
}

static const char *basic_refused(OCSP_BASICRESP *basic, X509 *c, X509 *issuer)
{
	STACK_OF(X509) *signers = sk_X509_new_null();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), c, issuer);
	int status = V_OCSP_CERTSTATUS_UNKNOWN, reason;
	ASN1_GENERALIZEDTIME *at, *now, *next;
	bool ok = signers && id && sk_X509_push(signers, issuer) &&
		  OCSP_basic_verify(basic, signers, NULL, OCSP_NOINTERN | OCSP_TRUSTOTHER) == 1 &&
		  OCSP_resp_find_status(basic, id, &status, &reason, &at, &now, &next) == 1;
	OCSP_CERTID_free(id);
	sk_X509_free(signers);
	if (!ok)
		return "the authority did not sign it, or it is about another certificate";
	return status == V_OCSP_CERTSTATUS_GOOD ? NULL : "it does not say that the certificate is good";
}

const char *ocsp_answer_refused(struct str der, X509 *c, X509 *issuer)
{
	const unsigned char *p = (const unsigned char *)der.p;
	OCSP_RESPONSE *r = der.n ? d2i_OCSP_RESPONSE(NULL, &p, (long)der.n) : NULL;
	OCSP_BASICRESP *basic = r ? OCSP_response_get1_basic(r) : NULL;
	const char *wrong = basic ? basic_refused(basic, c, issuer) : "it is not a response with a status";
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(r);
	return wrong;
}
