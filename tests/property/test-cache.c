/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of answers: an answer is found only for the same question, byte for byte, whatever happens to the files. */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/vec.h"
#include "cli/cache.h"

static const char *new_folder(struct arena *a)
{
	const char *base = getenv("TMPDIR");
	char *path = arena_printf(a, "%s/portolan-cache.XXXXXX", base && *base ? base : "/tmp");
	assert_non_null(mkdtemp(path));
	return arena_printf(a, "%s/c", path);
}

/* The names of the files in it. */
typedef VEC(const char *) names;

static names files_of(struct arena *a, const char *folder)
{
	names v = { 0 };
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));)
		if (e->d_name[0] != '.')
			*VEC_ADD(a, &v) = arena_printf(a, "%s/%s", folder, e->d_name);
	closedir(dir);
	return v;
}

static void remove_folder(struct arena *a, const char *folder)
{
	names v = files_of(a, folder);
	for (size_t i = 0; i < v.n; i++)
		assert_int_equal(unlink(v.v[i]), 0);
	assert_int_equal(rmdir(folder), 0);
	*strrchr((char *)folder, '/') = 0;
	assert_int_equal(rmdir(folder), 0);
}

struct world {
	struct arena *a;
	struct diag *d;
	const char *folder;
	struct cache c;
};

static struct world world_new(void)
{
	struct world w = { .a = arena_new() };
	w.d = diag_new(w.a);
	w.folder = new_folder(w.a);
	assert_true(cache_open(&w.c, w.folder, w.d));
	return w;
}

static void world_end(struct world *w)
{
	cache_close(&w->c);
	if (diag_count(w->d))
		fail_msg("%.*s", STR_ARG(diag_text(w->a, w->d)));
	remove_folder(w->a, w->folder);
	arena_free(w->a);
}

static struct asked asked_of(const char *question, const struct str *texts, size_t n)
{
	return (struct asked){ str_of(question), texts, n };
}

static void assert_answered(struct world *w, const struct asked *q, const char *wanted)
{
	struct str answer;
	bool found = cache_find(&w->c, w->a, q, &answer);
	assert_int_equal(found, wanted != NULL);
	if (wanted)
		assert_str_equal(answer, wanted);
}

static void a_kept_answer_is_found_only_for_the_same_question_and_texts(void **state)
{
	struct world w = world_new();
	const struct str texts[] = { STR_INIT("one text"), STR_INIT("two") };
	struct asked q = asked_of("question", texts, 2);
	assert_answered(&w, &q, NULL);
	cache_add(&w.c, &q, STR("answer"), w.d);
	assert_answered(&w, &q, "answer");
	assert_answered(&w, &(struct asked){ STR("questioN"), texts, 2 }, NULL);
	assert_answered(&w, &(struct asked){ STR("question"), texts, 1 }, NULL);
	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < texts[t].n; i++) {
			struct str other[] = { texts[0], texts[1] };
			char *copy = arena_memdup(w.a, texts[t].p, texts[t].n);
			copy[i] ^= 1;
			other[t].p = copy;
			assert_answered(&w, &(struct asked){ q.question, other, 2 }, NULL);
		}
	cache_add(&w.c, &q, STR("another"), w.d);
	assert_answered(&w, &q, "another");
	assert_int_equal(files_of(w.a, w.folder).n, 1);
	world_end(&w);
}

/* Puts these bytes into the only entry. */
static void overwrite(struct world *w, const char *path, const char *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	close(fd);
}

/* A name is only a name: an entry of another question under it is none of this one. */
static void an_entry_under_a_wrong_name_is_not_used(void **state)
{
	struct world w = world_new();
	const struct str texts[] = { STR_INIT("text") }, others[] = { STR_INIT("tExt") };
	struct asked q = asked_of("question", texts, 1), other = asked_of("question", others, 1);
	cache_add(&w.c, &q, STR("answer"), w.d);
	const char *mine = files_of(w.a, w.folder).v[0];
	char *away = arena_printf(w.a, "%s.away", w.folder);
	assert_int_equal(rename(mine, away), 0);
	cache_add(&w.c, &other, STR("another"), w.d);
	assert_int_equal(rename(files_of(w.a, w.folder).v[0], mine), 0);
	assert_answered(&w, &q, NULL);
	assert_int_equal(rename(away, mine), 0);
	assert_answered(&w, &q, "answer");
	world_end(&w);
}

