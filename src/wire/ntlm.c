/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/ntlm.h"

#include "wire/ber.h"

enum {
	NEGOTIATE_FLAGS =
		0xa2088207, /* Unicode, OEM, request target, NTLM, always sign, extended security, version, 128, 56: as Windows sends */
	TARGET_INFO_OFFSET = 40,
};
#define SIGNATURE "NTLMSSP\0"

void ntlm_put_negotiate(struct buffer *to)
{
	put_bytes(to, SIGNATURE, 8);
	put_le32(to, 1);
	put_le32(to, (uint32_t)NEGOTIATE_FLAGS);
	put_zeros(to, 16); /* no domain, no workstation */
	put_u8(to, 10);    /* version 10.0, NTLM revision 15 */
	put_u8(to, 0);
	put_le16(to, 0);
	put_le32(to, 0x0f000000);
}

void ntlm_put_spnego(struct buffer *to)
{
	static const char spnego[] = "\x2b\x06\x01\x05\x05\x02", ntlm[] = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
	size_t application = ber_begin(to, BER_APPLICATION(0));
	ber_put_string(to, BER_OID, (struct str){ spnego, sizeof spnego - 1 });
	size_t choice = ber_begin(to, BER_CONTEXT(0));
	size_t fields = ber_begin(to, BER_SEQUENCE);
	size_t mechanisms = ber_begin(to, BER_CONTEXT(0));
	size_t list = ber_begin(to, BER_SEQUENCE);
	ber_put_string(to, BER_OID, (struct str){ ntlm, sizeof ntlm - 1 });
	ber_end(to, list);
	ber_end(to, mechanisms);
	size_t token = ber_begin(to, BER_CONTEXT(2));
	size_t octets = ber_begin(to, BER_OCTET_STRING);
	ntlm_put_negotiate(to);
	ber_end(to, octets);
	ber_end(to, token);
	ber_end(to, fields);
	ber_end(to, choice);
	ber_end(to, application);
}

int64_t filetime_ms(uint64_t filetime)
{
	return (int64_t)(filetime / 10000) - 11644473600000;
}

uint64_t filetime_of(int64_t milliseconds)
{
	return (uint64_t)(milliseconds + 11644473600000) * 10000;
}

/* UTF-16LE as UTF-8, cut where it does not fit. */
static void read_name(struct str bytes, char to[NTLM_NAME_MAX])
{
	size_t n = 0;
	while (bytes.n >= 2) {
		uint32_t letter;
		char utf8[4];
		bytes = str_skip(bytes, utf16_letter(bytes.p, bytes.n, false, &letter));
		size_t length = utf8_of(letter, utf8);
		if (n + length >= NTLM_NAME_MAX)
			break;
		memcpy(to + n, utf8, length);
		n += length;
	}
	to[n] = '\0';
}

/* AV_PAIRs (MS-NLMP 2.2.2.1). */
static bool read_pairs(struct cursor pairs, struct ntlm_names *ret)
{
	char *const names[] = { NULL, ret->netbios_host, ret->netbios_domain, ret->host, ret->domain, ret->forest };
	for (;;) {
		uint16_t id = get_le16(&pairs), length = get_le16(&pairs);
		struct str value = get_bytes(&pairs, length);
		if (pairs.bad || id == 0)
			return !pairs.bad;
		if (id < ARRAY_LEN(names)) {
			read_name(value, names[id]);
		} else if (id == 7 && value.n == 8) {
			struct cursor time = cursor_of(value.p, value.n);
			ret->time = filetime_ms(get_le64(&time));
			ret->has_time = true;
		}
	}
}

bool ntlm_read_challenge(struct str token, struct ntlm_names *ret)
{
	*ret = (struct ntlm_names){ 0 };
	size_t at = str_find_text(token, (struct str){ SIGNATURE, 8 });
	if (at == SIZE_MAX)
		return false;
	struct str message = str_skip(token, at);
	struct cursor c = cursor_of(message.p, message.n);
	skip_bytes(&c, 8);
	if (get_le32(&c) != 2)
		return false;
	c = cursor_of(message.p, message.n);
	skip_bytes(&c, TARGET_INFO_OFFSET);
	size_t length = get_le16(&c);
	skip_bytes(&c, 2);
	size_t offset = get_le32(&c);
	if (c.bad || offset > message.n || length > message.n - offset)
		return false;
	return read_pairs(cursor_of(message.p + offset, length), ret);
}

