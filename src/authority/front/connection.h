/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of the front: their deadlines, requests and answers. */
#pragma once

#include <event2/event.h>

#include "authority/front/channel.h"
#include "authority/front/exchange.h"
#include "authority/front/metrics.h"
#include "authority/link.h"

enum {
	CONNECTIONS_MAX = 4096,
	CONNECTIONS_OF_ADDRESS_MAX = 2200,
	ASKED_BUCKETS = 1024,
	HELD_MAX = 24 << 20, /* bytes of all requests and answers; the list of revoked certificates is not among them */
};

/* The list of revoked certificates, as long as the front or a reader has it. */
struct front_crl {
	struct str bytes;
	size_t users;
};

struct connection;

struct front_listener {
	struct front *front;
	const struct listener_config *config;
	struct event *acceptor;
	SSL_CTX *context; /* NULL: plain, or no certificate yet */
};

struct front {
	struct event_base *base;
	const struct authority_config *config;
	struct link *clerk;
	struct front_listener *listeners;
	size_t n_listeners;
	struct connection *asked[ASKED_BUCKETS]; /* by the tag of their question */
	struct connection *connections;
	size_t held;                               /* bytes, at most HELD_MAX and what one connection adds */
	struct front_crl *crl[AUTHORITY_KEYS_MAX]; /* of each key of the authority; NULL: none yet */
	struct front_counts counts;
	struct out *log;
	bool ending;
};

/* Takes a socket that was accepted.  network: what the client is counted as. */
void connection_begin(struct front_listener *l, int fd, struct addr address, struct addr network);

/* The clerk's answer to a question. */
void connection_told(struct front *f, uint32_t tag, enum message_type type, const void *message);

/* What readers get from now on; who reads the one before goes on with it. */
void connections_take_crl(struct front *f, size_t key, struct str bytes);

/* How many one network has. */
size_t connections_of(const struct front *f, struct addr network);

/* Ends those that do nothing, and lets the others finish. */
void connections_end(struct front *f);
