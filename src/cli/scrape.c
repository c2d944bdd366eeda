/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One loop over the listener, its connections, and the pipes of the processes that probe.  A connection has one
 * request and one answer.  Slots are fixed, so that an event of the same batch finds a closed one, not freed memory.
 */
#include "cli/scrape.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/vec.h"
#include "cli/interrupt.h"
#include "probe/socket-serve.h"
#include "probe/timer.h"
#include "wire/http.h"

enum {
	CLIENTS_MAX = 64,
	JOBS_MAX = 16,
	ANSWER_MAX = 4 << 20, /* bytes of metrics */
	PATIENCE = 10,        /* seconds for a request to come, or an answer to be taken */
	TICK = 1000,          /* milliseconds */
	TIMEOUT_SLACK = 500,  /* milliseconds that a scrape ends before Prometheus gives up */
	NAME_MAX_BYTES = 512, /* of a target or a module */
};

enum slot_kind { SLOT_LISTENER, SLOT_CLIENT, SLOT_JOB };

struct job {
	enum slot_kind kind;
	int fd; /* -1: free */
	pid_t pid;
	struct arena *arena;
	struct str key; /* "target module" */
	VEC(char) answer;
	bool too_long;
};

struct client {
	enum slot_kind kind;
	int fd; /* -1: free */
	struct arena *arena;
	int64_t began;
	char in[HTTP_HEAD_MAX];
	size_t n_in;
	struct job *job; /* it waits for */
	struct str out;  /* what remains of the answer; p == NULL: none yet */
};

struct scraper {
	struct invocation *call;
	const struct probe_report *report;
	const struct engine_options *options;
	const struct catalogue *catalogue;
	struct sockets *sockets;
	struct listener_slot {
		enum slot_kind kind;
		int fd;
	} listener;
	struct client clients[CLIENTS_MAX];
	struct job jobs[JOBS_MAX];
};

/* What a request asks for. */
struct wanted {
	struct str host, module;
	bool has_address;
	struct addr address;
	uint16_t port; /* of tcp_connect; 0: none */
	int service;   /* -1: tcp_connect or icmp */
};

bool scrape_place_parse(struct str s, struct scrape_place *ret)
{
	uint32_t port;
	size_t colon = s.n;
	*ret = (struct scrape_place){ .address = { IPV4, 0x7f000001 } };
	while (colon > 0 && s.p[colon - 1] != ':')
		colon--;
	struct str address = str_first(s, colon ? colon - 1 : 0), number = str_skip(s, colon);
	if (str_starts(address, "[") && str_ends(address, "]")) {
		address = str_first(str_skip(address, 1), address.n - 2);
		if (!addr_parse(address, &ret->address) || ret->address.family != IPV6)
			return false;
	} else if (address.n && (!addr_parse(address, &ret->address) || ret->address.family != IPV4)) {
		return false;
	}
	ret->port = (uint16_t)(str_to_u32(number, UINT16_MAX, &port) ? port : 0);
	return ret->port > 0 && (colon == 0 || address.n > 0);
}

/* Clients */

static void close_client(struct scraper *s, struct client *c)
{
	socket_close(s->sockets, c->fd);
	c->fd = -1;
	c->job = NULL;
	arena_free(c->arena);
	c->arena = NULL;
}

static void send_rest(struct scraper *s, struct client *c)
{
	struct socket_wish wish = { .protocol = PROTO_TCP };
	struct socket_fault fault;
	while (c->out.n) {
		long n = socket_send(c->fd, &wish, c->out.p, c->out.n, &fault);
		if (n < 0 && fault.fault == FAULT_AGAIN) {
			socket_wants_write(s->sockets, c->fd, c, true);
			return;
		}
		if (n < 0)
			break;
		c->out = str_skip(c->out, (size_t)n);
	}
	close_client(s, c);
}

