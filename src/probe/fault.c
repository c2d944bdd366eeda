/* SPDX-License-Identifier: Apache-2.0 */
/* What the system reports of a conversation, as a verdict: who refused, rejected or reset it. */
#include <errno.h>

#include "probe/engine-priv.h"

enum {
	LATE = 2000, /* milliseconds: a router says "host unreachable" after it has asked for so long */
	ICMP_UNREACHABLE = 3,
	ICMP_EXCEEDED = 11,
	ICMP6_UNREACHABLE = 1,
	ICMP6_TOO_BIG = 2,
	ICMP6_EXCEEDED = 3,
};

static bool is_port_unreachable(const struct socket_fault *f)
{
	return f->offender.family == IPV4 ? f->type == ICMP_UNREACHABLE && f->code == 3
					  : f->type == ICMP6_UNREACHABLE && f->code == 4;
}

static bool is_host_unreachable(const struct socket_fault *f)
{
	return f->offender.family == IPV4 ? f->type == ICMP_UNREACHABLE && f->code == 1
					  : f->type == ICMP6_UNREACHABLE && f->code == 3;
}

static bool is_net_unreachable(const struct socket_fault *f)
{
	return f->code == 0 && f->type == (f->offender.family == IPV4 ? ICMP_UNREACHABLE : ICMP6_UNREACHABLE);
}

static bool is_exceeded(const struct socket_fault *f)
{
	return f->type == (f->offender.family == IPV4 ? ICMP_EXCEEDED : ICMP6_EXCEEDED);
}

/* The path's size of packets, which the system then keeps to. */
static bool is_size(const struct socket_fault *f)
{
	return f->offender.family == IPV4 ? f->type == ICMP_UNREACHABLE && f->code == 4 : f->type == ICMP6_TOO_BIG;
}

/* A verdict of the engine; the probe's own, where it has one, came first.  True, as attempt_fault() is. */
#define CONCLUDE(at, reason, ...) (exchange_done(&(at)->ex, reason, __VA_ARGS__), true)

static bool take_icmp(struct attempt *at, const struct socket_fault *f)
{
	char who[ADDR_TEXT];
	bool target = f->offender.family == at->wish.to.family && f->offender.n == at->wish.to.n;
	bool late = at->run->now - at->asked >= (int64_t)LATE * MILLISECOND;
	bool stream = at->wish.protocol == PROTO_TCP;
	if (is_size(f))
		return false;
	at->where = (struct probe_place){ 0, true, true, f->offender, f->type, f->code };
	addr_text(f->offender, who);
	if (is_exceeded(f))
		return CONCLUDE(at, REASON_UNREACHABLE, "a routing loop: %s says that the packet lived too long", who);
	if (is_net_unreachable(f))
		return CONCLUDE(at, REASON_UNREACHABLE, "%s has no route to it", who);
	if (is_host_unreachable(f) && (late || target || f->own))
		return CONCLUDE(at, REASON_UNREACHABLE, "%s finds no machine with this address",
				f->own ? "this machine" : who);
	if (f->own && !target)
		return CONCLUDE(at, REASON_LOCAL, "a filter of this machine rejects it (ICMP %u/%u)", f->type, f->code);
	if (!target)
		return CONCLUDE(at, REASON_REJECTED, "%s rejects it (ICMP %u/%u)", who, f->type, f->code);
	if (is_port_unreachable(f) && !stream)
		return CONCLUDE(at, REASON_REFUSED, "nothing listens on port %u", at->wish.port);
	return CONCLUDE(at, is_port_unreachable(f) ? REASON_REFUSED : REASON_REJECTED,
			"a filter of the target rejects it (ICMP %u/%u)", f->type, f->code);
}

/* Something that was sent arrived. */
static bool is_heard(const struct attempt *at)
{
	struct socket_progress p;
	return at->came > 0 || (socket_progress(at->watcher.fd, &p) && p.acknowledged > 0);
}

/* A reset of a connection that was up before we saw it is not ECONNREFUSED. */
static bool take_reset(struct attempt *at, int errnum)
{
	bool opened = at->stage != STAGE_CONNECT || errnum == ECONNRESET;
	if (at->wish.protocol != PROTO_TCP || !opened)
		return CONCLUDE(at, REASON_REFUSED, "nothing listens on port %u", at->wish.port);
	if (at->kind == ATTEMPT_MUTE || at->sent == 0)
		return CONCLUDE(
			at, REASON_RESET_ON_CONNECT,
			"the connection opens and is reset at once: a device on the path accepts for a closed port");
	if (is_heard(at)) {
		if (at->n_in)
			exchange_foreign(&at->ex, at->in, at->n_in);
		return CONCLUDE(at, REASON_OTHER_SERVICE, "it resets the connection when it is asked for %s",
				at->ex.probe->title);
	}
	at->unheard = at->weak = true;
	return CONCLUDE(at, REASON_RESET_ON_DATA, "the connection is reset at the first data");
}

static bool take_forbidden(struct attempt *at)
{
	if (at->wish.protocol == PROTO_ICMP || at->wish.protocol == PROTO_ICMP6)
		return CONCLUDE(at, REASON_LOCAL,
				"this system lets ordinary users send no echo requests (ping_group_range)");
	return CONCLUDE(at, REASON_LOCAL, "a filter of this machine does not let it be sent");
}

bool attempt_fault(struct attempt *at, const struct socket_fault *f)
{
	switch (f->fault) {
	case FAULT_NONE:
	case FAULT_AGAIN:
		return false;
	case FAULT_ICMP:
		return take_icmp(at, f);
	case FAULT_RESET:
		return take_reset(at, f->errnum);
	case FAULT_TIMEOUT:
		at->weak = true;
		if (at->stage == STAGE_CONNECT)
			return CONCLUDE(at, REASON_DROPPED, "nothing comes back");
		return CONCLUDE(at, REASON_DATA_LOST,
				"the connection opens, but what is sent on it is never acknowledged");
	case FAULT_NO_ROUTE:
		return CONCLUDE(at, f->errnum == EHOSTUNREACH ? REASON_UNREACHABLE : REASON_LOCAL,
				"this machine cannot reach it: %s", strerror(f->errnum));
	case FAULT_FORBIDDEN:
		return take_forbidden(at);
	case FAULT_NO_SOCKETS:
		at->again = true;
		return true;
	case FAULT_SYSTEM:
		return CONCLUDE(at, REASON_LOCAL, "this machine cannot send it: %s", strerror(f->errnum));
	}
	return false;
}
