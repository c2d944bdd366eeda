/* SPDX-License-Identifier: Apache-2.0 */
/* What the authority makes, as OpenSSL reads and verifies it. */
#include "test.h"

#include <openssl/cms.h>
#include <openssl/ocsp.h>
#include <openssl/rand.h>

#include "pki/certificate.h"
#include "pki/cmc.h"
#include "pki/crl.h"
#include "pki/ocsp.h"

enum { NOW = 1764500000, DAY = 86400 };

static const struct str crl_url = STR_INIT("http://ca.example/CA.crl"), aia_url = STR_INIT("http://ca.example/CA.crt"),
			ocsp_url = STR_INIT("http://ca.example/ocsp");

/* An authority with one leaf. */
struct world {
	struct arena *a;
	EVP_PKEY *key, *leaf_key;
	struct certificate root, leaf;
};

static EVP_PKEY *new_key(void)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

static struct str public_of(struct arena *a, EVP_PKEY *key)
{
	unsigned char *p = NULL;
	int n = i2d_PUBKEY(key, &p);
	struct str der = str_dup(a, (struct str){ (char *)p, (size_t)n });
	OPENSSL_free(p);
	return der;
}

static struct str new_serial(struct arena *a)
{
	unsigned char *p = arena_alloc(a, SERIAL_BYTES);
	RAND_bytes(p, SERIAL_BYTES);
	p[0] = (p[0] & 0x7f) | 0x01;
	return (struct str){ (char *)p, SERIAL_BYTES };
}

static struct certificate_fields fields_of(struct arena *a, EVP_PKEY *key, const char *name)
{
	struct certificate_fields f = { .serial = new_serial(a), .key = public_of(a, key), .not_before = NOW };
	struct subject_part *part = ARENA_NEW(a, struct subject_part);
	*part = (struct subject_part){ STR("2.5.4.3"), str_of(name) };
	f.subject = (struct subject_parts){ part, 1 };
	f.not_after = NOW + 30 * DAY;
	return f;
}

static struct certificate_profile leaf_profile(void)
{
	static const struct str ekus[] = { STR_INIT("1.3.6.1.5.5.7.3.2"), STR_INIT("1.3.6.1.5.5.7.3.1") };
	return (struct certificate_profile){
		.usages = KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT,
		.ekus = ekus,
		.n_ekus = 2,
		.application_policies = true,
		.template_oid = STR("1.3.6.1.4.1.311.21.8.1.2.3"),
		.major = 100,
		.minor = 7,
		.crl = &crl_url,
		.n_crl = 1,
		.aia = &aia_url,
		.n_aia = 1,
		.ocsp = &ocsp_url,
		.n_ocsp = 1,
		.sid = STR("S-1-5-21-1-2-3-1104"),
	};
}

static struct world *world_new(void)
{
	struct arena *a = arena_new();
	struct world *w = ARENA_NEW(a, struct world);
	struct str why = NO_STR;
	*w = (struct world){ .a = a, .key = new_key(), .leaf_key = new_key() };
	struct certificate_profile p = { .authority = true,
					 .path_length = 0,
					 .usages = KU_KEY_CERT_SIGN | KU_CRL_SIGN };
	struct certificate_fields f = fields_of(a, w->key, "Test CA");
	struct str der = certificate_made(a, &p, &f, NULL, w->key, EVP_sha256(), &why);
	assert_str_equal(why, "");
	assert_null(certificate_read(a, der, &w->root));
	p = leaf_profile();
	f = fields_of(a, w->leaf_key, "web1");
	struct alternative *names = ARENA_ARRAY(a, struct alternative, 2);
	names[0] = (struct alternative){ ALTERNATIVE_DNS, STR("web1.example") };
	names[1] = (struct alternative){ ALTERNATIVE_UPN, STR("web1@example") };
	f.alternatives = (struct alternatives){ names, 2 };
	der = certificate_made(a, &p, &f, w->root.x509, w->key, EVP_sha256(), &why);
	assert_str_equal(why, "");
	assert_null(certificate_read(a, der, &w->leaf));
	return w;
}