static void damage_of_any_byte_never_changes_an_answer(void **state)
{
	struct world w = world_new();
	const struct str texts[] = { STR_INIT("the text of some rules") };
	struct asked q = asked_of("question", texts, 1);
	cache_add(&w.c, &q, STR("answer"), w.d);
	const char *path = files_of(w.a, w.folder).v[0];
	struct source *s = source_read(w.a, path, 1 << 20, w.d);
	assert_non_null(s);
	for (size_t i = 0; i < s->text.n; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			char *copy = arena_memdup(w.a, s->text.p, s->text.n);
			copy[i] ^= (char)(1 << bit);
			overwrite(&w, path, copy, s->text.n);
			assert_answered(&w, &q, NULL);
		}
	for (size_t n = 0; n < s->text.n; n++) {
		overwrite(&w, path, s->text.p, n);
		assert_answered(&w, &q, NULL);
	}
	/* a byte too many; the copy ends with one */
	overwrite(&w, path, arena_memdup(w.a, s->text.p, s->text.n), s->text.n + 1);
	assert_answered(&w, &q, NULL);
	cache_add(&w.c, &q, STR("answer"), w.d);
	assert_answered(&w, &q, "answer");
	world_end(&w);
}

static void what_is_not_a_regular_file_is_not_an_entry(void **state)
{
	struct world w = world_new();
	const struct str texts[] = { STR_INIT("text") };
	struct asked q = asked_of("question", texts, 1);
	cache_add(&w.c, &q, STR("answer"), w.d);
	const char *path = files_of(w.a, w.folder).v[0];
	const char *away = arena_printf(w.a, "%s.away", w.folder);
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(symlink(away, path), 0);
	assert_answered(&w, &q, NULL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_answered(&w, &q, NULL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(away), 0);
	world_end(&w);
}

static void set_time(const char *path, time_t t)
{
	const struct timespec both[2] = { { .tv_sec = t }, { .tv_sec = t } };
	assert_int_equal(utimensat(AT_FDCWD, path, both, 0), 0);
}

/* An entry as large as a share of the folder, on a disk that need not have it. */
static const char *large_entry(struct world *w, const char *name, time_t used)
{
	const char *path = arena_printf(w->a, "%s/%s", w->folder, name);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, MOST_CACHE_BYTES / 2), 0);
	close(fd);
	set_time(path, used);
	return path;
}

static void the_least_recently_used_entry_is_removed_first(void **state)
{
	struct world w = world_new();
	const struct str texts[] = { STR_INIT("text") };
	struct asked used = asked_of("used", texts, 1), q = asked_of("question", texts, 1);
	cache_add(&w.c, &used, STR("answer"), w.d);
	set_time(files_of(w.a, w.folder).v[0], 100);
	cache_close(&w.c);
	assert_true(cache_open(&w.c, w.folder, w.d));
	const char *old = large_entry(&w, "0123456789abcdef0123456789abcdef.proof", 200);
	const char *left = large_entry(&w, "1123456789abcdef0123456789abcdef.proof.0123456789abcdef", 300);
	const char *young = large_entry(&w, "2123456789abcdef0123456789abcdef.proof", 400);
	const char *foreign = large_entry(&w, "notes", 100);
	assert_answered(&w, &used, "answer"); /* which makes it the youngest */
	cache_close(&w.c);
	assert_int_equal(access(old, F_OK), 0); /* nothing was added since */
	assert_true(cache_open(&w.c, w.folder, w.d));
	cache_add(&w.c, &q, STR("answer"), w.d);
	cache_close(&w.c);
	assert_int_equal(access(old, F_OK), -1);
	assert_int_equal(access(left, F_OK), -1);
	assert_int_equal(access(young, F_OK), 0);
	assert_int_equal(access(foreign, F_OK), 0);
	assert_true(cache_open(&w.c, w.folder, w.d));
	assert_answered(&w, &used, "answer");
	assert_answered(&w, &q, "answer");
	world_end(&w);
}

enum { PROCESSES = 4, KEYS = 5, TURNS = 200 };

/* Adds and looks in turn; what it finds is what belongs to the question. */
static int crowd(const char *folder)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct cache c;
	size_t wrong = !cache_open(&c, folder, d);
	for (size_t i = 0; i < TURNS; i++) {
		struct str text = str_printf(a, "text %zu", i * 7 % KEYS),
			   right = str_printf(a, "answer to %zu", i * 7 % KEYS), got;
		struct asked q = { STR("question"), &text, 1 };
		wrong += cache_find(&c, a, &q, &got) && !str_eq(got, right);
		cache_add(&c, &q, right, d);
		wrong += !cache_find(&c, a, &q, &got);
	}
	cache_close(&c);
	wrong += diag_count(d);
	arena_free(a);
	return wrong ? 1 : 0;
}

static void several_processes_may_use_one_folder(void **state)
{
	struct world w = world_new();
	for (size_t i = 0; i < PROCESSES; i++) {
		pid_t child = fork();
		assert_true(child >= 0);
		if (!child)
			_exit(crowd(w.folder));
	}
	for (size_t i = 0; i < PROCESSES; i++) {
		int status;
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(files_of(w.a, w.folder).n, KEYS);
	world_end(&w);
}

RUN_TESTS(T(a_kept_answer_is_found_only_for_the_same_question_and_texts), T(an_entry_under_a_wrong_name_is_not_used),
	  T(damage_of_any_byte_never_changes_an_answer), T(what_is_not_a_regular_file_is_not_an_entry),
	  T(the_least_recently_used_entry_is_removed_first), T(several_processes_may_use_one_folder))