static void reply(struct scraper *s, struct client *c, unsigned status, const char *reason, struct str body)
{
	c->job = NULL;
	c->began = clock_now();
	c->out = str_printf(c->arena,
			    "HTTP/1.1 %u %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
			    "Content-Length: %zu\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n%s\r\n%.*s",
			    status, reason, body.n, status == 405 ? "Allow: GET\r\n" : "", STR_ARG(body));
	send_rest(s, c);
}

static void refuse(struct scraper *s, struct client *c, struct str why)
{
	reply(s, c, 400, "Bad Request", str_printf(c->arena, "%.*s\n", STR_ARG(why)));
}

/* What is asked for */

/* The value of a key in a query, decoded; p == NULL: absent or malformed. */
static struct str query_value(struct arena *a, struct str query, const char *key)
{
	struct str pair, name;
	while (str_cut(&query, '&', &pair)) {
		if (!str_cut(&pair, '=', &name) || !str_is(name, key) || pair.n > 3 * NAME_MAX_BYTES)
			continue;
		struct str ret;
		return str_uri_decode(a, pair, true, &ret) ? ret : NO_STR;
	}
	return NO_STR;
}

/* "https://dc1:443/path", as jobs of other exporters write a target: the host and the port count. */
static void read_target(struct str target, struct wanted *ret)
{
	size_t scheme = str_find_text(target, STR("://"));
	uint32_t port;
	if (scheme != SIZE_MAX)
		target = str_skip(target, scheme + 3);
	target = str_first(target, str_find(target, '/'));
	ret->host = target;
	ret->has_address = addr_parse(target, &ret->address);
	size_t colon = str_starts(target, "[") ? str_find_text(target, STR("]:")) : str_find(target, ':');
	if (ret->has_address || colon == SIZE_MAX)
		return;
	bool bracket = str_starts(target, "[");
	ret->host = bracket ? str_first(str_skip(target, 1), colon - 1) : str_first(target, colon);
	ret->has_address = addr_parse(ret->host, &ret->address);
	if (str_to_u32(str_skip(target, colon + 1 + bracket), UINT16_MAX, &port))
		ret->port = (uint16_t)port;
}

static bool is_target(const struct scraper *s, size_t i, const struct wanted *w)
{
	const struct probe_subject *subject = &s->report->tasks->subjects[i];
	struct addr address = s->report->tasks->tasks[i].target.address;
	if (subject->nothing)
		return false;
	if (w->has_address)
		return !subject->no_address && address.family == w->address.family && address.n == w->address.n;
	return str_ieq(subject->host, w->host);
}

static bool is_wanted(const struct scraper *s, size_t i, const struct wanted *w)
{
	const struct target *t = &s->report->tasks->tasks[i].target;
	if (!is_target(s, i, w))
		return false;
	if (w->service >= 0)
		return str_eq(s->report->tasks->subjects[i].service, s->catalogue->services[w->service].id);
	if (w->port)
		return t->protocol == PROTO_TCP && t->port == w->port;
	return t->protocol == PROTO_ICMP || t->protocol == PROTO_ICMP6;
}

/* The services of the plan's flows from here, each once. */
static struct str modules(struct arena *a, const struct scraper *s)
{
	struct str list = STR("tcp_connect icmp");
	for (size_t i = 0; i < s->catalogue->n_services; i++) {
		bool planned = false;
		struct str id = s->catalogue->services[i].id;
		for (size_t j = 0; j < s->report->tasks->n && !planned; j++)
			planned = str_eq(s->report->tasks->subjects[j].service, id);
		if (planned)
			list = str_printf(a, "%.*s %.*s", STR_ARG(list), STR_ARG(id));
	}
	return list;
}

