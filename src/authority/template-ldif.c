/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/template-ldif.h"

#include "authority/duration.h"
#include "authority/template-fields.h"
#include "base/vec.h"
#include "doc/json.h"
#include "pki/request.h"

struct value {
	struct str attribute, value;
};

/* One object of the export. */
struct entry {
	struct arena *arena;
	VEC(struct value) values;
	VEC(struct str) notes;
};

/* LDIF */

/* A line with those that continue it, which begin with a blank. */
static bool next_line(struct arena *a, struct str *rest, struct str *ret, uint32_t *line)
{
	struct str more;
	if (!str_cut(rest, '\n', ret))
		return false;
	++*line;
	if (str_ends(*ret, "\r"))
		ret->n--;
	if (!rest->n || rest->p[0] != ' ')
		return true;
	struct out o = out_memory(2 * LDIF_VALUE_MAX);
	out_str(&o, *ret);
	while (rest->n && rest->p[0] == ' ' && str_cut(rest, '\n', &more)) {
		++*line;
		if (str_ends(more, "\r"))
			more.n--;
		out_str(&o, str_skip(more, 1));
	}
	*ret = o.error ? NO_STR : str_dup(a, out_view(&o));
	bool ok = !o.error;
	out_free(&o);
	if (!ok)
		*ret = STR(":"); /* too long: no attribute */
	return true;
}

/* "name: text", "name:: base64"; a URL in place of a value is not followed. */
static const char *read_value(struct entry *e, struct str line)
{
	size_t colon = str_find(line, ':');
	if (colon == SIZE_MAX || colon == 0)
		return "expected an attribute and a colon, or a value that is too long";
	struct value *value = VEC_ADD(e->arena, &e->values);
	struct str rest = str_skip(line, colon + 1);
	value->attribute =
		str_first(line, str_find(str_first(line, colon), ';') == SIZE_MAX ? colon : str_find(line, ';'));
	if (str_starts(rest, "<"))
		return "a value in another file is not read";
	if (!str_starts(rest, ":"))
		value->value = str_trim(rest);
	else if (!base64_read(e->arena, str_skip(rest, 1), LDIF_VALUE_MAX, &value->value))
		return "the value is not base64, or too long";
	return value->value.n > LDIF_VALUE_MAX ? "the value is too long" : NULL;
}

static struct str get(const struct entry *e, const char *attribute)
{
	for (size_t i = 0; i < e->values.n; i++)
		if (str_iis(e->values.v[i].attribute, attribute))
			return e->values.v[i].value;
	return NO_STR;
}

static bool has(const struct entry *e, const char *attribute, const char *value)
{
	for (size_t i = 0; i < e->values.n; i++)
		if (str_iis(e->values.v[i].attribute, attribute) && str_iis(e->values.v[i].value, value))
			return true;
	return false;
}

/* Numbers of a directory are signed: flags above 2^31 are negative. */
static uint32_t number(const struct entry *e, const char *attribute)
{
	struct str text = get(e, attribute);
	uint64_t n;
	if (str_starts(text, "-") && str_to_u64(str_skip(text, 1), (uint64_t)1 << 31, &n))
		return (uint32_t)(0 - n);
	return str_to_u64(text, UINT32_MAX, &n) ? (uint32_t)n : 0;
}

/* A negative number of 100 nanoseconds, 8 bytes, the lowest first (MS-CRTD 2.2). */
static uint64_t period(const struct entry *e, const char *attribute)
{
	enum { TICKS = 10000000 };
	struct str bytes = get(e, attribute);
	uint64_t n = 0;
	if (bytes.n != 8)
		return 0;
	for (size_t i = 8; i-- > 0;)
		n = n << 8 | (uint8_t)bytes.p[i];
	return (0 - n) / TICKS;
}

static void note(struct entry *e, const char *fmt, ...) PRINTF(2, 3);
static void note(struct entry *e, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	*VEC_ADD(e->arena, &e->notes) = str_of(arena_vprintf(e->arena, fmt, ap));
	va_end(ap);
}

/* Flags: what each became */

