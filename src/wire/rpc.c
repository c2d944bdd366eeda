/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/rpc.h"

enum {
	LITTLE_ENDIAN_ASCII = 0x10,
	LOOKUP = 2,
	MAP = 3,
	FLOOR_UUID = 0x0d,
	FLOOR_TCP = 0x07,
	FLOOR_IP = 0x09,
	FLOOR_CONNECTION = 0x0b,
	FLOORS_MAX = 8,
	TOWER_MAX = 512,
};

/* C706 appendix O and Q; MS-DCOM 1.9; C706 14.1 (NDR). */
const struct rpc_syntax rpc_endpoint_mapper = {
	{ 0xe1, 0xaf, 0x83, 0x08, 0x5d, 0x1f, 0x11, 0xc9, 0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa }, 3, 0
};
const struct rpc_syntax rpc_management = {
	{ 0xaf, 0xa8, 0xbd, 0x80, 0x7d, 0x8a, 0x11, 0xc9, 0xbe, 0xf4, 0x08, 0x00, 0x2b, 0x10, 0x29, 0x89 }, 1, 0
};
const struct rpc_syntax rpc_object_exporter = {
	{ 0x99, 0xfc, 0xfe, 0xc4, 0x52, 0x60, 0x10, 0x1b, 0xbb, 0xcb, 0x00, 0xaa, 0x00, 0x21, 0x34, 0x7a }, 0, 0
};
const struct rpc_syntax rpc_activator = {
	{ 0x00, 0x00, 0x01, 0xa0, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46 }, 0, 0
};
/* IRemUnknown2, which every server of DCOM has (MS-DCOM 1.9, 3.1.1.5.7). */
const struct rpc_syntax rpc_remote_unknown = {
	{ 0x00, 0x00, 0x01, 0x43, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46 }, 0, 0
};
const struct rpc_syntax rpc_ndr = {
	{ 0x8a, 0x88, 0x5d, 0x04, 0x1c, 0xeb, 0x11, 0xc9, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60 }, 2, 0
};

bool uuid_parse(struct str text, uint8_t ret[16])
{
	if (text.n != UUID_TEXT - 1)
		return false;
	size_t at = 0;
	for (unsigned i = 0; i < 16; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && text.p[at++] != '-')
			return false;
		int high = hex_digit(text.p[at]), low = hex_digit(text.p[at + 1]);
		if (high < 0 || low < 0)
			return false;
		ret[i] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	return true;
}

const char *uuid_text(const uint8_t uuid[16], char buf[UUID_TEXT])
{
	char *p = buf;
	for (unsigned i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = "0123456789abcdef"[uuid[i] >> 4];
		*p++ = "0123456789abcdef"[uuid[i] & 15];
	}
	*p = '\0';
	return buf;
}

/* On the wire the first three groups are little-endian: the same change both ways. */
static void turn_uuid(const uint8_t from[16], uint8_t to[16])
{
	static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	for (unsigned i = 0; i < 16; i++)
		to[i] = from[order[i]];
}

static void put_uuid(struct buffer *to, const uint8_t uuid[16])
{
	uint8_t turned[16];
	turn_uuid(uuid, turned);
	put_bytes(to, turned, sizeof turned);
}

bool rpc_same_syntax(const struct rpc_syntax *a, const struct rpc_syntax *b)
{
	return memcmp(a->uuid, b->uuid, sizeof a->uuid) == 0 && a->major == b->major && a->minor == b->minor;
}

static void put_syntax(struct buffer *to, const struct rpc_syntax *s)
{
	put_uuid(to, s->uuid);
	put_le16(to, s->major);
	put_le16(to, s->minor);
}

/* The common header.  Returns where the length of the fragment goes. */
static size_t put_header(struct buffer *to, enum rpc_type type, uint32_t call)
{
	put_u8(to, 5);
	put_u8(to, 0);
	put_u8(to, (uint8_t)type);
	put_u8(to, RPC_FIRST | RPC_LAST);
	put_le32(to, LITTLE_ENDIAN_ASCII);
	size_t length = hole_le16(to);
	put_le16(to, 0);
	put_le32(to, call);
	return length;
}

