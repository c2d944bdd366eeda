/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/vec.h"

/* What an entry begins with; question, texts and answer follow. */
struct head {
	char magic[16];
	uint64_t question, texts, answer; /* bytes of each */
	uint64_t check[2];                /* of the answer: detects corruption on disk */
};

static const char magic[16] = "portolan proof\n";

enum { NAME = 32 }; /* digits of an entry's name */
#define ENDING ".proof"

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* No other user may be able to write entries. */
static bool is_ours_alone(const struct stat *st, const char *path, struct diag *d)
{
	if (st->st_uid != geteuid()) {
		diag_error(d, NOWHERE, "\"%s\" belongs to another user", path);
		diag_note(d, NOWHERE, "the content of a cache is trusted; use a folder of your own");
		return false;
	}
	if (st->st_mode & (S_IWGRP | S_IWOTH)) {
		diag_error(d, NOWHERE, "other users may write to \"%s\"", path);
		diag_note(d, NOWHERE, "the content of a cache is trusted; run \"chmod go-w\" on it");
		return false;
	}
	return true;
}

bool cache_open(struct cache *c, const char *path, struct diag *d)
{
	struct stat st;
	*c = (struct cache){ .folder = -1, .path = path };
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return diag_machine(d, errno, "cannot make the folder \"%s\"", path);
	c->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->folder < 0 && errno == ENOTDIR)
		return diag_error(d, NOWHERE, "\"%s\" is not a folder", path);
	if (c->folder < 0 || fstat(c->folder, &st) < 0)
		return diag_machine(d, errno, "cannot open the folder \"%s\"", path);
	if (is_ours_alone(&st, path, d))
		return true;
	fd_close(&c->folder);
	c->folder = -1;
	return false;
}

static const char *name_of(const struct asked *q, char buf[NAME + sizeof ENDING])
{
	uint64_t h[2];
	for (unsigned i = 0; i < 2; i++) {
		h[i] = hash64_seed(q->question.p, q->question.n, i);
		for (size_t j = 0; j < q->n_texts; j++)
			h[i] = hash64_seed(q->texts[j].p, q->texts[j].n, h[i]);
	}
	snprintf(buf, NAME + sizeof ENDING, "%016llx%016llx" ENDING, (unsigned long long)h[0],
		 (unsigned long long)h[1]);
	return buf;
}

static struct head head_of(const struct asked *q, struct str answer)
{
	struct head h = { .question = q->question.n, .answer = answer.n };
	memcpy(h.magic, magic, sizeof magic);
	for (size_t i = 0; i < q->n_texts; i++)
		h.texts += q->texts[i].n;
	for (unsigned i = 0; i < 2; i++)
		h.check[i] = hash64_seed(answer.p, answer.n, i);
	return h;
}

static bool read_all(int fd, void *p, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t got = read(fd, (char *)p + at, n - at);
		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		at += got > 0 ? (size_t)got : 0;
	}
	return true;
}

/* True when the next bytes of the file are these. */
static bool comes_next(int fd, struct str s)
{
	char buf[1 << 16];
	while (s.n) {
		size_t n = MIN(s.n, sizeof buf);
		if (!read_all(fd, buf, n) || memcmp(buf, s.p, n) != 0)
			return false;
		s = str_skip(s, n);
	}
	return true;
}

static void free_buffer(void *p)
{
	free(p);
}

static bool asks_the_same(int fd, const struct asked *q)
{
	bool same = comes_next(fd, q->question);
	for (size_t i = 0; i < q->n_texts && same; i++)
		same = comes_next(fd, q->texts[i]);
	return same;
}

