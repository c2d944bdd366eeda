/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/extension.h"

#include <openssl/x509v3.h>

#include "pki/der.h"
static ASN1_OBJECT *object(struct arena *a, struct str oid)
{
	return OBJ_txt2obj(cstr(a, oid), 1);
}

struct str extension_ekus(struct arena *a, const struct str *oids, size_t n)
{
	EXTENDED_KEY_USAGE *list = sk_ASN1_OBJECT_new_null();
	unsigned char *der = NULL;
	bool ok = list != NULL;
	for (size_t i = 0; ok && i < n; i++) {
		ASN1_OBJECT *o = object(a, oids[i]);
		ok = o && sk_ASN1_OBJECT_push(list, o) > 0;
	}
	int length = ok ? i2d_EXTENDED_KEY_USAGE(list, &der) : 0;
	sk_ASN1_OBJECT_pop_free(list, ASN1_OBJECT_free);
	return der_taken(a, der, length);
}

struct str extension_application_policies(struct arena *a, const struct str *oids, size_t n)
{
	CERTIFICATEPOLICIES *list = sk_POLICYINFO_new_null();
	unsigned char *der = NULL;
	bool ok = list != NULL;
	for (size_t i = 0; ok && i < n; i++) {
		POLICYINFO *p = POLICYINFO_new();
		ASN1_OBJECT *o = object(a, oids[i]);
		ok = p && o && sk_POLICYINFO_push(list, p) > 0;
		if (ok)
			p->policyid = o;
	}
	int length = ok ? i2d_CERTIFICATEPOLICIES(list, &der) : 0;
	CERTIFICATEPOLICIES_free(list);
	return der_taken(a, der, length);
}

struct str extension_usages(struct arena *a, uint64_t bits)
{
	/* KU_DIGITAL_SIGNATURE is 0x80, the first bit of the string; KU_DECIPHER_ONLY 0x8000, the ninth. */
	ASN1_BIT_STRING *s = ASN1_BIT_STRING_new();
	unsigned char *der = NULL;
	bool ok = s != NULL;
	for (int i = 0; ok && i < 8; i++)
		ok = !(bits >> (7 - i) & 1) || ASN1_BIT_STRING_set_bit(s, i, 1) == 1;
	ok = ok && (!(bits & KU_DECIPHER_ONLY) || ASN1_BIT_STRING_set_bit(s, 8, 1) == 1);
	int length = ok ? i2d_ASN1_BIT_STRING(s, &der) : 0;
	ASN1_BIT_STRING_free(s);
	return der_taken(a, der, length);
}

static bool push_number(STACK_OF(ASN1_TYPE) * to, uint64_t n)
{
	ASN1_TYPE *t = ASN1_TYPE_new();
	ASN1_INTEGER *value = ASN1_INTEGER_new();
	if (!t || !value || ASN1_INTEGER_set_uint64(value, n) != 1)
		return false;
	ASN1_TYPE_set(t, V_ASN1_INTEGER, value);
	return sk_ASN1_TYPE_push(to, t) > 0;
}

struct str extension_template(struct arena *a, struct str oid, uint64_t major, uint64_t minor)
{
	STACK_OF(ASN1_TYPE) *parts = sk_ASN1_TYPE_new_null();
	ASN1_TYPE *first = ASN1_TYPE_new();
	ASN1_OBJECT *o = object(a, oid);
	unsigned char *der = NULL;
	bool ok = parts && first && o;
	if (ok) {
		ASN1_TYPE_set(first, V_ASN1_OBJECT, o);
		ok = sk_ASN1_TYPE_push(parts, first) > 0 && push_number(parts, major) && push_number(parts, minor);
	}
	int length = ok ? i2d_ASN1_SEQUENCE_ANY(parts, &der) : 0;
	sk_ASN1_TYPE_pop_free(parts, ASN1_TYPE_free);
	return der_taken(a, der, length);
}

struct str extension_template_name(struct arena *a, struct str name)
{
	ASN1_BMPSTRING *s = NULL;
	unsigned char *der = NULL;
	int length = ASN1_mbstring_copy((ASN1_STRING **)&s, (const unsigned char *)name.p, (int)name.n, MBSTRING_UTF8,
					B_ASN1_BMPSTRING) > 0
			     ? i2d_ASN1_BMPSTRING(s, &der)
			     : 0;
	ASN1_BMPSTRING_free(s);
	return der_taken(a, der, length);
}
