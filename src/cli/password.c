/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/password.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

enum { PASSWORD_MAX = 256, DESCRIPTOR_MAX = 1023 };

/* One line of a descriptor; blanks belong to a password. */
static bool read_line(struct invocation *call, int fd, const char *what, struct str *ret)
{
	char *line = arena_alloc(call->arena, PASSWORD_MAX + 1);
	size_t n = 0;
	for (;;) {
		ssize_t got = read(fd, line + n, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return diag_machine(call->diag, errno, "%s", what);
		if (got == 0 || line[n] == '\n')
			break;
		if (++n > PASSWORD_MAX)
			return diag_error(call->diag, NOWHERE, "%s: more than %d bytes", what, PASSWORD_MAX);
	}
	if (n > 0 && line[n - 1] == '\r')
		n--;
	*ret = (struct str){ line, n };
	return n > 0 || diag_error(call->diag, NOWHERE, "%s: it is empty", what);
}

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

/* Waits for a line.  False when a signal came instead, which stays pending. */
static bool wait_for_line(int terminal, const sigset_t *blocked)
{
	struct pollfd on[] = { { terminal, POLLIN, 0 }, { signalfd(-1, blocked, SFD_CLOEXEC), POLLIN, 0 } };
	while (poll(on, ARRAY_LEN(on), -1) < 0 && errno == EINTR)
		;
	if (on[1].fd >= 0)
		close(on[1].fd);
	return !(on[1].revents & POLLIN);
}

/*
 * Typed without being shown.  Signals wait until the terminal shows again what is typed: one that ends the program ends it
 * then, and after one that only stopped it the question comes again.
 */
static bool ask(struct invocation *call, int terminal, const char *prompt, struct str *ret)
{
	struct termios before, quiet;
	sigset_t blocked, mask;
	bool came, ok = false;
	sigemptyset(&blocked);
	for (size_t i = 0; i < ARRAY_LEN(ending); i++)
		sigaddset(&blocked, ending[i]);
	do {
		if (tcgetattr(terminal, &before) != 0)
			return diag_machine(call->diag, errno, "the terminal");
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		sigprocmask(SIG_BLOCK, &blocked, &mask);
		dprintf(terminal, "%s: ", prompt);
		tcsetattr(terminal, TCSAFLUSH, &quiet);
		came = wait_for_line(terminal, &blocked);
		if (came)
			ok = read_line(call, terminal, "the password", ret);
		tcsetattr(terminal, TCSAFLUSH, &before);
		dprintf(terminal, "\n");
		sigprocmask(SIG_SETMASK, &mask, NULL);
	} while (!came);
	return ok;
}

static bool ask_terminal(struct invocation *call, const char *prompt, bool twice, struct str *ret)
{
	struct str again;
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (terminal < 0)
		return diag_error(
			call->diag, NOWHERE,
			"there is no terminal to ask for the password; add --password-file FILE or --password-fd N");
	bool ok = ask(call, terminal, prompt, ret) &&
		  (!twice || ask(call, terminal, arena_printf(call->arena, "%s, again", prompt), &again));
	close(terminal);
	if (ok && twice && !str_eq(*ret, again))
		return diag_error(call->diag, NOWHERE, "the passwords differ");
	return ok;
}

bool option_password(struct invocation *call, const char *prompt, bool twice, struct str *ret)
{
	const char *fd = option(call, "password-fd");
	uint32_t n;
	if (fd && option_given(call, "password-file"))
		return diag_error(call->diag, NOWHERE, "--password-file and --password-fd are two places");
	if (fd && !str_to_u32(str_of(fd), DESCRIPTOR_MAX, &n))
		return diag_error(call->diag, NOWHERE, "--password-fd \"%s\" is not a descriptor", fd);
	if (fd)
		return read_line(call, (int)n, arena_printf(call->arena, "descriptor %s", fd), ret);
	const char *file = option(call, "password-file");
	if (!file)
		return ask_terminal(call, prompt, twice, ret);
	int from = open(file, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return diag_machine(call->diag, errno, "%s", file);
	bool ok = read_line(call, from, file, ret);
	close(from);
	return ok;
}
