/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/workers.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/progress.h"

enum { TICK_MILLISECONDS = 200 };

/* Before each result on a pipe. */
struct result_head {
	uint64_t job, n;
};

struct worker {
	pid_t pid;
	int pipe;       /* -1: it has ended */
	struct out got; /* what came and is not yet a whole result */
};

static unsigned count_processors(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

/* The jobs that nobody else has taken, until none is left. */
NORETURN static void be_worker(const struct work *w, atomic_size_t *next, int fd)
{
	struct out to = out_fd(fd);
	for (size_t i; (i = atomic_fetch_add(next, 1)) < w->n;) {
		struct out result = out_memory(MOST_RESULT_BYTES);
		w->job(w->ctx, i, &result);
		struct result_head head = { i, result.n };
		out_bytes(&to, &head, sizeof head);
		out_str(&to, out_view(&result));
		if (result.error || !out_flush(&to))
			_exit(1);
		out_free(&result);
	}
	_exit(0);
}

static bool start_worker(const struct work *w, atomic_size_t *next, struct worker *ret)
{
	int ends[2];
	*ret = (struct worker){ .pipe = -1, .got = out_memory(MOST_RESULT_BYTES) };
	if (pipe(ends) < 0)
		return false;
	ret->pid = fork();
	if (ret->pid == 0) {
		close(ends[0]);
		be_worker(w, next, ends[1]);
	}
	close(ends[1]);
	if (ret->pid < 0) {
		close(ends[0]);
		return false;
	}
	ret->pipe = ends[0];
	return true;
}

/* Takes the whole results out of what came. */
static size_t take_results(struct arena *a, struct worker *from, const struct work *w, struct str *results)
{
	struct result_head head;
	size_t at = 0, n = 0;
	while (from->got.n - at >= sizeof head) {
		memcpy(&head, from->got.buf + at, sizeof head);
		if (from->got.n - at - sizeof head < head.n)
			break;
		if (head.job < w->n)
			results[head.job] =
				str_dup(a, (struct str){ from->got.buf + at + sizeof head, (size_t)head.n });
		at += sizeof head + (size_t)head.n;
		n++;
	}
	if (at) {
		memmove(from->got.buf, from->got.buf + at, from->got.n - at);
		from->got.n -= at;
	}
	return n;
}

/* Reads what is there; false at the end. */
static bool read_some(struct worker *from)
{
	char buf[1 << 16];
	ssize_t n = read(from->pipe, buf, sizeof buf);
	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	out_bytes(&from->got, buf, (size_t)n);
	return !from->got.error;
}

static void collect(struct arena *a, const struct work *w, struct worker *workers, size_t n, struct str *results)
{
	size_t done = 0, running = n;
	progress_count(done, w->n, w->what);
	while (running) {
		struct pollfd wait[MOST_WORKERS];
		for (size_t i = 0; i < n; i++)
			wait[i] = (struct pollfd){ .fd = workers[i].pipe, .events = POLLIN };
		if (poll(wait, n, TICK_MILLISECONDS) > 0)
			for (size_t i = 0; i < n; i++) {
				if (!wait[i].revents)
					continue;
				bool more = read_some(&workers[i]);
				done += take_results(a, &workers[i], w, results);
				if (more)
					continue;
				close(workers[i].pipe);
				workers[i].pipe = -1;
				running--;
			}
		progress_count(done, w->n, w->what);
	}
}

static bool all_well(struct worker *workers, size_t n)
{
	bool ok = true;
	for (size_t i = 0; i < n; i++) {
		int status = -1;
		while (waitpid(workers[i].pid, &status, 0) < 0 && errno == EINTR)
			;
		ok &= status == 0;
		out_free(&workers[i].got);
	}
	return ok;
}

static bool divide(struct arena *a, const struct work *w, size_t wanted, struct diag *d, struct str *results)
{
	struct worker workers[MOST_WORKERS];
	size_t n = 0;
	atomic_size_t *next = mmap(NULL, sizeof *next, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (next == MAP_FAILED)
		return diag_machine(d, errno, "cannot divide the work among processes");
	atomic_init(next, 0);
	while (n < wanted && start_worker(w, next, &workers[n]))
		n++;
	int error = errno;
	collect(a, w, workers, n, results);
	bool ok = all_well(workers, n);
	munmap(next, sizeof *next);
	if (!n)
		return diag_machine(d, error, "cannot start a process");
	return ok || diag_machine(d, 0, "a process ended before its work was done");
}

bool work_divide(struct arena *a, const struct work *w, struct diag *d, struct str *results)
{
	size_t wanted = MIN(MIN(w->n_workers ? w->n_workers : count_processors(), (size_t)MOST_WORKERS), w->n);
	return wanted > 1 ? divide(a, w, wanted, d, results) : work_alone(a, w, d, results);
}
