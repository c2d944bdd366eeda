/* SPDX-License-Identifier: Apache-2.0 */
/* What the two files of Linux' sockets share. */
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "probe/socket.h"

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t n;
};

struct address address_of(struct addr a, uint16_t port);

/* False for other families. */
bool addr_of(const struct sockaddr *from, struct addr *ret);
uint16_t port_of(const struct address *from);

int sockets_epoll(const struct sockets *s);
