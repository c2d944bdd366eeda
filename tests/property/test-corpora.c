/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule sets that others wrote: each file reads, without loss or with every line
 * that is lost named, and what is read decides packets as the naive evaluator
 * does.  The files are in the folder that PORTOLAN_CORPORA names; without it the
 * test skips.
 */
#include "test.h"

#include <dirent.h>

#include "agree.h"
#include "dialect/dialect.h"

enum { PACKETS_A_FILE = 400, MOST_CORPUS_BYTES = 1 << 26 };

/* Folders are named after dialects; files of `generated` by their ending. */
static const struct dialect *dialect_of(const char *folder, struct str file)
{
	static const struct {
		const char *ending, *dialect;
	} endings[] = { { ".acl", "cisco-ios" }, { ".eacl", "cisco-ios" }, { ".asa", "cisco-asa" },
			{ ".ipt", "iptables" },  { ".ips", "iptables" },   { ".nft", "nftables" } };
	if (strcmp(folder, "generated") != 0)
		return dialect_find(str_of(folder));
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (str_ends(file, endings[i].ending))
			return dialect_find(str_of(endings[i].dialect));
	return NULL;
}

/* An error names its place, and a line that was not understood its reason. */
static void check_account(const struct diag *d, const struct ruleset *r, const char *path, bool ok)
{
	assert_int_equal(ok, diag_errors(d) == 0);
	if (!ok)
		return;
	for (size_t i = 0; i < r->unknown.n; i++) {
		const struct unknown_line *u = &r->unknown.v[i];
		if (!u->why || !*u->why || u->at.line > r->source->n_lines + 1000000u)
			fail_msg("%s: an unknown line without a reason or a place", path);
	}
	size_t rules = 0; /* implicit ones too: an ASA without lists has its levels */
	for (size_t i = 0; i < r->chains.n; i++)
		rules += r->chains.v[i].rules.n;
	if (!rules && !r->unknown.n)
		fail_msg("%s: nothing was read, and nothing is said to be unknown", path);
}

static void check_file(const char *folder, const char *path, struct str name)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	const struct dialect *x = dialect_of(folder, name);
	struct source *s = x && x->parse ? source_read(a, path, MOST_CORPUS_BYTES, d) : NULL;
	struct ruleset *r = NULL;
	struct disagreement wrong;
	if (s) {
		bool ok = dialect_read(a, x, s, NULL, &r, d);
		check_account(d, r, path, ok);
		if (ok && !agree(a, r, NULL, PACKETS_A_FILE, s->text.n, &wrong)) {
			char text[PACKET_TEXT];
			fail_msg("%s: %s is decided in two ways", path, packet_text(&wrong.packet, text));
		}
	}
	arena_free(a);
}

static void each_file(struct arena *a, const char *root, const char *folder, size_t *n)
{
	const char *path = arena_printf(a, "%s/%s", root, folder);
	DIR *dir = opendir(path);
	if (!dir)
		return;
	for (struct dirent *e; (e = readdir(dir));)
		if (e->d_name[0] != '.') {
			check_file(folder, arena_printf(a, "%s/%s", path, e->d_name), str_of(e->d_name));
			++*n;
		}
	closedir(dir);
}

static void published_rule_sets_are_read_without_silent_loss(void **state)
{
	struct arena *a = arena_new();
	const char *root = getenv("PORTOLAN_CORPORA");
	size_t n = 0;
	for (size_t i = 0; dialects[i]; i++)
		each_file(a, root, dialects[i]->name, &n);
	each_file(a, root, "generated", &n);
	assert_true(n > 0);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(published_rule_sets_are_read_without_silent_loss) };
	/* cmocka's own skip is "not ok" in TAP; a folder that cannot be read fails */
	if (!getenv("PORTOLAN_CORPORA")) {
		printf("1..0 # SKIP PORTOLAN_CORPORA is not set: there are no rule sets of others\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
