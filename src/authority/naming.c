/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/naming.h"

#include <openssl/core_names.h>

#include "pki/key.h"

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

const char *key_refused(const struct template *t, EVP_PKEY *key)
{
	static const char *const curves[N_KEYS] = {
		[KEY_P256] = "prime256v1", [KEY_P384] = "secp384r1", [KEY_P521] = "secp521r1"
	};
	bool rsa = t->key.n == KEY_RSA;
	char group[64];
	if (!EVP_PKEY_is_a(key, rsa ? "RSA" : "EC"))
		return "a key of another algorithm than the template asks for";
	if (rsa && EVP_PKEY_get_bits(key) < (int)t->key_bits.n)
		return "a key that is shorter than the template asks for";
	if (!rsa && (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL) != 1 ||
		     strcmp(group, curves[t->key.n]) != 0))
		return "a key on another curve than the template asks for";
	return key_weak(key);
}
