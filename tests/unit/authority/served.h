/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes of a real authority whose other end is the test: it is the front of a clerk, or the clerk of a keeper.
 *
 * It speaks frames of its own making (authority/link.h), so that nothing on its side holds it back.
 */
#pragma once

#include "world.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "authority/hasher.h"
#include "authority/link.h"
#include "authority/store.h"
#include "wire/bytes.h"

enum { HEAD = 9, COUNTED = 5 };

static const char password[] = "Correct-Horse-9";

/* Frames */

static inline void put32(unsigned char *p, size_t n)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(n >> (24 - 8 * i));
}

static inline void send_frame(int fd, unsigned type, const void *message)
{
	struct out o = out_memory(LINK_FRAME_MAX);
	unsigned char head[HEAD];
	message_write(&o, message_shape(type), message);
	put32(head, o.n + COUNTED);
	put32(head + 4, 7);
	head[8] = (unsigned char)type;
	assert_int_equal(send(fd, head, HEAD, MSG_NOSIGNAL), HEAD);
	for (size_t sent = 0; sent < o.n;) {
		ssize_t n = send(fd, o.buf + sent, o.n - sent, MSG_NOSIGNAL);
		if (n <= 0)
			break; /* the other side has ended the link */
		sent += (size_t)n;
	}
	out_free(&o);
}

static inline bool take(int fd, void *p, size_t n)
{
	return n == 0 || recv(fd, p, n, MSG_WAITALL) == (ssize_t)n;
}

/* The next frame, its fields as bytes; false: the link ended. */
static inline bool next_frame(int fd, struct arena *a, unsigned *type, struct str *fields)
{
	unsigned char head[HEAD];
	if (!take(fd, head, HEAD))
		return false;
	struct cursor c = cursor_of((const char *)head, HEAD);
	size_t n = get_be32(&c) - COUNTED;
	char *p = arena_alloc(a, n);
	*type = head[8];
	*fields = (struct str){ p, n };
	return take(fd, p, n);
}

/* Processes */

struct served {
	struct world *w;
	int fd; /* the subverted end */
	pid_t pids[3];
	size_t n;
};

/* A process has its own ends and no others: a link ends when the last copy of its other end is closed. */
static inline void close_others(const int fds[3])
{
	enum { MOST = 64 };
	for (int fd = 3; fd < MOST; fd++)
		if (fd != fds[0] && fd != fds[1] && fd != fds[2])
			close(fd);
}

static inline void begin(struct served *s, bool (*run)(struct world *w, const int fds[3]), const int fds[3])
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close_others(fds);
		bool ok = run(s->w, fds);
		if (!ok)
			fprintf(stderr, "%.*s", STR_ARG(diag_text(s->w->a, s->w->d)));
		_exit(ok ? 0 : 3);
	}
	s->pids[s->n++] = pid;
}

static inline bool run_keeper(struct world *w, const int fds[3])
{
	return keeper_run(w->a, &(struct keeper_start){ w->folder, w->config, fds[0] }, w->d);
}

static inline bool run_hasher(struct world *w, const int fds[3])
{
	return hasher_run(w->a, &(struct hasher_start){ w->config, fds[0] }, w->d);
}

static inline bool run_clerk(struct world *w, const int fds[3])
{
	struct clerk_start s = { .folder = w->folder,
				 .config = w->config,
				 .front = fds[0],
				 .keeper = fds[1],
				 .hasher = fds[2],
				 .courier = -1,
				 .operators = -1,
				 .control = -1 };
	return clerk_run(w->a, &s, w->d);
}

static inline void pair(int ends[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
}

static inline struct served serve_keeper(struct world *w)
{
	struct served s = { .w = w };
	int ends[2];
	pair(ends);
	s.fd = ends[0];
	begin(&s, run_keeper, (int[3]){ ends[1] });
	close(ends[1]);
	return s;
}

/* A clerk that runs so, with its keeper and hasher. */
static inline struct served serve_with(struct world *w, bool (*run)(struct world *w, const int fds[3]))
{
	struct served s = { .w = w };
	int front[2], keeper[2], hasher[2];
	pair(front);
	pair(keeper);
	pair(hasher);
	s.fd = front[0];
	begin(&s, run_keeper, (int[3]){ keeper[1] });
	begin(&s, run_hasher, (int[3]){ hasher[1] });
	begin(&s, run, (int[3]){ front[1], keeper[0], hasher[0] });
	close(front[1]);
	close(keeper[0]);
	close(keeper[1]);
	close(hasher[0]);
	close(hasher[1]);
	return s;
}

static inline struct served serve_clerk(struct world *w)
{
	return serve_with(w, run_clerk);
}

static inline void stop(struct served *s)
{
	close(s->fd);
	for (size_t i = s->n; i > 0; i--) {
		kill(s->pids[i - 1], SIGKILL);
		waitpid(s->pids[i - 1], NULL, 0);
	}
}

/* The answer to a question; what the clerk tells the front unasked is passed over. */
static inline unsigned ask(struct served *s, struct arena *a, unsigned type, const void *message, struct str *fields)
{
	unsigned told;
	send_frame(s->fd, type, message);
	do {
		if (!next_frame(s->fd, a, &told, fields))
			return 0;
	} while (told == TELL_TLS || told == TELL_CRL || told == TELL_KEEPER);
	return told;
}

/* Accounts */

static inline struct strs_field one(struct arena *a, const char *text)
{
	struct str *v = ARENA_NEW(a, struct str);
	*v = str_of(text);
	return (struct strs_field){ v, 1 };
}

static inline void add_accounts(struct world *w)
{
	struct arena *a = arena_new(); /* the clerk may not inherit an open store */
	struct store *s = store_open(a, arena_printf(a, "%s/state/authority.db", w->folder), false, w->d);
	struct account accounts[] = {
		{ .name = STR("m1"), .dns_name = STR("m1.contoso.com"), .groups = one(w->a, "machines") },
		{ .name = STR("web"), .dns_name = STR("web.contoso.com"), .allowed = one(w->a, "web1.contoso.com") },
	};
	assert_true(store_begin(s));
	for (size_t i = 0; i < ARRAY_LEN(accounts); i++) {
		accounts[i].hash = password_hash(w->a, password);
		assert_true(store_account_put(s, &accounts[i]));
	}
	assert_true(store_commit(s));
	arena_free(a);
}
