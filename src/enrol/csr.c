/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol/csr.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "pki/extension.h"
#include "pki/der.h"

const char *const enrol_key_words[N_ENROL_KEYS] = { "rsa-2048", "rsa-3072", "rsa-4096", "p-256", "p-384", "p-521" };

static bool push(STACK_OF(X509_EXTENSION) * to, const char *oid, struct str der)
{
	ASN1_OBJECT *type = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e = NULL;
	if (type && value && der.n > 0 && ASN1_OCTET_STRING_set(value, (const unsigned char *)der.p, (int)der.n) == 1)
		e = X509_EXTENSION_create_by_OBJ(NULL, type, 0, value);
	ASN1_OBJECT_free(type);
	ASN1_OCTET_STRING_free(value);
	if (e && sk_X509_EXTENSION_push(to, e) > 0)
		return true;
	X509_EXTENSION_free(e);
	return false;
}

static struct str alternatives_der(struct arena *a, const struct alternatives *alternatives)
{
	GENERAL_NAMES *names = alternatives_made(alternatives);
	unsigned char *der = NULL;
	int n = names ? i2d_GENERAL_NAMES(names, &der) : 0;
	struct str s = der_taken(a, der, n);
	GENERAL_NAMES_free(names);
	return s;
}

static bool add_extensions(struct arena *a, X509_REQ *csr, const struct csr_wish *wish)
{
	STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
	bool ok = list != NULL;
	if (wish->alternatives.n > 0)
		ok = ok && push(list, "2.5.29.17", alternatives_der(a, &wish->alternatives));
	if (wish->template_oid.n > 0)
		ok = ok && push(list, "1.3.6.1.4.1.311.21.7",
				extension_template(a, wish->template_oid, wish->major, wish->minor));
	else if (wish->template_name.n > 0)
		ok = ok && push(list, "1.3.6.1.4.1.311.20.2", extension_template_name(a, wish->template_name));
	if (ok && sk_X509_EXTENSION_num(list) > 0)
		ok = X509_REQ_add_extensions(csr, list) == 1;
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	return ok;
}

static bool add_renewed(X509_REQ *csr, X509 *renewed)
{
	unsigned char *der = NULL;
	int n = i2d_X509(renewed, &der);
	bool ok = n > 0 && X509_REQ_add1_attr_by_txt(csr, "1.3.6.1.4.1.311.13.1", V_ASN1_SEQUENCE, der, n) == 1;
	OPENSSL_free(der);
	return ok;
}

struct str csr_made(struct arena *a, const struct csr_wish *wish, EVP_PKEY *key)
{
	X509_REQ *csr = X509_REQ_new();
	X509_NAME *subject = subject_made(&wish->subject);
	unsigned char *der = NULL;
	bool ok = csr && subject && X509_REQ_set_version(csr, X509_REQ_VERSION_1) == 1 &&
		  X509_REQ_set_subject_name(csr, subject) == 1 && X509_REQ_set_pubkey(csr, key) == 1 &&
		  add_extensions(a, csr, wish) && (!wish->renewed || add_renewed(csr, wish->renewed)) &&
		  X509_REQ_sign(csr, key, EVP_sha256()) > 0;
	int n = ok ? i2d_X509_REQ(csr, &der) : 0;
	struct str s = der_taken(a, der, n);
	X509_NAME_free(subject);
	X509_REQ_free(csr);
	ERR_clear_error();
	return s;
}

struct str csr_signed(struct arena *a, struct str csr, X509 *old, EVP_PKEY *old_key)
{
	enum { FLAGS = CMS_BINARY | CMS_NOSMIMECAP };
	BIO *content = BIO_new_mem_buf(csr.p, (int)csr.n);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, FLAGS | CMS_PARTIAL);
	unsigned char *der = NULL;
	bool ok = content && cms && CMS_add1_signer(cms, old, old_key, EVP_sha256(), FLAGS) &&
		  CMS_final(cms, content, NULL, FLAGS) == 1;
	int n = ok ? i2d_CMS_ContentInfo(cms, &der) : 0;
	struct str s = der_taken(a, der, n);
	CMS_ContentInfo_free(cms);
	BIO_free(content);
	ERR_clear_error();
	return s;
}
