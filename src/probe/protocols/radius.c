/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RADIUS: an access request for the user portolan-probe, who does not exist.  A server drops requests of
 * clients that it does not know, so silence decides nothing.
 */
#include "probe/probe.h"
#include "wire/radius.h"

static void start(struct exchange *ex)
{
	if (!radius_put_request(exchange_send(ex), RADIUS_ACCESS_REQUEST, ex->random[0], ex->random + 1,
				ex->target->secret))
		exchange_done(ex, REASON_LOCAL, "this machine's OpenSSL refuses HMAC-MD5");
}

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct radius_reply r;
	if (!radius_read_reply((struct str){ (const char *)p, n }, ex->random + 1, ex->target->secret, &r) ||
	    r.id != ex->random[0]) {
		exchange_foreign(ex, p, n);
		return n;
	}
	exchange_evidence_number(ex, "code", r.code);
	exchange_check_stand_in(ex, r.message);
	if (ex->target->secret.n && !r.genuine)
		exchange_done(ex, REASON_OTHER_IDENTITY, "a RADIUS server with another shared secret");
	else if (r.code != RADIUS_ACCESS_REJECT && r.code != RADIUS_ACCESS_CHALLENGE &&
		 r.code != RADIUS_ACCESS_ACCEPT && r.code != RADIUS_ACCOUNTING_RESPONSE)
		exchange_foreign(ex, p, n);
	else
		exchange_done(ex, r.genuine && ex->target->secret.n ? REASON_PROVEN : REASON_SERVICE,
			      "a RADIUS server replies");
	return n;
}

static void quiet(struct exchange *ex)
{
	exchange_done(ex, REASON_NO_ANSWER,
		      "nothing comes back; a RADIUS server is silent towards clients that it does not know");
}

const struct probe probe_radius = {
	.name = "radius",
	.title = "RADIUS",
	.best = REASON_NO_ANSWER,
	.why_not = "a RADIUS server replies only to its clients, and only with the shared secret",
	.start = start,
	.input = input,
	.quiet = quiet,
};
