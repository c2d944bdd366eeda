/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay NAME FOLDER: runs a fuzz target over every file of a corpus.  Each file
 * is a case; a crash ends the run and is the failure.  TAP.
 */
#include <dirent.h>

#include "base/vec.h"
#include "fuzz.h"

static int by_name(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new();
	VEC(char *) names = { 0 };
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
	if (!dir) {
		fprintf(stderr, "usage: replay FOLDER\n");
		return 2;
	}
	for (struct dirent *e; (e = readdir(dir));)
		if (e->d_name[0] != '.')
			*VEC_ADD(a, &names) = arena_strdup(a, e->d_name);
	closedir(dir);
	sort_items(names.v, names.n, sizeof *names.v, by_name);
	printf("1..%zu\n", names.n);
	for (size_t i = 0; i < names.n; i++) {
		struct diag *d = diag_new(a);
		struct source *s = source_read(a, arena_printf(a, "%s/%s", argv[1], names.v[i]), 64 << 20, d);
		printf("# %s\n", names.v[i]);
		fflush(stdout);
		if (s)
			LLVMFuzzerTestOneInput((const uint8_t *)s->text.p, s->text.n);
		printf("%s %zu - %s\n", s ? "ok" : "not ok", i + 1, names.v[i]);
	}
	arena_free(a);
	return 0;
}
