/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pfx.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

enum { ITERATIONS_MAX = 10000000 };

static void free_key(void *key)
{
	EVP_PKEY_free(key);
}

static void free_certificate(void *c)
{
	X509_free(c);
}

/* Whether what OpenSSL complained of is an algorithm; its complaints are forgotten. */
static bool was_unsupported(void)
{
	bool ret = false;
	for (unsigned long error; (error = ERR_get_error());)
		ret |= ERR_GET_REASON(error) == ERR_R_UNSUPPORTED ||
		       (ERR_GET_LIB(error) == ERR_LIB_EVP && (ERR_GET_REASON(error) == EVP_R_UNSUPPORTED_ALGORITHM ||
							      ERR_GET_REASON(error) == EVP_R_UNKNOWN_PBE_ALGORITHM));
	return ret;
}

static const char *mac_refused(PKCS12 *p12, const char *password)
{
	const ASN1_INTEGER *iterations = NULL;
	if (!PKCS12_mac_present(p12))
		return "it has no MAC, so that nothing shows that it is whole";
	PKCS12_get0_mac(NULL, NULL, NULL, &iterations, p12);
	if (iterations && (ASN1_STRING_length(iterations) > 4 || ASN1_INTEGER_get(iterations) > ITERATIONS_MAX))
		return "it asks for too many iterations of its password";
	/* an empty password is encoded in two ways */
	if (PKCS12_verify_mac(p12, password, -1) == 1 || (!*password && PKCS12_verify_mac(p12, NULL, 0) == 1))
		return NULL;
	return was_unsupported() ? "its MAC has an algorithm that OpenSSL's default provider does not have"
				 : "the password is wrong, or it was changed";
}

static bool is_among(const struct pfx *chain, X509 *c)
{
	bool found = false;
	for (size_t i = 0; i < chain->n; i++)
		found |= X509_cmp(chain->chain[i], c) == 0;
	return found;
}

/* Each certificate is signed by the next. */
static void order(struct arena *a, STACK_OF(X509) * others, struct pfx *ret)
{
	while (ret->n < PFX_CHAIN_MAX && X509_self_signed(ret->chain[ret->n - 1], 0) != 1) {
		X509 *last = ret->chain[ret->n - 1], *found = NULL;
		for (int i = 0; i < sk_X509_num(others) && !found; i++) {
			X509 *c = sk_X509_value(others, i);
			if (!is_among(ret, c) && X509_check_issued(c, last) == X509_V_OK &&
			    X509_verify(last, X509_get0_pubkey(c)) == 1)
				found = c;
		}
		if (!found)
			break;
		X509_up_ref(found);
		arena_at_end(a, free_certificate, found);
		ret->chain[ret->n++] = found;
	}
	ret->left = (size_t)MAX(sk_X509_num(others), 0) + 1 - ret->n;
}

static const char *parse(struct arena *a, PKCS12 *p12, const char *password, struct pfx *ret)
{
	STACK_OF(X509) *others = NULL;
	X509 *own = NULL;
	if (PKCS12_parse(p12, password, &ret->key, &own, &others) != 1)
		return was_unsupported()
			       ? "it is encrypted with an algorithm that OpenSSL's default provider does not have, "
				 "such as RC2 of 40 bits: export it again with AES or triple DES"
			       : "it cannot be decrypted";
	if (ret->key)
		arena_at_end(a, free_key, ret->key);
	if (own)
		arena_at_end(a, free_certificate, own);
	if (ret->key && own) {
		ret->chain[ret->n++] = own;
		order(a, others, ret);
	}
	sk_X509_pop_free(others, X509_free);
	if (!ret->key)
		return "it holds no private key";
	if (!own || X509_check_private_key(own, ret->key) != 1)
		return "it holds no certificate of its key";
	return NULL;
}

const char *pfx_read(struct arena *a, struct str der, const char *password, struct pfx *ret)
{
	const unsigned char *p = (const unsigned char *)der.p;
	*ret = (struct pfx){ 0 };
	PKCS12 *p12 = der.n && der.n <= PFX_FILE_MAX ? d2i_PKCS12(NULL, &p, (long)der.n) : NULL;
	ERR_clear_error();
	if (!p12)
		return "it is not a PFX (PKCS#12)";
	const char *wrong = mac_refused(p12, password);
	if (!wrong)
		wrong = parse(a, p12, password, ret);
	PKCS12_free(p12);
	ERR_clear_error();
	return wrong;
}
