/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listener: binds ports, and lets the stand-in of each answer.
 *
 * One loop.  Connections, their input, their rate and their idle time have limits; the memory is that of the
 * connections that are open.  Datagrams are answered one by one and never with more than DATAGRAM_FACTOR times
 * their length.
 */
#pragma once

#include <signal.h>

#include "listen/stand-in.h"
#include "net/addrset.h"
#include "probe/socket-serve.h"

struct listen_port {
	struct str service; /* of the catalogue; empty: none */
	struct serve_wish wish;
	const struct stand_in *stand_in;
	bool tls;               /* although the stand-in does not say so */
	bool elsewhere;         /* datagrams are answered from another port */
	bool only_planned;      /* datagrams of other sources are not answered */
	struct addrset sources; /* who is planned to ask; empty: not known */
	struct planned planned;
	/* by listener_open() */
	bool bound;
	int errnum; /* why not */
};

enum listen_happening {
	LISTEN_HEARD,   /* a request was understood, or bytes came */
	LISTEN_FOREIGN, /* what came was not understood */
	LISTEN_REFUSED, /* a limit was reached */
};

struct listen_event {
	enum listen_happening what;
	const struct listen_port *port;
	struct serve_peer peer;
	bool planned;      /* its source is one of the plan's, or these are not known */
	const char *heard; /* "an AS-REQ"; LISTEN_REFUSED: which limit */
	struct str bytes;  /* the first that came; not escaped */
	size_t received, sent;
	int64_t now; /* milliseconds since 1970 */
};

struct listen_options {
	unsigned connections; /* at a time */
	unsigned rate;        /* requests a second of one source address */
	unsigned idle;        /* milliseconds */
	int64_t end;          /* milliseconds since 1970; 0: never */
	const volatile sig_atomic_t *stop;
	void (*log)(void *ctx, const struct listen_event *e);
	void *ctx;
};

extern const struct listen_options listen_defaults;

struct listener;

/* Binds what it can; the others have bound == false.  NULL after an error in *why. */
struct listener *listener_open(struct arena *a, struct listen_port *ports, size_t n, struct str *why);

/* Answers until the end. */
void listener_run(struct listener *l, const struct listen_options *options);

/* Gives up what it no longer needs: root, capabilities, and system calls beyond those of the loop. */
bool listener_confine(struct str *why);
