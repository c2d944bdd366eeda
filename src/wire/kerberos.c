/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/kerberos.h"

enum {
	VERSION = 5,
	AS_REQ = 10,
	AP_REQ = 14,
	PRIV = 21,
	PA_ETYPE_INFO2 = 19,
	NAME_PRINCIPAL = 1,
	NAME_SERVICE = 2,
	RC4_HMAC = 23
};

static void put_context_integer(struct buffer *to, unsigned context, int64_t value)
{
	size_t place = ber_begin(to, (uint8_t)BER_CONTEXT(context));
	ber_put_integer(to, BER_INTEGER, value);
	ber_end(to, place);
}

/* Realms of Active Directory are written in upper case. */
static void put_upper(struct buffer *to, struct str realm)
{
	size_t text = ber_begin(to, BER_GENERAL_STRING);
	for (size_t i = 0; i < realm.n; i++)
		put_u8(to, (uint8_t)(realm.p[i] >= 'a' && realm.p[i] <= 'z' ? realm.p[i] - 'a' + 'A' : realm.p[i]));
	ber_end(to, text);
}

static void put_realm(struct buffer *to, unsigned context, struct str realm)
{
	size_t place = ber_begin(to, (uint8_t)BER_CONTEXT(context));
	put_upper(to, realm);
	ber_end(to, place);
}

/* A PrincipalName of one part and, if they are not empty, another one and a realm. */
static void put_principal(struct buffer *to, unsigned context, int type, struct str first, struct str second,
			  struct str realm)
{
	size_t place = ber_begin(to, (uint8_t)BER_CONTEXT(context));
	size_t name = ber_begin(to, BER_SEQUENCE);
	put_context_integer(to, 0, type);
	size_t parts = ber_begin(to, BER_CONTEXT(1));
	size_t list = ber_begin(to, BER_SEQUENCE);
	ber_put_string(to, BER_GENERAL_STRING, first);
	if (second.n)
		ber_put_string(to, BER_GENERAL_STRING, second);
	if (realm.n)
		put_upper(to, realm);
	ber_end(to, list);
	ber_end(to, parts);
	ber_end(to, name);
	ber_end(to, place);
}

enum kerberos_parse kerberos_parse(bool stream, const uint8_t *p, size_t n, size_t most, struct str *message,
				   size_t *used)
{
	struct cursor c = cursor_of(p, n);
	size_t length = stream ? get_be32(&c) : n;
	if (c.bad)
		return KERBEROS_MORE;
	if (length > most || length == 0)
		return KERBEROS_NOT;
	if (length > c.n)
		return KERBEROS_MORE;
	*message = get_bytes(&c, length);
	*used = n - c.n;
	return KERBEROS_OK;
}

size_t kerberos_begin(struct buffer *to, bool stream)
{
	return stream ? hole_be32(to) : SIZE_MAX;
}

void kerberos_end(struct buffer *to, size_t place)
{
	if (place != SIZE_MAX)
		fill_be32(to, place, 0);
}

void kerberos_put_as_req(struct buffer *to, struct str principal, struct str realm, uint32_t nonce, bool only_rc4)
{
	static const uint8_t no_options[5] = { 0 };
	static const int encryptions[] = { 18, 17, RC4_HMAC }; /* AES-256, AES-128, RC4 (RFC 3962, RFC 4757) */
	size_t request = ber_begin(to, BER_APPLICATION(10));
	size_t fields = ber_begin(to, BER_SEQUENCE);
	put_context_integer(to, 1, VERSION);
	put_context_integer(to, 2, AS_REQ);
	size_t body = ber_begin(to, BER_CONTEXT(4));
	size_t body_fields = ber_begin(to, BER_SEQUENCE);
	size_t options = ber_begin(to, BER_CONTEXT(0));
	ber_put_string(to, BER_BIT_STRING, (struct str){ (const char *)no_options, sizeof no_options });
	ber_end(to, options);
	put_principal(to, 1, NAME_PRINCIPAL, principal, NO_STR, NO_STR);
	put_realm(to, 2, realm);
	put_principal(to, 3, NAME_SERVICE, STR("krbtgt"), NO_STR, realm);
	size_t till = ber_begin(to, BER_CONTEXT(5));
	ber_put_string(to, BER_GENERALIZED_TIME, STR("20370913024805Z"));
	ber_end(to, till);
	put_context_integer(to, 7, nonce & 0x7fffffff);
	size_t types = ber_begin(to, BER_CONTEXT(8));
	size_t list = ber_begin(to, BER_SEQUENCE);
	for (size_t i = only_rc4 ? ARRAY_LEN(encryptions) - 1 : 0; i < ARRAY_LEN(encryptions); i++)
		ber_put_integer(to, BER_INTEGER, encryptions[i]);
	ber_end(to, list);
	ber_end(to, types);
	ber_end(to, body_fields);
	ber_end(to, body);
	ber_end(to, fields);
	ber_end(to, request);
}

