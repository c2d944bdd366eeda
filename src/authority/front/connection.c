/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection: handshake, head, body, a certificate where the path needs one, the clerk, the answer, and again.
 *
 * Deadlines are absolute: a client that sends one byte a second is as late as one that sends nothing.
 */
#include "authority/front/connection.h"

#include <errno.h>
#include <event2/buffer.h>
#include <time.h>

#include "authority/front/route.h"
#include "authority/front/status.h"
#include "pki/request.h"
#include "wire/http.h"

enum {
	HANDSHAKE_SECONDS = 10,
	IDLE_SECONDS = 60,
	HEAD_SECONDS = 10,
	BODY_SECONDS = 30,
	ANSWER_SECONDS = 30,
	LAST_SECONDS = 2, /* for the request of a connection that the front accepted before it was told to end */
	READ_AT_ONCE = 16 << 10,
	MOVES_AT_ONCE = 64,
	BASIC_MAX = 2048,
};

enum phase {
	PHASE_HANDSHAKE,
	PHASE_IDLE, /* nothing of a request has come */
	PHASE_HEAD,
	PHASE_BODY,
	PHASE_CERTIFICATE, /* the client is asked for one */
	PHASE_ASKED,       /* the clerk is */
	PHASE_ANSWER,
	PHASE_OVER,
};

struct connection {
	struct exchange exchange; /* first: protocols see this */
	struct front_listener *listener;
	struct channel *channel;
	struct event *readable, *writable, *deadline;
	struct evbuffer *in, *out;
	enum phase phase;
	struct arena *arena; /* of one request */
	struct str address;
	char address_text[ADDR_TEXT];
	struct addr network;
	struct http_head head;
	struct http_body body;
	struct out content;
	const struct web_protocol *protocol;
	bool close, head_only, done;
	bool served;    /* a request, at least */
	size_t scanned; /* bytes of the head that were looked at */
	size_t held;    /* bytes that are counted in the front's */
	size_t shared;  /* bytes of its answer that are the front's own */
	uint32_t tag;
	struct connection *next_asked;
	struct connection *next, **at; /* of all */
	struct str fields, note;
};

static void step(struct connection *c);

static void forget_question(struct connection *c)
{
	struct connection **at = &c->listener->front->asked[c->tag % ASKED_BUCKETS];
	while (c->tag && *at && *at != c)
		at = &(*at)->next_asked;
	if (c->tag && *at)
		*at = c->next_asked;
	c->tag = 0;
}

/*
 * Memory is bounded for all connections together: many that are slow at once would otherwise hold as many times the longest
 * request.  False when there is too much.
 */
static bool count_held(struct connection *c)
{
	struct front *f = c->listener->front;
	size_t out = evbuffer_get_length(c->out), shared = MIN(c->shared, out);
	f->held -= c->held;
	c->held = evbuffer_get_length(c->in) + out - shared + c->content.room + (c->arena ? arena_held(c->arena) : 0);
	f->held += c->held;
	return f->held <= HELD_MAX;
}

static void end_request(struct connection *c)
{
	forget_question(c);
	if (c->content.buf)
		explicit_bzero(c->content.buf, c->content.n);
	out_free(&c->content);
	c->content = (struct out){ .fd = -1 };
	arena_free(c->arena);
	c->arena = NULL;
	c->exchange = (struct exchange){ 0 };
	c->protocol = NULL;
	c->fields = c->note = NO_STR;
	c->shared = 0;
	count_held(c);
}

static void free_connection(struct connection *c)
{
	struct front *f = c->listener->front;
	end_request(c);
	event_free(c->readable);
	event_free(c->writable);
	event_free(c->deadline);
	f->held -= c->held;
	evbuffer_free(c->in);
	evbuffer_free(c->out);
	channel_free(c->channel);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	f->counts.connections--;
	for (size_t i = 0; i < f->n_listeners && !f->ending; i++)
		event_add(f->listeners[i].acceptor, NULL);
	free(c);
	if (f->ending && f->counts.connections == 0)
		event_base_loopexit(f->base, NULL);
}

