/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets of Linux.  IP_RECVERR and IPV6_RECVERR give the sender, type and code of ICMP messages to
 * an ordinary user: for UDP, for echo requests, and for TCP until the connection is up (ip(7), ipv6(7)).
 */
#include "probe/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/errqueue.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/vec.h"
#include "probe/socket-linux.h"

enum {
	REPORTS_AT_ONCE = 256,
	ECHO_HEADER = 8,
	FILES_KEPT = 16, /* for everything but sockets */
};

struct sockets {
	int epoll;
};

struct address address_of(struct addr a, uint16_t port)
{
	struct address to = { 0 };
	if (a.family == IPV4) {
		to.v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
		to.v4.sin_addr.s_addr = htonl((uint32_t)a.n);
		to.n = sizeof to.v4;
		return to;
	}
	to.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(port) };
	for (int i = 0; i < 16; i++)
		to.v6.sin6_addr.s6_addr[i] = (uint8_t)(a.n >> (120 - 8 * i));
	to.n = sizeof to.v6;
	return to;
}

bool addr_of(const struct sockaddr *from, struct addr *ret)
{
	if (from->sa_family == AF_INET) {
		struct sockaddr_in v4;
		memcpy(&v4, from, sizeof v4);
		*ret = (struct addr){ IPV4, ntohl(v4.sin_addr.s_addr) };
		return true;
	}
	if (from->sa_family != AF_INET6)
		return false;
	struct sockaddr_in6 v6;
	memcpy(&v6, from, sizeof v6);
	*ret = (struct addr){ IPV6, 0 };
	for (int i = 0; i < 16; i++)
		ret->n = ret->n << 8 | v6.sin6_addr.s6_addr[i];
	return true;
}

uint16_t port_of(const struct address *from)
{
	return ntohs(from->any.sa_family == AF_INET ? from->v4.sin_port : from->v6.sin6_port);
}

static bool is_echo(const struct socket_wish *wish)
{
	return wish->protocol == PROTO_ICMP || wish->protocol == PROTO_ICMP6;
}

struct sockets *sockets_new(struct arena *a)
{
	struct sockets *s = ARENA_NEW(a, struct sockets);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	return s->epoll < 0 ? NULL : s;
}

int sockets_epoll(const struct sockets *s)
{
	return s->epoll;
}

void sockets_close(struct sockets *s)
{
	close(s->epoll);
}

unsigned sockets_room(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) != 0)
			return 1;
	}
	rlim_t most = MIN(limit.rlim_cur, (rlim_t)1 << 20);
	return most > FILES_KEPT + 1 ? (unsigned)most - FILES_KEPT : 1;
}

static enum fault fault_of(int errnum)
{
	switch (errnum) {
	case EAGAIN:
	case EINPROGRESS:
	case EINTR:
		return FAULT_AGAIN;
	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
		return FAULT_RESET;
	case ETIMEDOUT:
		return FAULT_TIMEOUT;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
	case ENETDOWN:
		return FAULT_NO_ROUTE;
	case EPERM:
	case EACCES:
		return FAULT_FORBIDDEN;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return FAULT_NO_SOCKETS;
	default:
		return FAULT_SYSTEM;
	}
}

static void take_errno(struct socket_fault *fault)
{
	*fault = (struct socket_fault){ .fault = fault_of(errno), .errnum = errno };
}

static bool is_own(struct addr a)
{
	struct address to = address_of(a, 0);
	int fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool own = fd >= 0 && bind(fd, &to.any, to.n) == 0;
	if (fd >= 0)
		close(fd);
	return own;
}

/* One ICMP message of the error queue; false when there is none. */
static bool take_icmp(int fd, const struct socket_wish *wish, struct socket_fault *fault)
{
	union {
		char bytes[512];
		struct cmsghdr aligned;
	} control;
	char data[64];
	struct iovec part = { data, sizeof data };
	struct msghdr m = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control,
	};
	if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct sock_extended_err e;
		bool v4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
		bool v6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
		if (!v4 && !v6)
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof e);
		if (e.ee_origin == SO_EE_ORIGIN_LOCAL) {
			errno = (int)e.ee_errno;
			take_errno(fault);
			return true;
		}
		if (e.ee_origin != SO_EE_ORIGIN_ICMP && e.ee_origin != SO_EE_ORIGIN_ICMP6)
			continue;
		struct sockaddr_storage sender;
		memcpy(&sender, CMSG_DATA(c) + sizeof e,
		       MIN(sizeof sender, (size_t)(c->cmsg_len - CMSG_LEN(sizeof e))));
		*fault = (struct socket_fault){ .fault = FAULT_ICMP, .errnum = (int)e.ee_errno };
		fault->type = e.ee_type;
		fault->code = e.ee_code;
		if (!addr_of((const struct sockaddr *)&sender, &fault->offender))
			fault->offender = wish->to;
		fault->own = is_own(fault->offender);
		return true;
	}
	return false;
}