static void world_free(struct world *w)
{
	EVP_PKEY_free(w->key);
	EVP_PKEY_free(w->leaf_key);
	arena_free(w->a);
}

/* OpenSSL's verdict about the leaf with a list of revoked certificates, or without. */
static int verdict(const struct world *w, X509_CRL *crl)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_STORE_add_cert(store, w->root.x509);
	if (crl)
		X509_STORE_add_crl(store, crl);
	X509_STORE_CTX_init(ctx, store, w->leaf.x509, NULL);
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, NOW + 60);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | (crl ? X509_V_FLAG_CRL_CHECK : 0));
	int error = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return error;
}

static void openssl_verifies_what_is_made(void **state)
{
	struct world *w = world_new();
	assert_int_equal(verdict(w, NULL), X509_V_OK);
	world_free(w);
}

static void what_is_made_reads_back(void **state)
{
	struct world *w = world_new();
	struct certificate_fields f = fields_of(w->a, w->leaf_key, "web1");
	assert_true(subject_eq(&w->leaf.subject, &f.subject));
	assert_int_equal(w->leaf.alternatives.n, 2);
	assert_str_equal(w->leaf.template_oid, "1.3.6.1.4.1.311.21.8.1.2.3");
	assert_int_equal(w->leaf.major, 100);
	assert_int_equal(w->leaf.minor, 7);
	assert_int_equal(w->leaf.not_before, NOW);
	assert_int_equal(w->leaf.not_after, NOW + 30 * DAY);
	assert_int_equal(w->leaf.serial.n, SERIAL_BYTES);
	assert_true(w->leaf.client_auth && w->leaf.may_sign);
	assert_true(str_eq(w->leaf.key, f.key));
	world_free(w);
}

static void the_extensions_are_those_of_the_profile(void **state)
{
	static const char *const wanted[] = { "2.5.29.19",
					      "2.5.29.15",
					      "2.5.29.37",
					      "2.5.29.14",
					      "2.5.29.35",
					      "2.5.29.17",
					      "2.5.29.31",
					      "1.3.6.1.5.5.7.1.1",
					      "1.3.6.1.4.1.311.21.7",
					      "1.3.6.1.4.1.311.21.10",
					      "1.3.6.1.4.1.311.25.2" };
	struct world *w = world_new();
	assert_int_equal(X509_get_ext_count(w->leaf.x509), ARRAY_LEN(wanted));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		char oid[64];
		OBJ_obj2txt(oid, sizeof oid, X509_EXTENSION_get_object(X509_get_ext(w->leaf.x509, (int)i)), 1);
		assert_string_equal(oid, wanted[i]);
	}
	assert_int_equal(X509_get_ext_count(w->root.x509), 3); /* no EKU: one there would restrict every leaf */
	world_free(w);
}

static void a_serial_that_is_not_positive_is_refused(void **state)
{
	static const char first[] = { '\x80', '\x00' };
	struct world *w = world_new();
	struct certificate_profile p = leaf_profile();
	for (size_t i = 0; i < ARRAY_LEN(first); i++) {
		struct certificate_fields f = fields_of(w->a, w->leaf_key, "web1");
		struct str why = NO_STR;
		((char *)(uintptr_t)f.serial.p)[0] = first[i];
		assert_int_equal(certificate_made(w->a, &p, &f, w->root.x509, w->key, EVP_sha256(), &why).n, 0);
		assert_contains(why, "serial");
	}
	world_free(w);
}

static void a_key_with_bytes_behind_it_is_refused(void **state)
{
	struct world *w = world_new();
	struct certificate_profile p = leaf_profile();
	struct certificate_fields f = fields_of(w->a, w->leaf_key, "web1");
	struct str why = NO_STR;
	f.key = str_printf(w->a, "%.*sx", STR_ARG(f.key));
	assert_int_equal(certificate_made(w->a, &p, &f, w->root.x509, w->key, EVP_sha256(), &why).n, 0);
	assert_contains(why, "public key");
	world_free(w);
}

