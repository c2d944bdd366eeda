/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RADIUS: a reject, signed with the planned secret.  Without one the reply is signed with an empty secret.
 */
#include "listen/stand-in.h"
#include "wire/radius.h"

enum { ACCOUNTING_REQUEST = 4 };

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	struct radius_request request;
	if (!radius_read_request((struct str){ (const char *)p, n }, &request) ||
	    (request.code != RADIUS_ACCESS_REQUEST && request.code != RADIUS_STATUS_SERVER &&
	     request.code != ACCOUNTING_REQUEST)) {
		session_foreign(s);
		return n;
	}
	enum radius_code code = request.code == ACCOUNTING_REQUEST ? RADIUS_ACCOUNTING_RESPONSE : RADIUS_ACCESS_REJECT;
	if (!radius_put_reply(session_send(s), code, &request, STR(STAND_IN), s->planned->secret))
		session_foreign(s);
	else
		s->heard = "an access request, which is rejected";
	return n;
}

const struct stand_in stand_in_radius = {
	.name = "radius",
	.input = input,
};
