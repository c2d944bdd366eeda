/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a path stands for behind its links, which need not exist.  NULL with errno after an error. */
static const char *link_target(struct arena *a, const char *path)
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

/* mkstemp creates a file with mode 0600: it gets those of the file that it replaces, or a new file's by the umask. */
static bool keep_owner(int fd, const struct stat *old)
{
	struct stat now;
	if (!old) {
		mode_t mask = umask(0);
		umask(mask);
		return fchmod(fd, 0666 & ~mask) == 0;
	}
	bool ours = fstat(fd, &now) == 0 && now.st_uid == old->st_uid && now.st_gid == old->st_gid;
	return (ours || fchown(fd, old->st_uid, old->st_gid) == 0) && fchmod(fd, old->st_mode & 07777) == 0;
}

bool file_create(struct file *f, struct arena *a, const char *path, struct diag *d)
{
	*f = (struct file){ 0 };
	if (!path || strcmp(path, "-") == 0) {
		f->out = out_fd(1);
		return true;
	}
	struct stat st;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		/* /dev/null, a pipe: nothing to rename, so write to it directly */
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return diag_machine(d, errno, "cannot write \"%s\"", path);
		f->out = out_fd(fd);
		f->path = arena_strdup(a, path);
		return true;
	}
	bool exists = stat(path, &st) == 0;
	const char *target = link_target(a, path);
	char *temporary = target ? arena_printf(a, "%s.XXXXXX", target) : NULL;
	int fd = temporary ? mkstemp(temporary) : -1;
	if (fd < 0)
		return diag_machine(d, errno, "cannot write \"%s\"", path);
	if (!keep_owner(fd, exists ? &st : NULL)) {
		int error = errno;
		close(fd);
		unlink(temporary);
		return diag_machine(d, error, "cannot keep the owner and the mode of \"%s\"", path);
	}
	f->out = out_fd(fd);
	f->path = arena_strdup(a, path);
	f->target = target;
	f->temporary = temporary;
	return true;
}

bool file_commit(struct file *f, struct diag *d)
{
	bool ok = out_flush(&f->out);
	int error = errno;
	if (f->path && close(f->out.fd) < 0 && ok) {
		ok = false;
		error = errno;
	}
	out_free(&f->out);
	if (ok && f->temporary && rename(f->temporary, f->target) < 0) {
		ok = false;
		error = errno;
	}
	if (!ok && f->temporary)
		unlink(f->temporary);
	if (!ok)
		diag_machine(d, error, "cannot write %s%s%s", f->path ? "\"" : "",
			     f->path ? f->path : "standard output", f->path ? "\"" : "");
	*f = (struct file){ .out.fd = -1 };
	return ok;
}

void file_abandon(struct file *f)
{
	if (f->path && f->out.fd > 2)
		close(f->out.fd);
	if (f->temporary)
		unlink(f->temporary);
	out_free(&f->out);
	*f = (struct file){ .out.fd = -1 };
}

bool file_replace(struct arena *a, const char *path, struct str bytes, unsigned mode, struct diag *d)
{
	char *temporary = arena_printf(a, "%s.XXXXXX", path);
	int fd = mkstemp(temporary);
	if (fd < 0)
		return diag_machine(d, errno, "cannot write \"%s\"", path);
	mode_t mask = umask(0);
	umask(mask);
	CLEANUP(out_free) struct out o = out_fd(fd);
	out_str(&o, bytes);
	bool ok = fchmod(fd, mode & ~mask) == 0 && out_flush(&o) && fsync(fd) == 0;
	int error = errno;
	close(fd);
	if (ok && rename(temporary, path) == 0)
		return true;
	error = ok ? errno : error;
	unlink(temporary);
	return diag_machine(d, error, "cannot write \"%s\"", path);
}

static void remove_path(void *path)
{
	unlink(path);
}

const char *file_temporary(struct arena *a, struct diag *d)
{
	const char *folder = getenv("TMPDIR");
	char *path = arena_printf(a, "%s/portolan.XXXXXX", folder && *folder ? folder : "/tmp");
	int fd = mkstemp(path);
	if (fd < 0) {
		diag_machine(d, errno, "cannot write \"%s\"", path);
		return NULL;
	}
	close(fd);
	arena_at_end(a, remove_path, path);
	return path;
}

bool file_copy(struct out *o, const char *path, struct diag *d)
{
	char buf[1 << 16];
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, buf, sizeof buf)) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			out_bytes(o, buf, (size_t)n);
	}
	int error = errno;
	if (fd >= 0)
		close(fd);
	return fd >= 0 && n >= 0 ? true : diag_machine(d, error, "cannot read \"%s\"", path);
}
