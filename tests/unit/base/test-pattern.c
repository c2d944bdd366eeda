/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns match as fnmatch() and glob() of POSIX have it. */
#include "test.h"

#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pattern.h"
#include "rounds.h"

static uint64_t seed = 1;

static unsigned draw(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void put_some(char *to, const char *const *parts, size_t n_parts, unsigned most)
{
	*to = '\0';
	for (unsigned i = draw(most); i > 0; i--)
		strcat(to, parts[draw((unsigned)n_parts)]);
}

static void drawn_patterns_match_as_fnmatch_has_it(void **state)
{
	static const char *const of_patterns[] = { "*",   "?",   "a", "b", "[ab]", "[!a]", "[a-c]",
						   "\\*", "\\a", "*", ".", "[]a]", "[!]]" },
				 *const of_names[] = { "a", "b", "c", "*", "]", "ab" };
	for (size_t i = 0; i < rounds(50000); i++) {
		char pattern[64], name[64];
		put_some(pattern, of_patterns, ARRAY_LEN(of_patterns), 8);
		put_some(name, of_names, ARRAY_LEN(of_names), 8);
		if (draw(4) == 0)
			name[0] = '.'; /* glibc takes some dots behind the first character for leading ones */
		bool expected = fnmatch(pattern, name, FNM_PERIOD) == 0;
		if (pattern_matches(str_of(pattern), str_of(name)) != expected)
			fail_msg("\"%s\" %s \"%s\"", pattern, expected ? "matches" : "does not match", name);
	}
}

static void a_text_matches_itself_when_it_is_escaped(void **state)
{
	struct arena *a = arena_new();
	assert_string_equal(pattern_escaped(a, "a*[b]?\\c"), "a\\*\\[b]\\?\\\\c");
	assert_true(pattern_matches(str_of(pattern_escaped(a, "a*[b]?\\c")), STR("a*[b]?\\c")));
	assert_false(pattern_matches(str_of(pattern_escaped(a, "a*")), STR("ab")));
	arena_free(a);
}

static void paths_are_those_that_glob_finds(void **state)
{
	static const char *const patterns[] = { "*",        "*/*",     "*/a.yaml", "x/*.yaml", "./*/[ab].yaml",
						"x/a.yaml", "nothing", "*/none",   "x/.*yaml", "y*/../x/a*",
						"a.txt/*",  "*.txt",   "x//a.yaml" };
	char folder[] = "/tmp/portolan-test.XXXXXX", before[4096];
	struct arena *a = arena_new();
	assert_non_null(getcwd(before, sizeof before));
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(system("mkdir x y; touch a.txt x/a.yaml x/b.yaml x/.c.yaml y/a.yaml"), 0);
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		glob_t expected = { 0 };
		size_t n = 0;
		glob(patterns[i], GLOB_ERR, NULL, &expected);
		const char **paths = pattern_paths(a, patterns[i], &n);
		assert_non_null(paths);
		assert_int_equal(n, expected.gl_pathc);
		for (size_t j = 0; j < n; j++)
			assert_string_equal(paths[j], expected.gl_pathv[j]);
		globfree(&expected);
	}
	assert_int_equal(chdir(before), 0);
	assert_int_equal(system(arena_printf(a, "rm -r %s", folder)), 0);
	arena_free(a);
}

static void a_folder_that_is_not_there_has_an_errno(void **state)
{
	struct arena *a = arena_new();
	size_t n;
	assert_null(pattern_paths(a, "/nowhere/*.yaml", &n));
	assert_int_equal(errno, ENOENT);
	arena_free(a);
}

RUN_TESTS(T(drawn_patterns_match_as_fnmatch_has_it), T(a_text_matches_itself_when_it_is_escaped),
	  T(paths_are_those_that_glob_finds), T(a_folder_that_is_not_there_has_an_errno))