static void log_line(struct connection *c, unsigned status, struct str text)
{
	struct front *f = c->listener->front;
	struct arena *a = arena_new();
	struct str path = c->exchange.request.path.p ? c->exchange.request.path : STR("-");
	out_printf(f->log, "front: %.*s %u %.*s", STR_ARG(c->address), status, STR_ARG(str_shown(a, path)));
	if (text.n > 0)
		out_printf(f->log, ": %.*s", STR_ARG(str_shown(a, text)));
	out_char(f->log, '\n');
	out_flush(f->log);
	arena_free(a);
}

static void set_deadline(struct connection *c, int seconds)
{
	struct timeval t = { seconds, 0 };
	event_add(c->deadline, &t);
}

static void enter(struct connection *c, enum phase phase)
{
	static const int seconds[] = {
		[PHASE_HANDSHAKE] = HANDSHAKE_SECONDS, [PHASE_IDLE] = IDLE_SECONDS,
		[PHASE_HEAD] = HEAD_SECONDS,           [PHASE_BODY] = BODY_SECONDS,
		[PHASE_CERTIFICATE] = BODY_SECONDS,    [PHASE_ASKED] = ANSWER_SECONDS,
		[PHASE_ANSWER] = ANSWER_SECONDS,       [PHASE_OVER] = 1,
	};
	bool is_last = c->listener->front->ending && phase <= PHASE_HEAD;
	c->phase = phase;
	set_deadline(c, is_last ? LAST_SECONDS : seconds[phase]);
}

static void put_head(struct connection *c, unsigned status, const char *type, size_t length)
{
	char date[64];
	time_t now = time(NULL);
	metrics_answered(&c->listener->front->counts, c->protocol, status);
	struct tm t;
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &t));
	evbuffer_add_printf(c->out, "HTTP/1.1 %u %s\r\nDate: %s\r\nCache-Control: no-store\r\n", status,
			    status_reason(status), date);
	if (status != 204)
		evbuffer_add_printf(c->out, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, length);
	evbuffer_add(c->out, c->fields.p, c->fields.n);
	evbuffer_add_printf(c->out, "%s\r\n", c->close ? "Connection: close\r\n" : "");
}

static void put_answer(struct connection *c, unsigned status, const char *type, struct str body)
{
	put_head(c, status, type, body.n);
	if (!c->head_only && status != 204)
		evbuffer_add(c->out, body.p, body.n);
	if (status >= 400 || c->note.n > 0)
		log_line(c, status, c->note);
	enter(c, PHASE_ANSWER);
}

/* An error that ends the connection: what follows on it cannot be trusted to be a request. */
static void refuse(struct connection *c, unsigned status, const char *text)
{
	struct arena *a = c->arena ? c->arena : (c->arena = arena_new());
	c->close = true;
	c->note = str_of(text);
	put_answer(c, status, "text/plain; charset=utf-8", str_printf(a, "%s\n", text));
}

static const char too_many[] = "too many requests at once";

static bool has_room(struct connection *c)
{
	if (count_held(c))
		return true;
	refuse(c, 503, too_many);
	return false;
}

static void add_field(struct exchange *ex, const char *name, struct str value)
{
	struct connection *c = (struct connection *)ex;
	c->fields = str_printf(c->arena, "%.*s%s: %.*s\r\n", STR_ARG(c->fields), name, STR_ARG(value));
}

static void keep_note(struct exchange *ex, struct str text)
{
	((struct connection *)ex)->note = text;
}

static void give_answer(struct exchange *ex, unsigned status, const char *type, struct str body)
{
	enum { SHORT = 4096 };
	struct connection *c = (struct connection *)ex;
	count_held(c);
	if (body.n > SHORT && c->listener->front->held + body.n > HELD_MAX)
		refuse(c, 503, too_many);
	else
		put_answer(c, status, type, body);
}

static void ask_clerk(struct exchange *ex, enum message_type type, const void *message)
{
	struct connection *c = (struct connection *)ex;
	struct front *f = c->listener->front;
	if (!message_fits(message_shape(type), message)) {
		refuse(c, 400, "a field of the request is too long");
		return;
	}
	if (!has_room(c))
		return;
	c->tag = link_ask(f->clerk, type, message);
	c->next_asked = f->asked[c->tag % ASKED_BUCKETS];
	f->asked[c->tag % ASKED_BUCKETS] = c;
	enter(c, PHASE_ASKED);
}