void rpc_end(struct buffer *to, size_t place)
{
	fill_le16(to, place, 10); /* the length counts the eight bytes before it and its own two */
}

void rpc_put_bind(struct buffer *to, uint32_t call, const struct rpc_syntax *interface)
{
	size_t length = put_header(to, RPC_BIND, call);
	put_le16(to, RPC_FRAGMENT_MAX);
	put_le16(to, RPC_FRAGMENT_MAX);
	put_le32(to, 0); /* a new association group */
	put_le32(to, 1); /* one context */
	put_le16(to, 0); /* its id */
	put_le16(to, 1); /* one transfer syntax */
	put_syntax(to, interface);
	put_uuid(to, rpc_ndr.uuid);
	put_le32(to, rpc_ndr.major);
	rpc_end(to, length);
}

size_t rpc_begin_request(struct buffer *to, uint32_t call, uint16_t operation)
{
	size_t length = put_header(to, RPC_REQUEST, call);
	put_le32(to, 0); /* allocation hint: none */
	put_le16(to, 0); /* context */
	put_le16(to, operation);
	return length;
}

enum rpc_parse rpc_parse(const uint8_t *p, size_t n, struct rpc_pdu *ret, size_t *length)
{
	static const uint8_t version[2] = { 5, 0 };
	if (memcmp(p, version, MIN(n, sizeof version)) != 0)
		return RPC_NOT;
	if (n < RPC_HEADER)
		return RPC_MORE;
	*ret = (struct rpc_pdu){ .type = p[2], .flags = p[3], .little = p[4] & 0x10 };
	struct cursor c = cursor_of(p + 8, RPC_HEADER - 8);
	size_t fragment = ret->little ? get_le16(&c) : get_be16(&c);
	size_t trailer = ret->little ? get_le16(&c) : get_be16(&c);
	ret->call = ret->little ? get_le32(&c) : get_be32(&c);
	if (trailer)
		trailer += 8; /* its head (MS-RPCE 2.2.2.11) */
	if (p[4] & 0x0f || fragment < RPC_HEADER + trailer)
		return RPC_NOT;
	if (n < fragment)
		return RPC_MORE;
	ret->body = cursor_of(p + RPC_HEADER, fragment - RPC_HEADER - trailer);
	*length = fragment;
	return RPC_OK;
}

static uint16_t get16(struct rpc_pdu *pdu)
{
	return pdu->little ? get_le16(&pdu->body) : get_be16(&pdu->body);
}

static uint32_t get32(struct rpc_pdu *pdu)
{
	return pdu->little ? get_le32(&pdu->body) : get_be32(&pdu->body);
}

bool rpc_read_bind_ack(struct rpc_pdu *pdu, struct rpc_bind_ack *ret)
{
	size_t before = pdu->body.n;
	skip_bytes(&pdu->body, 8); /* fragment sizes, association group */
	ret->address = get_bytes(&pdu->body, get16(pdu));
	while (ret->address.n && ret->address.p[ret->address.n - 1] == '\0')
		ret->address.n--;
	size_t read = before - pdu->body.n;
	skip_bytes(&pdu->body, (4 - read % 4) % 4);
	uint8_t results = get_u8(&pdu->body);
	skip_bytes(&pdu->body, 3);
	ret->result = get16(pdu);
	ret->reason = get16(pdu);
	return !pdu->body.bad && results > 0;
}

uint32_t rpc_read_fault(struct rpc_pdu *pdu)
{
	skip_bytes(&pdu->body, 8);
	return get32(pdu);
}

const char *rpc_fault_name(uint32_t status)
{
	switch (status) {
	case 0x00000005:
		return "access denied";
	case 0x000006f7:
		return "bad stub data";
	case 0x1c010002:
		return "operation out of range";
	case 0x1c010003:
		return "unknown interface";
	case 0x1c00001a:
		return "rejected for an unspecified reason";
	default:
		return NULL;
	}
}

struct cursor rpc_read_response(struct rpc_pdu *pdu)
{
	skip_bytes(&pdu->body, 8);
	return pdu->body;
}

