/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <unistd.h>

#include "base/system.h"

bool file_create(struct file *f, struct arena *a, const char *path, struct diag *d)
{
	*f = (struct file){ 0 };
	if (!path || strcmp(path, "-") == 0) {
		f->out = out_fd(1);
		return true;
	}
	enum path_kind kind = system_path(path).kind;
	if (kind != PATH_ABSENT && kind != PATH_FILE) {
		/* /dev/null, a pipe: nothing to rename, so write to it directly */
		int fd = system_open_device(path);
		if (fd < 0)
			return diag_machine(d, errno, "cannot write \"%s\"", path);
		f->out = out_fd(fd);
		f->path = arena_strdup(a, path);
		return true;
	}
	const char *target = system_link_target(a, path);
	char *temporary = target ? arena_printf(a, "%s.XXXXXX", target) : NULL;
	int fd = temporary ? system_create_temporary(temporary) : -1;
	if (fd < 0)
		return diag_machine(d, errno, "cannot write \"%s\"", path);
	if (!system_keep_owner(fd, path)) {
		int error = errno;
		close(fd);
		system_remove(temporary);
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
	if (ok && f->temporary && !system_rename(f->temporary, f->target)) {
		ok = false;
		error = errno;
	}
	if (!ok && f->temporary)
		system_remove(f->temporary);
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
		system_remove(f->temporary);
	out_free(&f->out);
	*f = (struct file){ .out.fd = -1 };
}

bool file_replace(struct arena *a, const char *path, struct str bytes, unsigned mode, struct diag *d)
{
	char *temporary = arena_printf(a, "%s.XXXXXX", path);
	int fd = system_create_temporary(temporary);
	if (fd < 0)
		return diag_machine(d, errno, "cannot write \"%s\"", path);
	CLEANUP(out_free) struct out o = out_fd(fd);
	out_str(&o, bytes);
	bool ok = out_flush(&o) && system_settle(fd, mode);
	int error = errno;
	close(fd);
	if (ok && system_rename(temporary, path))
		return true;
	error = ok ? errno : error;
	system_remove(temporary);
	return diag_machine(d, error, "cannot write \"%s\"", path);
}

static void remove_path(void *path)
{
	system_remove(path);
}

const char *file_temporary(struct arena *a, struct diag *d)
{
	char *path = arena_printf(a, "%s/portolan.XXXXXX", system_temporary_folder(a));
	int fd = system_create_temporary(path);
	if (fd < 0) {
		diag_machine(d, errno, "cannot write \"%s\"", path);
		return NULL;
	}
	close(fd);
	arena_at_end(a, remove_path, path);
	return path;
}

bool file_head(const char *path, char *buf, size_t room, struct str *ret)
{
	struct path_state state;
	ssize_t n = -1;
	int fd = system_open(path, &state);
	*ret = (struct str){ buf, 0 };
	while (fd >= 0 && ret->n < room &&
	       ((n = read(fd, buf + ret->n, room - ret->n)) > 0 || (n < 0 && errno == EINTR)))
		ret->n += n > 0 ? (size_t)n : 0;
	if (fd >= 0)
		close(fd);
	return n >= 0;
}

bool file_copy(struct out *o, const char *path, struct diag *d)
{
	char buf[1 << 16];
	ssize_t n = 0;
	struct path_state state;
	int fd = system_open(path, &state);
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
