/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extensions are written in one order, each from the profile alone: RFC 5280 4.2, and those of MS-WCCE 2.2.2.7.7.
 */
#include "pki/certificate.h"

#include <openssl/pem.h>
#include <openssl/sha.h>

#include "wire/ber.h"
#include "pki/der.h"

#define OID_TEMPLATE_NAME        "1.3.6.1.4.1.311.20.2"
#define OID_TEMPLATE             "1.3.6.1.4.1.311.21.7"
#define OID_APPLICATION_POLICIES "1.3.6.1.4.1.311.21.10"
#define OID_SID                  "1.3.6.1.4.1.311.25.2"
#define OID_SID_VALUE            "1.3.6.1.4.1.311.25.2.1"
#define OID_OCSP_NO_CHECK        "1.3.6.1.5.5.7.48.1.5"
#define OID_CLIENT_AUTH          "1.3.6.1.5.5.7.3.2"
#define OID_ANY_EKU              "2.5.29.37.0"

enum { EXTENSION_MAX = 16 << 10, CERTIFICATE_MAX = 64 << 10, ASN1_NULL_TAG = 5 };

/* Extensions that OpenSSL has no writer for */

static ASN1_OBJECT *object_of(struct str dotted)
{
	char text[256];
	if (dotted.n >= sizeof text)
		return NULL;
	memcpy(text, dotted.p ? dotted.p : "", dotted.n);
	text[dotted.n] = '\0';
	return OBJ_txt2obj(text, 1);
}

/* An OID as an element; false when it is none. */
static bool put_oid(struct buffer *to, struct str dotted)
{
	ASN1_OBJECT *o = object_of(dotted);
	if (o)
		ber_put_string(to, BER_OID, (struct str){ (const char *)OBJ_get0_data(o), OBJ_length(o) });
	ASN1_OBJECT_free(o);
	return o != NULL;
}

static bool add_bytes(X509 *c, const char *oid, bool critical, const struct buffer *der)
{
	bool ok = false;
	if (der->full)
		return false;
	ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e = NULL;
	if (o && value && ASN1_OCTET_STRING_set(value, der->p, (int)der->n))
		e = X509_EXTENSION_create_by_OBJ(NULL, o, critical, value);
	ok = e && X509_add_ext(c, e, -1);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(o);
	return ok;
}

static bool add_template(X509 *c, const struct certificate_profile *p, struct buffer *der)
{
	size_t all = ber_begin(der, BER_SEQUENCE);
	bool ok = put_oid(der, p->template_oid);
	ber_put_integer(der, BER_INTEGER, (int64_t)p->major);
	ber_put_integer(der, BER_INTEGER, (int64_t)p->minor);
	ber_end(der, all);
	return ok && add_bytes(c, OID_TEMPLATE, false, der);
}

/* A BMPString. */
static bool add_template_name(X509 *c, struct str name, struct buffer *der)
{
	enum { BMP_STRING = 0x1e };
	size_t all = ber_begin(der, BMP_STRING);
	for (size_t i = 0; i < name.n; i++) {
		if ((unsigned char)name.p[i] >= 0x80)
			return false;
		put_be16(der, (uint8_t)name.p[i]);
	}
	ber_end(der, all);
	return add_bytes(c, OID_TEMPLATE_NAME, false, der);
}

static bool add_application_policies(X509 *c, const struct certificate_profile *p, struct buffer *der)
{
	size_t all = ber_begin(der, BER_SEQUENCE);
	for (size_t i = 0; i < p->n_ekus; i++) {
		size_t one = ber_begin(der, BER_SEQUENCE);
		if (!put_oid(der, p->ekus[i]))
			return false;
		ber_end(der, one);
	}
	ber_end(der, all);
	return add_bytes(c, OID_APPLICATION_POLICIES, false, der);
}

/* GeneralNames with one otherName, whose value is the SID as text (MS-WCCE 2.2.2.7.7.4). */
static bool add_sid(X509 *c, struct str sid, struct buffer *der)
{
	size_t all = ber_begin(der, BER_SEQUENCE), other = ber_begin(der, BER_CONTEXT(0));
	bool ok = put_oid(der, STR(OID_SID_VALUE));
	size_t value = ber_begin(der, BER_CONTEXT(0));
	ber_put_string(der, BER_OCTET_STRING, sid);
	ber_end(der, value);
	ber_end(der, other);
	ber_end(der, all);
	return ok && add_bytes(c, OID_SID, false, der);
}

