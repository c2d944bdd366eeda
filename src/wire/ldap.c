/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/ldap.h"

enum { SEARCH_REQUEST = 0x63, FILTER_AND = 0xa0, FILTER_EQUAL = 0xa3, FILTER_PRESENT = 0x87 };

/* Up to the filter: base "", scope base, no aliases, no limits, values too. */
static void put_search_head(struct packet *to)
{
	ber_put_string(to, BER_OCTET_STRING, STR(""));
	ber_put_integer(to, BER_ENUMERATED, 0);
	ber_put_integer(to, BER_ENUMERATED, 0);
	ber_put_integer(to, BER_INTEGER, 0);
	ber_put_integer(to, BER_INTEGER, 0);
	ber_put_integer(to, BER_BOOLEAN, 0);
}

void ldap_put_root_search(struct packet *to, int id, const char *const *attributes)
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

static void put_equal(struct packet *to, const char *attribute, struct str value)
{
	size_t equal = ber_begin(to, FILTER_EQUAL);
	ber_put_string(to, BER_OCTET_STRING, str_of(attribute));
	ber_put_string(to, BER_OCTET_STRING, value);
	ber_end(to, equal);
}

void ldap_put_ping(struct packet *to, int id, struct str domain, uint32_t nt_version)
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
