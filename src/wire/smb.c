/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/smb.h"

#include "wire/ntlm.h"

enum { HEADER = 64, FRAME_MAX = 1 << 16, NODE_STATUS = 0x21 };

/* A reply has flag 1, and grants one credit. */
static void put_header(struct buffer *to, uint16_t command, uint64_t message, bool reply, uint32_t status)
{
	put_bytes(to, "\xfeSMB", 4);
	put_le16(to, HEADER);
	put_le16(to, command == SMB_NEGOTIATE ? 0 : 1); /* credit charge */
	put_le32(to, status);
	put_le16(to, command);
	put_le16(to, 1); /* credits asked */
	put_le32(to, reply);
	put_le32(to, 0); /* no next */
	put_le64(to, message);
	put_zeros(to, 4 + 4 + 8 + 16); /* process, tree, session, signature */
}

/* A frame begins with 00 and a length of three bytes. */
static size_t begin_frame(struct buffer *to)
{
	return hole_be32(to);
}

void smb_put_negotiate(struct buffer *to, const uint8_t *random)
{
	static const uint16_t dialects[] = { 0x0202, 0x0210, 0x0300, 0x0302, 0x0311 };
	size_t frame = begin_frame(to);
	put_header(to, SMB_NEGOTIATE, 0, false, 0);
	put_le16(to, 36);
	put_le16(to, ARRAY_LEN(dialects));
	put_le16(to, SMB_SIGNING_ENABLED);
	put_le16(to, 0);
	put_le32(to, 0x7f); /* capabilities */
	put_bytes(to, random, 16);
	put_le32(to, 112); /* offset of the contexts: 64 + 36 + 10, at a multiple of 8 */
	put_le16(to, 2);
	put_le16(to, 0);
	for (size_t i = 0; i < ARRAY_LEN(dialects); i++)
		put_le16(to, dialects[i]);
	put_zeros(to, 2);
	put_le16(to, 1); /* integrity before authentication: SHA-512 and a salt */
	put_le16(to, 38);
	put_le32(to, 0);
	put_le16(to, 1);
	put_le16(to, 32);
	put_le16(to, 1);
	put_bytes(to, random + 16, 32);
	put_zeros(to, 2);
	put_le16(to, 2); /* encryption: AES-128-GCM */
	put_le16(to, 4);
	put_le32(to, 0);
	put_le16(to, 1);
	put_le16(to, 2);
	fill_be32(to, frame, 0);
}

void smb_put_session_setup(struct buffer *to)
{
	size_t frame = begin_frame(to);
	put_header(to, SMB_SESSION_SETUP, 1, false, 0);
	put_le16(to, 25);
	put_u8(to, 0); /* flags */
	put_u8(to, SMB_SIGNING_ENABLED);
	put_le32(to, 0); /* capabilities */
	put_le32(to, 0); /* channel */
	put_le16(to, HEADER + 24);
	size_t length = hole_le16(to);
	put_le64(to, 0); /* previous session */
	size_t before = to->n;
	ntlm_put_spnego(to);
	if (!to->full) {
		to->p[length] = (uint8_t)(to->n - before);
		to->p[length + 1] = (uint8_t)((to->n - before) >> 8);
	}
	fill_be32(to, frame, 0);
}

enum smb_parse smb_parse(const uint8_t *p, size_t n, struct smb_reply *ret, size_t *length)
{
	*ret = (struct smb_reply){ 0 };
	if (n >= 1 && p[0] == 0x83) {
		*length = 5;
		if (n < 5)
			return SMB_MORE;
		ret->refusal = p[4];
		return SMB_SESSION_REFUSED;
	}
	if (n >= 1 && p[0] != 0)
		return SMB_NOT;
	if (n < 8)
		return SMB_MORE;
	struct cursor c = cursor_of(p, n);
	size_t frame = get_be32(&c);
	if (memcmp(c.p, "\xffSMB", 4) == 0)
		return SMB_ONE;
	if (frame > FRAME_MAX || frame < HEADER || memcmp(c.p, "\xfeSMB", 4) != 0)
		return SMB_NOT;
	if (c.n < frame)
		return SMB_MORE;
	ret->message = get_bytes(&c, frame);
	*length = 4 + frame;
	struct cursor m = cursor_of(ret->message.p, ret->message.n);
	skip_bytes(&m, 8);
	ret->status = get_le32(&m);
	ret->command = get_le16(&m);
	skip_bytes(&m, 10);
	ret->id = get_le64(&m);
	return SMB_OK;
}

