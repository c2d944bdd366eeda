/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One conversation with a target: a connection, or datagrams, and what their end means.
 */
#include "probe/engine-priv.h"

enum { FIRST_ROOM = 2048 };

static void begin_connection(struct attempt *at);

static bool is_stream(const struct attempt *at)
{
	return at->wish.protocol == PROTO_TCP;
}

unsigned tries_of(const struct engine_options *o, uint8_t protocol)
{
	enum { DATAGRAMS = 3 };
	if (o->tries)
		return MIN(o->tries, (unsigned)TRIES_MAX);
	return protocol == PROTO_TCP ? 1 : DATAGRAMS;
}

int64_t try_time(unsigned i, unsigned n, unsigned timeout)
{
	if (i == 0 || n < 2)
		return 0;
	/* the last one at six sevenths of the time-out, the gaps twice as long each time */
	int64_t last = (int64_t)timeout * MILLISECOND * 6 / 7;
	return last * ((1 << i) - 1) / ((1 << (n - 1)) - 1);
}

static void end_socket(struct attempt *at)
{
	struct socket_progress p;
	if (at->watcher.fd < 0)
		return;
	if (is_stream(at) && socket_progress(at->watcher.fd, &p)) {
		at->packets += p.segments;
		at->lost |= p.resent > 0;
	}
	socket_close(at->run->sockets, at->watcher.fd);
	at->watcher.fd = -1;
}

void attempt_drop(struct attempt *at)
{
	end_socket(at);
	timer_stop(&at->run->timers, &at->deadline);
	timer_stop(&at->run->timers, &at->resend);
	at->stage = STAGE_OVER;
}

static void end(struct attempt *at)
{
	if (at->stage == STAGE_OVER)
		return;
	attempt_drop(at);
	at->over(at);
}

/* A verdict of the engine.  The probe's own, where it has one, came first. */
#define CONCLUDE(at, reason, ...)        (exchange_done(&(at)->ex, reason, __VA_ARGS__), end(at))
#define CONCLUDE_WEAKLY(at, reason, ...) ((at)->weak = true, CONCLUDE(at, reason, __VA_ARGS__))

static void arm(struct attempt *at, unsigned milliseconds)
{
	timer_set(&at->run->timers, &at->deadline, MIN(at->run->now + (int64_t)milliseconds * MILLISECOND, at->last));
}

static void arm_reply(struct attempt *at)
{
	unsigned patience = at->ex.probe->patience;
	arm(at, patience ? patience : at->run->options->timeout);
}

static void take_fault(struct attempt *at, const struct socket_fault *f)
{
	if (attempt_fault(at, f))
		end(at);
}

/* Sending */

static void put_out(struct attempt *at, const void *p, size_t n)
{
	if (at->n_out + n > at->room_out) {
		size_t room = MAX((at->n_out + n) * 2, (size_t)FIRST_ROOM);
		at->out = arena_grow(at->arena, at->out, at->n_out, room, 1);
		at->room_out = room;
	}
	memcpy(at->out + at->n_out, p, n);
	at->n_out += n;
}

/* Gives the system what it takes.  False after a verdict. */
static bool push(struct attempt *at)
{
	struct socket_fault fault;
	bool waited = false;
	while (at->n_out) {
		long n = socket_send(at->watcher.fd, &at->wish, at->out, at->n_out, &fault);
		if (n < 0) {
			if (fault.fault == FAULT_AGAIN) {
				waited = true;
				break;
			}
			take_fault(at, &fault);
			return false;
		}
		memmove(at->out, at->out + n, at->n_out - (size_t)n);
		at->n_out -= (size_t)n;
		at->sent += (uint64_t)n;
	}
	socket_wants_write(at->run->sockets, at->watcher.fd, at, waited);
	return true;
}

/* What TLS wants to send. */
static bool push_tls(struct attempt *at)
{
	uint8_t part[4096];
	size_t n;
	while ((n = tls_outgoing(at->tls, part, sizeof part)) > 0)
		put_out(at, part, n);
	return push(at);
}

static void send_datagram(struct attempt *at)
{
	struct socket_fault fault;
	at->packets++;
	if (socket_send(at->watcher.fd, &at->wish, at->datagram.p, at->datagram.n, &fault) < 0)
		take_fault(at, &fault);
}

