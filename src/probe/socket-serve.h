/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets that wait for others: what portolan listen binds.  Beside probe/socket.h, whose loop reports
 * their events.
 */
#pragma once

#include "probe/socket.h"

struct serve_wish {
	uint8_t protocol; /* PROTO_TCP or PROTO_UDP */
	struct addr at;
	uint16_t port;
};

struct serve_peer {
	struct addr address;
	uint16_t port;
};

/* Binds, and listens for TCP.  -1 after a fault, with errnum. */
int serve_open(struct sockets *s, const struct serve_wish *wish, void *owner, struct socket_fault *fault);

/* The next connection, not yet reported with an owner; -1 when there is none, or after a fault. */
int serve_accept(int fd, struct serve_peer *peer, struct socket_fault *fault);

/* Reports events of a connection with owner.  False when the system refuses. */
bool serve_watch(struct sockets *s, int fd, void *owner);

/* A datagram and who sent it; -1 when there is none. */
long serve_receive(int fd, struct serve_peer *peer, void *p, size_t room);

/* Answers a datagram; elsewhere: from a new port of the same address, as TFTP does. */
bool serve_send(int fd, const struct serve_wish *wish, const struct serve_peer *peer, const void *p, size_t n,
		bool elsewhere);
