/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/listener.h"

#include <errno.h>

#include "probe/timer.h"
#include "probe/tls.h"

enum {
	REPORTS = 64,
	BUCKETS = 4096, /* of source addresses; two that share one share its rate */
	CHUNK = 4096,
	DATAGRAM_MAX = 65536,
	DATAGRAMS_AT_ONCE = 16,
	TICK = 200, /* milliseconds between looks at the clock */
};

const struct listen_options listen_defaults = { .connections = 1024, .rate = 200, .idle = 10000 };

/* What an event belongs to: its first member says so. */
enum owner_kind { OWNER_PORT, OWNER_CONNECTION };

struct owner {
	enum owner_kind kind;
};

struct open_port {
	struct owner owner;
	struct listen_port *port;
	struct tls_settings *tls;
	int fd;
};

struct connection {
	struct owner owner;
	struct arena *arena;
	struct open_port *at;
	struct planned planned;
	struct session session;
	struct serve_peer peer;
	struct tls_session *tls;
	int fd;
	uint8_t *input; /* bytes not yet consumed */
	size_t n, room;
	uint8_t *output; /* bytes that the system has not taken */
	size_t left, output_room;
	unsigned rounds;
	size_t received, sent;
	int64_t last; /* when something came */
	bool handshake;
	struct connection *next, **link;
};

struct bucket {
	int64_t since;
	unsigned count;
};

struct listener {
	struct arena *arena;
	struct sockets *sockets;
	struct open_port *ports;
	size_t n_ports;
	struct connection *connections;
	unsigned n_connections;
	const struct listen_options *options;
	struct bucket buckets[BUCKETS];
	int64_t now;
	uint8_t datagram[DATAGRAM_MAX];
};

static struct tls_settings *certificate_for(struct listener *l, const struct listen_port *port, struct str *why)
{
	/* Ports of one host share a certificate. */
	for (size_t i = 0; i < l->n_ports; i++)
		if (l->ports[i].tls && str_eq(planned_name(&l->ports[i].port->planned), planned_name(&port->planned)))
			return l->ports[i].tls;
	return tls_settings_serving(l->arena, planned_name(&port->planned), STAND_IN_SUBJECT, why);
}

static bool may_speak_tls(const struct listen_port *port)
{
	return port->wish.protocol == PROTO_TCP;
}

struct listener *listener_open(struct arena *a, struct listen_port *ports, size_t n, struct str *why)
{
	struct listener *l = ARENA_NEW(a, struct listener);
	l->arena = a;
	l->sockets = sockets_new(a);
	l->ports = ARENA_ARRAY(a, struct open_port, n);
	if (!l->sockets) {
		*why = str_of(strerror(errno));
		return NULL;
	}
	sockets_room(); /* as many files as are allowed */
	for (size_t i = 0; i < n; i++) {
		struct open_port *o = &l->ports[l->n_ports];
		struct socket_fault fault;
		*o = (struct open_port){ .owner = { OWNER_PORT }, .port = &ports[i] };
		if (may_speak_tls(&ports[i]) && !(o->tls = certificate_for(l, &ports[i], why)))
			return NULL;
		o->fd = serve_open(l->sockets, &ports[i].wish, &o->owner, &fault);
		ports[i].bound = o->fd >= 0;
		ports[i].errnum = fault.errnum;
		l->n_ports += ports[i].bound;
	}
	return l;
}

/* True while this source stays within its rate. */
static bool within_rate(struct listener *l, struct addr source)
{
	uint64_t hash = (uint64_t)source.n ^ (uint64_t)(source.n >> 64);
	hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15u;
	struct bucket *b = &l->buckets[hash >> 52];
	if (l->now - b->since >= 1000)
		*b = (struct bucket){ .since = l->now };
	return ++b->count <= l->options->rate;
}

static bool is_planned(const struct listen_port *port, struct addr source)
{
	return port->sources.n == 0 || addrset_holds(port->sources, source);
}

