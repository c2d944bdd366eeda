/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/plain.h"

static void send_datagram(struct exchange *ex)
{
	struct buffer *to = exchange_send(ex);
	put_text(to, "portolan-probe ");
	put_bytes(to, ex->random, 8);
}

static size_t take_datagram(struct exchange *ex, const uint8_t *p, size_t n)
{
	exchange_evidence(ex, "first-bytes", (struct str){ (const char *)p, MIN(n, (size_t)24) });
	exchange_done(ex, REASON_ACCEPTS, "something replies");
	return n;
}

static void no_datagram(struct exchange *ex)
{
	exchange_done(ex, REASON_NEEDS_LISTENER, "nothing comes back, and no service is known that has to reply");
}

const struct probe probe_plain_tcp = {
	.name = "tcp",
	.title = "an unknown service",
	.best = REASON_ACCEPTS,
	.why_not = "it accepts connections; which service has to be there is not known",
};

const struct probe probe_plain_udp = {
	.name = "udp",
	.title = "an unknown service",
	.best = REASON_NEEDS_LISTENER,
	.why_not = "which service has to be there is not known",
	.start = send_datagram,
	.input = take_datagram,
	.quiet = no_datagram,
};