struct flag_row {
	uint32_t bits;
	const char *name; /* as MS-CRTD has it, without its prefix */
	const char *key;  /* the key that becomes true; NULL: none */
	const char *fate; /* in words */
};

static const struct flag_row name_flags[] = {
	{ 0x00000001, "ENROLLEE_SUPPLIES_SUBJECT", NULL, "subject: supplied" },
	{ 0x00000008, "OLD_CERT_SUPPLIES_SUBJECT_AND_ALT_NAME", "reuse-subject", "reuse-subject: true" },
	{ 0x00010000, "ENROLLEE_SUPPLIES_SUBJECT_ALT_NAME", NULL, "nothing: authorities ignore it" },
	{ 0x00080000, "NO_SECURITY_EXTENSION", NULL,
	  "nothing: the security identifier of an account is written all the same (ESC9)" },
	{ 0x00400000, "SUBJECT_ALT_REQUIRE_DOMAIN_DNS", NULL, "lost: the account's DNS name is the only one" },
	{ 0x00800000, "SUBJECT_ALT_REQUIRE_SPN", NULL, "lost: accounts have no service principal names" },
	{ 0x01000000, "SUBJECT_ALT_REQUIRE_DIRECTORY_GUID", NULL, "lost: there is no directory" },
	{ 0x02000000, "SUBJECT_ALT_REQUIRE_UPN", NULL, "lost: accounts have no user principal name" },
	{ 0x04000000, "SUBJECT_ALT_REQUIRE_EMAIL", NULL, "lost: accounts have no e-mail address" },
	{ 0x08000000, "SUBJECT_ALT_REQUIRE_DNS", NULL, "subject: account, of machines with their DNS name" },
	{ 0x10000000, "SUBJECT_REQUIRE_DNS_AS_CN", NULL, "subject: account, of machines with their DNS name" },
	{ 0x20000000, "SUBJECT_REQUIRE_EMAIL", NULL, "lost: accounts have no e-mail address" },
	{ 0x40000000, "SUBJECT_REQUIRE_COMMON_NAME", NULL, "subject: account, its name as the common name" },
	{ 0x80000000, "SUBJECT_REQUIRE_DIRECTORY_PATH", NULL, "lost: the common name alone is the subject" },
};

static const struct flag_row enrolment_flags[] = {
	{ 0x00000001, "INCLUDE_SYMMETRIC_ALGORITHMS", NULL, "lost: capabilities of S/MIME are not written" },
	{ 0x00000002, "PEND_ALL_REQUESTS", "approval", "approval: true" },
	{ 0x00000004, "PUBLISH_TO_KRA_CONTAINER", NULL, "nothing: there is no directory" },
	{ 0x00000008, "PUBLISH_TO_DS", NULL, "nothing: there is no directory" },
	{ 0x00000010, "AUTO_ENROLLMENT_CHECK_USER_DS_CERTIFICATE", NULL, "nothing: there is no directory" },
	{ 0x00000020, "AUTO_ENROLLMENT", NULL, "nothing yet: name the accounts in autoenrol:" },
	{ 0x00000040, "PREVIOUS_APPROVAL_VALIDATE_REENROLLMENT", "previous-approval", "previous-approval: true" },
	{ 0x00000100, "USER_INTERACTION_REQUIRED", NULL, "lost: clients are not told to ask" },
	{ 0x00000400, "REMOVE_INVALID_CERTIFICATE_FROM_PERSONAL_STORE", NULL, "lost: clients keep them" },
	{ 0x00000800, "ALLOW_ENROLL_ON_BEHALF_OF", NULL, "nothing: nobody enrols on behalf of others" },
	{ 0x00001000, "ADD_OCSP_NOCHECK", "ocsp-no-check", "ocsp-no-check: true" },
	{ 0x00002000, "ENABLE_KEY_REUSE_ON_NT_TOKEN_KEYSET_STORAGE_FULL", NULL, "lost: a matter of smart cards" },
	{ 0x00004000, "NOREVOCATIONINFOINISSUEDCERTS", "no-revocation", "no-revocation: true" },
	{ 0x00008000, "INCLUDE_BASIC_CONSTRAINTS_FOR_EE_CERTS", "basic-constraints", "basic-constraints: true" },
	{ 0x00010000, "ALLOW_PREVIOUS_APPROVAL_KEYBASEDRENEWAL_VALIDATE_REENROLLMENT", "key-based-renewal",
	  "key-based-renewal: true" },
	{ 0x00020000, "ISSUANCE_POLICIES_FROM_REQUEST", NULL,
	  "nothing: policies of a request are never taken (ESC13)" },
	{ 0x00040000, "SKIP_AUTO_RENEWAL", NULL, "lost: clients may renew by themselves" },
};