static void set_resend(struct attempt *at)
{
	unsigned tries = tries_of(at->run->options, at->wish.protocol);
	if (at->resends < tries)
		timer_set(&at->run->timers, &at->resend,
			  at->asked + try_time(at->resends, tries, at->run->options->timeout));
}

static void send_again(struct timer *t)
{
	struct attempt *at = (struct attempt *)((char *)t - offsetof(struct attempt, resend));
	at->resends++;
	send_datagram(at);
	if (at->stage != STAGE_OVER)
		set_resend(at);
}

/* Sends what the probe put.  False after a verdict. */
static bool flush(struct attempt *at)
{
	struct buffer *p = &at->ex.send;
	bool ok = true;
	if (!p->n)
		return true;
	if (++at->rounds > EXCHANGE_ROUNDS_MAX) {
		CONCLUDE(at, REASON_OTHER_SERVICE, "the exchange does not come to an end");
		return false;
	}
	if (!is_stream(at)) {
		at->datagram = str_dup(at->arena, buffer_view(p));
		at->asked = at->run->now;
		at->resends = 1;
		p->n = 0;
		send_datagram(at);
		if (at->stage == STAGE_OVER)
			return false;
		set_resend(at);
		return true;
	}
	if (at->tls && at->ex.secure) {
		tls_write(at->tls, p->p, p->n);
		ok = push_tls(at);
	} else {
		put_out(at, p->p, p->n);
		ok = push(at);
	}
	p->n = 0;
	return ok;
}

/* The conversation */

static void note_clock(struct attempt *at)
{
	if (!at->ex.has_clock || at->has_offset)
		return;
	at->has_offset = true;
	at->clock_offset = at->ex.clock - clock_wall();
}

static void begin_tls(struct attempt *at)
{
	struct str why;
	/* not before it is needed: reading the system's certificates takes longer than most probes */
	if (!at->run->tls)
		at->run->tls = tls_settings_new(at->run->own, at->run->options->ca, &why);
	if (!at->run->tls) {
		CONCLUDE(at, REASON_LOCAL, "this machine cannot begin TLS: %.*s", STR_ARG(why));
		return;
	}
	at->tls = tls_new(at->arena, at->run->tls, at->task->target.name);
	tls_weaken(at->tls, at->task->target.weaken);
	at->stage = STAGE_HANDSHAKE;
	at->ex.step = STEP_WAIT;
	tls_take(at->tls, NULL, 0);
	if (push_tls(at))
		arm(at, at->run->options->timeout);
}

static void follow(struct attempt *at)
{
	end_socket(at);
	at->ex.probe = at->ex.follow;
	at->ex.step = STEP_WAIT;
	at->ex.secure = false;
	at->tls = NULL;
	at->wish.port = at->ex.follow_port;
	at->n_in = at->n_out = 0;
	at->came = 0;
	at->sent = 0;
	at->last += (int64_t)at->run->options->timeout * SPREAD * MILLISECOND;
	begin_connection(at);
}

/* After each callback of the probe. */
static void go_on(struct attempt *at)
{
	note_clock(at);
	if (at->ex.step == STEP_DONE) {
		end(at);
		return;
	}
	if (!flush(at))
		return;
	switch (at->ex.step) {
	case STEP_TLS:
		begin_tls(at);
		return;
	case STEP_FOLLOW:
		follow(at);
		return;
	case STEP_WAIT:
	case STEP_DONE:
		arm_reply(at);
		return;
	}
}

static void talk(struct attempt *at)
{
	at->stage = STAGE_TALK;
	at->ex.probe->start(&at->ex);
	go_on(at);
}

static void hold(struct attempt *at)
{
	struct socket_progress p = { 0 };
	unsigned patience = at->kind == ATTEMPT_MUTE ? 0 : at->ex.probe->patience;
	socket_progress(at->watcher.fd, &p);
	at->stage = STAGE_HOLD;
	arm(at, MAX(MAX(patience, (unsigned)HOLD), p.rtt / MILLISECOND + 1));
}

