/* SPDX-License-Identifier: Apache-2.0 */
/* The engine over the loopback interface, with servers that misbehave, each in a thread. */
#include "probe/engine-priv.h"
#include "probe/plain.h"

#include "test.h" /* after src/wire, whose skip() is a macro of cmocka */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TIMEOUT = 200 }; /* milliseconds */

/* A server: what it does with each connection, or datagram. */
struct server {
	int fd;
	uint16_t port;
	void (*serve)(struct server *s, int fd);
	pthread_t thread;
	unsigned count;
};

static int open_port(int type, uint16_t *port)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof own;
	int fd = socket(AF_INET, type, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &n), 0);
	*port = ntohs(own.sin_port);
	return fd;
}

static void *run_stream(void *ctx)
{
	struct server *s = ctx;
	int fd;
	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		s->serve(s, fd);
		close(fd);
	}
	return NULL;
}

static void *run_datagrams(void *ctx)
{
	struct server *s = ctx;
	s->serve(s, s->fd);
	return NULL;
}

static void start_server(struct server *s, int type, void (*serve)(struct server *s, int fd))
{
	*s = (struct server){ .serve = serve };
	s->fd = open_port(type, &s->port);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(s->fd, 64), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, type == SOCK_STREAM ? run_stream : run_datagrams, s), 0);
}

