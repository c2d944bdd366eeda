/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/naming.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/x509.h>

enum { RSA_MOST_BITS = 8192, RSA_LEAST_EXPONENT = 65537, RSA_EXPONENT_BITS = 64 };

/* Attributes of a subject that may be asked for; e-mail addresses only where the template takes them. */
static const char subject_oids[] = "2.5.4.3 2.5.4.4 2.5.4.5 2.5.4.6 2.5.4.7 2.5.4.8 2.5.4.9 2.5.4.10 2.5.4.11 2.5.4.12 "
				   "2.5.4.42 0.9.2342.19200300.100.1.1 0.9.2342.19200300.100.1.25";
static const char email_oid[] = "1.2.840.113549.1.9.1";

static bool is_ia5(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > 0x7e || (unsigned char)s.p[i] <= 0x20)
			return false;
	return s.n > 0;
}

static const char *name_refused(const struct template *t, const struct alternative *name)
{
	bool supplied = t->subject.n == SUBJECT_SUPPLIED;
	if (supplied ? !template_takes(t, name->kind) : name->kind != ALTERNATIVE_DNS && name->kind != ALTERNATIVE_UPN)
		return "a name of a kind that the template does not take";
	switch (name->kind) {
	case ALTERNATIVE_DNS:
		return dns_name_ok(name->value, t->wildcards.on) ? NULL : "a malformed DNS name, or a wildcard";
	case ALTERNATIVE_EMAIL:
	case ALTERNATIVE_URI:
		return is_ia5(name->value) ? NULL : "a malformed address";
	case ALTERNATIVE_IP:
		return name->value.n == 4 || name->value.n == 16 ? NULL : "a malformed IP address";
	case ALTERNATIVE_UPN:
		return name->value.n && str_is_visible(name->value) ? NULL : "a malformed user principal name";
	default:
		return "a name of an unknown kind";
	}
}

const char *names_refused(const struct template *t, const struct subject_parts *subject,
			  const struct alternatives *names)
{
	if (!subject->n && !names->n)
		return "neither a subject nor a name";
	if (subject->n > SUBJECT_PARTS_MAX || names->n > ALTERNATIVES_MAX)
		return "too many names";
	for (size_t i = 0; i < subject->n; i++) {
		struct str oid = subject->v[i].oid;
		bool email = str_is(oid, email_oid) && template_takes(t, ALTERNATIVE_EMAIL);
		if (!email && !str_is_one_of(oid, subject_oids))
			return "an attribute of the subject that is not allowed";
		if (!subject->v[i].value.n || !str_is_visible(subject->v[i].value))
			return "an attribute of the subject that is empty or malformed";
	}
	for (size_t i = 0; i < names->n; i++) {
		const char *wrong = name_refused(t, &names->v[i]);
		if (wrong)
			return wrong;
	}
	return NULL;
}

/*
 * The keys of CVE-2017-15361 ("ROCA"): their modulus is a power of 65537 modulo each of many small primes.  Of other keys, one in
 * more than 100 million is.
 */
static bool is_roca(const BIGNUM *modulus)
{
	static const unsigned char primes[] = { 3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
						47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
						107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167 };
	for (size_t i = 0; i < ARRAY_LEN(primes); i++) {
		unsigned p = primes[i], left = (unsigned)BN_mod_word(modulus, p), power = 1;
		bool found = false;
		for (unsigned n = 0; n < p && !found; n++) {
			found = power == left;
			power = power * (65537 % p) % p;
		}
		if (!found)
			return false;
	}
	return true;
}

static const char *rsa_refused(const struct template *t, const EVP_PKEY *key)
{
	BIGNUM *modulus = NULL, *exponent = NULL;
	const char *wrong = NULL;
	int bits = EVP_PKEY_get_bits(key);
	if (!EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus) ||
	    !EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent))
		wrong = "an RSA key without modulus or exponent";
	else if (bits < (int)t->key_bits.n)
		wrong = "a key that is shorter than the template asks for";
	else if (bits > RSA_MOST_BITS)
		wrong = "an RSA key of more than 8192 bits";
	else if (!BN_is_odd(modulus) || !BN_is_odd(exponent) || BN_num_bits(exponent) > RSA_EXPONENT_BITS ||
		 (BN_num_bits(exponent) <= 17 && BN_get_word(exponent) < RSA_LEAST_EXPONENT))
		wrong = "an RSA key whose exponent is even, small or too long";
	else if (is_roca(modulus))
		wrong = "an RSA key of a chip that makes weak ones (CVE-2017-15361)";
	BN_free(modulus);
	BN_free(exponent);
	return wrong;
}

static const char *elliptic_refused(const EVP_PKEY *key, const char *curve)
{
	char group[64], encoding[32];
	if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL) != 1 ||
	    strcmp(group, curve) != 0)
		return "a key on another curve than the template asks for";
	if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, encoding, sizeof encoding, NULL) == 1 &&
	    strcmp(encoding, "named_curve") != 0)
		return "a key that describes its curve instead of naming it";
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new((EVP_PKEY *)(uintptr_t)key, NULL);
	bool ok = ctx && EVP_PKEY_public_check(ctx) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok ? NULL : "a key that is not a point of its curve";
}

const char *key_refused(const struct template *t, const EVP_PKEY *key)
{
	static const char *const curves[N_KEYS] = {
		[KEY_P256] = "prime256v1", [KEY_P384] = "secp384r1", [KEY_P521] = "secp521r1"
	};
	bool rsa = t->key.n == KEY_RSA;
	if (!EVP_PKEY_is_a(key, rsa ? "RSA" : "EC"))
		return "a key of another algorithm than the template asks for";
	return rsa ? rsa_refused(t, key) : elliptic_refused(key, curves[t->key.n]);
}

EVP_PKEY *key_of_der(struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	EVP_PKEY *key = der.n ? d2i_PUBKEY(NULL, &p, (long)der.n) : NULL;
	if (key && p == (const unsigned char *)der.p + der.n)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}