void socket_take_fault(int fd, const struct socket_wish *wish, struct socket_fault *fault)
{
	int errnum = 0;
	socklen_t n = sizeof errnum;
	*fault = (struct socket_fault){ 0 };
	if (take_icmp(fd, wish, fault)) {
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &n); /* the same, once more */
		return;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &n) == 0 && errnum) {
		errno = errnum;
		take_errno(fault);
	}
}

/* After a call that failed: the queue knows more than errno. */
static void explain(int fd, const struct socket_wish *wish, struct socket_fault *fault)
{
	take_errno(fault);
	if (fault->fault == FAULT_AGAIN || fault->fault == FAULT_NO_SOCKETS)
		return;
	struct socket_fault icmp;
	if (take_icmp(fd, wish, &icmp))
		*fault = icmp;
}

static bool set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

static bool prepare(int fd, const struct socket_wish *wish)
{
	bool v4 = wish->to.family == IPV4;
	if (!set(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, 1))
		return false;
	if (wish->ttl && !set(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TTL : IPV6_UNICAST_HOPS, (int)wish->ttl))
		return false;
	if (wish->mss && !set(fd, IPPROTO_TCP, TCP_MAXSEG, (int)wish->mss))
		return false;
	if (wish->protocol == PROTO_TCP)
		set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (!wish->has_source && !wish->source_port)
		return true;
	struct addr none = { wish->to.family, 0 };
	struct address from = address_of(wish->has_source ? wish->source : none, wish->source_port);
	if (wish->source_port)
		set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	else /* the port is chosen at connect(), so that many connections may share it */
		set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	return bind(fd, &from.any, from.n) == 0;
}

static int make(const struct socket_wish *wish)
{
	int domain = wish->to.family == IPV4 ? AF_INET : AF_INET6;
	int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
	switch (wish->protocol) {
	case PROTO_TCP:
		return socket(domain, SOCK_STREAM | flags, IPPROTO_TCP);
	case PROTO_UDP:
		return socket(domain, SOCK_DGRAM | flags, IPPROTO_UDP);
	case PROTO_ICMP:
	case PROTO_ICMP6:
		return socket(domain, SOCK_DGRAM | flags, domain == AF_INET ? (int)IPPROTO_ICMP : (int)IPPROTO_ICMPV6);
	default:
		errno = EPROTONOSUPPORT;
		return -1;
	}
}

int socket_open(struct sockets *s, const struct socket_wish *wish, void *owner, struct socket_fault *fault)
{
	struct address to = address_of(wish->to, wish->port);
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT, .data.ptr = owner };
	int fd = make(wish);
	*fault = (struct socket_fault){ 0 };
	if (fd < 0) {
		take_errno(fault);
		return -1;
	}
	if (!prepare(fd, wish) || epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		take_errno(fault);
		if (fault->fault == FAULT_FORBIDDEN)
			fault->fault = FAULT_SYSTEM; /* an own port below 1024, not a filter */
		close(fd);
		return -1;
	}
	if (!wish->any_port && connect(fd, &to.any, to.n) != 0 && errno != EINPROGRESS) {
		explain(fd, wish, fault);
		close(fd);
		return -1;
	}
	return fd;
}

void socket_close(struct sockets *s, int fd)
{
	close(fd); /* which takes it out of the epoll set */
}

void socket_wants_write(struct sockets *s, int fd, void *owner, bool wants)
{
	struct epoll_event event = { .events = EPOLLIN | (wants ? EPOLLOUT : 0), .data.ptr = owner };
	epoll_ctl(s->epoll, EPOLL_CTL_MOD, fd, &event);
}

size_t sockets_wait(struct sockets *s, int milliseconds, struct socket_report *reports, size_t room)
{
	struct epoll_event events[REPORTS_AT_ONCE];
	int n = epoll_wait(s->epoll, events, (int)MIN(room, (size_t)REPORTS_AT_ONCE), milliseconds);
	for (int i = 0; i < n; i++) {
		unsigned seen = events[i].events;
		reports[i].owner = events[i].data.ptr;
		reports[i].events = (seen & (EPOLLIN | EPOLLHUP) ? SOCKET_READABLE : 0) |
				    (seen & EPOLLOUT ? SOCKET_WRITABLE : 0) | (seen & EPOLLERR ? SOCKET_FAULTY : 0);
	}
	return n > 0 ? (size_t)n : 0;
}

