/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/names.h"

#include <openssl/objects.h>

#include "base/out.h"
#include "base/vec.h"
#include "pki/der.h"

enum { OID_MAX = 128, DNS_NAME_MAX = 253, DNS_LABEL_MAX = 63 };

const char *const alternative_words[N_ALTERNATIVES] = { "dns", "email", "uri", "ip", "upn", "other" };

static struct str oid_text(struct arena *a, const ASN1_OBJECT *o)
{
	char text[OID_MAX];
	int n = OBJ_obj2txt(text, sizeof text, o, 1);
	return n > 0 && n < (int)sizeof text ? str_dup(a, str_of(text)) : NO_STR;
}

/* No value may hold a NUL or another control character: what reads it may stop there. */
static bool value_ok(struct str s)
{
	if (s.n == 0 || s.n > NAME_VALUE_MAX || !str_is_utf8(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return true;
}

const char *subject_of(struct arena *a, const X509_NAME *name, struct subject_parts *ret)
{
	int n = X509_NAME_entry_count(name);
	if (n > SUBJECT_PARTS_MAX)
		return "a subject of too many parts";
	*ret = (struct subject_parts){ ARENA_ARRAY(a, struct subject_part, (size_t)n), (size_t)n };
	for (int i = 0; i < n; i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
		unsigned char *utf8 = NULL;
		struct subject_part *part = &ret->v[i];
		if (i > 0 && X509_NAME_ENTRY_set(entry) == X509_NAME_ENTRY_set(X509_NAME_get_entry(name, i - 1)))
			return "a subject with several attributes in one RDN";
		part->oid = oid_text(a, X509_NAME_ENTRY_get_object(entry));
		int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
		if (length >= 0)
			part->value = (struct str){ arena_memdup(a, utf8, (size_t)length), (size_t)length };
		OPENSSL_free(utf8);
		if (!part->oid.p || length < 0 || !value_ok(part->value))
			return "a subject with a part that is empty, too long, or not text";
	}
	return NULL;
}

static struct str der_of(struct arena *a, const GENERAL_NAME *g)
{
	unsigned char *der = NULL;
	int n = i2d_GENERAL_NAME(g, &der);
	return der_taken(a, der, n);
}

static struct str asn1_text(struct arena *a, const ASN1_STRING *s)
{
	size_t n = (size_t)ASN1_STRING_length(s);
	return (struct str){ arena_memdup(a, ASN1_STRING_get0_data(s), n), n };
}

static bool is_upn(const GENERAL_NAME *g)
{
	return g->type == GEN_OTHERNAME && OBJ_obj2nid(g->d.otherName->type_id) == NID_ms_upn &&
	       g->d.otherName->value->type == V_ASN1_UTF8STRING;
}

static struct alternative alternative_of(struct arena *a, const GENERAL_NAME *g)
{
	switch (g->type) {
	case GEN_DNS:
		return (struct alternative){ ALTERNATIVE_DNS, asn1_text(a, g->d.dNSName) };
	case GEN_EMAIL:
		return (struct alternative){ ALTERNATIVE_EMAIL, asn1_text(a, g->d.rfc822Name) };
	case GEN_URI:
		return (struct alternative){ ALTERNATIVE_URI, asn1_text(a, g->d.uniformResourceIdentifier) };
	case GEN_IPADD:
		return (struct alternative){ ALTERNATIVE_IP, asn1_text(a, g->d.iPAddress) };
	default:
		if (is_upn(g))
			return (struct alternative){ ALTERNATIVE_UPN,
						     asn1_text(a, g->d.otherName->value->value.utf8string) };
		return (struct alternative){ ALTERNATIVE_OTHER, der_of(a, g) };
	}
}

const char *alternatives_of(struct arena *a, const GENERAL_NAMES *names, struct alternatives *ret)
{
	int n = names ? sk_GENERAL_NAME_num(names) : 0;
	if (n > ALTERNATIVES_MAX)
		return "too many alternative names";
	*ret = (struct alternatives){ ARENA_ARRAY(a, struct alternative, (size_t)n), (size_t)n };
	for (int i = 0; i < n; i++) {
		struct alternative *s = &ret->v[i];
		*s = alternative_of(a, sk_GENERAL_NAME_value(names, i));
		if (s->kind == ALTERNATIVE_IP      ? s->value.n != 4 && s->value.n != 16
		    : s->kind == ALTERNATIVE_OTHER ? s->value.n == 0 || s->value.n > NAME_VALUE_MAX
						   : !value_ok(s->value))
			return "an alternative name that is empty, too long, or not text";
	}
	return NULL;
}

X509_NAME *subject_made(const struct subject_parts *s)
{
	X509_NAME *name = X509_NAME_new();
	bool ok = name != NULL;
	for (size_t i = 0; ok && i < s->n; i++) {
		char oid[OID_MAX];
		snprintf(oid, sizeof oid, "%.*s", STR_ARG(s->v[i].oid));
		ASN1_OBJECT *type = OBJ_txt2obj(oid, 1);
		ok = type && value_ok(s->v[i].value) &&
		     X509_NAME_add_entry_by_OBJ(name, type, MBSTRING_UTF8, (const unsigned char *)s->v[i].value.p,
						(int)s->v[i].value.n, -1, 0) == 1;
		ASN1_OBJECT_free(type);
	}
	if (ok)
		return name;
	X509_NAME_free(name);
	return NULL;
}

static ASN1_STRING *string_made(int type, struct str s)
{
	ASN1_STRING *made = ASN1_STRING_type_new(type);
	if (made && ASN1_STRING_set(made, s.p, (int)s.n) == 1)
		return made;
	ASN1_STRING_free(made);
	return NULL;
}

static GENERAL_NAME *upn_made(struct str s)
{
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_TYPE *value = ASN1_TYPE_new();
	ASN1_STRING *text = string_made(V_ASN1_UTF8STRING, s);
	if (!g || !value || !text) {
		GENERAL_NAME_free(g);
		ASN1_TYPE_free(value);
		ASN1_STRING_free(text);
		return NULL;
	}
	ASN1_TYPE_set(value, V_ASN1_UTF8STRING, text);
	if (GENERAL_NAME_set0_othername(g, OBJ_nid2obj(NID_ms_upn), value) == 1)
		return g;
	GENERAL_NAME_free(g);
	ASN1_TYPE_free(value);
	return NULL;
}

static GENERAL_NAME *alternative_made(const struct alternative *s)
{
	static const struct {
		int type, string;
	} of[N_ALTERNATIVES] = {
		[ALTERNATIVE_DNS] = { GEN_DNS, V_ASN1_IA5STRING },
		[ALTERNATIVE_EMAIL] = { GEN_EMAIL, V_ASN1_IA5STRING },
		[ALTERNATIVE_URI] = { GEN_URI, V_ASN1_IA5STRING },
		[ALTERNATIVE_IP] = { GEN_IPADD, V_ASN1_OCTET_STRING },
	};
	if (s->kind == ALTERNATIVE_UPN)
		return upn_made(s->value);
	if (s->kind > ALTERNATIVE_IP)
		return NULL; /* what is not understood is not signed */
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_STRING *value = string_made(of[s->kind].string, s->value);
	if (g && value) {
		GENERAL_NAME_set0_value(g, of[s->kind].type, value);
		return g;
	}
	GENERAL_NAME_free(g);
	ASN1_STRING_free(value);
	return NULL;
}

GENERAL_NAMES *alternatives_made(const struct alternatives *s)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	for (size_t i = 0; names && i < s->n; i++) {
		GENERAL_NAME *g = alternative_made(&s->v[i]);
		if (!g || sk_GENERAL_NAME_push(names, g) <= 0) {
			GENERAL_NAME_free(g);
			GENERAL_NAMES_free(names);
			return NULL;
		}
	}
	return names;
}

bool subject_eq(const struct subject_parts *a, const struct subject_parts *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!str_eq(a->v[i].oid, b->v[i].oid) || !str_eq(a->v[i].value, b->v[i].value))
			return false;
	return true;
}