static void drop_crl(struct front_crl *crl)
{
	if (!crl || --crl->users > 0)
		return;
	free((void *)(uintptr_t)crl->bytes.p);
	free(crl);
}

static void was_sent(const void *bytes, size_t n, void *ctx)
{
	drop_crl(ctx);
}

static bool give_crl(struct exchange *ex, size_t key, const char *type)
{
	struct connection *c = (struct connection *)ex;
	struct front_crl *crl = c->listener->front->crl[key];
	if (!crl)
		return false;
	put_head(c, 200, type, crl->bytes.n);
	if (!c->head_only) {
		crl->users++;
		c->shared = crl->bytes.n;
		if (evbuffer_add_reference(c->out, crl->bytes.p, crl->bytes.n, was_sent, crl) != 0)
			out_of_memory(crl->bytes.n);
	}
	enter(c, PHASE_ANSWER);
	return true;
}

void connections_take_crl(struct front *f, size_t key, struct str bytes)
{
	struct front_crl *crl = malloc(sizeof *crl);
	char *copy = malloc(MAX(bytes.n, (size_t)1));
	if (!crl || !copy)
		out_of_memory(bytes.n);
	if (bytes.n)
		memcpy(copy, bytes.p, bytes.n);
	*crl = (struct front_crl){ { copy, bytes.n }, 1 };
	drop_crl(f->crl[key]);
	f->crl[key] = crl;
}

static const struct exchange_calls calls = { ask_clerk, give_answer, give_crl, add_field, keep_note };

void connection_told(struct front *f, uint32_t tag, enum message_type type, const void *message)
{
	struct connection *c = f->asked[tag % ASKED_BUCKETS];
	while (c && c->tag != tag)
		c = c->next_asked;
	if (!c)
		return; /* the client left, or waited too long */
	forget_question(c);
	metrics_told(&f->counts, c->protocol, type, message);
	c->protocol->told(&c->exchange, type, message);
	step(c);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	struct connection *c = ctx;
	switch (c->phase) {
	case PHASE_HEAD:
	case PHASE_BODY:
	case PHASE_CERTIFICATE:
		refuse(c, 408, "the request was not complete in its time");
		step(c);
		break;
	case PHASE_ASKED:
		forget_question(c);
		refuse(c, 503, "no answer in its time");
		step(c);
		break;
	default:
		free_connection(c);
	}
}

static void on_ready(evutil_socket_t fd, short what, void *ctx)
{
	step(ctx);
}

/* Reads what has come.  CHANNEL_DONE: at least a byte. */
static enum channel_state fill(struct connection *c)
{
	char bytes[READ_AT_ONCE];
	size_t n;
	enum channel_state state = channel_read(c->channel, bytes, sizeof bytes, &n);
	if (state == CHANNEL_DONE)
		evbuffer_add(c->in, bytes, n);
	explicit_bzero(bytes, n);
	return state;
}

static enum channel_state flush(struct connection *c)
{
	while (evbuffer_get_length(c->out) > 0) {
		size_t length = evbuffer_get_contiguous_space(c->out), n;
		enum channel_state state =
			channel_write(c->channel, evbuffer_pullup(c->out, (ev_ssize_t)length), length, &n);
		if (state != CHANNEL_DONE)
			return state;
		evbuffer_drain(c->out, n);
	}
	return CHANNEL_DONE;
}

static struct str held(struct evbuffer *b)
{
	size_t n = evbuffer_get_length(b);
	return (struct str){ n ? (const char *)evbuffer_pullup(b, -1) : "", n };
}

/* "Basic " and base64 of "name:password" (RFC 7617). */
static void take_basic(struct connection *c)
{
	struct str value = http_field(&c->head, "Authorization"), pair, name;
	struct identity *who = &c->exchange.request.who;
	if (!value.p || !str_istarts(value, "Basic ") ||
	    !base64_read(c->arena, str_skip(value, strlen("Basic ")), BASIC_MAX, &pair) ||
	    str_find(pair, ':') == SIZE_MAX)
		return;
	str_cut(&pair, ':', &name);
	who->username = str_dup(c->arena, name);
	who->password = str_dup(c->arena, pair);
}

