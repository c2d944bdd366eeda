/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The courier: notices for operators, in a process without store, key and network.  Each outlet, the operator's command and an
 * address to post to, has a queue of its own, so that none waits for the other.
 *
 * It reads messages of the clerk behind a list of system calls, and makes JSON of them.  A command would inherit that list, so
 * that the runner, which is forked before, runs it: one at a time, for a minute at most, with the JSON on its standard input.
 * The runner reads nothing of a notice.  The link between them keeps the bounds of packets; an answer is one byte.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "authority/link.h"
#include "authority/poster.h"
#include "authority/processes.h"
#include "authority/walls.h"
#include "doc/json.h"

enum {
	QUEUE_MAX = 64,
	FRAME_MAX = 4 << 10,
	COMMAND_SECONDS = 60,
};

/* The runner */

NORETURN static void be_command(const char *command, int input, const sigset_t *before)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	char *const environment[] = { path, NULL };
	char *const arguments[] = { (char *)(uintptr_t)command, NULL };
	setpgid(0, 0);
	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		signal(ignored[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, before, NULL);
	if (dup2(input, STDIN_FILENO) >= 0)
		execve(command, arguments, environment);
	_exit(127);
}

/* Waits for its end with SIGCHLD blocked. */
static enum outlet_result wait_for_command(pid_t pid, const sigset_t *child)
{
	struct timespec left = { .tv_sec = COMMAND_SECONDS };
	int status = -1;
	while (waitpid(pid, &status, WNOHANG) == 0)
		if (sigtimedwait(child, NULL, &left) < 0 && errno != EINTR) {
			kill(-pid, SIGKILL);
			waitpid(pid, &status, 0);
			return OUTLET_LATE;
		}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0     ? OUTLET_WELL
	       : WIFEXITED(status) && WEXITSTATUS(status) == 127 ? OUTLET_NOT_STARTED
								 : OUTLET_FAILED;
}

struct runner {
	struct arena *arena;
	const struct authority_config *config;
	const char *command;
	sigset_t child, before;
};

static enum outlet_result run_command(void *ctx, const char *notice, size_t n)
{
	const struct runner *runner = ctx;
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return OUTLET_NOT_STARTED;
	pid_t pid = fork();
	if (pid == 0)
		be_command(runner->command, ends[0], &runner->before);
	close(ends[0]);
	bool written = pid > 0 && write(ends[1], notice, n) == (ssize_t)n;
	close(ends[1]);
	if (pid < 0)
		return OUTLET_NOT_STARTED;
	enum outlet_result result = wait_for_command(pid, &runner->child);
	return result == OUTLET_WELL && !written ? OUTLET_FAILED : result;
}

/* As the courier's user, but without its list of calls. */
static bool confine_runner(void *ctx, struct diag *d)
{
	struct runner *runner = ctx;
	if (!walls_user(runner->arena, WALLED_COURIER, runner->config, d) || chdir("/") < 0)
		return false;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sigemptyset(&runner->child);
	sigaddset(&runner->child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &runner->child, &runner->before);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* else the ends of commands are not told */
	return true;
}

/* The courier's end; -1 after errors. */
static int start_runner(struct arena *a, const struct courier_start *s, struct diag *d)
{
	struct runner *runner = ARENA_NEW(a, struct runner);
	*runner = (struct runner){ .arena = a, .config = s->config, .command = cstr(a, s->config->notice_command.s) };
	if (access(runner->command, X_OK) < 0) {
		diag_error(d, s->config->notice_command.at, "\"%s\" cannot be run: %s", runner->command,
			   strerror(errno));
		return -1;
	}
	return outlet_start(&(struct outlet_work){ "the runner", confine_runner, run_command, runner }, d);
}

/* The courier */

enum outlet_kind { OUTLET_COMMAND, OUTLET_POST, N_OUTLETS };

static const char *const outlet_names[N_OUTLETS] = { "the command of notices", "the post of a notice" };

