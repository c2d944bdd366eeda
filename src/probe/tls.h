/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS of one connection, over memory: bytes in, bytes out, no I/O.
 *
 * Nothing is verified during the handshake, so that a certificate that is wrong is described and not
 * only refused.  tls_judge() then verifies the chain, the name, the dates and the key.
 */
#pragma once

#include "probe/probe.h"

struct tls_settings;

/* ca: a file of trusted certificates in place of the system's; NULL: the system's.  NULL after an error in *why. */
struct tls_settings *tls_settings_new(struct arena *a, const char *ca, struct str *why);

/*
 * The other side: a server with a certificate of its own, made now, valid for a few days, for a name; its
 * organization says what it is.  Sessions of it wait for a client.  NULL after an error in *why.
 */
struct tls_settings *tls_settings_serving(struct arena *a, struct str name, const char *organization, struct str *why);

struct tls_session;

/* name: for server name indication; empty: none is sent.  Freed with the arena. */
struct tls_session *tls_new(struct arena *a, const struct tls_settings *s, struct str name);

/* Offers no newer version than TLS 1.1, or 1.0; before the first tls_take(). */
void tls_weaken(struct tls_session *t, enum weaken how);

enum tls_state { TLS_BUSY, TLS_UP, TLS_FAILED };

/* Takes what came, and goes on with the handshake. */
enum tls_state tls_take(struct tls_session *t, const void *p, size_t n);

/* Why the handshake failed: the alert's name, or an error.  alert: the server sent one, so it speaks TLS. */
struct str tls_failure(const struct tls_session *t, bool *alert);

/* Bytes to send; 0 when there are none. */
size_t tls_outgoing(struct tls_session *t, void *p, size_t room);

/* What the server sent inside; 0 when there is none yet. */
size_t tls_read(struct tls_session *t, void *p, size_t room);

/* The server ended the session in order. */
bool tls_is_closed(const struct tls_session *t);

bool tls_write(struct tls_session *t, const void *p, size_t n);

/* Evidence and advice of the session and its certificate; now is in seconds since 1970. */
void tls_judge(struct tls_session *t, struct exchange *ex, int64_t now, struct tls_peer *peer);
