/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/ldap.h"

enum { SEARCH_REQUEST = 0x63, FILTER_AND = 0xa0, FILTER_EQUAL = 0xa3, FILTER_PRESENT = 0x87 };

/* Up to the filter: base "", scope base, no aliases, no limits, values too. */
static void put_search_head(struct buffer *to)
{
	ber_put_string(to, BER_OCTET_STRING, STR(""));
	ber_put_integer(to, BER_ENUMERATED, 0);
	ber_put_integer(to, BER_ENUMERATED, 0);
	ber_put_integer(to, BER_INTEGER, 0);
	ber_put_integer(to, BER_INTEGER, 0);
	ber_put_integer(to, BER_BOOLEAN, 0);
}

void ldap_put_root_search(struct buffer *to, int id, const char *const *attributes)
{
	size_t message = ber_begin(to, BER_SEQUENCE);
	ber_put_integer(to, BER_INTEGER, id);
	size_t search = ber_begin(to, SEARCH_REQUEST);
	put_search_head(to);
	ber_put_string(to, FILTER_PRESENT, STR("objectClass"));
	size_t list = ber_begin(to, BER_SEQUENCE);
	for (; *attributes; attributes++)
		ber_put_string(to, BER_OCTET_STRING, str_of(*attributes));
	ber_end(to, list);
	ber_end(to, search);
	ber_end(to, message);
}

static void put_equal(struct buffer *to, const char *attribute, struct str value)
{
	size_t equal = ber_begin(to, FILTER_EQUAL);
	ber_put_string(to, BER_OCTET_STRING, str_of(attribute));
	ber_put_string(to, BER_OCTET_STRING, value);
	ber_end(to, equal);
}

void ldap_put_ping(struct buffer *to, int id, struct str domain, uint32_t nt_version)
{
	char version[4] = { (char)nt_version, (char)(nt_version >> 8), (char)(nt_version >> 16),
			    (char)(nt_version >> 24) };
	size_t message = ber_begin(to, BER_SEQUENCE);
	ber_put_integer(to, BER_INTEGER, id);
	size_t search = ber_begin(to, SEARCH_REQUEST);
	put_search_head(to);
	size_t filter = ber_begin(to, FILTER_AND);
	if (domain.n)
		put_equal(to, "DnsDomain", domain);
	put_equal(to, "NtVer", (struct str){ version, sizeof version });
	ber_end(to, filter);
	size_t list = ber_begin(to, BER_SEQUENCE);
	ber_put_string(to, BER_OCTET_STRING, STR("Netlogon"));
	ber_end(to, list);
	ber_end(to, search);
	ber_end(to, message);
}

bool ldap_next(struct cursor *c, struct ldap_message *ret)
{
	if (c->n == 0 || c->bad)
		return false;
	struct cursor message = ber_get(c, BER_SEQUENCE);
	ret->id = ber_get_integer(&message, BER_INTEGER);
	if (!ber_next(&message, &ret->operation, &ret->content))
		cursor_spoil(c);
	return !c->bad;
}

struct cursor ldap_entry(struct ldap_message *m)
{
	ber_get_string(&m->content, BER_OCTET_STRING);
	return ber_get(&m->content, BER_SEQUENCE);
}

bool ldap_attribute(struct cursor *attributes, struct ldap_attribute *ret)
{
	if (attributes->n == 0 || attributes->bad)
		return false;
	struct cursor pair = ber_get(attributes, BER_SEQUENCE);
	ret->name = ber_get_string(&pair, BER_OCTET_STRING);
	ret->values = ber_get(&pair, BER_SET);
	if (pair.bad)
		cursor_spoil(attributes);
	return !attributes->bad;
}

bool ldap_value(struct cursor *values, struct str *ret)
{
	if (values->n == 0 || values->bad)
		return false;
	*ret = ber_get_string(values, BER_OCTET_STRING);
	return !values->bad;
}

/* Equality matches anywhere in an AND; deeper filters are not the locator's. */
static void read_filter(struct cursor filter, struct ldap_search *ret)
{
	struct cursor match;
	uint8_t tag;
	while (ber_next(&filter, &tag, &match)) {
		if (tag != FILTER_EQUAL)
			continue;
		struct str name = ber_get_string(&match, BER_OCTET_STRING),
			   value = ber_get_string(&match, BER_OCTET_STRING);
		if (str_iis(name, "DnsDomain"))
			ret->domain = value;
		ret->ping |= str_iis(name, "NtVer");
	}
}

