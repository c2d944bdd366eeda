/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMB 2 and 3 up to the NTLM challenge (MS-SMB2 2.2.3 to 2.2.6), in the frames of TCP 445
 * and of a NetBIOS session (RFC 1002 4.3), and NetBIOS names (RFC 1002 4.1, 4.2.18).
 */
#pragma once

#include "wire/bytes.h"

/* NEGOTIATE for 2.0.2 to 3.1.1, in its frame.  random: at least 48 bytes, for the client's GUID and the salt. */
void smb_put_negotiate(struct buffer *to, const uint8_t *random);

/* SESSION_SETUP with an NTLM NEGOTIATE, in its frame. */
void smb_put_session_setup(struct buffer *to);

enum smb_parse { SMB_MORE, SMB_OK, SMB_NOT, SMB_SESSION_REFUSED, SMB_ONE };
enum { SMB_NEGOTIATE = 0, SMB_SESSION_SETUP = 1 };
enum { SMB_SIGNING_ENABLED = 1, SMB_SIGNING_REQUIRED = 2 };

struct smb_reply {
	uint32_t status;
	uint16_t command;
	uint64_t id;        /* of the message */
	struct str message; /* from the SMB2 header on; offsets count from here */
	uint8_t refusal;    /* of SMB_SESSION_REFUSED */
};

/* The frame at the start of a stream, and its length. */
enum smb_parse smb_parse(const uint8_t *p, size_t n, struct smb_reply *ret, size_t *length);

struct smb_negotiated {
	uint16_t security_mode, dialect;
	struct str guid; /* of the server, 16 bytes */
	uint64_t time;   /* FILETIME */
	struct str token;
};
bool smb_read_negotiate(const struct smb_reply *r, struct smb_negotiated *ret);

/* The security token of a SESSION_SETUP response. */
bool smb_read_session_setup(const struct smb_reply *r, struct str *token);

enum { NETBIOS_ENCODED = 34 };

/* A NetBIOS name of at most 15 characters and its type, encoded with length and final NUL. */
void netbios_put_name(struct buffer *to, struct str name, uint8_t type);

/* A session request to *SMBSERVER. */
void netbios_put_session(struct buffer *to);

/* A node status request, and the names of its reply. */
void netbios_put_status(struct buffer *to, uint16_t id);
struct netbios_name {
	char name[16]; /* without the blanks at the end */
	uint8_t type;
	bool group;
};
bool netbios_read_status(struct str datagram, uint16_t id, struct netbios_name *ret, size_t max, size_t *n);

/* The server's half.  The dialects that a NEGOTIATE offers: the best that is at most 3.0.2; 0 when there is none. */
uint16_t smb_read_offer(const struct smb_reply *request);
/* The token of a SESSION_SETUP request. */
bool smb_read_setup_request(const struct smb_reply *request, struct str *token);
void smb_put_negotiate_reply(struct buffer *to, uint64_t id, uint16_t dialect, const char guid[16], uint64_t filetime);
void smb_put_setup_reply(struct buffer *to, uint64_t id, uint32_t status, struct str token);

/* A session request: true when it is one, whole; SESSION_REQUEST bytes long.  The names of a node status reply. */
enum { NETBIOS_SESSION_REQUEST = 4 + 2 * NETBIOS_ENCODED };
bool netbios_is_session_request(const uint8_t *p, size_t n);
bool netbios_read_status_query(struct str datagram, uint16_t *id);
void netbios_put_status_reply(struct buffer *to, uint16_t id, const struct netbios_name *names, size_t n);