static bool begins_with_tls(const struct attempt *at)
{
	return at->ex.probe->tls_first || (at->task->target.tls && at->ex.probe == at->task->probe);
}

static void connected(struct attempt *at)
{
	const struct probe *probe = at->ex.probe;
	socket_wants_write(at->run->sockets, at->watcher.fd, at, false);
	bool tls = begins_with_tls(at);
	if (at->kind == ATTEMPT_MUTE || (!probe->start && !tls))
		hold(at);
	else if (tls)
		begin_tls(at);
	else
		talk(at);
}

static void handshake_failed(struct attempt *at)
{
	bool alert;
	struct str why = tls_failure(at->tls, &alert);
	if (alert)
		exchange_evidence(&at->ex, "tls-alert", why);
	if (alert)
		CONCLUDE(at, REASON_SERVICE, "a TLS server replies, with the alert \"%.*s\"", STR_ARG(why));
	else
		CONCLUDE(at, REASON_OTHER_SERVICE, "the TLS handshake fails: %.*s", STR_ARG(why));
}

static void handshake_done(struct attempt *at)
{
	struct tls_peer peer;
	const struct probe *probe = at->ex.probe;
	at->ex.secure = true;
	at->stage = STAGE_TALK;
	if (!push_tls(at))
		return;
	tls_judge(at->tls, &at->ex, clock_wall() / MILLISECOND, &peer);
	if (probe->secured)
		probe->secured(&at->ex, &peer);
	if (at->ex.step == STEP_WAIT && !at->ex.send.n && begins_with_tls(at) && probe->start)
		probe->start(&at->ex);
	go_on(at);
}

/* Appends to what waits for the probe.  False after a verdict. */
static bool keep(struct attempt *at, const uint8_t *p, size_t n)
{
	at->came += n;
	if (at->came > EXCHANGE_TOTAL_MAX || at->n_in + n > EXCHANGE_INPUT_MAX) {
		CONCLUDE(at, REASON_OTHER_SERVICE, "it sends more than %s does", at->ex.probe->title);
		return false;
	}
	if (at->n_in + n > at->room_in) {
		size_t room = MAX((at->n_in + n) * 2, (size_t)FIRST_ROOM);
		at->in = arena_grow(at->arena, at->in, at->n_in, room, 1);
		at->room_in = room;
	}
	memcpy(at->in + at->n_in, p, n);
	at->n_in += n;
	return true;
}

static void offer(struct attempt *at)
{
	const struct probe *probe = at->ex.probe;
	while (at->n_in && at->ex.step == STEP_WAIT && probe->input) {
		size_t n = MIN(probe->input(&at->ex, at->in, at->n_in), at->n_in);
		memmove(at->in, at->in + n, at->n_in - n);
		at->n_in -= n;
		if (n == 0)
			break;
	}
	go_on(at);
}

/* The server closed the stream in order. */
static void closed(struct attempt *at)
{
	const struct probe *probe = at->ex.probe;
	if (at->stage == STAGE_HOLD) {
		CONCLUDE(at, at->kind == ATTEMPT_MUTE ? REASON_SILENT : probe->best,
			 "it accepts connections, and closes them at once");
		return;
	}
	if (at->stage == STAGE_HANDSHAKE) {
		CONCLUDE(at, REASON_OTHER_SERVICE,
			 "it closes the connection at the TLS handshake: there is no TLS, or no certificate");
		return;
	}
	if (probe->closed) {
		probe->closed(&at->ex);
		note_clock(at);
	}
	if (at->ex.step != STEP_DONE && at->n_in)
		exchange_foreign(&at->ex, at->in, at->n_in);
	CONCLUDE(at, REASON_OTHER_SERVICE, "it closes the connection without a reply");
}