static bool alternative_eq(const struct alternative *a, const struct alternative *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == ALTERNATIVE_DNS)
		return str_ieq(a->value, b->value);
	if (a->kind != ALTERNATIVE_EMAIL)
		return str_eq(a->value, b->value);
	size_t at_a = str_find(a->value, '@'), at_b = str_find(b->value, '@');
	return str_eq(str_first(a->value, at_a), str_first(b->value, at_b)) &&
	       str_ieq(str_skip(a->value, at_a), str_skip(b->value, at_b));
}

static bool all_in(const struct alternatives *a, const struct alternatives *b)
{
	for (size_t i = 0; i < a->n; i++) {
		bool found = false;
		for (size_t j = 0; j < b->n && !found; j++)
			found = alternative_eq(&a->v[i], &b->v[j]);
		if (!found)
			return false;
	}
	return true;
}

bool alternatives_eq(const struct alternatives *a, const struct alternatives *b)
{
	return all_in(a, b) && all_in(b, a);
}

static void out_escaped(struct out *o, struct str value)
{
	for (size_t i = 0; i < value.n; i++) {
		if (char_in(value.p[i], ",+\"\\<>;") || (value.p[i] == '#' && i == 0) ||
		    (value.p[i] == ' ' && (i == 0 || i + 1 == value.n)))
			out_char(o, '\\');
		if (value.p[i])
			out_char(o, value.p[i]);
		else
			out_text(o, "\\00"); /* RFC 4514 section 2.4 */
	}
}