static bool is_allowed(struct connection *c)
{
	struct str method = c->head.method;
	if (str_is(method, "GET") || str_is(method, "POST"))
		return true;
	if (str_is(method, "HEAD")) {
		c->head_only = true;
		return true;
	}
	add_field(&c->exchange, "Allow", STR("GET, HEAD, POST"));
	refuse(c, 405, "the method is not GET, HEAD or POST");
	return false;
}

/* The request's head is complete: finds who serves it.  False when it was refused. */
static bool begin_request(struct connection *c)
{
	struct web_request *r = &c->exchange.request;
	if (c->head.minor == 0)
		c->close = true;
	c->close |= !c->head.keep_alive;
	if (!is_allowed(c))
		return false;
	struct str type = http_field(&c->head, "Content-Type"), target = str_dup(c->arena, c->head.target);
	r->method = str_dup(c->arena, c->head.method);
	r->type = str_dup(c->arena, type.p ? str_trim(str_first(type, str_find(type, ';'))) : STR(""));
	r->config = c->listener->front->config;
	r->who.address = c->address;
	if (!route_decode(c->arena, target, &r->path, &r->query)) {
		refuse(c, 400, "the target is not a path");
		return false;
	}
	c->protocol = route_find(c->listener->config, r);
	if (!c->protocol) {
		c->close |= c->head.framing != HTTP_NO_BODY;
		c->note = STR("There is nothing at this address.");
		put_answer(c, 404, "text/plain; charset=utf-8", STR("There is nothing at this address.\n"));
		return false;
	}
	take_basic(c);
	if (c->head.framing == HTTP_LENGTH && c->head.length > c->protocol->longest_body) {
		refuse(c, 413, "the body is too long");
		return false;
	}
	c->body = http_body_of(&c->head);
	c->content = out_memory(c->protocol->longest_body);
	if (c->head.expects_continue && c->head.minor > 0 && c->head.framing != HTTP_NO_BODY)
		evbuffer_add_printf(c->out, "HTTP/1.1 100 Continue\r\n\r\n");
	enter(c, PHASE_BODY);
	return true;
}

/* True when the phase went on. */
static bool read_head(struct connection *c)
{
	struct str bytes = held(c->in);
	size_t length;
	if (bytes.n == 0)
		return false;
	/* without the end of a line there is nothing new to read, unless it is too long already */
	bool ended = c->scanned < bytes.n && memchr(bytes.p + c->scanned, '\n', bytes.n - c->scanned);
	c->scanned = bytes.n;
	if (c->phase == PHASE_HEAD && !ended && bytes.n < HTTP_HEAD_MAX)
		return false;
	if (c->phase == PHASE_IDLE) {
		enter(c, PHASE_HEAD);
		c->arena = arena_new();
		c->exchange.arena = c->arena;
		c->exchange.calls = &calls;
		c->exchange.counts = &c->listener->front->counts;
		c->head_only = false;
	}
	switch (http_read_head(HTTP_REQUEST, false, bytes, &c->head, &length)) {
	case HTTP_MORE:
		return false;
	case HTTP_BAD:
		refuse(c, c->head.error_status, c->head.error);
		return true;
	case HTTP_OK:
		begin_request(c);
		/* it may hold a password */
		explicit_bzero((void *)(uintptr_t)bytes.p, length);
		evbuffer_drain(c->in, length);
		c->scanned = 0;
		return true;
	}
	return false;
}

static bool ask_certificate(struct connection *c)
{
	return c->listener->config->asks.n == ASKS_BY_PATH && !channel_has_asked(c->channel) &&
	       c->protocol->wants_certificate && c->protocol->wants_certificate(&c->exchange.request) &&
	       channel_certificate(c->arena, c->channel).n == 0;
}

/* The request is whole. */
static void ask(struct connection *c)
{
	c->exchange.request.who.certificate = channel_certificate(c->arena, c->channel);
	c->protocol->ask(&c->exchange);
}

static bool read_body(struct connection *c)
{
	struct str piece;
	size_t n;
	while (!c->body.done && (n = http_read_body(&c->body, held(c->in), &piece)) > 0) {
		out_str(&c->content, piece);
		evbuffer_drain(c->in, n);
	}
	if (c->body.error || c->content.error) {
		refuse(c, c->body.error ? 400 : 413, c->body.error ? c->body.error : "the body is too long");
		return true;
	}
	if (!has_room(c))
		return true;
	if (!c->body.done)
		return false;
	c->exchange.request.body = out_view(&c->content);
	if (ask_certificate(c))
		enter(c, PHASE_CERTIFICATE);
	else
		ask(c);
	return true;
}

