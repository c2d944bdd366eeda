/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/socket-serve.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/socket-linux.h"

enum { BACKLOG = 128 };

int serve_open(struct sockets *s, const struct serve_wish *wish, void *owner, struct socket_fault *fault)
{
	struct address at = address_of(wish->at, wish->port);
	int on = 1;
	int fd = socket(at.any.sa_family,
			(wish->protocol == PROTO_TCP ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	*fault = (struct socket_fault){ 0 };
	bool ok = fd >= 0;
	/* Connections of an earlier run that end slowly do not keep the port; another listener does. */
	if (ok && wish->protocol == PROTO_TCP)
		ok = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
	if (ok && at.any.sa_family == AF_INET6)
		ok = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
	ok = ok && bind(fd, &at.any, at.n) == 0 && (wish->protocol != PROTO_TCP || listen(fd, BACKLOG) == 0) &&
	     serve_watch(s, fd, owner);
	if (ok)
		return fd;
	*fault = (struct socket_fault){ .fault = FAULT_SYSTEM, .errnum = errno };
	if (fd >= 0)
		close(fd);
	return -1;
}

int serve_accept(int fd, struct serve_peer *peer, struct socket_fault *fault)
{
	struct address from = { .n = sizeof from.v6 };
	int connection = accept4(fd, &from.any, &from.n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	*fault = (struct socket_fault){ 0 };
	if (connection < 0) {
		bool none = errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
		*fault = (struct socket_fault){ .fault = none ? FAULT_AGAIN : FAULT_SYSTEM, .errnum = errno };
		return -1;
	}
	addr_of(&from.any, &peer->address);
	peer->port = port_of(&from);
	return connection;
}

bool serve_watch(struct sockets *s, int fd, void *owner)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = owner };
	return epoll_ctl(sockets_epoll(s), EPOLL_CTL_ADD, fd, &event) == 0;
}

long serve_receive(int fd, struct serve_peer *peer, void *p, size_t room)
{
	struct address from = { .n = sizeof from.v6 };
	ssize_t n = recvfrom(fd, p, room, MSG_DONTWAIT, &from.any, &from.n);
	if (n < 0)
		return -1;
	addr_of(&from.any, &peer->address);
	peer->port = port_of(&from);
	return n;
}

bool serve_send(int fd, const struct serve_wish *wish, const struct serve_peer *peer, const void *p, size_t n,
		bool elsewhere)
{
	struct address to = address_of(peer->address, peer->port), at = address_of(wish->at, 0);
	int from = fd;
	if (elsewhere) {
		from = socket(at.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (from < 0 || bind(from, &at.any, at.n) != 0) {
			if (from >= 0)
				close(from);
			return false;
		}
	}
	ssize_t sent = sendto(from, p, n, MSG_DONTWAIT | MSG_NOSIGNAL, &to.any, to.n);
	if (elsewhere)
		close(from);
	return sent >= 0 && (size_t)sent == n;
}
