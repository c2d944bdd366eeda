/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords are hashed by processes of the lowest priority, because a hash takes a tenth of a second of a core and anybody may ask
 * for one.  The hasher queues; its workers, which know nothing else, compute: at most one less than there are cores, and at
 * least one.
 */
#include <crypt.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authority/hasher.h"
#include "authority/link.h"
#include "authority/processes.h"
#include "authority/walls.h"
#include "base/vec.h"

enum { QUEUE_MAX = 32, WORKERS_MAX = 16, FRAME_MAX = 8 << 10 };

bool password_right(const char *password, const char *hash)
{
	struct crypt_data data = { 0 };
	const char *made = crypt_r(password, hash, &data);
	size_t n = strlen(hash);
	unsigned char differs = !made || made[0] == '*' || strlen(made) != n || n == 0;
	for (size_t i = 0; !differs && i < n; i++)
		differs |= (unsigned char)(made[i] ^ hash[i]);
	explicit_bzero(&data, sizeof data);
	return !differs;
}

struct str password_hash(struct arena *a, const char *password)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data data = { 0 };
	struct str hash = NO_STR;
	/* cost 7: 32 MB and about a tenth of a second */
	if (crypt_gensalt_rn("$y$", 7, NULL, 0, setting, sizeof setting)) {
		const char *made = crypt_r(password, setting, &data);
		if (made && made[0] != '*')
			hash = str_of(arena_strdup(a, made));
	}
	explicit_bzero(&data, sizeof data);
	return hash;
}

/* A worker: one question at a time on its socket, until that ends. */

struct worker_loop {
	struct event_base *base;
};

static void compute(void *ctx, struct link *l, uint32_t tag, enum message_type type, const void *message,
		    const char *why)
{
	struct worker_loop *loop = ctx;
	const struct ask_password *ask = message;
	if (!message) {
		event_base_loopbreak(loop->base);
		return;
	}
	struct arena *a = arena_new();
	char *password = arena_memdup(a, ask->password.p, ask->password.n);
	struct tell_password tell = { 0 };
	/* a NUL would end the password before its end */
	bool whole = memchr(password, '\0', ask->password.n) == NULL;
	if (ask->hash.n)
		tell.right = password_right(password, cstr(a, ask->hash)) && whole;
	else if (whole)
		tell.hash = password_hash(a, password);
	explicit_bzero(password, ask->password.n);
	link_answer(l, tag, TELL_PASSWORD, &tell);
	arena_free(a);
}

NORETURN static void work(struct arena *a, const struct authority_config *c, int fd)
{
	struct worker_loop loop = { .base = event_base_new() };
	if (loop.base && walls_raise(a, WALLED_HASHER, c, diag_new(a))) {
		struct link *l = link_new(loop.base, fd, 1u << ASK_PASSWORD, FRAME_MAX, compute, &loop);
		event_base_dispatch(loop.base);
		link_free(l);
	}
	_exit(0);
}

/* The queue */

struct waiting {
	uint32_t tag; /* of the clerk's question */
	struct str password, hash;
	struct arena *arena;
};

struct worker {
	struct hasher *hasher;
	struct link *link;
	uint32_t tag; /* of the clerk's question; busy: it computes */
	bool busy;
};

struct hasher {
	struct event_base *base;
	struct link *clerk;
	struct worker workers[WORKERS_MAX];
	size_t n_workers;
	struct waiting queue[QUEUE_MAX];
	size_t first, n;
};

static void give_work(struct hasher *h)
{
	for (size_t i = 0; i < h->n_workers && h->n; i++) {
		struct worker *w = &h->workers[i];
		struct waiting *next = &h->queue[h->first];
		if (w->busy)
			continue;
		struct ask_password ask = { .password = next->password, .hash = next->hash };
		w->busy = true;
		w->tag = next->tag;
		link_ask(w->link, ASK_PASSWORD, &ask);
		explicit_bzero((void *)(uintptr_t)next->password.p, next->password.n);
		arena_free(next->arena);
		h->first = (h->first + 1) % QUEUE_MAX;
		h->n--;
	}
}

static void heard_worker(void *ctx, struct link *l, uint32_t tag, enum message_type type, const void *message,
			 const char *why)
{
	struct worker *w = ctx;
	if (!message) {
		event_base_loopbreak(w->hasher->base);
		return;
	}
	w->busy = false;
	link_answer(w->hasher->clerk, w->tag, TELL_PASSWORD, message);
	give_work(w->hasher);
}

static void heard_clerk(void *ctx, struct link *l, uint32_t tag, enum message_type type, const void *message,
			const char *why)
{
	struct hasher *h = ctx;
	const struct ask_password *ask = message;
	if (!message) {
		event_base_loopbreak(h->base);
		return;
	}
	if (h->n == QUEUE_MAX) {
		link_answer(l, tag, TELL_PASSWORD, &(struct tell_password){ .busy = true });
		return;
	}
	struct waiting *w = &h->queue[(h->first + h->n++) % QUEUE_MAX];
	w->arena = arena_new();
	w->tag = tag;
	w->password = (struct str){ arena_memdup(w->arena, ask->password.p, ask->password.n), ask->password.n };
	w->hash = str_dup(w->arena, ask->hash);
	give_work(h);
}

static bool open_pairs(struct hasher *h, int pairs[][2])
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cores > 2 ? (size_t)cores - 1 : 1;
	h->n_workers = MIN(n, WORKERS_MAX);
	for (size_t i = 0; i < h->n_workers; i++)
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[i]) < 0)
			return false;
	return true;
}

static bool fork_worker(struct arena *a, const struct hasher_start *s, int pairs[][2], size_t n, size_t i,
			struct diag *d)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid > 0 || diag_machine(d, errno, "a worker of the hasher");
	close(s->clerk);
	for (size_t j = 0; j < n; j++) {
		close(pairs[j][0]);
		if (j != i)
			close(pairs[j][1]);
	}
	work(a, s->config, pairs[i][1]);
}

bool hasher_run(struct arena *a, const struct hasher_start *s, struct diag *d)
{
	enum { LOWEST = 19 };
	struct hasher *h = ARENA_NEW(a, struct hasher);
	int pairs[WORKERS_MAX][2];
	setpriority(PRIO_PROCESS, 0, LOWEST);
	signal(SIGCHLD, SIG_IGN);
	if (!open_pairs(h, pairs))
		return diag_machine(d, errno, "sockets of the hasher");
	for (size_t i = 0; i < h->n_workers; i++)
		if (!fork_worker(a, s, pairs, h->n_workers, i, d))
			return false;
	h->base = event_base_new();
	if (!h->base)
		return diag_machine(d, ENOMEM, "the loop of the hasher");
	for (size_t i = 0; i < h->n_workers; i++) {
		close(pairs[i][1]);
		h->workers[i].hasher = h;
	}
	if (!walls_raise(a, WALLED_HASHER, s->config, d))
		return false;
	for (size_t i = 0; i < h->n_workers; i++)
		h->workers[i].link =
			link_new(h->base, pairs[i][0], 1u << TELL_PASSWORD, FRAME_MAX, heard_worker, &h->workers[i]);
	h->clerk = link_new(h->base, s->clerk, 1u << ASK_PASSWORD, FRAME_MAX, heard_clerk, h);
	event_base_dispatch(h->base);
	for (size_t i = 0; i < h->n_workers; i++)
		link_free(h->workers[i].link);
	link_free(h->clerk);
	event_base_free(h->base);
	return true;
}
