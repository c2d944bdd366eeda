/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/template-fields.h"

#include "authority/duration.h"
#include "base/names.h"
#include "doc/rows.h"

const char *const template_key_words[N_KEYS] = { "rsa", "p-256", "p-384", "p-521" };
const char *const template_subject_words[N_SUBJECTS] = { "supplied", "account" };

static const struct {
	const char *word, *oid;
} ekus[] = {
	{ "client-authentication", EKU_CLIENT_AUTH },
	{ "server-authentication", EKU_SERVER_AUTH },
	{ "code-signing", "1.3.6.1.5.5.7.3.3" },
	{ "secure-email", "1.3.6.1.5.5.7.3.4" },
	{ "time-stamping", "1.3.6.1.5.5.7.3.8" },
	{ "ocsp-signing", "1.3.6.1.5.5.7.3.9" },
	{ "ip-security-ike", "1.3.6.1.5.5.8.2.2" },
	{ "kdc-authentication", "1.3.6.1.5.2.3.5" },
	{ "pkinit-client", EKU_PKINIT_CLIENT },
	{ "smart-card-logon", EKU_SMART_CARD_LOGON },
	{ "enrolment-agent", EKU_ENROLMENT_AGENT },
	{ "remote-desktop", "1.3.6.1.4.1.311.54.1.2" },
	{ "any-purpose", EKU_ANY },
};

static const struct {
	const char *word;
	uint64_t bit;
} usages[] = {
	{ "digital-signature", KU_DIGITAL_SIGNATURE }, { "non-repudiation", KU_NON_REPUDIATION },
	{ "key-encipherment", KU_KEY_ENCIPHERMENT },   { "data-encipherment", KU_DATA_ENCIPHERMENT },
	{ "key-agreement", KU_KEY_AGREEMENT },         { "encipher-only", KU_ENCIPHER_ONLY },
	{ "decipher-only", KU_DECIPHER_ONLY },
};

/* Digits and points, at least two arcs, none empty. */
static bool arcs_ok(struct str oid, uint64_t most)
{
	struct str arc;
	uint64_t n;
	size_t arcs = 0;
	if (oid.n == 0 || oid.n > 128 || oid.p[oid.n - 1] == '.')
		return false;
	for (; str_cut(&oid, '.', &arc); arcs++)
		if (arc.n == 0 || (arc.n > 1 && arc.p[0] == '0') || !str_to_u64(arc, most, &n) || (arcs == 0 && n > 2))
			return false;
	return arcs >= 2;
}

bool template_oid_ok(struct str oid)
{
	return arcs_ok(oid, UINT32_MAX);
}

struct str eku_oid(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(ekus); i++)
		if (str_is(word, ekus[i].word))
			return str_of(ekus[i].oid);
	return arcs_ok(word, INT64_MAX) ? word : NO_STR;
}

struct str eku_word(struct str oid)
{
	for (size_t i = 0; i < ARRAY_LEN(ekus); i++)
		if (str_is(oid, ekus[i].oid))
			return str_of(ekus[i].word);
	return oid;
}

uint64_t usage_bit(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(usages); i++)
		if (str_is(word, usages[i].word))
			return usages[i].bit;
	return 0;
}

#define TEMPLATE_NUMBER(name_, member, least, most_, sentence)                                                 \
	{                                                                                                      \
		.key = name_, .type = FIELD_NUMBER, .offset = offsetof(struct template, member), .min = least, \
		.max = most_, .help = sentence                                                                 \
	}

static const struct field template_fields[] = {
	NEEDED(template, "name", FIELD_NAME, name, "The short name, which requests use."),
	ROW(template, "display", FIELD_TEXT, display, "The name that people see; default: the short name."),
	NEEDED(template, "oid", FIELD_TEXT, oid, "Its object identifier; each arc is below 4294967296."),
	TEMPLATE_NUMBER("schema", schema, 1, 4, "The schema version of the template; default 2."),
	TEMPLATE_NUMBER("major-version", major, 1, INT32_MAX, "Its major version; default 100."),
	TEMPLATE_NUMBER("minor-version", minor, 0, INT32_MAX, "Its minor version, raised at each change; default 0."),
	CUSTOM(template, "validity", validity, decode_duration, DURATION_SCHEMA,
	       "How long certificates are valid; required."),
	CUSTOM(template, "renewal", renewal, decode_duration, DURATION_SCHEMA,
	       "How long before the end they may be renewed; required."),
	CHOICE(template, "key", key, template_key_words, "The kind of key; default rsa."),
	TEMPLATE_NUMBER("key-bits", key_bits, 2048, 8192, "The least length of an RSA key; default 2048."),
	ROW(template, "machine", FIELD_FLAG, machine, "Windows keeps the key in the store of the computer."),
	ROW(template, "exportable", FIELD_FLAG, exportable, "Windows lets the key be exported."),
	ROW(template, "providers", FIELD_TEXTS, providers,
	    "The key providers of Windows that may be used, the best first."),
	TEMPLATE_NUMBER("key-spec", key_spec, 0, 2, "1 for exchange, 2 for signature, 0 for a key storage provider."),
	ROW(template, "usages", FIELD_NAMES, usages, "Key usages, such as digital-signature and key-encipherment."),
	ROW(template, "ekus", FIELD_NAMES, ekus, "Extended key usages by name or object identifier."),
	CHOICE(template, "subject", subject, template_subject_words,
	       "Who gives subject and names: supplied in the request, or from the account; required."),
	ROW(template, "reuse-subject", FIELD_FLAG, reuse_subject,
	    "On renewal the subject and the names of the old certificate are used."),
	ROW(template, "names", FIELD_NAMES, alternatives,
	    "The kinds of names that a request may supply: dns, email, uri, ip, upn."),
	ROW(template, "wildcards", FIELD_FLAG, wildcards, "A DNS name may begin with an asterisk."),
	ROW(template, "allow-list", FIELD_FLAG, allow_list,
	    "Each supplied name has to be in the account's list of allowed names."),
	ROW(template, "approval", FIELD_FLAG, approval, "An operator decides about each new request."),
	ROW(template, "previous-approval", FIELD_FLAG, previous_approval,
	    "A valid certificate of the template is enough to renew without approval."),
	ROW(template, "key-based-renewal", FIELD_FLAG, key_based_renewal,
	    "The old certificate alone is the identity of a renewal."),
	ROW(template, "same-key", FIELD_FLAG, same_key, "A renewal has to keep its key."),
	ROW(template, "sha1-requests", FIELD_FLAG, sha1_requests, "Requests may be signed with SHA-1."),
	ROW(template, "basic-constraints", FIELD_FLAG, basic_constraints,
	    "Clients are told that basic constraints are included."),
	ROW(template, "no-revocation", FIELD_FLAG, no_revocation, "Certificates name no CRL and no OCSP address."),
	ROW(template, "ocsp-no-check", FIELD_FLAG, ocsp_no_check, "Certificates are not to be checked by OCSP."),
	ROW(template, "read", FIELD_TEXTS, read, "Accounts that see it, @groups, or \"*\"; default: those that enrol."),
	ROW(template, "enrol", FIELD_TEXTS, enrol, "Accounts that may enrol, @groups, or \"*\" for every account."),
	ROW(template, "autoenrol", FIELD_TEXTS, autoenrol, "Accounts that are told to enrol by themselves."),
	TEMPLATE_NUMBER("most-a-day", most_a_day, 1, 1000000,
			"Certificates that one account, or one line of renewals, gets in 24 hours; default 5."),
};
const struct record template_record =
	RECORD(template, "a template", template_fields, NO_OFFSET, offsetof(struct template, at));