struct str subject_text(struct arena *a, const struct subject_parts *s)
{
	struct out o = out_memory(SUBJECT_PARTS_MAX * (OID_MAX + 2 * NAME_VALUE_MAX + 2));
	for (size_t i = 0; i < s->n; i++) {
		int nid = OBJ_txt2nid(cstr(a, s->v[i].oid));
		out_text(&o, i ? "," : "");
		if (nid != NID_undef)
			out_text(&o, OBJ_nid2sn(nid));
		else
			out_str(&o, s->v[i].oid);
		out_char(&o, '=');
		out_escaped(&o, s->v[i].value);
	}
	struct str text = str_dup(a, out_view(&o));
	out_free(&o);
	return text;
}

static struct str address_text(struct arena *a, struct str bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	if (bytes.n == 4)
		return str_printf(a, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]);
	struct str text = NO_STR;
	for (size_t i = 0; i + 1 < bytes.n; i += 2)
		text = str_printf(a, "%.*s%s%x", STR_ARG(text), i ? ":" : "", p[i] << 8 | p[i + 1]);
	return text;
}

struct str alternative_text(struct arena *a, const struct alternative *s)
{
	if (s->kind == ALTERNATIVE_OTHER)
		return str_printf(a, "other (%zu bytes)", s->value.n);
	struct str value = s->kind == ALTERNATIVE_IP ? address_text(a, s->value) : s->value;
	return str_printf(a, "%s:%.*s", alternative_words[s->kind], STR_ARG(value));
}

static bool label_ok(struct str label)
{
	if (label.n == 0 || label.n > DNS_LABEL_MAX || label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++) {
		char c = ascii_lower(label.p[i]);
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

bool dns_name_ok(struct str s, bool wildcard)
{
	struct str rest = wildcard && str_starts(s, "*.") ? str_skip(s, 2) : s, label;
	if (rest.n == 0 || s.n > DNS_NAME_MAX || rest.p[rest.n - 1] == '.')
		return false;
	while (str_cut(&rest, '.', &label))
		if (!label_ok(label))
			return false;
	return true;
}

bool dns_name_below(struct str name, struct str suffix)
{
	if (str_ieq(name, suffix))
		return true;
	return name.n > suffix.n && suffix.n > 0 && name.p[name.n - suffix.n - 1] == '.' &&
	       str_ieq(str_skip(name, name.n - suffix.n), suffix);
}