bool cache_find(const struct cache *c, struct arena *a, const struct asked *q, struct str *answer)
{
	char name[NAME + sizeof ENDING];
	struct head h, own = head_of(q, STR(""));
	struct stat st;
	if (c->folder < 0)
		return false;
	CLEANUP(fd_close) int fd = openat(c->folder, name_of(q, name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > MOST_ENTRY_BYTES ||
	    !read_all(fd, &h, sizeof h) || h.question != own.question || h.texts != own.texts ||
	    h.answer > MOST_ENTRY_BYTES || (uint64_t)st.st_size != sizeof h + h.question + h.texts + h.answer ||
	    !asks_the_same(fd, q))
		return false;
	char *buf = malloc(h.answer + 1);
	if (!buf)
		out_of_memory(h.answer);
	arena_at_end(a, free_buffer, buf);
	*answer = (struct str){ buf, h.answer };
	if (!read_all(fd, buf, h.answer))
		return false;
	own = head_of(q, *answer);
	if (memcmp(&h, &own, sizeof h) != 0)
		return false;
	futimens(fd, NULL); /* marks it as used; an older time is harmless */
	return true;
}

/* 0, or errno. */
static int write_entry(int folder, const char *name, const struct asked *q, struct str answer)
{
	uint64_t number;
	char temporary[NAME + sizeof ENDING + 17];
	struct head h = head_of(q, answer);
	if (getrandom(&number, sizeof number, 0) != sizeof number)
		return EIO;
	snprintf(temporary, sizeof temporary, "%s.%016llx", name, (unsigned long long)number);
	int fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	struct out o = out_fd(fd);
	out_bytes(&o, &h, sizeof h);
	out_str(&o, q->question);
	for (size_t i = 0; i < q->n_texts; i++)
		out_str(&o, q->texts[i]);
	out_str(&o, answer);
	int error = out_flush(&o) ? 0 : errno;
	out_free(&o);
	if (close(fd) < 0 && !error)
		error = errno;
	if (!error && renameat(folder, temporary, folder, name) < 0)
		error = errno;
	if (error)
		unlinkat(folder, temporary, 0);
	return error;
}

void cache_add(struct cache *c, const struct asked *q, struct str answer, struct diag *d)
{
	char name[NAME + sizeof ENDING];
	struct head h = head_of(q, answer);
	if (c->folder < 0 || c->refused || sizeof h + h.question + h.texts + h.answer > MOST_ENTRY_BYTES)
		return;
	int error = write_entry(c->folder, name_of(q, name), q, answer);
	c->added = true;
	c->refused = error != 0;
	if (error)
		diag_warn(d, NOWHERE, "\"%s\" is no longer written: %s", c->path, strerror(error));
}

struct entry {
	char *name;
	struct timespec used;
	off_t size;
};

static int by_use(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int c = CMP(a->used.tv_sec, b->used.tv_sec);
	return c ? c : CMP(a->used.tv_nsec, b->used.tv_nsec);
}

/* Entries, and temporary files that a killed process left. */
static bool is_entry(const char *name)
{
	return strspn(name, "0123456789abcdef") == NAME && strncmp(name + NAME, ENDING, sizeof ENDING - 1) == 0;
}

static void trim(int folder)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	VEC(struct entry) entries = { 0 };
	uint64_t all = 0;
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		fd_close(&fd);
		return;
	}
	for (struct dirent *e; (e = readdir(dir));) {
		struct stat st;
		if (!is_entry(e->d_name) || fstatat(folder, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		*VEC_ADD(a, &entries) = (struct entry){ arena_strdup(a, e->d_name), st.st_mtim, st.st_size };
		all += (uint64_t)st.st_size;
	}
	closedir(dir);
	sort_items(entries.v, entries.n, sizeof *entries.v, by_use);
	for (size_t i = 0; i < entries.n && all > MOST_CACHE_BYTES; i++) {
		unlinkat(folder, entries.v[i].name, 0);
		all -= (uint64_t)entries.v[i].size;
	}
}

void cache_close(struct cache *c)
{
	if (c->folder < 0)
		return;
	if (c->added)
		trim(c->folder);
	close(c->folder);
	c->folder = -1;
}