/* A buffer by its offset and length in the message. */
static bool part(struct str message, size_t offset, size_t length, struct str *ret)
{
	*ret = STR("");
	if (offset > message.n || length > message.n - offset)
		return false;
	*ret = str_first(str_skip(message, offset), length);
	return true;
}

bool smb_read_negotiate(const struct smb_reply *r, struct smb_negotiated *ret)
{
	struct cursor c = cursor_of(r->message.p, r->message.n);
	skip_bytes(&c, HEADER);
	bool sized = get_le16(&c) == 65;
	ret->security_mode = get_le16(&c);
	ret->dialect = get_le16(&c);
	skip_bytes(&c, 2); /* contexts */
	ret->guid = get_bytes(&c, 16);
	skip_bytes(&c, 4 + 12); /* capabilities, sizes */
	ret->time = get_le64(&c);
	skip_bytes(&c, 8);
	size_t offset = get_le16(&c), length = get_le16(&c);
	return sized && !c.bad && part(r->message, offset, length, &ret->token);
}

bool smb_read_session_setup(const struct smb_reply *r, struct str *token)
{
	struct cursor c = cursor_of(r->message.p, r->message.n);
	skip_bytes(&c, HEADER);
	bool sized = get_le16(&c) == 9;
	skip_bytes(&c, 2);
	size_t offset = get_le16(&c), length = get_le16(&c);
	return sized && !c.bad && part(r->message, offset, length, token);
}

static void put_half(struct buffer *to, uint8_t byte)
{
	put_u8(to, (uint8_t)('A' + (byte >> 4)));
	put_u8(to, (uint8_t)('A' + (byte & 15)));
}

