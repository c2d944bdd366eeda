/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After the ports are bound, the listener needs little: no user but nobody, no capability, no file, no other
 * program, and the system calls of its loop.
 */
#include "listen/listener.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/asan.h"

enum { NOBODY = 65534 };

static bool drop_user(void)
{
	if (geteuid() != 0)
		return true;
	return setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0 && geteuid() == NOBODY;
}

static bool drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_capset, &header, none) == 0;
}

#ifdef HAVE_ASAN
/* The sanitizer opens files and maps memory of its own. */
static bool filter_calls(void)
{
	return true;
}
#else
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
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool ok = filter != NULL;
	for (size_t i = 0; ok && i < ARRAY_LEN(allowed); i++)
		ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
	ok = ok && seccomp_load(filter) == 0;
	if (filter)
		seccomp_release(filter);
	return ok;
}
#endif

bool listener_confine(struct str *why)
{
	if (!drop_user())
		*why = STR("the user \"nobody\" cannot be taken");
	else if (!drop_capabilities())
		*why = STR("capabilities cannot be given up");
	else if (!filter_calls())
		*why = STR("system calls cannot be restricted");
	else
		return true;
	return false;
}
