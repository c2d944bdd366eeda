/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand-ins: what portolan listen answers in place of a server that does not exist yet.
 *
 * The other half of the probes: a small state machine for each application protocol, without I/O and
 * without a clock.  It answers what a probe asks, marks its answer as a stand-in's, and is silent or ends
 * the connection at anything else.  No login is ever accepted, and nothing is stored.
 *
 * To add one: write listen/stand-ins/NAME.c with a struct stand_in at its end and add its name to
 * listen/stand-ins/table.h.  A test runs every probe against its stand-in.
 */
#pragma once

#include "probe/probe.h"

enum {
	SESSION_SEND_MAX = 4096,
	SESSION_INPUT_MAX = 1 << 16, /* bytes of a stream that wait for the stand-in */
	SESSION_ROUNDS_MAX = 32,     /* requests of one connection */
	DATAGRAM_FACTOR = 3,         /* an answer is at most so many times as long as its request */
};

/* An RPC interface that the mapper hands out, and the port where the listener has it. */
struct planned_interface {
	struct rpc_interface interface;
	uint16_t port;
};

/* Whom the listener stands in for. */
struct planned {
	struct str host;   /* in the estate */
	struct str name;   /* DNS name; empty: not known */
	struct str domain; /* DNS name of the domain; empty: not known */
	struct str forest, site, instance, path;
	struct str secret, token;
	struct addr address;
	uint16_t port; /* where this session came in */
	uint8_t protocol;
	bool domain_controller, global_catalog;
	const struct planned_interface *interfaces; /* of this host; those of other ports too */
	size_t n_interfaces;
};

struct stand_in;

struct session {
	struct arena *arena; /* of the connection, or of one datagram */
	const struct planned *planned;
	const struct stand_in *stand_in;
	void *state;           /* stand_in->state_size bytes, zeroed at first */
	const uint8_t *random; /* RANDOM_BYTES */
	int64_t now;           /* milliseconds since 1970, when the input came */
	struct addr peer;
	uint16_t peer_port;
	bool secure;
	/* what the stand-in answers */
	struct buffer send;
	bool start_tls;    /* shake hands after what was put is sent */
	bool close;        /* close after what was put is sent */
	const char *heard; /* "an AS-REQ": what the request was, for the log; NULL: not understood */
};

struct stand_in {
	const char *name; /* an application: of the catalogue's services */
	size_t state_size;
	bool tls_first;
	/* A connection came: for those who speak first.  NULL: the client does. */
	void (*begin)(struct session *s);
	/* As struct probe has it: how many bytes were consumed; for UDP one datagram. */
	size_t (*input)(struct session *s, const uint8_t *p, size_t n);
	void (*secured)(struct session *s);
};

/* By application; the one for what no probe can ask, which answers to the token, when there is none. */
const struct stand_in *stand_in_find(struct str application, uint8_t protocol);
extern const struct stand_in *const stand_ins[]; /* ends with NULL */

struct buffer *session_send(struct session *s);

/* Nothing that this stand-in understands: a stream ends, a datagram stays unanswered. */
void session_foreign(struct session *s);

/* dc1.contoso.com; the host of the estate where no DNS name is known. */
struct str planned_name(const struct planned *p);
/* CONTOSO, DC1: first labels in upper case, at most 15 bytes. */
struct str planned_label(struct arena *a, struct str name);

extern const struct stand_in stand_in_token;