/* Reads the query; false after an answer. */
static bool read_query(struct scraper *s, struct client *c, struct str query, struct wanted *w)
{
	struct arena *a = c->arena;
	struct str target = query_value(a, query, "target"), module = query_value(a, query, "module");
	bool known = false, connects = str_is(module, "tcp_connect"), echo = str_is(module, "icmp");
	*w = (struct wanted){ .module = module, .service = -1 };
	if (!target.n || !module.n) {
		refuse(s, c, STR("target and module are needed: /probe?target=HOST&module=SERVICE"));
		return false;
	}
	read_target(target, w);
	if (!connects && !echo)
		w->service = catalogue_service_called(s->catalogue, module);
	if (!connects && !echo && w->service < 0) {
		refuse(s, c,
		       str_printf(a, "there is no module \"%.*s\"; there are: %.*s", STR_ARG(str_shown(a, module)),
				  STR_ARG(modules(a, s))));
		return false;
	}
	if (connects != (w->port > 0) && !(w->service >= 0)) {
		refuse(s, c, connects ? STR("tcp_connect needs a port: target=HOST:PORT") : STR("icmp has no port"));
		return false;
	}
	for (size_t i = 0; i < s->report->tasks->n && !known; i++)
		known = is_target(s, i, w);
	if (known)
		return true;
	refuse(s, c,
	       str_printf(a, "the plan has no flow from this machine to \"%.*s\"", STR_ARG(str_shown(a, w->host))));
	return false;
}

/* Jobs */

/* In the child: probes, and writes the metrics into the pipe. */
static void run_job(const struct scraper *s, const struct wanted *w, unsigned timeout, int pipe)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	VEC(struct probe_task) tasks = { 0 };
	VEC(struct probe_subject) subjects = { 0 };
	struct engine_options options = *s->options;
	struct str why;
	for (size_t i = 0; i < s->report->tasks->n; i++)
		if (is_wanted(s, i, w)) {
			*VEC_ADD(a, &tasks) = s->report->tasks->tasks[i];
			*VEC_ADD(a, &subjects) = s->report->tasks->subjects[i];
		}
	struct probe_tasks chosen = { tasks.v, subjects.v, tasks.n };
	struct probe_result *results = ARENA_ARRAY(a, struct probe_result, tasks.n);
	struct probe_report r = *s->report;
	r.tasks = &chosen;
	r.results = results;
	options.no_trace = true;
	options.progress = NULL;
	options.timeout = MIN(options.timeout, timeout);
	struct out out = out_fd(pipe);
	if (engine_run(a, tasks.v, tasks.n, &options, results, &why))
		probe_write_scrape(&out, &r);
	out_flush(&out);
	_exit(0);
}

/* The copies that the child has of other conversations; while it has them, they do not end. */
static void close_others(struct scraper *s)
{
	close(s->listener.fd);
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (s->clients[i].fd >= 0)
			close(s->clients[i].fd);
	for (size_t i = 0; i < JOBS_MAX; i++)
		if (s->jobs[i].fd >= 0)
			close(s->jobs[i].fd);
	sockets_close(s->sockets);
}

static bool begin_job(struct scraper *s, struct job *j, const struct wanted *w, unsigned timeout)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	j->pid = fork();
	if (j->pid == 0) {
		close_others(s);
		close(ends[0]);
		run_job(s, w, timeout, ends[1]);
	}
	close(ends[1]);
	if (j->pid < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0 || !serve_watch(s->sockets, ends[0], j)) {
		close(ends[0]);
		if (j->pid > 0)
			waitpid(j->pid, NULL, 0);
		return false;
	}
	j->fd = ends[0];
	j->answer.v = NULL;
	j->answer.n = j->answer.room = 0;
	j->too_long = false;
	return true;
}