/* EncryptedData of a few zeros. */
static void put_no_secret(struct buffer *to, unsigned context)
{
	static const char zeros[32];
	size_t place = ber_begin(to, (uint8_t)BER_CONTEXT(context));
	size_t fields = ber_begin(to, BER_SEQUENCE);
	put_context_integer(to, 0, 18);
	size_t cipher = ber_begin(to, BER_CONTEXT(2));
	ber_put_string(to, BER_OCTET_STRING, (struct str){ zeros, sizeof zeros });
	ber_end(to, cipher);
	ber_end(to, fields);
	ber_end(to, place);
}

static void put_ap_req(struct buffer *to, struct str realm)
{
	static const uint8_t no_options[5] = { 0 };
	size_t request = ber_begin(to, BER_APPLICATION(14));
	size_t fields = ber_begin(to, BER_SEQUENCE);
	put_context_integer(to, 0, VERSION);
	put_context_integer(to, 1, AP_REQ);
	size_t options = ber_begin(to, BER_CONTEXT(2));
	ber_put_string(to, BER_BIT_STRING, (struct str){ (const char *)no_options, sizeof no_options });
	ber_end(to, options);
	size_t context = ber_begin(to, BER_CONTEXT(3));
	size_t ticket = ber_begin(to, BER_APPLICATION(1));
	size_t ticket_fields = ber_begin(to, BER_SEQUENCE);
	put_context_integer(to, 0, VERSION);
	put_realm(to, 1, realm);
	put_principal(to, 2, NAME_PRINCIPAL, STR("kadmin"), STR("changepw"), NO_STR);
	put_no_secret(to, 3);
	ber_end(to, ticket_fields);
	ber_end(to, ticket);
	ber_end(to, context);
	put_no_secret(to, 4);
	ber_end(to, fields);
	ber_end(to, request);
}

void kerberos_put_kpasswd(struct buffer *to, struct str realm)
{
	size_t start = to->n;
	size_t length = hole_be16(to);
	put_be16(to, 0xff80); /* RFC 3244 2: version of Set Password */
	size_t ap_length = hole_be16(to);
	put_ap_req(to, realm);
	fill_be16(to, ap_length, 0);
	size_t private = ber_begin(to, BER_APPLICATION(21));
	size_t fields = ber_begin(to, BER_SEQUENCE);
	put_context_integer(to, 0, VERSION);
	put_context_integer(to, 1, PRIV);
	put_no_secret(to, 3);
	ber_end(to, fields);
	ber_end(to, private);
	fill_be16(to, length, length - start + 2);
}

/* The parts of a PrincipalName: the first two. */
static void read_principal(struct cursor content, struct str parts[2])
{
	struct cursor name = ber_get(&content, BER_SEQUENCE), list;
	ber_get(&name, BER_CONTEXT(0));
	list = ber_get(&name, BER_CONTEXT(1));
	list = ber_get(&list, BER_SEQUENCE);
	for (unsigned i = 0; i < 2 && list.n; i++)
		parts[i] = ber_get_string(&list, BER_GENERAL_STRING);
}

bool kerberos_read_error(struct str bytes, struct kerberos_error *ret)
{
	struct cursor c = cursor_of(bytes.p, bytes.n), field;
	struct cursor error = ber_get(&c, KERBEROS_ERROR);
	struct cursor fields = ber_get(&error, BER_SEQUENCE);
	bool has_code = false;
	uint8_t tag;
	*ret = (struct kerberos_error){ 0 };
	while (ber_next(&fields, &tag, &field)) {
		switch (tag) {
		case BER_CONTEXT(4):
			ret->has_time = ber_time(ber_get_string(&field, BER_GENERALIZED_TIME), &ret->time);
			break;
		case BER_CONTEXT(6):
			ret->code = ber_get_integer(&field, BER_INTEGER);
			has_code = true;
			break;
		case BER_CONTEXT(7):
			ret->client_realm = ber_get_string(&field, BER_GENERAL_STRING);
			break;
		case BER_CONTEXT(9):
			ret->realm = ber_get_string(&field, BER_GENERAL_STRING);
			break;
		case BER_CONTEXT(10):
			read_principal(field, ret->service);
			break;
		case BER_CONTEXT(11):
			ret->text = ber_get_string(&field, BER_GENERAL_STRING);
			break;
		case BER_CONTEXT(12):
			ret->data = ber_get_string(&field, BER_OCTET_STRING);
			break;
		default:
			break;
		}
		if (field.bad)
			cursor_spoil(&fields);
	}
	return !c.bad && !error.bad && !fields.bad && has_code;
}

bool kerberos_read_kpasswd(struct str bytes, struct kerberos_error *ret)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	size_t length = get_be16(&c);
	uint16_t version = get_be16(&c);
	size_t ap_rep = get_be16(&c);
	return length == bytes.n && (version == 1 || version == 0xff80) && ap_rep == 0 &&
	       kerberos_read_error(get_bytes(&c, c.n), ret);
}

