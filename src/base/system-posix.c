/* SPDX-License-Identifier: Apache-2.0 */
#include "base/system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/vec.h"

void system_begin(int *argc, char ***argv)
{
}

static enum path_kind kind_of(const struct stat *st)
{
	return S_ISREG(st->st_mode)    ? PATH_FILE
	       : S_ISDIR(st->st_mode)  ? PATH_FOLDER
	       : S_ISFIFO(st->st_mode) ? PATH_FIFO
	       : S_ISLNK(st->st_mode)  ? PATH_LINK
				       : PATH_OTHER;
}

static struct path_state state_of(const struct stat *st)
{
	return (struct path_state){
		.kind = kind_of(st),
		.device = st->st_dev,
		.number = st->st_ino,
		.size = (uint64_t)st->st_size,
		.seconds = st->st_mtim.tv_sec,
		.nanoseconds = (uint32_t)st->st_mtim.tv_nsec,
	};
}

struct path_state system_path(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? state_of(&st) : (struct path_state){ .kind = PATH_ABSENT };
}

enum path_kind system_link_kind(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 ? kind_of(&st) : PATH_ABSENT;
}

int system_open(const char *path, struct path_state *ret)
{
	struct stat st;
	/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	*ret = (struct path_state){ .kind = PATH_ABSENT };
	if (fd >= 0 && fstat(fd, &st) == 0)
		*ret = state_of(&st);
	if (fd < 0 || ret->kind == PATH_FILE)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

int system_open_device(const char *path)
{
	return open(path, O_WRONLY | O_CLOEXEC);
}

const char *system_link_target(struct arena *a, const char *path)
{
	enum { MOST_LINKS = 40 };
	for (size_t i = 0; i < MOST_LINKS; i++) {
		char to[PATH_MAX];
		ssize_t n = readlink(path, to, sizeof to - 1);
		const char *slash = strrchr(path, '/');
		if (n < 0)
			return errno == EINVAL || errno == ENOENT ? path : NULL;
		to[n] = '\0';
		path = to[0] == '/' || !slash ? arena_strdup(a, to)
					      : arena_printf(a, "%.*s/%s", (int)(slash - path), path, to);
	}
	errno = ELOOP;
	return NULL;
}

int system_create_temporary(char *path)
{
	return mkstemp(path);
}

static mode_t current_umask(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return mask;
}

/* mkstemp creates a file with mode 0600: it gets those of the file that it replaces, or a new file's by the umask. */
bool system_keep_owner(int fd, const char *old)
{
	struct stat was, now;
	if (stat(old, &was) != 0)
		return fchmod(fd, 0666 & ~current_umask()) == 0;
	bool ours = fstat(fd, &now) == 0 && now.st_uid == was.st_uid && now.st_gid == was.st_gid;
	return (ours || fchown(fd, was.st_uid, was.st_gid) == 0) && fchmod(fd, was.st_mode & 07777) == 0;
}

bool system_settle(int fd, unsigned mode)
{
	return fchmod(fd, mode & ~current_umask()) == 0 && fsync(fd) == 0;
}

bool system_rename(const char *from, const char *to)
{
	return rename(from, to) == 0;
}

bool system_remove(const char *path)
{
	return unlink(path) == 0;
}

const char *system_temporary_folder(struct arena *a)
{
	const char *folder = getenv("TMPDIR");
	return folder && *folder ? folder : "/tmp";
}

bool system_make_folder(const char *path, unsigned mode)
{
	return mkdir(path, mode) == 0;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

const char **system_folder(struct arena *a, const char *path, size_t *n)
{
	VEC(const char *) names = { 0 };
	DIR *dir = opendir(path);
	if (!dir)
		return NULL;
	for (struct dirent *e; (e = readdir(dir));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			*VEC_ADD(a, &names) = arena_strdup(a, e->d_name);
	closedir(dir);
	sort_items(names.v, names.n, sizeof *names.v, by_name);
	*n = names.n;
	return names.n ? names.v : ARENA_ARRAY(a, const char *, 1);
}

bool system_is_absolute(struct str path)
{
	return str_starts(path, "/");
}

unsigned system_width(int fd)
{
	struct winsize w;
	if (!isatty(fd))
		return 0;
	return ioctl(fd, TIOCGWINSZ, &w) == 0 && w.ws_col ? w.ws_col : 80;
}

bool system_takes_colours(int fd)
{
	const char *term = getenv("TERM");
	return isatty(fd) && !(term && strcmp(term, "dumb") == 0);
}

void system_sleep(unsigned milliseconds)
{
	nanosleep(&(struct timespec){ milliseconds / 1000, milliseconds % 1000 * 1000000L }, NULL);
}

static void (*volatile on_tick)(void);

static void on_alarm(int number)
{
	void (*tick)(void) = on_tick;
	if (tick)
		tick();
}

static struct timeval timeval_of(unsigned milliseconds)
{
	return (struct timeval){ milliseconds / 1000, milliseconds % 1000 * 1000L };
}

void system_every(unsigned after, unsigned interval, void (*tick)(void))
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval when = { 0 };
	on_tick = tick;
	if (tick) {
		sigaction(SIGALRM, &action, NULL);
		when = (struct itimerval){ timeval_of(interval), timeval_of(after) };
	}
	setitimer(ITIMER_REAL, &when, NULL);
}