static void stop_server(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

/* A protocol: says hello, and is served by "olleh". */
static void say_hello(struct exchange *ex)
{
	put_text(exchange_send(ex), "hello");
}

static size_t hear(struct exchange *ex, const uint8_t *p, size_t n)
{
	if (n < 5)
		return 0;
	if (memcmp(p, "olleh", 5) == 0)
		exchange_done(ex, REASON_SERVICE, "it greets");
	else if (memcmp(p, "other", 5) == 0)
		exchange_foreign(ex, p, n);
	else
		return 0;
	return 5;
}

static const struct probe probe_hello = {
	.name = "hello",
	.title = "the greeting",
	.best = REASON_SERVICE,
	.start = say_hello,
	.input = hear,
};

static struct probe_task task_of(const struct probe *probe, uint8_t protocol, uint16_t port)
{
	return (struct probe_task){
		.probe = probe,
		.target = { .address = { IPV4, 0x7f000001 }, .protocol = protocol, .port = port },
	};
}

static struct engine_options quick(void)
{
	struct engine_options o = engine_defaults;
	o.timeout = TIMEOUT;
	o.no_trace = true;
	return o;
}

static struct probe_result ask(struct arena *a, const struct probe *probe, uint8_t protocol, uint16_t port)
{
	struct probe_task task = task_of(probe, protocol, port);
	struct engine_options o = quick();
	struct probe_result result;
	struct str why;
	assert_true(engine_run(a, &task, 1, &o, &result, &why));
	return result;
}

static void assert_reason(struct probe_result result, enum probe_reason wanted)
{
	if (result.reason != wanted)
		fail_msg("%s: %.*s; wanted %s", reason_name(result.reason), STR_ARG(result.text), reason_name(wanted));
}

static struct probe_result ask_server(struct arena *a, const struct probe *probe,
				      void (*serve)(struct server *s, int fd))
{
	struct server s;
	start_server(&s, SOCK_STREAM, serve);
	struct probe_result result = ask(a, probe, PROTO_TCP, s.port);
	stop_server(&s);
	return result;
}

static void wait_end(int fd)
{
	char bytes[256];
	while (recv(fd, bytes, sizeof bytes, 0) > 0)
		;
}

static void greet(struct server *s, int fd)
{
	char bytes[256];
	s->count++;
	if (recv(fd, bytes, sizeof bytes, 0) > 0)
		send(fd, "olleh", 5, MSG_NOSIGNAL);
	wait_end(fd);
}

static void greet_in_pieces(struct server *s, int fd)
{
	for (size_t i = 0; i < 5; i++) {
		send(fd, &"olleh"[i], 1, MSG_NOSIGNAL);
		usleep(10000);
	}
	wait_end(fd);
}

static void say_other(struct server *s, int fd)
{
	send(fd, "other", 5, MSG_NOSIGNAL);
	wait_end(fd);
}

static void stay_silent(struct server *s, int fd)
{
	wait_end(fd);
}

static void hang_up(struct server *s, int fd)
{
	char bytes[256];
	recv(fd, bytes, sizeof bytes, 0);
}

static void reset(struct server *s, int fd)
{
	struct linger now = { 1, 0 };
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void talk_without_end(struct server *s, int fd)
{
	char bytes[4096];
	memset(bytes, 'a', sizeof bytes);
	while (send(fd, bytes, sizeof bytes, MSG_NOSIGNAL) > 0)
		;
}

static void drip(struct server *s, int fd)
{
	while (send(fd, "a", 1, MSG_NOSIGNAL) == 1)
		usleep(20000);
}

static void a_server_that_replies_serves(void **state)
{
	struct arena *a = arena_new();
	assert_reason(ask_server(a, &probe_hello, greet), REASON_SERVICE);
	assert_reason(ask_server(a, &probe_hello, greet_in_pieces), REASON_SERVICE);
	arena_free(a);
}

static void another_protocol_is_another_service(void **state)
{
	struct arena *a = arena_new();
	struct probe_result r = ask_server(a, &probe_hello, say_other);
	assert_reason(r, REASON_OTHER_SERVICE);
	assert_int_equal(r.n_evidence, 1);
	assert_true(str_is(r.evidence[0].value, "other"));
	assert_reason(ask_server(a, &probe_hello, hang_up), REASON_OTHER_SERVICE);
	arena_free(a);
}

static void a_closed_port_is_refused(void **state)
{
	struct arena *a = arena_new();
	uint16_t port;
	close(open_port(SOCK_STREAM, &port));
	assert_reason(ask(a, &probe_hello, PROTO_TCP, port), REASON_REFUSED);
	close(open_port(SOCK_DGRAM, &port));
	struct probe_result r = ask(a, &probe_hello, PROTO_UDP, port);
	assert_reason(r, REASON_REFUSED);
	assert_true(r.where.has_icmp);
	assert_int_equal(r.where.type, 3);
	assert_int_equal(r.where.code, 3);
	arena_free(a);
}

static void silence_after_data_is_not_loss(void **state)
{
	struct arena *a = arena_new();
	assert_reason(ask_server(a, &probe_hello, stay_silent), REASON_SILENT);
	assert_reason(ask_server(a, &probe_plain_tcp, stay_silent), REASON_ACCEPTS);
	arena_free(a);
}

static void stay_silent_once(struct server *s, int fd)
{
	if (s->count++)
		greet(s, fd);
	else
		usleep(TIMEOUT * 1300);
}

static void a_server_that_was_slow_once_loses_no_packets(void **state)
{
	struct arena *a = arena_new();
	assert_reason(ask_server(a, &probe_hello, stay_silent_once), REASON_SERVICE);
	arena_free(a);
}

static void a_reset_at_once_is_not_a_service(void **state)
{
	struct arena *a = arena_new();
	assert_reason(ask_server(a, &probe_plain_tcp, reset), REASON_RESET_ON_CONNECT);
	/* here the system of the server may acknowledge the greeting before it is told to reset */
	enum probe_reason reason = ask_server(a, &probe_hello, reset).reason;
	assert_true(reason == REASON_RESET_ON_CONNECT || reason == REASON_OTHER_SERVICE);
	arena_free(a);
}

static void a_server_without_end_is_cut_off(void **state)
{
	struct arena *a = arena_new();
	int64_t begin = clock_now();
	struct probe_result r = ask_server(a, &probe_hello, talk_without_end);
	assert_reason(r, REASON_OTHER_SERVICE);
	assert_true(clock_now() - begin < 5000000);
	arena_free(a);
}

static void a_server_that_drips_is_cut_off_after_some_time_outs(void **state)
{
	struct arena *a = arena_new();
	int64_t begin = clock_now();
	assert_reason(ask_server(a, &probe_hello, drip), REASON_OTHER_SERVICE);
	assert_true(clock_now() - begin >= (int64_t)SPREAD * TIMEOUT * MILLISECOND);
	assert_true(clock_now() - begin < (int64_t)3 * SPREAD * TIMEOUT * MILLISECOND);
	arena_free(a);
}

/* UDP */

static void greet_the_third(struct server *s, int fd)
{
	struct sockaddr_in from;
	char first[64], bytes[64];
	for (;;) {
		socklen_t size = sizeof from;
		ssize_t n = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &size);
		if (n <= 0)
			return;
		if (++s->count == 1)
			memcpy(first, bytes, 5);
		if (s->count == 3 && memcmp(first, bytes, 5) == 0)
			sendto(fd, "olleh", 5, 0, (struct sockaddr *)&from, size);
	}
}

static void a_datagram_is_sent_three_times(void **state)
{
	struct arena *a = arena_new();
	struct server s;
	start_server(&s, SOCK_DGRAM, greet_the_third);
	struct probe_result r = ask(a, &probe_hello, PROTO_UDP, s.port);
	assert_reason(r, REASON_SERVICE);
	assert_int_equal(r.packets, 3);
	assert_true(r.milliseconds >= TIMEOUT * 6 / 7 && r.milliseconds <= TIMEOUT);
	stop_server(&s);
	arena_free(a);
}

static void greet_from_elsewhere(struct server *s, int fd)
{
	struct sockaddr_in from;
	char bytes[64];
	uint16_t port;
	int other = open_port(SOCK_DGRAM, &port);
	for (;;) {
		socklen_t size = sizeof from;
		if (recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &size) <= 0)
			break;
		sendto(other, "olleh", 5, 0, (struct sockaddr *)&from, size);
	}
	close(other);
}

