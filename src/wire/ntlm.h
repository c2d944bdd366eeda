/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first two messages of NTLM (MS-NLMP 2.2.1): NEGOTIATE is sent, and the CHALLENGE that comes back
 * names the server and its domain.  Nothing is answered to it: nobody logs on, and no account is named.
 */
#pragma once

#include "wire/bytes.h"

enum { NTLM_NAME_MAX = 256, NTLM_BASE64_MAX = 4096 };

void ntlm_put_negotiate(struct buffer *to);

/* The same inside SPNEGO (RFC 4178 4.2.1), as SMB wants it. */
void ntlm_put_spnego(struct buffer *to);

/* Names of the target information, in UTF-8; "" where absent. */
struct ntlm_names {
	char netbios_domain[NTLM_NAME_MAX], netbios_host[NTLM_NAME_MAX];
	char domain[NTLM_NAME_MAX], host[NTLM_NAME_MAX], forest[NTLM_NAME_MAX];
	bool has_time;
	int64_t time; /* milliseconds since 1970 */
};

/* Finds the CHALLENGE in a token, with or without SPNEGO around it.  False when there is none, or it is malformed. */
bool ntlm_read_challenge(struct str token, struct ntlm_names *ret);

/* The server's half: a CHALLENGE with these names, in SPNEGO, and whether a token begins a logon (type 1) or goes on with it (type 3). */
void ntlm_put_challenge(struct buffer *to, const struct ntlm_names *names, const uint8_t challenge[8]);
void ntlm_put_spnego_challenge(struct buffer *to, const struct ntlm_names *names, const uint8_t challenge[8]);
uint32_t ntlm_message_type(struct str token); /* 0: no NTLM in it */

/* A FILETIME (MS-DTYP 2.3.3) as milliseconds since 1970. */
int64_t filetime_ms(uint64_t filetime);
uint64_t filetime_of(int64_t milliseconds);

/* Base64 (RFC 4648 4).  put: adds the text.  get: decodes into buf; false when it is malformed or does not fit. */
void put_base64(struct buffer *to, struct str bytes);
bool get_base64(struct str text, char *buf, size_t room, struct str *ret);