/* Extensions of RFC 5280 */

static bool add_basic_constraints(X509 *c, const struct certificate_profile *p)
{
	BASIC_CONSTRAINTS *b = BASIC_CONSTRAINTS_new();
	bool ok = b != NULL;
	if (ok && p->authority) {
		b->ca = 0xff;
		if (p->path_length >= 0) {
			b->pathlen = ASN1_INTEGER_new();
			ok = b->pathlen && ASN1_INTEGER_set(b->pathlen, p->path_length);
		}
	}
	ok = ok && X509_add1_ext_i2d(c, NID_basic_constraints, b, 1, X509V3_ADD_DEFAULT) == 1;
	BASIC_CONSTRAINTS_free(b);
	return ok;
}

static bool add_key_usage(X509 *c, uint64_t usages)
{
	/* bit 0 is the first bit of the string, which KU_ counts from the top of a byte; decipherOnly is the ninth */
	static const struct {
		uint64_t bit;
		int place;
	} bits[] = {
		{ KU_DIGITAL_SIGNATURE, 0 }, { KU_NON_REPUDIATION, 1 }, { KU_KEY_ENCIPHERMENT, 2 },
		{ KU_DATA_ENCIPHERMENT, 3 }, { KU_KEY_AGREEMENT, 4 },   { KU_KEY_CERT_SIGN, 5 },
		{ KU_CRL_SIGN, 6 },          { KU_ENCIPHER_ONLY, 7 },   { KU_DECIPHER_ONLY, 8 },
	};
	ASN1_BIT_STRING *s = ASN1_BIT_STRING_new();
	bool ok = s != NULL;
	for (size_t i = 0; ok && i < ARRAY_LEN(bits); i++)
		if (usages & bits[i].bit)
			ok = ASN1_BIT_STRING_set_bit(s, bits[i].place, 1);
	ok = ok && X509_add1_ext_i2d(c, NID_key_usage, s, 1, X509V3_ADD_DEFAULT) == 1;
	ASN1_BIT_STRING_free(s);
	return ok;
}

static bool add_ekus(X509 *c, const struct certificate_profile *p)
{
	EXTENDED_KEY_USAGE *list = sk_ASN1_OBJECT_new_null();
	bool ok = list != NULL;
	for (size_t i = 0; ok && i < p->n_ekus; i++) {
		ASN1_OBJECT *o = object_of(p->ekus[i]);
		ok = o && sk_ASN1_OBJECT_push(list, o);
	}
	ok = ok && X509_add1_ext_i2d(c, NID_ext_key_usage, list, 0, X509V3_ADD_DEFAULT) == 1;
	sk_ASN1_OBJECT_pop_free(list, ASN1_OBJECT_free);
	return ok;
}

/* The first 20 bytes of SHA-256 of the key (RFC 7093 2, method 1); Windows takes any. */
static bool add_key_id(X509 *c)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(c);
	ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
	bool ok = key && id && SHA256(key->data, (size_t)key->length, hash) && ASN1_OCTET_STRING_set(id, hash, 20) &&
		  X509_add1_ext_i2d(c, NID_subject_key_identifier, id, 0, X509V3_ADD_DEFAULT) == 1;
	ASN1_OCTET_STRING_free(id);
	return ok;
}

static bool add_authority_key_id(X509 *c, X509 *issuer)
{
	const ASN1_OCTET_STRING *id = issuer ? X509_get0_subject_key_id(issuer) : NULL;
	if (!id)
		return true;
	AUTHORITY_KEYID *to = AUTHORITY_KEYID_new();
	bool ok = to && (to->keyid = ASN1_OCTET_STRING_dup(id)) &&
		  X509_add1_ext_i2d(c, NID_authority_key_identifier, to, 0, X509V3_ADD_DEFAULT) == 1;
	AUTHORITY_KEYID_free(to);
	return ok;
}

static bool add_alternatives(X509 *c, const struct certificate_fields *f)
{
	if (!f->alternatives.n)
		return true;
	GENERAL_NAMES *names = alternatives_made(&f->alternatives);
	bool ok =
		names && X509_add1_ext_i2d(c, NID_subject_alt_name, names, f->subject.n == 0, X509V3_ADD_DEFAULT) == 1;
	GENERAL_NAMES_free(names);
	return ok;
}