static void a_certificate_cut_anywhere_or_with_more_behind_it_is_not_read(void **state)
{
	struct world *w = world_new();
	struct certificate c;
	for (size_t n = 0; n < w->leaf.der.n; n++)
		assert_non_null(certificate_read(w->a, str_first(w->leaf.der, n), &c));
	char *longer = arena_memdup(w->a, w->leaf.der.p, w->leaf.der.n);
	assert_non_null(certificate_read(w->a, (struct str){ longer, w->leaf.der.n + 1 }, &c));
	world_free(w);
}

static X509_CRL *crl_of(const struct world *w, const struct crl_entry *entries, size_t n)
{
	struct crl_fields f = { .number = 3, .now = NOW, .next = NOW + DAY, .entries = entries, .n = n };
	struct str why = NO_STR, der = crl_made(w->a, &f, w->root.x509, w->key, EVP_sha256(), &why);
	const unsigned char *p = (const unsigned char *)der.p;
	assert_str_equal(why, "");
	return d2i_X509_CRL(NULL, &p, (long)der.n);
}

static void a_revoked_certificate_does_not_verify(void **state)
{
	struct world *w = world_new();
	struct crl_entry entries[] = { { new_serial(w->a), NOW - 5, 0 },
				       { w->leaf.serial, NOW - 5, CRL_REASON_KEY_COMPROMISE } };
	X509_CRL *without = crl_of(w, entries, 1), *with = crl_of(w, entries, 2), *empty = crl_of(w, NULL, 0);
	assert_int_equal(verdict(w, empty), X509_V_OK);
	assert_int_equal(verdict(w, without), X509_V_OK);
	assert_int_equal(verdict(w, with), X509_V_ERR_CERT_REVOKED);
	X509_CRL_free(empty);
	X509_CRL_free(with);
	X509_CRL_free(without);
	world_free(w);
}

static struct str openssl_question(const struct world *w, const EVP_MD *md, bool nonce)
{
	OCSP_REQUEST *r = OCSP_REQUEST_new();
	unsigned char *p = NULL;
	OCSP_request_add0_id(r, OCSP_cert_to_id(md, w->leaf.x509, w->root.x509));
	if (nonce)
		OCSP_request_add1_nonce(r, NULL, 16);
	int n = i2d_OCSP_REQUEST(r, &p);
	struct str der = str_dup(w->a, (struct str){ (char *)p, (size_t)n });
	OPENSSL_free(p);
	OCSP_REQUEST_free(r);
	return der;
}

/* The status that OpenSSL's client finds, -1 when it does not verify. */
static int ocsp_status(const struct world *w, struct str question, struct str answer)
{
	const unsigned char *q = (const unsigned char *)question.p, *p = (const unsigned char *)answer.p;
	OCSP_REQUEST *asked = d2i_OCSP_REQUEST(NULL, &q, (long)question.n);
	OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, (long)answer.n);
	OCSP_BASICRESP *basic = OCSP_response_get1_basic(r);
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *signers = sk_X509_new_null();
	int status = -1, reason;
	ASN1_GENERALIZEDTIME *at, *now, *next;
	X509_STORE_add_cert(store, w->root.x509);
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), NOW + 60);
	sk_X509_push(signers, w->root.x509);
	if (OCSP_check_nonce(asked, basic) > 0 && OCSP_basic_verify(basic, signers, store, 0) == 1)
		OCSP_resp_find_status(basic, OCSP_onereq_get0_id(OCSP_request_onereq_get0(asked, 0)), &status, &reason,
				      &at, &now, &next);
	sk_X509_free(signers);
	X509_STORE_free(store);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(r);
	OCSP_REQUEST_free(asked);
	return status;
}

