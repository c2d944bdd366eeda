/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/password.h"

#include <errno.h>
#include <fcntl.h>
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

/* Typed without being shown. */
static bool ask(struct invocation *call, int terminal, const char *prompt, struct str *ret)
{
	struct termios before, quiet;
	if (tcgetattr(terminal, &before) != 0)
		return diag_machine(call->diag, errno, "the terminal");
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	dprintf(terminal, "%s: ", prompt);
	tcsetattr(terminal, TCSAFLUSH, &quiet);
	bool ok = read_line(call, terminal, "the password", ret);
	tcsetattr(terminal, TCSAFLUSH, &before);
	dprintf(terminal, "\n");
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