static void put_floor(struct buffer *to, const void *left, size_t n_left, const void *right, size_t n_right)
{
	put_le16(to, (uint16_t)n_left);
	put_bytes(to, left, n_left);
	put_le16(to, (uint16_t)n_right);
	put_bytes(to, right, n_right);
}

static void put_syntax_floor(struct buffer *to, const struct rpc_syntax *s)
{
	uint8_t left[19] = { FLOOR_UUID };
	turn_uuid(s->uuid, left + 1);
	left[17] = (uint8_t)s->major;
	left[18] = (uint8_t)(s->major >> 8);
	uint8_t minor[2] = { (uint8_t)s->minor, (uint8_t)(s->minor >> 8) };
	put_floor(to, left, sizeof left, minor, sizeof minor);
}

void rpc_put_map(struct buffer *to, uint32_t call, const struct rpc_syntax *interface, unsigned max_towers)
{
	static const uint8_t zeros[4] = { 0 };
	uint8_t bytes[128];
	struct buffer tower = buffer_over(bytes, sizeof bytes);
	put_le16(&tower, 5);
	put_syntax_floor(&tower, interface);
	put_syntax_floor(&tower, &rpc_ndr);
	put_floor(&tower, (uint8_t[]){ FLOOR_CONNECTION }, 1, zeros, 2);
	put_floor(&tower, (uint8_t[]){ FLOOR_TCP }, 1, zeros, 2);
	put_floor(&tower, (uint8_t[]){ FLOOR_IP }, 1, zeros, 4);
	size_t length = rpc_begin_request(to, call, MAP);
	put_le32(to, 1); /* a pointer to the nil object */
	put_zeros(to, 16);
	put_le32(to, 2); /* a pointer to the tower */
	put_le32(to, (uint32_t)tower.n);
	put_le32(to, (uint32_t)tower.n);
	put_bytes(to, tower.p, tower.n);
	put_zeros(to, (4 - tower.n % 4) % 4);
	put_zeros(to, 20); /* the entry handle: none yet */
	put_le32(to, max_towers);
	rpc_end(to, length);
}

static bool read_tower(struct cursor tower, struct rpc_endpoint *ret)
{
	unsigned floors = get_le16(&tower);
	*ret = (struct rpc_endpoint){ 0 };
	for (unsigned i = 0; i < floors && i < FLOORS_MAX && !tower.bad; i++) {
		struct cursor left = get_part(&tower, get_le16(&tower));
		struct cursor right = get_part(&tower, get_le16(&tower));
		uint8_t kind = get_u8(&left);
		if (i == 0 && kind == FLOOR_UUID) {
			struct str uuid = get_bytes(&left, 16);
			if (uuid.n == 16)
				turn_uuid((const uint8_t *)uuid.p, ret->interface.uuid);
			ret->interface.major = get_le16(&left);
			ret->interface.minor = get_le16(&right);
		} else if (kind == FLOOR_TCP) {
			ret->port = get_be16(&right);
		} else if (kind == FLOOR_IP) {
			ret->address = get_be32(&right);
		}
		if (left.bad || right.bad)
			cursor_spoil(&tower);
	}
	return !tower.bad;
}

/* Towers behind their pointers: length twice, octets, padding. */
static bool read_towers(struct cursor *stub, uint32_t present, struct rpc_endpoint *ret, size_t max, size_t *n)
{
	for (uint32_t i = 0; i < present && !stub->bad; i++) {
		uint32_t length = get_le32(stub);
		if (get_le32(stub) != length || length > TOWER_MAX)
			return false;
		struct cursor tower = get_part(stub, length);
		skip_bytes(stub, MIN((size_t)(4 - length % 4) % 4, stub->n));
		struct rpc_endpoint e;
		if (tower.bad || !read_tower(tower, &e))
			return false;
		if (*n < max)
			ret[(*n)++] = e;
	}
	return !stub->bad;
}

bool rpc_read_map(struct cursor stub, struct rpc_endpoint *ret, size_t max, size_t *n, uint32_t *status)
{
	skip_bytes(&stub, RPC_HANDLE + 4 + 8); /* count, maximum and offset of the array */
	uint32_t towers = get_le32(&stub);
	*n = 0;
	if (stub.bad || towers > RPC_TOWERS_MAX)
		return false;
	uint32_t present = 0;
	for (uint32_t i = 0; i < towers; i++)
		present += get_le32(&stub) != 0;
	if (!read_towers(&stub, present, ret, max, n))
		return false;
	*status = get_le32(&stub);
	return !stub.bad;
}

