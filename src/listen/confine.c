/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After the ports are bound, the listener needs little: no user but nobody, no capability, no file, no other
 * program, and the system calls of its loop.
 */
#include "listen/listener.h"

#include <seccomp.h>

#include "base/confine.h"

enum { NOBODY = 65534 };

static bool filter_calls(void)
{
	/* The loop, memory, the clock, the log; a socket of its own for each answer of TFTP. */
	static const int allowed[] = {
		SCMP_SYS(epoll_wait),
		SCMP_SYS(epoll_ctl),
		SCMP_SYS(accept4),
		SCMP_SYS(recvfrom),
		SCMP_SYS(sendto),
		SCMP_SYS(recvmsg),
		SCMP_SYS(sendmsg),
		SCMP_SYS(read),
		SCMP_SYS(write),
		SCMP_SYS(close),
		SCMP_SYS(socket),
		SCMP_SYS(bind),
		SCMP_SYS(getsockopt),
		SCMP_SYS(setsockopt),
		SCMP_SYS(brk),
		SCMP_SYS(mmap),
		SCMP_SYS(mremap),
		SCMP_SYS(munmap),
		SCMP_SYS(madvise),
		SCMP_SYS(futex),
		SCMP_SYS(clock_gettime),
		SCMP_SYS(getrandom),
		SCMP_SYS(getpid),
		SCMP_SYS(fstat),
		SCMP_SYS(newfstatat),
		SCMP_SYS(rt_sigreturn),
		SCMP_SYS(rt_sigprocmask),
		SCMP_SYS(rt_sigaction),
		SCMP_SYS(exit),
		SCMP_SYS(exit_group),
		SCMP_SYS(restart_syscall),
		SCMP_SYS(epoll_pwait),
	};
	return confine_calls(allowed, ARRAY_LEN(allowed));
}

bool listener_confine(struct str *why)
{
	if (!confine_user(NOBODY, NOBODY))
		*why = STR("the user \"nobody\" cannot be taken");
	else if (!confine_privileges())
		*why = STR("capabilities cannot be given up");
	else if (!filter_calls())
		*why = STR("system calls cannot be restricted");
	else
		return true;
	return false;
}