static void tell(struct listener *l, const struct listen_port *port, const struct serve_peer *peer,
		 enum listen_happening what, const char *heard, struct str bytes, size_t received, size_t sent)
{
	if (!l->options->log)
		return;
	struct listen_event e = { .what = what,
				  .port = port,
				  .peer = *peer,
				  .planned = is_planned(port, peer->address),
				  .heard = heard,
				  .bytes = bytes,
				  .received = received,
				  .sent = sent,
				  .now = l->now };
	l->options->log(l->options->ctx, &e);
}

static void answer(struct listener *l, struct open_port *o, const struct serve_peer *peer, const uint8_t *p, size_t n)
{
	struct listen_port *port = o->port;
	struct arena *a = arena_new();
	uint8_t random[RANDOM_BYTES];
	struct session s = { .arena = a,
			     .planned = &port->planned,
			     .stand_in = port->stand_in,
			     .state = arena_alloc(a, port->stand_in->state_size),
			     .random = random,
			     .now = l->now,
			     .peer = peer->address,
			     .peer_port = peer->port };
	struct str first = { (const char *)p, n };
	if (!random_bytes(random, sizeof random))
		memset(random, 0, sizeof random);
	if (n)
		port->stand_in->input(&s, p, n);
	bool answers = s.send.n && !s.send.full && s.send.n <= n * DATAGRAM_FACTOR;
	if (port->only_planned && !is_planned(port, peer->address))
		tell(l, port, peer, LISTEN_REFUSED, "its source is not planned", first, n, 0);
	else if (s.send.n && !answers)
		tell(l, port, peer, LISTEN_REFUSED, "the answer would be longer than three times the request", first, n,
		     0);
	else
		tell(l, port, peer, s.heard ? LISTEN_HEARD : LISTEN_FOREIGN, s.heard, first, n,
		     answers && serve_send(o->fd, &port->wish, peer, s.send.p, s.send.n, port->elsewhere) ? s.send.n
													  : 0);
	arena_free(a);
}

static void take_datagrams(struct listener *l, struct open_port *o)
{
	for (unsigned i = 0; i < DATAGRAMS_AT_ONCE; i++) {
		struct serve_peer peer;
		long n = serve_receive(o->fd, &peer, l->datagram, sizeof l->datagram);
		if (n < 0)
			return;
		if (within_rate(l, peer.address))
			answer(l, o, &peer, l->datagram, (size_t)n);
		else
			tell(l, o->port, &peer, LISTEN_REFUSED, "too many requests a second", NO_STR, (size_t)n, 0);
	}
}

static void close_connection(struct listener *l, struct connection *c)
{
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	l->n_connections--;
	socket_close(l->sockets, c->fd);
	arena_free(c->arena);
}

/* Keeps bytes that the system did not take. */
static bool keep(struct connection *c, const uint8_t *p, size_t n)
{
	if (c->left + n > SESSION_INPUT_MAX)
		return false;
	if (c->left + n > c->output_room) {
		size_t room = MAX(c->output_room * 2, c->left + n);
		c->output = arena_grow(c->arena, c->output, c->output_room, room, 1);
		c->output_room = room;
	}
	memcpy(c->output + c->left, p, n);
	c->left += n;
	return true;
}

/* Sends what is kept; false when the connection is broken. */
static bool flush_output(struct listener *l, struct connection *c)
{
	struct socket_wish wish = { .protocol = PROTO_TCP, .to = c->peer.address, .port = c->peer.port };
	struct socket_fault fault;
	while (c->left) {
		long n = socket_send(c->fd, &wish, c->output, c->left, &fault);
		if (n < 0 && fault.fault != FAULT_AGAIN)
			return false;
		if (n <= 0)
			break;
		memmove(c->output, c->output + n, c->left - (size_t)n);
		c->left -= (size_t)n;
		c->sent += (size_t)n;
	}
	socket_wants_write(l->sockets, c->fd, &c->owner, c->left > 0);
	return true;
}

/* Hands to the connection what TLS wants to send. */
static bool flush_tls(struct connection *c)
{
	uint8_t bytes[CHUNK];
	for (size_t n; (n = tls_outgoing(c->tls, bytes, sizeof bytes)) > 0;)
		if (!keep(c, bytes, n))
			return false;
	return true;
}