static GENERAL_NAME *address_name(struct str url)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();
	if (!name || !text || !ASN1_STRING_set(text, url.p, (int)url.n)) {
		GENERAL_NAME_free(name);
		ASN1_IA5STRING_free(text);
		return NULL;
	}
	GENERAL_NAME_set0_value(name, GEN_URI, text);
	return name;
}

/* One point with all its addresses: they hold the same list. */
static bool add_crl_addresses(X509 *c, const struct certificate_profile *p)
{
	if (!p->n_crl)
		return true;
	CRL_DIST_POINTS *points = sk_DIST_POINT_new_null();
	DIST_POINT *point = DIST_POINT_new();
	bool ok = points && point && (point->distpoint = DIST_POINT_NAME_new()) &&
		  (point->distpoint->name.fullname = GENERAL_NAMES_new());
	if (ok)
		point->distpoint->type = 0; /* a full name */
	for (size_t i = 0; ok && i < p->n_crl; i++) {
		GENERAL_NAME *name = address_name(p->crl[i]);
		ok = name && sk_GENERAL_NAME_push(point->distpoint->name.fullname, name);
	}
	if (point && (!ok || !sk_DIST_POINT_push(points, point)))
		DIST_POINT_free(point);
	ok = ok && X509_add1_ext_i2d(c, NID_crl_distribution_points, points, 0, X509V3_ADD_DEFAULT) == 1;
	CRL_DIST_POINTS_free(points);
	return ok;
}

static bool add_access(AUTHORITY_INFO_ACCESS *to, int method, const struct str *urls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ACCESS_DESCRIPTION *d = ACCESS_DESCRIPTION_new();
		if (!d || !sk_ACCESS_DESCRIPTION_push(to, d)) {
			ACCESS_DESCRIPTION_free(d);
			return false;
		}
		GENERAL_NAME_free(d->location);
		d->location = address_name(urls[i]);
		d->method = OBJ_nid2obj(method);
		if (!d->location)
			return false;
	}
	return true;
}

static bool add_authority_addresses(X509 *c, const struct certificate_profile *p)
{
	if (!p->n_aia && !p->n_ocsp)
		return true;
	AUTHORITY_INFO_ACCESS *list = sk_ACCESS_DESCRIPTION_new_null();
	bool ok = list && add_access(list, NID_ad_ca_issuers, p->aia, p->n_aia) &&
		  add_access(list, NID_ad_OCSP, p->ocsp, p->n_ocsp) &&
		  X509_add1_ext_i2d(c, NID_info_access, list, 0, X509V3_ADD_DEFAULT) == 1;
	AUTHORITY_INFO_ACCESS_free(list);
	return ok;
}

static const char *add_extensions(struct arena *a, X509 *c, const struct certificate_profile *p,
				  const struct certificate_fields *f, X509 *issuer)
{
	char *room = arena_alloc(a, EXTENSION_MAX);
	struct buffer der = buffer_over(room, EXTENSION_MAX);
#define FRESH (der = buffer_over(room, EXTENSION_MAX), &der)
	if (!add_basic_constraints(c, p))
		return "its basic constraints cannot be written";
	if (p->usages && !add_key_usage(c, p->usages))
		return "its key usage cannot be written";
	if (p->n_ekus && !add_ekus(c, p))
		return "its extended key usages cannot be written";
	if (!add_key_id(c) || !add_authority_key_id(c, issuer))
		return "its key identifiers cannot be written";
	if (!add_alternatives(c, f))
		return "its alternative names cannot be written";
	if (!add_crl_addresses(c, p) || !add_authority_addresses(c, p))
		return "its addresses cannot be written";
	if (p->template_oid.n && !add_template(c, p, FRESH))
		return "its template cannot be written";
	if (p->template_name.n && !add_template_name(c, p->template_name, FRESH))
		return "the name of its template cannot be written";
	if (p->application_policies && p->n_ekus && !add_application_policies(c, p, FRESH))
		return "its application policies cannot be written";
	if (p->sid.n && !add_sid(c, p->sid, FRESH))
		return "its security identifier cannot be written";
	ber_put_string(FRESH, ASN1_NULL_TAG, NO_STR);
	if (p->ocsp_no_check && !add_bytes(c, OID_OCSP_NO_CHECK, false, &der))
		return "its OCSP extension cannot be written";
#undef FRESH
	return NULL;
}

