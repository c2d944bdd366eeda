/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection's bytes: TLS, or plain, over a socket that does not block.
 *
 * A client certificate is never verified by TLS itself: it proves that the client has its key, and the clerk compares it with
 * what it issued, for every request anew.
 */
#pragma once

#include <openssl/ssl.h>

#include "authority/messages.h"
#include "authority/config.h"

struct channel;

enum channel_state {
	CHANNEL_DONE,
	CHANNEL_WAITS_TO_READ,
	CHANNEL_WAITS_TO_WRITE,
	CHANNEL_ENDED,  /* the client ended in order */
	CHANNEL_BROKEN, /* channel_error() */
};

/* A server's context by its listener; the certificate may be changed while connections live.  NULL with *why. */
SSL_CTX *channel_context(const struct listener_config *l, const struct tell_tls *tls, const char **why);

/* Takes the socket.  context NULL: plain. */
struct channel *channel_new(int fd, SSL_CTX *context);
void channel_free(struct channel *c);
int channel_fd(const struct channel *c);

enum channel_state channel_handshake(struct channel *c);
enum channel_state channel_read(struct channel *c, void *p, size_t room, size_t *n);
enum channel_state channel_write(struct channel *c, const void *p, size_t length, size_t *n);

/*
 * Asks for a client certificate by a renegotiation (TLS 1.2), as IIS does once it knows the path.  Call again while it waits;
 * done when the second handshake is, with a certificate or without.
 */
enum channel_state channel_ask_certificate(struct channel *c);
bool channel_has_asked(const struct channel *c);

/* Sends the end of TLS, once. */
void channel_shut(struct channel *c);

/* The client's certificate, DER; empty: none. */
struct str channel_certificate(struct arena *a, const struct channel *c);

const char *channel_error(const struct channel *c);