static const char *const result_words[N_OUTLETS][N_OUTLET_RESULTS] = {
	[OUTLET_COMMAND] = { [OUTLET_WELL] = "ended well",
			     [OUTLET_FAILED] = "failed",
			     [OUTLET_LATE] = "took more than a minute, and was killed",
			     [OUTLET_NOT_STARTED] = "could not be started" },
	[OUTLET_POST] = { [OUTLET_WELL] = "was taken",
			  [OUTLET_FAILED] = "had no answer that is HTTP, or TLS failed",
			  [OUTLET_LATE] = "took more than ten seconds",
			  [OUTLET_NOT_STARTED] = "had no connection",
			  [OUTLET_REFUSED] = "was refused by its status",
			  [OUTLET_MOVED] = "was answered by a redirection, which is not followed" },
};

struct courier;

struct outlet {
	struct courier *courier;
	enum outlet_kind kind;
	int fd; /* -1: it is not in the configuration */
	struct event *answered;
	bool busy;
	struct str queue[QUEUE_MAX]; /* JSON, from malloc() */
	size_t first, n;
};

struct courier {
	const struct authority_config *config;
	struct event_base *base;
	struct outlet outlets[N_OUTLETS];
	struct out log;
};

static void say(struct outlet *o, const char *text)
{
	out_printf(&o->courier->log, "courier: %s %s\n", outlet_names[o->kind], text);
	out_flush(&o->courier->log);
}

