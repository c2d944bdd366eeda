/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "pki/der.h"

enum { RSA_LEAST = 2048, RSA_MOST = 8192, EXPONENT_MOST_BITS = 64, EXPONENT_LEAST = 65537 };

/*
 * Moduli of a faulty generator (CVE-2017-15361, "ROCA"): their remainders by small primes all lie in the subgroup that
 * 65537 generates.  A sound modulus passes for one with a chance of about 2^-27.
 */
static bool is_roca(const BIGNUM *n)
{
	static const unsigned primes[] = { 3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
					   47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
					   107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167 };
	for (size_t i = 0; i < ARRAY_LEN(primes); i++) {
		unsigned p = primes[i], remainder = (unsigned)BN_mod_word(n, p), power = 1;
		bool in = false;
		do {
			in |= power == remainder;
			power = power * (65537 % p) % p;
		} while (power != 1 && !in);
		if (!in)
			return false;
	}
	return true;
}

static const char *check_rsa(EVP_PKEY *key)
{
	BIGNUM *n = NULL, *e = NULL;
	const char *why = NULL;
	int bits = EVP_PKEY_get_bits(key);
	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
		why = "an RSA key without its numbers";
	else if (bits < RSA_LEAST || bits > RSA_MOST)
		why = "an RSA key that is not of 2048 to 8192 bits";
	else if (!BN_is_odd(e) || BN_num_bits(e) > EXPONENT_MOST_BITS || BN_get_word(e) < EXPONENT_LEAST)
		why = "an RSA key whose exponent is even, too small or too large";
	else if (!BN_is_odd(n))
		why = "an RSA key whose modulus is even";
	else if (is_roca(n))
		why = "an RSA key of a faulty generator (CVE-2017-15361)";
	BN_free(n);
	BN_free(e);
	return why;
}

static const struct {
	const char *group, *word;
} curves[] = { { "prime256v1", "p-256" }, { "secp384r1", "p-384" }, { "secp521r1", "p-521" } };

static const char *curve_of(EVP_PKEY *key)
{
	char group[64] = "", encoding[32] = "";
	EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL);
	EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, encoding, sizeof encoding, NULL);
	for (size_t i = 0; i < ARRAY_LEN(curves); i++)
		if (strcmp(group, curves[i].group) == 0 && strcmp(encoding, "named_curve") == 0)
			return curves[i].word;
	return NULL;
}

static const char *check_ec(EVP_PKEY *key)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	bool ok = context && EVP_PKEY_public_check(context) == 1;
	EVP_PKEY_CTX_free(context);
	return ok ? NULL : "an EC key whose point is not on its curve";
}

const char *key_weak(EVP_PKEY *key)
{
	if (EVP_PKEY_is_a(key, "RSA"))
		return check_rsa(key);
	if (!EVP_PKEY_is_a(key, "EC"))
		return "a key that is neither RSA nor EC";
	return curve_of(key) ? check_ec(key) : "an EC key of a curve that is not P-256, P-384 or P-521, by its name";
}

const char *key_read(struct arena *a, EVP_PKEY *key, struct str *spki, struct str *algorithm, unsigned *bits)
{
	const char *why = key_weak(key);
	if (why)
		return why;
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key, &der);
	*spki = der_taken(a, der, n);
	if (!spki->n)
		return "a key that cannot be encoded";
	*algorithm = str_of(EVP_PKEY_is_a(key, "RSA") ? "rsa" : curve_of(key));
	*bits = (unsigned)EVP_PKEY_get_bits(key);
	return NULL;
}

EVP_PKEY *key_of(struct str spki)
{
	const unsigned char *p = (const unsigned char *)spki.p;
	EVP_PKEY *key = spki.n ? d2i_PUBKEY(NULL, &p, (long)spki.n) : NULL;
	if (key && p == (const unsigned char *)spki.p + spki.n)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

EVP_PKEY *key_made(const char *kind)
{
	uint32_t bits;
	if (str_starts(str_of(kind), "rsa-"))
		return str_to_u32(str_skip(str_of(kind), strlen("rsa-")), RSA_MOST, &bits) ? EVP_RSA_gen(bits) : NULL;
	for (size_t i = 0; i < ARRAY_LEN(curves); i++)
		if (strcmp(kind, curves[i].word) == 0)
			return EVP_EC_gen(curves[i].group);
	return NULL;
}

struct str key_pem(struct arena *a, EVP_PKEY *key)
{
	char *text;
	BIO *to = BIO_new(BIO_s_secmem());
	struct str pem = NO_STR;
	if (to && PEM_write_bio_PKCS8PrivateKey(to, key, NULL, NULL, 0, NULL, NULL) == 1) {
		long n = BIO_get_mem_data(to, &text);
		pem = str_dup(a, (struct str){ text, (size_t)n });
	}
	BIO_free(to);
	return pem;
}
