/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a probe found: the state, for programs and colours, and the reason, on which people act.
 *
 * Every reason belongs to one state.  The names are those of portolan.probe/1.
 */
#pragma once

#include "base/str.h"

enum state {
	STATE_SERVING,  /* the right service answered */
	STATE_OPEN,     /* something accepts, and no more can be said */
	STATE_WRONG,    /* another service, or another server, answered */
	STATE_CLOSED,   /* the target itself refused */
	STATE_FILTERED, /* the path lets nothing through, or not all of it */
	STATE_UNKNOWN,  /* nothing that decides */
	N_STATES,
};

/* One line a reason: the constant, its name, its state, and what it means. */
#define REASONS(X)                                                                                                  \
	X(PROVEN, "proven", SERVING, "the right service, and the identity that the plan names")                     \
	X(SERVICE, "service", SERVING, "the right service; its identity is not checked")                            \
	X(ACCEPTS, "accepts", OPEN, "accepts connections; the protocol allows no more without a login")             \
	X(SILENT, "silent", OPEN, "takes what is sent and sends nothing")                                           \
	X(OTHER_IDENTITY, "other-identity", WRONG, "the right protocol, but not the server of the plan")            \
	X(OTHER_SERVICE, "other-service", WRONG, "something else listens on this port")                             \
	X(REFUSED, "refused", CLOSED, "the target refuses: nothing listens on this port")                           \
	X(REJECTED, "rejected", FILTERED, "a device on the path rejects")                                           \
	X(DROPPED, "dropped", FILTERED, "nothing comes back")                                                       \
	X(DATA_LOST, "data-lost", FILTERED, "the connection opens, but what is sent on it never arrives")           \
	X(RESET_ON_DATA, "reset-on-data", FILTERED, "the connection opens, and is reset at the first data")         \
	X(RESET_ON_CONNECT, "reset-on-connect", FILTERED, "the connection opens, and is reset at once")             \
	X(MTU_BLACK_HOLE, "mtu-black-hole", FILTERED, "large packets are lost, and no ICMP message says so")        \
	X(NO_ANSWER, "no-answer", UNKNOWN, "nothing comes back, which UDP does not distinguish from a loss")        \
	X(UNREACHABLE, "unreachable", UNKNOWN, "there is no route to it, or the machine is down")                   \
	X(LOCAL, "local", UNKNOWN, "this machine does not let it be sent")                                          \
	X(UNRESOLVED, "unresolved", UNKNOWN, "its name has no address, or not the planned one")                     \
	X(NEEDS_LISTENER, "needs-listener", UNKNOWN, "the protocol sends no replies; portolan listen can stand in") \
	X(NO_MACHINE, "no-machine", UNKNOWN, "no machine of this subnet is named")                                  \
	X(NOT_TRIED, "not-tried", UNKNOWN, "the probe ended before its turn")

#define X(constant, name, state, text) REASON_##constant,
enum probe_reason { REASONS(X) N_REASONS };
#undef X

const char *state_name(enum state s);
const char *reason_name(enum probe_reason r);
const char *reason_text(enum probe_reason r);
enum state reason_state(enum probe_reason r);