static bool put(struct connection *c)
{
	struct buffer *send = &c->session.send;
	if (send->full)
		return false;
	bool ok = c->tls && c->session.secure ? tls_write(c->tls, send->p, send->n) && flush_tls(c)
					      : keep(c, send->p, send->n);
	send->n = 0;
	return ok;
}

static void begin_tls(struct connection *c)
{
	c->tls = tls_new(c->arena, c->at->tls, STR(""));
	c->handshake = true;
	c->session.start_tls = false;
}

/* Calls the stand-in until it consumes nothing more; false when the connection ends. */
static bool converse(struct listener *l, struct connection *c)
{
	struct session *s = &c->session;
	while (c->n && !s->close && !c->handshake) {
		if (++c->rounds > SESSION_ROUNDS_MAX)
			return false;
		s->now = l->now;
		s->heard = NULL;
		size_t before = c->sent + c->left, used = s->stand_in->input(s, c->input, c->n);
		struct str first = str_dup(c->arena, str_first((struct str){ (const char *)c->input, c->n }, 16));
		bool waits = used == 0 && !s->close && s->send.n == 0;
		memmove(c->input, c->input + used, c->n - used);
		c->n -= used;
		if (s->send.n && !put(c))
			return false;
		if (waits)
			break;
		if (s->heard || s->close)
			tell(l, c->at->port, &c->peer, s->heard ? LISTEN_HEARD : LISTEN_FOREIGN, s->heard, first, used,
			     c->sent + c->left - before);
		if (s->start_tls)
			begin_tls(c);
	}
	return true;
}

/* Adds bytes of the application; false beyond the limit. */
static bool add_input(struct connection *c, const uint8_t *p, size_t n)
{
	if (c->n + n > SESSION_INPUT_MAX)
		return false;
	if (c->n + n > c->room) {
		size_t room = MAX(c->room * 2, MAX(c->n + n, (size_t)CHUNK));
		c->input = arena_grow(c->arena, c->input, c->room, room, 1);
		c->room = room;
	}
	memcpy(c->input + c->n, p, n);
	c->n += n;
	return true;
}

static bool finish_handshake(struct listener *l, struct connection *c)
{
	c->handshake = false;
	c->session.secure = true;
	if (c->session.stand_in->secured)
		c->session.stand_in->secured(&c->session);
	else if (c->session.stand_in->begin && c->rounds == 0)
		c->session.stand_in->begin(&c->session);
	tell(l, c->at->port, &c->peer, LISTEN_HEARD, "a TLS handshake", NO_STR, c->received, c->sent + c->left);
	return c->session.send.n == 0 || put(c);
}

static bool take_tls(struct listener *l, struct connection *c, const uint8_t *p, size_t n)
{
	enum tls_state state = tls_take(c->tls, p, n);
	if (!flush_tls(c) || state == TLS_FAILED)
		return false;
	if (state == TLS_BUSY)
		return true;
	if (c->handshake && !finish_handshake(l, c))
		return false;
	uint8_t bytes[CHUNK];
	for (size_t got; (got = tls_read(c->tls, bytes, sizeof bytes)) > 0;)
		if (!add_input(c, bytes, got))
			return false;
	return !tls_is_closed(c->tls) || c->n;
}

/* True when the connection goes on. */
static bool take_bytes(struct listener *l, struct connection *c)
{
	struct socket_wish wish = { .protocol = PROTO_TCP, .to = c->peer.address, .port = c->peer.port };
	struct socket_fault fault;
	uint8_t bytes[CHUNK];
	if (c->left)
		return false; /* it sends, but does not read a short answer */
	long n = socket_receive(c->fd, &wish, bytes, sizeof bytes, &fault);
	if (n <= 0)
		return n < 0 && fault.fault == FAULT_AGAIN;
	c->last = l->now;
	c->received += (size_t)n;
	bool ok = c->tls ? take_tls(l, c, bytes, (size_t)n) : add_input(c, bytes, (size_t)n);
	return ok && converse(l, c);
}

