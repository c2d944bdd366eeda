/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"

bool authority_write(struct arena *a, const char *path, struct str bytes, bool secret, struct diag *d)
{
	enum { SECRET = 0600, OPEN = 0644 };
	return file_replace(a, path, bytes, secret ? SECRET : OPEN, d);
}

bool authority_lock(struct arena *a, const char *folder, struct diag *d)
{
	const char *path = arena_printf(a, "%s/state/lock", folder);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return diag_machine(d, errno, "cannot write \"%s\"", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno != EWOULDBLOCK)
		return diag_machine(d, errno, "cannot lock \"%s\"", path);
	return diag_error(d, NOWHERE, "another process has \"%s\" open", folder);
}

bool authority_give_state(struct arena *a, const char *folder, const char *user, struct diag *d)
{
	const struct passwd *p = user ? getpwnam(user) : NULL;
	const char *state = arena_printf(a, "%s/state", folder);
	if (!user)
		return true;
	if (!p)
		return diag_error(d, NOWHERE, "there is no user \"%s\"", user);
	DIR *dir = opendir(state);
	bool ok = dir != NULL;
	for (struct dirent *e; ok && (e = readdir(dir));)
		if (strcmp(e->d_name, "..") != 0)
			ok = lchown(arena_printf(a, "%s/%s", state, e->d_name), p->pw_uid, p->pw_gid) == 0;
	int error = errno;
	if (dir)
		closedir(dir);
	return ok || diag_machine(d, error, "cannot give \"%s\" to %s", state, user);
}

int authority_connect(const char *folder)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int n = snprintf(at.sun_path, sizeof at.sun_path, "%s/operator.sock", folder);
	int fd = n < (int)sizeof at.sun_path ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}