static void put_time(struct json *j, const char *key, int64_t at)
{
	char text[32];
	time_t t = (time_t)at;
	struct tm tm;
	if (at && gmtime_r(&t, &tm) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		json_put_text(j, key, text);
}

static void put_notice(struct out *o, const struct authority_config *config, const struct tell_notice *notice)
{
	static const char *const kinds[N_NOTICES] = {
		[NOTICE_PENDING] = "pending",
		[NOTICE_RENEWAL] = "renewal-refused",
		[NOTICE_CRL] = "crl-ends",
		[NOTICE_LISTENERS] = "listener-certificate-ends",
		[NOTICE_AUTHORITY] = "authority-certificate-ends",
		[NOTICE_CERTIFICATE] = "certificate-ends",
	};
	struct json j = json_to(o);
	json_object(&j);
	json_put_text(&j, "format", "portolan.notice/1");
	json_put_text(&j, "kind", kinds[notice->kind]);
	json_put_str(&j, "authority", config->name.s);
	put_time(&j, "at", notice->at);
	put_time(&j, "ends", notice->ends);
	json_put_some(&j, "account", notice->account);
	json_put_some(&j, "template", notice->template_name);
	json_put_some(&j, "serial", notice->serial);
	if (notice->request_id)
		json_put_u64(&j, "request", notice->request_id);
	json_put_some(&j, "text", notice->text);
	json_end(&j);
	out_char(o, '\n');
}

static void give_next(struct outlet *o)
{
	if (o->busy || !o->n)
		return;
	struct str next = o->queue[o->first];
	o->first = (o->first + 1) % QUEUE_MAX;
	o->n--;
	o->busy = send(o->fd, next.p, next.n, MSG_NOSIGNAL) == (ssize_t)next.n;
	if (!o->busy)
		say(o, "does not take a notice, which is dropped");
	free((void *)(uintptr_t)next.p);
}

static void heard_outlet(evutil_socket_t fd, short what, void *ctx)
{
	struct outlet *o = ctx;
	unsigned char result;
	ssize_t n = recv(fd, &result, 1, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != 1 || result >= N_OUTLET_RESULTS || !result_words[o->kind][result]) {
		say(o, "has no process any more");
		event_base_loopbreak(o->courier->base);
		return;
	}
	if (result != OUTLET_WELL)
		say(o, result_words[o->kind][result]);
	o->busy = false;
	give_next(o);
}

static void say_unsent(struct courier *c)
{
	size_t n = 0;
	for (size_t i = 0; i < N_OUTLETS; i++)
		n += c->outlets[i].n;
	if (n) {
		out_printf(&c->log, "courier: %zu notices were not sent\n", n);
		out_flush(&c->log);
	}
}

static void give(struct outlet *o, struct str notice)
{
	if (o->fd < 0)
		return;
	if (o->n == QUEUE_MAX) {
		say(o, "is behind: too many notices wait, and one is dropped");
		return;
	}
	char *copy = malloc(notice.n);
	if (!copy)
		out_of_memory(notice.n);
	memcpy(copy, notice.p, notice.n);
	o->queue[(o->first + o->n++) % QUEUE_MAX] = (struct str){ copy, notice.n };
	give_next(o);
}

static void heard_clerk(void *ctx, struct link *l, uint32_t tag, enum message_type type, const void *message,
			const char *why)
{
	struct courier *c = ctx;
	if (!message) {
		say_unsent(c);
		event_base_loopbreak(c->base);
		return;
	}
	struct out o = out_memory(NOTICE_MAX);
	put_notice(&o, c->config, message);
	if (o.error) {
		out_text(&c->log, "courier: a notice is too long, and is dropped\n");
		out_flush(&c->log);
	}
	for (size_t i = 0; i < N_OUTLETS && !o.error; i++)
		give(&c->outlets[i], out_view(&o));
	out_free(&o);
}

static bool start_outlets(struct arena *a, struct courier *c, const struct courier_start *s, struct diag *d)
{
	static int (*const start[N_OUTLETS])(struct arena * a, const struct courier_start *s, struct diag *d) = {
		[OUTLET_COMMAND] = start_runner,
		[OUTLET_POST] = poster_start,
	};
	const bool wanted[N_OUTLETS] = {
		[OUTLET_COMMAND] = s->config->notice_command.s.n > 0, [OUTLET_POST] = s->config->notice_url.s.n > 0
	};
	for (enum outlet_kind kind = 0; kind < N_OUTLETS; kind++) {
		struct outlet *o = &c->outlets[kind];
		/* a name that is not resolved, as before the network is up, ends no authority */
		struct diag *own = kind == OUTLET_POST ? diag_new(a) : d;
		*o = (struct outlet){ .courier = c, .kind = kind, .fd = wanted[kind] ? start[kind](a, s, own) : -1 };
		if (wanted[kind] && o->fd < 0 && kind == OUTLET_COMMAND)
			return false;
		if (wanted[kind] && o->fd < 0) {
			diag_print(own, &c->log, false);
			say(o, "is left out until the next start");
		}
	}
	return true;
}

bool courier_run(struct arena *a, const struct courier_start *s, struct diag *d)
{
	struct courier *c = ARENA_NEW(a, struct courier);
	*c = (struct courier){ .config = s->config, .log = out_fd(2) };
	signal(SIGCHLD, SIG_IGN);
	if (!start_outlets(a, c, s, d) || !(c->base = event_base_new()) ||
	    !walls_raise(a, WALLED_COURIER, s->config, d))
		return false;
	for (size_t i = 0; i < N_OUTLETS; i++) {
		struct outlet *o = &c->outlets[i];
		o->answered = o->fd < 0 ? NULL : event_new(c->base, o->fd, EV_READ | EV_PERSIST, heard_outlet, o);
		if (o->answered)
			event_add(o->answered, NULL);
	}
	struct link *l = link_new(c->base, s->clerk, 1u << TELL_NOTICE, FRAME_MAX, heard_clerk, c);
	event_base_dispatch(c->base);
	for (size_t i = 0; i < N_OUTLETS; i++)
		if (c->outlets[i].answered)
			event_free(c->outlets[i].answered);
	link_free(l);
	event_base_free(c->base);
	out_free(&c->log);
	return true;
}