static void handle_connection(struct listener *l, struct connection *c, unsigned events)
{
	bool ok = !(events & SOCKET_READABLE) || take_bytes(l, c);
	ok = flush_output(l, c) && ok;
	if (!ok || (c->session.close && c->left == 0))
		close_connection(l, c);
}

static void greet(struct listener *l, struct connection *c)
{
	struct session *s = &c->session;
	if (s->stand_in->tls_first || c->at->port->tls) {
		begin_tls(c);
	} else if (s->stand_in->begin) {
		s->stand_in->begin(s);
		if (s->send.n && put(c))
			tell(l, c->at->port, &c->peer, LISTEN_HEARD, s->heard, NO_STR, 0, c->left);
	}
}

static void open_connection(struct listener *l, struct open_port *o, int fd, const struct serve_peer *peer)
{
	struct arena *a = arena_new();
	struct connection *c = ARENA_NEW(a, struct connection);
	uint8_t *random = arena_alloc(a, RANDOM_BYTES);
	random_bytes(random, RANDOM_BYTES);
	*c = (struct connection){ .owner = { OWNER_CONNECTION },
				  .arena = a,
				  .at = o,
				  .peer = *peer,
				  .fd = fd,
				  .last = l->now,
				  .next = l->connections,
				  .link = &l->connections };
	c->session = (struct session){ .arena = a,
				       .planned = &o->port->planned,
				       .stand_in = o->port->stand_in,
				       .state = arena_alloc(a, o->port->stand_in->state_size),
				       .random = random,
				       .now = l->now,
				       .peer = peer->address,
				       .peer_port = peer->port };
	if (c->next)
		c->next->link = &c->next;
	l->connections = c;
	l->n_connections++;
	greet(l, c);
	if (!serve_watch(l->sockets, fd, &c->owner) || !flush_output(l, c))
		close_connection(l, c);
}

static void take_connections(struct listener *l, struct open_port *o)
{
	struct serve_peer peer;
	struct socket_fault fault;
	int fd;
	while ((fd = serve_accept(o->fd, &peer, &fault)) >= 0) {
		bool slow = within_rate(l, peer.address);
		if (slow && l->n_connections < l->options->connections) {
			open_connection(l, o, fd, &peer);
			continue;
		}
		tell(l, o->port, &peer, LISTEN_REFUSED, slow ? "too many connections" : "too many requests a second",
		     NO_STR, 0, 0);
		socket_close(l->sockets, fd);
	}
}

static void close_idle(struct listener *l)
{
	for (struct connection *c = l->connections, *next; c; c = next) {
		next = c->next;
		if (l->now - c->last <= l->options->idle)
			continue;
		if (c->received == 0)
			tell(l, c->at->port, &c->peer, LISTEN_HEARD, "a connection without data", NO_STR, 0, c->sent);
		close_connection(l, c);
	}
}

void listener_run(struct listener *l, const struct listen_options *options)
{
	struct socket_report reports[REPORTS];
	l->options = options;
	while (!options->stop || !*options->stop) {
		l->now = clock_wall();
		if (options->end && l->now >= options->end)
			break;
		errno = 0;
		size_t n = sockets_wait(l->sockets, TICK, reports, REPORTS);
		l->now = clock_wall();
		for (size_t i = 0; i < n; i++) {
			struct owner *owner = reports[i].owner;
			if (owner->kind == OWNER_CONNECTION)
				handle_connection(l, (struct connection *)owner, reports[i].events);
			else if (((struct open_port *)owner)->port->wish.protocol == PROTO_UDP)
				take_datagrams(l, (struct open_port *)owner);
			else
				take_connections(l, (struct open_port *)owner);
		}
		close_idle(l);
	}
	while (l->connections)
		close_connection(l, l->connections);
	for (size_t i = 0; i < l->n_ports; i++)
		socket_close(l->sockets, l->ports[i].fd);
	sockets_close(l->sockets);
}
