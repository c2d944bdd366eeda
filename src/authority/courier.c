/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The courier: notices for operators, in a process without store, key and network.
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
#include "authority/processes.h"
#include "authority/walls.h"
#include "doc/json.h"

enum {
	QUEUE_MAX = 64,
	NOTICE_MAX = 16 << 10, /* bytes of JSON; less than a pipe holds, so that the runner never waits for a reader */
	FRAME_MAX = 4 << 10,
	COMMAND_SECONDS = 60,
};

/* The runner */

enum run_result { RUN_WELL, RUN_FAILED, RUN_LATE, RUN_NOT_STARTED, N_RUN_RESULTS };

static const char *const result_words[N_RUN_RESULTS] = {
	[RUN_WELL] = "ended well",
	[RUN_FAILED] = "failed",
	[RUN_LATE] = "took more than a minute, and was killed",
	[RUN_NOT_STARTED] = "could not be started",
};

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
static enum run_result wait_for_command(pid_t pid, const sigset_t *child)
{
	struct timespec left = { .tv_sec = COMMAND_SECONDS };
	int status = -1;
	while (waitpid(pid, &status, WNOHANG) == 0)
		if (sigtimedwait(child, NULL, &left) < 0 && errno != EINTR) {
			kill(-pid, SIGKILL);
			waitpid(pid, &status, 0);
			return RUN_LATE;
		}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0     ? RUN_WELL
	       : WIFEXITED(status) && WEXITSTATUS(status) == 127 ? RUN_NOT_STARTED
								 : RUN_FAILED;
}

static enum run_result run_command(const char *command, const char *notice, size_t n, const sigset_t *child,
				   const sigset_t *before)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return RUN_NOT_STARTED;
	pid_t pid = fork();
	if (pid == 0)
		be_command(command, ends[0], before);
	close(ends[0]);
	bool written = pid > 0 && write(ends[1], notice, n) == (ssize_t)n;
	close(ends[1]);
	if (pid < 0)
		return RUN_NOT_STARTED;
	enum run_result result = wait_for_command(pid, child);
	return result == RUN_WELL && !written ? RUN_FAILED : result;
}

NORETURN static void be_runner(const char *command, int courier)
{
	static char notice[NOTICE_MAX];
	sigset_t child, before;
	ssize_t n;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* else the ends of commands are not told */
	while ((n = recv(courier, notice, sizeof notice, 0)) > 0) {
		unsigned char result = (unsigned char)run_command(command, notice, (size_t)n, &child, &before);
		if (send(courier, &result, 1, MSG_NOSIGNAL) != 1)
			break;
	}
	_exit(0);
}

/* Forks it, as the courier's user but without its list of calls.  The courier's end; -1 after errors. */
static int start_runner(struct arena *a, const struct courier_start *s, struct diag *d)
{
	const char *command = cstr(a, s->config->notice_command.s);
	int ends[2];
	if (access(command, X_OK) < 0) {
		diag_error(d, s->config->notice_command.at, "\"%s\" cannot be run: %s", command, strerror(errno));
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return diag_machine(d, errno, "the link to the runner") ? 0 : -1;
	pid_t pid = fork();
	if (pid < 0)
		return diag_machine(d, errno, "the runner of notices") ? 0 : -1;
	if (pid > 0) {
		close(ends[1]);
		return ends[0];
	}
	close(ends[0]);
	close(s->clerk);
	fcntl(ends[1], F_SETFL, 0);
	if (!walls_user(a, WALLED_COURIER, s->config, d) || chdir("/") < 0)
		_exit(1);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	be_runner(command, ends[1]);
}

/* The courier */

struct courier {
	const struct authority_config *config;
	struct event_base *base;
	struct event *answered;
	int runner;
	bool busy;
	struct str queue[QUEUE_MAX]; /* JSON, from malloc() */
	size_t first, n;
	struct out log;
};

static void say(struct courier *c, const char *text)
{
	out_printf(&c->log, "courier: %s\n", text);
	out_flush(&c->log);
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
	if (notice->request_id)
		json_put_u64(&j, "request", notice->request_id);
	json_put_some(&j, "text", notice->text);
	json_end(&j);
	out_char(o, '\n');
}

static void give_next(struct courier *c)
{
	if (c->busy || !c->n)
		return;
	struct str next = c->queue[c->first];
	c->first = (c->first + 1) % QUEUE_MAX;
	c->n--;
	c->busy = send(c->runner, next.p, next.n, MSG_NOSIGNAL) == (ssize_t)next.n;
	if (!c->busy)
		say(c, "the runner does not take a notice, which is dropped");
	free((void *)(uintptr_t)next.p);
}

static void heard_runner(evutil_socket_t fd, short what, void *ctx)
{
	struct courier *c = ctx;
	unsigned char result;
	ssize_t n = recv(fd, &result, 1, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != 1 || result >= N_RUN_RESULTS) {
		say(c, "the runner ended");
		event_base_loopbreak(c->base);
		return;
	}
	if (result != RUN_WELL) {
		out_printf(&c->log, "courier: the command of notices %s\n", result_words[result]);
		out_flush(&c->log);
	}
	c->busy = false;
	give_next(c);
}

static void heard_clerk(void *ctx, struct link *l, uint32_t tag, enum message_type type, const void *message,
			const char *why)
{
	struct courier *c = ctx;
	if (!message) {
		if (c->n) {
			out_printf(&c->log, "courier: %zu notices were not sent\n", c->n);
			out_flush(&c->log);
		}
		event_base_loopbreak(c->base);
		return;
	}
	if (c->n == QUEUE_MAX) {
		say(c, "too many notices wait; one is dropped");
		return;
	}
	struct out o = out_memory(NOTICE_MAX);
	put_notice(&o, c->config, message);
	if (o.error) {
		say(c, "a notice is too long, and is dropped");
		out_free(&o);
		return;
	}
	c->queue[(c->first + c->n++) % QUEUE_MAX] = out_view(&o); /* its memory is the queue's now */
	give_next(c);
}

bool courier_run(struct arena *a, const struct courier_start *s, struct diag *d)
{
	struct courier *c = ARENA_NEW(a, struct courier);
	*c = (struct courier){ .config = s->config, .base = event_base_new(), .log = out_fd(2) };
	if (!c->base)
		return diag_machine(d, ENOMEM, "the loop of the courier");
	signal(SIGCHLD, SIG_IGN);
	c->runner = start_runner(a, s, d);
	if (c->runner < 0 || !walls_raise(a, WALLED_COURIER, s->config, d))
		return false;
	c->answered = event_new(c->base, c->runner, EV_READ | EV_PERSIST, heard_runner, c);
	event_add(c->answered, NULL);
	struct link *l = link_new(c->base, s->clerk, 1u << TELL_NOTICE, FRAME_MAX, heard_clerk, c);
	event_base_dispatch(c->base);
	event_free(c->answered);
	link_free(l);
	event_base_free(c->base);
	out_free(&c->log);
	return true;
}