static long send_echo(int fd, const struct socket_wish *wish, const void *p, size_t n)
{
	uint8_t header[ECHO_HEADER] = { wish->protocol == PROTO_ICMP ? ICMP_ECHO : ICMP6_ECHO_REQUEST };
	struct iovec parts[] = { { header, sizeof header }, { (void *)(uintptr_t)p, n } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };
	/* the system fills in the identifier and the checksum */
	ssize_t sent = sendmsg(fd, &m, MSG_NOSIGNAL);
	return sent < 0 ? -1 : (long)n;
}

long socket_send(int fd, const struct socket_wish *wish, const void *p, size_t n, struct socket_fault *fault)
{
	ssize_t sent;
	*fault = (struct socket_fault){ 0 };
	if (is_echo(wish)) {
		sent = send_echo(fd, wish, p, n);
	} else if (wish->any_port) {
		struct address to = address_of(wish->to, wish->port);
		sent = sendto(fd, p, n, MSG_NOSIGNAL, &to.any, to.n);
	} else {
		sent = send(fd, p, n, MSG_NOSIGNAL);
	}
	if (sent < 0)
		explain(fd, wish, fault);
	return sent;
}

/* From the address that was asked, or it is not a reply. */
static long receive_from_anywhere(int fd, struct socket_wish *wish, void *p, size_t room)
{
	struct address from = { .n = sizeof from.v6 };
	struct addr sender;
	ssize_t n = recvfrom(fd, p, room, 0, &from.any, &from.n);
	if (n < 0)
		return -1;
	if (!addr_of(&from.any, &sender) || sender.family != wish->to.family || sender.n != wish->to.n) {
		errno = EAGAIN;
		return -1;
	}
	if (connect(fd, &from.any, from.n) == 0) {
		wish->any_port = false;
		wish->port = port_of(&from);
	}
	return n;
}

static long receive_echo(int fd, const struct socket_wish *wish, uint8_t *p, size_t room)
{
	uint8_t header[ECHO_HEADER];
	struct iovec parts[] = { { header, sizeof header }, { p, room } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n = recvmsg(fd, &m, 0);
	if (n < 0)
		return -1;
	if (n < ECHO_HEADER || header[0] != (wish->protocol == PROTO_ICMP ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY)) {
		errno = EAGAIN;
		return -1;
	}
	return n - ECHO_HEADER;
}

long socket_receive(int fd, struct socket_wish *wish, void *p, size_t room, struct socket_fault *fault)
{
	long n;
	*fault = (struct socket_fault){ 0 };
	if (is_echo(wish))
		n = receive_echo(fd, wish, p, room);
	else if (wish->any_port)
		n = receive_from_anywhere(fd, wish, p, room);
	else
		n = recv(fd, p, room, 0);
	if (n < 0)
		explain(fd, wish, fault);
	return n;
}

bool socket_progress(int fd, struct socket_progress *ret)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof info;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
		return false;
	*ret = (struct socket_progress){
		.acknowledged = info.tcpi_bytes_acked ? info.tcpi_bytes_acked - 1 : 0, /* the SYN counts as one */
		.unacknowledged = info.tcpi_unacked,
		.segments = info.tcpi_segs_out,
		.resent = info.tcpi_total_retrans,
		.rtt = info.tcpi_rtt,
	};
	return true;
}

bool socket_source(int fd, struct addr *ret)
{
	struct address own = { .n = sizeof own.v6 };
	return getsockname(fd, &own.any, &own.n) == 0 && addr_of(&own.any, ret);
}

static bool is_link_local(struct addr a)
{
	return a.family == IPV4 ? a.n >> 16 == 0xa9fe : a.n >> 118 == 0x3fa;
}

bool own_addresses(struct arena *a, struct addr_list *ret)
{
	struct ifaddrs *all;
	struct addr own;
	VEC(struct addr) found = { 0 };
	if (getifaddrs(&all) != 0)
		return false;
	for (const struct ifaddrs *i = all; i; i = i->ifa_next)
		if (i->ifa_addr && !(i->ifa_flags & IFF_LOOPBACK) && addr_of(i->ifa_addr, &own) && !is_link_local(own))
			*VEC_ADD(a, &found) = own;
	freeifaddrs(all);
	*ret = (struct addr_list){ found.v, found.n };
	return true;
}

bool random_bytes(void *p, size_t n)
{
	return getrandom(p, n, 0) == (ssize_t)n;
}
