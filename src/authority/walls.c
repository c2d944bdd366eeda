/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/walls.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/confine.h"

const char *const walled_names[N_WALLED] = { "front", "clerk", "hasher", "keeper", "courier" };

const char *walled_user(struct arena *a, enum walled who, const struct authority_config *c)
{
	static const char *const endings[N_WALLED] = { "web", "ca", "hash", "key", "web" };
	if (geteuid() != 0 || str_is(c->users.s, "root"))
		return NULL;
	return arena_printf(a, "%.*s-%s", STR_ARG(c->users.s), endings[who]);
}

/* What every process needs: its loop and links, memory, clocks, random bytes. */
static const int of_all[] = {
	SCMP_SYS(epoll_wait),    SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_ctl),     SCMP_SYS(read),
	SCMP_SYS(readv),         SCMP_SYS(pread64),
	SCMP_SYS(write),         SCMP_SYS(writev),
	SCMP_SYS(recvfrom),      SCMP_SYS(sendto),
	SCMP_SYS(recvmsg),       SCMP_SYS(sendmsg),
	SCMP_SYS(ioctl), /* FIONREAD, by libevent */
	SCMP_SYS(fcntl),         SCMP_SYS(close),
	SCMP_SYS(fstat),         SCMP_SYS(newfstatat),
	SCMP_SYS(lseek),         SCMP_SYS(brk),
	SCMP_SYS(mmap),          SCMP_SYS(mremap),
	SCMP_SYS(munmap),        SCMP_SYS(mprotect),
	SCMP_SYS(madvise),       SCMP_SYS(futex),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
	SCMP_SYS(getrandom),     SCMP_SYS(getpid),
	SCMP_SYS(gettid),        SCMP_SYS(tgkill),
	SCMP_SYS(rt_sigreturn),  SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction),  SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),          SCMP_SYS(exit_group),
};

/* Connections that come. */
static const int of_front[] = {
	SCMP_SYS(accept4),     SCMP_SYS(accept),      SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
	SCMP_SYS(getpeername), SCMP_SYS(getsockname), SCMP_SYS(shutdown),
};

/* The files of the store and of the audit log; operators who connect. */
static const int of_clerk[] = {
	SCMP_SYS(openat),    SCMP_SYS(pwrite64),   SCMP_SYS(fsync),      SCMP_SYS(fdatasync), SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate), SCMP_SYS(unlink),     SCMP_SYS(unlinkat),   SCMP_SYS(rename),    SCMP_SYS(renameat2),
	SCMP_SYS(renameat),  SCMP_SYS(flock),      SCMP_SYS(access),     SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
	SCMP_SYS(stat),      SCMP_SYS(lstat),      SCMP_SYS(statx),      SCMP_SYS(getcwd),    SCMP_SYS(readlink),
	SCMP_SYS(fchmod),    SCMP_SYS(umask),      SCMP_SYS(getdents64), SCMP_SYS(geteuid),   SCMP_SYS(getuid),
	SCMP_SYS(accept4),   SCMP_SYS(getsockopt), SCMP_SYS(utimensat),  SCMP_SYS(fchown),    SCMP_SYS(chmod),
};

/* Connections: to which address is not seen in a call. */
static const int of_poster[] = {
	SCMP_SYS(socket),     SCMP_SYS(connect), SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt), SCMP_SYS(poll),    SCMP_SYS(ppoll),
};

static const struct {
	const int *calls;
	size_t n;
} own[N_WALLED] = {
	[WALLED_FRONT] = { of_front, ARRAY_LEN(of_front) },
	[WALLED_CLERK] = { of_clerk, ARRAY_LEN(of_clerk) },
};

static bool filter_calls(const int *more, size_t n_more)
{
	int all[ARRAY_LEN(of_all) + ARRAY_LEN(of_clerk)];
	_Static_assert(ARRAY_LEN(of_front) <= ARRAY_LEN(of_clerk), "the longest list");
	_Static_assert(ARRAY_LEN(of_poster) <= ARRAY_LEN(of_clerk), "the longest list");
	size_t n = ARRAY_LEN(of_all);
	memcpy(all, of_all, sizeof of_all);
	for (size_t i = 0; i < n_more; i++)
		all[n++] = more[i];
	return confine_calls(all, n);
}

bool walls_user(struct arena *a, enum walled who, const struct authority_config *c, struct diag *d)
{
	const char *user = walled_user(a, who, c);
	const struct passwd *p = user ? getpwnam(user) : NULL;
	if (user && !p) {
		diag_error(d, c->users.at, "there is no user \"%s\"", user);
		diag_note(d, NOWHERE, "add the users of the processes, or users: root for a trial without them");
		return false;
	}
	if (user && !confine_user(p->pw_uid, p->pw_gid))
		return diag_machine(d, errno, "the user \"%s\" cannot be taken", user);
	return confine_privileges() || diag_machine(d, errno, "capabilities cannot be given up");
}

static bool raise_walls(struct arena *a, enum walled who, const int *more, size_t n, const struct authority_config *c,
			struct diag *d)
{
	/* what libraries read when they are first used: their configuration, the time zone */
	OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, NULL);
	tzset();
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	return walls_user(a, who, c, d) &&
	       (filter_calls(more, n) || diag_machine(d, EPERM, "system calls cannot be restricted"));
}

bool walls_raise(struct arena *a, enum walled who, const struct authority_config *c, struct diag *d)
{
	return raise_walls(a, who, own[who].calls, own[who].n, c, d);
}

bool walls_raise_poster(struct arena *a, const struct authority_config *c, struct diag *d)
{
	return raise_walls(a, WALLED_COURIER, of_poster, ARRAY_LEN(of_poster), c, d);
}