void rpc_put_lookup(struct buffer *to, uint32_t call, const uint8_t handle[RPC_HANDLE])
{
	size_t length = rpc_begin_request(to, call, LOOKUP);
	put_le32(to, 0); /* all elements */
	put_le32(to, 0); /* no object */
	put_le32(to, 0); /* no interface */
	put_le32(to, 1); /* all versions */
	put_bytes(to, handle, RPC_HANDLE);
	put_le32(to, RPC_PAGE);
	rpc_end(to, length);
}

bool rpc_read_lookup(struct cursor stub, uint8_t handle[RPC_HANDLE], struct rpc_endpoint *ret, size_t max, size_t *n,
		     uint32_t *status)
{
	struct str next = get_bytes(&stub, RPC_HANDLE);
	skip_bytes(&stub, 4 + 8);
	uint32_t entries = get_le32(&stub), present = 0;
	*n = 0;
	if (stub.bad || entries > RPC_TOWERS_MAX)
		return false;
	memcpy(handle, next.p, RPC_HANDLE);
	for (uint32_t i = 0; i < entries && !stub.bad; i++) {
		skip_bytes(&stub, 16); /* object */
		present += get_le32(&stub) != 0;
		skip_bytes(&stub, 4); /* offset of the annotation */
		uint32_t annotation = get_le32(&stub);
		if (annotation > TOWER_MAX)
			return false;
		skip_bytes(&stub, annotation + (4 - annotation % 4) % 4);
	}
	if (!read_towers(&stub, present, ret, max, n))
		return false;
	*status = get_le32(&stub);
	return !stub.bad;
}

void rpc_put_inquiry(struct buffer *to, uint32_t call)
{
	rpc_end(to, rpc_begin_request(to, call, 0));
}

bool rpc_read_inquiry(struct cursor stub, struct rpc_syntax *ret, size_t max, size_t *n, uint32_t *status)
{
	*n = 0;
	uint32_t pointer = get_le32(&stub);
	uint32_t count = pointer ? get_le32(&stub) : 0;
	if (stub.bad || count > RPC_INTERFACES_MAX || (pointer && get_le32(&stub) != count))
		return false;
	for (uint32_t i = 0; i < count; i++)
		skip_bytes(&stub, 4);
	for (uint32_t i = 0; i < count && !stub.bad; i++) {
		struct str uuid = get_bytes(&stub, 16);
		struct rpc_syntax s = { .major = get_le16(&stub), .minor = get_le16(&stub) };
		if (!stub.bad && *n < max) {
			turn_uuid((const uint8_t *)uuid.p, s.uuid);
			ret[(*n)++] = s;
		}
	}
	*status = get_le32(&stub);
	return !stub.bad;
}

/* A string of UTF-16 units up to 0000, as far as it fits; the cursor is behind it. */
static void get_wide(struct cursor *c, char *to, size_t room)
{
	size_t n = 0;
	for (uint16_t unit; (unit = get_le16(c)) != 0;)
		if (n + 1 < room)
			to[n++] = unit >= 0x20 && unit < 0x7f ? (char)unit : '?';
	to[n] = '\0';
}

bool rpc_read_alive(struct cursor stub, struct rpc_string_binding *ret, size_t max, size_t *n)
{
	*n = 0;
	skip_bytes(&stub, 4); /* the COM version */
	uint32_t pointer = get_le32(&stub);
	skip_bytes(&stub, 4); /* size of the array */
	size_t units = get_le16(&stub), security = get_le16(&stub);
	if (stub.bad || !pointer || security > units)
		return false;
	struct cursor strings = get_part(&stub, security * 2);
	while (!stub.bad && strings.n >= 2 && *n < max) {
		struct rpc_string_binding *b = &ret[*n];
		b->tower = get_le16(&strings);
		if (b->tower == 0)
			break;
		get_wide(&strings, b->address, sizeof b->address);
		++*n;
	}
	return !stub.bad && !strings.bad;
}