static void a_reply_from_another_port_counts_where_the_protocol_has_it(void **state)
{
	struct arena *a = arena_new();
	struct server s;
	struct probe elsewhere = probe_hello;
	elsewhere.replies_elsewhere = true;
	start_server(&s, SOCK_DGRAM, greet_from_elsewhere);
	struct probe_result r = ask(a, &elsewhere, PROTO_UDP, s.port);
	assert_reason(r, REASON_SERVICE);
	assert_int_equal(r.port, s.port);
	assert_reason(ask(a, &probe_hello, PROTO_UDP, s.port), REASON_NO_ANSWER);
	stop_server(&s);
	arena_free(a);
}

/* Following */

static uint16_t second_port;
static size_t go_there(struct exchange *ex, const uint8_t *p, size_t n)
{
	*(unsigned *)ex->state = 7;
	exchange_follow(ex, second_port, &probe_hello);
	return n;
}

static void a_probe_follows_to_another_port(void **state)
{
	struct arena *a = arena_new();
	struct server first, second;
	struct probe mapper = probe_hello;
	mapper.input = go_there;
	mapper.state_size = sizeof(unsigned);
	start_server(&first, SOCK_STREAM, greet);
	start_server(&second, SOCK_STREAM, greet);
	second_port = second.port;
	struct probe_result r = ask(a, &mapper, PROTO_TCP, first.port);
	assert_reason(r, REASON_SERVICE);
	assert_int_equal(r.port, second.port);
	stop_server(&second);
	r = ask(a, &mapper, PROTO_TCP, first.port);
	assert_reason(r, REASON_REFUSED);
	assert_int_equal(r.port, second_port);
	stop_server(&first);
	arena_free(a);
}

/* Many */

static void silent_targets_cost_their_number_by_those_in_flight(void **state)
{
	enum { N = 60, IN_FLIGHT = 20 };
	struct arena *a = arena_new();
	struct engine_options o = quick();
	struct probe_task tasks[N];
	struct probe_result results[N];
	struct str why;
	uint16_t port;
	int fd = open_port(SOCK_DGRAM, &port);
	o.in_flight = o.per_address = IN_FLIGHT;
	o.rate = 0;
	for (size_t i = 0; i < N; i++)
		tasks[i] = task_of(&probe_hello, PROTO_UDP, port);
	int64_t begin = clock_now(), rounds = (int64_t)N / IN_FLIGHT * TIMEOUT * MILLISECOND;
	assert_true(engine_run(a, tasks, N, &o, results, &why));
	int64_t took = clock_now() - begin;
	for (size_t i = 0; i < N; i++)
		assert_reason(results[i], REASON_NO_ANSWER);
	assert_true(took >= rounds);
	assert_true(took < rounds + 3000 * MILLISECOND); /* one after the other they would take 12 s */
	close(fd);
	arena_free(a);
}

static void refusals_by_icmp_are_not_provoked_faster_than_the_rate(void **state)
{
	enum { N = 10 };
	struct arena *a = arena_new();
	struct engine_options o = quick();
	struct probe_task tasks[N];
	struct probe_result results[N];
	struct str why;
	uint16_t port;
	close(open_port(SOCK_DGRAM, &port));
	o.rate = 5; /* a burst of five, and then five a second */
	for (size_t i = 0; i < N; i++)
		tasks[i] = task_of(&probe_hello, PROTO_UDP, port);
	int64_t begin = clock_now();
	assert_true(engine_run(a, tasks, N, &o, results, &why));
	assert_true(clock_now() - begin >= 900 * MILLISECOND);
	arena_free(a);
}