/* Bytes of a handshake.  What is not TLS is shown as what it is. */
static void shake(struct attempt *at, const uint8_t *p, size_t n)
{
	enum { RECORD_ALERT = 0x15, RECORD_HANDSHAKE = 0x16 };
	if (at->came == 0 && p[0] != RECORD_ALERT && p[0] != RECORD_HANDSHAKE) {
		exchange_foreign(&at->ex, p, n);
		end(at);
		return;
	}
	at->came += n;
	if (at->came > EXCHANGE_TOTAL_MAX) {
		CONCLUDE(at, REASON_OTHER_SERVICE, "its TLS handshake is larger than any certificate");
		return;
	}
	switch (tls_take(at->tls, p, n)) {
	case TLS_BUSY:
		if (push_tls(at))
			arm(at, at->run->options->timeout);
		return;
	case TLS_FAILED:
		handshake_failed(at);
		return;
	case TLS_UP:
		handshake_done(at);
		return;
	}
}

/* What TLS holds for the probe. */
static void take_inside(struct attempt *at)
{
	uint8_t part[4096];
	size_t n;
	while (at->stage == STAGE_TALK && (n = tls_read(at->tls, part, sizeof part)) > 0) {
		if (!keep(at, part, n))
			return;
		offer(at);
	}
	if (at->stage == STAGE_TALK && tls_is_closed(at->tls))
		closed(at);
}

static void take_stream(struct attempt *at, const uint8_t *p, size_t n)
{
	if (at->stage == STAGE_HANDSHAKE) {
		shake(at, p, n);
		if (at->stage == STAGE_TALK)
			take_inside(at);
	} else if (at->stage == STAGE_TALK && at->tls) {
		at->came += n; /* handshakes after the handshake count too */
		if (at->came > 2 * EXCHANGE_TOTAL_MAX) {
			CONCLUDE(at, REASON_OTHER_SERVICE, "it sends more than %s does", at->ex.probe->title);
			return;
		}
		tls_take(at->tls, p, n);
		take_inside(at);
	} else if (at->stage == STAGE_TALK) {
		if (keep(at, p, n))
			offer(at);
	}
}

static void take_datagram(struct attempt *at, const uint8_t *p, size_t n)
{
	if (at->ex.step != STEP_WAIT || !at->ex.probe->input)
		return;
	at->came += n;
	if (++at->rounds > EXCHANGE_ROUNDS_MAX) {
		CONCLUDE(at, REASON_OTHER_SERVICE, "the exchange does not come to an end");
		return;
	}
	at->lost |= at->resends > 1;
	timer_stop(&at->run->timers, &at->resend);
	at->ex.probe->input(&at->ex, p, n);
	go_on(at);
}

static void receive(struct attempt *at)
{
	enum { AT_ONCE = 16 };
	struct socket_fault fault;
	for (int i = 0; i < AT_ONCE && at->stage != STAGE_OVER; i++) {
		int fd = at->watcher.fd;
		long n = socket_receive(fd, &at->wish, at->run->buffer, DATAGRAM_MAX, &fault);
		if (n < 0) {
			take_fault(at, &fault);
			return;
		}
		if (!is_stream(at)) {
			take_datagram(at, at->run->buffer, (size_t)n);
		} else if (n == 0) {
			closed(at);
			return;
		} else {
			take_stream(at, at->run->buffer, (size_t)n);
		}
		if (at->watcher.fd != fd)
			return; /* it followed to another port */
	}
}

static void happened(struct watcher *w, unsigned events)
{
	struct attempt *at = (struct attempt *)w;
	struct socket_fault fault = { 0 };
	if (at->stage == STAGE_OVER)
		return;
	if (events & SOCKET_FAULTY) {
		/* what came before a reset counts */
		if (is_stream(at) && at->stage != STAGE_CONNECT && events & SOCKET_READABLE)
			receive(at);
		if (at->stage == STAGE_OVER)
			return;
		socket_take_fault(at->watcher.fd, &at->wish, &fault);
		take_fault(at, &fault);
		return;
	}
	if (at->stage == STAGE_CONNECT) {
		if (events & SOCKET_WRITABLE)
			connected(at);
		return;
	}
	if (events & SOCKET_WRITABLE && is_stream(at) && !push(at))
		return;
	if (events & SOCKET_READABLE)
		receive(at);
}

/* Silence */