static bool set_serial(X509 *c, struct str serial)
{
	BIGNUM *n = BN_bin2bn((const unsigned char *)serial.p, (int)serial.n, NULL);
	ASN1_INTEGER *number = n ? BN_to_ASN1_INTEGER(n, NULL) : NULL;
	bool ok = number && X509_set_serialNumber(c, number);
	ASN1_INTEGER_free(number);
	BN_free(n);
	return ok;
}

static bool set_key(X509 *c, struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)der.n);
	bool ok = key && p == (const unsigned char *)der.p + der.n && X509_set_pubkey(c, key);
	EVP_PKEY_free(key);
	return ok;
}

static bool set_subject(X509 *c, const struct subject_parts *s, X509 *issuer)
{
	X509_NAME *name = subject_made(s);
	bool ok = name && X509_set_subject_name(c, name) &&
		  X509_set_issuer_name(c, issuer ? X509_get_subject_name(issuer) : name);
	X509_NAME_free(name);
	return ok;
}

static const char *fill(struct arena *a, X509 *c, const struct certificate_profile *p,
			const struct certificate_fields *f, X509 *issuer)
{
	enum { VERSION_3 = 2 };
	if (f->serial.n != SERIAL_BYTES || (f->serial.p[0] & 0x80) || !f->serial.p[0])
		return "its serial number is not a positive one of 16 bytes";
	if (f->not_after <= f->not_before)
		return "it would end before it begins";
	if (!X509_set_version(c, VERSION_3) || !set_serial(c, f->serial))
		return "its serial number cannot be written";
	if (!set_subject(c, &f->subject, issuer))
		return "its subject cannot be written";
	if (!ASN1_TIME_set(X509_getm_notBefore(c), f->not_before) ||
	    !ASN1_TIME_set(X509_getm_notAfter(c), f->not_after))
		return "its validity cannot be written";
	if (!set_key(c, f->key))
		return "its public key cannot be read";
	return add_extensions(a, c, p, f, issuer);
}

struct str certificate_made(struct arena *a, const struct certificate_profile *p, const struct certificate_fields *f,
			    X509 *issuer, EVP_PKEY *key, const EVP_MD *md, struct str *why)
{
	struct str der = NO_STR;
	X509 *c = X509_new();
	if (!c)
		out_of_memory(sizeof der);
	const char *wrong = fill(a, c, p, f, issuer);
	if (!wrong && !X509_sign(c, key, md))
		wrong = "it cannot be signed";
	if (wrong)
		*why = str_of(wrong);
	else
		der = certificate_der(a, c);
	X509_free(c);
	return der;
}

/* Reading */

static void free_x509(void *c)
{
	X509_free(c);
}

static struct str extension_of(const X509 *c, const char *oid)
{
	ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
	int at = o ? X509_get_ext_by_OBJ(c, o, -1) : -1;
	ASN1_OBJECT_free(o);
	if (at < 0)
		return NO_STR;
	const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(c, at));
	return (struct str){ (const char *)ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value) };
}

/* An OID's content as dotted text; empty when it is malformed. */
static struct str dotted_of(struct arena *a, struct str content)
{
	enum { OID_MAX = 64 };
	char der[OID_MAX + 2] = { BER_OID, (char)content.n }, text[256];
	const unsigned char *p = (const unsigned char *)der;
	if (content.n == 0 || content.n > OID_MAX)
		return NO_STR;
	memcpy(der + 2, content.p, content.n);
	ASN1_OBJECT *o = d2i_ASN1_OBJECT(NULL, &p, (long)content.n + 2);
	int n = o ? OBJ_obj2txt(text, sizeof text, o, 1) : 0;
	ASN1_OBJECT_free(o);
	return n > 0 && (size_t)n < sizeof text ? str_dup(a, (struct str){ text, (size_t)n }) : NO_STR;
}