static const struct flag_row key_flags[] = {
	{ 0x00000001, "REQUIRE_PRIVATE_KEY_ARCHIVAL", NULL, "lost: keys are not archived" },
	{ 0x00000010, "EXPORTABLE_KEY", "exportable", "exportable: true" },
	{ 0x00000020, "STRONG_KEY_PROTECTION_REQUIRED", NULL, "lost: clients are not told to protect the key" },
	{ 0x00000040, "REQUIRE_ALTERNATE_SIGNATURE_ALGORITHM", NULL, "lost: the authority signs as its key does" },
	{ 0x00000080, "REQUIRE_SAME_KEY_RENEWAL", "same-key", "same-key: true" },
	{ 0x00000100, "USE_LEGACY_PROVIDER", NULL, "nothing: providers: names them" },
	{ 0x00007e00, "ATTEST and EK", NULL, "lost: the attestation of a TPM is not checked" },
	{ 0x000f0000, "the version of the authority", NULL, "nothing: the template is shown to every client" },
	{ 0x0f000000, "the version of clients", NULL, "nothing: the template is shown to every client" },
};

static const struct flag_row general_flags[] = {
	{ 0x00000020, "AUTO_ENROLLMENT", NULL, "nothing: msPKI-Enrollment-Flag says it" },
	{ 0x00000040, "MACHINE_TYPE", "machine", "machine: true" },
	{ 0x00000080, "IS_CA", NULL, "refused" },
	{ 0x00000200, "ADD_TEMPLATE_NAME", NULL, "nothing: the schema decides how the template is named" },
	{ 0x00000800, "IS_CROSS_CA", NULL, "refused" },
	{ 0x00001000, "DONOTPERSISTINDB", NULL, "nothing: every certificate is in the store" },
	{ 0x00010000, "IS_DEFAULT", NULL, "nothing: it has no meaning outside of a directory" },
	{ 0x00020000, "IS_MODIFIED", NULL, "nothing: it has no meaning outside of a directory" },
};

static void put_flags(struct entry *e, struct out *o, const char *attribute, uint32_t flags,
		      const struct flag_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!(flags & rows[i].bits))
			continue;
		note(e, "%s 0x%x, %s: %s", attribute, flags & rows[i].bits, rows[i].name, rows[i].fate);
		if (rows[i].key)
			out_printf(o, "%s: true\n", rows[i].key);
		flags &= ~rows[i].bits;
	}
	if (flags)
		note(e, "%s 0x%x: lost: unknown", attribute, flags);
}

/* Values */

static void put_text(struct out *o, const char *key, struct str text)
{
	out_printf(o, "%s: ", key);
	json_quote(o, text);
	out_char(o, '\n');
}

/* A list of the values of an attribute, each as a word or without what stands before its comma. */
static size_t put_list(struct entry *e, struct out *o, const char *key, const char *attribute, bool ekus)
{
	size_t n = 0;
	for (size_t i = 0; i < e->values.n; i++) {
		struct str value = e->values.v[i].value;
		if (!str_iis(e->values.v[i].attribute, attribute))
			continue;
		size_t comma = ekus ? SIZE_MAX : str_find(value, ',');
		if (comma != SIZE_MAX)
			value = str_skip(value, comma + 1);
		out_printf(o, n++ ? ", " : "%s: [", key);
		json_quote(o, ekus ? eku_word(value) : value);
	}
	if (n)
		out_text(o, "]\n");
	return n;
}