/* The abstract syntax of the first context. */
bool rpc_read_bind(struct rpc_pdu *pdu, struct rpc_syntax *ret)
{
	skip_bytes(&pdu->body, 8);
	uint8_t contexts = get_u8(&pdu->body);
	skip_bytes(&pdu->body, 3 + 4);
	struct str uuid = get_bytes(&pdu->body, 16);
	ret->major = get_le16(&pdu->body);
	ret->minor = get_le16(&pdu->body);
	if (pdu->body.bad || !contexts || !pdu->little)
		return false;
	turn_uuid((const uint8_t *)uuid.p, ret->uuid);
	return true;
}

void rpc_put_bind_ack(struct buffer *to, uint32_t call, struct str address, bool accepted)
{
	size_t begin = to->n, length = put_header(to, RPC_BIND_ACK, call);
	put_le16(to, RPC_FRAGMENT_MAX);
	put_le16(to, RPC_FRAGMENT_MAX);
	put_le32(to, 0x706f7274); /* an association group of our own */
	put_le16(to, (uint16_t)(address.n + 1));
	put_str(to, address);
	put_u8(to, 0);
	put_zeros(to, (4 - (to->n - begin) % 4) % 4);
	put_le32(to, 1);
	put_le16(to, accepted ? RPC_ACCEPTED : RPC_PROVIDER_REJECTION);
	put_le16(to, accepted ? 0 : RPC_ABSTRACT_SYNTAX);
	if (accepted)
		put_uuid(to, rpc_ndr.uuid);
	else
		put_zeros(to, 16);
	put_le32(to, accepted ? rpc_ndr.major : 0);
	rpc_end(to, length);
}

bool rpc_read_request(struct rpc_pdu *pdu, uint16_t *operation, struct cursor *stub)
{
	skip_bytes(&pdu->body, 6);
	*operation = get_le16(&pdu->body);
	*stub = pdu->body;
	return !pdu->body.bad && pdu->little;
}

size_t rpc_begin_response(struct buffer *to, uint32_t call)
{
	size_t length = put_header(to, RPC_RESPONSE, call);
	put_zeros(to, 8);
	return length;
}

void rpc_put_fault(struct buffer *to, uint32_t call, uint32_t status)
{
	size_t length = put_header(to, RPC_FAULT, call);
	put_zeros(to, 8);
	put_le32(to, status);
	put_le32(to, 0);
	rpc_end(to, length);
}

bool rpc_read_map_request(struct cursor stub, struct rpc_syntax *ret, uint32_t *most)
{
	struct rpc_endpoint e;
	if (get_le32(&stub)) /* an object */
		skip_bytes(&stub, 16);
	bool has_tower = get_le32(&stub) != 0;
	uint32_t length = get_le32(&stub);
	struct cursor tower = get_part(&stub, get_le32(&stub) == length && length <= TOWER_MAX ? length : SIZE_MAX);
	if (!has_tower || tower.bad || !read_tower(tower, &e))
		return false;
	*ret = e.interface;
	skip_bytes(&stub, MIN((size_t)(4 - length % 4) % 4, stub.n));
	skip_bytes(&stub, RPC_HANDLE);
	*most = get_le32(&stub);
	return !stub.bad && *most;
}

bool rpc_read_lookup_request(struct cursor stub, uint32_t *most)
{
	/* All elements: other inquiries carry an object or an interface, and nobody makes them here. */
	bool all = get_le32(&stub) == 0 && get_le32(&stub) == 0 && get_le32(&stub) == 0;
	skip_bytes(&stub, 4 + RPC_HANDLE);
	*most = get_le32(&stub);
	return !stub.bad && all && *most;
}

