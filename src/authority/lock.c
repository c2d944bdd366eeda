/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

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