static const char *put_usages(struct entry *e, struct out *o)
{
	static const char *const words[] = { "digital-signature",
					     "non-repudiation",
					     "key-encipherment",
					     "data-encipherment",
					     "key-agreement",
					     "",
					     "",
					     "encipher-only" };
	struct str bytes = get(e, "pKIKeyUsage");
	size_t n = 0;
	if (bytes.n == 0)
		return NULL;
	if ((uint8_t)bytes.p[0] & (KU_KEY_CERT_SIGN | KU_CRL_SIGN))
		return "its key usage is that of an authority";
	out_text(o, "usages: [");
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if ((uint8_t)bytes.p[0] & 0x80 >> i)
			out_printf(o, "%s%s", n++ ? ", " : "", words[i]);
	if (bytes.n > 1 && (uint8_t)bytes.p[1] & 0x80)
		out_printf(o, "%sdecipher-only", n++ ? ", " : "");
	out_text(o, "]\n");
	return NULL;
}

/* Templates of later schemas have it among other things in one value, between back quotes (MS-CRTD 2.23). */
static bool put_key(struct entry *e, struct out *o, uint32_t schema)
{
	static const struct {
		const char *name, *key;
	} kinds[] = { { "ECDSA_P256", "p-256" }, { "ECDSA_P384", "p-384" }, { "ECDSA_P521", "p-521" },
		      { "ECDH_P256", "p-256" },  { "ECDH_P384", "p-384" },  { "ECDH_P521", "p-521" } };
	struct str policies = get(e, "msPKI-RA-Application-Policies");
	uint32_t bits = number(e, "msPKI-Minimal-Key-Size"), spec = number(e, "pKIDefaultKeySpec");
	for (size_t i = 0; schema > 2 && i < ARRAY_LEN(kinds); i++) {
		struct str what = str_printf(e->arena, "`%s`", kinds[i].name);
		if (str_find_text(policies, what) == SIZE_MAX)
			continue;
		out_printf(o, "key: %s\n", kinds[i].key);
		return true;
	}
	if (bits < 2048)
		note(e, "msPKI-Minimal-Key-Size %u: key-bits: 2048, the least", bits);
	out_printf(o, "key-bits: %u\n", MAX(bits, 2048u));
	if (spec == 1 || spec == 2)
		out_printf(o, "key-spec: %u\n", spec);
	return true;
}

