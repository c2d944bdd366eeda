/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/enrol-daemon.h"

#include <errno.h>
#include <openssl/rand.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/interrupt.h"

enum { BACK_OFF_FIRST = 60, BACK_OFF_LONGEST = 6 * 3600, JITTER_SHARE = 10, LOOK_AT_LEAST_EVERY = 6 * 3600 };

static void say(struct out *o, const char *fmt, ...) PRINTF(2, 3);
static void say(struct out *o, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	out_printf(o, "%s\n", text);
	out_flush(o);
}

/* A part of the window at random: a thousand machines that were set up at once do not come at once. */
static int64_t jitter(uint64_t window)
{
	uint32_t random = 0;
	uint64_t share = window / JITTER_SHARE;
	RAND_bytes((unsigned char *)&random, sizeof random);
	return share ? (int64_t)(random % share) : 0;
}

/* When the certificate in use is to be renewed; 0 after an error. */
static int64_t due(struct enrol_call *enrol)
{
	EVP_PKEY *key;
	X509 *c;
	if (!pair_read(enrol->arena, &enrol->folder, &key, &c, enrol->diag))
		return 0;
	int64_t end = certificate_end(c);
	EVP_PKEY_free(key);
	X509_free(c);
	return end - (int64_t)enrol->state.renewal;
}

static void run_hook(struct invocation *call, struct out *o)
{
	const char *hook = option(call, "hook");
	if (!hook)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", hook, (char *)NULL);
		_exit(127);
	}
	int status;
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		say(o, "the hook failed: %s", hook);
}

static enum enrol_end try_once(struct invocation *call, struct enrol_call *enrol, struct out *o)
{
	enum enrol_end end =
		enrol->state.request_id ? enrol_poll(enrol) : enrol_renew(enrol, !option_given(call, "same-key"));
	switch (end) {
	case ENROL_END_ISSUED:
		say(o, "renewed \"%s\"", enrol->folder.name);
		run_hook(call, o);
		break;
	case ENROL_END_PENDING:
		say(o, "request %llu waits for a decision", (unsigned long long)enrol->request_id);
		break;
	case ENROL_END_DENIED:
		say(o, "denied: %.*s", STR_ARG(str_shown(enrol->arena, enrol->message)));
		break;
	case ENROL_END_NETWORK:
		say(o, "not reached: %.*s", STR_ARG(str_shown(enrol->arena, enrol->message)));
		break;
	case ENROL_END_INPUT:
		break;
	}
	return end;
}

/* Sleeps, in pieces, so that a clock that is set does not make it late. */
static void sleep_until(int64_t when, const volatile sig_atomic_t *stop)
{
	for (int64_t now = time(NULL); now < when && !*stop; now = time(NULL))
		sleep((unsigned)MIN(when - now, (int64_t)LOOK_AT_LEAST_EVERY));
}

enum status enrol_daemon(struct invocation *call, struct enrol_call *enrol)
{
	const volatile sig_atomic_t *stop = catch_interrupts();
	bool once = option_given(call, "once");
	struct out o = out_fd(1);
	int64_t back_off = BACK_OFF_FIRST, late = jitter(enrol->state.renewal); /* once a certificate */
	enum status status = STATUS_WELL;
	while (!*stop) {
		int64_t when = due(enrol);
		if (when == 0) {
			status = STATUS_INPUT;
			break;
		}
		when += late;
		if (once && when > time(NULL)) {
			say(&o, "\"%s\" is not due", enrol->folder.name);
			break;
		}
		sleep_until(when, stop);
		if (*stop)
			break;
		enum enrol_end end = try_once(call, enrol, &o);
		bool renewed = end == ENROL_END_ISSUED;
		if (once) {
			status = renewed ? STATUS_WELL : end == ENROL_END_NETWORK ? STATUS_MACHINE : STATUS_NO;
			break;
		}
		if (renewed) {
			back_off = BACK_OFF_FIRST;
			late = jitter(enrol->state.renewal);
			continue;
		}
		sleep_until(time(NULL) + back_off + jitter((uint64_t)back_off), stop);
		back_off = MIN(back_off * 2, (int64_t)BACK_OFF_LONGEST);
	}
	out_free(&o);
	return status;
}
