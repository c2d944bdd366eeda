/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Closes what is not its own link. */
static void keep_only(int link)
{
	enum { FIRST = 3, MOST = 256 };
	for (int fd = FIRST; fd < MOST; fd++)
		if (fd != link)
			close(fd);
	fcntl(link, F_SETFL, 0);
}

NORETURN static void serve(const struct outlet_work *work, int courier)
{
	static char notice[NOTICE_MAX];
	ssize_t n;
	while ((n = recv(courier, notice, sizeof notice, 0)) > 0) {
		unsigned char result = (unsigned char)work->take(work->ctx, notice, (size_t)n);
		if (send(courier, &result, 1, MSG_NOSIGNAL) != 1)
			break;
	}
	_exit(0);
}

int outlet_start(const struct outlet_work *work, struct diag *d)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
		diag_machine(d, errno, "the link to %s", work->name);
		return -1;
	}
	pid_t pid = fork();
	if (pid < 0) {
		diag_machine(d, errno, "%s of notices", work->name);
		return -1;
	}
	if (pid > 0) {
		close(ends[1]);
		return ends[0];
	}
	keep_only(ends[1]);
	if (!work->confine(work->ctx, d))
		_exit(1);
	serve(work, ends[1]);
}
