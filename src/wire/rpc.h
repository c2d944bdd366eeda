/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DCE/RPC over TCP, version 5.0, without authentication (C706 12.6; MS-RPCE 2.2.2), and the calls
 * that need none: the endpoint mapper (C706 appendix O), the management interface (appendix Q),
 * and IObjectExporter::ServerAlive2 (MS-DCOM 3.1.2.5.1.6).
 */
#pragma once

#include "wire/bytes.h"

enum {
	RPC_HEADER = 16,
	RPC_FRAGMENT_MAX = 5840, /* what we offer to receive; Windows sends no more (MS-RPCE 3.3.1.5.3) */
	RPC_STUB_MAX = 1 << 17,  /* of all fragments of a reply */
	RPC_TOWERS_MAX = 500,    /* of one reply of the endpoint mapper */
	RPC_INTERFACES_MAX = 1000,
	UUID_TEXT = 37,
};

enum rpc_type {
	RPC_REQUEST = 0,
	RPC_RESPONSE = 2,
	RPC_FAULT = 3,
	RPC_BIND = 11,
	RPC_BIND_ACK = 12,
	RPC_BIND_NAK = 13,
};

enum { RPC_FIRST = 0x01, RPC_LAST = 0x02 };

/* A UUID as it is written, 16 bytes, and an interface's version. */
struct rpc_syntax {
	uint8_t uuid[16];
	uint16_t major, minor;
};

extern const struct rpc_syntax rpc_endpoint_mapper, rpc_management, rpc_object_exporter, rpc_activator,
	rpc_remote_unknown, rpc_ndr;

bool rpc_same_syntax(const struct rpc_syntax *a, const struct rpc_syntax *b);

/* "e3514235-4b06-11d1-ab04-00c04fc2dcd2"; false when it is not a UUID. */
bool uuid_parse(struct str text, uint8_t ret[16]);
const char *uuid_text(const uint8_t uuid[16], char buf[UUID_TEXT]);

void rpc_put_bind(struct buffer *to, uint32_t call, const struct rpc_syntax *interface);

/* The head of a request; the stub follows, then rpc_end(). */
size_t rpc_begin_request(struct buffer *to, uint32_t call, uint16_t operation);
void rpc_end(struct buffer *to, size_t place);

struct rpc_pdu {
	uint8_t type, flags;
	uint32_t call;
	bool little;        /* integers; the character set is ASCII */
	struct cursor body; /* after the header, without the authentication trailer */
};

enum rpc_parse { RPC_MORE, RPC_OK, RPC_NOT };

/* The PDU at the start of a stream and its length.  RPC_NOT when this is not DCE/RPC 5.0. */
enum rpc_parse rpc_parse(const uint8_t *p, size_t n, struct rpc_pdu *ret, size_t *length);

/* The result of the first context of a bind_ack: 0 accepted, else provider rejection with a reason. */
struct rpc_bind_ack {
	struct str address; /* of the server: a port, as text */
	uint16_t result, reason;
};
enum { RPC_ACCEPTED = 0, RPC_PROVIDER_REJECTION = 2, RPC_ABSTRACT_SYNTAX = 1, RPC_TRANSFER_SYNTAX = 2 };
bool rpc_read_bind_ack(struct rpc_pdu *pdu, struct rpc_bind_ack *ret);

/* The status of a fault. */
uint32_t rpc_read_fault(struct rpc_pdu *pdu);
const char *rpc_fault_name(uint32_t status); /* NULL when it has none here */

/* The stub of a response, after its head. */
struct cursor rpc_read_response(struct rpc_pdu *pdu);

/* ept_map: on which TCP port is this interface? */
void rpc_put_map(struct buffer *to, uint32_t call, const struct rpc_syntax *interface, unsigned max_towers);

enum { EPT_NOT_REGISTERED = 0x16c9a0d6 };

struct rpc_endpoint {
	struct rpc_syntax interface;
	uint16_t port;    /* TCP; 0: the tower is for another transport */
	uint32_t address; /* IPv4 of the tower, 0 when it names none */
};

/*
 * Reads the stub of an ept_map reply: at most max endpoints go to ret, in their order.  False when it is
 * malformed; *status is the mapper's.
 */
bool rpc_read_map(struct cursor stub, struct rpc_endpoint *ret, size_t max, size_t *n, uint32_t *status);

/*
 * ept_lookup: everything that is registered, a page at a time.  handle: 20 bytes, zeros at first; the
 * reply's goes into the next call.  The last page has the status EPT_NOT_REGISTERED or a handle of zeros.
 */
enum { RPC_HANDLE = 20, RPC_PAGE = 500 };
void rpc_put_lookup(struct buffer *to, uint32_t call, const uint8_t handle[RPC_HANDLE]);
bool rpc_read_lookup(struct cursor stub, uint8_t handle[RPC_HANDLE], struct rpc_endpoint *ret, size_t max, size_t *n,
		     uint32_t *status);

/* inq_if_ids of the management interface: which interfaces this port has. */
void rpc_put_inquiry(struct buffer *to, uint32_t call);
bool rpc_read_inquiry(struct cursor stub, struct rpc_syntax *ret, size_t max, size_t *n, uint32_t *status);

/* ServerAlive2: an empty stub, and the string bindings that come back, one after the other. */
enum { RPC_SERVER_ALIVE2 = 5, RPC_TOWER_TCP = 7, RPC_BINDINGS_MAX = 64, RPC_BINDING_TEXT = 128 };
struct rpc_string_binding {
	uint16_t tower;
	char address[RPC_BINDING_TEXT]; /* ASCII; other characters are '?' */
};
bool rpc_read_alive(struct cursor stub, struct rpc_string_binding *ret, size_t max, size_t *n);

/* The server's half: what is asked, and replies in the same call. */
bool rpc_read_bind(struct rpc_pdu *pdu, struct rpc_syntax *ret);
void rpc_put_bind_ack(struct buffer *to, uint32_t call, struct str address, bool accepted);
bool rpc_read_request(struct rpc_pdu *pdu, uint16_t *operation, struct cursor *stub);
size_t rpc_begin_response(struct buffer *to, uint32_t call);
void rpc_put_fault(struct buffer *to, uint32_t call, uint32_t status);
/* most: how many towers or entries the caller has room for; the reply repeats it (C706 14.3.4.2: size_is). */
bool rpc_read_map_request(struct cursor stub, struct rpc_syntax *ret, uint32_t *most);
bool rpc_read_lookup_request(struct cursor stub, uint32_t *most);
void rpc_put_map_reply(struct buffer *to, uint32_t call, const struct rpc_syntax *interface, uint16_t port,
		       uint32_t address, uint32_t most);
void rpc_put_lookup_reply(struct buffer *to, uint32_t call, const struct rpc_endpoint *endpoints, size_t n,
			  uint32_t most);
void rpc_put_inquiry_reply(struct buffer *to, uint32_t call, const struct rpc_syntax *interfaces, size_t n);
/* ServerAlive2: a name and an address. */
void rpc_put_alive_reply(struct buffer *to, uint32_t call, struct str name, struct str address);
