/* SPDX-License-Identifier: Apache-2.0 */
/* The front: listeners, and the link to the clerk.  Nothing here knows a protocol. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authority/front/connection.h"
#include "authority/processes.h"
#include "authority/walls.h"

enum { LONGEST_FROM_CLERK = 64 << 20, ACCEPTS_AT_ONCE = 64 };

static struct addr address_of(const struct sockaddr_storage *peer)
{
	struct addr at = { IPV4, 0 };
	if (peer->ss_family == AF_INET) {
		at.n = ntohl(((const struct sockaddr_in *)peer)->sin_addr.s_addr);
	} else {
		const struct in6_addr *six = &((const struct sockaddr_in6 *)peer)->sin6_addr;
		bool mapped = IN6_IS_ADDR_V4MAPPED(six);
		at.family = mapped ? IPV4 : IPV6;
		for (size_t i = mapped ? 12 : 0; i < 16; i++)
			at.n = at.n << 8 | six->s6_addr[i];
	}
	return at;
}

/* One host has all addresses of an IPv6 network of 64 bits: they are counted as one. */
static struct addr counted_as(struct addr at)
{
	enum { HOST_BITS = 64 };
	if (at.family == IPV6)
		at.n = at.n >> HOST_BITS << HOST_BITS;
	return at;
}

static bool too_many_of(const struct front *f, struct addr network)
{
	size_t n = connections_of(f, network);
	return f->counts.connections >= CONNECTIONS_MAX || n >= CONNECTIONS_OF_ADDRESS_MAX;
}

static void on_accept(evutil_socket_t fd, short what, void *ctx)
{
	struct front_listener *l = ctx;
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		struct sockaddr_storage peer = { 0 };
		socklen_t length = sizeof peer;
		int one = 1, taken = accept4(fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (taken < 0) {
			/* Without descriptors this event would come again at once: it waits until one is free. */
			if ((errno == EMFILE || errno == ENFILE) && l->front->counts.connections > 0)
				event_del(l->acceptor);
			return;
		}
		struct addr address = address_of(&peer);
		if ((!l->config->plain.on && !l->context) || too_many_of(l->front, counted_as(address))) {
			close(taken);
		} else {
			setsockopt(taken, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
			connection_begin(l, taken, address, counted_as(address));
		}
	}
}

/*
 * The authority made a new certificate for us: new connections have it, and those that live go on.  Before the first nothing
 * is accepted, so that who comes while the processes start waits.
 */
static void take_tls(struct front *f, const struct tell_tls *tls)
{
	for (size_t i = 0; i < f->n_listeners && !f->ending; i++) {
		struct front_listener *l = &f->listeners[i];
		const char *why = "";
		if (l->config->plain.on) {
			event_add(l->acceptor, NULL);
			continue;
		}
		SSL_CTX *context = channel_context(l->config, tls, &why);
		if (!context) {
			out_printf(f->log, "front: the server's certificate cannot be used: %s\n", why);
			out_flush(f->log);
			continue;
		}
		SSL_CTX_free(l->context);
		l->context = context;
		event_add(l->acceptor, NULL);
	}
}

static void on_message(void *ctx, struct link *l, uint32_t tag, enum message_type type, const void *message,
		       const char *why)
{
	struct front *f = ctx;
	if (!message) {
		/* Without the clerk there is nothing to serve. */
		event_base_loopbreak(f->base);
	} else if (type == TELL_TLS) {
		take_tls(f, message);
	} else if (type == TELL_CRL) {
		const struct tell_crl *crl = message;
		connections_take_crl(f, crl->key, crl->bytes);
	} else {
		connection_told(f, tag, type, message);
	}
}

/* Who is not accepted yet may be served by the front that comes after this one. */
static void on_end(evutil_socket_t fd, short what, void *ctx)
{
	struct front *f = ctx;
	for (size_t i = 0; i < f->n_listeners; i++)
		event_del(f->listeners[i].acceptor);
	connections_end(f);
}

bool front_run(struct arena *a, const struct front_start *s, struct diag *d)
{
	enum {
		ACCEPTED = 1 << TELL_POLICY | 1 << TELL_ENROL | 1 << TELL_PUBLISHED | 1 << TELL_TLS | 1 << CALL_FAILED |
			   1 << TELL_CRL | 1 << TELL_STATE,
	};
	const struct listener_config *listeners = s->config->listeners.v;
	struct out log = out_fd(2);
	struct front *f = ARENA_NEW(a, struct front);
	f->base = event_base_new();
	f->config = s->config;
	f->log = &log;
	f->n_listeners = s->config->listeners.n;
	f->listeners = ARENA_ARRAY(a, struct front_listener, f->n_listeners);
	if (!f->base)
		return diag_machine(d, errno, "the front's loop");
	f->clerk = link_new(f->base, s->clerk, ACCEPTED, LONGEST_FROM_CLERK, on_message, f);
	for (size_t i = 0; i < f->n_listeners; i++) {
		struct front_listener *l = &f->listeners[i];
		*l = (struct front_listener){ .front = f, .config = &listeners[i] };
		evutil_make_socket_nonblocking(s->listeners[i]);
		l->acceptor = event_new(f->base, s->listeners[i], EV_READ | EV_PERSIST, on_accept, l);
	}
	if (!walls_raise(a, WALLED_FRONT, s->config, d))
		return false;
	/* The walls ignore signals; this one ends the front in order. */
	struct event *end = evsignal_new(f->base, SIGTERM, on_end, f);
	event_add(end, NULL);
	event_base_dispatch(f->base);
	for (size_t i = 0; i < f->n_listeners; i++) {
		SSL_CTX_free(f->listeners[i].context);
		event_free(f->listeners[i].acceptor);
	}
	event_free(end);
	link_free(f->clerk);
	event_base_free(f->base);
	out_flush(&log);
	out_free(&log);
	return true;
}