bool kerberos_read_as_req(struct str bytes, struct kerberos_request *ret)
{
	struct cursor c = cursor_of(bytes.p, bytes.n), field;
	struct cursor request = ber_get(&c, BER_APPLICATION(10));
	struct cursor fields = ber_get(&request, BER_SEQUENCE), body = { 0 };
	uint8_t tag;
	*ret = (struct kerberos_request){ 0 };
	while (ber_next(&fields, &tag, &field))
		if (tag == BER_CONTEXT(4))
			body = ber_get(&field, BER_SEQUENCE);
	while (ber_next(&body, &tag, &field)) {
		if (tag == BER_CONTEXT(2))
			ret->realm = ber_get_string(&field, BER_GENERAL_STRING);
		else if (tag == BER_CONTEXT(3))
			read_principal(field, ret->service);
	}
	return !c.bad && !fields.bad && !body.bad && ret->realm.n;
}

void kerberos_put_error(struct buffer *to, int64_t milliseconds, int code, struct str realm, const char *service,
			struct str instance, struct str text)
{
	char time[16];
	ber_time_text(milliseconds, time);
	size_t error = ber_begin(to, KERBEROS_ERROR);
	size_t fields = ber_begin(to, BER_SEQUENCE);
	put_context_integer(to, 0, VERSION);
	put_context_integer(to, 1, 30);
	size_t server_time = ber_begin(to, BER_CONTEXT(4));
	ber_put_string(to, BER_GENERALIZED_TIME, str_of(time));
	ber_end(to, server_time);
	put_context_integer(to, 5, milliseconds % 1000 * 1000);
	put_context_integer(to, 6, code);
	put_realm(to, 9, realm);
	put_principal(to, 10, NAME_SERVICE, str_of(service), instance, NO_STR);
	size_t place = ber_begin(to, BER_CONTEXT(11));
	ber_put_string(to, BER_GENERAL_STRING, text);
	ber_end(to, place);
	ber_end(to, fields);
	ber_end(to, error);
}

bool kerberos_is_kpasswd(struct str bytes)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	size_t length = get_be16(&c);
	uint16_t version = get_be16(&c);
	size_t ap_req = get_be16(&c);
	return !c.bad && length == bytes.n && (version == 1 || version == 0xff80) && ap_req > 0 && ap_req < c.n &&
	       *c.p == BER_APPLICATION(14);
}

/* The entries of the first PA-ETYPE-INFO2 of METHOD-DATA; none when there is none. */
static struct cursor etype_entries(struct str data)
{
	struct cursor c = cursor_of(data.p, data.n);
	struct cursor methods = ber_get(&c, BER_SEQUENCE);
	while (methods.n) {
		struct cursor method = ber_get(&methods, BER_SEQUENCE);
		struct cursor type = ber_get(&method, BER_CONTEXT(1)), value = ber_get(&method, BER_CONTEXT(2));
		if (method.bad || ber_get_integer(&type, BER_INTEGER) != PA_ETYPE_INFO2)
			continue;
		struct str octets = ber_get_string(&value, BER_OCTET_STRING);
		struct cursor inner = cursor_of(octets.p, octets.n);
		return ber_get(&inner, BER_SEQUENCE);
	}
	return cursor_of(NULL, 0);
}

struct str kerberos_salt(struct str data)
{
	struct cursor entries = etype_entries(data), salt;
	if (!entries.n)
		return STR("");
	struct cursor entry = ber_get(&entries, BER_SEQUENCE);
	ber_get(&entry, BER_CONTEXT(0));
	return ber_take(&entry, BER_CONTEXT(1), &salt) ? ber_get_string(&salt, BER_GENERAL_STRING) : STR("");
}

bool kerberos_offers_rc4(struct str data)
{
	struct cursor entries = etype_entries(data);
	while (entries.n) {
		struct cursor entry = ber_get(&entries, BER_SEQUENCE);
		struct cursor type = ber_get(&entry, BER_CONTEXT(0));
		if (ber_get_integer(&type, BER_INTEGER) == RC4_HMAC && !type.bad && !entries.bad)
			return true;
	}
	return false;
}

const char *kerberos_code_name(int64_t code)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{ KDC_ERR_C_PRINCIPAL_UNKNOWN, "KDC_ERR_C_PRINCIPAL_UNKNOWN" },
		{ 7, "KDC_ERR_S_PRINCIPAL_UNKNOWN" },
		{ KDC_ERR_ETYPE_NOSUPP, "KDC_ERR_ETYPE_NOSUPP" },
		{ KDC_ERR_CLIENT_REVOKED, "KDC_ERR_CLIENT_REVOKED" },
		{ KDC_ERR_PREAUTH_REQUIRED, "KDC_ERR_PREAUTH_REQUIRED" },
		{ 29, "KDC_ERR_SVC_UNAVAILABLE" },
		{ KRB_AP_ERR_SKEW, "KRB_AP_ERR_SKEW" },
		{ KRB_ERR_RESPONSE_TOO_BIG, "KRB_ERR_RESPONSE_TOO_BIG" },
		{ 60, "KRB_ERR_GENERIC" },
		{ KDC_ERR_WRONG_REALM, "KDC_ERR_WRONG_REALM" },
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].code == code)
			return names[i].name;
	return NULL;
}
