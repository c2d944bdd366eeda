/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/crl.h"

#include <openssl/x509v3.h>

#include "pki/der.h"

const char *const revocation_reasons[N_REVOCATION_REASONS] = {
	[CRL_REASON_UNSPECIFIED] = "unspecified",
	[CRL_REASON_KEY_COMPROMISE] = "key-compromise",
	[CRL_REASON_AFFILIATION_CHANGED] = "affiliation-changed",
	[CRL_REASON_SUPERSEDED] = "superseded",
	[CRL_REASON_CESSATION_OF_OPERATION] = "cessation-of-operation",
	[CRL_REASON_PRIVILEGE_WITHDRAWN] = "privilege-withdrawn",
};

static ASN1_INTEGER *integer_of(struct str bytes)
{
	BIGNUM *n = BN_bin2bn((const unsigned char *)bytes.p, (int)bytes.n, NULL);
	ASN1_INTEGER *number = n ? BN_to_ASN1_INTEGER(n, NULL) : NULL;
	BN_free(n);
	return number;
}

static bool add_entry(X509_CRL *list, const struct crl_entry *e, ASN1_TIME *time)
{
	X509_REVOKED *one = X509_REVOKED_new();
	ASN1_INTEGER *serial = integer_of(e->serial);
	ASN1_ENUMERATED *reason = NULL;
	bool ok = one && serial && X509_REVOKED_set_serialNumber(one, serial) && ASN1_TIME_set(time, e->at) &&
		  X509_REVOKED_set_revocationDate(one, time);
	if (ok && e->reason) {
		reason = ASN1_ENUMERATED_new();
		ok = reason && ASN1_ENUMERATED_set(reason, (long)e->reason) &&
		     X509_REVOKED_add1_ext_i2d(one, NID_crl_reason, reason, 0, 0) == 1;
	}
	ASN1_ENUMERATED_free(reason);
	ASN1_INTEGER_free(serial);
	if (!ok || !X509_CRL_add0_revoked(list, one)) {
		X509_REVOKED_free(one);
		return false;
	}
	return true;
}

static bool add_extensions(X509_CRL *list, uint64_t number, X509 *issuer)
{
	ASN1_INTEGER *n = ASN1_INTEGER_new();
	AUTHORITY_KEYID *id = AUTHORITY_KEYID_new();
	const ASN1_OCTET_STRING *key = X509_get0_subject_key_id(issuer);
	bool ok = n && id && ASN1_INTEGER_set_uint64(n, number) &&
		  X509_CRL_add1_ext_i2d(list, NID_crl_number, n, 0, 0) == 1;
	if (ok && key)
		ok = (id->keyid = ASN1_OCTET_STRING_dup(key)) &&
		     X509_CRL_add1_ext_i2d(list, NID_authority_key_identifier, id, 0, 0) == 1;
	ASN1_INTEGER_free(n);
	AUTHORITY_KEYID_free(id);
	return ok;
}

struct str crl_made(struct arena *a, const struct crl_fields *f, X509 *issuer, EVP_PKEY *key, const EVP_MD *md,
		    struct str *why)
{
	struct str der = NO_STR;
	X509_CRL *list = X509_CRL_new();
	ASN1_TIME *time = ASN1_TIME_new();
	unsigned char *p = NULL;
	bool ok = list && time && f->n <= CRL_ENTRIES_MAX && f->now < f->next &&
		  X509_CRL_set_version(list, X509_CRL_VERSION_2) &&
		  X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer)) && ASN1_TIME_set(time, f->now) &&
		  X509_CRL_set1_lastUpdate(list, time) && ASN1_TIME_set(time, f->next) &&
		  X509_CRL_set1_nextUpdate(list, time) && add_extensions(list, f->number, issuer);
	for (size_t i = 0; ok && i < f->n; i++)
		ok = add_entry(list, &f->entries[i], time);
	if (ok && X509_CRL_sort(list) && X509_CRL_sign(list, key, md)) {
		int n = i2d_X509_CRL(list, &p);
		der = der_taken(a, p, n);
	}
	if (!der.n)
		*why = STR("the list of revoked certificates cannot be made");
	ASN1_TIME_free(time);
	X509_CRL_free(list);
	return der;
}