static void ocsp_says_what_it_was_told(void **state)
{
	struct world *w = world_new();
	const EVP_MD *mds[] = { EVP_sha1(), EVP_sha256() };
	for (uint64_t status = 0; status < 3; status++) {
		struct ocsp_request r;
		struct str question = openssl_question(w, mds[status % 2], status == 1), why = NO_STR;
		assert_null(ocsp_request_read(w->a, question, w->root.x509, &r));
		assert_int_equal(r.n, 1);
		assert_true(r.v[0].ours);
		assert_true(str_eq(r.v[0].serial, w->leaf.serial));
		struct ocsp_told told = { .id = r.v[0].id, .status = status, .at = NOW - 9, .reason = 1 };
		struct ocsp_fields f = { .v = &told, .n = 1, .nonce = r.nonce, .now = NOW, .next = NOW + DAY };
		struct str answer = ocsp_made(w->a, &f, w->root.x509, w->key, EVP_sha256(), &why);
		assert_int_equal(ocsp_status(w, question, answer), (int)status);
	}
	world_free(w);
}

static void an_ocsp_question_about_another_issuer_is_not_ours(void **state)
{
	struct world *w = world_new(), *other = world_new();
	struct ocsp_request r;
	assert_null(ocsp_request_read(w->a, openssl_question(w, EVP_sha1(), false), other->root.x509, &r));
	assert_false(r.v[0].ours);
	world_free(other);
	world_free(w);
}

static void the_cmc_response_is_signed_and_names_the_leaf(void **state)
{
	struct world *w = world_new();
	X509 *chain[] = { w->root.x509 };
	struct cmc_answer answer = {
		.status = CMC_ISSUED, .text = "Issued", .now = NOW, .leaf = w->leaf.x509, .chain = chain, .n_chain = 1
	};
	struct str why = NO_STR, der = cmc_answer_made(w->a, &answer, w->key, EVP_sha256(), &why), *ders;
	const unsigned char *p = (const unsigned char *)der.p;
	size_t n;
	assert_true(certificates_in(w->a, der, &ders, &n));
	assert_int_equal(n, 2);
	assert_true(str_eq(ders[0], w->leaf.der) || str_eq(ders[1], w->leaf.der));
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)der.n);
	BIO *content = BIO_new(BIO_s_mem());
	char type[64], *bytes;
	OBJ_obj2txt(type, sizeof type, CMS_get0_eContentType(cms), 1);
	assert_string_equal(type, "1.3.6.1.5.5.7.12.3");
	assert_int_equal(CMS_verify(cms, NULL, NULL, NULL, content, CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY), 1);
	long length = BIO_get_mem_data(content, &bytes);
	struct str text = { bytes, (size_t)length };
	assert_contains(text, "Issued");
	unsigned char hash[20];
	X509_digest(w->leaf.x509, EVP_sha1(), hash, NULL);
	assert_int_not_equal(str_find_text(text, ((struct str){ (char *)hash, 20 })), SIZE_MAX);
	BIO_free(content);
	CMS_ContentInfo_free(cms);
	world_free(w);
}

static void certificates_only_holds_them_in_order(void **state)
{
	struct world *w = world_new();
	struct str ders[] = { w->leaf.der, w->root.der }, *back;
	size_t n;
	assert_true(certificates_in(w->a, certificates_only(w->a, ders, 2), &back, &n));
	assert_int_equal(n, 2);
	assert_true(str_eq(back[0], ders[0]) && str_eq(back[1], ders[1]));
	world_free(w);
}

RUN_TESTS(T(openssl_verifies_what_is_made), T(what_is_made_reads_back), T(the_extensions_are_those_of_the_profile),
	  T(a_serial_that_is_not_positive_is_refused), T(a_key_with_bytes_behind_it_is_refused),
	  T(a_certificate_cut_anywhere_or_with_more_behind_it_is_not_read), T(a_revoked_certificate_does_not_verify),
	  T(ocsp_says_what_it_was_told), T(an_ocsp_question_about_another_issuer_is_not_ours),
	  T(the_cmc_response_is_signed_and_names_the_leaf), T(certificates_only_holds_them_in_order))
