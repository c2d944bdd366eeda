/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/system.h"

/* Windows counts what is read at once in 32 bits. */
enum { MOST_AT_ONCE = 1 << 30 };

static void fd_close(int *fd)
{
	if (*fd > 2)
		close(*fd);
}

static void free_buffer(void *p)
{
	free(p);
}

/* Says why there is nothing to read. */
static void say_unreadable(struct diag *d, int error, enum path_kind kind, const char *name)
{
	if (kind != PATH_ABSENT)
		diag_error(d, NOWHERE, "\"%s\" is %s, not a file", name,
			   kind == PATH_FOLDER ? "a directory"
			   : kind == PATH_FIFO ? "a FIFO (pipe it in and use \"-\")"
					       : "a device or socket");
	else if (error == ENOENT || error == ENOTDIR)
		diag_error(d, NOWHERE, "there is no file \"%s\"", name);
	else if (error == EACCES || error == EPERM)
		diag_error(d, NOWHERE, "no permission to read \"%s\": %s", name, strerror(error));
	else
		diag_machine(d, error, "cannot read \"%s\"", name);
}

struct source *source_read(struct arena *a, const char *path, size_t max_bytes, struct diag *d)
{
	bool is_stdin = strcmp(path, "-") == 0;
	const char *name = is_stdin ? "standard input" : path;
	struct path_state state = { .kind = PATH_FIFO };
	CLEANUP(fd_close) int fd = is_stdin ? 0 : system_open(path, &state);

	if (fd < 0) {
		say_unreadable(d, errno, state.kind, name);
		return NULL;
	}
	/* The size is a hint: the file is read to its end. */
	size_t room = state.size ? (size_t)MIN(state.size, (uint64_t)max_bytes) + 1 : 65536;
	room = MIN(room, max_bytes + 1);
	size_t n = 0;
	char *buf = malloc(room);
	if (!buf)
		out_of_memory(room);
	for (;;) {
		if (n == room) {
			room = MIN(room * 2, max_bytes + 1);
			char *wider = n > max_bytes ? NULL : realloc(buf, room);
			if (!wider && n <= max_bytes)
				out_of_memory(room);
			if (!wider)
				break;
			buf = wider;
		}
		ssize_t got = read(fd, buf + n, MIN(room - n, (size_t)MOST_AT_ONCE));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			diag_machine(d, errno, "cannot read \"%s\"", name);
			free(buf);
			return NULL;
		}
		if (got == 0)
			break;
		n += (size_t)got;
	}
	if (n > max_bytes) {
		diag_error(d, NOWHERE, "\"%s\" is larger than the limit of %zu MB", name, max_bytes >> 20);
		free(buf);
		return NULL;
	}
	arena_at_end(a, free_buffer, buf);
	return source_of_text(a, arena_strdup(a, name), (struct str){ buf, n });
}
