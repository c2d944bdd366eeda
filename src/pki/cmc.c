/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PKIResponse ::= SEQUENCE { controlSequence, cmsSequence, otherMsgSequence }: of controls, the status (RFC 5272 6.1), and, where
 * a certificate was issued, its hash as MS-WCCE 2.2.2.8.1 has it.
 */
#include "pki/cmc.h"

#include <openssl/cms.h>
#include <openssl/sha.h>

#include "wire/ber.h"
#include "pki/der.h"

enum { RESPONSE_MAX = 4 << 10, UTF8_STRING = 0x0c };

#define OID_PKI_RESPONSE "1.3.6.1.5.5.7.12.3"

/* Contents of object identifiers */
#define STATUS_INFO    STR("\x2b\x06\x01\x05\x05\x07\x07\x01")         /* 1.3.6.1.5.5.7.7.1 */
#define CMC_ATTRIBUTES STR("\x2b\x06\x01\x04\x01\x82\x37\x0a\x0a\x01") /* 1.3.6.1.4.1.311.10.10.1 */
#define ISSUED_HASH    STR("\x2b\x06\x01\x04\x01\x82\x37\x15\x11")     /* 1.3.6.1.4.1.311.21.17 */

static void put_status(struct buffer *to, const struct cmc_answer *answer)
{
	enum { BODY_PART = 1 };
	size_t control = ber_begin(to, BER_SEQUENCE);
	ber_put_integer(to, BER_INTEGER, 1);
	ber_put_string(to, BER_OID, STATUS_INFO);
	size_t set = ber_begin(to, BER_SET), info = ber_begin(to, BER_SEQUENCE);
	ber_put_integer(to, BER_INTEGER, answer->status);
	size_t bodies = ber_begin(to, BER_SEQUENCE);
	ber_put_integer(to, BER_INTEGER, BODY_PART);
	ber_end(to, bodies);
	ber_put_string(to, UTF8_STRING, str_of(answer->text));
	if (answer->status == CMC_PENDING) {
		char token[8], time[16];
		struct buffer number = buffer_over(token, sizeof token);
		put_be64(&number, answer->request_id);
		ber_time_text(answer->now * 1000, time);
		size_t pending = ber_begin(to, BER_SEQUENCE);
		ber_put_string(to, BER_OCTET_STRING, buffer_view(&number));
		ber_put_string(to, BER_GENERALIZED_TIME, str_of(time));
		ber_end(to, pending);
	}
	ber_end(to, info);
	ber_end(to, set);
	ber_end(to, control);
}

static void put_issued(struct buffer *to, const char hash[SHA_DIGEST_LENGTH])
{
	size_t control = ber_begin(to, BER_SEQUENCE);
	ber_put_integer(to, BER_INTEGER, 2);
	ber_put_string(to, BER_OID, CMC_ATTRIBUTES);
	size_t set = ber_begin(to, BER_SET), add = ber_begin(to, BER_SEQUENCE);
	ber_put_integer(to, BER_INTEGER, 0);
	size_t bodies = ber_begin(to, BER_SEQUENCE);
	ber_put_integer(to, BER_INTEGER, 1);
	ber_end(to, bodies);
	size_t attributes = ber_begin(to, BER_SET), attribute = ber_begin(to, BER_SEQUENCE);
	ber_put_string(to, BER_OID, ISSUED_HASH);
	size_t values = ber_begin(to, BER_SET);
	ber_put_string(to, BER_OCTET_STRING, (struct str){ hash, SHA_DIGEST_LENGTH });
	ber_end(to, values);
	ber_end(to, attribute);
	ber_end(to, attributes);
	ber_end(to, add);
	ber_end(to, set);
	ber_end(to, control);
}

static bool put_response(struct buffer *to, const struct cmc_answer *answer)
{
	size_t all = ber_begin(to, BER_SEQUENCE), controls = ber_begin(to, BER_SEQUENCE);
	put_status(to, answer);
	if (answer->status == CMC_ISSUED) {
		unsigned char *der = NULL, hash[SHA_DIGEST_LENGTH];
		int n = i2d_X509(answer->leaf, &der);
		if (n <= 0)
			return false;
		SHA1(der, (size_t)n, hash);
		OPENSSL_free(der);
		put_issued(to, (const char *)hash);
	}
	ber_end(to, controls);
	ber_end(to, ber_begin(to, BER_SEQUENCE));
	ber_end(to, ber_begin(to, BER_SEQUENCE));
	ber_end(to, all);
	return !to->full;
}