static void what_is_stopped_is_not_tried(void **state)
{
	enum { N = 100 };
	struct arena *a = arena_new();
	struct engine_options o = quick();
	volatile sig_atomic_t stop = 1;
	struct probe_task tasks[N];
	struct probe_result results[N];
	struct str why;
	o.stop = &stop;
	for (size_t i = 0; i < N; i++)
		tasks[i] = task_of(&probe_hello, PROTO_UDP, 9);
	assert_true(engine_run(a, tasks, N, &o, results, &why));
	for (size_t i = 0; i < N; i++)
		assert_reason(results[i], REASON_NOT_TRIED);
	arena_free(a);
}

static void a_task_without_a_probe_has_its_result(void **state)
{
	struct arena *a = arena_new();
	struct probe_task task = { .preset = REASON_NO_MACHINE, .preset_text = STR("nobody") };
	struct engine_options o = quick();
	struct probe_result r;
	struct str why;
	assert_true(engine_run(a, &task, 1, &o, &r, &why));
	assert_reason(r, REASON_NO_MACHINE);
	assert_int_equal(r.packets, 0);
	arena_free(a);
}

static void tries_are_made_at_0_1_and_3_seconds_of_three_and_a_half(void **state)
{
	assert_int_equal(try_time(0, 3, 3500), 0);
	assert_int_equal(try_time(1, 3, 3500), 1000000);
	assert_int_equal(try_time(2, 3, 3500), 3000000);
	for (unsigned i = 1; i < TRIES_MAX; i++) {
		assert_true(try_time(i, TRIES_MAX, 20000) > try_time(i - 1, TRIES_MAX, 20000));
		assert_true(try_time(i, TRIES_MAX, 20000) < 20000 * MILLISECOND);
	}
}

/* Timers */

struct counted {
	struct timer timer;
	int64_t *fired;
	size_t *n;
};

static void note_fired(struct timer *t)
{
	struct counted *c = (struct counted *)t;
	c->fired[(*c->n)++] = t->at;
}

static void timers_fire_in_order_and_stopped_ones_do_not(void **state)
{
	enum { N = 500 };
	struct arena *a = arena_new();
	struct timers all = { .arena = a };
	struct counted *timers = ARENA_ARRAY(a, struct counted, N);
	int64_t fired[N];
	size_t n = 0;
	for (unsigned i = 0; i < N; i++) {
		timers[i] = (struct counted){ { .fire = note_fired }, fired, &n };
		timer_set(&all, &timers[i].timer, (int64_t)(i * 7919 % N));
	}
	for (unsigned i = 0; i < N; i += 3)
		timer_stop(&all, &timers[i].timer);
	for (unsigned i = 1; i < N; i += 3)
		timer_set(&all, &timers[i].timer, (int64_t)(i * 31 % 100));
	timers_fire(&all, N);
	assert_int_equal(n, N - (N + 2) / 3);
	assert_int_equal(all.n, 0);
	for (size_t i = 1; i < n; i++)
		assert_true(fired[i - 1] <= fired[i]);
	arena_free(a);
}

RUN_TESTS(T(a_server_that_replies_serves), T(another_protocol_is_another_service), T(a_closed_port_is_refused),
	  T(silence_after_data_is_not_loss), T(a_server_that_was_slow_once_loses_no_packets),
	  T(a_reset_at_once_is_not_a_service), T(a_server_without_end_is_cut_off),
	  T(a_server_that_drips_is_cut_off_after_some_time_outs), T(a_datagram_is_sent_three_times),
	  T(a_reply_from_another_port_counts_where_the_protocol_has_it), T(a_probe_follows_to_another_port),
	  T(silent_targets_cost_their_number_by_those_in_flight),
	  T(refusals_by_icmp_are_not_provoked_faster_than_the_rate), T(what_is_stopped_is_not_tried),
	  T(a_task_without_a_probe_has_its_result), T(tries_are_made_at_0_1_and_3_seconds_of_three_and_a_half),
	  T(timers_fire_in_order_and_stopped_ones_do_not))
