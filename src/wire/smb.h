/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMB 2 and 3 up to the NTLM challenge (MS-SMB2 2.2.3 to 2.2.6), in the frames of TCP 445
 * and of a NetBIOS session (RFC 1002 4.3), and NetBIOS names (RFC 1002 4.1, 4.2.18).
 */
#pragma once

#include "wire/bytes.h"

/* NEGOTIATE for 2.0.2 to 3.1.1, in its frame.  random: at least 48 bytes, for the client's GUID and the salt. */
void smb_put_negotiate(struct packet *to, const uint8_t *random);

/* SESSION_SETUP with an NTLM NEGOTIATE, in its frame. */
void smb_put_session_setup(struct packet *to);

enum smb_parse { SMB_MORE, SMB_OK, SMB_NOT, SMB_SESSION_REFUSED, SMB_ONE };
enum { SMB_NEGOTIATE = 0, SMB_SESSION_SETUP = 1 };
enum { SMB_SIGNING_ENABLED = 1, SMB_SIGNING_REQUIRED = 2 };

struct smb_reply {
	uint32_t status;
	uint16_t command;
	struct str message; /* from the SMB2 header on; offsets count from here */
	uint8_t refusal;    /* of SMB_SESSION_REFUSED */
};

/* The frame at the start of a stream, and its length. */
enum smb_parse smb_parse(const uint8_t *p, size_t n, struct smb_reply *ret, size_t *length);

struct smb_negotiated {
	uint16_t security_mode, dialect;
	uint64_t time; /* FILETIME */
	struct str token;
};
bool smb_read_negotiate(const struct smb_reply *r, struct smb_negotiated *ret);

/* The security token of a SESSION_SETUP response. */
bool smb_read_session_setup(const struct smb_reply *r, struct str *token);

enum { NETBIOS_ENCODED = 34 };

/* A NetBIOS name of at most 15 characters and its type, encoded with length and final NUL. */
void netbios_put_name(struct packet *to, struct str name, uint8_t type);

/* A session request to *SMBSERVER. */
void netbios_put_session(struct packet *to);

/* A node status request, and the names of its reply. */
void netbios_put_status(struct packet *to, uint16_t id);
struct netbios_name {
	char name[16]; /* without the blanks at the end */
	uint8_t type;
	bool group;
};
bool netbios_read_status(struct str datagram, uint16_t id, struct netbios_name *ret, size_t max, size_t *n);