static void give_up(struct attempt *at)
{
	struct socket_progress p = { 0 };
	if (!is_stream(at)) {
		CONCLUDE_WEAKLY(at, REASON_NO_ANSWER, "nothing comes back: it, or a reply, is lost, or %s stays silent",
				at->ex.probe->title);
		return;
	}
	socket_progress(at->watcher.fd, &p);
	if (at->n_in && at->run->now >= at->last) {
		exchange_foreign(&at->ex, at->in, at->n_in);
		at->ex.text = str_printf(at->arena, "%.*s, and does not come to an end", STR_ARG(at->ex.text));
		end(at);
		return;
	}
	at->weak = true;
	if (at->n_out || p.unacknowledged) {
		CONCLUDE(at, REASON_DATA_LOST, "the connection opens, but what is sent on it is never acknowledged");
	} else if (at->n_in && at->ex.step != STEP_DONE) {
		exchange_foreign(&at->ex, at->in, at->n_in);
		at->ex.text = str_printf(at->arena, "%.*s, and stops in the middle", STR_ARG(at->ex.text));
		end(at);
	} else if (at->stage == STAGE_HANDSHAKE) {
		CONCLUDE(at, REASON_SILENT, "it does not finish the TLS handshake");
	} else {
		CONCLUDE(at, REASON_SILENT, "it takes what is sent and sends nothing");
	}
}

static void timed_out(struct timer *t)
{
	struct attempt *at = (struct attempt *)((char *)t - offsetof(struct attempt, deadline));
	const struct probe *probe = at->ex.probe;
	switch (at->stage) {
	case STAGE_CONNECT:
		if (at->wish.port != at->task->target.port)
			CONCLUDE_WEAKLY(at, REASON_DROPPED, "nothing comes back from port %u, which the server named",
					at->wish.port);
		else
			CONCLUDE_WEAKLY(at, REASON_DROPPED, "nothing comes back");
		return;
	case STAGE_HOLD:
		CONCLUDE(at, at->kind == ATTEMPT_MUTE ? REASON_SILENT : probe->best, "%s",
			 probe->why_not ? probe->why_not : "it accepts connections");
		return;
	case STAGE_TALK:
		if (probe->quiet && at->run->now < at->last) {
			probe->quiet(&at->ex);
			if (at->ex.step != STEP_WAIT || at->ex.send.n) {
				go_on(at);
				return;
			}
		}
		give_up(at);
		return;
	case STAGE_HANDSHAKE:
		give_up(at);
		return;
	case STAGE_OVER:
		return;
	}
}

static void begin_connection(struct attempt *at)
{
	struct socket_fault fault;
	at->stage = STAGE_CONNECT;
	at->asked = at->run->now;
	at->watcher.fd = socket_open(at->run->sockets, &at->wish, at, &fault);
	if (at->watcher.fd < 0) {
		take_fault(at, &fault);
		return;
	}
	if (is_stream(at)) {
		arm(at, at->run->options->timeout);
		return;
	}
	socket_wants_write(at->run->sockets, at->watcher.fd, at, false);
	talk(at);
}

void attempt_begin(struct attempt *at)
{
	const struct probe_task *task = at->task;
	const struct target *t = &task->target;
	const struct probe *probe = task->probe;
	uint8_t *random = arena_alloc(at->arena, RANDOM_BYTES);
	random_bytes(random, RANDOM_BYTES);
	at->watcher = (struct watcher){ happened, -1 };
	at->deadline.fire = timed_out;
	at->resend.fire = send_again;
	at->ex = (struct exchange){
		.arena = at->arena,
		.target = t,
		.probe = probe,
		.state = arena_alloc(at->arena, probe->state_size),
		.random = random,
		.mapping = at->mapping,
	};
	at->wish = (struct socket_wish){
		.protocol = t->protocol,
		.to = t->address,
		.port = t->port,
		.has_source = task->has_source,
		.source = t->source,
		.source_port = probe->source_port,
		.mss = at->kind == ATTEMPT_SMALL ? SMALL_SEGMENT : 0,
		.any_port = probe->replies_elsewhere && t->protocol == PROTO_UDP,
	};
	at->began = at->run->now;
	at->last = at->began + (int64_t)at->run->options->timeout * SPREAD * MILLISECOND;
	if (at->mapping && probe->surveyed)
		probe->surveyed(&at->ex);
	if (at->ex.step == STEP_WAIT)
		begin_connection(at);
	else
		go_on(at);
}