static void next_request(struct connection *c)
{
	end_request(c);
	c->served = true;
	if (c->close || c->listener->front->ending) {
		channel_shut(c->channel);
		c->done = true;
		return;
	}
	enter(c, PHASE_IDLE);
}

/* One move of the phase; CHANNEL_DONE: look again. */
static enum channel_state move(struct connection *c)
{
	enum channel_state state;
	switch (c->phase) {
	case PHASE_HANDSHAKE:
		state = channel_handshake(c->channel);
		if (state == CHANNEL_DONE)
			enter(c, PHASE_IDLE);
		return state;
	case PHASE_IDLE:
	case PHASE_HEAD:
		return read_head(c) ? CHANNEL_DONE : fill(c);
	case PHASE_BODY:
		state = flush(c); /* a "100 Continue" */
		if (state != CHANNEL_DONE)
			return state;
		return read_body(c) ? CHANNEL_DONE : fill(c);
	case PHASE_CERTIFICATE:
		state = channel_ask_certificate(c->channel);
		if (state == CHANNEL_DONE)
			ask(c);
		return state;
	case PHASE_ANSWER:
		state = flush(c);
		if (state == CHANNEL_DONE)
			next_request(c);
		return state;
	case PHASE_ASKED:
	case PHASE_OVER:
		break;
	}
	return CHANNEL_WAITS_TO_READ;
}

static void step(struct connection *c)
{
	/* A client that sends one request behind the other does not keep the loop from others. */
	for (int moves = 0;; moves++) {
		if (moves == MOVES_AT_ONCE) {
			event_active(c->readable, EV_READ, 0);
			return;
		}
		switch (move(c)) {
		case CHANNEL_DONE:
			if (c->done) {
				free_connection(c);
				return;
			}
			if (c->phase == PHASE_ASKED)
				return;
			continue;
		case CHANNEL_WAITS_TO_READ:
			if (c->phase != PHASE_ASKED)
				event_add(c->readable, NULL);
			return;
		case CHANNEL_WAITS_TO_WRITE:
			event_add(c->writable, NULL);
			return;
		case CHANNEL_BROKEN:
			log_line(c, 0, str_of(channel_error(c->channel)));
			free_connection(c);
			return;
		case CHANNEL_ENDED:
			free_connection(c);
			return;
		}
	}
}

void connection_begin(struct front_listener *l, int fd, struct addr address, struct addr network)
{
	struct front *f = l->front;
	struct connection *c = calloc(1, sizeof *c);
	if (!c)
		out_of_memory(sizeof *c);
	c->listener = l;
	c->channel = channel_new(fd, l->context);
	c->readable = event_new(f->base, fd, EV_READ, on_ready, c);
	c->writable = event_new(f->base, fd, EV_WRITE, on_ready, c);
	c->deadline = evtimer_new(f->base, on_deadline, c);
	c->in = evbuffer_new();
	c->out = evbuffer_new();
	c->content.fd = -1;
	if (!c->readable || !c->writable || !c->deadline || !c->in || !c->out)
		out_of_memory(sizeof *c);
	c->network = network;
	c->address = str_of(addr_text(address, c->address_text));
	c->next = f->connections;
	c->at = &f->connections;
	if (c->next)
		c->next->at = &c->next;
	f->connections = c;
	f->counts.connections++;
	enter(c, PHASE_HANDSHAKE);
	step(c);
}

size_t connections_of(const struct front *f, struct addr network)
{
	size_t n = 0;
	for (const struct connection *c = f->connections; c; c = c->next)
		n += c->network.family == network.family && c->network.n == network.n;
	return n;
}

void connections_end(struct front *f)
{
	f->ending = true;
	for (struct connection *c = f->connections, *next; c; c = next) {
		next = c->next;
		c->close = true;
		if (c->phase == PHASE_IDLE && c->served)
			free_connection(c);
		else if (c->phase <= PHASE_HEAD)
			set_deadline(c, LAST_SECONDS);
	}
	if (f->counts.connections == 0)
		event_base_loopexit(f->base, NULL);
}
