/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RADIUS (RFC 2865, RFC 2869 5.14, RFC 5997): a request that names no account, and the check that
 * a reply was made with the shared secret.
 */
#pragma once

#include "wire/bytes.h"

enum radius_code {
	RADIUS_ACCESS_REQUEST = 1,
	RADIUS_ACCESS_ACCEPT = 2,
	RADIUS_ACCESS_REJECT = 3,
	RADIUS_ACCOUNTING_RESPONSE = 5,
	RADIUS_ACCESS_CHALLENGE = 11,
	RADIUS_STATUS_SERVER = 12,
};

enum { RADIUS_AUTHENTICATOR = 16, RADIUS_PACKET_MAX = 4096 };

/*
 * Message-Authenticator first, then NAS-Identifier and, for an access request, User-Name
 * "portolan-probe".  The secret may be empty.  False when the packet does not fit.
 */
bool radius_put_request(struct buffer *to, enum radius_code code, uint8_t id, const uint8_t authenticator[16],
			struct str secret);

struct radius_reply {
	uint8_t code, id;
	bool genuine;       /* its authenticator was made with the secret, for this request */
	struct str message; /* Reply-Message; empty: none */
};
bool radius_read_reply(struct str datagram, const uint8_t request_authenticator[16], struct str secret,
		       struct radius_reply *ret);

/* The server's half: a request, and a reply with Reply-Message and Message-Authenticator. */
struct radius_request {
	uint8_t code, id;
	struct str authenticator;
};
bool radius_read_request(struct str datagram, struct radius_request *ret);
bool radius_put_reply(struct buffer *to, enum radius_code code, const struct radius_request *request,
		      struct str message, struct str secret);