static struct str name_of(struct entry *e)
{
	struct str cn = get(e, "cn");
	if (!cn.n || str_is_name(cn))
		return cn;
	char *name = arena_memdup(e->arena, cn.p, cn.n);
	for (size_t i = 0; i < cn.n; i++)
		if (!char_in(name[i], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"))
			name[i] = '-';
	note(e, "cn \"%.*s\": the name is %.*s", STR_ARG(str_shown(e->arena, cn)), (int)cn.n, name);
	return (struct str){ name, cn.n };
}

static const char *put_template(struct entry *e, struct out *o, struct str name)
{
	uint32_t schema = number(e, "msPKI-Template-Schema-Version"), general = number(e, "flags"),
		 names = number(e, "msPKI-Certificate-Name-Flag"), enrolment = number(e, "msPKI-Enrollment-Flag"),
		 signatures = number(e, "msPKI-RA-Signature");
	uint64_t validity = period(e, "pKIExpirationPeriod"), renewal = period(e, "pKIOverlapPeriod");
	const bool supplied = names & 0x1;
	if (!str_is_name(name))
		return "its name is not one";
	if (general & 0x880)
		return "it is for authorities";
	if (!template_oid_ok(get(e, "msPKI-Cert-Template-OID")))
		return "it has no object identifier whose arcs are below 4294967296";
	if (validity < 60 || validity > DURATION_MAX || renewal < 60 || renewal >= validity)
		return "its validity or its renewal period is malformed";
	out_printf(o, "name: \"%.*s\"\n", STR_ARG(name));
	if (get(e, "displayName").n)
		put_text(o, "display", get(e, "displayName"));
	put_text(o, "oid", get(e, "msPKI-Cert-Template-OID"));
	out_printf(o, "schema: %u\nmajor-version: %u\nminor-version: %u\n", MIN(MAX(schema, 1u), 4u),
		   MAX(number(e, "revision"), 1u), number(e, "msPKI-Template-Minor-Revision"));
	out_printf(o, "validity: %.*s\n", STR_ARG(duration_text(e->arena, validity / 60 * 60)));
	out_printf(o, "renewal: %.*s\n", STR_ARG(duration_text(e->arena, renewal / 60 * 60)));
	put_key(e, o, schema);
	put_list(e, o, "providers", "pKIDefaultCSPs", false);
	const char *wrong = put_usages(e, o);
	if (wrong)
		return wrong;
	if (!put_list(e, o, "ekus", "pKIExtendedKeyUsage", true))
		put_list(e, o, "ekus", "msPKI-Certificate-Application-Policy", true);
	out_printf(o, "subject: %s\n", supplied ? "supplied" : "account");
	if (supplied)
		out_text(o, "names: dns\n");
	if (supplied)
		note(e, "the kinds of names that requests supply are not in an export: names: dns is assumed to be "
			"enough");
	put_flags(e, o, "msPKI-Certificate-Name-Flag", names & (supplied ? ~0u : ~0x8u), name_flags,
		  ARRAY_LEN(name_flags));
	put_flags(e, o, "msPKI-Enrollment-Flag", enrolment, enrolment_flags, ARRAY_LEN(enrolment_flags));
	put_flags(e, o, "msPKI-Private-Key-Flag", number(e, "msPKI-Private-Key-Flag"), key_flags, ARRAY_LEN(key_flags));
	put_flags(e, o, "flags", general, general_flags, ARRAY_LEN(general_flags));
	if (signatures) {
		note(e, "msPKI-RA-Signature %u: lost: signatures of registration authorities; approval: true instead",
		     signatures);
		if (!(enrolment & 0x2))
			out_text(o, "approval: true\n");
	}
	if (get(e, "msPKI-Certificate-Policy").n)
		note(e, "msPKI-Certificate-Policy: lost: certificate policies are not written");
	note(e, "rights are not in an export: name the accounts in enrol:");
	return NULL;
}

static void import(struct arena *a, struct entry *e, struct imported_template *ret)
{
	struct out body = out_memory(LDIF_VALUE_MAX * 4), whole = out_memory(LDIF_VALUE_MAX * 8);
	ret->name = name_of(e);
	ret->refused = put_template(e, &body, ret->name);
	if (body.error)
		ret->refused = "it is too long";
	ret->notes = e->notes.v;
	ret->n_notes = e->notes.n;
	for (size_t i = 0; i < e->notes.n; i++)
		out_printf(&whole, "# %.*s\n", STR_ARG(str_shown(a, e->notes.v[i])));
	out_str(&whole, out_view(&body));
	ret->yaml = str_dup(a, out_view(&whole));
	out_free(&body);
	out_free(&whole);
}

bool templates_import(struct arena *a, const struct source *s, struct imported_templates *ret, struct diag *d)
{
	VEC(struct imported_template) all = { 0 };
	struct str rest = s->text, line;
	struct entry e = { .arena = a };
	uint32_t n = 0;
	bool more = true;
	while (more) {
		more = next_line(a, &rest, &line, &n);
		if (more && line.n && line.p[0] != '#') {
			const char *wrong = read_value(&e, line);
			if (wrong)
				return diag_error(d, loc_line(s, n), "%s", wrong);
			continue;
		}
		if (more && line.n)
			continue; /* a comment */
		if (has(&e, "objectClass", "pKICertificateTemplate")) {
			if (all.n == LDIF_TEMPLATES_MAX)
				return diag_error(d, loc_line(s, n), "more than %d templates", LDIF_TEMPLATES_MAX);
			import(a, &e, VEC_ADD(a, &all));
		}
		e = (struct entry){ .arena = a };
	}
	*ret = (struct imported_templates){ all.v, all.n };
	return true;
}