/* Waits for a job that asks the same, or begins one. */
static void ask(struct scraper *s, struct client *c, const struct wanted *w, unsigned timeout)
{
	struct str key = str_printf(c->arena, "%.*s %u %.*s", STR_ARG(w->host), w->port, STR_ARG(w->module));
	struct job *empty = NULL;
	size_t found = 0;
	for (size_t i = 0; i < s->report->tasks->n; i++)
		found += is_wanted(s, i, w);
	if (!found) {
		refuse(s, c,
		       str_printf(c->arena, "the plan has no flow from this machine to \"%.*s\" on %.*s",
				  STR_ARG(str_shown(c->arena, w->host)), STR_ARG(str_shown(c->arena, w->module))));
		return;
	}
	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *j = &s->jobs[i];
		if (j->fd < 0)
			empty = j;
		else if (str_eq(j->key, key))
			c->job = j;
	}
	if (c->job)
		return;
	if (empty) {
		empty->arena = arena_new();
		empty->key = str_dup(empty->arena, key);
		if (begin_job(s, empty, w, timeout)) {
			c->job = empty;
			return;
		}
		arena_free(empty->arena);
	}
	reply(s, c, 503, "Service Unavailable", STR("too many probes at a time\n"));
}

static void end_job(struct scraper *s, struct job *j)
{
	int status = 0;
	socket_close(s->sockets, j->fd);
	j->fd = -1;
	waitpid(j->pid, &status, 0);
	bool ok = status == 0 && j->answer.n && !j->too_long;
	struct str answer = { j->answer.v, j->answer.n };
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];
		if (c->fd < 0 || c->job != j)
			continue;
		if (ok)
			reply(s, c, 200, "OK", answer);
		else
			reply(s, c, 500, "Internal Server Error", STR("the probe did not come to its end\n"));
	}
	arena_free(j->arena);
}

static void read_job(struct scraper *s, struct job *j)
{
	char part[4096];
	ssize_t n;
	while (j->fd >= 0 && (n = read(j->fd, part, sizeof part)) != 0) {
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0)
			break;
		j->too_long |= j->answer.n + (size_t)n > ANSWER_MAX;
		for (ssize_t i = 0; i < n && !j->too_long; i++)
			*VEC_ADD(j->arena, &j->answer) = part[i];
	}
	end_job(s, j);
}

/* Requests */

/* How long a probe may take by the header of Prometheus. */
static unsigned timeout_of(const struct http_head *h)
{
	struct str seconds = http_field(h, "X-Prometheus-Scrape-Timeout-Seconds"), whole;
	uint32_t n;
	if (!seconds.n || !str_cut(&seconds, '.', &whole) || !str_to_u32(whole, 3600, &n) || n == 0)
		return UINT32_MAX;
	return n * 1000 - TIMEOUT_SLACK;
}

static void answer_request(struct scraper *s, struct client *c, const struct http_head *h)
{
	struct str query = h->target, path;
	struct wanted w;
	str_cut(&query, '?', &path);
	if (!str_is(h->method, "GET"))
		reply(s, c, 405, "Method Not Allowed", STR("only GET\n"));
	else if (!str_is(path, "/probe"))
		reply(s, c, 404, "Not Found", STR("ask for /probe?target=HOST&module=SERVICE\n"));
	else if (read_query(s, c, query, &w))
		ask(s, c, &w, timeout_of(h));
}

static void read_client(struct scraper *s, struct client *c)
{
	struct socket_wish wish = { .protocol = PROTO_TCP };
	struct socket_fault fault;
	struct http_head head;
	size_t length;
	long n = socket_receive(c->fd, &wish, c->in + c->n_in, sizeof c->in - c->n_in, &fault);
	if (n < 0 && fault.fault == FAULT_AGAIN)
		return;
	if (n <= 0) {
		close_client(s, c);
		return;
	}
	if (c->job || c->out.p)
		return; /* more than one request */
	c->n_in += (size_t)n;
	switch (http_read_head(HTTP_REQUEST, false, (struct str){ c->in, c->n_in }, &head, &length)) {
	case HTTP_MORE:
		if (c->n_in == sizeof c->in)
			close_client(s, c);
		return;
	case HTTP_BAD:
		refuse(s, c, str_of(head.error));
		return;
	case HTTP_OK:
		answer_request(s, c, &head);
		return;
	}
}