static struct str der_of(struct arena *a, CMS_ContentInfo *cms)
{
	unsigned char *p = NULL;
	int n = i2d_CMS_ContentInfo(cms, &p);
	return der_taken(a, p, n);
}

static bool sign(CMS_ContentInfo *cms, const struct cmc_answer *answer, EVP_PKEY *key, const EVP_MD *md, BIO *content)
{
	ASN1_OBJECT *type = OBJ_txt2obj(OID_PKI_RESPONSE, 1);
	bool ok = type && CMS_set1_eContentType(cms, type) && answer->n_chain &&
		  CMS_add1_signer(cms, answer->chain[0], key, md, CMS_NOCERTS | CMS_NOSMIMECAP | CMS_BINARY) &&
		  (!answer->leaf || CMS_add1_cert(cms, answer->leaf));
	for (size_t i = 0; ok && i < answer->n_chain; i++)
		ok = CMS_add1_cert(cms, answer->chain[i]);
	ASN1_OBJECT_free(type);
	return ok && CMS_final(cms, content, NULL, CMS_BINARY);
}

struct str cmc_answer_made(struct arena *a, const struct cmc_answer *answer, EVP_PKEY *key, const EVP_MD *md,
			   struct str *why)
{
	char *room = arena_alloc(a, RESPONSE_MAX);
	struct buffer content = buffer_over(room, RESPONSE_MAX);
	struct str der = NO_STR;
	if (put_response(&content, answer)) {
		BIO *bytes = BIO_new_mem_buf(content.p, (int)content.n);
		CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_PARTIAL | CMS_BINARY | CMS_STREAM);
		if (bytes && cms && sign(cms, answer, key, md, bytes))
			der = der_of(a, cms);
		CMS_ContentInfo_free(cms);
		BIO_free(bytes);
	}
	if (!der.n)
		*why = STR("the CMC response cannot be made");
	return der;
}

/* Certificates without a signature: SignedData has nothing else (RFC 5652 5.1). */
struct str certificates_only(struct arena *a, const struct str *ders, size_t n)
{
	static const char content_type[] =
		"\x2a\x86\x48\x86\xf7\x0d\x01\x07"; /* 1.2.840.113549.1.7, and the last arc */
	char signed_data[9], data[9];
	size_t total = 256;
	memcpy(signed_data, content_type, 8);
	memcpy(data, content_type, 8);
	signed_data[8] = 2;
	data[8] = 1;
	for (size_t i = 0; i < n; i++)
		total += ders[i].n;
	struct buffer to = buffer_over(arena_alloc(a, total), total);
	size_t info = ber_begin(&to, BER_SEQUENCE);
	ber_put_string(&to, BER_OID, (struct str){ signed_data, sizeof signed_data });
	size_t content = ber_begin(&to, BER_CONTEXT(0)), body = ber_begin(&to, BER_SEQUENCE);
	ber_put_integer(&to, BER_INTEGER, 1);
	ber_end(&to, ber_begin(&to, BER_SET));
	size_t inner = ber_begin(&to, BER_SEQUENCE);
	ber_put_string(&to, BER_OID, (struct str){ data, sizeof data });
	ber_end(&to, inner);
	size_t certificates = ber_begin(&to, BER_CONTEXT(0));
	for (size_t i = 0; i < n; i++)
		put_str(&to, ders[i]);
	ber_end(&to, certificates);
	ber_end(&to, ber_begin(&to, BER_SET));
	ber_end(&to, body);
	ber_end(&to, content);
	ber_end(&to, info);
	return to.full ? NO_STR : buffer_view(&to);
}

bool certificates_in(struct arena *a, struct str der, struct str **ret, size_t *n)
{
	enum { CMS_MAX = 1 << 20, CERTIFICATES_MAX = 32 };
	const unsigned char *p = (const unsigned char *)der.p;
	*n = 0;
	if (der.n == 0 || der.n > CMS_MAX)
		return false;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)der.n);
	STACK_OF(X509) *list = cms ? CMS_get1_certs(cms) : NULL;
	bool ok = cms && sk_X509_num(list) <= CERTIFICATES_MAX;
	if (ok && list) {
		*ret = ARENA_ARRAY(a, struct str, (size_t)sk_X509_num(list));
		for (int i = 0; i < sk_X509_num(list); i++) {
			unsigned char *one = NULL;
			int length = i2d_X509(sk_X509_value(list, i), &one);
			if (length > 0)
				(*ret)[(*n)++] = der_taken(a, one, length);
		}
	}
	sk_X509_pop_free(list, X509_free);
	CMS_ContentInfo_free(cms);
	return ok;
}