uint32_t ntlm_message_type(struct str token)
{
	size_t at = str_find_text(token, (struct str){ SIGNATURE, 8 });
	struct str message = str_skip(token, at == SIZE_MAX ? token.n : at + 8);
	struct cursor c = cursor_of(message.p, message.n);
	return get_le32(&c);
}

static void put_pair(struct buffer *to, uint16_t id, const char *name)
{
	if (!*name)
		return;
	put_le16(to, id);
	put_le16(to, (uint16_t)(2 * strlen(name)));
	put_utf16(to, str_of(name));
}

void ntlm_put_challenge(struct buffer *to, const struct ntlm_names *names, const uint8_t challenge[8])
{
	struct str target = str_of(names->netbios_domain);
	uint8_t bytes[4 * NTLM_NAME_MAX];
	struct buffer pairs = buffer_over(bytes, sizeof bytes);
	put_pair(&pairs, 2, names->netbios_domain);
	put_pair(&pairs, 1, names->netbios_host);
	put_pair(&pairs, 4, names->domain);
	put_pair(&pairs, 3, names->host);
	put_pair(&pairs, 5, names->forest);
	put_le16(&pairs, 7);
	put_le16(&pairs, 8);
	put_le64(&pairs, filetime_of(names->time));
	put_le32(&pairs, 0);
	put_bytes(to, SIGNATURE, 8);
	put_le32(to, 2);
	put_le16(to, (uint16_t)(2 * target.n));
	put_le16(to, (uint16_t)(2 * target.n));
	put_le32(to, 56);
	put_le32(to, 0xa2898205); /* as Windows answers: Unicode, target information, domain, extended security */
	put_bytes(to, challenge, 8);
	put_zeros(to, 8);
	put_le16(to, (uint16_t)pairs.n);
	put_le16(to, (uint16_t)pairs.n);
	put_le32(to, (uint32_t)(56 + 2 * target.n));
	put_u8(to, 10);
	put_zeros(to, 3);
	put_le32(to, 0x0f000000);
	put_utf16(to, target);
	put_bytes(to, pairs.p, pairs.n);
	to->full |= pairs.full;
}

void ntlm_put_spnego_challenge(struct buffer *to, const struct ntlm_names *names, const uint8_t challenge[8])
{
	static const char ntlm[] = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
	size_t choice = ber_begin(to, BER_CONTEXT(1));
	size_t fields = ber_begin(to, BER_SEQUENCE);
	size_t state = ber_begin(to, BER_CONTEXT(0));
	ber_put_integer(to, BER_ENUMERATED, 1); /* accept-incomplete */
	ber_end(to, state);
	size_t mechanism = ber_begin(to, BER_CONTEXT(1));
	ber_put_string(to, BER_OID, (struct str){ ntlm, sizeof ntlm - 1 });
	ber_end(to, mechanism);
	size_t token = ber_begin(to, BER_CONTEXT(2));
	size_t octets = ber_begin(to, BER_OCTET_STRING);
	ntlm_put_challenge(to, names, challenge);
	ber_end(to, octets);
	ber_end(to, token);
	ber_end(to, fields);
	ber_end(to, choice);
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void put_base64(struct buffer *to, struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i += 3) {
		uint32_t group = 0;
		for (size_t j = 0; j < 3; j++)
			group = group << 8 | (i + j < bytes.n ? (uint8_t)bytes.p[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			put_u8(to, (uint8_t)(i + j > bytes.n ? '=' : base64[group >> (18 - 6 * j) & 63]));
	}
}

bool get_base64(struct str text, char *buf, size_t room, struct str *ret)
{
	size_t n = 0, padding = 0;
	uint32_t group = 0;
	if (text.n % 4)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		const char *found = text.p[i] ? strchr(base64, text.p[i]) : NULL;
		if (text.p[i] == '=' && i + 2 >= text.n)
			padding++;
		else if (!found || padding)
			return false;
		group = group << 6 | (uint32_t)(found && !padding ? found - base64 : 0);
		if (i % 4 != 3)
			continue;
		for (size_t j = 0; j + padding < 3; j++) {
			if (n == room)
				return false;
			buf[n++] = (char)(group >> (16 - 8 * j));
		}
		group = 0;
	}
	*ret = (struct str){ buf, n };
	return true;
}
