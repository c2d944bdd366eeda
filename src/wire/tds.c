/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/tds.h"

enum {
	REPLY = 0x04,
	LAST = 0x01,
	HEADER = 8,
	OPTION_VERSION = 0,
	OPTION_ENCRYPTION = 1,
	OPTION_INSTANCE = 2,
	OPTION_THREAD = 3,
	OPTION_MARS = 4,
	OPTIONS_END = 0xff,
	SSRP_ALL = 0x03,
	SSRP_ONE = 0x04,
	SSRP_REPLY = 0x05,
};

static void put_option(struct buffer *to, uint8_t option, size_t *offset, size_t length)
{
	put_u8(to, option);
	put_be16(to, (uint16_t)*offset);
	put_be16(to, (uint16_t)length);
	*offset += length;
}

void tds_put_prelogin(struct buffer *to, struct str instance)
{
	size_t begin = to->n, offset = 5 * 5 + 1;
	put_u8(to, TDS_PRELOGIN);
	put_u8(to, LAST);
	size_t length = hole_be16(to);
	put_be16(to, 0); /* process */
	put_u8(to, 1);   /* packet */
	put_u8(to, 0);
	put_option(to, OPTION_VERSION, &offset, 6);
	put_option(to, OPTION_ENCRYPTION, &offset, 1);
	put_option(to, OPTION_INSTANCE, &offset, instance.n + 1);
	put_option(to, OPTION_THREAD, &offset, 4);
	put_option(to, OPTION_MARS, &offset, 1);
	put_u8(to, OPTIONS_END);
	put_zeros(to, 6);
	put_u8(to, TDS_ENCRYPT_OFF);
	put_str(to, instance);
	put_zeros(to, 1 + 4 + 1);
	fill_be16(to, length, length - begin + 2);
}

static void read_option(struct tds_prelogin *p, uint8_t option, struct str value)
{
	struct cursor c = cursor_of(value.p, value.n);
	if (option == OPTION_VERSION && value.n >= 6) {
		p->major = get_u8(&c);
		p->minor = get_u8(&c);
		p->build = get_be16(&c);
	} else if (option == OPTION_ENCRYPTION && value.n) {
		p->encryption = get_u8(&c);
	} else if (option == OPTION_INSTANCE && value.n) {
		p->has_instance = true;
		p->instance = get_u8(&c);
	}
}

enum tds_parse tds_read_prelogin(const uint8_t *p, size_t n, struct tds_prelogin *ret, size_t *length)
{
	if (n && p[0] != REPLY)
		return TDS_NOT;
	if (n < HEADER)
		return TDS_MORE;
	struct cursor head = cursor_of(p + 2, 2);
	*length = get_be16(&head);
	if (*length <= HEADER)
		return TDS_NOT;
	if (n < *length)
		return TDS_MORE;
	struct str body = { (const char *)p + HEADER, *length - HEADER };
	struct cursor table = cursor_of(body.p, body.n);
	*ret = (struct tds_prelogin){ 0 };
	bool has_version = false;
	for (uint8_t option; (option = get_u8(&table)) != OPTIONS_END && !table.bad;) {
		size_t offset = get_be16(&table), size = get_be16(&table);
		if (table.bad || offset > body.n || size > body.n - offset)
			return TDS_NOT;
		has_version |= option == OPTION_VERSION && size >= 6;
		read_option(ret, option, str_first(str_skip(body, offset), size));
	}
	return !table.bad && has_version ? TDS_OK : TDS_NOT;
}

enum tds_parse tds_read_request(const uint8_t *p, size_t n, uint8_t *type, struct str *instance, size_t *length)
{
	*instance = STR("");
	if (n < HEADER)
		return n && p[0] != TDS_PRELOGIN && p[0] != TDS_LOGIN ? TDS_NOT : TDS_MORE;
	struct cursor head = cursor_of(p + 2, 2);
	*type = p[0];
	*length = get_be16(&head);
	if ((*type != TDS_PRELOGIN && *type != TDS_LOGIN) || *length <= HEADER)
		return TDS_NOT;
	if (n < *length)
		return TDS_MORE;
	struct str body = { (const char *)p + HEADER, *length - HEADER };
	struct cursor table = cursor_of(body.p, body.n);
	for (uint8_t option; *type == TDS_PRELOGIN && (option = get_u8(&table)) != OPTIONS_END && !table.bad;) {
		size_t offset = get_be16(&table), size = get_be16(&table);
		if (table.bad || offset > body.n || size > body.n - offset)
			return TDS_NOT;
		struct cursor value = cursor_of(body.p + offset, size);
		if (option == OPTION_INSTANCE && size)
			*instance = get_text(&value);
	}
	return TDS_OK;
}

void tds_put_prelogin_reply(struct buffer *to, uint8_t major, uint16_t build, bool instance)
{
	size_t begin = to->n, offset = 5 * 5 + 1;
	put_u8(to, REPLY);
	put_u8(to, LAST);
	size_t length = hole_be16(to);
	put_be32(to, 0x00000100);
	put_option(to, OPTION_VERSION, &offset, 6);
	put_option(to, OPTION_ENCRYPTION, &offset, 1);
	put_option(to, OPTION_INSTANCE, &offset, 1);
	put_option(to, OPTION_THREAD, &offset, 0);
	put_option(to, OPTION_MARS, &offset, 1);
	put_u8(to, OPTIONS_END);
	put_u8(to, major);
	put_u8(to, 0);
	put_be16(to, build);
	put_be16(to, 0);
	put_u8(to, TDS_ENCRYPT_NOT_SUPPORTED);
	put_u8(to, !instance);
	put_u8(to, 0);
	fill_be16(to, length, length - begin + 2);
}

const char *tds_version_name(uint8_t major, uint8_t minor)
{
	switch (major) {
	case 17:
		return "SQL Server 2025";
	case 16:
		return "SQL Server 2022";
	case 15:
		return "SQL Server 2019";
	case 14:
		return "SQL Server 2017";
	case 13:
		return "SQL Server 2016";
	case 12:
		return "SQL Server 2014";
	case 11:
		return "SQL Server 2012";
	case 10:
		return minor >= 50 ? "SQL Server 2008 R2" : "SQL Server 2008";
	default:
		return NULL;
	}
}

void ssrp_put_query(struct buffer *to, struct str instance)
{
	put_u8(to, instance.n ? SSRP_ONE : SSRP_ALL);
	put_str(to, instance);
	if (instance.n)
		put_u8(to, 0);
}

bool ssrp_text(struct str datagram, struct str *ret)
{
	struct cursor c = cursor_of(datagram.p, datagram.n);
	bool reply = get_u8(&c) == SSRP_REPLY;
	*ret = get_bytes(&c, get_le16(&c));
	return reply && !c.bad;
}

bool ssrp_next(struct str *rest, struct ssrp_instance *ret)
{
	*ret = (struct ssrp_instance){ 0 };
	struct str key, value;
	bool any = false;
	/* Pairs, each ended by a semicolon; an empty key ends the instance. */
	while (str_cut(rest, ';', &key) && key.n) {
		if (!str_cut(rest, ';', &value))
			break;
		any = true;
		uint32_t port;
		if (str_is(key, "ServerName"))
			ret->server = value;
		else if (str_is(key, "InstanceName"))
			ret->instance = value;
		else if (str_is(key, "Version"))
			ret->version = value;
		else if (str_is(key, "tcp") && str_to_u32(value, 65535, &port))
			ret->port = (uint16_t)port;
	}
	return any;
}