static bool time_of(const ASN1_TIME *t, int64_t *ret)
{
	struct tm tm;
	if (!t || !ASN1_TIME_to_tm(t, &tm))
		return false;
	*ret = timegm(&tm);
	return true;
}

static const char *read_entry(struct arena *a, X509_REVOKED *one, struct crl_entry *ret)
{
	enum { SERIAL_MAX = 20 };
	const ASN1_INTEGER *serial = X509_REVOKED_get0_serialNumber(one);
	ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(one, NID_crl_reason, NULL, NULL);
	int64_t said = reason ? ASN1_ENUMERATED_get(reason) : 0;
	ASN1_ENUMERATED_free(reason);
	ret->serial = str_dup(
		a, (struct str){ (const char *)ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial) });
	ret->reason = said >= 0 && said < N_REVOCATION_REASONS ? (uint64_t)said : 0;
	if (!ret->serial.n || ret->serial.n > SERIAL_MAX || ASN1_STRING_type(serial) != V_ASN1_INTEGER ||
	    !time_of(X509_REVOKED_get0_revocationDate(one), &ret->at) || ret->at < 0)
		return "an entry is malformed";
	return NULL;
}

static const char *read_entries(struct arena *a, X509_CRL *list, struct crl_fields *ret)
{
	STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(list);
	int n = MAX(sk_X509_REVOKED_num(revoked), 0);
	if (n > CRL_ENTRIES_MAX)
		return "it has too many entries";
	struct crl_entry *entries = ARENA_ARRAY(a, struct crl_entry, (size_t)n);
	for (int i = 0; i < n; i++) {
		struct crl_entry *entry = &entries[ret->n];
		const char *wrong = read_entry(a, sk_X509_REVOKED_value(revoked, i), entry);
		if (wrong)
			return wrong;
		ret->n += entry->reason != CRL_REASON_REMOVE_FROM_CRL;
	}
	ret->entries = entries;
	return NULL;
}

const char *crl_read(struct arena *a, struct str der, X509 *issuer, struct crl_fields *ret)
{
	const unsigned char *p = (const unsigned char *)der.p;
	X509_CRL *list = der.n ? d2i_X509_CRL(NULL, &p, (long)der.n) : NULL;
	ASN1_INTEGER *number = list ? X509_CRL_get_ext_d2i(list, NID_crl_number, NULL, NULL) : NULL;
	const char *wrong = NULL;
	*ret = (struct crl_fields){ 0 };
	if (!list)
		wrong = "it is not a list of revoked certificates";
	else if (X509_CRL_verify(list, X509_get0_pubkey(issuer)) != 1)
		wrong = "the authority did not sign it";
	else if (X509_CRL_get_ext_by_NID(list, NID_delta_crl, -1) >= 0 ||
		 X509_CRL_get_ext_by_NID(list, NID_issuing_distribution_point, -1) >= 0)
		wrong = "it is a delta or a part of a list";
	else if (!number || ASN1_INTEGER_get_uint64(&ret->number, number) != 1 || ret->number > INT64_MAX)
		wrong = "its number is absent, or beyond 63 bits";
	else if (!time_of(X509_CRL_get0_lastUpdate(list), &ret->now))
		wrong = "its times are malformed";
	else
		wrong = read_entries(a, list, ret);
	ASN1_INTEGER_free(number);
	X509_CRL_free(list);
	return wrong;
}

const char *crl_refused(struct str der, X509 *issuer, int64_t now)
{
	enum { SKEW = 300 };
	const unsigned char *p = (const unsigned char *)der.p;
	X509_CRL *list = der.n ? d2i_X509_CRL(NULL, &p, (long)der.n) : NULL;
	const char *wrong = NULL;
	int64_t made, next;
	if (!list)
		return "it is not a list of revoked certificates";
	if (X509_CRL_verify(list, X509_get0_pubkey(issuer)) != 1)
		wrong = "the authority did not sign it";
	else if (!time_of(X509_CRL_get0_lastUpdate(list), &made) || !time_of(X509_CRL_get0_nextUpdate(list), &next))
		wrong = "its times are malformed";
	else if (made > now + SKEW || next <= now)
		wrong = "it does not hold now";
	X509_CRL_free(list);
	return wrong;
}
