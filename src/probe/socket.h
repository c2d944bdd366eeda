/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets, and what a system tells of them without privileges.
 *
 * All that differs between systems is behind this header: probe/socket-linux.c is the only file
 * of the program that includes a system's network headers, beside probe/socket-names.c.
 * Nothing here waits but sockets_wait().
 */
#pragma once

#include "net/addr.h"
#include "net/port.h"

enum fault {
	FAULT_NONE,
	FAULT_AGAIN,      /* nothing now; wait for it */
	FAULT_RESET,      /* a TCP reset: of a connection, or in place of one */
	FAULT_ICMP,       /* an ICMP message; its sender, type and code are known */
	FAULT_TIMEOUT,    /* the system gave up */
	FAULT_NO_ROUTE,   /* this machine has no route, or no address, for it */
	FAULT_FORBIDDEN,  /* this machine does not let it be sent */
	FAULT_NO_SOCKETS, /* the limit of open files is reached */
	FAULT_SYSTEM,     /* anything else; errnum says what */
};

struct socket_fault {
	enum fault fault;
	int errnum;
	struct addr offender; /* FAULT_ICMP: who sent it */
	bool own;             /* it is an address of this machine */
	uint8_t type, code;
};

struct socket_wish {
	uint8_t protocol; /* PROTO_TCP, PROTO_UDP; PROTO_ICMP and PROTO_ICMP6: echo requests */
	struct addr to;
	uint16_t port;
	bool has_source;
	struct addr source;
	uint16_t source_port; /* 0: the system chooses */
	unsigned ttl;         /* 0: the system's */
	unsigned mss;         /* TCP: the largest segment to announce; 0: the system's */
	bool any_port;        /* UDP: replies may come from another port of the same address */
};

enum socket_event { SOCKET_READABLE = 1, SOCKET_WRITABLE = 2, SOCKET_FAULTY = 4 };

struct sockets;

/* NULL when the system refuses; errno says why. */
struct sockets *sockets_new(struct arena *a);
void sockets_close(struct sockets *s);

/* How many more files this process may open. */
unsigned sockets_room(void);

/*
 * Makes a socket and begins to connect it.  Events of it are reported with owner, which is
 * not NULL.  -1 after a fault.
 */
int socket_open(struct sockets *s, const struct socket_wish *wish, void *owner, struct socket_fault *fault);
void socket_close(struct sockets *s, int fd);

/* Whether to report that it can be written to; it can at first. */
void socket_wants_write(struct sockets *s, int fd, void *owner, bool wants);

/* Waits until something happened, at most that long; the number of reports, 0 after a signal. */
struct socket_report {
	void *owner;
	unsigned events; /* of enum socket_event */
};
size_t sockets_wait(struct sockets *s, int milliseconds, struct socket_report *reports, size_t room);

/* The number of bytes; -1 after a fault.  ICMP: the data of an echo request, without its header. */
long socket_send(int fd, const struct socket_wish *wish, const void *p, size_t n, struct socket_fault *fault);

/*
 * The number of bytes; 0 when a stream was closed (then fault is FAULT_NONE) or a datagram is empty.
 * ICMP: the data of an echo reply.  With any_port, the socket is bound to the port from which the first
 * datagram came.
 */
long socket_receive(int fd, struct socket_wish *wish, void *p, size_t room, struct socket_fault *fault);

/* What went wrong: the error queue first, which knows the sender; FAULT_NONE when nothing did. */
void socket_take_fault(int fd, const struct socket_wish *wish, struct socket_fault *fault);

/* What TCP knows of a connection. */
struct socket_progress {
	uint64_t acknowledged;     /* bytes that the other end acknowledged, the SYN not counted */
	unsigned unacknowledged;   /* segments */
	unsigned segments, resent; /* sent, and those of them that were sent again */
	unsigned rtt;              /* microseconds */
};
bool socket_progress(int fd, struct socket_progress *ret);

/* The own address of a connected socket. */
bool socket_source(int fd, struct addr *ret);

/* The addresses of this machine without those of the loopback interface and link-local ones; false after an error. */
struct addr_list {
	const struct addr *v;
	size_t n;
};
bool own_addresses(struct arena *a, struct addr_list *ret);

/* Random bytes for identifiers; false when the system has none. */
bool random_bytes(void *p, size_t n);