static void read_template(struct arena *a, struct certificate *ret)
{
	struct str der = extension_of(ret->x509, OID_TEMPLATE), name = extension_of(ret->x509, OID_TEMPLATE_NAME);
	struct cursor c = cursor_of(der.p, der.n), fields = ber_get(&c, BER_SEQUENCE);
	struct str oid = ber_get_string(&fields, BER_OID);
	int64_t major = ber_get_integer(&fields, BER_INTEGER), minor = ber_get_integer(&fields, BER_INTEGER);
	if (der.n && !fields.bad && major >= 0 && minor >= 0) {
		ret->template_oid = dotted_of(a, oid);
		ret->major = (uint64_t)major;
		ret->minor = (uint64_t)minor;
	}
	if (name.n) {
		const unsigned char *p = (const unsigned char *)name.p;
		ASN1_STRING *s = d2i_DISPLAYTEXT(NULL, &p, (long)name.n);
		unsigned char *text = NULL;
		int n = s ? ASN1_STRING_to_UTF8(&text, s) : -1;
		if (n >= 0)
			ret->template_name = str_dup(a, (struct str){ (char *)text, (size_t)n });
		OPENSSL_free(text);
		ASN1_STRING_free(s);
	}
}

static bool read_time(const ASN1_TIME *t, int64_t *ret)
{
	struct tm tm;
	if (!ASN1_TIME_to_tm(t, &tm))
		return false;
	*ret = timegm(&tm);
	return true;
}

static bool has_eku(X509 *c, const char *oid)
{
	EXTENDED_KEY_USAGE *list = X509_get_ext_d2i(c, NID_ext_key_usage, NULL, NULL);
	ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
	bool found = false;
	for (int i = 0; list && i < sk_ASN1_OBJECT_num(list); i++)
		found |= OBJ_cmp(sk_ASN1_OBJECT_value(list, i), o) == 0;
	ASN1_OBJECT_free(o);
	sk_ASN1_OBJECT_pop_free(list, ASN1_OBJECT_free);
	return found;
}

const char *certificate_read(struct arena *a, struct str der, struct certificate *ret)
{
	const unsigned char *p = (const unsigned char *)der.p;
	if (der.n == 0 || der.n > CERTIFICATE_MAX)
		return "it is empty or too long";
	*ret = (struct certificate){ .x509 = d2i_X509(NULL, &p, (long)der.n), .der = der };
	if (!ret->x509)
		return "it is not a certificate";
	arena_at_end(a, free_x509, ret->x509);
	if (p != (const unsigned char *)der.p + der.n)
		return "something follows the certificate";
	uint32_t flags = X509_get_extension_flags(ret->x509);
	if (flags & EXFLAG_INVALID)
		return "it has malformed extensions";
	const ASN1_INTEGER *serial = X509_get0_serialNumber(ret->x509);
	ret->serial = str_dup(
		a, (struct str){ (const char *)ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial) });
	unsigned char *key = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(ret->x509), &key);
	ret->key = der_taken(a, key, n);
	if (!ret->key.n)
		return "it has no public key";
	if (!read_time(X509_get0_notBefore(ret->x509), &ret->not_before) ||
	    !read_time(X509_get0_notAfter(ret->x509), &ret->not_after))
		return "its validity is malformed";
	const char *wrong = subject_of(a, X509_get_subject_name(ret->x509), &ret->subject);
	GENERAL_NAMES *names = X509_get_ext_d2i(ret->x509, NID_subject_alt_name, NULL, NULL);
	if (!wrong && names)
		wrong = alternatives_of(a, names, &ret->alternatives);
	GENERAL_NAMES_free(names);
	if (wrong)
		return wrong;
	read_template(a, ret);
	ret->client_auth =
		!(flags & EXFLAG_XKUSAGE) || has_eku(ret->x509, OID_CLIENT_AUTH) || has_eku(ret->x509, OID_ANY_EKU);
	ret->may_sign = !(flags & EXFLAG_KUSAGE) || (X509_get_key_usage(ret->x509) & KU_DIGITAL_SIGNATURE);
	return NULL;
}

struct str certificate_der(struct arena *a, const X509 *c)
{
	unsigned char *p = NULL;
	int n = i2d_X509(c, &p);
	return der_taken(a, p, n);
}

struct str certificate_pem(struct arena *a, const X509 *c)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *p = NULL;
	struct str pem = NO_STR;
	if (b && PEM_write_bio_X509(b, (X509 *)c)) {
		long n = BIO_get_mem_data(b, &p);
		pem = str_dup(a, (struct str){ p, (size_t)n });
	}
	BIO_free(b);
	return pem;
}

struct str sha256_hex(struct arena *a, struct str bytes)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	SHA256((const unsigned char *)bytes.p, bytes.n, hash);
	return str_hex(a, (struct str){ (const char *)hash, sizeof hash });
}
