/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_create(struct file *f, struct arena *a, const char *path, struct diag *d)
{
	*f = (struct file){ 0 };
	if (!path || strcmp(path, "-") == 0) {
		f->out = out_fd(1);
		return true;
	}
	struct stat st;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		/* /dev/null, a pipe: nothing to put in place, so write straight to it */
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return diag_machine(d, errno, "cannot write \"%s\"", path);
		f->out = out_fd(fd);
		f->path = arena_strdup(a, path);
		return true;
	}
	char *temporary = arena_printf(a, "%s.XXXXXX", path);
	int fd = mkstemp(temporary);
	if (fd < 0)
		return diag_machine(d, errno, "cannot write \"%s\"", path);
	/* mkstemp makes it 0600; a new file is what the umask says */
	mode_t mask = umask(0);
	umask(mask);
	fchmod(fd, 0666 & ~mask);
	f->out = out_fd(fd);
	f->path = arena_strdup(a, path);
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
	if (ok && f->temporary && rename(f->temporary, f->path) < 0) {
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