static size_t put_tower(struct buffer *to, const struct rpc_syntax *interface, uint16_t port, uint32_t address)
{
	size_t begin = to->n;
	put_le16(to, 5);
	put_syntax_floor(to, interface);
	put_syntax_floor(to, &rpc_ndr);
	put_floor(to, (uint8_t[]){ FLOOR_CONNECTION }, 1, (uint8_t[]){ 0, 0 }, 2);
	put_floor(to, (uint8_t[]){ FLOOR_TCP }, 1, (uint8_t[]){ (uint8_t)(port >> 8), (uint8_t)port }, 2);
	put_floor(to, (uint8_t[]){ FLOOR_IP }, 1,
		  (uint8_t[]){ (uint8_t)(address >> 24), (uint8_t)(address >> 16), (uint8_t)(address >> 8),
			       (uint8_t)address },
		  4);
	return to->n - begin;
}

void rpc_put_map_reply(struct buffer *to, uint32_t call, const struct rpc_syntax *interface, uint16_t port,
		       uint32_t address, uint32_t most)
{
	uint8_t bytes[128];
	struct buffer tower = buffer_over(bytes, sizeof bytes);
	size_t length = rpc_begin_response(to, call);
	put_zeros(to, RPC_HANDLE);
	put_le32(to, port != 0);
	put_le32(to, most);
	put_le32(to, 0);
	put_le32(to, port != 0);
	if (port) {
		put_tower(&tower, interface, port, address);
		put_le32(to, 3); /* a pointer */
		put_le32(to, (uint32_t)tower.n);
		put_le32(to, (uint32_t)tower.n);
		put_bytes(to, tower.p, tower.n);
		put_zeros(to, (4 - tower.n % 4) % 4);
	}
	put_le32(to, port ? 0 : EPT_NOT_REGISTERED);
	rpc_end(to, length);
}

/* All of them in one page; the handle of zeros says that there are no more. */
void rpc_put_lookup_reply(struct buffer *to, uint32_t call, const struct rpc_endpoint *endpoints, size_t n,
			  uint32_t most)
{
	size_t length = rpc_begin_response(to, call);
	put_zeros(to, RPC_HANDLE);
	put_le32(to, (uint32_t)n);
	put_le32(to, most);
	put_le32(to, 0);
	put_le32(to, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		put_zeros(to, 16);
		put_le32(to, (uint32_t)(i + 3));
		put_le32(to, 0);
		put_le32(to, 1); /* an empty annotation with its NUL */
		put_zeros(to, 4);
	}
	for (size_t i = 0; i < n; i++) {
		uint8_t bytes[128];
		struct buffer tower = buffer_over(bytes, sizeof bytes);
		put_tower(&tower, &endpoints[i].interface, endpoints[i].port, endpoints[i].address);
		put_le32(to, (uint32_t)tower.n);
		put_le32(to, (uint32_t)tower.n);
		put_bytes(to, tower.p, tower.n);
		put_zeros(to, (4 - tower.n % 4) % 4);
	}
	put_le32(to, n ? 0 : EPT_NOT_REGISTERED);
	rpc_end(to, length);
}

void rpc_put_inquiry_reply(struct buffer *to, uint32_t call, const struct rpc_syntax *interfaces, size_t n)
{
	size_t length = rpc_begin_response(to, call);
	put_le32(to, 1);
	put_le32(to, (uint32_t)n);
	put_le32(to, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		put_le32(to, (uint32_t)(i + 2));
	for (size_t i = 0; i < n; i++)
		put_syntax(to, &interfaces[i]);
	put_le32(to, 0);
	rpc_end(to, length);
}

static void put_binding(struct buffer *to, struct str text)
{
	put_le16(to, RPC_TOWER_TCP);
	put_utf16(to, text);
	put_le16(to, 0);
}

void rpc_put_alive_reply(struct buffer *to, uint32_t call, struct str name, struct str address)
{
	size_t length = rpc_begin_response(to, call);
	size_t units = 2 + name.n + 2 + address.n + 1;
	put_le16(to, 5); /* COM version 5.7 */
	put_le16(to, 7);
	put_le32(to, 1);
	put_le32(to, (uint32_t)units + 1);
	put_le16(to, (uint16_t)(units + 1));
	put_le16(to, (uint16_t)units);
	put_binding(to, name);
	put_binding(to, address);
	put_le16(to, 0);
	put_le16(to, 0); /* no security bindings */
	put_zeros(to, (4 - (units + 1) * 2 % 4) % 4);
	put_le32(to, 0);
	put_le32(to, 0);
	rpc_end(to, length);
}
