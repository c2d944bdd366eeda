/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/system.h"

static struct {
	bool kept;
	int terminal; /* standard output as it was */
	int file;     /* what is written meanwhile */
	const char *command;
	unsigned rows, columns;
} pager;

static bool is_there(const char *program)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct str path = str_of(getenv("PATH")), folder;
	while (str_cut(&path, ':', &folder))
		if (access(arena_printf(a, "%.*s/%s", STR_ARG(folder), program), X_OK) == 0)
			return true;
	return false;
}

/* What a shell is to run; NULL: nothing. */
static const char *wanted(void)
{
	const char *own = getenv("PORTOLAN_PAGER"), *any = getenv("PAGER");
	const char *command = own ? own : any ? any : is_there("less") ? "less" : "";
	return *command && strcmp(command, "cat") != 0 ? command : NULL;
}

/* Commands that talk with people or go on until they are stopped show what they have at once. */
static bool shows_at_once(const struct invocation *call)
{
	static const char *const names[] = { "init", "listen", "ca", "enrol", "completion" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(call->command->name, names[i]) == 0)
			return true;
	return strcmp(call->command->name, "prove") == 0 && option_given(call, "watch");
}

void pager_begin(const struct invocation *call)
{
	struct winsize w;
	pager.command = wanted();
	if (call->no_pager || !pager.command || shows_at_once(call) || !system_takes_colours(1) ||
	    ioctl(1, TIOCGWINSZ, &w) < 0 || !w.ws_row || !w.ws_col)
		return;
	pager.rows = w.ws_row;
	pager.columns = w.ws_col;
	pager.file = memfd_create("output", MFD_CLOEXEC);
	pager.terminal = pager.file < 0 ? -1 : fcntl(1, F_DUPFD_CLOEXEC, 3);
	pager.kept = pager.terminal >= 0 && dup2(pager.file, 1) == 1;
	if (pager.kept)
		return;
	if (pager.file >= 0)
		close(pager.file);
	if (pager.terminal >= 0)
		close(pager.terminal);
}

/* Rows that a line takes; colours take none. */
static size_t rows_of(struct arena *a, struct str line, unsigned columns)
{
	char *bare = ARENA_ARRAY(a, char, line.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '\033')
			while (i < line.n && line.p[i] != 'm')
				i++;
		else
			bare[n++] = line.p[i];
	}
	size_t width = str_width((struct str){ bare, n });
	return width ? (width + columns - 1) / columns : 1;
}

static bool fits(struct str text)
{
	struct str line;
	size_t rows = 0;
	/* the prompt of the shell takes the last row */
	while (rows < pager.rows && str_cut(&text, '\n', &line)) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		rows += rows_of(a, line, pager.columns);
	}
	return rows < pager.rows;
}

/* False when there is no such program. */
static bool show(void)
{
	enum { NOT_RUN = 126, NOT_FOUND = 127 };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, interrupt, quit;
	int status = 0;
	/* keys that interrupt are for the pager */
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	pid_t pid = fork();
	if (pid == 0) {
		sigaction(SIGINT, &interrupt, NULL);
		sigaction(SIGQUIT, &quit, NULL);
		setenv("LESS", "FRX", 0);
		if (lseek(pager.file, 0, SEEK_SET) == 0 && dup2(pager.file, 0) == 0)
			execl("/bin/sh", "sh", "-c", pager.command, (char *)NULL);
		_exit(NOT_FOUND);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return pid > 0 && !(WIFEXITED(status) && (WEXITSTATUS(status) == NOT_FOUND || WEXITSTATUS(status) == NOT_RUN));
}

void pager_end(struct invocation *call)
{
	if (!pager.kept)
		return;
	pager.kept = false;
	dup2(pager.terminal, 1);
	close(pager.terminal);
	off_t size = lseek(pager.file, 0, SEEK_END);
	void *text = size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, pager.file, 0) : NULL;
	if (size < 0 || text == MAP_FAILED) {
		diag_machine(call->diag, errno, "cannot write standard output");
	} else if (text) {
		struct str all = { text, (size_t)size };
		/* a shell says itself that it does not find a pager; without one the output is shown as it is */
		if (fits(all) || !show()) {
			CLEANUP(out_free) struct out o = out_fd(1);
			out_str(&o, all);
			if (!out_flush(&o))
				diag_machine(call->diag, errno, "cannot write standard output");
		}
		munmap(text, (size_t)size);
	}
	close(pager.file);
}