static void accept_all(struct scraper *s)
{
	struct serve_peer peer;
	struct socket_fault fault;
	int fd;
	while ((fd = serve_accept(s->listener.fd, &peer, &fault)) >= 0) {
		struct client *c = NULL;
		for (size_t i = 0; i < CLIENTS_MAX && !c; i++)
			if (s->clients[i].fd < 0)
				c = &s->clients[i];
		if (!c || !serve_watch(s->sockets, fd, c)) {
			close(fd);
			continue;
		}
		c->fd = fd;
		c->arena = arena_new();
		c->began = clock_now();
		c->n_in = 0;
		c->out = NO_STR;
	}
}

static void handle(struct scraper *s, const struct socket_report *report)
{
	enum slot_kind kind = *(const enum slot_kind *)report->owner;
	struct client *c = report->owner;
	struct job *j = report->owner;
	if (kind == SLOT_LISTENER)
		accept_all(s);
	else if (kind == SLOT_JOB && j->fd >= 0)
		read_job(s, j);
	else if (kind == SLOT_CLIENT && c->fd >= 0 && c->out.p && report->events & (SOCKET_WRITABLE | SOCKET_FAULTY))
		send_rest(s, c);
	else if (kind == SLOT_CLIENT && c->fd >= 0)
		read_client(s, c);
}

/* Connections that neither ask nor take their answer. */
static void drop_idle(struct scraper *s)
{
	int64_t now = clock_now();
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (s->clients[i].fd >= 0 && !s->clients[i].job && now - s->clients[i].began > PATIENCE * 1000000LL)
			close_client(s, &s->clients[i]);
}

static void loop(struct scraper *s, const volatile sig_atomic_t *stop)
{
	struct socket_report reports[32];
	while (!*stop) {
		size_t n = sockets_wait(s->sockets, TICK, reports, ARRAY_LEN(reports));
		for (size_t i = 0; i < n; i++)
			handle(s, &reports[i]);
		drop_idle(s);
	}
	for (size_t i = 0; i < JOBS_MAX; i++)
		if (s->jobs[i].fd >= 0) {
			kill(s->jobs[i].pid, SIGTERM);
			end_job(s, &s->jobs[i]);
		}
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (s->clients[i].fd >= 0)
			close_client(s, &s->clients[i]);
}

bool scrape_serve(struct invocation *call, const struct scrape_place *at, const struct probe_report *r,
		  const struct engine_options *options)
{
	struct scraper *s = ARENA_NEW(call->arena, struct scraper);
	struct serve_wish wish = { .protocol = PROTO_TCP, .at = at->address, .port = at->port };
	struct socket_fault fault;
	char text[ADDR_TEXT];
	s->call = call;
	s->report = r;
	s->options = options;
	s->catalogue = plan_estate(r->plan)->catalogue;
	s->listener.kind = SLOT_LISTENER;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		s->clients[i] = (struct client){ .kind = SLOT_CLIENT, .fd = -1 };
	for (size_t i = 0; i < JOBS_MAX; i++)
		s->jobs[i] = (struct job){ .kind = SLOT_JOB, .fd = -1 };
	s->sockets = sockets_new(call->arena);
	s->listener.fd = s->sockets ? serve_open(s->sockets, &wish, &s->listener, &fault) : -1;
	if (s->listener.fd < 0)
		return diag_machine(call->diag, s->sockets ? fault.errnum : errno, "cannot listen on %s port %u",
				    addr_text(at->address, text), at->port);
	if (!call->quiet)
		fprintf(stderr, "listening on %s port %u for /probe?target=HOST&module=SERVICE\n",
			addr_text(at->address, text), at->port);
	loop(s, options->stop);
	socket_close(s->sockets, s->listener.fd);
	sockets_close(s->sockets);
	return true;
}