bool ldap_read_search(struct ldap_message *m, struct ldap_search *ret)
{
	struct cursor *c = &m->content, filter;
	uint8_t tag = 0;
	*ret = (struct ldap_search){ .base = ber_get_string(c, BER_OCTET_STRING),
				     .scope = ber_get_integer(c, BER_ENUMERATED) };
	ber_get(c, BER_ENUMERATED);
	ber_get(c, BER_INTEGER);
	ber_get(c, BER_INTEGER);
	ber_get(c, BER_BOOLEAN);
	if (ber_next(c, &tag, &filter) && tag == FILTER_AND)
		read_filter(filter, ret);
	return !c->bad && m->operation == LDAP_SEARCH_REQUEST;
}

struct ldap_entry_place ldap_begin_entry(struct buffer *to, int64_t id, struct str name)
{
	struct ldap_entry_place place = { .message = ber_begin(to, BER_SEQUENCE) };
	ber_put_integer(to, BER_INTEGER, id);
	place.operation = ber_begin(to, LDAP_ENTRY);
	ber_put_string(to, BER_OCTET_STRING, name);
	place.list = ber_begin(to, BER_SEQUENCE);
	return place;
}

void ldap_put_attribute(struct buffer *to, const char *name, struct str value)
{
	size_t pair = ber_begin(to, BER_SEQUENCE);
	ber_put_string(to, BER_OCTET_STRING, str_of(name));
	size_t values = ber_begin(to, BER_SET);
	ber_put_string(to, BER_OCTET_STRING, value);
	ber_end(to, values);
	ber_end(to, pair);
}

void ldap_end_entry(struct buffer *to, struct ldap_entry_place place)
{
	ber_end(to, place.list);
	ber_end(to, place.operation);
	ber_end(to, place.message);
}

void ldap_put_result(struct buffer *to, int64_t id, uint8_t operation, int code, struct str text)
{
	size_t message = ber_begin(to, BER_SEQUENCE);
	ber_put_integer(to, BER_INTEGER, id);
	size_t result = ber_begin(to, operation);
	ber_put_integer(to, BER_ENUMERATED, code);
	ber_put_string(to, BER_OCTET_STRING, STR(""));
	ber_put_string(to, BER_OCTET_STRING, text);
	ber_end(to, result);
	ber_end(to, message);
}

/* A name that came before, or its part after the first label, is written as a pointer there. */
static void put_short_name(struct buffer *to, const char *const *names, const size_t *places, size_t at)
{
	struct str name = str_of(names[at]);
	size_t dot = str_find(name, '.');
	for (size_t i = 0; i < at && name.n; i++) {
		bool whole = str_is(name, names[i]);
		if (!whole && (dot == SIZE_MAX || !str_is(str_skip(name, dot + 1), names[i])))
			continue;
		if (!whole) {
			put_u8(to, (uint8_t)dot);
			put_str(to, str_first(name, dot));
		}
		put_be16(to, (uint16_t)(0xc000 | places[i]));
		return;
	}
	dns_put_name(to, name);
}

void netlogon_put(struct buffer *to, const struct netlogon *n)
{
	static const char no_guid[16];
	put_le16(to, n->opcode);
	put_le16(to, 0);
	put_le32(to, n->flags);
	put_bytes(to, no_guid, sizeof no_guid);
	size_t begin = to->n - 24; /* pointers count from the first byte of the value */
	const char *const names[] = { n->forest,       n->domain, n->host,        n->netbios_domain,
				      n->netbios_host, "",        n->server_site, n->client_site };
	size_t places[ARRAY_LEN(names)];
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		places[i] = to->n - begin;
		put_short_name(to, names, places, i);
	}
	put_le32(to, 5); /* NETLOGON_NT_VERSION_1 and _5EX */
	put_le32(to, 0xffffffff);
}

bool ldap_result(struct ldap_message *m, struct ldap_result *ret)
{
	struct cursor *c = &m->content, name;
	*ret = (struct ldap_result){ .code = ber_get_integer(c, BER_ENUMERATED) };
	ber_get_string(c, BER_OCTET_STRING);
	ret->message = ber_get_string(c, BER_OCTET_STRING);
	struct cursor rest = *c;
	uint8_t tag;
	while (ber_next(&rest, &tag, &name))
		if (tag == BER_PRIMITIVE(10))
			ret->name = ber_rest(&name);
	return !c->bad;
}

bool netlogon_read(struct str value, struct netlogon *ret)
{
	struct cursor c = cursor_of(value.p, value.n);
	char user[DNS_NAME_MAX + 1];
	*ret = (struct netlogon){ .opcode = get_le16(&c) };
	skip_bytes(&c, 2);
	ret->flags = get_le32(&c);
	skip_bytes(&c, 16); /* GUID of the domain */
	char *const names[] = { ret->forest,       ret->domain, ret->host,        ret->netbios_domain,
				ret->netbios_host, user,        ret->server_site, ret->client_site };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		dns_get_name(&c, value, names[i]);
	return !c.bad && (ret->opcode == 23 || ret->opcode == 25);
}