void netbios_put_name(struct buffer *to, struct str name, uint8_t type)
{
	put_u8(to, 32);
	for (size_t i = 0; i < 15; i++) {
		uint8_t c = i < name.n ? (uint8_t)name.p[i] : ' ';
		put_half(to, (uint8_t)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
	}
	put_half(to, type);
	put_u8(to, 0);
}

void netbios_put_session(struct buffer *to)
{
	put_u8(to, 0x81);
	put_u8(to, 0);
	put_be16(to, 2 * NETBIOS_ENCODED);
	netbios_put_name(to, STR("*SMBSERVER"), 0x20);
	netbios_put_name(to, STR("PORTOLAN-PROBE"), 0x00);
}

void netbios_put_status(struct buffer *to, uint16_t id)
{
	put_be16(to, id);
	put_be16(to, 0);
	put_be16(to, 1);
	put_zeros(to, 6);
	put_u8(to, 32);
	put_half(to, '*');
	for (unsigned i = 0; i < 15; i++)
		put_half(to, 0);
	put_u8(to, 0);
	put_be16(to, NODE_STATUS);
	put_be16(to, 1);
}

bool netbios_read_status(struct str datagram, uint16_t id, struct netbios_name *ret, size_t max, size_t *n)
{
	struct cursor c = cursor_of(datagram.p, datagram.n);
	bool ours = get_be16(&c) == id && (get_be16(&c) & 0x8000);
	skip_bytes(&c, 8 + NETBIOS_ENCODED);
	ours = ours && get_be16(&c) == NODE_STATUS;
	skip_bytes(&c, 2 + 4);
	struct cursor data = get_part(&c, get_be16(&c));
	unsigned names = get_u8(&data);
	*n = 0;
	for (unsigned i = 0; i < names && !data.bad; i++) {
		struct str name = get_bytes(&data, 15);
		uint8_t type = get_u8(&data);
		uint16_t flags = get_be16(&data);
		if (data.bad || *n == max)
			continue;
		while (name.n && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\0'))
			name.n--;
		struct netbios_name *to = &ret[(*n)++];
		*to = (struct netbios_name){ .type = type, .group = flags & 0x8000 };
		memcpy(to->name, name.p, name.n);
	}
	return ours && !c.bad && !data.bad;
}

uint16_t smb_read_offer(const struct smb_reply *request)
{
	enum { BEST = 0x0302 }; /* 3.1.1 needs contexts, which a stand-in does not have */
	struct cursor c = cursor_of(request->message.p, request->message.n);
	skip_bytes(&c, HEADER);
	bool sized = get_le16(&c) == 36;
	unsigned n = get_le16(&c);
	uint16_t best = 0;
	skip_bytes(&c, 32);
	for (unsigned i = 0; i < n && !c.bad; i++) {
		uint16_t dialect = get_le16(&c);
		if (dialect <= BEST && dialect > best)
			best = dialect;
	}
	return sized && !c.bad ? best : 0;
}

bool smb_read_setup_request(const struct smb_reply *request, struct str *token)
{
	struct cursor c = cursor_of(request->message.p, request->message.n);
	skip_bytes(&c, HEADER);
	bool sized = get_le16(&c) == 25;
	skip_bytes(&c, 10);
	size_t offset = get_le16(&c), length = get_le16(&c);
	return sized && !c.bad && part(request->message, offset, length, token);
}

void smb_put_negotiate_reply(struct buffer *to, uint64_t id, uint16_t dialect, const char guid[16], uint64_t filetime)
{
	enum { TRANSACTION = 1 << 16 };
	size_t frame = begin_frame(to);
	put_header(to, SMB_NEGOTIATE, id, true, 0);
	put_le16(to, 65);
	put_le16(to, SMB_SIGNING_ENABLED | SMB_SIGNING_REQUIRED);
	put_le16(to, dialect);
	put_le16(to, 0);
	put_bytes(to, guid, 16);
	put_le32(to, 0);
	for (unsigned i = 0; i < 3; i++)
		put_le32(to, TRANSACTION);
	put_le64(to, filetime);
	put_le64(to, 0);
	put_le16(to, HEADER + 64); /* an empty token: the client chooses */
	put_le16(to, 0);
	put_le32(to, 0);
	put_u8(to, 0);
	fill_be32(to, frame, 0);
}

void smb_put_setup_reply(struct buffer *to, uint64_t id, uint32_t status, struct str token)
{
	size_t frame = begin_frame(to);
	put_header(to, SMB_SESSION_SETUP, id, true, status);
	put_le16(to, 9);
	put_le16(to, 0);
	put_le16(to, HEADER + 8);
	put_le16(to, (uint16_t)token.n);
	put_str(to, token);
	fill_be32(to, frame, 0);
}

bool netbios_is_session_request(const uint8_t *p, size_t n)
{
	return n >= NETBIOS_SESSION_REQUEST && p[0] == 0x81 && p[1] == 0 && p[2] == 0 && p[3] == 2 * NETBIOS_ENCODED;
}

bool netbios_read_status_query(struct str datagram, uint16_t *id)
{
	struct cursor c = cursor_of(datagram.p, datagram.n);
	*id = get_be16(&c);
	bool query = (get_be16(&c) & 0xf800) == 0 && get_be16(&c) == 1;
	skip_bytes(&c, 6 + NETBIOS_ENCODED);
	return query && get_be16(&c) == NODE_STATUS && !c.bad;
}

void netbios_put_status_reply(struct buffer *to, uint16_t id, const struct netbios_name *names, size_t n)
{
	put_be16(to, id);
	put_be16(to, 0x8400);
	put_be16(to, 0);
	put_be16(to, 1);
	put_zeros(to, 4);
	put_u8(to, 32);
	put_half(to, '*');
	for (unsigned i = 0; i < 15; i++)
		put_half(to, 0);
	put_u8(to, 0);
	put_be16(to, NODE_STATUS);
	put_be16(to, 1);
	put_be32(to, 0);
	size_t length = hole_be16(to);
	put_u8(to, (uint8_t)n);
	for (size_t i = 0; i < n; i++) {
		size_t size = MIN(strlen(names[i].name), (size_t)15);
		put_bytes(to, names[i].name, size);
		for (size_t j = size; j < 15; j++)
			put_u8(to, ' ');
		put_u8(to, names[i].type);
		put_be16(to, names[i].group ? 0x8400 : 0x0400);
	}
	put_zeros(to, 46); /* no hardware address, no statistics */
	fill_be16(to, length, 0);
}
